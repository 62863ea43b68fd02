"""Total cost of ownership by component and year; amounts are rounded so that they add up as shown."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, add_up_both_ways, fixed, name, percent
from planner.report.parts import Block, Cell, Column, Section, Table, Text, reason

THOUSANDS_FROM = 100e6
"""Totals from which tables count in thousands."""


def costs(document: dict[str, Any]) -> Section:
    """Return cost by component and year, of the plan and of self-hosting."""
    blocks: list[Block] = []
    for option in ("plan", "self_hosted"):
        total = document["tco"][option]
        if total is None:
            blocks.append(Text(f"{name(option)} {DASH} {reason(document, option)}."))
        else:
            blocks += _tables(document, option, total)
    return Section(
        "costs",
        "Total cost of ownership",
        "Where the money goes, by component and by year; amounts are rounded so that they add up as shown.",
        tuple(blocks),
    )


def _tables(document: dict[str, Any], option: str, total: dict[str, Any]) -> list[Block]:
    scale, unit = _scale(total["total_usd"], document["currency"])
    years = total["by_year"]
    columns = (
        Column("Component", number=False),
        *(Column(f"{one['months'][0]} to {one['months'][1]}") for one in years),
        Column("Total"),
        Column("Share"),
    )
    components = [key for key, usd in total["by_component"].items() if usd or _any(years, key)]
    matrix = [[one["by_component"].get(key, 0.0) / scale for one in years] for key in components]
    body, sums = _rounded(components, matrix, total["total_usd"] / scale)
    kinds = [[one[f"{kind}_usd"] / scale for one in years] for kind in ("capex", "opex")]
    split, _ = _rounded(["of which capex", "of which opex"], kinds, total["total_usd"] / scale)
    caption = f"{name(option)}: cost by component and year, nominal {unit}"
    return [Table(caption, columns, tuple(body), (sums, *split)), Text(_remarks(total))]


def _any(years: list[dict[str, Any]], key: str) -> bool:
    return any(one["by_component"].get(key, 0.0) for one in years)


def _scale(total: float, currency: str) -> tuple[float, str]:
    return (1e3, f"thousand {currency}") if abs(total) >= THOUSANDS_FROM else (1.0, currency)


def _rounded(
    keys: list[str], matrix: list[list[float]], total: float
) -> tuple[list[tuple[Cell, ...]], tuple[Cell, ...]]:
    """Return the rows and the row of their sums, rounded to whole amounts that add up, with shares of `total`."""
    cells, across, down = add_up_both_ways(matrix)
    exact = [sum(row) for row in matrix]
    rows = [
        (Cell(name(key)), *(Cell(fixed(value)) for value in row), Cell(fixed(whole)), _share(part, total))
        for key, row, whole, part in zip(keys, cells, across, exact, strict=True)
    ]
    sums = (Cell("Total"), *(Cell(fixed(value)) for value in down), Cell(fixed(sum(across))), _share(total, total))
    return rows, sums


def _share(part: float, total: float) -> Cell:
    return Cell(percent(part / total) if total else DASH)


def _remarks(total: dict[str, Any]) -> str:
    owed = total["obligations_after_horizon_usd"]
    after = (
        f"Commitments still owe {fixed(owed)} USD after the horizon, which is not in these totals."
        if owed
        else "Nothing is owed after the horizon."
    )
    return (
        f"Personnel (staff and project labor): {percent(total['personnel_fraction'])} of the total. "
        f"Amounts below zero are income, such as resale. {after}"
    )
