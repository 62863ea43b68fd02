"""Why actuals differ from the plan: price, volume, mix, utilization and timing, which add up to the difference.

Of GPU-hours, by item i (kind of capacity, provider, GPU) in a month; q hours at work, p the plan's rate per hour at
work, C what is paid for them, I what is paid for capacity that stands idle, Q the sum of q; A actual, P plan:

    price        C_A − p · q_A                           (actual rate − plan rate) × actual quantity
    volume       p · q_P · (Q_A ÷ Q_P − 1)               sums to (Q_A − Q_P) × the plan's average rate
    mix          p · (q_A − q_P · Q_A ÷ Q_P)             hours that moved among items, at the plan's rates
    utilization  I_A − I_P                               owned and committed capacity that is paid but idle
    timing       the part of volume that other months of the period offset

These are the flexible-budget variances of cost accounting: price, and quantity parted into volume ("sales quantity")
and mix (Horngren et al., Cost Accounting, chapters 7, 8 and 14). Of payments that have no quantity, as an invoice for
servers, the part that other months offset is timing; the rest is price, what was paid more for what was planned (the
"spending variance"), or mix, where nothing of it was planned.

Electricity of which all invoices tell the kWh is parted as GPU-hours are, by kWh, apart from the fleet that takes it.

An item without a plan rate in a month has that of the nearest month; where the plan never has it, its actual rate, so
that all of it is mix: nobody planned a price that it could miss. Where the plan has no hours at all, all is volume.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

LEAST_HOURS = 1e-6
"""Fewer are none: a rate by them would say nothing."""


class Item(NamedTuple):
    """What is paid for: a kind of capacity of a provider, or a cost component with neither provider nor GPU."""

    kind: str
    provider: str = ""
    gpu: str = ""


class Use(NamedTuple):
    """GPU-hours at work in a month, what they cost, and what idle capacity costs beside them."""

    hours: float = 0.0
    usd: float = 0.0
    idle_usd: float = 0.0


@dataclass(frozen=True)
class Parts:
    """A variance and its parts: actual − plan, USD."""

    price: float = 0.0
    volume: float = 0.0
    mix: float = 0.0
    utilization: float = 0.0
    timing: float = 0.0

    @property
    def total(self) -> float:
        """Return the sum of the parts."""
        return math.fsum(getattr(self, name) for name in PARTS)


PARTS = tuple(one.name for one in fields(Parts))
NO_USE = Use()
Found = dict[Item, dict[int, Parts]]
"""By item and month."""


def total(parts: Sequence[Parts]) -> Parts:
    """Return the sum of variances, part by part."""
    return Parts(*(math.fsum(getattr(one, name) for one in parts) for name in PARTS))


def of_hours(
    plan: Mapping[Item, Sequence[Use]], actual: Mapping[Item, Sequence[Use]], compared: Sequence[int]
) -> Found:
    """Return the variance of capacity by item and month.

    Parameters
    ----------
    plan, actual : a Use for each month of the plan; an item that one of them lacks has none there
    compared : months to compare, by their place
    """
    found: Found = {item: {} for item in sorted({*plan, *actual})}
    for t in compared:
        pairs = {item: (_at(plan, item, t), _at(actual, item, t)) for item in found}
        planned, used = (math.fsum(pair[side].hours for pair in pairs.values()) for side in (0, 1))
        growth = used / planned if planned > LEAST_HOURS else None
        for item, (ours, theirs) in pairs.items():
            rate = plan_rate(plan.get(item, ()), t)
            if rate is None:
                rate = _rate(theirs) or 0.0
            if growth is None:
                volume, mix = rate * (theirs.hours - ours.hours), 0.0
            else:
                volume, mix = rate * ours.hours * (growth - 1), rate * (theirs.hours - ours.hours * growth)
            found[item][t] = Parts(
                price=(theirs.usd - rate * theirs.hours) - (ours.usd - rate * ours.hours),
                volume=volume, mix=mix, utilization=theirs.idle_usd - ours.idle_usd,
            )  # fmt: skip
    sums = [math.fsum(by_month[t].volume for by_month in found.values()) for t in compared]
    for t, share in zip(compared, _offset(sums), strict=True):
        for by_month in found.values():
            moved = by_month[t].volume * share
            by_month[t] = replace(by_month[t], volume=by_month[t].volume - moved, timing=moved)
    return found


def of_payments(
    plan: Mapping[Item, Sequence[float]], actual: Mapping[Item, Sequence[float]], compared: Sequence[int]
) -> Found:
    """Return the variance of payments without a quantity, by item and month."""
    found: Found = {}
    for item in sorted({*plan, *actual}):
        ours, theirs = ([side[item][t] if item in side else 0.0 for t in compared] for side in (plan, actual))
        differences = [other - own for own, other in zip(ours, theirs, strict=True)]
        found[item] = {}
        for t, amount, share in zip(compared, differences, _offset(differences), strict=True):
            rest = amount - amount * share
            found[item][t] = Parts(timing=amount * share, **{"price" if any(ours) else "mix": rest})
    return found


def plan_rate(uses: Sequence[Use], month: int) -> float | None:
    """Return USD per GPU-hour at work in the month, or the nearest with hours, the earlier of two; None: none has."""
    known = [t for t, one in enumerate(uses) if one.hours > LEAST_HOURS]
    return _rate(uses[min(known, key=lambda t: (abs(t - month), t))]) if known else None


def _rate(use: Use) -> float | None:
    return use.usd / use.hours if use.hours > LEAST_HOURS else None


def _at(side: Mapping[Item, Sequence[Use]], item: Item, month: int) -> Use:
    return side[item][month] if item in side else NO_USE


def _offset(amounts: Sequence[float]) -> list[float]:
    """Return the share of each amount that amounts of the other sign offset; with these shares they sum to 0.

    >>> _offset([-10, 0, 4]), _offset([-1, -2])
    ([0.4, 0.0, 1.0], [0.0, 0.0])
    """
    more, less = (math.fsum(max(sign * one, 0.0) for one in amounts) for sign in (1, -1))
    both = min(more, less)
    return [0.0 if not both or not one else both / (more if one > 0 else less) for one in amounts]
