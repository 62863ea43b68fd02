"""The load against the fleet: what works in the busiest hour, the next, down to the quietest, year by year."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from planner.report.areas import Panel, load_duration
from planner.report.course import MIX
from planner.report.drawing import Series
from planner.report.formatting import fixed, percent, plural
from planner.report.parts import Block, Cell, Figure, Section, Table, Text, columns

MOST_PANELS = 4
"""Years that are drawn; the table has all of them."""
EXCEEDED = (0.01, 0.1, 0.5, 0.9)
"""Shares of the hours for which the table says how many GPUs are exceeded."""
_FLEET = ("owned", "committed")
_NONE = 1e-6
_FEW, _FAR = 0.02, 1.5


def load(document: dict[str, Any]) -> Section:
    """Return the load-duration picture with its table."""
    return Section(
        "load",
        "The load against the fleet",
        "How many GPUs work, from the busiest hour of a year to the quietest, and how many of them are there all year.",
        _blocks(document["load"]),
    )


def _blocks(years: list[dict[str, Any]]) -> tuple[Block, ...]:
    used = [kind for kind in MIX if any(step[kind] > _NONE for year in years for step in year["steps"])]
    if not used:
        return (Text("No GPU does any work in this plan: there is no load to hold against a fleet."),)
    shown = _shown(years)
    drawing = load_duration(
        "load-duration",
        "GPUs at work by hour, against the fleet",
        "Areas by kind of capacity, hours sorted from the busiest to the quietest. " + " ".join(map(_said, shown)),
        [_panel(year, used) for year in shown],
        "GPUs at work, busiest hours first",
        _scale(shown),
    )
    return (Figure(drawing, _caption(years, shown), _table(years)),)


def _shown(years: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first, the last and years evenly between them, as many as there is room for."""
    most = min(MOST_PANELS, len(years))
    return [years[round(n * (len(years) - 1) / max(most - 1, 1))] for n in range(most)]


def _scale(shown: list[dict[str, Any]]) -> float:
    """Return what the picture reaches: every load, unless a few hours would leave the rest flat."""
    peak = max(_at_work(year["steps"][0]) for year in shown)
    usual = max(max(_exceeded(year, _FEW), year["owned_gpus"] + year["committed_gpus"]) for year in shown)
    return float(usual if peak > _FAR * usual else max(peak, usual))


def _panel(year: dict[str, Any], used: list[str]) -> Panel:
    owned, committed = year["owned_gpus"], year["committed_gpus"]
    levels = [(f"{_gpus(owned)} owned", owned)] if owned > _NONE else []
    if committed > _NONE:
        both = "owned + committed" if levels else "committed"
        levels.append((f"{_gpus(owned + committed)} {both}", owned + committed))
    stacked = [Series(kind, MIX[kind], [step[kind] for step in year["steps"]]) for kind in used]
    return Panel(_span(year), [step["hours"] for step in year["steps"]], stacked, levels)


def _span(year: dict[str, Any]) -> str:
    first, last = map(str, year["months"])
    if first == last:
        return first
    whole = first.endswith("-01") and last == first.replace("-01", "-12")
    return first.removesuffix("-01") if whole else f"{first} to {last}"


def _gpus(value: float) -> str:
    """Say a number of GPUs: whole from ten on, to a tenth below."""
    return fixed(value, 0 if value >= 10 else 1).removesuffix(".0")


def _at_work(step: dict[str, float]) -> float:
    return sum(step[kind] for kind in MIX)


def _exceeded(year: dict[str, Any], share: float) -> float:
    """Return how many GPUs are at work at least in this share of the hours."""
    steps = year["steps"]
    wanted = share * sum(step["hours"] for step in steps) * (1 - 1e-9)
    ends = accumulate(step["hours"] for step in steps)
    return next((_at_work(step) for step, end in zip(steps, ends, strict=True) if end >= wanted), _at_work(steps[-1]))


def _alone(year: dict[str, Any]) -> float:
    """Return the share of hours in which nothing is rented on demand or on spot."""
    return float(year["alone_hours"] / sum(step["hours"] for step in year["steps"]))


def _fleet_work(year: dict[str, Any]) -> float:
    """Return the share of GPU-hours that the fleet does."""
    work = sum(step["hours"] * _at_work(step) for step in year["steps"])
    fleet = sum(step["hours"] * step[kind] for step in year["steps"] for kind in _FLEET)
    return fleet / work if work else 1.0


def _rented(step: dict[str, float]) -> float:
    return sum(step[kind] for kind in MIX if kind not in _FLEET)


def _said(year: dict[str, Any]) -> str:
    """Say what the panel of a year shows."""
    steps = year["steps"]
    return (
        f"{_span(year)}: {_gpus(_at_work(steps[0]))} in the busiest hour, {_gpus(_exceeded(year, 0.5))} or more in "
        f"half of the hours, {_gpus(_at_work(steps[-1]))} in the quietest; {_gpus(year['owned_gpus'])} owned, "
        f"{_gpus(year['committed_gpus'])} committed."
    )


def _caption(years: list[dict[str, Any]], shown: list[dict[str, Any]]) -> str:
    """Say how to read the picture, and what its last year shows."""
    last = years[-1]
    drawn = (
        "" if len(shown) == len(years) else f"{len(shown)} of {plural(len(years), 'year')} are drawn, all are below."
    )
    fleet = any(year["owned_gpus"] + year["committed_gpus"] > _NONE for year in shown)
    dashed = "Dashed: the fleet, as a mean of the year; owned GPUs in repair do not count." if fleet else ""
    return " ".join(filter(None, (dashed, drawn, _answer(last))))


def _answer(year: dict[str, Any]) -> str:
    owned, committed, rented = year["owned_gpus"], year["committed_gpus"], _rented(year["steps"][0])
    beside = "1 GPU is" if _gpus(rented) == "1" else f"{_gpus(rented)} GPUs are"
    if owned + committed <= _NONE:
        return f"Nothing is owned or committed in {_span(year)}: {beside} rented in the busiest hour."
    kind = " and ".join(name for name, gpus in (("owned", owned), ("committed", committed)) if gpus > _NONE)
    work = percent(_fleet_work(year)) if _fleet_work(year) < 1 else "all"
    fleet = f"In {_span(year)} the {kind} fleet of {_gpus(owned + committed)} GPUs does {work} of the work"
    if _alone(year) >= 1 - _NONE:
        return f"{fleet}, and nothing is rented beside it."
    hours = f"in {percent(_alone(year))} of the hours nothing is rented beside it"
    return f"{fleet}; {hours}, in the busiest hour {beside}." if rented > _NONE else f"{fleet}; {hours}."


def _table(years: list[dict[str, Any]]) -> Table:
    titles = (
        "Busiest hour",
        *(f"{percent(share, 0)} of hours" for share in EXCEEDED),
        "Owned, mean",
        "Committed, mean",
        "Hours without rent",
        "Work of fleet",
    )
    rows = tuple(
        (
            Cell(_span(year)),
            Cell(_gpus(_at_work(year["steps"][0]))),
            *(Cell(_gpus(_exceeded(year, share))) for share in EXCEEDED),
            Cell(_gpus(year["owned_gpus"])),
            Cell(_gpus(year["committed_gpus"])),
            Cell(percent(_alone(year))),
            Cell(percent(_fleet_work(year))),
        )
        for year in years
    )
    return Table(
        "GPUs at work in the busiest hour and at least in a share of the hours", columns("Year", *titles), rows
    )
