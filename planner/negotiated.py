"""Prices of one's own over list prices: which entries of the price book count for a row, month by month.

Entries count in a fixed order: quotes, discounts of the book, then discounts of the scenario. What a price was before
each of them is kept, so that its effect is a line of its own (planner/costs/negotiated.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.catalog.load import Row
from planner.scenario.price_book import BookDiscount, PriceBook, Quote, is_price
from planner.scenario.price_schema import Discount
from planner.scenario.schema import Scenario
from planner.units import month_label

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Entry:
    """One agreement.

    Attributes
    ----------
    id, source : what a report calls it, and where it is written
    applies : whether it is about a catalog row
    months : array [t], where it counts
    value : USD for a quote, a fraction of the price for a discount
    """

    id: str
    kind: Literal["quote", "discount"]
    rows: str
    source: str
    applies: Callable[[Row], bool]
    months: Bools
    value: float

    def applied(self, price: Floats, quoted: Bools) -> Floats:
        """Return `price` with this entry: a quote takes its place, a discount counts where there is no quote."""
        if self.kind == "quote":
            return np.where(self.months, self.value, price)
        return np.where(self.months & ~quoted, price * (1 - self.value), price)


def entries(book: PriceBook, scenario: Scenario, usd_per: Mapping[str, Decimal]) -> tuple[Entry, ...]:
    """Return every agreement in the order in which they count; a quote in a currency without a rate is left out."""
    quotes = sorted((one for one in book.quotes if one.date <= scenario.as_of), key=lambda one: one.date)
    return _told_apart(
        *(_quote(one, scenario, float(one.value * rate)) for one in quotes
          if (rate := usd_per.get(one.currency)) is not None),
        *(_book_discount(one, scenario) for one in book.discounts),
        *_scenario_discounts(scenario),
    )  # fmt: skip


def _told_apart(*found: Entry) -> tuple[Entry, ...]:
    """Return `found` with a number in every id that stands before: effects are summed by id."""
    before = Counter[str]()
    apart = []
    for entry in found:
        before[entry.id] += 1
        again = before[entry.id]
        apart.append(entry if again == 1 else replace(entry, id=f"{entry.id} ({again})"))
    return tuple(apart)


def net(book: PriceBook, row: Row, listed: float | None, day: date) -> tuple[float | None, list[str]]:
    """Return what `row` costs on `day` by the book, in the currency of quote or row, and the agreements that say so."""
    quotes = [one for one in book.quotes if one.row == row.id and one.covers(day)]
    if quotes:
        newest = max(quotes, key=lambda one: one.date)
        return float(newest.value), [newest.id]
    counted = [one for one in book.discounts if one.covers(day) and is_price(row) and fnmatchcase(row.id, one.rows)]
    if listed is None or not counted:
        return listed, []
    return listed * math.prod(float(1 - one.fraction) for one in counted), [one.id for one in counted]


def not_counted(book: PriceBook, scenario: Scenario, usd_per: Mapping[str, Decimal]) -> Iterator[tuple[str, str]]:
    """Yield id and reason of every entry of the book that counts in no month of the scenario."""
    for quote in book.quotes:
        if quote.date > scenario.as_of:
            yield quote.id, f"is of {quote.date}, and prices are those of {scenario.as_of}"
        elif quote.currency not in usd_per:
            yield quote.id, f"is in {quote.currency}; exchange_rates has no rate for it"
    for entry in entries(book, scenario, usd_per):
        if not entry.months.any():
            yield entry.id, "does not hold in any month of the plan"


def _months(scenario: Scenario, covers: Callable[[date], bool]) -> Bools:
    """Say for every month whether an agreement holds on its first day, or on as_of where that is later."""
    firsts = (date.fromisoformat(f"{month_label(scenario.start, t)}-01") for t in range(scenario.horizon_months))
    return np.array([covers(max(first, scenario.as_of)) for first in firsts], bool)


def _quote(quote: Quote, scenario: Scenario, usd: float) -> Entry:
    return Entry(quote.id, "quote", quote.row, quote.source, lambda row: row.id == quote.row,
                 _months(scenario, quote.covers), usd)  # fmt: skip


def _book_discount(discount: BookDiscount, scenario: Scenario) -> Entry:
    def applies(row: Row) -> bool:
        return is_price(row) and fnmatchcase(row.id, discount.rows)

    return Entry(discount.id, "discount", discount.rows, discount.source, applies,
                 _months(scenario, discount.covers), float(discount.fraction))  # fmt: skip


def _scenario_discounts(scenario: Scenario) -> Iterator[Entry]:
    throughout = np.ones(scenario.horizon_months, bool)
    for discount in scenario.discounts:
        what = f"discount of {discount.provider} on {discount.kind.replace('_', '-')}"
        yield Entry(what, "discount", what, discount.source, lambda row, of=discount: _is_of(row, of),  # type: ignore[misc]
                    throughout, float(discount.fraction))  # fmt: skip


def _is_of(row: Row, discount: Discount) -> bool:
    """Say whether `row` is a price of the provider and way of renting that `discount` is on."""
    if row.provider != discount.provider:
        return False
    kind = "api" if row.kind == "api_offer" else _RENTED.get(row.unit, "") if row.kind == "offer" else ""
    return bool(kind) and discount.kind in (kind, "all")


_RENTED = {
    "on_demand_usd_per_gpu_hour": "on_demand", "spot_usd_per_gpu_hour": "spot", "usd_per_gpu_hour": "commitments",
}  # fmt: skip
