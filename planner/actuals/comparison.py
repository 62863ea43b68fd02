"""Plan and actuals side by side: the months that can be compared, and what is on either side of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner.actuals.actual_months import ActualMonths, actual_months
from planner.actuals.completeness import why_not
from planner.actuals.plan_months import OWNED, RENTED, PlanMonths, plan_months
from planner.actuals.reach import reaches
from planner.actuals.sides import Sides, both_sides
from planner.actuals.variance import Item
from planner.errors import Complaint, InputError, Place
from planner.units import month_label

if TYPE_CHECKING:
    from planner.actuals.store import Store
    from planner.catalog.load import Catalog

BAND = 0.05


@dataclass(frozen=True)
class Scope:
    """What is compared, and how.

    Attributes
    ----------
    first, last : months, or None: from the plan's start, to the last month that has anything
    band : change of a rate, of demand, or of the plan's worth that is taken for noise, as a fraction
    complete : months that are whole, whatever seems to lack
    own : clusters or sources of usage on owned servers; none: all, while the plan owns GPUs
    commitments : the plan's own, by the resource that bills name, where these name no GPU
    """

    first: str | None = None
    last: str | None = None
    band: float = BAND
    complete: Collection[str] = ()
    own: Collection[str] = ()
    commitments: Collection[str] = ()


@dataclass(frozen=True)
class Comparison:
    """Both sides of every month of the period; `reasons` says why a month is not compared, `compared` the others."""

    plan: PlanMonths
    actual: ActualMonths
    sides: Sides
    period: list[int]
    reasons: Mapping[int, list[str]]
    compared: list[int]


def compare(document: Mapping[str, Any], catalog: Catalog, store: Store, scope: Scope) -> Comparison:
    """Return plan.json beside a store of actuals.

    Raises
    ------
    InputError
        when no month of the plan has actuals, or the plan cannot be read by month.
    """
    plan = plan_months(document, catalog)
    actual = actual_months(store, plan, document["currency"], scope.own, scope.commitments)
    period = _period(actual, scope)
    reasons = why_not(actual, reaches(store, scope.own), period, scope.complete)
    compared = [t for t in period if not reasons[t]]
    return Comparison(plan, actual, both_sides(actual, period), period, reasons, compared)


def hours_by_item(found: Comparison, months: Sequence[int]) -> dict[str, dict[Item, tuple[float, float]]]:
    """Return GPU-hours by month and item, planned and actual; with `found.compared`, of what can be compared."""
    ours, theirs = found.sides.plan, found.sides.actual
    items = sorted({*ours, *theirs})
    return {
        found.plan.labels[t]: {
            item: (ours[item][t].hours if item in ours else 0.0, theirs[item][t].hours if item in theirs else 0.0)
            for item in items
        }
        for t in months
    }


def cash_of(found: Comparison, t: int) -> tuple[float, float]:
    """Return what the plan pays in a month for what is imported at all, and what is billed."""
    plan, actual, sides = found.plan, found.actual, found.sides
    imported = {
        name for item in (*sides.plan, *sides.plan_paid) for name in (RENTED if item.provider else (item.kind,))
    }  # fmt: skip
    imported |= set(OWNED) & set(actual.payments)
    return math.fsum(usd[t] for name, usd in plan.cash.items() if name in imported), actual.cash[t]


def paid_so_far(document: Mapping[str, Any], catalog: Catalog, store: Store, at: str) -> dict[str, Any] | None:
    """Return what was billed before `at` and what the plan has of the same; None where nothing can be compared."""
    try:
        found = compare(document, catalog, store, Scope(last=month_label(at, -1)))
    except InputError:
        return None
    cash = [cash_of(found, t) for t in found.compared]
    plan, actual = (math.fsum(pair[side] for pair in cash) for side in (0, 1))
    return {"months": [found.plan.labels[t] for t in found.compared], "plan_usd": plan, "actual_usd": actual}


def _period(actual: ActualMonths, scope: Scope) -> list[int]:
    labels = actual.plan.labels
    apart = {one.month for one in actual.apart.values()}
    has = [t for t, label in enumerate(labels) if actual.rented_from[t] or actual.owned_hours[t] or actual.known[t]
           or actual.unknown[t] or label in apart]  # fmt: skip
    first, last = scope.first or labels[0], scope.last or (labels[has[-1]] if has else "")
    period = [t for t, label in enumerate(labels) if first <= label <= last]
    if not has or not period:
        message = "holds nothing of the plan's months" if not has else "of the plan lie in none of these months"
        raise InputError([
            Complaint(Place("actuals"), "", message, allowed=f"{labels[0]} to {labels[-1]}",
                      cure="planner actuals import …")
        ])  # fmt: skip
    return period
