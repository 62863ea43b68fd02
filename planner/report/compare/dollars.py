"""Changes of cost in whole dollars that add up as they are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from planner.report.compare.split import Effect, Split
from planner.report.formatting import add_up, fixed, whole

NOTHING = 0.005
"""USD up to which nothing changed."""


class Dollars(NamedTuple):
    """A component in whole dollars: before + by prices + by quantities = after."""

    component: str
    before: int
    after: int
    price: int
    volume: int


def in_dollars(one: Split) -> list[Dollars]:
    """Return the change of every component; each column sums to its rounded total, but for a dollar by quantities."""
    parts: dict[str, list[Effect]] = defaultdict(list)
    for effect in one.effects:
        parts[effect.component].append(effect)
    before, after, price, volume = (
        [fsum(of) for of in column]
        for column in (
            [[effect.before.usd for effect in effects] for effects in parts.values()],
            [[effect.after.usd for effect in effects] for effects in parts.values()],
            [[effect.price_usd for effect in effects] for effects in parts.values()],
            [[abs(effect.volume_usd) for effect in effects] for effects in parts.values()],
        )
    )
    rows = zip(parts, *_rounded(before, after), add_up(price), volume, strict=True)
    return [
        Dollars(component, old, new, new - old, 0)
        if by_volume <= NOTHING
        else Dollars(component, old, new, by_price, new - old - by_price)
        for component, old, new, by_price, by_volume in rows
    ]


def totals(one: Split) -> tuple[int, int]:
    """Return the cost of both plans in the whole dollars that are shown, of which a change is the difference."""
    return whole(one.before_usd), whole(one.after_usd)


def _rounded(before: Sequence[float], after: Sequence[float]) -> list[list[int]]:
    """Round two columns to their totals; what did not change is rounded once, lest a dollar of rounding shows."""
    kept = [abs(new - old) <= NOTHING for old, new in zip(before, after, strict=True)]
    same = add_up([value for value, of_both in zip(before, kept, strict=True) if of_both])
    columns = []
    for column in (before, after):
        total = whole(fsum(column)) - sum(same)
        moved = add_up([value for value, of_both in zip(column, kept, strict=True) if not of_both], total)
        parts = {True: iter(same), False: iter(moved)}
        columns.append([next(parts[of_both]) for of_both in kept])
    return columns


def signed(value: float | None) -> str:
    """Return a whole number with its sign.

    >>> signed(1234.4), signed(-0.6), signed(0.2)
    ('+1,234', '−1', '0')
    """
    text = fixed(value)
    return text if value is None or value <= 0 or text == "0" else f"+{text}"
