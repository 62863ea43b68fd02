"""Checks of a price against those of other offers: the same provider and GPU in other sizes and regions."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from planner.catalog.checks.prices import Doubt, Price, Prices, shown
from planner.catalog.checks.units import slip_to

FAR = 3.0
"""Times by which a provider's price of one GPU may differ between sizes and regions; the widest published: 2.1."""


def offer_stands_once(prices: Prices) -> Iterator[Doubt]:
    """One instance type of one provider in one region stands under one id; a second would count it twice."""
    first: dict[tuple[str, str, str, str], str] = {}
    twice = {}
    for offer in prices.catalog.section("offers").values():
        if offer.instance_type:
            key = (offer.provider, offer.instance_type.lower(), offer.region.lower(), offer.gpu)
            if first.setdefault(key, offer.id) != offer.id:
                twice[offer.id] = first[key]
    for price in prices:
        if price.offer.id in twice:
            same = twice[price.offer.id]
            reason = f"{price.offer.instance_type} in {price.offer.region} stands already as {same}"
            yield Doubt(price.row, reason, f"one offer, {same}")


def price_is_per_gpu_not_per_instance(prices: Prices) -> Iterator[Doubt]:
    """An instance with more GPUs costs more: not the same in all, nor per GPU as many times more as it has GPUs."""
    for group in prices.by(
        lambda price: (*price.rate, price.offer.region, price.date, price.row.fact.currency)
    ).values():
        least: dict[int, Price] = {}
        for price in sorted(group, key=lambda price: price.offer.gpus):
            least.setdefault(price.offer.gpus, price)
            small = next(iter(least.values()))
            times = price.offer.gpus / small.offer.gpus
            if times > 1 and abs(price.value * times / small.value - 1) < 0.002:
                reason = f"{price.offer.gpus} GPUs cost no more than {small.offer.gpus}: {small}"
                yield Doubt(price.row, reason, f"about {shown(small.value)}")
            elif times > 1 and abs(price.value / (small.value * price.offer.gpus) - 1) < 0.002:
                yield Doubt(price.row, f"{price.offer.gpus} times {small}: a price of the instance",
                            f"about {shown(small.value)}")  # fmt: skip


def price_is_near_its_siblings(prices: Prices) -> Iterator[Doubt]:
    """A price is not far from the provider's others of the same GPU, kind, term and year, in four offers or more."""
    for group in prices.by(lambda price: (*price.rate, price.date.year, price.row.fact.currency)).values():
        usual = median(price.value for price in group)
        if len({price.offer.id for price in group}) < 4:
            continue
        for price in group:
            if price.kind != "spot" and not usual / FAR <= price.value <= usual * FAR:
                slip = slip_to(price, usual)
                reason = (
                    f"{shown(price.value / usual)} times the median of {len(group)} prices of {price.offer.provider}"
                )
                yield Doubt(price.row, reason + (f"; {slip}" if slip else ""), f"about {shown(usual)}")
