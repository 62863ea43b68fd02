"""Names the slip that turns a plausible price into an implausible one: the wrong unit, read as the right one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.catalog.checks.prices import Price, shown
from planner.units import HOURS_PER_MONTH

TOLERANCE = 0.03


def slip_to(price: Price, sibling: float) -> str | None:
    """Say which slip makes `price` of a price like `sibling`; None when none fits."""
    near = sibling * (1 - TOLERANCE), sibling * (1 + TOLERANCE)
    return next(_fitting(price, *near, [*_units(price), (10, "a decimal lost")]), None)


def slip_into(price: Price, low: float, high: float) -> str | None:
    """Say which slip, undone, would bring `price` between `low` and `high`; None unless exactly one would."""
    fitting = list(_fitting(price, low, high, _units(price)))
    return fitting[0] if len(fitting) == 1 else None


def _fitting(price: Price, low: float, high: float, slips: Iterable[tuple[float, str]]) -> Iterator[str]:
    for factor, what in slips:
        for undone, sign in ((price.value / factor, "÷"), (price.value * factor, "×")):
            if low <= undone <= high:
                yield f"{sign} {shown(factor)} ({what}) it would be {shown(undone)}"


def _units(price: Price) -> Iterator[tuple[float, str]]:
    gpus, months = price.offer.gpus, price.term_months
    counts = [gpus] if gpus > 1 else [8, 4, 2]  # a price by the GPU may be that of a whole instance
    periods = [(HOURS_PER_MONTH, "hours of a month")]
    if months:
        periods += [(HOURS_PER_MONTH * months, "hours of the term"), (months, "months of the term")]
    for count in counts:
        yield count, f"{count} GPUs of an instance"
    yield from periods
    for count in counts:
        for hours, what in periods:
            yield count * hours, f"{count} GPUs × {what}"
    yield 100, "cents, or two decimals lost"
