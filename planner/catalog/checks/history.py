"""Checks of a price against the other dated prices of the same row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import log
from statistics import median

from planner.catalog.checks.prices import STALE_DAYS, Doubt, Price, Prices, shown
from planner.catalog.checks.units import slip_to

GLITCH = {"on-demand": 2.0, "commitment": 2.0, "spot": 5.0}
"""Times by which a price may differ from those around it. Largest real steps: AWS ÷ 1.8, GCP spot ÷ 3.1 and × 2.5."""
CERTAINTY = {"high": 2, "medium": 1, "low": 0, "assumption": 0}
STEP = 0.1
"""A change by more than this share is more than rounding."""
SAME = 0.02
"""Two sources that differ by no more read one price, rounded."""
RECENT_DAYS = 183


def currency_of_a_row_stays(prices: Prices) -> Iterator[Doubt]:
    """The dated facts of one row are in one currency: a change of it is a slip of the label, or another price list."""
    for dated in prices.catalog.rows.values():
        for older, newer in pairwise(dated):
            if older.fact.currency != newer.fact.currency and prices.sound(newer) and prices.sound(older):
                yield Doubt(newer, f"in {newer.fact.currency}, before in {older.fact.currency}", older.fact.currency)


def price_is_near_its_own_history(prices: Prices) -> Iterator[Doubt]:
    """A price is not far from the others of its row within a year, where two or more agree and one is older."""
    for dated in _histories(prices):
        for index, price in enumerate(dated):
            around = [other.value for other in dated[max(0, index - 3) : index + 4] if other is not price
                      and abs((other.date - price.date).days) <= STALE_DAYS]  # fmt: skip
            limit = GLITCH[price.kind]
            if index == 0 or len(around) < 2 or max(around) > limit * min(around):
                continue
            usual = median(around)
            if not usual / limit <= price.value <= usual * limit:
                slip = slip_to(price, usual)
                reason = f"{shown(price.value / usual)} times the {len(around)} prices around it" + (
                    f"; {slip}" if slip else ""
                )
                yield Doubt(price.row, reason, f"about {shown(usual)}")


def price_does_not_return_to_a_superseded_one(prices: Prices) -> Iterator[Doubt]:
    """A price does not go back to one that another source, as certain or more, has seen replaced: a table is stale."""
    for dated in _histories(prices):
        replaced: dict[int, tuple[Price, Price]] = {}
        current = dated[0]
        for price in dated[1:]:
            same = next((near for near in _near(price.value) if near in replaced), None)
            if same is not None and price.kind == "on-demand":
                first, then = replaced[same]
                if price.row.fact.source != then.row.fact.source and _certainty(price) <= _certainty(then):
                    reason = f"returns to the price of {first.date}, which {shown(then.value)} replaced on {then.date}"
                    yield Doubt(price.row, reason, f"about {shown(then.value)}")
                    continue
                del replaced[same]
            if abs(price.value / current.value - 1) > STEP:
                replaced[_near(current.value)[1]] = current, price
            current = price


def _certainty(price: Price) -> int:
    return CERTAINTY[price.row.fact.confidence]


def _near(value: float) -> tuple[int, int, int]:
    """Return three numbers, the middle one of which is among those of every value within 0.2 %."""
    middle = round(log(value) / 0.002)
    return middle - 1, middle, middle + 1


def certain_source_is_not_contradicted(prices: Prices) -> Iterator[Doubt]:
    """A less certain source alone does not overrule a surer one of six months by 10 %, not even with a true cut."""
    # on its first reading nothing tells a true cut from a slip; a second source that reads it does, and both count
    for dated in _histories(prices):
        last: dict[int, Price] = {}
        for price in dated:
            mine = _certainty(price)
            last[mine] = price
            surer = next((last[level] for level in (2, 1) if level > mine and level in last), price)
            recent = (price.date - surer.date).days <= RECENT_DAYS
            contradicts = recent and abs(price.value / surer.value - 1) > STEP
            if price.kind != "spot" and contradicts and not _confirmed(price, dated):
                reason = f"contradicts a more certain source ({surer.row.fact.source}): {surer}"
                cure = f"or confirm {shown(price.value)} with a row of another source, no less certain, that reads it"
                yield Doubt(price.row, reason, f"about {shown(surer.value)}; {cure}")


def _confirmed(price: Price, dated: list[Price]) -> bool:
    """Say whether another source, no less certain than that of `price`, read the same before or after it.

    Only the nearest reading each way counts: what was so once, or is so again, proves nothing.
    """
    others = [
        other
        for other in dated
        if other.row.fact.source != price.row.fact.source and _certainty(other) >= _certainty(price)
    ]
    before = [other for other in others if other.date < price.date][-1:]
    after = [other for other in others if other.date > price.date][:1]
    return any(abs(other.value / price.value - 1) <= SAME for other in before + after)


def _histories(prices: Prices) -> Iterator[list[Price]]:
    return iter(prices.by(lambda price: (price.row.id, price.row.fact.currency)).values())
