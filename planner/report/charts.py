"""Charts as inline SVG. Colours, dashes and type come from style.css by class; here is only geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from planner.report.formatting import position, tick_texts, ticks

WIDTH, HEIGHT = 1040, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 232, 34, 46
LINE = 17
BAR = 30
_LEVEL_STRIPES = {"committed": "loose", "cloud": "loose", "spot": "loose", "self_hosted": "dense"}
_UPRIGHT_STRIPES = {"on_demand": "loose", "spot": "loose", "existing": "dense"}
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
_MOST_MONTHS = 13


@dataclass(frozen=True)
class Series:
    """A row of values; `key` chooses its look."""

    key: str
    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Marker:
    """A point of time that is marked on a line."""

    at: float
    value: float
    label: str


@dataclass(frozen=True)
class Plane:
    """Where values stand on the drawing: x from 0 to `across`, y over the ticks."""

    across: float
    levels: list[float]
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM

    def x(self, value: float) -> float:
        """Return the distance from the left edge."""
        return self.left + (self.right - self.left) * value / self.across

    def y(self, value: float) -> float:
        """Return the distance from the upper edge."""
        low, high = self.levels[0], self.levels[-1]
        return self.bottom - (self.bottom - self.top) * (value - low) / (high - low)


def tag(name: str, content: str = "", **attributes: object) -> Markup:
    """Return an element; content and attributes are escaped unless they are markup already."""
    texts = {key: position(value) if isinstance(value, float) else value for key, value in attributes.items()}
    written = joined([Markup(' {}="{}"').format(key.strip("_").replace("_", "-"), text) for key, text in texts.items()])
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, content)


def joined(parts: Sequence[Markup]) -> Markup:
    """Return the elements one after another."""
    return Markup("").join(parts)


def svg(chart: str, title: str, description: str, content: Sequence[Markup], height: float = HEIGHT) -> Markup:
    """Return the drawing with its title and description for those who do not see it."""
    head = [tag("title", title, id=f"{chart}-title"), tag("desc", description, id=f"{chart}-desc")]
    return tag(
        "svg",
        joined([*head, *content]),
        class_="chart",
        role="img",
        viewBox=f"0 0 {WIDTH} {position(height)}",
        aria_labelledby=f"{chart}-title {chart}-desc",
    )


def line_chart(
    chart: str,
    title: str,
    description: str,
    months: Sequence[str],
    series: Sequence[Series],
    markers: Sequence[Marker] = (),
    noun: str = "USD",
) -> Markup:
    """Draw values at the ends of months; lines are named at their ends, markers above them.

    Parameters
    ----------
    months : label of every month; month t ends at t + 1
    series : a value for each month
    """
    values = [value for one in series for value in one.values]
    plane = Plane(float(len(months)), ticks(min(values), max(values)), top=TOP + LINE * len(markers))
    content = [*_levels(plane, noun), *_months(plane, months, centred=False)]
    for one in reversed(series):  # the first one lies on top
        points = " ".join(f"{position(plane.x(t + 1))},{position(plane.y(v))}" for t, v in enumerate(one.values))
        content.append(tag("polyline", points=points, class_=f"line s-{one.key}"))
        content.append(_circle(plane, len(months), one.values[-1], 3.5, f"dot s-{one.key}"))
    content += _end_labels(plane, series)
    content += [part for row, marker in enumerate(markers) for part in _marker(plane, marker, row)]
    return svg(chart, title, description, content)


def stacked_bars(
    chart: str, title: str, description: str, months: Sequence[str], series: Sequence[Series], noun: str
) -> Markup:
    """Draw a bar for each month, its parts stacked in the order of `series`."""
    highest = max((sum(column) for column in zip(*(one.values for one in series), strict=True)), default=1)
    plane = Plane(float(len(months)), ticks(0, highest))
    content = [*_levels(plane, noun), *_months(plane, months, centred=True)]
    width = (plane.right - plane.left) / len(months)
    gap = min(3.0, width / 5)
    for t in range(len(months)):
        base = 0.0
        for one in series:
            value = one.values[t]
            if value > 0:
                top, foot = plane.y(base + value), plane.y(base)
                content += _bar(one.key, plane.x(t) + gap / 2, top, width - gap, foot - top)
            base += value
    for row, one in enumerate(reversed(series)):
        y = plane.top + 8 + row * 26.0
        content += _bar(one.key, plane.right + 24, y - 10, 26.0, 14.0)
        content.append(tag("text", one.label, x=plane.right + 58, y=y + 2))
    return svg(chart, title, description, content)


def bars(chart: str, title: str, description: str, rows: Sequence[tuple[Series, str]]) -> Markup:
    """Draw one horizontal bar for each row, its text behind it."""
    values = [one.values[0] for one, _ in rows]
    low, high = min(0.0, *values), max(0.0, *values)
    span, left, right = (high - low) or 1.0, 130.0, WIDTH - 150.0
    zero = left + (right - left) * -low / span
    content: list[Markup] = []
    for row, (one, text) in enumerate(rows):
        y, length = 4.0 + row * BAR, (right - left) * abs(one.values[0]) / span
        start = zero - length if one.values[0] < 0 else zero
        content.append(tag("text", one.label, x=0.0, y=y + 15, class_="name"))
        content += _bar(one.key, start, y, max(length, 1.0), 20.0)
        content.append(tag("text", text, x=max(start + length, zero) + 8, y=y + 15))
    content.append(tag("line", x1=zero, x2=zero, y1=0.0, y2=8.0 + BAR * (len(rows) - 1) + 20, class_="axis"))
    return svg(chart, title, description, content, height=BAR * len(rows) + 2.0)


def _circle(plane: Plane, at: float, value: float, radius: float, look: str) -> Markup:
    return tag("circle", cx=plane.x(at), cy=plane.y(value), r=radius, class_=look)


def _levels(plane: Plane, noun: str) -> list[Markup]:
    texts, scale = tick_texts(plane.levels, noun)
    parts = [tag("text", scale, x=0.0, y=14.0, class_="unit")]
    for level, text in zip(plane.levels, texts, strict=True):
        y = plane.y(level)
        parts.append(tag("line", x1=plane.left, x2=plane.right, y1=y, y2=y, class_="axis" if level == 0 else "grid"))
        parts.append(tag("text", text, x=plane.left - 8, y=y + 4, class_="end"))
    return parts


def _months(plane: Plane, months: Sequence[str], centred: bool) -> list[Markup]:
    """Label round months, few enough to stand side by side: under a bar, or where the month begins."""
    step = next((one for one in _MONTH_STEPS if len(months) / one <= _MOST_MONTHS), _MONTH_STEPS[-1])
    parts = []
    for t in range(0, len(months), step):
        x = plane.x(t + 0.5 if centred else t)
        parts.append(tag("line", x1=x, x2=x, y1=plane.bottom, y2=plane.bottom + 5, class_="axis"))
        parts.append(tag("text", months[t], x=x, y=plane.bottom + 22, class_="middle"))
    return parts


def _end_labels(plane: Plane, series: Sequence[Series]) -> list[Markup]:
    """Name every line at its end, moved apart where ends lie close together."""
    ordered = sorted(series, key=lambda one: -one.values[-1])
    lines = [one.label.split("\n") for one in ordered]
    wanted = [plane.y(one.values[-1]) for one in ordered]
    placed = spread(wanted, [LINE * len(text) + 5.0 for text in lines], plane.top, plane.bottom + 10)
    parts = []
    for one, text, y, at in zip(ordered, lines, wanted, placed, strict=True):
        x = plane.right + 8
        parts.append(
            tag(
                "polyline",
                points=" ".join(f"{position(a)},{position(b)}" for a, b in ((x, y), (x + 12, at))),
                class_="leader",
            )
        )
        parts.append(tag("line", x1=x + 14, x2=x + 44, y1=at, y2=at, class_=f"line s-{one.key}"))
        first = at + 5 - LINE * (len(text) - 1) / 2
        parts += [tag("text", piece, x=x + 52, y=first + LINE * n) for n, piece in enumerate(text)]
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


def _marker(plane: Plane, marker: Marker, row: int) -> list[Markup]:
    x, head = plane.x(marker.at), float(TOP + LINE * row)
    beyond = x > (plane.left + plane.right) / 2
    return [
        tag("line", x1=x, x2=x, y1=head - 4.0, y2=plane.bottom, class_="marker"),
        _circle(plane, marker.at, marker.value, 6.0, "ring"),
        tag("text", marker.label, x=x - 7, y=head + 6.0, class_="end strong")
        if beyond
        else tag("text", marker.label, x=x + 7, y=head + 6.0, class_="strong"),
    ]


def _bar(key: str, x: float, y: float, width: float, height: float) -> list[Markup]:
    """A bar whose stripes differ by `key`, so that nobody needs the colours: a broad dashed line makes stripes."""
    parts = [tag("rect", x=x, y=y, width=width, height=height, class_=f"fill s-{key}")]
    middle = {"x": x + width / 2, "y": y + height / 2}
    if key in _LEVEL_STRIPES:
        parts.append(
            tag(
                "line",
                x1=middle["x"],
                x2=middle["x"],
                y1=y,
                y2=y + height,
                stroke_width=width,
                class_=f"stripes {_LEVEL_STRIPES[key]}",
            )
        )
    if key in _UPRIGHT_STRIPES:
        parts.append(
            tag(
                "line",
                x1=x,
                x2=x + width,
                y1=middle["y"],
                y2=middle["y"],
                stroke_width=height,
                class_=f"stripes {_UPRIGHT_STRIPES[key]}",
            )
        )
    return parts
