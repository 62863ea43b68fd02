"""Which months can be compared: those that are over and wholly imported, by what the files themselves reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from planner.actuals.actual_months import ActualMonths
from planner.actuals.plan_months import PlanMonths
from planner.units import month_label

_LEEWAY = timedelta(days=1)
"""What is missing at a month's end is no gap when it is shorter: nothing need have run then."""
METERS = ""


def why_not(
    plan: PlanMonths, actual: ActualMonths, period: Sequence[int], said: Collection[str] = ()
) -> dict[int, list[str]]:
    """Return for each month of the period why it is not compared; no reason: it is.

    Parameters
    ----------
    said : months of which the user says that they are whole
    """
    return {
        t: [] if plan.labels[t] in said else [*_reasons(plan, actual, t), *_late_invoices(plan, actual, t, max(period))]
        for t in period
    }


def _reasons(plan: PlanMonths, actual: ActualMonths, t: int) -> list[str]:
    owned = actual.owned_hours[t] or any(paid[t] for paid in actual.payments.values())
    if not actual.rented_from[t] and not owned:
        return ["nothing of it is imported"]
    end = datetime.fromisoformat(f"{month_label(plan.labels[t], 1)}-01")
    planned = {item.provider for item, uses in plan.uses.items() if uses[t].usd + uses[t].idle_usd > 0}
    found = [
        f"{provider} is in the plan, and no GPU of it is in the bills"
        for provider in sorted(planned - actual.rented_from[t]) if any(actual.rented_from)
    ]  # fmt: skip
    meters = {METERS} if actual.metered and actual.owned_hours[t] else set()
    for provider in sorted(actual.rented_from[t] | meters):
        until = actual.reaches.get(provider)
        if until is not None and until <= end - _LEEWAY:
            found.append(f"{provider or 'usage'} is imported up to {until:%Y-%m-%d} only")
    return found


def _late_invoices(plan: PlanMonths, actual: ActualMonths, t: int, last: int) -> list[str]:
    """Return running costs whose invoices ended before the month although the plan goes on to pay them."""
    return [
        f"no invoice of {component} yet"
        for component, paid in sorted(actual.payments.items())
        if component not in plan.capital
        and plan.payments.get(component, ())[t : t + 1] and plan.payments[component][t] > 0
        and any(paid[:t]) and not any(paid[t : last + 1])
    ]  # fmt: skip
