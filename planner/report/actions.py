"""What is decided: purchases, sales, commitments, rentals, API use and people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from planner.report.formatting import DASH, add_up, count, fixed, number, plural, price, sentence, words
from planner.report.parts import Block, Cell, Section, Table, Text, code, columns, folded

Row = dict[str, Any]


def actions(document: dict[str, Any]) -> Section:
    """Return a table for every kind of decision; what the plan does not do is said in one sentence."""
    decided = document["decisions"]
    kinds: tuple[tuple[str, str, Callable[[list[Row]], Table]], ...] = (
        ("purchases", "purchases", _purchases),
        ("sales", "sales of servers", _sales),
        ("commitments", "commitments", _commitments),
        ("savings_plans", "savings plans", _savings_plans),
        ("rentals", "rentals", _rentals),
        ("api", "token APIs", _api),
    )
    blocks: list[Block] = []
    for key, summary, table in kinds:
        if decided[key]:
            blocks += folded(table(decided[key]), summary)
    if decided["staff"]:
        blocks.append(_staff(decided["staff"], document["horizon_months"]))
    absent = [what for key, what, _ in (*kinds, ("staff", "people", _purchases)) if not decided[key]]
    if absent:
        blocks.append(Text(f"Not in the plan: {', '.join(absent)}."))
    return Section("decisions", "Decisions", "What to order, sign and rent, and when.", tuple(blocks))


def _amounts(rows: Iterable[Row]) -> list[str]:
    """Return what each row costs in whole dollars that add up."""
    return [fixed(usd) for usd in add_up([row["usd"] for row in rows])]


def _sum(rows: list[Row], key: str = "usd") -> str:
    return fixed(sum(add_up([row[key] for row in rows if row[key] is not None])))


def _purchases(rows: list[Row]) -> Table:
    body = tuple(
        (
            code(row["server"]),
            code(row["site"]),
            Cell(row["month"]),
            Cell(row["in_service"]),
            Cell(count(row["servers"])),
            Cell(count(row["gpus"])),
            Cell(number(row["usd_per_server"], 9)),
            Cell(usd),
        )
        for row, usd in zip(rows, _amounts(rows), strict=True)
    )
    total = (
        Cell("Total", span=4),
        Cell(count(sum(row["servers"] for row in rows))),
        Cell(count(sum(row["gpus"] for row in rows))),
        Cell(""),
        Cell(_sum(rows)),
    )
    return Table(
        "Purchases; the amount is the servers alone",
        columns(
            "Server",
            "Site",
            "Order",
            "In service",
            "Servers",
            "GPUs",
            "USD a server",
            "USD",
            words=("Site", "Order", "In service"),
        ),
        body,
        (total,),
    )


def _sales(rows: list[Row]) -> Table:
    body = tuple(
        (code(row["server"]), code(row["site"]), Cell(row["month"]), Cell(count(row["servers"])), Cell(usd))
        for row, usd in zip(rows, _amounts(rows), strict=True)
    )
    heads = columns("Server", "Site", "Month", "Servers", "Income, USD", words=("Site", "Month"))
    return Table("Sales; removal is paid apart", heads, body)


def _commitments(rows: list[Row]) -> Table:
    body = tuple(
        (
            code(row["term"] or row["offer"]),
            Cell("running already" if row["existing"] else row["month"] or DASH),
            Cell(count(row["term_months"])),
            Cell(count(row["instances"])),
            Cell(usd),
        )
        for row, usd in zip(rows, _amounts(rows), strict=True)
    )
    return Table(
        "Commitments; the amount is what falls into the horizon",
        columns("Offer and term", "Start", "Months", "Instances", "USD", words=("Start",)),
        body,
        ((Cell("Total", span=4), Cell(_sum(rows))),),
    )


def _savings_plans(rows: list[Row]) -> Table:
    body = tuple(
        (code(row["plan"]), Cell(row["month"]), Cell(count(row["term_months"])), Cell(price(row["usd_per_hour"])))
        for row in rows
    )
    return Table("Savings plans", columns("Plan", "Start", "Months", "USD an hour", words=("Start",)), body)


def _rentals(rows: list[Row]) -> Table:
    paid = iter(_amounts([row for row in rows if row["usd"] is not None]))
    hours = add_up([row["gpu_hours"] for row in rows])
    body = tuple(
        (
            code(row["offer"]),
            Cell(sentence(words(row["kind"]))),
            Cell(row["workload"]),
            Cell(fixed(whole)),
            Cell(DASH, note="paid by the commitment") if row["usd"] is None else Cell(next(paid)),
        )
        for row, whole in zip(rows, hours, strict=True)
    )
    return Table(
        "Rentals over the horizon",
        columns("Offer", "Kind", "Workload", "GPU-hours", "USD", words=("Kind", "Workload")),
        body,
        ((Cell("Total", span=3), Cell(fixed(sum(hours))), Cell(_sum(rows))),),
    )


def _api(rows: list[Row]) -> Table:
    body = tuple(
        (code(row["offer"]), Cell(row["workload"]), Cell(fixed(row["work_units"])), Cell(usd))
        for row, usd in zip(rows, _amounts(rows), strict=True)
    )
    return Table(
        "Token APIs over the horizon",
        columns("Offer", "Workload", "Work units", "USD", words=("Workload",)),
        body,
        ((Cell("Total", span=3), Cell(_sum(rows))),),
    )


def _staff(rows: list[Row], horizon: int) -> Table:
    """Return the range of people by pool; months without a row need nobody."""
    pools: dict[str, list[Row]] = {}
    for row in rows:
        pools.setdefault(row["pool"], []).append(row)
    body = []
    for pool, found in pools.items():
        people = [row["fte"] for row in found] + [0.0] * (horizon - len({row["month"] for row in found}))
        needed = f"{found[0]['month']} to {found[-1]['month']}"
        body.append(
            (
                Cell(pool),
                Cell(count(min(people))),
                Cell(count(sum(people) / horizon)),
                Cell(count(max(people))),
                Cell(f"{plural(len(found), 'month')}, {needed}"),
            )
        )
    return Table(
        "People, full-time equivalents",
        columns("Pool", "Fewest", "Mean", "Most", "Needed in", words=("Needed in",)),
        tuple(body),
    )
