"""Cash flow, and profit and loss, by fiscal year: of the plan and of the way of not buying that it is compared with."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import add_up, add_up_both_ways, fixed, name, number
from planner.report.parts import Block, Cell, Column, Section, Table, Text
from planner.report.summary import BASELINES
from planner.units import MONTHS_PER_YEAR, months_between

_CASH = {
    "capex": "Capital outlay",
    "upfront": "Upfront fees",
    "opex": "Running costs",
    "lease": "Lease payments",
    "loan": "Loans: interest and principal less what is lent",
    "resale": "Resale",
    "tax": "Tax",
}
_PROFIT_AND_LOSS = {
    "opex": "Running costs",
    "amortisation": "Upfront fees, over their terms",
    "depreciation": "Depreciation",
    "lease": "Lease payments",
    "interest": "Interest and fees",
    "disposal": "Disposal: book value and removal less what is brought",
    "tax": "Tax",
}
_SHORT = "FY"


def cash_flow(document: dict[str, Any]) -> Section | None:
    """Return what is paid in each fiscal year; None for a plan that has no statements."""
    blocks: list[Block] = []
    for option, found in _shown(document):
        rows = found["cash"]
        table, nets = _table(f"{name(option)}: cash flow", _CASH, "Net cash paid", rows, document)
        so_far = [sum(nets[: n + 1]) for n in range(len(nets))]
        present = add_up([row["present_usd"] for row in rows])
        more = (
            (Cell("Paid so far"), *(Cell(fixed(usd)) for usd in so_far), Cell("")),
            (Cell("Net, present value"), *(Cell(fixed(usd)) for usd in (*present, sum(present)))),
        )
        blocks.append(Table(table.caption, table.columns, table.rows, (*table.totals, *more)))
    if not blocks:
        return None
    tax = document["finance"].get("tax")
    said = f"Taxes: {_tax(tax)}" if tax else "Before tax: the scenario gives no tax rate."
    return Section(
        "cash-flow", "Cash flow by fiscal year", "What is paid when; costs are positive, what comes in is negative.",
        (*blocks, Text(said)),
    )  # fmt: skip


def profit_and_loss(document: dict[str, Any]) -> Section | None:
    """Return what each fiscal year is charged with; None for a plan that has no statements."""
    blocks: list[Block] = [
        _table(
            f"{name(option)}: profit and loss", _PROFIT_AND_LOSS, "Total charged", found["profit_and_loss"], document
        )[0]
        for option, found in _shown(document)
    ]
    if not blocks:
        return None
    text = (
        "Depreciation is straight line over book life, from service on. Over all years both views sum to the same: "
        "the difference is when. Servers owned before the plan are paid already: they are not depreciated here, and "
        "what they bring is a gain."
    )
    if document["finance"].get("tax"):
        text += " Tax is what is paid for the year; deferred tax is not modelled."
    return Section(
        "profit-and-loss", "Profit and loss", "The same costs in the years that they serve.", (*blocks, Text(text))
    )


def _shown(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the plan and its best alternative with their statements; where both are the same, one that buys."""
    found = document["finance"].get("statements")
    if found is None:
        return []
    against = document["verdict"]["against"]
    others = [key for key in BASELINES if found[key] is not None]
    best = against or min(others, key=lambda key: document["tco"][key]["present_usd"], default=None)
    other = next((key for key in (best, "buy") if key and found[key] and found[key] != found["plan"]), None)
    return [(key, found[key]) for key in ("plan", other) if key is not None]


def _table(
    title: str, parts: dict[str, str], total: str, rows: list[dict[str, Any]], document: dict[str, Any]
) -> tuple[Table, list[int]]:
    """Return parts down and years across, rounded so that they add up as shown, and the sum of each year."""
    shown = [key for key in parts if any(row[f"{key}_usd"] for row in rows)]
    cells, across, down = add_up_both_ways([[row[f"{key}_usd"] for row in rows] for key in shown])
    body = tuple(
        (Cell(parts[key]), *(Cell(fixed(usd)) for usd in (*line, whole)))
        for key, line, whole in zip(shown, cells, across, strict=True)
    )
    down = down or [0] * len(rows)
    sums = (Cell(total), *(Cell(fixed(usd)) for usd in (*down, sum(down))))
    when = f"{'after' if document['finance'].get('tax') else 'before'} tax"
    columns = (Column("Cost", number=False), *(Column(_year(row)) for row in rows), Column("Total"))
    return Table(f"{title} by fiscal year, {when}, nominal {document['currency']}", columns, body, (sums,)), down


def _year(row: dict[str, Any]) -> str:
    """Return the year, with its months where they are not a whole one."""
    if row["fiscal_year"] is None:
        return "After the horizon"
    first, last = row["months"]
    whole = months_between(first, last) == MONTHS_PER_YEAR - 1
    return f"{_SHORT} {row['label']}" + ("" if whole else f", {first} to {last}")


def _tax(tax: dict[str, Any]) -> str:
    method = tax["method"].replace("macrs_", "MACRS ").replace("_", " ")
    life = f" over {tax['life_years']} years" if tax["life_years"] else ""
    bonus = f", {number(100 * tax['bonus_fraction'])} % of it in the year of service" if tax["bonus_fraction"] else ""
    return (
        f"{number(100 * tax['rate_fraction'])} % of what is deducted, at the end of each fiscal year; what is saved is "
        f"negative. Servers are deducted by {method}{life}{bonus}. It is taken that the company earns more than it "
        f"deducts. Source: {tax['source']}."
    )
