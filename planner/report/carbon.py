"""Energy and carbon of the plan by year and place, and of every option."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from planner.report.formatting import fixed, name, number
from planner.report.parts import Block, Cell, Column, Section, Table, Text
from planner.report.summary import OPTIONS

_UNKNOWN = "not known"
_KWH_PER_MWH = 1000
TENTHS_BELOW = 100
"""Tonnes below which a decimal is shown."""
Row = dict[str, Any]


def carbon(document: dict[str, Any]) -> Section | None:
    """Return energy and carbon; nothing for a plan that does not say."""
    found = document.get("carbon")
    if found is None:
        return None
    blocks: list[Block] = [_options(found)]
    if found["plan"]:
        blocks.append(_places(found["plan"]))
    blocks.append(Text(_remarks(found)))
    return Section(
        "carbon",
        "Energy and carbon",
        "What the GPUs draw and emit, by where they stand: the electricity of use, not the making of servers.",
        tuple(blocks),
    )


def _options(found: dict[str, Any]) -> Table:
    body = []
    for option in OPTIONS:
        rows = found.get(option)
        if rows is not None:
            owned, rented = ([row for row in rows if row["kind"] == kind] for kind in ("owned", "rented"))
            cells = (*(_energy(part) for part in (owned, rented)), *(_tonnes(part) for part in (owned, rented, rows)))
            body.append((Cell(name(option)), *cells))
    heads = ("MWh owned", "MWh rented", "t CO2e owned", "t CO2e rented", "t CO2e")
    return Table("Every option, over the whole horizon", (Column("Option", number=False), *map(Column, heads)),
                 tuple(body))  # fmt: skip


def _places(rows: list[Row]) -> Table:
    years = sorted({row["fiscal_year"] for row in rows})
    body = [(kind, place) for kind, place in sorted({(row["kind"], row["place"]) for row in rows})]

    def cells(part: list[Row]) -> tuple[Cell, ...]:
        by_year = ([row for row in part if row["fiscal_year"] == year] for year in years)
        return (_energy(part), *map(_tonnes, by_year), _tonnes(part))

    at = [
        (Cell(place, note=kind), *cells([row for row in rows if (row["kind"], row["place"]) == (kind, place)]))
        for kind, place in body
    ]
    heads = ("MWh", *(f"t CO2e, FY {year}" for year in years), "t CO2e")
    return Table("The plan, by place and fiscal year", (Column("Place", number=False), *map(Column, heads)), tuple(at),
                 ((Cell("All that is known"), *cells(rows)),))  # fmt: skip


def _energy(rows: list[Row]) -> Cell:
    return _sum(rows, "kwh", lambda kwh: fixed(kwh / _KWH_PER_MWH))


def _tonnes(rows: list[Row]) -> Cell:
    return _sum(rows, "tco2e", lambda tonnes: fixed(tonnes, 0 if tonnes >= TENTHS_BELOW or not tonnes else 1))


def _sum(rows: Iterable[Row], key: str, text: Callable[[float], str]) -> Cell:
    """Return the sum of what is known; that the rest is not, where there is one."""
    values = [row[key] for row in rows]
    known = [value for value in values if value is not None]
    if values and not known:
        return Cell(_UNKNOWN)
    return Cell(text(sum(known)), note="" if len(known) == len(values) else f"rest {_UNKNOWN}")


def _remarks(found: dict[str, Any]) -> str:
    price, unknown = found["price_usd_per_tonne"], found["unknown"]
    paid = "Carbon has no price in this scenario." if price is None else (
        f"Carbon costs {number(price)} USD a tonne in the first month; that is among the costs."
    )  # fmt: skip
    lacking = f" What {', '.join(unknown)} emit{'s' if len(unknown) == 1 else ''} is not known." if unknown else ""
    return (
        "Owned: whole servers at the meter, idle ones and cooling included. Rented: GPUs in use at their rated power, "
        f"with the provider's cooling; the machine around them and what it draws idle are not known. {paid}{lacking}"
    )
