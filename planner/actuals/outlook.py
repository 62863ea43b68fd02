"""The demand that is yet to come, by actual ÷ planned GPU-hours of the past: as in the last months, or as forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

from planner.actuals import forecast as forecasts
from planner.actuals.comparison import Comparison, Scope, compare, hours_by_item
from planner.actuals.forecast import Forecast
from planner.actuals.reach import LEEWAY
from planner.actuals.sides import OWNED_HOURS
from planner.actuals.store import Store
from planner.errors import Complaint, InputError, Place
from planner.units import hours_in, month_label, months_between

if TYPE_CHECKING:
    from planner.catalog.load import Catalog

LAST = 3
"""Months whose demand is held against the plan's, and by which a history may end before the months to come."""
MIX = ("owned_gpu_hours", "committed_gpu_hours", "on_demand_gpu_hours", "spot_gpu_hours")
Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Miss:
    """GPU-hours of the last months with actuals, as they were and as they were planned, and what is not in them.

    Attributes
    ----------
    planned_gpu_hours : of the mean GPUs that were planned, in the true hours of these months
    """

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
    """Actual ÷ planned GPU-hours of the months to come, as forecast from that of the past.

    What was as planned stays as planned, on whatever GPUs the plan does the work later.

    Attributes
    ----------
    past : months that the forecast is made from, the last ones without a gap
    said : the forecast of actual ÷ plan, by month of `months`
    months : of the plan that are yet to come
    planned : their GPU-hours
    """

    past: tuple[str, ...]
    said: Forecast
    months: tuple[str, ...]
    planned: tuple[float, ...]

    def factors(self, end: str = "values", months: int = 0) -> dict[str, float]:
        """Return the forecast, its low or its high end by month.

        Of so many further months after the plan's last, it is that of the same calendar month a year before, or of the
        last month where there is none.
        """
        found = dict(zip(self.months, getattr(self.said, end), strict=True))
        for _ in range(months):
            last = max(found)
            after = month_label(last, 1)
            found[after] = found.get(month_label(after, -12), found[last])
        return found

    def gpu_hours(self, end: str = "values") -> list[float]:
        """Return the GPU-hours of `months` on the GPUs that are planned."""
        return [factor * planned for factor, planned in zip(getattr(self.said, end), self.planned, strict=True)]


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
        late = month_label(found.past[-1], 1) != at
        return found, f"The last month that is wholly imported is {found.past[-1]}." if late else ""
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
    hours = {month: sums for month, sums in _hours(both, plan).items() if any(sums)}
    months = [*hours][-last:]
    wanted, used = (math.fsum(hours[month][side] for month in months) for side in (0, 1))
    if not wanted:
        message = f"tells no GPU-hours of whole months of the plan before {at}"
        raise InputError([Complaint(Place(str(store.path)), "", message, cure="planner track says why")])
    since = [t for t in both.period if both.plan.labels[t] > months[0]]
    left = [f"{both.plan.labels[t]} is left out: {'; '.join(why)}." for t in since if (why := both.reasons[t])]
    if OWNED_HOURS in both.sides.untracked:
        left.append("Nothing tells the GPU-hours of owned servers: they are on neither side.")
    return Miss(tuple(months), used, wanted, tuple(left))


def outlook(plan: Plan, catalog: Catalog, store: Store, at: str) -> Outlook | str:
    """Forecast actual ÷ plan of the months of the plan from `at` on; a text says why that cannot be done.

    Raises
    ------
    InputError
        when no month of the plan before `at` has actuals.
    """
    both = compare(plan, catalog, store, Scope(last=month_label(at, -1)))
    if OWNED_HOURS in both.sides.untracked:
        return "nothing tells the GPU-hours of owned servers"
    ratios = {month: used / wanted for month, (wanted, used) in _hours(both, plan).items() if wanted and used}
    past = _unbroken(store, [*ratios])
    if not past:
        return "no month before is wholly imported"
    if (old := months_between(past[-1], at) - 1) > LAST:
        return f"the history ends with {past[-1]}, {old} months before"
    planned = {row["month"]: math.fsum(row[key] for key in MIX) for row in plan["decisions"]["by_month"]}
    ahead = [month for month in sorted(planned) if month >= at]
    said = forecasts.forecast([ratios[month] for month in past], old + len(ahead))
    if said.low is None or said.high is None:
        return (f"the history of {_count(len(past))}, {past[0]} to {past[-1]}, is shorter than a forecast with an "
                "interval needs")  # fmt: skip
    said = replace(said, values=said.values[old:], low=said.low[old:], high=said.high[old:])
    return Outlook(tuple(past), said, tuple(ahead), tuple(planned[month] for month in ahead))


def told(demand: Miss | Outlook, why: str) -> dict[str, Any]:
    """Return what replan.json says of the demand that was taken, and why it was."""
    if isinstance(demand, Miss):
        return {
            "by": "ratio", "why": why, "months": list(demand.months), "actual_gpu_hours": demand.actual_gpu_hours,
            "planned_gpu_hours": demand.planned_gpu_hours, "ratio": demand.ratio,
        }  # fmt: skip
    said, planned = demand.said, math.fsum(demand.planned)
    now, low, high = (demand.gpu_hours(end) for end in ("values", "low", "high"))
    return {
        "by": "forecast", "why": why, "months": list(demand.past), "method": said.method, "mape": said.mape,
        "bias": said.bias, "naive_mape": said.naive_mape, "planned_gpu_hours": planned,
        "forecast_gpu_hours": math.fsum(now), "low_gpu_hours": math.fsum(low), "high_gpu_hours": math.fsum(high),
        "ratio": math.fsum(now) / planned if planned else math.fsum(said.values) / len(said.values),
        "by_month": [
            dict(zip(("month", "planned", "forecast", "low", "high"), row, strict=True))
            for row in zip(demand.months, demand.planned, now, low, high, strict=True)
        ],
    }  # fmt: skip


def _hours(both: Comparison, plan: Plan) -> dict[str, tuple[float, float]]:
    """Return GPU-hours by month that can be compared, planned in the true hours of the month, and actual."""
    found = {}
    for month, by_item in hours_by_item(both, both.compared).items():
        wanted, used = (math.fsum(pair[side] for pair in by_item.values()) for side in (0, 1))
        found[month] = wanted * hours_in(month, "calendar") / hours_in(month, plan["hours_per_month"]), used
    return found


def _unbroken(store: Store, months: list[str]) -> list[str]:
    """Return the last of `months` without a gap, but for the first of all that is imported when it begins late."""
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
