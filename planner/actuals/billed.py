"""What GPU-hours cost by the bills, against the price that a scenario has for the same offer.

Bills tell the price of what is bought by the hour, on demand or on spot. What a commitment that runs costs is not what
a new one would. An offer and a bill are the same where provider, GPU and region are, and the instance type where both
tell it. Nothing is guessed: what several offers could be is left as it is, and so is an offer that no bill shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from planner.actuals.monthly import charges_by_month, records
from planner.actuals.store import Store
from planner.catalog.load import Catalog
from planner.catalog.names import instance_slug
from planner.catalog.schema import Offer
from planner.prices import Prices, UnknownPrice
from planner.scenario.load import LoadedScenario

SAME = 0.02
"""Relative difference below which two prices are the same."""
ANY = "any"
_LEAST_HOURS = 1.0


@dataclass(frozen=True)
class Billed:
    """The price of a catalog row by the bills.

    Attributes
    ----------
    was, now : USD per GPU-hour in the first month that is planned, by the scenario and by the bills
    gpu_hours : that `now` rests on, of `months`
    """

    row: str
    was: float
    now: float
    gpu_hours: float
    months: tuple[str, ...]

    @property
    def factor(self) -> float:
        """By how much the price of the scenario is to be multiplied."""
        return self.now / self.was

    @property
    def differs(self) -> bool:
        """Say whether the two are not the same."""
        return abs(self.factor - 1) > SAME


@dataclass(frozen=True)
class ByBills:
    """Prices by the bills, by row, and what is left as it is.

    Attributes
    ----------
    unclear : offers of which a bill could be of several
    elsewhere : what bills show of a GPU that an offer of the same provider has, in other regions or instance types
    """

    prices: Sequence[Billed] = ()
    unclear: Sequence[str] = ()
    elsewhere: Sequence[str] = ()


def billed(store: Store, catalog: Catalog, loaded: LoadedScenario, last: int) -> ByBills:
    """Return the prices by the bills of the `last` months with bills before the start of `loaded`.

    Where a price stepped within these months, only those since the step count. GPU-hours are of usage alone,
    of nothing that stands unused or corrects other months.
    """
    start = loaded.scenario.start
    charges = charges_by_month(store, more=("instance_type",), where="doubt IS NULL")
    charges = charges[
        (charges["currency"] == loaded.scenario.currency) & (charges["gpu_hours"] > 0) & charges["gpu"].notna()
        & charges["pricing"].isin(["on_demand", "spot"]) & (charges["month"] < start)
    ]  # fmt: skip
    months = sorted(set(charges["month"]))[-last:]
    found: dict[str, dict[str, tuple[float, float]]] = {}
    unclear, elsewhere = set[str](), set[str]()
    for bill in records(charges[charges["month"].isin(months)]):
        alike = [one for one in _considered(catalog, loaded)
                 if (one.provider, one.gpu) == (bill["provider"], bill["gpu"])]  # fmt: skip
        offers = [one for one in alike if _same(one, bill)]
        if len(offers) > 1:
            unclear |= {one.id for one in offers}
        elif alike and not offers:
            named = bill["provider"], bill["instance_type"] or bill["gpu"], bill["region"]
            elsewhere.add(" ".join(filter(None, named)))
        elif offers:
            by_month = found.setdefault(f"{offers[0].id}/{bill['pricing']}_usd_per_gpu_hour", {})
            hours, usd = by_month.get(bill["month"], (0.0, 0.0))
            by_month[bill["month"]] = hours + bill["gpu_hours"], usd + bill["effective_cost"]
    book = Prices(catalog, loaded.scenario, loaded.book)
    return ByBills([one for row in sorted(found) for one in _priced(book, row, found[row])],
                   sorted(unclear), sorted(elsewhere))  # fmt: skip


def _priced(book: Prices, row: str, by_month: dict[str, tuple[float, float]]) -> Iterator[Billed]:
    """Yield the price since its last step, where the scenario has one to hold against it."""
    since = _since_step([(month, usd / hours) for month, (hours, usd) in sorted(by_month.items())])
    hours, usd = (sum(by_month[month][part] for month in since) for part in (0, 1))
    try:
        was = float(book.series(row).values[0])
    except UnknownPrice:
        return
    if was > 0 and usd > 0 and hours >= _LEAST_HOURS:
        yield Billed(row, was, usd / hours, hours, tuple(since))


def _since_step(prices: Sequence[tuple[str, float]]) -> list[str]:
    """Return the last months in a row whose price is that of the last.

    >>> _since_step([("2027-01", 4.0), ("2027-02", 4.8), ("2027-03", 4.81)])
    ['2027-02', '2027-03']
    """
    newest, months = prices[-1][1], list[str]()
    for month, price in reversed(prices):
        if abs(price - newest) > SAME * newest:
            break
        months.insert(0, month)
    return months


def _considered(catalog: Catalog, loaded: LoadedScenario) -> Iterator[Offer]:
    choice = loaded.scenario.offers
    for name, offer in catalog.section("offers").items():
        if name not in choice.exclude and (choice.consider is None or name in choice.consider):
            yield offer


def _same(offer: Offer, bill: Any) -> bool:
    """Say whether an offer of the bill's provider and GPU is what was billed."""
    ours, theirs = offer.instance_type, bill["instance_type"]
    named = not ours or not theirs or instance_slug(offer.provider, ours) == instance_slug(offer.provider, theirs)
    return named and (offer.region == ANY or _letters(offer.region) == _letters(bill["region"] or ""))


def _letters(region: str) -> list[str]:
    """Return what the names of a region have in common: Azure writes East US, eastus and US East."""
    return sorted(filter(str.isalnum, region.lower()))
