"""Checks of the prices of one offer against each other on one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from planner.catalog.checks.prices import Doubt, Price, Prices, shown

if TYPE_CHECKING:
    from planner.catalog.catalog import Row


def on_demand_is_not_below_most_other_rates(prices: Prices) -> Iterator[Doubt]:
    """Where on-demand is below two or more rates of its offer, and below most of them, on-demand is wrong."""
    rates: dict[tuple[str, date], list[tuple[Price, Price]]] = defaultdict(list)
    for price in prices:
        full = prices.on_demand(price)
        if price.kind != "on-demand" and full:
            rates[full.row.id, full.date].append((price, full))
    for pairs in rates.values():
        above = {price.row.id for price, full in pairs if price.value > full.value}
        if len(above) >= 2 and 2 * len(above) > len({price.row.id for price, _ in pairs}):
            least = min(price.value for price, _ in pairs if price.row.id in above)
            reason = f"on-demand below {len(above)} other rates of the offer, which is more than half of them"
            yield Doubt(pairs[0][1].row, reason, f"above {shown(least)}")


def spot_is_not_above_on_demand(prices: Prices) -> Iterator[Doubt]:
    """Nobody pays more for what can be taken away: spot ≤ on-demand of the same offer on the same day."""
    for price in prices:
        full = prices.on_demand(price)
        if price.kind == "spot" and full and price.value > full.value:
            yield Doubt(price.row, f"spot above on-demand: {full}", f"at most {shown(full.value)}")


def spot_is_not_a_copy_of_on_demand(prices: Prices) -> Iterator[Doubt]:
    """Where every spot price of a provider (three offers or more) equals on-demand, the wrong column was read."""
    spots: dict[str, list[tuple[Price, Price]]] = defaultdict(list)
    for price in prices:
        full = prices.on_demand(price)
        if price.kind == "spot" and full:
            spots[price.offer.provider].append((price, full))
    for provider, pairs in spots.items():
        if len({price.offer.id for price, _ in pairs}) >= 3 and all(price.value == full.value for price, full in pairs):
            for price, _ in pairs:
                yield Doubt(
                    price.row, f"every spot price of {provider} equals on-demand", f"below {shown(price.value)}"
                )


def commitment_is_not_equal_to_on_demand(prices: Prices) -> Iterator[Doubt]:
    """A commitment that saves nothing lost its discount on the way."""
    for price in prices:
        full = prices.on_demand(price)
        if price.kind == "commitment" and full and price.value == full.value:
            yield Doubt(price.row, f"commitment equal to on-demand: {full}", f"below {shown(full.value)}")


def commitment_is_below_on_demand(prices: Prices) -> Iterator[Doubt]:
    """Nobody promises to pay more than without a promise: a commitment is below on-demand on the same day."""
    for price in prices:
        full = prices.on_demand(price)
        if price.kind == "commitment" and full and price.value > full.value:
            yield Doubt(price.row, f"commitment above on-demand: {full}", f"below {shown(full.value)}")


def longer_term_is_not_dearer(prices: Prices) -> Iterator[Doubt]:
    """Of two commitments of one offer with the same payment, the longer is not dearer on the same day."""
    for offer in prices.catalog.section("offers").values():
        same = sorted(offer.commitments, key=lambda one: (one.upfront_fraction, one.hourly_billed, one.term_months))
        for _, group in groupby(same, key=lambda one: (one.upfront_fraction, one.hourly_billed)):
            terms = list(group)
            for shorter, longer in pairwise(terms):
                for row in filter(prices.sound, prices.catalog.rows[f"{offer.id}/{longer.id}/usd_per_gpu_hour"]):
                    other = prices.in_force(f"{offer.id}/{shorter.id}/usd_per_gpu_hour", row.fact.date)
                    if other and shorter.term_months < longer.term_months and _is_dearer(row, other):
                        yield Doubt(row, f"dearer than the shorter term: {other}", f"at most {shown(other.value)}")


def _is_dearer(row: Row, other: Price) -> bool:
    return row.fact.currency == other.row.fact.currency and float(row.fact.value or 0) > other.value
