"""What was negotiated: quotes and discounts, when they count and what they change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.report.formatting import DASH, fixed, number, percent
from planner.report.parts import Cell, Column, Table, code

_COLUMNS = (
    Column("Agreement", number=False),
    Column("Rows", number=False, wide=True),
    Column("Price or discount"),
    Column("Counts", number=False),
    Column("Changes the plan by, USD"),
    Column("Source", number=False, wide=True),
)


def agreements(document: dict[str, Any]) -> Iterator[Table]:
    """Yield the table of agreements, where there are any."""
    found = document.get("agreements", [])
    if found:
        total = Cell(fixed(sum(one["cost_usd"] for one in found)))
        yield Table(
            "What was negotiated, and what it changes in the cost of the plan", _COLUMNS,
            tuple(_row(one) for one in found), ((Cell("Total"), Cell(""), Cell(""), Cell(""), total, Cell("")),),
        )  # fmt: skip


def _row(one: dict[str, Any]) -> tuple[Cell, ...]:
    worth = number(one["usd"], 9) if one["discount_fraction"] is None else percent(one["discount_fraction"])
    months = f"{one['first_month']} to {one['last_month']}" if one["first_month"] else DASH
    rows = code(one["rows"]) if "/" in one["rows"] or "*" in one["rows"] else Cell(one["rows"])
    return (
        Cell(one["agreement"]), rows, Cell(worth), Cell(months, note=one["note"]), Cell(fixed(one["cost_usd"])),
        Cell(one["source"]),
    )  # fmt: skip
