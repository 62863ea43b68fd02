"""Which months can be compared: those that are over and wholly imported, by what the files themselves reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from planner.actuals.actual_months import ActualMonths
from planner.actuals.reach import METERS, Reaches, ends_early


def why_not(
    actual: ActualMonths, reaches: Reaches, period: Sequence[int], said: Collection[str] = ()
) -> dict[int, list[str]]:
    """Return for each month of the period why it is not compared; no reason: it is.

    Parameters
    ----------
    said : months of which the user says that they are whole
    """
    return {
        t: [] if actual.plan.labels[t] in said
        else [*_reasons(actual, reaches, t), *_late(actual, t, max(period))]
        for t in period
    }  # fmt: skip


def _reasons(actual: ActualMonths, reaches: Reaches, t: int) -> list[str]:
    plan = actual.plan
    owned = actual.owned_hours[t] or any(paid[t] for paid in actual.payments.values())
    if not actual.rented_from[t] and not owned:
        return ["nothing of it is imported"]
    planned = {item.provider for item, uses in plan.uses.items() if uses[t].usd + uses[t].idle_usd > 0}
    found = [
        f"{provider} is in the plan, and no GPU of it is in the bills"
        for provider in sorted(planned - actual.rented_from[t]) if any(actual.rented_from)
    ]  # fmt: skip
    meters = {METERS} if actual.metered[t] else set()
    return found + [
        f"{provider or 'usage'} is imported up to {until:%Y-%m-%d} only"
        for provider in sorted(actual.rented_from[t] | meters)
        if (until := ends_early(reaches, provider, plan.labels[t]))
    ]


def _late(actual: ActualMonths, t: int, last: int) -> list[str]:
    """Return what ended before the month although the plan goes on to have it: invoices, hours of owned servers."""
    plan = actual.plan

    def ended(side: Sequence[float], planned: Sequence[float]) -> bool:
        return any(side[:t]) and not any(side[t : last + 1]) and planned[t] > 0

    hours = ["no GPU-hours of owned servers yet"] if ended(actual.owned_hours, plan.owned_hours) else []
    return hours + [
        f"no invoice of {component} yet"
        for component, paid in sorted(actual.payments.items())
        if component in plan.payments and component not in plan.capital and ended(paid, plan.payments[component])
    ]
