"""A map of two drivers: on which sides of it buying pays, by how much, and where the decision flips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeGuard

from markupsafe import Markup

from planner.report.drawing import Frame, Series, drawn, legend, line_sample, striped, striped_sample, tag
from planner.report.formatting import MILLION, fixed, tick_texts

ABOVE, BELOW = "owned", "committed"
"""The looks of the two sides of 0; the second has stripes, so that nobody needs the colours."""
_TODAY = "ring"
_FAINTEST, _DEEPEST = 0.3, 0.85

Grid = Sequence[Sequence[float | None]]
Point = tuple[float, float]


@dataclass(frozen=True)
class Side:
    """The values along a side of a map, from low to high.

    Attributes
    ----------
    title : says the unit where `texts` do not
    today : where today's value lies among them, counted from 0; None where that is not known
    numeric : they are numbers, between which the decision may flip
    """

    title: str
    texts: Sequence[str]
    today: float | None = None
    numeric: bool = True


def heat(chart: str, title: str, description: str, across: Side, up: Side, cells: Grid) -> Markup:
    """Draw what buying saves: a cell for each pair of values, deeper the farther from 0, and the line where it is 0.

    Parameters
    ----------
    cells : by value of `up`, then of `across`; infinite where there is no choice, None where there is no answer
    """
    flips = list(flip_line(cells)) if across.numeric and up.numeric else []
    today = None if across.today is None or up.today is None else (across.today, up.today)
    key = [(ABOVE, "buying pays"), (BELOW, "it does not pay")]
    key += [("plan", "the decision flips")] * bool(flips) + [(_TODAY, "today")] * (today is not None)
    texts, _ = scaled(cells)

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        board = _Board.of(frame, up.texts, len(across.texts))
        content = [*_shades(board, cells), *_named(board, frame, across, up)]
        for one, other in flips:
            (x1, y1), (x2, y2) = board.at(*one), board.at(*other)
            content.append(tag("line", x1=x1, x2=x2, y1=y1, y2=y2, class_="line s-plan"))
        longest = max(_room(frame, text) for row in texts for text in row)
        if board.height >= frame.line and longest + 10 < board.width:
            for m, row in enumerate(texts):  # over the line, so that it crosses none out
                for n, text in enumerate(row):
                    content.append(tag("text", text, x=board.at(n, m)[0], y=board.at(n, m)[1] + 5, class_="middle"))
        if today is not None:
            content.append(_ring(*board.at(*today), 15.0))
        if not frame.beside:
            below, more = legend(frame, [Series(look, label, ()) for look, label in key], board.bottom + 46, _sample)
            return content + below, board.bottom + 46 + more
        for n, (look, label) in enumerate(key):
            y = board.top + 10 + 26.0 * n
            content += [*_sample(look, board.right + 20, y), tag("text", label, x=board.right + 54, y=y + 5)]
        return content, max(board.bottom + 46, board.top + 26.0 * len(key))

    return drawn(chart, title, description, paint)


@dataclass(frozen=True)
class _Board:
    """Where the cells of a map stand, and how large one is."""

    left: float
    right: float
    top: float
    bottom: float
    width: float
    height: float

    @classmethod
    def of(cls, frame: Frame, up: Sequence[str], columns: int) -> _Board:
        """Return the place for so many columns beside the texts of the rows."""
        left = min(max(_room(frame, text) for text in up) + 16.0, frame.width / 3)
        right, height = frame.width - (frame.right if frame.beside else 8.0), min(46.0, max(12.0, 320.0 / len(up)))
        bottom = frame.top + height * len(up)
        return cls(left, right, frame.top, bottom, (right - left) / columns, height)

    def at(self, n: float, m: float) -> tuple[float, float]:
        """Return the middle of column n and row m; rows count upwards."""
        return self.left + (n + 0.5) * self.width, self.bottom - (m + 0.5) * self.height


def _shades(board: _Board, cells: Grid) -> Iterator[Markup]:
    largest = _largest(cells) or 1.0
    for m, row in enumerate(cells):
        for n, value in enumerate(row):
            if value is not None:
                x, y = board.at(n - 0.5, m + 0.5)
                parts = striped(ABOVE if value > 0 else BELOW, x + 0.5, y + 0.5, board.width - 1, board.height - 1)
                depth = _FAINTEST + (_DEEPEST - _FAINTEST) * min(abs(value) / largest, 1.0)
                yield tag("g", Markup("").join(parts), opacity=f"{depth:.2f}")


def _named(board: _Board, frame: Frame, across: Side, up: Side) -> Iterator[Markup]:
    """Yield the titles of both sides and the texts of their values, as many as there is room for."""
    yield tag("text", _cut(frame, up.title, frame.width), x=0.0, y=14.0, class_="unit")
    step = math.ceil(frame.line / board.height)
    for m in range(0, len(up.texts), step):
        text = _cut(frame, up.texts[m], board.left - 8)
        yield tag("text", text, x=board.left - 8, y=board.at(0, m)[1] + 5, class_="end")
    longest = max(_room(frame, text) for text in across.texts) + 8
    step = math.ceil(longest / board.width) if across.numeric else 1
    for n in range(0, len(across.texts), step):
        text = _cut(frame, across.texts[n], board.width * step)
        yield tag("text", text, x=board.at(n, 0)[0], y=board.bottom + 18, class_="middle")
    title = _cut(frame, across.title, board.right)
    yield tag("text", title, x=board.right, y=board.bottom + 38, class_="end unit")


def _room(frame: Frame, text: str) -> float:
    """Return about how wide a text is."""
    return 0.45 * frame.line * len(text)


def _cut(frame: Frame, text: str, room: float) -> str:
    letters = int(room / _room(frame, "0"))
    return text if len(text) <= letters else f"{text[: max(letters - 1, 1)]}…"


def _ring(x: float, y: float, radius: float) -> Markup:
    return tag("circle", cx=x, cy=y, r=radius, class_="ring")


def _sample(key: str, x: float, y: float) -> list[Markup]:
    if key == _TODAY:
        return [_ring(x + 13, y, 7.0)]
    return line_sample(key, x, y) if key == "plan" else striped_sample(key, x, y)


def scaled(cells: Grid) -> tuple[list[list[str]], str]:
    """Return the texts of all cells, in thousands or millions without decimals that say nothing, and their unit.

    >>> scaled([[1_234_567.0, None]]), scaled([[-45_600.0, 12.0]])
    (([['1.2', '–']], 'M USD'), ([['−46', '0']], 'thousand USD'))
    """
    largest = _largest(cells)
    unit = tick_texts([largest], "USD")[1]
    scale = {"M USD": MILLION, "thousand USD": 1e3}.get(unit, 1.0)
    decimals = 0 if largest / scale >= 20 or scale == 1 else 1
    return [[fixed(one / scale if _is_finite(one) else None, decimals) for one in row] for row in cells], unit


def _largest(cells: Grid) -> float:
    return max((abs(value) for row in cells for value in row if _is_finite(value)), default=0.0)


def _is_finite(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def flip_line(cells: Grid) -> Iterator[tuple[Point, Point]]:
    """Yield pieces of the line along which a map is 0, in columns and rows, by marching squares.

    >>> list(flip_line([[1.0, -1.0], [1.0, -1.0]]))
    [((0.5, 0.0), (0.5, 1.0))]
    """
    for m, n in product(range(len(cells) - 1), range(len(cells[0]) - 1)):
        corners = ((n, m), (n + 1, m), (n + 1, m + 1), (n, m + 1))
        amounts = [cells[row][column] for column, row in corners]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(amounts):
            continue
        found: list[Point] = []
        for k in range(4):
            one, other = known[k], known[(k + 1) % 4]
            if (one > 0) != (other > 0):
                share = one / (one - other) if math.isfinite(one - other) else 0.5  # it leaps over 0
                (a, b), (c, d) = corners[k], corners[(k + 1) % 4]
                found.append((a + (c - a) * share, b + (d - b) * share))
        yield from zip(found[::2], found[1::2], strict=True)
