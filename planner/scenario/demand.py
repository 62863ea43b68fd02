"""Demand by hour: groups of like hours in each month, batch windows and training holds.

Within a month hours may be permuted as long as nothing couples them, so hours in which every workload asks for the
same are one group. A batch window of a day couples the hours of a day: then days are told apart by their profile,
and days of one profile share the work evenly, which by symmetry is a best way to share it.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.scenario.demand_schema import Growth, SeriesFile
from planner.scenario.schema import Batch, Scenario, Serving, Training
from planner.units import HOURS_PER_DAY, HOURS_PER_WEEK, MONTHS_PER_YEAR, month_label, months_between

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAYS_OF_MONTH = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True)
class Window:
    """Work of a batch workload that must be finished in a set of hour groups.

    Attributes
    ----------
    workload : index w
    groups : indices g in which the work may run
    work : work units
    """

    workload: int
    groups: Ints
    work: float


@dataclass(frozen=True)
class Demand:
    """What is asked of the capacity, hour group by hour group.

    Attributes
    ----------
    month : array [g], the month t of each group
    hours : array [g], how many hours of the month it stands for
    month_hours : array [t]
    level : array [w, g], work units per hour of serving workloads, 0 for others
    hold : array [w, t], work units per hour held by training workloads, 0 for others
    windows : of batch workloads
    peak : array [w], the highest level of any hour, also where groups are merged
    """

    month: Ints
    hours: Floats
    month_hours: Floats
    level: Floats
    hold: Floats
    windows: tuple[Window, ...]
    peak: Floats


@dataclass(frozen=True)
class _Slots:
    """The hours of one month before grouping; arrays [slot]."""

    weekday: Ints
    hour: Ints
    day: Ints
    hour_of_year: Ints
    hours: Floats


def build_demand(scenario: Scenario, series: Mapping[str, Sequence[float]]) -> Demand:
    """Group the hours of every month of `scenario`; `series` holds the rows of its CSV shapes by workload."""
    months = scenario.horizon_months
    by_year = any(len(rows) != HOURS_PER_WEEK for rows in series.values())
    workloads = scenario.workloads
    levels = [
        _levels(w.demand.growth, months) * _scale(w, series.get(w.name)) if isinstance(w, Serving) else None
        for w in workloads
    ]
    month, hours, level = [], [], []
    windows: dict[tuple[int, int, int], tuple[list[int], float]] = {}
    start = 0
    for t in range(months):
        slots = _slots(scenario, t, by_year)
        load = np.zeros((len(workloads), len(slots.hours)))
        for w, workload in enumerate(workloads):
            if isinstance(workload, Serving):
                load[w] = levels[w][t] * _shape(workload, slots, series.get(workload.name))  # type: ignore[index]
        allowed = np.array([_allowed(w, slots) for w in workloads])
        group = _group(load, allowed, _day_classes(workloads, load, allowed, slots))
        count = int(group.max()) + 1
        first = np.unique(group, return_index=True)[1]
        month.append(np.full(count, t))
        hours.append(np.bincount(group, slots.hours, count))
        level.append(load[:, first])
        for w, workload in enumerate(workloads):
            if isinstance(workload, Batch):
                work = float(workload.work_per_month) * _levels(workload.growth, months)[t]
                _add_windows(windows, w, workload, t, start + group, allowed[w], slots, work)
        start += count
    every = np.concatenate(level, axis=1)
    return Demand(
        np.concatenate(month), np.concatenate(hours), np.array([h.sum() for h in hours]), every, _holds(scenario),
        tuple(Window(key[0], np.array(sorted(set(groups))), work) for key, (groups, work) in sorted(windows.items())),
        every.max(axis=1, initial=0.0),
    )  # fmt: skip


def _levels(growth: Growth, months: int) -> Floats:
    if growth.monthly_factors is not None:
        return np.array([float(factor) for factor in growth.monthly_factors])
    assert growth.annual_rate is not None
    return np.asarray((1 + float(growth.annual_rate)) ** (np.arange(months) / MONTHS_PER_YEAR))


def _week(workload: Serving, rows: Sequence[float] | None) -> Floats:
    """Relative load [168], Monday 00:00 first."""
    shape = workload.demand.shape
    if shape == "flat":
        return np.ones(HOURS_PER_WEEK)
    if isinstance(shape, SeriesFile):
        assert rows is not None
        return np.array(rows)
    assert not isinstance(shape, str)
    weekday = [float(value) for value in shape.weekday]
    weekend = [float(value) for value in shape.weekend] if shape.weekend else weekday
    return np.array(weekday * 5 + weekend * 2)


def _scale(workload: Serving, rows: Sequence[float] | None) -> float:
    """Work units per hour for a relative load of 1."""
    week = _week(workload, rows)
    if workload.demand.peak_per_hour is not None:
        return float(workload.demand.peak_per_hour) / float(week.max())
    assert workload.demand.average_per_hour is not None
    return float(workload.demand.average_per_hour) / float(week.mean())


def _shape(workload: Serving, slots: _Slots, rows: Sequence[float] | None) -> Floats:
    load = _week(workload, rows)
    if len(load) != HOURS_PER_WEEK:
        return np.asarray(load[slots.hour_of_year])
    return np.asarray(load[slots.weekday * HOURS_PER_DAY + slots.hour])


def _slots(scenario: Scenario, t: int, by_year: bool) -> _Slots:
    year, number = (int(part) for part in month_label(scenario.start, t).split("-"))
    first_weekday, true_days = calendar.monthrange(year, number)
    fixed = None if scenario.hours_per_month == "calendar" else float(scenario.hours_per_month)
    if not by_year:
        weekday = np.repeat(np.arange(7), HOURS_PER_DAY)
        counts = np.bincount((first_weekday + np.arange(true_days)) % 7, minlength=7)
        hours = np.full(HOURS_PER_WEEK, fixed / HOURS_PER_WEEK) if fixed else counts[weekday].astype(float)
        hour = np.tile(np.arange(HOURS_PER_DAY), 7)
        return _Slots(weekday, hour, weekday, np.zeros(HOURS_PER_WEEK, int), hours)
    days = int(_DAYS_OF_MONTH[number - 1])
    day = np.repeat(np.arange(days), HOURS_PER_DAY)
    hour = np.tile(np.arange(HOURS_PER_DAY), days)
    first = int(_DAYS_OF_MONTH[: number - 1].sum()) * HOURS_PER_DAY
    length = fixed or true_days * HOURS_PER_DAY
    hours = np.full(len(day), length / len(day))
    return _Slots((first_weekday + day) % 7, hour, day, first + np.arange(len(day)), hours)


def _allowed(workload: object, slots: _Slots) -> NDArray[np.bool_]:
    if not isinstance(workload, Batch):
        return np.zeros(len(slots.hours), bool)
    hours = np.isin(slots.hour, workload.hours) if workload.hours is not None else np.ones(len(slots.hours), bool)
    weekend = slots.weekday >= 5
    days = {"all": np.ones_like(weekend), "weekdays": ~weekend, "weekends": weekend}[workload.days]
    return hours & days


def _day_classes(workloads: Sequence[object], load: Floats, allowed: NDArray[np.bool_], slots: _Slots) -> Ints:
    """Class of the day of each slot; all one class unless a batch window is a day."""
    if not any(isinstance(w, Batch) and w.window == "day" for w in workloads):
        return np.zeros(len(slots.hours), int)
    profile = np.vstack([load, allowed])
    days = [profile[:, slots.day == d] for d in range(int(slots.day.max()) + 1)]
    _, classes = np.unique([day.ravel() for day in days], axis=0, return_inverse=True)
    return np.asarray(classes).reshape(-1)[slots.day]


def _group(load: Floats, allowed: NDArray[np.bool_], day_class: Ints) -> Ints:
    keys = np.vstack([load, allowed, day_class]).T
    _, group = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(group).reshape(-1)


def _add_windows(
    windows: dict[tuple[int, int, int], tuple[list[int], float]],
    w: int, workload: Batch, t: int, group: Ints, allowed: NDArray[np.bool_], slots: _Slots, work: float,
) -> None:  # fmt: skip
    """Add the windows of month t, or the month's work to the window of several months that it belongs to."""
    if workload.window != "day":
        groups, before = windows.setdefault((w, t // workload.window, -1), ([], 0.0))
        windows[(w, t // workload.window, -1)] = ([*groups, *group[allowed].tolist()], before + work)
        return
    total = slots.hours[allowed].sum()
    for day in np.unique(slots.day[allowed]):
        mine = allowed & (slots.day == day)
        key = (w, t, int(group[mine].min()))
        groups, before = windows.get(key, ([], 0.0))
        share = work * slots.hours[mine].sum() / total
        windows[key] = ([*groups, *group[mine].tolist()], before + share)


def _holds(scenario: Scenario) -> Floats:
    months = scenario.horizon_months
    hold = np.zeros((len(scenario.workloads), months))
    for w, workload in enumerate(scenario.workloads):
        if not isinstance(workload, Training):
            continue
        for job in workload.jobs:
            first = months_between(scenario.start, job.start)
            while first < months:
                hold[w, max(first, 0) : max(first + job.months, 0)] += float(job.units_per_hour)
                if job.repeat_every_months is None:
                    break
                first += job.repeat_every_months
    return hold
