"""Pictures of risk: how likely each cost is, and what buying saves from future to future."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from planner.report.charts import end_labels
from planner.report.drawing import Frame, Plane, Series, bar, drawn, legend, level_lines, line_sample, tag
from planner.report.formatting import position, tick_texts, ticks

_QUARTERS = ("0 %", "25 %", "50 %", "75 %", "100 %")
_BINS = 12


def likelihoods(chart: str, title: str, description: str, series: Sequence[Series]) -> Markup:
    """Draw for each series what it costs at most with which probability: its values in order."""
    ordered = [Series(one.key, one.label, sorted(one.values)) for one in series]
    every = [value for one in ordered for value in one.values]
    levels = ticks(min(every), max(every))

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        plane, foot = _plane(frame, 1.0, levels), frame.height + frame.line
        content = [*_scale(plane), *_shares(frame, plane)]
        for one in reversed(ordered):  # the first one lies on top
            points = [(rank / len(one.values), value) for rank, value in enumerate(one.values, 1)]
            steps = [(0.0, one.values[0]), *points]
            path = " ".join(f"{position(plane.x(at))},{position(plane.y(value))}" for at, value in steps)
            content.append(tag("polyline", points=path, class_=f"line s-{one.key}"))
        if frame.beside:
            return content + end_labels(frame, plane, sorted(ordered, key=lambda one: -one.values[-1])), foot
        below, height = legend(frame, ordered, foot, line_sample)
        return content + below, foot + height

    return drawn(chart, title, description, paint)


def histogram(chart: str, title: str, description: str, values: Sequence[float]) -> Markup:
    """Draw how many of `values` lie in each of a few bins, those below 0 in another colour than those above."""
    edges = bin_edges(values)
    counts = [sum(low <= value < high for value in values) for low, high in pairwise(edges)]
    levels = ticks(0, max(counts), min(6, max(counts)))

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        plane = _plane(frame, len(counts), levels)
        content = [tag("text", "futures", x=0.0, y=14.0, class_="unit")]
        content += level_lines(plane, [f"{level:g}" for level in plane.levels])
        texts, unit = tick_texts(edges, "USD saved")
        every, zero = -(-len(edges) // frame.labels), edges.index(0)
        for n, count in enumerate(counts):
            left, top = plane.x(n) + 1.5, plane.y(count)
            key = "buy" if edges[n] >= 0 else "cloud"
            content.append(bar(key, left, top, plane.x(n + 1) - plane.x(n) - 3.0, plane.bottom - top))
        for n, text in enumerate(texts):
            if (n - zero) % every == 0:
                content.append(tag("text", text, x=plane.x(n), y=plane.bottom + 20, class_="middle"))
        content.append(tag("text", unit, x=plane.right, y=plane.bottom + 38, class_="end unit"))
        return content, frame.height + 12

    return drawn(chart, title, description, paint)


def bin_edges(values: Sequence[float]) -> list[float]:
    """Return round edges of bins, 0 among them, that hold all `values`.

    >>> bin_edges([-3.0, 1.0, 9.0])
    [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    """
    edges = ticks(min(0.0, *values), max(0.0, *values), _BINS)
    step = edges[1] - edges[0]
    return [*edges, edges[-1] + step] if max(values) >= edges[-1] else edges


def _plane(frame: Frame, across: float, levels: list[float]) -> Plane:
    return Plane(across, levels, frame.left, frame.width - frame.right, frame.top, frame.height - frame.bottom)


def _scale(plane: Plane) -> list[Markup]:
    texts, unit = tick_texts(plane.levels, "USD")
    return [tag("text", unit, x=0.0, y=14.0, class_="unit"), *level_lines(plane, texts)]


def _shares(frame: Frame, plane: Plane) -> list[Markup]:
    """Label the share of futures that cost no more."""
    y = plane.bottom + 22 + frame.line
    parts = [tag("text", "of the futures cost no more", x=plane.right, y=y, class_="end unit")]
    for n, text in enumerate(_QUARTERS):
        x = plane.x(n / (len(_QUARTERS) - 1))
        parts.append(tag("line", x1=x, x2=x, y1=plane.bottom, y2=plane.bottom + 5, class_="axis"))
        look = "end" if text == _QUARTERS[-1] else "middle"  # which would be cut on a phone
        parts.append(tag("text", text, x=x, y=plane.bottom + 20, class_=look))
    return parts
