"""Checks of one fact by itself: it is a price at all, and in the unit that its field says."""

from __future__ import annotations

from collections.abc import Iterator

from planner.catalog.checks.bands import COMMITMENT_SHARE, FIELDS, REFURBISHED_SHARE, ROUGH_USD, band_of
from planner.catalog.checks.prices import Doubt, Price, Prices, shown
from planner.catalog.checks.units import slip_into, slip_to

DEEPEST_DISCOUNT = 0.25
"""What spot and commitments cost at least, as a share of on-demand, where a slip is only to be named."""
MANY = 50
"""Siblings that are compared with a price in doubt."""


def price_is_not_zero(prices: Prices) -> Iterator[Doubt]:
    """No GPU is free: a price of 0 is one that is missing."""
    for price in prices:
        if price.value == 0:
            yield Doubt(price.row, "0: a missing price read as a number", "its price, or `unknown:` with the reason")


def price_is_in_the_band_of_its_gpu(prices: Prices) -> Iterator[Doubt]:
    """A price per GPU-hour lies in the band of its GPU family; outside, the slip of the unit is named if one fits."""
    outside = [price for price in prices if not _fits(price)]
    rates = {price.rate for price in outside}
    siblings: dict[tuple[str, str, str, int], list[Price]] = {rate: [] for rate in rates}
    for price in prices:
        if price.rate in rates and _fits(price) and len(siblings[price.rate]) < MANY:
            siblings[price.rate].append(price)
    for price in outside:
        low, high = _band(price)
        side = "above" if _usd(price) > high else "below"
        slips = (f"{slip}, as {other}" for other in siblings[price.rate] if (slip := slip_to(price, other.value)))
        slip = next(slips, None) or slip_into(price, *_likely(prices, price))
        reason = f"{side} any {price.kind} price of {price.offer.gpu}" + (f"; {slip}" if slip else "")
        yield Doubt(price.row, reason, f"{shown(low)} to {shown(high)} USD per GPU-hour")


def _likely(prices: Prices, price: Price) -> tuple[float, float]:
    """Return the band, narrowed where the same offer's on-demand price of the day is known."""
    full = prices.on_demand(price)
    return (full.value * DEEPEST_DISCOUNT, full.value) if full and full is not price and _fits(full) else _band(price)


def _fits(price: Price) -> bool:
    low, high = _band(price)
    return low <= _usd(price) <= high


def _usd(price: Price) -> float:
    return price.value * ROUGH_USD[price.row.fact.currency]


def _band(price: Price) -> tuple[float, float]:
    band = band_of(price.offer.gpu)
    low = {"spot": band.floor, "commitment": band.low * COMMITMENT_SHARE}.get(price.kind, band.low)
    return low, band.high


def median_does_not_mix_gpus_and_instances(prices: Prices) -> Iterator[Doubt]:
    """A median is not taken over prices of one GPU and of whole instances: then they differ by GPU counts, 1 to 16."""
    for price in prices:
        low, high = price.row.fact.low, price.row.fact.high
        if low and high:
            most, middle = float(high / low), price.value / float(low)
            if any(abs(most / count - 1) < 0.002 for count in (4, 8, 16)) and _is_near_a_half(middle):
                reason = (
                    f"its range {low} to {high} spans {most:.0f} times: prices of instances beside those of one GPU"
                )
                yield Doubt(price.row, reason, f"about {low}")


def _is_near_a_half(number: float) -> bool:
    """Say whether `number` can be the median of some of 1, 2, 4, 8, 16: a multiple of one half."""
    return abs(2 * number - round(2 * number)) < 0.01


def server_price_is_in_the_band_of_its_gpu(prices: Prices) -> Iterator[Doubt]:
    """A server costs for each of its GPUs what its GPU family costs: not nothing, not thousands of USD, not a rack."""
    for server in prices.catalog.section("servers").values():
        band = band_of(server.gpu)
        low = band.server_low * (REFURBISHED_SHARE if server.condition == "refurbished" else 1)
        for field, gpus, low_share in (("purchase_usd_per_server", server.gpus, 1), ("gpu_usd_per_gpu", 1, 0.5)):
            for row in filter(prices.sound, prices.catalog.rows.get(f"{server.id}/{field}", ())):
                each = float(row.fact.value or 0) * ROUGH_USD[row.fact.currency] / gpus
                if not low * low_share <= each <= band.server_high:
                    least, most = low * low_share * gpus, band.server_high * gpus
                    reason = (
                        f"{shown(each)} USD per GPU is {'above' if each > least else 'below'} any price of {server.gpu}"
                    )
                    yield Doubt(row, reason, f"{shown(least)} to {shown(most)} USD")


def value_is_in_the_unit_of_its_field(prices: Prices) -> Iterator[Doubt]:
    """A figure is of the size that its unit allows: kW and not W, USD and not cents, kg and not g."""
    for row in prices.rows():
        if row.unit in FIELDS and row.fact.value is not None:
            low, high, words = FIELDS[row.unit]
            if not low <= float(row.fact.value) * (ROUGH_USD[row.fact.currency] if "usd" in row.unit else 1) <= high:
                yield Doubt(row, f"not of the size of {words}", f"{low:g} to {high:g}")
