"""Changes of cost in whole dollars that add up as they are shown."""

from __future__ import annotations

from collections import defaultdict
from math import fsum
from typing import NamedTuple

from planner.report.compare.split import Effect, Split
from planner.report.formatting import add_up, fixed


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
    before, after, price = (
        add_up([fsum(of) for of in column])
        for column in (
            [[effect.before.usd for effect in effects] for effects in parts.values()],
            [[effect.after.usd for effect in effects] for effects in parts.values()],
            [[effect.price_usd for effect in effects] for effects in parts.values()],
        )
    )
    bought_as_before = [not any(effect.volume_usd for effect in effects) for effects in parts.values()]
    return [
        Dollars(component, old, new, new - old if unmoved else by_price, 0 if unmoved else new - old - by_price)
        for component, old, new, by_price, unmoved in zip(parts, before, after, price, bought_as_before, strict=True)
    ]


def signed(value: float | None) -> str:
    """Return a whole number with its sign.

    >>> signed(1234.4), signed(-0.6), signed(0.2)
    ('+1,234', '−1', '0')
    """
    text = fixed(value)
    return text if value is None or value <= 0 or text == "0" else f"+{text}"
