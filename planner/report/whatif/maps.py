"""Maps of two drivers with their numbers; in words where the decision flips nowhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from planner.report.formatting import DASH, fixed, money
from planner.report.parts import Block, Cell, Column, Figure, Fold, Section, Table, Text
from planner.report.whatif.heat import Grid, Side, heat, scaled
from planner.report.whatif.words import along, mark, title, value

Answer = Mapping[str, Any]
_ONLY = {"buy": math.inf, "rent": -math.inf}
NO_CHOICE = {math.inf: "the only way", -math.inf: "not possible"}
"""What is said of buying where it cannot be held against not buying."""


def cell(saves: float | None, decides: str | None) -> float | None:
    """Return what buying saves: infinite where it is the only way, or not possible; None where there is no plan."""
    return saves if saves is not None else _ONLY.get(decides or "")


def map_section(maps: Sequence[Answer]) -> list[Section]:
    """Return the section of all maps; none where there are none."""
    blocks = [
        block for n, one in enumerate(maps, start=1)
        for block in map_blocks(f"map-{n}", one["x"], one["y"], _cells(one))
    ]  # fmt: skip
    lead = "What buying saves with two drivers moved together: it pays above 0."
    return [Section("maps", "Two drivers at once", lead, tuple(blocks))] if blocks else []


def _cells(one: Answer) -> Grid:
    both = zip(one["buying_saves_usd"], one["decision"], strict=True)
    return [[cell(*each) for each in zip(*rows, strict=True)] for rows in both]


def map_blocks(chart: str, x: Answer, y: Answer, cells: Grid) -> tuple[Block, ...]:
    """Return the map of what buying saves over the values of two drivers.

    Parameters
    ----------
    cells : by value of `y`, then of `x`; see `cell`
    """
    heading = f"What buying saves: {title(x)} and {title(y)}"
    known = [amount for row in cells for amount in row if amount is not None]
    said = " ".join(_told(known, sum(map(len, cells))))
    numbers = _numbers(x, y, cells)
    if not 0 < sum(amount > 0 for amount in known) < len(known):
        return Text(f"{heading}. {said}"), Fold("The numbers", numbers)
    drawing = heat(chart, heading, said, _side(x), _side(y), cells)
    caption = f"{heading}, {scaled(cells)[1]}; the deeper a colour, the farther from 0. {said}"
    return (Figure(drawing, caption, numbers),)


def _told(known: Sequence[float], asked: int) -> Iterator[str]:
    pays, compared = sum(amount > 0 for amount in known), [amount for amount in known if math.isfinite(amount)]
    if compared:
        yield f"From {money(min(compared))} to {money(max(compared))}; buying pays in {pays} of {len(known)} scenarios."
    for end, words in NO_CHOICE.items():
        if some := known.count(end):
            yield f"In {some} of {asked} buying is {words}."
    if pays in (0, len(known)):
        yield "The decision flips nowhere here."
    if len(known) < asked:
        yield f"In {asked - len(known)} of {asked} buying and not buying cannot be compared ({DASH})."


def _numbers(x: Answer, y: Answer, cells: Grid) -> Table:
    heads = (Column(f"{title(y)} ↓ {title(x)} →", number=False), *(Column(_value(x, at)) for at in x["values"]))
    rows = tuple(
        (Cell(_value(y, at)), *(Cell(NO_CHOICE.get(amount) or fixed(amount)) for amount in row))
        for at, row in reversed(list(zip(y["values"], cells, strict=True)))
    )
    return Table("What buying saves, USD", heads, rows)


def _side(driver: Answer) -> Side:
    numeric = driver.get("numeric", True)
    texts = [mark(driver, at) if numeric else str(at) for at in driver["values"]]
    return Side(along(driver), texts, _place(driver), numeric)


def _value(driver: Answer, at: Any) -> str:
    return value(driver, at) if driver.get("numeric", True) else str(at)


def _place(driver: Answer) -> float | None:
    """Return where today's value lies among the values of a side; None outside of them."""
    now = driver["now"]
    for n, (one, other) in enumerate(pairwise(driver["values"]) if now is not None else ()):
        if one <= now <= other and one < other:
            return float(n + (now - one) / (other - one))
    return None
