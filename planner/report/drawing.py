"""What charts are drawn with: inline SVG, twice, for a wide page and for a phone.

Colours, dashes and type come from style.css by class, which also chooses the drawing that fits; here is only geometry.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from planner.report.formatting import position

LEVEL, UPRIGHT = frozenset(("committed", "spot")), frozenset(("on_demand", "spot"))
"""Kinds of capacity whose fill has level or upright stripes, so that nobody needs the colours."""
STRIPE = 7.0
"""Distance of stripes, as in style.css."""


@dataclass(frozen=True)
class Series:
    """A row of values; `key` chooses its look."""

    key: str
    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Frame:
    """The room of a drawing.

    Attributes
    ----------
    look : class in style.css
    height : of drawings over time, without a legend below
    names, amounts : room for names before bars and for amounts behind them
    line : height of a line of text
    letters : most letters of a label before it goes on below
    labels : most months that are labelled
    beside : the legend stands beside the plane, else below it
    """

    look: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    names: float
    amounts: float
    line: float
    letters: int
    labels: int
    beside: bool


WIDE = Frame("wide", 1040, 408, left=64, right=200, top=34, bottom=34, names=104, amounts=130, line=17, letters=20,
             labels=9, beside=True)  # fmt: skip
SMALL = Frame("small", 343, 246, left=46, right=8, top=30, bottom=30, names=84, amounts=92, line=16, letters=44,
              labels=4, beside=False)  # fmt: skip


@dataclass(frozen=True)
class Plane:
    """Where values stand on the drawing: x from 0 to `across`, y over the levels."""

    across: float
    levels: list[float]
    left: float
    right: float
    top: float
    bottom: float

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


def drawn(chart: str, title: str, description: str, paint: Callable[[Frame], tuple[list[Markup], float]]) -> Markup:
    """Return the drawings for both frames, each with its title and description for those who do not see it.

    Parameters
    ----------
    paint : returns the content and its height
    """
    return joined([_svg(f"{chart}-{frame.look}", title, description, frame, *paint(frame)) for frame in (WIDE, SMALL)])


def _svg(chart: str, title: str, description: str, frame: Frame, content: Sequence[Markup], height: float) -> Markup:
    head = [tag("title", title, id=f"{chart}-title"), tag("desc", description, id=f"{chart}-desc")]
    return tag(
        "svg",
        joined([*head, *content]),
        class_=f"chart {frame.look}",
        role="img",
        viewBox=f"0 0 {position(frame.width)} {position(height)}",
        aria_labelledby=f"{chart}-title {chart}-desc",
    )


def level_lines(plane: Plane, texts: Sequence[str]) -> list[Markup]:
    """Return a line for each level of the plane, and their texts if there are any."""
    parts = []
    for n, level in enumerate(plane.levels):
        y = plane.y(level)
        parts.append(tag("line", x1=plane.left, x2=plane.right, y1=y, y2=y, class_="axis" if level == 0 else "grid"))
        parts += [tag("text", text, x=plane.left - 8, y=y + 4, class_="end") for text in texts[n : n + 1]]
    return parts


def lines_of(label: str, frame: Frame) -> list[str]:
    """Return a label as lines of text that fit."""
    return textwrap.wrap(label, frame.letters, break_on_hyphens=False) or [""]


def legend(
    frame: Frame, series: Sequence[Series], top: float, sample: Callable[[str, float, float], list[Markup]]
) -> tuple[list[Markup], float]:
    """Return a row for each series, in two columns where the labels are short, and the height below `top`.

    Parameters
    ----------
    sample : draws the look of a key, 26 wide, from x around the height y on
    """
    rows = [lines_of(one.label, frame) for one in series]
    several = all(len(lines) == 1 and len(lines[0]) <= frame.letters // 3 for lines in rows)
    columns = 2 if several else 1
    parts, y = [], top + 6
    for n, (one, lines) in enumerate(zip(series, rows, strict=True)):
        x = frame.width / 2 * (n % columns)
        parts += sample(one.key, x, y + frame.line / 2)
        parts += [tag("text", text, x=x + 34, y=y + frame.line * (0.75 + row)) for row, text in enumerate(lines)]
        if n % columns == columns - 1 or n == len(series) - 1:
            y += frame.line * len(lines) + 4
    return parts, y - top


def line_sample(key: str, x: float, y: float) -> list[Markup]:
    """Return a piece of a line."""
    return [tag("line", x1=x, x2=x + 26, y1=y, y2=y, class_=f"line s-{key}")]


def striped_sample(key: str, x: float, y: float) -> list[Markup]:
    """Return a small striped bar."""
    return striped(key, x, y - 6, 26.0, 12.0)


def bar(key: str, x: float, y: float, width: float, height: float) -> Markup:
    """Return a bar."""
    return tag("rect", x=x, y=y, width=width, height=height, class_=f"fill s-{key}")


def striped(key: str, x: float, y: float, width: float, height: float) -> list[Markup]:
    """Return a bar with the stripes of its key: a broad dashed line makes them."""
    parts, across, down = [bar(key, x, y, width, height)], x + width / 2, y + height / 2
    if key in LEVEL:
        parts.append(tag("line", x1=across, x2=across, y1=y, y2=y + height, stroke_width=width, class_="stripes"))
    if key in UPRIGHT:
        parts.append(tag("line", x1=x, x2=x + width, y1=down, y2=down, stroke_width=height, class_="stripes"))
    return parts
