"""Prices of one's own over list prices: which quotes and discounts count for a row, day by day.

They count in a fixed order: quotes by their date (of two of one day the later in the book), discounts of the book, then
discounts of the scenario. What a price was before each of them is kept, so that its effect is a line of its own
(planner/costs/negotiated.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
UsdPer = Mapping[str, Decimal]
"""USD for one unit of each currency that has a rate."""


@dataclass(frozen=True)
class Entry:
    """One agreement.

    Attributes
    ----------
    id, source : what a report calls it, and where it is written
    applies : whether it is about a catalog row
    holds : array [t], on which days or in which months it counts
    value : USD for a quote (NaN in a currency without a rate), a fraction of the price for a discount
    note : why it never counts
    """

    id: str
    kind: Literal["quote", "discount"]
    rows: str
    source: str
    applies: Callable[[Row], bool]
    holds: Bools
    value: float
    note: str = ""


def agreed(book: PriceBook, scenario: Scenario, usd_per: UsdPer) -> tuple[Entry, ...]:
    """Return every agreement of a scenario in the order in which they count, month by month.

    What holds on a month's first day, or on as_of where that is later, counts in the month.
    """
    firsts = (date.fromisoformat(f"{month_label(scenario.start, t)}-01") for t in range(scenario.horizon_months))
    days = [max(first, scenario.as_of) for first in firsts]
    of_scenario = [_of_scenario(discount, days) for discount in scenario.discounts]
    return tuple(_told_apart([*entries(book, days, scenario.as_of, usd_per), *of_scenario]))


def entries(book: PriceBook, days: Sequence[date], as_of: date, usd_per: UsdPer) -> Iterator[Entry]:
    """Yield quotes and discounts of `book` in the order in which they count on `days`, as they are known on `as_of`."""
    for quote in sorted(book.quotes, key=lambda one: one.date):
        yield _quote(quote, days, as_of, usd_per.get(quote.currency))
    for discount in book.discounts:
        yield _of_book(discount, days)


def stepwise(on_row: Collection[Entry], price: Floats) -> list[Floats]:
    """Return `price`, and what it is after each entry: a quote takes its place, a discount counts where none holds."""
    steps, discounted = [price], ~where_quoted(on_row)
    for entry in on_row:
        before = steps[-1]
        if entry.kind == "quote":
            steps.append(np.where(entry.holds, entry.value, before))
        else:
            steps.append(np.where(entry.holds & discounted, before * (1 - entry.value), before))
    return steps


def where_quoted(on_row: Collection[Entry]) -> Bools:
    """Say on which days a quote holds; a single False where there are no quotes."""
    return np.asarray(np.any([entry.holds for entry in on_row if entry.kind == "quote"], axis=0))


def in_force(on_row: Collection[Entry]) -> list[Entry]:
    """Return which entries make the price on the first day: the last quote that holds, or else every discount."""
    held = [entry for entry in on_row if entry.holds[0]]
    return [entry for entry in held if entry.kind == "quote"][-1:] or held


def net(book: PriceBook, row: Row, listed: float | None, day: date) -> tuple[float | None, list[str]]:
    """Return what `row` costs on `day` by the book, in the currency of quote or row, and the agreements that say so."""
    as_written: dict[str, Decimal] = {quote.currency: Decimal(1) for quote in book.quotes}
    on_row = [entry for entry in entries(book, [day], day, as_written) if entry.applies(row)]
    price = float(stepwise(on_row, np.array([math.nan if listed is None else listed]))[-1][0])
    return (None, []) if math.isnan(price) else (price, [entry.id for entry in in_force(on_row)])


def _quote(quote: Quote, days: Sequence[date], as_of: date, rate: Decimal | None) -> Entry:
    note = ""
    if quote.date > as_of:
        note = f"is of {quote.date}, and prices are those of {as_of}"
    elif rate is None:
        note = f"is in {quote.currency}; exchange_rates has no rate for it"
    holds = np.array([not note and quote.covers(day) for day in days], bool)
    usd = math.nan if rate is None else float(quote.value * rate)
    return Entry(quote.id, "quote", quote.row, quote.source, lambda row: row.id == quote.row, holds, usd, note)


def _of_book(discount: BookDiscount, days: Sequence[date]) -> Entry:
    def applies(row: Row) -> bool:
        return is_price(row) and fnmatchcase(row.id, discount.rows)

    holds = np.array([discount.covers(day) for day in days], bool)
    return Entry(discount.id, "discount", discount.rows, discount.source, applies, holds, float(discount.fraction))


def _of_scenario(discount: Discount, days: Sequence[date]) -> Entry:
    def applies(row: Row) -> bool:
        kind = "api" if row.kind == "api_offer" else _RENTED.get(row.unit) if row.kind == "offer" else None
        return row.provider == discount.provider and kind is not None and discount.kind in (kind, "all")

    what = f"discount of {discount.provider} on {discount.kind.replace('_', '-')}"
    throughout = np.ones(len(days), bool)
    return Entry(what, "discount", what, discount.source, applies, throughout, float(discount.fraction))


_RENTED = {
    "on_demand_usd_per_gpu_hour": "on_demand", "spot_usd_per_gpu_hour": "spot", "usd_per_gpu_hour": "commitments",
}  # fmt: skip


def _told_apart(found: Iterable[Entry]) -> Iterator[Entry]:
    """Yield `found` with a number in every id that stands before: effects are summed by id."""
    times = Counter[str]()
    for entry in found:
        times[entry.id] += 1
        yield entry if times[entry.id] == 1 else replace(entry, id=f"{entry.id} ({times[entry.id]})")
