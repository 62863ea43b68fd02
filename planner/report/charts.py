"""Charts over time and options: lines, stacked bars, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from planner.report.drawing import (
    Frame,
    Plane,
    Series,
    bar,
    drawn,
    legend,
    level_lines,
    line_sample,
    lines_of,
    striped,
    striped_sample,
    tag,
)
from planner.report.formatting import position, tick_texts, ticks

__all__ = ["Marker", "Series", "bars", "end_labels", "line_chart", "spread", "stacked_bars"]

BAR = 30
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)


@dataclass(frozen=True)
class Marker:
    """A point of time that is marked on a line; `short` says it where room is scarce."""

    at: float
    value: float
    label: str
    short: str


def line_chart(
    chart: str,
    title: str,
    description: str,
    months: Sequence[str],
    series: Sequence[Series],
    markers: Sequence[Marker] = (),
    noun: str = "USD",
    place: float = 1.0,
) -> Markup:
    """Draw a line for each series, named at its end or below, and mark points of time.

    Parameters
    ----------
    months : labels of the months, of which round ones are shown
    series : a value for each month
    place : where in its month a value stands: 1 at the end, as of sums so far; 0.5 in the middle, as of the month's own
    """
    values = [value for one in series for value in one.values]

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        top = frame.top + frame.line * len(markers)
        plane = _plane(frame, len(months), ticks(min(values), max(values)), top)
        content = [*_values(plane, noun), *_months(frame, plane, months, centred=place < 1)]
        for one in reversed(series):  # the first one lies on top
            points = " ".join(
                f"{position(plane.x(t + place))},{position(plane.y(v))}" for t, v in enumerate(one.values)
            )
            content.append(tag("polyline", points=points, class_=f"line s-{one.key}"))
            content.append(_circle(plane, len(months) - 1 + place, one.values[-1], 3.5, f"dot s-{one.key}"))
        content += [part for row, marker in enumerate(markers) for part in _marker(frame, plane, marker, row)]
        ordered = sorted(series, key=lambda one: -one.values[-1])
        if frame.beside:
            return content + end_labels(frame, plane, ordered), frame.height
        below, height = legend(frame, ordered, frame.height, line_sample)
        return content + below, frame.height + height

    return drawn(chart, title, description, paint)


def stacked_bars(
    chart: str, title: str, description: str, months: Sequence[str], series: Sequence[Series], noun: str
) -> Markup:
    """Draw a bar for each month, its parts stacked in the order of `series`."""
    highest = max((sum(column) for column in zip(*(one.values for one in series), strict=True)), default=1)

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        plane = _plane(frame, len(months), ticks(0, highest), frame.top)
        content = [*_values(plane, noun), *_months(frame, plane, months, centred=True)]
        width = (plane.right - plane.left) / len(months)
        gap = min(3.0, width / 5)
        for t in range(len(months)):
            base = 0.0
            for one in series:
                value = one.values[t]
                if value > 0:
                    top, foot = plane.y(base + value), plane.y(base)
                    content += striped(one.key, plane.x(t) + gap / 2, top, width - gap, foot - top)
                base += value
        return keyed(frame, plane, content, series, frame.height)

    return drawn(chart, title, description, paint)


def keyed(
    frame: Frame, plane: Plane, content: list[Markup], series: Sequence[Series], height: float
) -> tuple[list[Markup], float]:
    """Return a drawing of stacked `series` with its key: beside it from the top down, or below it."""
    if not frame.beside:
        below, more = legend(frame, series, height, striped_sample)
        return content + below, height + more
    for row, one in enumerate(reversed(series)):
        y = plane.top + 6 + row * 26.0
        content += [*striped_sample(one.key, plane.right + 24, y), tag("text", one.label, x=plane.right + 58, y=y + 5)]
    return content, height


def bars(chart: str, title: str, description: str, rows: Sequence[tuple[Series, str]]) -> Markup:
    """Draw one horizontal bar for each row, its text behind it."""
    values = [one.values[0] for one, _ in rows]
    low, high = min(0.0, *values), max(0.0, *values)

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        span, room = (high - low) or 1.0, frame.width - frame.amounts - frame.names
        zero = frame.names + room * -low / span
        content: list[Markup] = []
        for row, (one, text) in enumerate(rows):
            y, length = 4.0 + row * BAR, room * abs(one.values[0]) / span
            start = zero - length if one.values[0] < 0 else zero
            content.append(tag("text", one.label, x=0.0, y=y + 15))
            content.append(bar(one.key, start, y, max(length, 1.0), 20.0))
            content.append(tag("text", text, x=max(start + length, zero) + 8, y=y + 15))
        content.append(tag("line", x1=zero, x2=zero, y1=0.0, y2=8.0 + BAR * (len(rows) - 1) + 20, class_="axis"))
        return content, BAR * len(rows) + 2.0

    return drawn(chart, title, description, paint)


def _plane(frame: Frame, months: int, levels: list[float], top: float) -> Plane:
    return Plane(months, levels, frame.left, frame.width - frame.right, top, frame.height - frame.bottom)


def _circle(plane: Plane, at: float, value: float, radius: float, look: str) -> Markup:
    return tag("circle", cx=plane.x(at), cy=plane.y(value), r=radius, class_=look)


def _values(plane: Plane, noun: str) -> list[Markup]:
    texts, unit = tick_texts(plane.levels, noun)
    return [tag("text", unit, x=0.0, y=14.0, class_="unit"), *level_lines(plane, texts)]


def _months(frame: Frame, plane: Plane, months: Sequence[str], centred: bool) -> list[Markup]:
    """Label round months, few enough to stand side by side: under a bar, or where the month begins."""
    step = next((one for one in _MONTH_STEPS if len(months) / one <= frame.labels), _MONTH_STEPS[-1])
    parts = []
    for t in range(0, len(months), step):
        x = plane.x(t + 0.5 if centred else t)
        parts.append(tag("line", x1=x, x2=x, y1=plane.bottom, y2=plane.bottom + 5, class_="axis"))
        parts.append(tag("text", months[t], x=x, y=plane.bottom + 20, class_="middle"))
    return parts


def end_labels(frame: Frame, plane: Plane, ordered: Sequence[Series]) -> list[Markup]:
    """Name every line at its end, moved apart where ends lie close together."""
    lines = [lines_of(one.label, frame) for one in ordered]
    wanted = [plane.y(one.values[-1]) for one in ordered]
    placed = spread(wanted, [frame.line * len(text) + 5.0 for text in lines], plane.top, plane.bottom + 10)
    parts = []
    for one, text, y, at in zip(ordered, lines, wanted, placed, strict=True):
        x = plane.right + 8
        ends = " ".join(f"{position(a)},{position(b)}" for a, b in ((x, y), (x + 12, at)))
        parts.append(tag("polyline", points=ends, class_="leader"))
        parts += line_sample(one.key, x + 14, at)
        first = at + 5 - frame.line * (len(text) - 1) / 2
        parts += [tag("text", piece, x=x + 48, y=first + frame.line * n) for n, piece in enumerate(text)]
    return parts


def spread(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return places near the `wanted` ones (ascending) for labels of these heights that do not overlap.

    >>> spread([10, 12, 100], [20, 20, 20], 0, 110)
    [10, 30.0, 100]
    """
    placed = list(wanted)
    for n, (before, after) in enumerate(pairwise(heights), start=1):
        placed[n] = max(placed[n], placed[n - 1] + (before + after) / 2)
    limit = bottom
    for n in range(len(placed) - 1, -1, -1):
        placed[n] = min(placed[n], limit)
        limit = placed[n] - (heights[n] + (heights[n - 1] if n else 0)) / 2
    return [max(top, y) if n == 0 else y for n, y in enumerate(placed)]


def _marker(frame: Frame, plane: Plane, marker: Marker, row: int) -> list[Markup]:
    x, head = plane.x(marker.at), frame.top + frame.line * row
    if not frame.beside:  # too narrow for a label beside its line: all stand above the plane
        label, head = tag("text", marker.short, x=frame.left, y=head + 6.0, class_="strong"), plane.top
    elif x > frame.width / 2:
        label = tag("text", marker.label, x=x - 7, y=head + 6.0, class_="end strong")
    else:
        label = tag("text", marker.label, x=x + 7, y=head + 6.0, class_="strong")
    return [
        tag("line", x1=x, x2=x, y1=head - 4.0, y2=plane.bottom, class_="marker"),
        _circle(plane, marker.at, marker.value, 6.0, "ring"),
        label,
    ]
