"""The demand that is yet to come, out of the GPU-hours of the past: by how much the plan missed, or a forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

from planner.actuals import forecast as forecasts
from planner.actuals.actual_months import ActualMonths, actual_months
from planner.actuals.comparison import Scope, compare, hours_by_item
from planner.actuals.completeness import why_not
from planner.actuals.forecast import Forecast
from planner.actuals.plan_months import hours_in, plan_months
from planner.actuals.reach import LEEWAY, ends_early, reaches
from planner.actuals.sides import OWNED_HOURS
from planner.actuals.store import Store
from planner.errors import Complaint, InputError, Place
from planner.units import month_label, months_between

if TYPE_CHECKING:
    from planner.catalog.load import Catalog

LAST = 3
"""Months whose demand is held against the plan's."""
MIX = ("owned_gpu_hours", "committed_gpu_hours", "on_demand_gpu_hours", "spot_gpu_hours")
_NOTHING = 1e-6
Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Miss:
    """GPU-hours of the last months with actuals, as they were and as they were planned, and what is not in them."""

    months: tuple[str, ...]
    actual_gpu_hours: float
    planned_gpu_hours: float
    left_out: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        """Actual ÷ plan."""
        return self.actual_gpu_hours / self.planned_gpu_hours


@dataclass(frozen=True)
class Outlook:
    """GPU-hours of the months to come, as planned and as forecast from the past.

    Attributes
    ----------
    past : months that the forecast is made from, the last ones without a gap
    said : the forecast of mean GPUs, from the month after the last of `past` on
    months : of the plan that are yet to come, in which it has GPU-hours
    planned, forecast, low, high : their GPU-hours
    """

    past: tuple[str, ...]
    said: Forecast
    months: tuple[str, ...]
    planned: tuple[float, ...]
    forecast: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def factors(self, end: str = "forecast", months: int = 0) -> dict[str, float]:
        """Return forecast, low or high ÷ plan by month.

        Of so many further months after the plan's last, it is that of the same calendar month a year before, or of the
        last month where the plan has none.
        """
        found = {
            month: value / planned
            for month, value, planned in zip(self.months, getattr(self, end), self.planned, strict=True)
        }
        for _ in range(months):
            last = max(found)
            after = month_label(last, 1)
            found[after] = found.get(month_label(after, -12), found[last])
        return found


def demand_by(
    plan: Plan, catalog: Catalog, store: Store, at: str, last: int = LAST, *, forecast: bool
) -> tuple[Miss | Outlook, str]:
    """Return by what demand is scaled, and why by that: the forecast where it is asked for and can be made.

    Raises
    ------
    InputError
        as `miss` does.
    """
    found = outlook(plan, catalog, store, at) if forecast else ""
    if isinstance(found, Outlook):
        return found, ""
    seen = miss(plan, catalog, store, at, last)
    return seen, " ".join([*([f"No forecast can be made: {found}."] if found else []), *seen.left_out])


def miss(plan: Plan, catalog: Catalog, store: Store, at: str, last: int = LAST) -> Miss:
    """Hold the GPU-hours of the `last` months before `at` that can be compared against the plan's, as track does.

    Raises
    ------
    InputError
        when no month of the plan before `at` can be compared, or none has GPU-hours.
    """
    both = compare(plan, catalog, store, Scope(last=month_label(at, -1)))
    hours = {month: tuple(map(math.fsum, zip(*by_item.values(), strict=True)))
             for month, by_item in hours_by_item(both, both.compared).items() if by_item}  # fmt: skip
    months = [month for month, sums in hours.items() if any(sums)][-last:]
    wanted, used = (math.fsum(hours[month][side] for month in months) for side in (0, 1))
    if not wanted:
        message = f"tells no GPU-hours of whole months of the plan before {at}"
        raise InputError([Complaint(Place(str(store.path)), "", message, cure="planner track says why")])
    since = [t for t in both.period if both.plan.labels[t] > months[0]]
    left = [f"{both.plan.labels[t]} is left out: {'; '.join(why)}." for t in since if (why := both.reasons[t])]
    if both.sides.untracked.keys() & {OWNED_HOURS}:
        left.append("Nothing tells the GPU-hours of owned servers: they are on neither side.")
    return Miss(tuple(months), used, wanted, tuple(left))


def outlook(plan: Plan, catalog: Catalog, store: Store, at: str) -> Outlook | str:
    """Forecast the GPU-hours of the months of the plan from `at` on; a text says why that cannot be done.

    A month counts as mean GPUs, so that short months compare; one that is not wholly imported is left out.
    """
    expected = plan_months(plan, catalog)
    actual = actual_months(store, expected, plan["currency"])
    planned, history = _planned(plan), actual.history
    past = _whole(store, actual, [month for month in sorted(history) if month < at and history[month] > _NOTHING])
    before = [t for t, label in enumerate(expected.labels) if label < at] or [0]
    if any(expected.owned_hours[t] for t in before) and not any(actual.owned_hours[t] for t in before):
        return "nothing tells the GPU-hours of owned servers"
    ahead = [month for month in sorted(planned) if month >= at and planned[month] > _NOTHING]
    if not past or not ahead:
        return "no month before is wholly imported" if ahead else "the plan has no GPU-hours from then on"
    after = month_label(past[-1], 1)
    places = [months_between(after, month) for month in ahead]
    said = forecasts.forecast([history[month] / hours_in(month, "calendar") for month in past], places[-1] + 1)
    if said.low is None or said.high is None:
        return (f"the history of {_count(len(past))}, {past[0]} to {past[-1]}, is shorter than a forecast with an "
                "interval needs")  # fmt: skip

    def of_months(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(values[n] * hours_in(month, plan["hours_per_month"])
                     for n, month in zip(places, ahead, strict=True))  # fmt: skip

    return Outlook(
        tuple(past), said, tuple(ahead), tuple(planned[month] for month in ahead), of_months(said.values),
        of_months(said.low), of_months(said.high),
    )  # fmt: skip


def told(demand: Miss | Outlook, why: str) -> dict[str, Any]:
    """Return what replan.json says of the demand that was taken, and why it was."""
    if isinstance(demand, Miss):
        return {
            "by": "ratio", "why": why, "months": list(demand.months), "actual_gpu_hours": demand.actual_gpu_hours,
            "planned_gpu_hours": demand.planned_gpu_hours, "ratio": demand.ratio,
        }  # fmt: skip
    said, planned = demand.said, sum(demand.planned)
    return {
        "by": "forecast", "why": why, "months": list(demand.past), "method": said.method, "mape": said.mape,
        "bias": said.bias, "naive_mape": said.naive_mape, "planned_gpu_hours": planned,
        "forecast_gpu_hours": sum(demand.forecast), "low_gpu_hours": sum(demand.low),
        "high_gpu_hours": sum(demand.high), "ratio": sum(demand.forecast) / planned,
        "by_month": [
            {"month": month, "planned": was, "forecast": now, "low": low, "high": high}
            for month, was, now, low, high in zip(demand.months, demand.planned, demand.forecast, demand.low,
                                                  demand.high, strict=True)
        ],
    }  # fmt: skip


def _planned(plan: Plan) -> dict[str, float]:
    return {row["month"]: sum(row[key] for key in MIX) for row in plan["decisions"]["by_month"]}


def _whole(store: Store, actual: ActualMonths, months: list[str]) -> list[str]:
    """Return the last of `months` without a gap that are wholly imported."""
    reach, labels = reaches(store), actual.plan.labels
    reasons = why_not(actual, reach, [t for t, label in enumerate(labels) if label in months])
    lacking = {labels[t] for t, why in reasons.items() if why}
    lacking |= {month for provider, month in reach if month < labels[0] and ends_early(reach, provider, month)}
    months = [month for month in months if month not in lacking]
    follows = [one == month_label(before, 1) for before, one in pairwise(months)]
    run = months[-1 - sum(1 for _ in takewhile(bool, reversed(follows))) :]
    (first,) = store.rows(
        "SELECT min(opens) AS opens FROM (SELECT charge_start AS opens FROM charges WHERE gpu_hours > 0 "
        "UNION ALL SELECT start FROM usage WHERE gpu_hours > 0)"
    )
    starts_late = run and first["opens"] > datetime.fromisoformat(f"{run[0]}-01") + LEEWAY
    return run[1:] if starts_late else run


def _count(months: int) -> str:
    return f"{months} month{'' if months == 1 else 's'}"
