"""The prices of a catalog as its checks see them: known ones, on their offers, grouped for comparison."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog, Row
    from planner.catalog.schema import Offer

Kind = Literal["on-demand", "spot", "commitment"]
STALE_DAYS = 365
"""A price older than this is no measure for another."""


@dataclass(frozen=True)
class Doubt:
    """Why a row should not be relied on.

    Attributes
    ----------
    row : the fact in doubt
    reason : what is wrong with it, in words
    plausible : what would not be doubted
    check : name of the check that doubts
    """

    row: Row
    reason: str
    plausible: str
    check: str = ""


@dataclass(frozen=True)
class Price:
    """One known, dated price of an offer, per GPU-hour; `term_months` is 0 without a commitment."""

    row: Row
    offer: Offer
    kind: Kind
    value: float
    term_months: int

    @property
    def date(self) -> date:
        """The day since when it is known."""
        return self.row.fact.date

    @property
    def rate(self) -> tuple[str, str, str, int]:
        """What it can be compared with: prices of the same provider, GPU, kind and term."""
        return self.offer.provider, self.offer.gpu, self.kind, self.term_months

    def __str__(self) -> str:
        return f"{shown(self.value)} of {self.row.id} on {self.date}"


class Prices:
    """The known prices of `catalog` that no check has doubted yet."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.doubted: set[tuple[str, date]] = set()

    def sound(self, row: Row) -> bool:
        """Say whether `row` has a value that no check has doubted yet."""
        return row.fact.value is not None and (row.id, row.fact.date) not in self.doubted

    def rows(self) -> Iterator[Row]:
        """Yield every sound row."""
        return (row for dated in self.catalog.rows.values() for row in dated if self.sound(row))

    def __iter__(self) -> Iterator[Price]:
        return (price for price in self._all if self.sound(price.row))

    def by(self, key: Callable[[Price], Hashable]) -> dict[Hashable, list[Price]]:
        """Return the sound prices in groups, each in order of date."""
        groups: dict[Hashable, list[Price]] = defaultdict(list)
        for price in self:
            groups[key(price)].append(price)
        for group in groups.values():
            group.sort(key=lambda price: price.date)
        return groups

    def in_force(self, row_id: str, day: date) -> Price | None:
        """Return the price of `row_id` in force on `day`, passing over doubtful ones, unless it is unknown or stale."""
        dated = self.catalog.rows.get(row_id, ())
        at = bisect_right(dated, day, key=lambda row: row.fact.date)
        row = next((row for row in reversed(dated[:at]) if (row_id, row.fact.date) not in self.doubted), None)
        if row is None or (day - row.fact.date).days > STALE_DAYS:
            return None
        return self._by_key.get((row_id, row.fact.date))

    def on_demand(self, price: Price) -> Price | None:
        """Return the on-demand price of the same offer in force on the day of `price`, in the same currency."""
        full = self.in_force(f"{price.offer.id}/on_demand_usd_per_gpu_hour", price.date)
        return full if full and full.row.fact.currency == price.row.fact.currency else None

    @cached_property
    def _by_key(self) -> dict[tuple[str, date], Price]:
        return {(price.row.id, price.date): price for price in self._all}

    @cached_property
    def _all(self) -> list[Price]:
        return [
            Price(row, offer, kind, float(row.fact.value), months)
            for name, offer, kind, months in _rates_of(self.catalog)
            for row in self.catalog.rows.get(name, ())
            if row.fact.value is not None
        ]


def _rates_of(catalog: Catalog) -> Iterator[tuple[str, Offer, Kind, int]]:
    """Yield row id, offer, kind and term of every rate; a savings plan's is a commitment on the offers in its scope."""
    offers: dict[str, Offer] = catalog.section("offers")
    for offer in offers.values():
        yield f"{offer.id}/on_demand_usd_per_gpu_hour", offer, "on-demand", 0
        yield f"{offer.id}/spot_usd_per_gpu_hour", offer, "spot", 0
        for one in offer.commitments:
            yield f"{offer.id}/{one.id}/usd_per_gpu_hour", offer, "commitment", one.term_months
    for plan in catalog.section("savings_plans").values():
        for scope in plan.usd_per_gpu_hour:
            yield f"{plan.id}/usd_per_gpu_hour/{scope}", offers[scope], "commitment", plan.term_months


def shown(value: float) -> str:
    """Return `value` for reading: four digits, more only before the point."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
