"""Ways to pay for servers beside each other, and what it costs to decide later or not at all."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, fixed, money, number, percent
from planner.report.parts import Block, Cell, Column, Section, Table, Text

_KINDS = {
    "cash": "at once", "loan": "loan", "operating_lease": "operating lease", "finance_lease": "finance lease",
}  # fmt: skip


def financing(document: dict[str, Any]) -> Section | None:
    """Return a table of the ways to pay where there are several, and the cost of waiting; None where none applies."""
    found = document["finance"]
    rows = found.get("financing") or []
    blocks: list[Block] = []
    if rows:
        blocks += [_table(document, rows), Text(_how(rows))]
    blocks += [Text(text) for text in (_waiting(found.get("waiting")), _not_proceeding(found)) if text]
    if not blocks:
        return None
    return Section(
        "financing",
        "Ways to pay, and waiting",
        "What one server costs by how it is paid, and what it costs to decide later or not at all.",
        tuple(blocks),
    )


def _table(document: dict[str, Any], rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column("Server", number=False),
        Column("Way to pay", number=False),
        Column("Rate a year"),
        Column("Payment a month"),
        Column("Months of service"),
        Column("Present cost"),
        Column("By month of service"),
        Column("The same at the cost of debt"),
        Column("Servers in the plan"),
    )
    return Table(f"One server, {document['currency']}", columns, tuple(_row(row) for row in rows))


def _row(row: dict[str, Any]) -> tuple[Cell, ...]:
    rate, monthly = row["rate_fraction"], row["monthly_usd_per_server"]
    term = "" if row["term_months"] is None else f", {row['term_months']} months"
    said = row["name"] if row["name"] == row["kind"] else f"{row['name']}: {_KINDS[row['kind']]}{term}"
    return (
        Cell(row["server"], code=True),
        Cell(said),
        Cell(DASH if rate is None else percent(rate)),
        Cell(fixed(monthly)),
        Cell(fixed(row["service_months"])),
        Cell(fixed(row["present_usd_per_server"])),
        Cell(fixed(row["service_month_usd_per_server"])),
        Cell(fixed(row["service_month_at_debt_usd_per_server"])),
        Cell(number(row["chosen_servers"])),
    )


def _how(rows: list[dict[str, Any]]) -> str:
    debt = rows[0]["debt_rate_fraction"]
    text = (
        "Present cost: price, debt, lease payments and resale with their taxes, at the discount rate, for a server "
        "that is ordered as soon as it can be and kept within the horizon. A lease may end sooner, so compare by the "
        "month of service: the equal payment at the start of each month that is worth the same. The plan decides at "
        "the discount rate, with everything else that a server costs."
    )
    if debt is None:
        return text
    return f"{text} The test of lease or buy takes the cost of debt after tax, {percent(debt)} a year."


def _waiting(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    never = "" if found.get("orders_later", True) else ", after which nothing can be ordered"
    wait = f"Waiting: without an order in the first {found['months']} months{never}"
    if found["costs_usd"] is None:
        return f"{wait}, no plan was found that obeys every rule."
    if not found["costs_usd"]:
        return f"{wait}, the plan stays as it is, or one that costs no more."
    return (
        f"{wait}, the best plan that was found costs {money(found['costs_usd'])} more in present value{_surely(found)}."
    )


def _not_proceeding(found: dict[str, Any]) -> str:
    other = found.get("not_proceeding")
    if not other:
        return ""
    if other["against"] == "plan":
        return "Not proceeding: the plan itself buys nothing."
    present, more = money(other["present_usd"]), money(other["costs_usd"])
    return f"Not proceeding: the best without any purchase costs {present}, {more} more{_surely(other)}."


def _surely(found: dict[str, Any]) -> str:
    """Say how much dearer it is at least, where that is not proven to be all."""
    costs, gap = found["costs_usd"], found["relative_gap"] * found["present_usd"]
    surely = money(costs - gap)
    return f", at least {surely}" if gap < costs and surely != money(costs) else ""
