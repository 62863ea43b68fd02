"""Demand by hour: groups of like hours in each month, batch windows and training holds.

Within a month hours may be permuted as long as nothing couples them, so hours in which every workload asks for the
same are one group. A batch window of a day couples the hours of a day: then days are told apart by their profile,
and days of one profile share the work evenly, which by symmetry is a best way to share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from planner.scenario.demand_schema import Cover, Growth, SeriesFile
from planner.scenario.schema import Batch, Scenario, Serving, Training
from planner.scenario.series import cover
from planner.scenario.slots import Floats, Ints, Slots, slots_of
from planner.units import HOURS_PER_WEEK, MONTHS_PER_YEAR, month_label, months_between

_FINEST_FIRST: tuple[Cover, ...] = ("horizon", "year", "week")
_GROUPED_BY = {"start", "horizon_months", "hours_per_month", "workloads"}


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
class _Course:
    """What a serving workload asks for: in slot s of month t, level[t] × rows[row of s].

    Attributes
    ----------
    covers : what the rows cover
    rows : array of load by the hour
    level : array [t]; None where `work` tells it
    work : array [t], work units of each month, or None
    """

    covers: Cover
    rows: Floats
    level: Floats | None
    work: Floats | None

    def load(self, t: int, slots: Slots) -> Floats:
        """Return work units per hour in the slots of month t."""
        load = self.rows[slots.row[self.covers]]
        if self.work is None:
            assert self.level is not None
            return np.asarray(self.level[t] * load)
        total = float(slots.hours @ load)
        return np.asarray(self.work[t] / total * load if total else load)


@dataclass(frozen=True)
class _Month:
    """The hours of one month in groups.

    Attributes
    ----------
    start : index g of the first group
    group : array [slot], the group of each hour, counted from `start`
    hours : array [g]
    load : array [w, g], before a what-if scales it
    allowed : array [w, slot], hours of batch workloads
    """

    start: int
    slots: Slots
    group: Ints
    hours: Floats
    load: Floats
    allowed: NDArray[np.bool_]


@dataclass(frozen=True)
class _Asked:
    """What the groups of hours depend on, told by `key`: scenarios with the same one have the same groups."""

    key: tuple[object, ...]
    scenario: Scenario = field(compare=False)
    series: Mapping[str, Sequence[float]] = field(compare=False)


def build_demand(scenario: Scenario, series: Mapping[str, Sequence[float]]) -> Demand:
    """Group the hours of every month of `scenario`; `series` holds the rows of its CSV shapes by workload."""
    fields = scenario.model_dump_json(include=_GROUPED_BY, warnings=False)
    rows = tuple((name, tuple(values)) for name, values in series.items())
    months = _months(_Asked((fields, rows), scenario, series))
    scale = np.array([float(scenario.scale.demand_in(month_label(scenario.start, t))) for t in range(len(months))])
    every = np.concatenate([one.load * factor for one, factor in zip(months, scale, strict=True)], axis=1)
    hours = [one.hours for one in months]
    return Demand(
        np.repeat(np.arange(len(months)), [len(one) for one in hours]), np.concatenate(hours),
        np.array([one.sum() for one in hours]), every, _holds(scenario) * scale, _windows(scenario, months, scale),
        every.max(axis=1, initial=0.0),
    )  # fmt: skip


@lru_cache(maxsize=4)  # of a study most scenarios differ in prices and in how demand is scaled only
def _months(asked: _Asked) -> list[_Month]:
    scenario, workloads, series = asked.scenario, asked.scenario.workloads, asked.series
    courses = {
        w: _course(one, scenario, series.get(one.name)) for w, one in enumerate(workloads) if isinstance(one, Serving)
    }
    covered = {course.covers for course in courses.values()}
    finest: Cover = next((one for one in _FINEST_FIRST if one in covered), "week")
    months: list[_Month] = []
    start = 0
    for t in range(scenario.horizon_months):
        slots = slots_of(scenario, t, finest)
        load = np.zeros((len(workloads), len(slots.hours)))
        for w, course in courses.items():
            load[w] = course.load(t, slots)
        allowed = np.array([_allowed(w, slots) for w in workloads])
        group = _group(load, allowed, _day_classes(workloads, load, allowed, slots))
        first = np.unique(group, return_index=True)[1]
        hours = np.asarray(np.bincount(group, slots.hours), float)
        months.append(_Month(start, slots, group, hours, load[:, first], allowed))
        start += len(first)
    return months


def _windows(scenario: Scenario, months: Sequence[_Month], scale: Floats) -> tuple[Window, ...]:
    """Return the windows of all batch workloads."""
    found: dict[tuple[int, int, int], tuple[list[int], float]] = {}
    for w, workload in enumerate(scenario.workloads):
        if isinstance(workload, Batch):
            work = float(workload.work_per_month) * _levels(workload.growth, scenario) * scale
            for t, one in enumerate(months):
                _add_windows(found, w, workload, t, one.start + one.group, one.allowed[w], one.slots, float(work[t]))
    return tuple(Window(key[0], np.array(sorted(set(groups))), work) for key, (groups, work) in sorted(found.items()))


def _levels(growth: Growth, scenario: Scenario) -> Floats:
    months = np.arange(scenario.horizon_months)
    if growth.monthly_factors is not None:
        return np.array([float(factor) for factor in growth.monthly_factors])
    assert growth.annual_rate is not None
    level = (1 + float(growth.annual_rate)) ** (months / MONTHS_PER_YEAR)
    seasons = [float(growth.seasons.get(month_label(scenario.start, t)[5:], 1)) for t in months.tolist()]
    return np.asarray(level * seasons)


def _course(workload: Serving, scenario: Scenario, rows: Sequence[float] | None) -> _Course:
    demand, covers = workload.demand, _covers(workload, scenario, rows)
    load, scale = _rows(workload, rows), float(demand.scale)
    if demand.work_per_month is not None:
        return _Course(covers, load, None, np.array([float(work) for work in demand.work_per_month]) * scale)
    if demand.peak_per_hour is not None:
        unit = float(demand.peak_per_hour) / float(load.max())
    elif demand.average_per_hour is not None:
        unit = float(demand.average_per_hour) / float(load.mean())
    else:
        unit = 1.0  # the rows are work units per hour
    growth = np.ones(scenario.horizon_months) if demand.growth is None else _levels(demand.growth, scenario)
    return _Course(covers, load, growth * unit * scale, None)


def _covers(workload: Serving, scenario: Scenario, rows: Sequence[float] | None) -> Cover:
    if rows is None or not isinstance(workload.demand.shape, SeriesFile):
        return "week"
    covers = cover(workload.demand.shape, len(rows), scenario.start, scenario.horizon_months)
    assert covers is not None
    return covers


def _rows(workload: Serving, rows: Sequence[float] | None) -> Floats:
    """Load by the hour, relative unless no level is given; a week begins on Monday 00:00."""
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


def _allowed(workload: object, slots: Slots) -> NDArray[np.bool_]:
    if not isinstance(workload, Batch):
        return np.zeros(len(slots.hours), bool)
    hours = np.isin(slots.hour, workload.hours) if workload.hours is not None else np.ones(len(slots.hours), bool)
    weekend = slots.weekday >= 5
    days = {"all": np.ones_like(weekend), "weekdays": ~weekend, "weekends": weekend}[workload.days]
    return hours & days


def _day_classes(workloads: Sequence[object], load: Floats, allowed: NDArray[np.bool_], slots: Slots) -> Ints:
    """Class of the day of each slot; all one class unless a batch window is a day."""
    if not any(isinstance(w, Batch) and w.window == "day" for w in workloads):
        return np.zeros(len(slots.hours), int)
    profile = np.vstack([load, allowed])
    days = [profile[:, slots.day == d] for d in range(int(slots.day.max()) + 1)]
    _, classes = np.unique([day.ravel() for day in days], axis=0, return_inverse=True)
    return np.asarray(classes).reshape(-1)[slots.day]


def _group(load: Floats, allowed: NDArray[np.bool_], day_class: Ints) -> Ints:
    """Number the distinct slots in the order of their values; slots alike in everything have one number."""
    keys = np.vstack([load, allowed, day_class])
    order = np.lexsort(keys[::-1])
    differs = (keys[:, order[1:]] != keys[:, order[:-1]]).any(axis=0)
    group = np.zeros(len(order), int)
    group[order[1:]] = np.cumsum(differs)
    return group


def _add_windows(
    windows: dict[tuple[int, int, int], tuple[list[int], float]],
    w: int, workload: Batch, t: int, group: Ints, allowed: NDArray[np.bool_], slots: Slots, work: float,
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
