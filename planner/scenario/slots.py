"""The hours of a month, as the finest rows of demand tell them apart."""

from __future__ import annotations

import calendar
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.scenario.demand_schema import Cover
from planner.scenario.schema import Scenario
from planner.scenario.series import rows_of_month
from planner.units import HOURS_PER_DAY, HOURS_PER_WEEK, month_label

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Slots:
    """The hours of one month before grouping; arrays [slot]: `row` is where files of each cover have the hour."""

    weekday: Ints
    hour: Ints
    day: Ints
    row: dict[Cover, Ints]
    hours: Floats


def slots_of(scenario: Scenario, t: int, finest: Cover) -> Slots:
    """Return the hours of month t as the finest rows have them: a week's, or a month's with or without 29 February."""
    year, number = (int(part) for part in month_label(scenario.start, t).split("-"))
    first_weekday, true_days = calendar.monthrange(year, number)
    fixed = None if scenario.hours_per_month == "calendar" else float(scenario.hours_per_month)
    if finest == "week":
        weekday = np.repeat(np.arange(7), HOURS_PER_DAY)
        counts = np.bincount((first_weekday + np.arange(true_days)) % 7, minlength=7)
        hours = np.full(HOURS_PER_WEEK, fixed / HOURS_PER_WEEK) if fixed else counts[weekday].astype(float)
        hour = np.tile(np.arange(HOURS_PER_DAY), 7)
        return Slots(weekday, hour, weekday, {"week": weekday * HOURS_PER_DAY + hour}, hours)
    of_year, of_horizon = (rows_of_month(covers, scenario.start, t) for covers in ("year", "horizon"))
    common = (of_year.stop - of_year.start) // HOURS_PER_DAY
    days = true_days if finest == "horizon" else common
    day = np.repeat(np.arange(days), HOURS_PER_DAY)
    hour = np.tile(np.arange(HOURS_PER_DAY), days)
    weekday = (first_weekday + day) % 7
    row: dict[Cover, Ints] = {
        "week": weekday * HOURS_PER_DAY + hour,
        "year": of_year.start + np.minimum(day, common - 1) * HOURS_PER_DAY + hour,  # 29 February is like the 28th
        "horizon": of_horizon.start + np.arange(len(day)),
    }
    length = fixed or true_days * HOURS_PER_DAY
    return Slots(weekday, hour, day, row, np.full(len(day), length / len(day)))
