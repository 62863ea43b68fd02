"""Both sides of a comparison of plan and actuals, alike: only what is imported is on either of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from planner.actuals.actual_months import ActualMonths
from planner.actuals.mapping import OWN
from planner.actuals.plan_months import ELECTRICITY, OWNED, PlanMonths
from planner.actuals.variance import Item, Use

OWNED_HOURS = "owned GPU-hours"


@dataclass(frozen=True)
class Sides:
    """Both sides of what is compared, alike: capacity by item, payments by component.

    `plan_energy` and `actual_energy` are payments whose quantity is known, too: kWh in place of GPU-hours.
    """

    plan: dict[Item, list[Use]]
    actual: dict[Item, list[Use]]
    plan_paid: dict[Item, list[float]]
    actual_paid: dict[Item, list[float]]
    untracked: dict[str, list[float]]
    plan_energy: dict[Item, list[Use]]
    actual_energy: dict[Item, list[Use]]


def both_sides(actual: ActualMonths, period: Sequence[int]) -> Sides:
    """Return what is imported at all, with the owned fleet as an item where its GPU-hours are known."""
    plan = actual.plan
    rents = any(actual.rented_from[t] for t in period) or bool(actual.uses)
    ours, theirs = (dict(plan.uses), dict(actual.uses)) if rents else ({}, {})
    untracked = {} if rents else {
        name: list(map(math.fsum, zip(*(_cost(uses) for item, uses in plan.uses.items() if item.kind == name),
                                      strict=True)))
        for name in {item.kind for item in plan.uses}
    }  # fmt: skip
    pool: set[str] = set()
    metered = _metered(actual, period)
    if any(actual.owned_hours[t] for t in period):
        pool = {name for name in OWNED if name in actual.payments and not (metered and name == ELECTRICITY)}
        item = Item("owned", OWN, plan.owned_gpu)
        costs = [_sum_of(side, pool, len(plan.labels)) for side in (plan.payments, actual.payments)]
        used = zip(costs[1], actual.owned_hours, plan.owned_available, strict=True)
        ours[item] = list(map(_owned_use, costs[0], plan.owned_hours, plan.owned_available))
        theirs[item] = [_owned_use(usd, q, max(held, q)) for usd, q, held in used]
    elif any(plan.owned_hours[t] for t in period):
        untracked[OWNED_HOURS] = [0.0] * len(plan.labels)
    untracked |= {
        name: usd for name, usd in plan.payments.items()
        if name not in actual.payments and any(usd[t] for t in period)
    }  # fmt: skip
    energy = [_energy(side.kwh, side.payments) for side in (plan, actual)] if metered else [{}, {}]
    return Sides(
        ours, theirs,
        {Item(name): usd for name, usd in plan.payments.items() if name in actual.payments and name not in pool},
        {Item(name): usd for name, usd in actual.payments.items() if name not in pool}, untracked,
        *energy,
    )  # fmt: skip


def _metered(actual: ActualMonths, period: Sequence[int]) -> bool:
    """Say whether invoices tell the kWh of all electricity."""
    paid = [t for t in period if actual.payments.get(ELECTRICITY, actual.kwh)[t]]
    return bool(paid) and all(actual.kwh[t] for t in paid)


def _energy(kwh: Sequence[float], payments: Mapping[str, Sequence[float]]) -> dict[Item, list[Use]]:
    return {Item(ELECTRICITY): list(map(Use, kwh, payments.get(ELECTRICITY, [0.0] * len(kwh))))}


def _owned_use(usd: float, hours: float, available: float) -> Use:
    """Part what running a fleet costs by use."""
    busy = min(1.0, hours / available) if available else 0.0
    return Use(hours, usd * busy, usd * (1 - busy))


def _sum_of(side: Mapping[str, Sequence[float]], names: Collection[str], size: int) -> list[float]:
    return [math.fsum(side[name][t] for name in names if name in side) for t in range(size)]


def payments_of(side: Mapping[Item, Sequence[float]], item: Item, plan: PlanMonths) -> Sequence[float]:
    """Return the payments of an item by month, 0 where the side has none."""
    return side.get(item, [0.0] * len(plan.labels))


def _cost(uses: Sequence[Use]) -> list[float]:
    return [one.usd + one.idle_usd for one in uses]


def hours_of(side: Mapping[Item, Sequence[Use]], t: int) -> float:
    """Return the GPU-hours of a month."""
    return math.fsum(uses[t].hours for uses in side.values())


def usd_of(uses: Mapping[Item, Sequence[Use]], paid: Mapping[Item, Sequence[float]], t: int) -> float:
    """Return the cost of a month."""
    return math.fsum([*(x for one in uses.values() for x in one[t][1:]), *(one[t] for one in paid.values())])
