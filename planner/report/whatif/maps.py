"""Maps of two drivers: what buying saves, and the line where the decision flips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from planner.report.drawing import Frame, bar, drawn, line_sample, tag
from planner.report.formatting import DASH, fixed, tick_texts
from planner.report.parts import Block, Cell, Column, Figure, Section, Table, Text
from planner.report.whatif.words import mark, measured, title, value

Answer = Mapping[str, Any]
Grid = Sequence[Sequence[float | None]]
_KEYS = {True: "buy", False: "self_hosted"}
_CELL, _CELL_SMALL, _LEFT, _LEFT_SMALL = 46.0, 34.0, 120.0, 74.0
_FAINTEST = 0.12
_TEXTS, _TEXTS_SMALL = 12, 7
"""Most values along x for which each cell can say its number."""


def map_section(maps: Sequence[Answer]) -> list[Section]:
    """Return the section of all maps; none where there are none."""
    if not maps:
        return []
    blocks = [block for number, one in enumerate(maps) for block in _map(one, f"map-{number + 1}")]
    lead = "What buying saves with two drivers moved together; it pays above 0, and the decision flips along the line."
    return [Section("maps", "Two drivers at once", lead, tuple(blocks))]


def _map(one: Answer, chart: str) -> list[Block]:
    x, y, grid = one["x"], one["y"], one["buying_saves_usd"]
    heading = f"What buying saves: {title(x)} and {title(y)}"
    told = _told(grid)
    blocks: list[Block] = []
    if any(amount is not None for row in grid for amount in row):
        unit = _scaled(grid)[1]
        caption = f"{heading}, {unit}. {told} The ring is today."
        blocks.append(Figure(heat_map(chart, heading, told, one), caption))
    else:
        blocks.append(Text(f"{heading}: {told}"))
    if one["no_plan"]:
        blocks.append(Text(f"In {one['no_plan']} of these scenarios no plan obeys every rule ({DASH})."))
    return [*blocks, _table(one)]


def _told(grid: Grid) -> str:
    known = [amount for row in grid for amount in row if amount is not None]
    if not known:
        return "There is no number to compare."
    pays, low, high = sum(amount > 0 for amount in known), fixed(min(known)), fixed(max(known))
    said = f"From {low} to {high} USD; buying pays in {pays} of {len(known)} scenarios."
    return said if 0 < pays < len(known) else f"{said} The decision flips nowhere here."


def _table(one: Answer) -> Table:
    x, y = one["x"], one["y"]
    heads = (Column(f"{title(y)} ↓, {title(x)} →", number=False), *(Column(value(x, at)) for at in x["values"]))
    rows = tuple(
        (Cell(value(y, at)), *(Cell(fixed(amount)) for amount in row))
        for at, row in reversed(list(zip(y["values"], one["buying_saves_usd"], strict=True)))
    )
    return Table(f"What buying saves, USD: {title(y)} by row, {title(x)} by column", heads, rows)


def heat_map(chart: str, heading: str, description: str, one: Answer) -> Markup:
    """Draw a cell for every pair of values, darker the more is saved, with the line where the decision flips."""
    x, y, grid = one["x"], one["y"], one["buying_saves_usd"]
    across, up = len(x["values"]), len(y["values"])
    largest = max(abs(amount) for row in grid for amount in row if amount is not None) or 1.0
    texts, _ = _scaled(grid)

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        left, cell = (_LEFT, _CELL) if frame.beside else (_LEFT_SMALL, _CELL_SMALL)
        right = frame.width - (230.0 if frame.beside else 0.0)
        width, top = (right - left) / across, 24.0
        bottom = top + cell * up

        def at(n: float, m: float) -> tuple[float, float]:
            """Return where the middle of column n and row m is, rows counted upwards."""
            return left + (n + 0.5) * width, bottom - (m + 0.5) * cell

        content = [tag("text", _axis(y, frame), x=0.0, y=14.0, class_="unit")]
        for m, row in enumerate(grid):
            for n, amount in enumerate(row):
                middle, centre = at(n, m)
                if amount is not None:
                    shade = _FAINTEST + (1 - _FAINTEST) * abs(amount) / largest
                    content.append(
                        _shaded(amount > 0, middle - width / 2, centre - cell / 2, width - 1, cell - 1, shade)
                    )
        content += _names(x, y, at, left, bottom, cell, frame)
        for one_end, other_end in flip_line(grid):
            (x1, y1), (x2, y2) = at(*one_end), at(*other_end)
            content.append(tag("line", x1=x1, x2=x2, y1=y1, y2=y2, class_="line s-plan"))
        if across <= (_TEXTS if frame.beside else _TEXTS_SMALL):  # over the line, so that it crosses none out
            for m, row in enumerate(texts):
                for n, text in enumerate(row):
                    content.append(tag("text", text, x=at(n, m)[0], y=at(n, m)[1] + 5, class_="middle"))
        today = _index(x), _index(y)
        if today[0] is not None and today[1] is not None:
            cx, cy = at(today[0], today[1])
            content.append(tag("circle", cx=cx, cy=cy, r=15.0, class_="ring"))
        key, height = _key(frame, right, top, bottom + 54)
        return content + key, max(bottom + 54, height)

    return drawn(chart, heading, description, paint)


def _shaded(buys: bool, x: float, y: float, width: float, height: float, shade: float) -> Markup:
    look = f"fill s-{_KEYS[buys]}"
    return tag("rect", x=x, y=y, width=width, height=height, class_=look, fill_opacity=f"{shade:.2f}")


def _names(x: Answer, y: Answer, at: Any, left: float, bottom: float, cell: float, frame: Frame) -> list[Markup]:
    parts = []
    most = 9 if frame.beside else 4
    for n, amount in enumerate(x["values"]):
        if n % -(-len(x["values"]) // most) == 0:
            parts.append(tag("text", mark(x, amount), x=at(n, 0)[0], y=bottom + 18, class_="middle"))
    for m, amount in enumerate(y["values"]):
        if m % -(-len(y["values"]) // 14) == 0:
            parts.append(tag("text", mark(y, amount), x=left - 8, y=at(0, m)[1] + 5, class_="end"))
    middle = at((len(x["values"]) - 1) / 2, 0)[0]
    return [*parts, tag("text", _axis(x, frame), x=middle, y=bottom + 40, class_="middle unit")]


def _axis(driver: Answer, frame: Frame) -> str:
    """Return what stands at an axis: the driver, and where there is room its unit, which marks may not say."""
    said = driver["unit"] in ("×", "a year") or not frame.beside
    return title(driver) if said else f"{title(driver)}, {measured(driver)}"


def _key(frame: Frame, right: float, top: float, below: float) -> tuple[list[Markup], float]:
    x, y = (right + 24, top + 8) if frame.beside else (0.0, below + 10)
    rows = (
        [bar("buy", x, y - 6, 26.0, 12.0), tag("text", "buying pays", x=x + 36, y=y + 5)],
        [bar("self_hosted", x, y + 20, 26.0, 12.0), tag("text", "it does not", x=x + 36, y=y + 31)],
        [*line_sample("plan", x, y + 52), tag("text", "the decision flips", x=x + 36, y=y + 57)],
        [tag("circle", cx=x + 13, cy=y + 78, r=8.0, class_="ring"), tag("text", "today", x=x + 36, y=y + 83)],
    )
    return [part for row in rows for part in row], y + 94


def _scaled(grid: Grid) -> tuple[list[list[str]], str]:
    """Return the texts of all cells, in thousands or millions without decimals that say nothing, and their unit."""
    largest = max((abs(amount) for row in grid for amount in row if amount is not None), default=0.0)
    _, unit = tick_texts([largest], "USD")
    scale = {"M USD": 1e6, "thousand USD": 1e3}.get(unit, 1.0)
    decimals = 0 if largest / scale >= 20 else 1
    return [[fixed(None if one is None else one / scale, decimals) for one in row] for row in grid], unit


def _index(driver: Answer) -> float | None:
    """Return where today's value lies among the values of an axis; None outside of them."""
    values, now = driver["values"], driver["now"]
    for n, (one, other) in enumerate(pairwise(values)):
        if one <= now <= other and one < other:
            return float(n + (now - one) / (other - one))
    return None


Point = tuple[float, float]


def flip_line(grid: Grid) -> Iterator[tuple[Point, Point]]:
    """Yield pieces of the line along which a grid is 0, in columns and rows, by marching squares.

    >>> list(flip_line([[1.0, -1.0], [1.0, -1.0]]))
    [((0.5, 0.0), (0.5, 1.0))]
    """
    for m in range(len(grid) - 1):
        for n in range(len(grid[m]) - 1):
            corners = ((n, m), (n + 1, m), (n + 1, m + 1), (n, m + 1))
            amounts = [grid[row][column] for column, row in corners]
            if None in amounts:
                continue
            found: list[Point] = []
            for k in (0, 1, 2, 3):
                one, other = amounts[k], amounts[(k + 1) % 4]
                if one is not None and other is not None and (one > 0) != (other > 0):
                    share = one / (one - other)
                    (a, b), (c, d) = corners[k], corners[(k + 1) % 4]
                    found.append((a + (c - a) * share, b + (d - b) * share))
            yield from zip(found[::2], found[1::2], strict=True)
