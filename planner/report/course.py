"""The course of the plan: cumulative cost and the mix of capacity, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from planner.report import charts
from planner.report.formatting import after, count, fixed, name
from planner.report.parts import Block, Cell, Figure, Section, Table, Text, columns
from planner.report.summary import OPTIONS, period

MIX = {
    "owned": "Owned",
    "committed": "Committed",
    "on_demand": "On-demand",
    "spot": "Spot",
}
_SAME = 1e-9


def course(document: dict[str, Any]) -> Section:
    """Return the two charts over time."""
    return Section(
        "course",
        "Month by month",
        "When the money is spent, and what does the work.",
        (_cumulative(document), *_mix(document)),
    )


def _cumulative(document: dict[str, Any]) -> Figure:
    flow = document["finance"]["cash_flow"]
    spent = {
        key: list(accumulate(row[f"{key}_usd"] for row in flow)) for key in OPTIONS if document["tco"][key] is not None
    }
    labels = [row["month"] for row in flow]
    markers = _markers(document, spent)
    first, last = period(document)
    description = (
        f"Lines from {first} to {last}. At the end: "
        + "; ".join(f"{name(key)} {fixed(values[-1])}" for key, values in spent.items())
        + " USD. "
        + "; ".join(marker.label for marker in markers)
    )
    drawing = charts.line_chart("cumulative", "Cumulative cost by option", description, labels, _merged(spent), markers)
    data = Table(
        "Cumulative cost at the end of each month, nominal USD",
        columns("Month", *(name(key) for key in spent)),
        tuple((Cell(label), *(Cell(fixed(values[t])) for values in spent.values())) for t, label in enumerate(labels)),
    )
    marked = " ".join([*(f"{marker.label}." for marker in markers), *_unmarked(document)])
    caption = (
        "Cumulative cost at the end of each month, nominal; the last month includes what servers are worth at the "
        f"end. {marked}"
    )
    return Figure(drawing, caption, data)


def _merged(spent: dict[str, list[float]]) -> list[charts.Series]:
    """Draw options that cost the same in every month as one line with all their names."""
    groups: list[list[str]] = []
    for key, values in spent.items():
        scale = max(1.0, *(abs(value) for value in values))
        same = (
            group
            for group in groups
            if all(abs(a - b) <= _SAME * scale for a, b in zip(spent[group[0]], values, strict=True))
        )
        group = next(same, None)
        if group is None:
            groups.append([key])
        else:
            group.append(key)
    return [charts.Series(group[0], " = ".join(name(key) for key in group), spent[group[0]]) for group in groups]


def _markers(document: dict[str, Any], spent: dict[str, list[float]]) -> list[charts.Marker]:
    found = []
    for baseline in _baselines(document):
        at = ((document["breakeven"]["buy"] or {}).get(baseline) or {}).get("months")
        if at is not None and at > 0 and "buy" in spent:
            even = f"{name(baseline).lower()} {after(at)}"
            marker = charts.Marker(at, _at(spent["buy"], at), f"Buying breaks even with {even}", f"Even with {even}")
            found.append(marker)
    return found


def _baselines(document: dict[str, Any]) -> list[str]:
    """Return what buying is marked against: the verdict's baseline first."""
    against = document["verdict"]["against"]
    return list(dict.fromkeys((*((against,) if against else ()), "on_demand", "cloud")))


def _unmarked(document: dict[str, Any]) -> Iterator[str]:
    """Say of each baseline without a mark why it has none."""
    for baseline in _baselines(document):
        found = (document["breakeven"]["buy"] or {}).get(baseline)
        if found is None:
            continue
        if found["months"] is None:
            until = "before resale" if found["only_by_resale"] else "within the horizon"
            yield f"Buying never breaks even with {name(baseline).lower()} {until}."
        elif found["months"] == 0:
            yield f"Buying is cheaper than {name(baseline).lower()} from the start."


def _at(values: list[float], at: float) -> float:
    """Return the value at a time in months, linear between the ends of months."""
    known = [0.0, *values]
    before = min(int(at), len(values) - 1)
    return known[before] + (known[before + 1] - known[before]) * (at - before)


def _mix(document: dict[str, Any]) -> tuple[Block, ...]:
    rows = document["decisions"]["by_month"]
    hours = {key: [row[f"{key}_gpu_hours"] for row in rows] for key in MIX}
    totals = {key: sum(values) for key, values in hours.items()}
    if not any(totals.values()):
        return (Text("No GPU does any work in this plan: there is no mix of capacity to show."),)
    labels = [row["month"] for row in rows]
    used = [charts.Series(key, MIX[key], hours[key]) for key in MIX if totals[key] > 0]
    description = "Stacked bars by month. Over the horizon: " + "; ".join(
        f"{one.label} {count(totals[one.key])} GPU-hours" for one in used
    )
    drawing = charts.stacked_bars("mix", "GPU-hours by kind of capacity", description, labels, used, "GPU-hours")
    return (Figure(drawing, "GPU-hours that do work in the plan, by kind of capacity.", _mix_table(rows)),)


def _mix_table(rows: list[dict[str, Any]]) -> Table:
    keys = [f"{key}_gpu_hours" for key in MIX]
    titles = [f"{MIX[key]} GPU-hours" for key in MIX]
    for key, title in (("api_work_units", "Work units by API"), ("unserved_work_units", "Work units undone")):
        if any(row[key] for row in rows):
            keys.append(key)
            titles.append(title)
    body = tuple(
        (
            Cell(row["month"]),
            Cell(count(row["owned_gpus"])),
            Cell(count(row["committed_gpus"])),
            *(Cell(fixed(row[key])) for key in keys),
            Cell(fixed(row["cost_usd"])),
        )
        for row in rows
    )
    heads = columns("Month", "GPUs owned", "GPUs committed", *titles, "Cost, USD")
    return Table("The plan month by month", heads, body)
