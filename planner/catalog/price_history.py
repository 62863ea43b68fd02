"""The steps by which prices of the catalog moved, how often they come, and price paths made of them.

List prices stand still for long and then step. What is measured, from facts dated up to a day and no later one:

* A row is *read* where it has a price, neither unknown nor in doubt, in the currency that it has on the day. Of its
  readings, in order of date, those count that come 90 days or more after the last one that counted. So a market read
  every month weighs no more than a list read every quarter, and its noise is not taken for steps.
* A *step* is a reading that differs by 1 % or more from the price since the last step; less is rounding. Prices that
  rise are steps like those that fall.
* rate = steps ÷ row-years, from the first to the last reading of every row. Rows that never moved count with their
  years, else only movers would be asked; rows read once were not watched, and count for nothing. This is the estimate
  of a Poisson rate with exposure (Cox and Lewis, The Statistical Analysis of Series of Events, 1966), used for list
  prices since Bils and Klenow, Some Evidence on the Importance of Sticky Prices (2004). spacing = 1 ÷ rate.
* q10, q50 and q90 are quantiles of the steps' factors, interpolated between their logarithms.

A path multiplies today's price after n steps by

    likely: q50ⁿ        low, high: q50ⁿ × (q ÷ q50)^√n, with q of q10 or q90

One step low is the measured q10; more steps spread as sums of independent ones do, with √n, since nobody is lucky
every time. The first step comes one spacing after the last that was seen in any of the rows, at the earliest on the
day; the others a spacing apart. Each holds from the first month that begins after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

import numpy as np

from planner.catalog.catalog import Catalog, Row
from planner.catalog.difference import published
from planner.catalog.patterns import matching
from planner.errors import Complaint, InputError, Place

PathCase = Literal["low", "likely", "high"]
QUANTILES: dict[PathCase, float] = {"low": 0.1, "likely": 0.5, "high": 0.9}
"""Which quantile of the steps' factors a path follows."""

DAYS_APART = 90
"""Least time between two readings of a row that count."""
ROUNDING = 0.01
"""A price that differs by less is the same."""
MIN_STEPS = 4
"""The standard error of a Poisson rate is 1/√steps of it: half."""
MIN_ROW_YEARS = 2
MIN_DAYS = 365
"""From the first reading to the last of any row: one swing of a market, seen in many rows, is no history."""

_DAYS_PER_YEAR = Fraction(1461, 4)


@dataclass(frozen=True)
class Step:
    """One change of a row's price.

    Attributes
    ----------
    since : day on which the old price was first read
    date : day on which the new one was
    factor : new ÷ old
    """

    row: str
    since: date
    date: date
    factor: float


@dataclass(frozen=True)
class History:
    """What rows of one unit and currency were seen to do.

    Attributes
    ----------
    rows : how many were read again, 90 days or more later
    days : how long they were watched, summed over the rows
    first, last : days of the first and the last reading; None without any
    steps : by date
    """

    rows: int
    days: int
    first: date | None
    last: date | None
    steps: tuple[Step, ...]

    @property
    def row_years(self) -> float:
        """How long the rows were watched, summed."""
        return float(self.days / _DAYS_PER_YEAR)

    @property
    def spacing_days(self) -> Fraction:
        """Mean time between two steps of a row."""
        return Fraction(self.days, len(self.steps))

    @property
    def enough(self) -> bool:
        """Whether a path can be made of it."""
        span = (self.last - self.first).days if self.first and self.last else 0
        return len(self.steps) >= MIN_STEPS and self.row_years >= MIN_ROW_YEARS and span >= MIN_DAYS

    def __str__(self) -> str:
        if self.first is None:
            return f"no row read twice, {DAYS_APART} days or more apart"
        steps, days = _count(len(self.steps), "step"), _count(len({step.date for step in self.steps}), "day")
        watched = f"{self.row_years:.1f} row-years of {_count(self.rows, 'row')}, {self.first} to {self.last}"
        return f"{steps} on {days} in {watched}" if self.steps else f"no step in {watched}"

    def factors(self, case: PathCase, day: date, months: Sequence[str]) -> list[float]:
        """Return what a price of `day` is multiplied by in each of `months`. Needs `enough` history."""
        logs = np.log([step.factor for step in self.steps])
        middle, followed = (float(one) for one in np.quantile(logs, [0.5, QUANTILES[case]]))
        counts = self._steps_before(day, months)
        return [math.exp(n * middle + math.sqrt(n) * (followed - middle)) for n in counts]

    def _steps_before(self, day: date, months: Iterable[str]) -> list[int]:
        """How many steps of a path from `day` on come before each month begins."""
        first = max(self.steps[-1].date.toordinal() + self.spacing_days, Fraction(day.toordinal()))
        begins = (date.fromisoformat(f"{month}-01").toordinal() for month in months)
        return [max(0, math.ceil((begin - first) / self.spacing_days)) for begin in begins]


def changes(months: Sequence[str], factors: Sequence[float]) -> dict[str, float]:
    """Return the months in which a path moves, with the factor from then on.

    >>> changes(["2027-01", "2027-02", "2027-03"], [1.0, 0.5, 0.5])
    {'2027-02': 0.5}
    """
    before = [1.0, *factors]
    return {month: factor for month, factor, old in zip(months, factors, before, strict=False) if factor != old}


def measured(catalog: Catalog, row_ids: Iterable[str], day: date) -> History:
    """Return what the rows did up to `day`; they should be of one unit and currency."""
    read = [readings for row_id in row_ids if len(readings := _readings(catalog.rows[row_id], day)) > 1]
    steps = sorted((step for readings in read for step in _steps(readings)), key=lambda one: (one.date, one.row))
    spans = [(readings[0].fact.date, readings[-1].fact.date) for readings in read]
    return History(
        len(read), sum((last - first).days for first, last in spans), min((first for first, _ in spans), default=None),
        max((last for _, last in spans), default=None), tuple(steps),
    )  # fmt: skip


def pools(catalog: Catalog, row_ids: Iterable[str], day: date) -> dict[tuple[str, str], list[str]]:
    """Return which rows with a price up to `day` may be measured together: those of one unit and currency."""
    found: dict[tuple[str, str], list[str]] = {}
    for row_id in row_ids:
        if known := _known(catalog.rows[row_id], day):
            found.setdefault((known[-1].unit, known[-1].fact.currency), []).append(row_id)
    return found


def learned(catalog: Catalog, patterns: Sequence[str], day: date) -> History:
    """Return the history, up to `day`, of the rows whose ids match one of `patterns`.

    Raises
    ------
    InputError
        when the rows are of several units or currencies, or too little is known for a path.
    """
    pooled = pools(catalog, matching(catalog.rows, patterns), day)
    place, names = Place(str(catalog.folder)), ", ".join(patterns)
    if len(pooled) > 1:
        kinds = ", ".join(f"{unit} in {currency}" for unit, currency in sorted(pooled))
        cure = "name rows of one unit, as in 'aws-*/on_demand_usd_per_gpu_hour'"
        raise InputError([Complaint(place, names, "would learn from prices of several kinds", kinds, cure=cure)])
    history = measured(catalog, next(iter(pooled.values()), []), day)
    if not history.enough:
        allowed = (
            f"at least {MIN_STEPS} steps, {MIN_ROW_YEARS} row-years, and {MIN_DAYS} days from first to last reading"
        )
        cure = "learn from more rows (like: [\"*/on_demand_usd_per_gpu_hour\"]), or state a path of your own " \
               "(kind: step, annual_rate or factors); planner catalog show --paths shows what was measured"  # fmt: skip
        message = f"has too little price history up to {day}"
        raise InputError([Complaint(place, names, message, str(history), allowed, cure)])
    return history


def _known(dated: Iterable[Row], day: date) -> list[Row]:
    return [row for row in dated if row.fact.date <= day and published(row)]


def _readings(dated: Iterable[Row], day: date) -> list[Row]:
    """The readings of a row that count; a price of 0 is none, since no factor leads to it or from it."""
    kept: list[Row] = []
    known = _known(dated, day)
    for row in known:
        if row.fact.currency == known[-1].fact.currency and (
            not kept or (row.fact.date - kept[-1].fact.date).days >= DAYS_APART
        ):
            kept.append(row)
    return kept


def _steps(readings: Sequence[Row]) -> Iterable[Step]:
    standing = readings[0]
    for row in readings[1:]:
        old, new = published(standing), published(row)
        assert old  # as they were chosen
        assert new
        factor = float(new / old)
        if abs(factor - 1) >= ROUNDING:
            yield Step(row.id, standing.fact.date, row.fact.date, factor)
            standing = row


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
