"""What each workload and team costs."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, add_up, add_up_both_ways, fixed, name, percent, price
from planner.report.parts import Block, Cell, Column, Fold, Section, Table, Text, columns

_FEW = 6
"""Workloads that stand side by side."""
_SCALES = ((0.01, 1, ""), (0.00001, 1_000, "a thousand: "), (0.0, 1_000_000, "a million: "))
"""From which USD a unit is priced by itself, by the thousand, by the million."""


def showback(document: dict[str, Any]) -> Section | None:
    """Return the cost of each workload and team; nothing for a plan that does not say."""
    found = document.get("service_costs")
    if found is None:
        return None
    blocks: list[Block] = [_by_workload(found)]
    if len(found["teams"]) > 1:
        said = "As it is paid: a server in the year of its order, less its resale at the end."
        blocks += [_by_team(found), Text(said)]
    if 1 < len(found["workloads"]) <= _FEW:
        blocks.append(Fold("What it is made of", _by_component(found)))
    return Section(
        "showback",
        "What each workload costs",
        "Every cost of the plan, allocated to the workload that causes it; what is idle is shared like what is used.",
        tuple(blocks),
    )


def _by_workload(found: dict[str, Any]) -> Table:
    rows, rest = found["workloads"], found["unallocated_usd"]
    whole = add_up([*(row["usd"] for row in rows), rest])
    body = tuple(
        (
            Cell(row["workload"], note=row["team"] if row["team"] != row["workload"] else ""),
            Cell(fixed(row["work_units"]), note=row["unit"]),
            Cell(fixed(row["gpu_hours"]) if row["gpu_hours"] else DASH),
            Cell(fixed(usd)),
            Cell(percent(usd / sum(whole)) if sum(whole) else DASH),
            _per_unit(row),
            Cell(price(row["usd_per_gpu_hour"])),
        )
        for row, usd in zip(rows, whole, strict=False)
    )
    totals = [(Cell("Total", span=3), Cell(fixed(sum(whole))), Cell("", span=3))]
    if whole[-1]:
        totals.insert(0, (Cell("Used by no workload", span=3), Cell(fixed(whole[-1])), Cell("", span=3)))
    heads = columns("Workload", "Work done", "GPU-hours", "USD", "Share", "USD per unit", "USD per GPU-hour")
    return Table("Cost by workload, over the whole horizon, nominal USD", heads, body, tuple(totals))


def _per_unit(row: dict[str, Any]) -> Cell:
    """Return the cost of a work unit, of a thousand or a million where one costs next to nothing."""
    usd = row["usd_per_unit"]
    if usd is None:
        return Cell(DASH)
    factor, words = next((times, words) for least, times, words in _SCALES if abs(usd) >= least)
    return Cell(price(usd * factor), note=f"{words}{row['unit']}" if words else row["unit"])


def _by_team(found: dict[str, Any]) -> Table:
    teams = found["teams"]
    cells, across, down = add_up_both_ways([[year["usd"] for year in team["by_year"]] for team in teams])
    years = [f"FY {year['fiscal_year']}" for year in teams[0]["by_year"]]
    rows = [(team["team"], *row, whole) for team, row, whole in zip(teams, cells, across, strict=True)]
    return _matrix("Showback: cost by team and fiscal year, nominal USD", "Team", years, rows, [*down, sum(across)])


def _by_component(found: dict[str, Any]) -> Table:
    workloads = found["workloads"]
    components = list(dict.fromkeys(key for one in workloads for key in one["by_component"]))
    cells, across, down = add_up_both_ways([[one["by_component"].get(key, 0.0) for one in workloads]
                                            for key in components])  # fmt: skip
    rows = [(name(key), *row, whole) for key, row, whole in zip(components, cells, across, strict=True)]
    heads = [one["workload"] for one in workloads]
    return _matrix("Cost by component and workload, nominal USD", "Component", heads, rows, [*down, sum(across)])


def _matrix(caption: str, head: str, heads: list[str], rows: list[tuple[Any, ...]], totals: list[int]) -> Table:
    """Return a table of whole amounts with their sums."""
    body = tuple((Cell(str(first)), *(Cell(fixed(value)) for value in rest)) for first, *rest in rows)
    sums = (Cell("Total"), *(Cell(fixed(value)) for value in totals))
    return Table(caption, (Column(head, number=False), *map(Column, heads), Column("Total")), body, (sums,))
