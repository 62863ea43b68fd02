"""Total cost of ownership by component and year; amounts are rounded so that they add up as shown."""

from __future__ import annotations

from typing import Any

from planner.report.agreements import agreements
from planner.report.formatting import DASH, add_up, add_up_both_ways, fixed, name, percent
from planner.report.options import kinds_of_cost
from planner.report.parts import Block, Cell, Column, Section, Table, Text, reason
from planner.report.summary import OPTIONS

THOUSANDS_FROM = 100e6
"""Totals from which tables count in thousands."""


def costs(document: dict[str, Any]) -> Section:
    """Return cost by component of every option side by side, then by year of the plan and of self-hosting."""
    blocks: list[Block] = [_side_by_side(document), *agreements(document)]
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


def _side_by_side(document: dict[str, Any]) -> Table:
    """Return components down and options across, with their sums and what of them is capex and opex."""
    totals = {key: document["tco"][key] for key in OPTIONS if document["tco"][key] is not None}
    scale, unit = _scale(max(abs(total["total_usd"]) for total in totals.values()), document["currency"])
    components = list(dict.fromkeys(key for total in totals.values() for key in total["by_component"]))
    components = [key for key in components if any(total["by_component"].get(key) for total in totals.values())]
    rounded = [add_up([total["by_component"].get(key, 0.0) / scale for key in components]) for total in totals.values()]
    down = [sum(column) for column in rounded]
    body = tuple((Cell(name(key)), *(Cell(fixed(column[n])) for column in rounded)) for n, key in enumerate(components))
    kinds = kinds_of_cost(document)
    split = [
        add_up([total.get(f"{kind}_usd", 0.0) / scale for kind in kinds], whole)
        for total, whole in zip(totals.values(), down, strict=True)
    ]
    sums = [("Total", down)]
    sums += [(f"Of which {title.lower()}", [one[n] for one in split]) for n, title in enumerate(kinds.values())]
    return Table(
        f"Every option, by component, nominal {unit}",
        (Column("Component", number=False), *(Column(name(key)) for key in totals)),
        body,
        tuple((Cell(title), *(Cell(fixed(value)) for value in row)) for title, row in sums),
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
    kinds = kinds_of_cost(document)
    usd = [[one.get(f"{kind}_usd", 0.0) / scale for one in years] for kind in kinds]
    split, _ = _rounded([f"of which {kind}" for kind in kinds], usd, total["total_usd"] / scale)
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
    shares = _shares([sum(row) for row in matrix], total)
    rows = [
        (Cell(name(key)), *(Cell(fixed(value)) for value in row), Cell(fixed(whole)), share)
        for key, row, whole, share in zip(keys, cells, across, shares, strict=True)
    ]
    whole = Cell(percent(1.0) if total else DASH)
    return rows, (Cell("Total"), *(Cell(fixed(value)) for value in down), Cell(fixed(sum(across))), whole)


def _shares(parts: list[float], total: float) -> list[Cell]:
    """Return shares of `total` to a tenth of a percent, which add up too."""
    if not total:
        return [Cell(DASH)] * len(parts)
    return [Cell(percent(tenths / 1000)) for tenths in add_up([1000 * part / total for part in parts])]


def _remarks(total: dict[str, Any]) -> str:
    owed = total["obligations_after_horizon_usd"]
    after = (
        f"Commitments still owe {fixed(owed)} USD after the horizon, which is not in these totals."
        if owed
        else "Nothing is owed after the horizon."
    )
    return (
        f"Personnel (staff and project labor): {percent(total['personnel_fraction'])} of the total. "
        f"Amounts below zero lower the cost: resale, and what was negotiated. {after}"
    )
