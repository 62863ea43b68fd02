"""Pictures of many scenarios over a number: curves and points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from planner.report.charts import end_labels
from planner.report.drawing import Frame, Plane, Series, drawn, legend, level_lines, line_sample, tag
from planner.report.formatting import number, position, tick_texts, ticks

MOST_DOTS = 1_500


@dataclass(frozen=True)
class Axis:
    """A number that scenarios differ in; `text` says one of its values."""

    title: str
    values: Sequence[float]
    text: Callable[[float], str] = number

    @property
    def low(self) -> float:
        """The least value."""
        return min(self.values)

    @property
    def span(self) -> float:
        """The distance from the least to the greatest value."""
        return (max(self.values) - self.low) or 1.0


def curves(chart: str, title: str, description: str, axis: Axis, series: Sequence[Series], noun: str) -> Markup:
    """Draw a line for each series over `axis`, whose values rise; where there is no value, nothing is drawn."""
    known = [value for one in series for value in one.values if not math.isnan(value)]

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        plane = _plane(frame, axis, known)
        content = [*_levels(plane, noun), *_across(frame, plane, axis)]
        for one in reversed(series):  # the first one lies on top
            pieces = (" ".join(piece) for piece in _pieces(axis, one, plane))
            content += [tag("polyline", points=piece, class_=f"line s-{one.key}") for piece in pieces]
        ordered = sorted((_known(one) for one in series), key=lambda one: -one.values[-1])
        if frame.beside:
            return content + end_labels(frame, plane, ordered), frame.height + frame.line
        below, height = legend(frame, ordered, frame.height + frame.line, line_sample)
        return content + below, frame.height + frame.line + height

    return drawn(chart, title, description, paint)


def dots(chart: str, title: str, description: str, axis: Axis, values: Sequence[float], noun: str) -> Markup:
    """Draw a dot for each scenario, whose look says on which side of 0 it lies."""
    step = math.ceil(len(values) / MOST_DOTS)
    shown = list(zip(axis.values, values, strict=True))[::step]

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        plane = _plane(frame, axis, values)
        content = [*_levels(plane, noun), *_across(frame, plane, axis)]
        for at, value in shown:
            x, y = plane.x(at - axis.low), plane.y(value)
            content.append(tag("circle", cx=x, cy=y, r=3.0, class_=f"dot s-{'buy' if value > 0 else 'cloud'}"))
        return content, frame.height + frame.line

    return drawn(chart, title, description, paint)


def _plane(frame: Frame, axis: Axis, values: Sequence[float]) -> Plane:
    levels = ticks(min(values), max(values))
    return Plane(axis.span, levels, frame.left, frame.width - frame.right, frame.top, frame.height - frame.bottom)


def _levels(plane: Plane, noun: str) -> list[Markup]:
    texts, unit = tick_texts(plane.levels, noun)
    return [tag("text", unit, x=0.0, y=14.0, class_="unit"), *level_lines(plane, texts)]


def _across(frame: Frame, plane: Plane, axis: Axis) -> list[Markup]:
    """Return the marks of the lower axis at round values, and its title."""
    parts = []
    for value in round_values(axis.low, axis.low + axis.span, frame.labels - 1):
        x = plane.x(value - axis.low)
        parts.append(tag("line", x1=x, x2=x, y1=plane.bottom, y2=plane.bottom + 5, class_="axis"))
        parts.append(tag("text", axis.text(value), x=x, y=plane.bottom + 20, class_="middle"))
    middle = (plane.left + plane.right) / 2
    return [*parts, tag("text", axis.title, x=middle, y=plane.bottom + 22 + frame.line, class_="middle unit")]


def round_values(low: float, high: float, most: int) -> list[float]:
    """Return at most so many round values within [low, high], and one more.

    >>> [round(value, 6) for value in round_values(0.7, 1.3, 4)], round_values(24, 60, 4)
    ([0.8, 1.0, 1.2], [30.0, 40.0, 50.0, 60.0])
    """
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(power * lead for lead in (1, 2, 2.5, 5, 10, 20) if (high - low) / (power * lead) <= most)
    return [step * n for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _pieces(axis: Axis, one: Series, plane: Plane) -> list[list[str]]:
    """Return the points of a line, in pieces where values are missing."""
    pieces: list[list[str]] = [[]]
    for at, value in zip(axis.values, one.values, strict=True):
        if math.isnan(value):
            pieces.append([])
        else:
            pieces[-1].append(f"{position(plane.x(at - axis.low))},{position(plane.y(value))}")
    return [piece for piece in pieces if piece]


def _known(one: Series) -> Series:
    return Series(one.key, one.label, [value for value in one.values if not math.isnan(value)])
