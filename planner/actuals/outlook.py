"""The demand that is yet to come, out of the GPU-hours of the past: by how much the plan missed, or a forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any

from planner.actuals import forecast as forecasts
from planner.actuals.forecast import Forecast
from planner.actuals.monthly import charges_by_month, usage_by_month
from planner.actuals.plan_months import hours_in
from planner.actuals.store import Store
from planner.errors import Complaint, InputError, Place
from planner.units import month_label, months_between

LAST = 3
"""Months whose demand is held against the plan's."""
MIX = ("owned_gpu_hours", "committed_gpu_hours", "on_demand_gpu_hours", "spot_gpu_hours")
_WORK = ("used", "allocated", "requested")
"""Kinds of usage, the one nearest to work first; kinds are never added up."""
_NOTHING = 1e-6
_LEEWAY = timedelta(days=1)
"""What is missing at either end of a month is no gap when it is shorter: nothing need have run then."""
Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Miss:
    """GPU-hours of the last months with actuals, as they were and as they were planned."""

    months: tuple[str, ...]
    actual_gpu_hours: float
    planned_gpu_hours: float

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


def demand_by(plan: Plan, store: Store, at: str, last: int = LAST, *, forecast: bool) -> tuple[Miss | Outlook, str]:
    """Return by what demand is scaled, and why by that: the forecast where it is asked for and can be made.

    Raises
    ------
    InputError
        as `miss` does.
    """
    if not forecast:
        return miss(plan, store, at, last), ""
    found = outlook(plan, store, at)
    if isinstance(found, Outlook):
        return found, ""
    return miss(plan, store, at, last), f"No forecast can be made: {found}."


def miss(plan: Plan, store: Store, at: str, last: int = LAST) -> Miss:
    """Hold the GPU-hours of the `last` months with actuals before `at` against those of the plan.

    Raises
    ------
    InputError
        when no month of the plan before `at` has actuals, or the plan has no GPU-hours in them.
    """
    planned, actual = _planned(plan), gpu_hours(plan, store)
    months = [month for month in sorted(planned) if month < at and actual.get(month, 0.0) > 0][-last:]
    wanted = sum(planned[month] for month in months)
    if not wanted:
        message = f"tells no GPU-hours of months of the plan before {at}"
        raise InputError([Complaint(Place(str(store.path)), "", message, cure="planner actuals show --gpus")])
    return Miss(tuple(months), sum(actual[month] for month in months), wanted)


def outlook(plan: Plan, store: Store, at: str) -> Outlook | str:
    """Forecast the GPU-hours of the months of the plan from `at` on; a text says why that cannot be done.

    A month counts as mean GPUs, so that short months compare; one that is not wholly imported is left out.
    """
    planned, actual = _planned(plan), gpu_hours(plan, store)
    past = _whole(store, [month for month in sorted(actual) if month < at and actual[month] > _NOTHING])
    ahead = [month for month in sorted(planned) if month >= at and planned[month] > _NOTHING]
    if not past or not ahead:
        return "no month before is wholly imported" if ahead else "the plan has no GPU-hours from then on"
    after = month_label(past[-1], 1)
    places = [months_between(after, month) for month in ahead]
    said = forecasts.forecast([actual[month] / hours_in(month, "calendar") for month in past], places[-1] + 1)
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


def gpu_hours(plan: Plan, store: Store) -> dict[str, float]:
    """Return the GPU-hours of every month that bills or meters tell.

    Rented GPU-hours are those of bills. Where the plan has owned GPUs at work, those that meters tell are added; months
    before the plan are as its first.
    """
    owned = {row["month"]: row["owned_gpu_hours"] > _NOTHING for row in plan["decisions"]["by_month"]}
    first = min(owned)
    charges, usage = charges_by_month(store), usage_by_month(store)
    found = {
        str(month): float(hours)
        for month, hours in charges[charges["gpu"].notna()].groupby("month")["gpu_hours"].sum().items()
    }
    metered = usage.groupby(["kind", "month"])["gpu_hours"].sum()
    kind = next((one for one in _WORK if one in metered.index.get_level_values(0)), None)
    for month, hours in metered.loc[kind].items() if kind is not None else ():
        if owned.get(max(str(month), first)):
            found[str(month)] = found.get(str(month), 0.0) + float(hours)
    return found


def _planned(plan: Plan) -> dict[str, float]:
    return {row["month"]: sum(row[key] for key in MIX) for row in plan["decisions"]["by_month"]}


def _whole(store: Store, months: list[str]) -> list[str]:
    """Return the last of `months` without a gap, less those at either end that are not wholly imported."""
    follows = [one == month_label(before, 1) for before, one in pairwise(months)]
    run = months[-1 - sum(1 for _ in takewhile(bool, reversed(follows))) :]
    (span,) = store.rows(
        """SELECT min(opens) AS opens, max(closes) AS closes FROM (
        SELECT charge_start AS opens, charge_end AS closes FROM charges WHERE gpu_hours > 0
        UNION ALL SELECT start, "end" FROM usage WHERE gpu_hours > 0)"""
    )
    opens, closes = span["opens"], span["closes"]
    if run and opens is not None and opens > datetime.fromisoformat(f"{run[0]}-01") + _LEEWAY:
        run = run[1:]
    if run and closes is not None and closes < datetime.fromisoformat(f"{month_label(run[-1], 1)}-01") - _LEEWAY:
        run = run[:-1]
    return run


def _count(months: int) -> str:
    return f"{months} month{'' if months == 1 else 's'}"
