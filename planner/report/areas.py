"""The load-duration chart: areas from the busiest hour to the quietest, a panel a year, the fleet as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from markupsafe import Markup

from planner.report.charts import keyed
from planner.report.drawing import LEVEL, STRIPE, UPRIGHT, Frame, Plane, Series, drawn, level_lines, tag
from planner.report.formatting import fixed, position, tick_texts, ticks

_HIGH, _LOW = 260.0, 110.0
_GAP, _HEAD, _FOOT = 24.0, 22.0, 32.0
_APART = 16.0
_SAME = 0.05
"""Heights that nobody could tell apart."""


@dataclass(frozen=True)
class Panel:
    """A year: how long each step lasts, what each series does in it, and levels to compare with.

    Attributes
    ----------
    hours : of each step
    stacked : a value for each step, one series on the other
    levels : label and value of lines across the panel
    """

    title: str
    hours: Sequence[float]
    stacked: Sequence[Series]
    levels: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class _Run:
    """A stretch in which an area keeps its height, in the drawing's units; y grows downwards."""

    left: float
    right: float
    foot: float
    top: float


def load_duration(
    chart: str, title: str, description: str, panels: Sequence[Panel], noun: str, highest: float
) -> Markup:
    """Draw the panels on one scale: side by side, or one below the other on a phone.

    Parameters
    ----------
    highest : what the scale reaches; a panel that goes beyond it says how far
    """

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        levels = ticks(0, highest, 6 if frame.beside else 3)
        texts, unit = tick_texts(levels, noun)
        planes = _planes(frame, panels, levels)
        content = [tag("text", unit, x=0.0, y=14.0, class_="unit")]
        for n, (panel, plane) in enumerate(zip(panels, planes, strict=True)):
            content += level_lines(plane, [] if n and frame.beside else texts)
            content.append(tag("text", panel.title, x=plane.left, y=plane.top - 12, class_="strong"))
            for key, runs in _areas(panel, plane):
                content += _area(key, runs, plane)
            content += [*_levels(panel, plane), *_hours(plane), *_beyond(panel, plane)]
        return keyed(frame, planes[-1], content, panels[0].stacked, planes[-1].bottom + _FOOT)

    return drawn(chart, title, description, paint)


def _planes(frame: Frame, panels: Sequence[Panel], levels: list[float]) -> list[Plane]:
    across = [sum(panel.hours) for panel in panels]
    first, right = frame.top + _HEAD, frame.width - frame.right
    if not frame.beside:
        rows = [first + n * (_LOW + _FOOT + _HEAD + _GAP / 2) for n in range(len(panels))]
        return [Plane(a, levels, frame.left, right, top, top + _LOW) for a, top in zip(across, rows, strict=True)]
    width = (right - frame.left + _GAP) / len(panels)
    lefts = [frame.left + n * width for n in range(len(panels))]
    return [Plane(a, levels, x, x + width - _GAP, first, first + _HIGH) for a, x in zip(across, lefts, strict=True)]


def _areas(panel: Panel, plane: Plane) -> list[tuple[str, list[_Run]]]:
    """Return the runs of every series, each on top of the one before."""
    edges = [plane.x(hours) for hours in accumulate(panel.hours, initial=0.0)]
    foot, found = [0.0] * len(panel.hours), []
    for one in panel.stacked:
        top = [below + value for below, value in zip(foot, one.values, strict=True)]
        runs: list[_Run] = []
        for (left, right), *values in zip(pairwise(edges), foot, top, strict=True):
            low, high = (plane.y(min(value, plane.levels[-1])) for value in values)
            if runs and abs(runs[-1].foot - low) < _SAME and abs(runs[-1].top - high) < _SAME:
                runs[-1] = replace(runs[-1], right=right)
            else:
                runs.append(_Run(left, right, low, high))
        found.append((one.key, runs))
        foot = top
    return found


def _area(key: str, runs: Sequence[_Run], plane: Plane) -> list[Markup]:
    """Draw an area and the stripes of its key."""
    there = "".join(f"V{position(run.top)}H{position(run.right)}" for run in runs)
    back = "".join(f"V{position(run.foot)}H{position(run.left)}" for run in reversed(runs))
    start = f"M{position(runs[0].left)},{position(runs[0].foot)}"
    parts = [tag("path", d=f"{start}{there}{back}Z", class_=f"fill s-{key}")]
    stripes = [*(_upright(runs, plane) if key in UPRIGHT else ()), *(_level(runs, plane) if key in LEVEL else ())]
    return [*parts, tag("path", d="".join(stripes), class_="stripes")] if stripes else parts


def _upright(runs: Sequence[_Run], plane: Plane) -> Iterator[str]:
    for n in range(int((plane.right - plane.left) / STRIPE)):
        x = plane.left + STRIPE * (n + 0.5)
        run = next(one for one in runs if x <= one.right)
        if run.foot - run.top > _SAME:
            yield f"M{position(x)},{position(run.foot)}V{position(run.top)}"


def _level(runs: Sequence[_Run], plane: Plane) -> Iterator[str]:
    for n in range(int((plane.bottom - plane.top) / STRIPE)):
        y, end = plane.bottom - STRIPE * (n + 0.5), None
        for run in runs:
            if run.top < y < run.foot:
                start = "" if end == run.left else f"M{position(run.left)},{position(y)}"
                yield f"{start}H{position(run.right)}"
                end = run.right


def _levels(panel: Panel, plane: Plane) -> list[Markup]:
    """Draw the lines across, each named at its quiet end: above it, or below where there is no room."""
    parts, free = [], plane.top + _APART / 2
    for label, value in sorted(panel.levels, key=lambda one: -one[1]):
        y = plane.y(value)
        below = y - _APART < free
        parts.append(tag("line", x1=plane.left, x2=plane.right, y1=y, y2=y, class_="fleet"))
        parts.append(tag("text", label, x=plane.right, y=y + 14 if below else y - 5, class_="end"))
        free = y + (_APART if below else 0)
    return parts


def _hours(plane: Plane) -> list[Markup]:
    """Say that hours run from the busiest to the quietest."""
    parts = []
    for share, text, look in ((0, "busiest", "start"), (0.5, "50 %", "middle"), (1, "quietest", "end")):
        x = plane.x(share * plane.across)
        parts.append(tag("line", x1=x, x2=x, y1=plane.bottom, y2=plane.bottom + 5, class_="axis"))
        parts.append(tag("text", text, x=x, y=plane.bottom + 19, class_=f"unit {look}"))
    return parts


def _beyond(panel: Panel, plane: Plane) -> list[Markup]:
    """Say how high the load is where it goes beyond the scale."""
    peak = max(map(sum, zip(*(one.values for one in panel.stacked), strict=True)))
    if peak <= plane.levels[-1]:
        return []
    return [tag("text", f"up to {fixed(peak)}", x=plane.left + 10, y=plane.top + 4)]
