"""The prices in force for one scenario: catalog rows with overrides, currency, discounts and paths applied.

The one place where a recorded Decimal becomes a modelled float. Every row that is asked for is remembered, so that
a report can list what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache, partial, reduce
from operator import mul
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.catalog.load import Catalog, Row
from planner.catalog.price_history import learned
from planner.negotiated import Bools, Entry, agreed, in_force, stepwise, where_quoted
from planner.scenario.price_book import PriceBook, is_price
from planner.scenario.price_schema import PriceOverride, PricePath
from planner.scenario.schema import Scenario
from planner.units import MONTHS_PER_YEAR, month_label, months_between

Floats = NDArray[np.float64]
NO_BOOK = PriceBook()


class UnknownPrice(Exception):  # noqa: N818
    """A row has no value on the day asked for; the message says which row and why."""


@dataclass(frozen=True)
class Factor:
    """One step in the making of a price: the id of a catalog row, or in words what the price is multiplied by.

    Attributes
    ----------
    value : as recorded, or in the first month
    """

    what: str
    kind: Literal["row", "exchange rate", "price path", "quote", "discount", "count", "what-if"]
    value: float


@dataclass(frozen=True)
class Series:
    """A value for each month, the catalog rows it was made from, and how.

    Attributes
    ----------
    values : array [t], as it is paid
    rows : catalog row ids, most important first
    factors : their product is the value in the first month
    before : for each agreement that changes it, by its index: the values without that one and those after it
    """

    values: Floats
    rows: tuple[str, ...]
    factors: tuple[Factor, ...] = ()
    before: tuple[tuple[int, Floats], ...] = ()

    def __mul__(self, other: Series) -> Series:
        changed = sorted({index for index, _ in (*self.before, *other.before)})
        before = tuple((index, self.without(index) * other.without(index)) for index in changed)
        return Series(self.values * other.values, self.rows + other.rows, self.factors + other.factors, before)

    def times(self, number: float, what: str) -> Series:
        """Return the series multiplied by the count `number`, which is remembered by the words `what`."""
        return self._multiplied(Factor(what, "count", number), number)

    def _multiplied(self, by: Factor, number: float | Floats) -> Series:
        before = tuple((index, values * number) for index, values in self.before)
        return replace(self, values=self.values * number, factors=(*self.factors, by), before=before)

    def scaled(self, factor: float, what: str, since: int = 0) -> Series:
        """Return the series times `factor` of a what-if from month `since` on; the words `what` remember it."""
        by = np.where(np.arange(len(self.values)) < since, 1.0, factor)
        return self._multiplied(Factor(what, "what-if", float(by[0])), by)

    def without(self, index: int) -> Floats:
        """Return the values with only the agreements before `index`; 0 is the list price."""
        return next((values for changed, values in self.before if changed >= index), self.values)

    def same_as(self, t: int) -> int:
        """Return the first month with the value of month t, also before each agreement."""
        steps = np.array([*(values for _, values in self.before), self.values])
        return int((steps == steps[:, [t]]).all(axis=0).argmax())

    @property
    def now(self) -> float:
        """The value in the first month."""
        return float(self.values[0])


@dataclass(frozen=True)
class Evidence:
    """One line of the assumptions register: a row that the plan used, with its value and where it came from."""

    row: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    currency: str
    date: str
    source: str
    basis: str
    confidence: str
    place: str
    note: str


class Prices:
    """Answers what a catalog row is worth in each month of a scenario.

    Parameters
    ----------
    catalog : the rows
    scenario : the day, overrides, discounts, paths and exchange rates
    book : quotes and discounts of one's own
    """

    def __init__(self, catalog: Catalog, scenario: Scenario, book: PriceBook = NO_BOOK) -> None:
        self.catalog = catalog
        self.scenario = scenario
        self._usd_per = {"USD": Decimal(1)}
        self._usd_per.update((rate.currency, rate.usd_per_unit) for rate in scenario.exchange_rates)
        self.agreements = agreed(book, scenario, self._usd_per)
        self._used: dict[str, Evidence] = {}
        self._learned = cache(partial(learned, catalog, day=scenario.as_of))

    @property
    def evidence(self) -> list[Evidence]:
        """Every row that was asked for so far, by row id."""
        return [self._used[row] for row in sorted(self._used)]

    def known(self, row_id: str) -> bool:
        """Say whether `row_id` exists and has a value in force, without counting it as used."""
        try:
            self._value(row_id, note_use=False)
        except UnknownPrice:
            return bool(self._quoted(row_id).all())
        return True

    def number(self, row_id: str) -> float:
        """Return the value of `row_id` on the scenario's day. Raises UnknownPrice when there is none."""
        return float(self._value(row_id) * self.scenario.scale.of(row_id))

    def months(self, row_id: str) -> int:
        """Return a number of months: begun ones count, and a what-if moves them to the nearest."""
        return self.scenario.scale.months(row_id, self._value(row_id))

    def series(self, row_id: str) -> Series:
        """Return the value of `row_id` in each month: moved along its price path, negotiated, then what-ifs.

        Raises UnknownPrice where a month has neither a list price nor a quote.
        """
        try:
            listed = self._listed(row_id)
        except UnknownPrice as error:
            quoted = self._quoted(row_id)
            if not quoted.any():
                raise
            if not quoted.all():
                raise UnknownPrice(f"{error}; and its quotes do not hold in every month of the plan") from None
            listed = Series(np.full(self.scenario.horizon_months, np.nan), (row_id,))
        found = self._negotiated(row_id, listed)
        for factor, since in self.scenario.scale.steps(row_id, self.scenario.start):
            found = found.scaled(float(factor), f"what-if on {row_id}", since)
        return found

    def _listed(self, row_id: str) -> Series:
        value, path = float(self._value(row_id)), self._path(row_id)
        recorded = self._used[row_id]
        factors = [Factor(row_id, "row", value)]
        if recorded.value is not None and recorded.value != value:  # recorded in another currency
            rate = Factor(f"USD for one {recorded.currency}", "exchange rate", value / recorded.value)
            factors = [Factor(row_id, "row", recorded.value), rate]
        if (path != 1).any():
            factors.append(Factor(f"price path of {row_id} in the first month", "price path", float(path[0])))
        return Series(value * path, (row_id,), tuple(factors))

    def _negotiated(self, row_id: str, listed: Series) -> Series:
        """Return a price with every agreement on its row; an unknown list price has no line of its own to differ."""
        on_row = self._agreed(row_id)
        steps, factors = stepwise(on_row.values(), listed.values), list(listed.factors)
        changes = zip(on_row, steps, steps[1:], strict=False) if not np.isnan(listed.values).any() else ()
        for entry in in_force(on_row.values()):
            if entry.kind == "quote":
                factors = [Factor(f"quote {entry.id} for {row_id}", "quote", entry.value)]
            else:
                factors.append(Factor(f"1 − {entry.id}", "discount", 1 - entry.value))
        before = tuple((index, old) for index, old, new in changes if (new != old).any())
        return Series(steps[-1], listed.rows, tuple(factors), before)

    def _quoted(self, row_id: str) -> Bools:
        """Say for every month whether a quote holds for `row_id`."""
        return where_quoted(self._agreed(row_id).values())

    def _agreed(self, row_id: str) -> dict[int, Entry]:
        """Return every agreement on `row_id` by its index; a price that the scenario sets itself needs no quote."""
        dated = self.catalog.rows.get(row_id, ())
        return {
            index: entry for index, entry in enumerate(self.agreements)
            if dated and entry.applies(dated[0]) and not (entry.kind == "quote" and row_id in self.scenario.prices)
        }  # fmt: skip

    def product(self, row_ids: Iterable[str]) -> Series:
        """Return the product of several rows, such as GPU price × server-to-GPU cost ratio."""
        return reduce(mul, map(self.series, row_ids))

    def _value(self, row_id: str, note_use: bool = True) -> Decimal:
        override = self.scenario.prices.get(row_id)
        if override is not None:
            if note_use:
                self._used[row_id] = self._evidence_of_override(row_id, override)
            return override.value if isinstance(override, PriceOverride) else override
        day: date = self.scenario.as_of
        row = self.catalog.in_force(row_id, day)
        if row is None:
            dated = self.catalog.rows.get(row_id)
            reason = (
                f"no value in force on {day}, the first is of {dated[0].fact.date}" if dated else "not in the catalog"
            )
            raise UnknownPrice(f"{row_id}: {reason}")
        fact = row.fact
        if note_use:
            low, high = (None if bound is None else float(bound) for bound in (fact.low, fact.high))
            value = None if fact.value is None or row.quarantined else float(fact.value)
            self._used[row_id] = Evidence(
                row_id, value, low, high, row.unit, fact.currency, fact.date.isoformat(), fact.source, fact.basis,
                fact.confidence, self.catalog.relative(row.place), self._note(row))  # fmt: skip
        if row.quarantined:
            raise UnknownPrice(f"{row_id}: quarantined: {row.quarantined}")
        if fact.value is None:
            raise UnknownPrice(f"{row_id}: unknown: {fact.unknown}")
        if not is_price(row):
            return fact.value
        if fact.currency not in self._usd_per:
            raise UnknownPrice(f"{row_id}: is in {fact.currency}; exchange_rates has no rate for it")
        return fact.value * self._usd_per[fact.currency]

    def _evidence_of_override(self, row_id: str, override: PriceOverride | Decimal) -> Evidence:
        """An override is the user's own word, never in doubt; that it stands for a quarantined price is noted."""
        unit = self.catalog.rows[row_id][0].unit
        doubtful = self.catalog.in_doubt(row_id, self.scenario.as_of)
        note = f"the catalog's own is quarantined: {doubtful.quarantined}" if doubtful else ""
        place = f"scenario {self.scenario.name}, prices"
        if isinstance(override, PriceOverride):
            low, high = (None if bound is None else float(bound) for bound in (override.low, override.high))
            return Evidence(row_id, float(override.value), low, high, unit, "USD", override.date.isoformat(),
                            override.source, "scenario", "scenario", place, note)  # fmt: skip
        as_of = self.scenario.as_of.isoformat()
        return Evidence(row_id, float(override), None, None, unit, "USD", as_of, "scenario", "scenario", "scenario",
                        place, note)  # fmt: skip

    def _note(self, row: Row) -> str:
        """Return what a reader must know of `row`, first that a newer one is in doubt and not published."""
        if row.quarantined:
            return f"quarantined: {row.quarantined}"
        newer, note = self.catalog.in_doubt(row.id, self.scenario.as_of), row.fact.unknown or row.fact.note or ""
        doubt = f"{newer.fact.value} of {newer.fact.date} is quarantined: {newer.quarantined}" if newer else ""
        return "; ".join(filter(None, (doubt, note)))

    def _path(self, row_id: str) -> Floats:
        """Factor by month; the last matching path of the scenario counts."""
        labels = [month_label(self.scenario.start, t) for t in range(self.scenario.horizon_months)]
        for path in reversed(self.scenario.price_paths):
            if fnmatchcase(row_id, path.rows):
                if path.case is not None:
                    return np.array(self._learned(path.learned_from).factors(path.case, self.scenario.as_of, labels))
                return _factors(path, self.scenario, labels)
        return np.ones(len(labels))


def _factors(path: PricePath, scenario: Scenario, labels: list[str]) -> Floats:
    if path.kind == "step":
        assert path.month is not None
        assert path.factor is not None
        return np.array([float(path.factor) if label >= path.month else 1.0 for label in labels])
    if path.kind == "annual_rate":
        assert path.annual_rate is not None
        since = months_between(scenario.as_of.isoformat(), scenario.start)
        years = (since + np.arange(len(labels))) / MONTHS_PER_YEAR
        return np.asarray((1 + float(path.annual_rate)) ** years)
    if path.kind == "factors":
        assert path.factors is not None
        dated = sorted(path.factors.items())
        return np.array([_latest(dated, label) for label in labels])
    return np.ones(len(labels))


def _latest(dated: list[tuple[str, Decimal]], label: str) -> float:
    return next((float(value) for month, value in reversed(dated) if month <= label), 1.0)
