"""Plan against actuals, month by month: GPU-hours, utilization, cost, why they differ, and whether the choice pays.

Cost is compared as accrued: effective cost with unused commitments, upfront fees spread over their terms. Capital
outlay is compared as paid: what the plan pays for `servers` and what comes with them against invoices of the component.
Only what is imported is compared: a component of which there is no invoice at all is told, and left out on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from planner.actuals.actual_months import ActualMonths
from planner.actuals.buy_case import Change, buy_case
from planner.actuals.causes import Parted, causes
from planner.actuals.comparison import Comparison, Scope, cash_of, compare, hours_by_item
from planner.actuals.contradictions import contradictions
from planner.actuals.forecast_error import forecast_error
from planner.actuals.plan_months import PlanMonths
from planner.actuals.sides import Sides, hours_of, payments_of, usd_of
from planner.actuals.variance import PARTS, Found, Item, Parts, Use, of_hours, of_payments, total
from planner.planschema.types import STUDY_VERSION

if TYPE_CHECKING:
    from planner.actuals.store import Store
    from planner.catalog.load import Catalog

Document = dict[str, Any]


def track(document: Document, catalog: Catalog, store: Store, scope: Scope) -> Document:
    """Return plan.json against a store of actuals.

    Raises
    ------
    InputError
        when no month of the plan has actuals, or the plan cannot be read by month.
    """
    both = compare(document, catalog, store, scope)
    plan, actual, sides, compared = both.plan, both.actual, both.sides, both.compared
    hours, energy = (
        Parted(of_hours(*pair, compared), *pair)
        for pair in ((sides.plan, sides.actual), (sides.plan_energy, sides.actual_energy))
    )
    paid = of_payments(sides.plan_paid, sides.actual_paid, compared) | energy.found
    found: Found = hours.found | paid
    both_paid = {item: (payments_of(sides.plan_paid, item, plan), payments_of(sides.actual_paid, item, plan))
                 for item in paid}  # fmt: skip
    labels = [plan.labels[t] for t in both.period]
    return _head(document) | {
        "from": labels[0], "to": labels[-1], "compared": [plan.labels[t] for t in compared],
        "band_fraction": scope.band, "months": [_month(both, found, t) for t in both.period],
        "items": [_item(item, by_month, sides, compared) for item, by_month in found.items()],
        "total": _total(sides, found, compared), "gpu_hours": [*_gpuhours_of(both)],
        "components": [*_components(sides, plan, both.period)],
        "causes": causes(hours, energy, both_paid, plan.capital, compared, plan.labels, scope.band),
        "utilization": _utilization(both, compared),
        "forecast": forecast_error(
            [plan.labels[t] for t in compared], [hours_of(sides.plan, t) for t in compared], actual.history
        ),
        "case": buy_case(document, catalog, _changes(plan, sides, found, compared), sides.actual, sides.plan,
                         scope.band) if compared else None,
        "unknown_fraction": _unknown(actual, both.period),
        "apart": [asdict(one) for _, one in sorted(actual.apart.items()) if one.month in labels],
        "untracked": [{"component": name, "plan_usd": math.fsum(usd[t] for t in compared)}
                      for name, usd in sorted(sides.untracked.items())],
        "contradictions": [*contradictions(both, store, scope)],
    }  # fmt: skip


def _head(document: Document) -> Document:
    same = ("scenario", "scenario_digest", "description", "as_of", "start", "horizon_months", "currency")
    return {"kind": "track", "schema_version": STUDY_VERSION, "catalog_digest": document["catalog"]["digest"]} | {
        name: document[name] for name in same
    }


def _changes(plan: PlanMonths, sides: Sides, found: Found, compared: Sequence[int]) -> dict[int, Change]:
    """Return what became of each month; planned outlay counts once an invoice of its component follows it."""
    changes, outlay = {}, 0.0
    for n, t in enumerate(compared):
        before, outlay = outlay, math.fsum(
            _invoiced(item, by_month, sides, compared[: n + 1])
            for item, by_month in found.items() if item.kind in plan.capital
        )  # fmt: skip
        running = math.fsum(by_month[t].total for item, by_month in found.items() if item.kind not in plan.capital)
        changes[t] = Change(running, outlay - before, hours_of(sides.actual, t) - hours_of(sides.plan, t))
    return changes


def _invoiced(item: Item, by_month: Mapping[int, Parts], sides: Sides, months: Sequence[int]) -> float:
    """Return by how much outlay differs up to the last invoice: what is planned after it is still to come."""
    paid = sides.actual_paid.get(item, ())
    last = max((t for t in months if paid and paid[t]), default=-1)
    return math.fsum(by_month[t].total for t in months if t <= last)


def _parts(parts: Parts) -> dict[str, float]:
    return {name: getattr(parts, name) for name in PARTS} | {"total": parts.total}


def _month(both: Comparison, found: Found, t: int) -> dict[str, Any]:
    sides, why = both.sides, both.reasons[t]
    plan_cash, actual_cash = cash_of(both, t)
    return {
        "month": both.plan.labels[t], "compared": not why, "why_not": why,
        "plan_usd": usd_of(sides.plan, sides.plan_paid, t), "actual_usd": usd_of(sides.actual, sides.actual_paid, t),
        "plan_cash_usd": plan_cash, "actual_cash_usd": actual_cash,
        "plan_gpu_hours": hours_of(sides.plan, t), "actual_gpu_hours": hours_of(sides.actual, t),
        "variance": None if why else _parts(total([by_month[t] for by_month in found.values()])),
        "utilization": _utilization(both, [t]),
    }  # fmt: skip


def _item(item: Item, by_month: Mapping[int, Parts], sides: Sides, compared: Sequence[int]) -> dict[str, Any]:
    hours: list[float | None] = [None, None]
    usd = [0.0, 0.0]
    for n, (uses, paid) in enumerate(((sides.plan, sides.plan_paid), (sides.actual, sides.actual_paid))):
        if item.provider:
            of = uses.get(item)
            hours[n] = math.fsum(of[t].hours for t in compared) if of else 0.0
            usd[n] = math.fsum(x for t in compared for x in of[t][1:]) if of else 0.0
        else:
            usd[n] = math.fsum(paid[item][t] for t in compared) if item in paid else 0.0
    return item._asdict() | {
        "plan_gpu_hours": hours[0], "actual_gpu_hours": hours[1], "plan_usd": usd[0], "actual_usd": usd[1],
        "variance": _parts(total([by_month[t] for t in compared])),
    }  # fmt: skip


def _total(sides: Sides, found: Found, compared: Sequence[int]) -> dict[str, Any]:
    plan, actual = (math.fsum(usd_of(uses, paid, t) for t in compared)
                    for uses, paid in ((sides.plan, sides.plan_paid), (sides.actual, sides.actual_paid)))  # fmt: skip
    return {
        "plan_usd": plan, "actual_usd": actual, "plan_gpu_hours": math.fsum(hours_of(sides.plan, t) for t in compared),
        "actual_gpu_hours": math.fsum(hours_of(sides.actual, t) for t in compared),
        "variance": _parts(total([by_month[t] for by_month in found.values() for t in compared])),
        "variance_fraction": (actual - plan) / plan if plan and compared else None,
    }  # fmt: skip


def _gpuhours_of(both: Comparison) -> Iterator[dict[str, Any]]:
    for month, by_item in hours_by_item(both, both.period).items():
        for item, (said, used) in by_item.items():
            if said or used:
                yield {"month": month, **item._asdict(), "plan": said, "actual": used}


def _components(sides: Sides, plan: PlanMonths, period: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield what each component costs; owned capacity stands for what its running costs."""
    for t in period:
        sums: dict[str, list[float]] = {}
        for n, (uses, paid) in enumerate(((sides.plan, sides.plan_paid), (sides.actual, sides.actual_paid))):
            for item, usd in [*((item, sum(of[t][1:])) for item, of in uses.items()),
                              *((item, of[t]) for item, of in paid.items())]:  # fmt: skip
                sums.setdefault(item.kind, [0.0, 0.0])[n] += usd
        for name, (said, used) in sums.items():
            if said or used:
                yield {"month": plan.labels[t], "component": name, "capital": name in plan.capital, "plan_usd": said,
                       "actual_usd": used}  # fmt: skip


def _utilization(both: Comparison, months: Sequence[int]) -> dict[str, Any]:
    """Return how busy owned GPUs were (÷ available) and how much of what commitments cost was used."""
    plan, actual, sides = both.plan, both.actual, both.sides
    owned = any(item.kind == "owned" for item in sides.plan)
    held = math.fsum(plan.owned_available[t] for t in months)
    measured = [(one, actual.owned_hours[t]) for t in months if (one := actual.measured[t]) is not None]
    return {
        "owned_plan": math.fsum(plan.owned_hours[t] for t in months) / held if held else None,
        "owned_actual": math.fsum(actual.owned_hours[t] for t in months) / held if held and owned else None,
        "committed_plan": _used_share(sides.plan, months), "committed_actual": _used_share(sides.actual, months),
        "measured": _mean(measured),
    }  # fmt: skip


def _used_share(side: Mapping[Item, Sequence[Use]], months: Sequence[int]) -> float | None:
    uses = [of[t] for item, of in side.items() if item.kind == "committed" for t in months]
    usd = math.fsum(one.usd for one in uses)
    every = usd + math.fsum(one.idle_usd for one in uses)
    return usd / every if every else None


def _mean(weighted: Sequence[tuple[float, float]]) -> float | None:
    weight = math.fsum(by for _, by in weighted)
    return math.fsum(value * by for value, by in weighted) / weight if weight else None


def _unknown(actual: ActualMonths, period: Sequence[int]) -> float:
    unknown, known = (math.fsum(side[t] for t in period) for side in (actual.unknown, actual.known))
    return unknown / (unknown + known) if unknown else 0.0


def gate_values(found: Document) -> dict[str, float | None]:
    """Return the values of gates that the comparison gives."""
    there, case = bool(found["compared"]), found["case"] or {}
    return {
        "variance": found["total"]["variance"]["total"] if there else None,
        "variance_pct": found["total"]["variance_fraction"], "mape": found["forecast"]["mape"],
        "bias": found["forecast"]["bias"], "utilization": _busy(found["utilization"]),
        "unknown": found["unknown_fraction"], "breakeven": case.get("breakeven_months"),
    }  # fmt: skip


def _busy(utilization: Mapping[str, float | None]) -> float | None:
    owned, committed = utilization["owned_actual"], utilization["committed_actual"]
    return owned if owned is not None else committed
