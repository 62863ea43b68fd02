"""Demand: hours into groups without losing any work, batch windows and training holds; and the units of time."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.documents import parse_document
from planner.records import validate
from planner.scenario.demand import Demand, _months, build_demand
from planner.scenario.schema import Scenario
from planner.units import fiscal_year, month_label, months_between

BASE = {"name": "small", "start": "2027-01", "as_of": "2026-11-21", "finance": {"wacc_fraction": 0, "source": "s"}}
EACH = {"unit": "u", "speed": {"g1": 1}, "speed_source": "s"}
LEVELS = [float(v) for v in (0, 0.25, 0.5, 1)]


def serving(shape: Any = "flat", growth: Any = 0, name: str = "chat", **level: Any) -> dict[str, Any]:
    if not isinstance(growth, dict):
        growth = {"annual_rate": growth} if not isinstance(growth, list) else {"monthly_factors": growth}
    return EACH | {"name": name, "kind": "serving",
                   "demand": {"shape": shape, "growth": growth, **(level or {"peak_per_hour": 8})}}  # fmt: skip


def batch(work: float = 730, name: str = "index", growth: float = 0, **fields: Any) -> dict[str, Any]:
    return EACH | {"name": name, "kind": "batch", "work_per_month": work, "growth": {"annual_rate": growth}, **fields}


WEEK_FILE = {"csv": "load.csv", "column": "load", "covers": "week"}


def demand(
    *workloads: dict[str, Any], months: int = 2, series: dict[str, Sequence[float]] | None = None, **fields: Any
) -> Demand:
    content = BASE | {"horizon_months": months, "workloads": list(workloads)} | fields
    return build_demand(validate(Scenario, parse_document(yaml.safe_dump(content), "f")), series or {})


def total(found: Demand, w: int = 0) -> float:
    return float((found.hours * found.level[w]).sum())


def test_flat_demand_is_one_group_a_month() -> None:
    found = demand(serving())
    assert found.month.tolist() == [0, 1]
    assert found.hours == pytest.approx([730, 730], rel=1e-13)
    assert found.level.tolist() == [[8, 8]]
    assert found.windows == ()
    assert found.hold.tolist() == [[0, 0]]


VARIANTS: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([serving(), batch()], {}),
    ([serving(growth=0.3), batch()], {}),
    ([serving(), batch(growth=0.3)], {}),
    ([serving(), batch(), batch(window="day", days="weekdays", name="nightly")], {}),
    ([serving(), batch()], {"months": 3}),
    ([serving(), batch()], {"start": "2027-02"}),
    ([serving(), batch()], {"hours_per_month": "calendar"}),
    ([serving(), batch()], {"scale": {"demand": 1.5}}),
    ([serving(), batch()], {"scale": {"demand_by_month": {"2027-02": 0}}}),
    ([serving(WEEK_FILE), batch()], {"series": {"chat": [float(n % 5) for n in range(168)]}}),
    ([serving(WEEK_FILE), batch()], {"series": {"chat": [float(n % 7) for n in range(168)]}}),
]


def test_groups_that_are_kept_are_those_of_the_scenario_that_is_asked_for() -> None:
    alone = []
    for workloads, more in VARIANTS:
        _months.cache_clear()
        alone.append(demand(*workloads, **more))
    for (workloads, more), expected in [*zip(VARIANTS, alone, strict=True)] * 2:
        assert repr(demand(*workloads, **more)) == repr(expected)


def test_a_week_is_grouped_by_level() -> None:
    week = {"weekday": [1.0] * 6 + [0.5] * 18, "weekend": [0.5] * 24}
    found = demand(serving(week), months=1)
    assert dict(zip(found.level[0].tolist(), found.hours.tolist(), strict=True)) == pytest.approx(
        {8: 730 * 30 / 168, 4: 730 * 138 / 168}, rel=1e-12
    )


def test_the_weekend_is_like_a_weekday_unless_given() -> None:
    week = {"weekday": [1.0] * 6 + [0.5] * 18}
    found = demand(serving(week), months=1)
    assert found.hours[found.level[0] == 8].sum() == pytest.approx(730 / 4, rel=1e-12)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(730, [730] * 3), (720, [720] * 3), ("calendar", [744, 696, 744])],
)
@pytest.mark.parametrize("rows", [168, 8760])
def test_groups_of_a_month_make_up_its_hours(hours: Any, expected: list[float], rows: int) -> None:
    shape = {"csv": "x.csv", "column": "load"}
    series = {"chat": np.linspace(0.1, 1, rows).tolist()}
    found = demand(serving(shape), months=3, start="2028-01", hours_per_month=hours, series=series)
    assert found.month_hours == pytest.approx(expected, rel=1e-12)
    assert np.bincount(found.month, found.hours) == pytest.approx(expected, rel=1e-12)
    assert (found.hours > 0).all()


def test_calendar_hours_count_the_weekdays_of_each_month() -> None:
    week = {"weekday": [1.0] * 24, "weekend": [0.25] * 24}
    found = demand(serving(week), months=24, hours_per_month="calendar")
    for t in range(24):
        label = month_label("2027-01", t)
        days = calendar.Calendar().itermonthdays2(int(label[:4]), int(label[5:]))
        weekend = sum(24 for day, weekday in days if day and weekday >= 5)
        mine = found.month == t
        assert found.hours[mine & (found.level[0] == 2)].sum() == weekend, label


def test_levels_are_peaks_or_averages() -> None:
    week = {"weekday": [0.5] * 24, "weekend": [0.2] * 24}
    peak = demand(serving(week, peak_per_hour=10), months=1)
    assert sorted(peak.level[0].tolist()) == pytest.approx([4, 10])
    average = demand(serving(week, average_per_hour=10), months=1)
    assert total(average) == pytest.approx(7300, rel=1e-12)
    mean = (5 * 0.5 + 2 * 0.2) / 7
    assert sorted(average.level[0].tolist()) == pytest.approx([10 * 0.2 / mean, 10 * 0.5 / mean])


def test_growth_is_by_year_or_by_month() -> None:
    yearly = demand(serving(growth=0.21), months=25)
    assert yearly.level[0, [0, 6, 12, 24]] == pytest.approx([8, 8 * 1.1, 8 * 1.21, 8 * 1.21**2], rel=1e-12)
    monthly = demand(serving(growth=[1, 0.5, 0]), months=3)
    assert monthly.level[0].tolist() == [8, 4, 0]


PATTERN = st.lists(st.sampled_from(LEVELS), min_size=24, max_size=24).filter(any)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(PATTERN, min_size=4, max_size=4), st.sampled_from([730, 720, "calendar"]), st.floats(0.1, 1e4))
def test_grouping_loses_no_work(patterns: list[list[float]], hours: Any, peak: float) -> None:
    shapes = [{"weekday": patterns[0], "weekend": patterns[1]}, {"weekday": patterns[2], "weekend": patterns[3]}]
    found = demand(
        serving(shapes[0], peak_per_hour=peak), serving(shapes[1], name="code", peak_per_hour=peak), months=2,
        hours_per_month=hours,
    )  # fmt: skip
    weeks = np.array([patterns[0] * 5 + patterns[1] * 2, patterns[2] * 5 + patterns[3] * 2])
    weeks *= peak / weeks.max(axis=1, keepdims=True)
    for t, (days, first) in enumerate([(31, 4), (28, 0)]):  # January 2027 begins on a Friday, February on a Monday
        each = np.full(168, float(hours) / 168) if hours != "calendar" else np.zeros(168)
        for day in range(days) if hours == "calendar" else []:
            each[(first + day) % 7 * 24 : (first + day) % 7 * 24 + 24] += 1
        mine = found.month == t
        for w in range(2):
            assert (found.hours * found.level[w])[mine].sum() == pytest.approx((each * weeks[w]).sum(), rel=1e-12)
        distinct = {tuple(column) for column in weeks[:, each > 0].T}
        assert {tuple(column) for column in found.level[:, mine].T} == distinct, "one group for each pair of levels"


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_grouping_a_year_loses_no_work(seed: int) -> None:
    rows = np.random.default_rng(seed).choice(LEVELS, 8760)
    rows[0] = 1
    shape = {"csv": "x.csv", "column": "load"}
    found = demand(serving(shape, peak_per_hour=5), months=14, series={"chat": rows.tolist()})
    first = 0
    for t, days in enumerate([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28]):
        first = 0 if t == 12 else first
        hours = rows[first : first + 24 * days]
        mine = found.month == t
        assert (found.hours * found.level[0])[mine].sum() == pytest.approx(hours.mean() * 730 * 5, rel=1e-12)
        assert mine.sum() == len(set(hours))
        first += 24 * days


def test_a_year_and_a_week_can_be_mixed() -> None:
    """The year's hours decide the slots; the week is laid over them by weekday."""
    year = np.ones(8760)
    week = {"weekday": [1.0] * 24, "weekend": [0.5] * 24}
    shape = {"csv": "x.csv", "column": "load"}
    found = demand(
        serving(shape), serving(week, name="code"), months=1, hours_per_month="calendar", series={"chat": year.tolist()}
    )
    assert dict(zip(found.level[1].tolist(), found.hours.tolist(), strict=True)) == {8: 21 * 24, 4: 10 * 24}


FILE = {"csv": "x.csv", "column": "load"}


def by_hour(name: str = "chat", shape: Any = FILE, **level: Any) -> dict[str, Any]:
    """A workload whose demand tells each month itself: no growth."""
    return EACH | {"name": name, "kind": "serving", "demand": {"shape": shape, **level}}


def calendar_of(start: str, months: int) -> list[tuple[str, int, int]]:
    """Month, weekday and hour of the day of every hour of the horizon, by the calendar of Python."""
    return [
        (label, weekday, hour)
        for label in (month_label(start, t) for t in range(months))
        for day, weekday in calendar.Calendar().itermonthdays2(int(label[:4]), int(label[5:]))
        if day
        for hour in range(24)
    ]


def levels(found: Demand, t: int) -> dict[float, float]:
    """Hours of month t by the level of the first workload, to 12 digits."""
    mine = found.month == t
    assert mine.sum() == len(set(found.level[0, mine].tolist()))
    return {float(f"{level:.12g}"): hours for level, hours in zip(found.level[0, mine], found.hours[mine], strict=True)}


@settings(max_examples=15, deadline=None)
@given(st.lists(PATTERN, min_size=2, max_size=2), st.sampled_from(["2027-02", "2028-01"]), st.integers(1, 14))
def test_hours_that_repeat_a_week_are_that_week(patterns: list[list[float]], start: str, months: int) -> None:
    week = patterns[0] * 5 + patterns[1] * 2
    rows = [8.0 / max(week) * week[weekday * 24 + hour] for _, weekday, hour in calendar_of(start, months)]
    fields: dict[str, Any] = {"months": months, "start": start, "hours_per_month": "calendar"}
    whole = demand(by_hour(shape=FILE | {"covers": "horizon"}), series={"chat": rows}, **fields)
    shape = demand(serving({"weekday": patterns[0], "weekend": patterns[1]}), **fields)
    assert [levels(whole, t) for t in range(months)] == [levels(shape, t) for t in range(months)]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([730, 720, "calendar"]), st.sampled_from(["2027-01", "2028-02"]))
def test_every_hour_of_the_horizon_keeps_its_work(seed: int, hours: Any, start: str) -> None:
    labels = np.array([label for label, _, _ in calendar_of(start, 14)])
    rows = np.random.default_rng(seed).random(len(labels))
    series = {"chat": rows.tolist()}
    fields: dict[str, Any] = {"months": 14, "start": start, "hours_per_month": hours, "series": series}
    own = demand(by_hour(), **fields)
    peak = demand(by_hour(peak_per_hour=40), **fields)
    mean = demand(by_hour(average_per_hour=40, scale=1.5), **fields)
    assert peak.level.max() == pytest.approx(40, rel=1e-12)
    for t in range(14):
        mine = rows[labels == month_label(start, t)]
        length = len(mine) if hours == "calendar" else hours
        assert own.month_hours[t] == pytest.approx(length, rel=1e-12)
        assert sorted(own.level[0, own.month == t]) == sorted(set(mine)), "rows are work units per hour, not grown"
        for found, unit in ((own, 1), (peak, 40 / rows.max()), (mean, 1.5 * 40 / rows.mean())):
            work = (found.hours * found.level[0])[found.month == t].sum()
            assert work == pytest.approx(mine.mean() * length * unit, rel=1e-12)


def test_a_year_of_rows_may_be_the_horizon_and_then_begins_with_it() -> None:
    rows = {"chat": np.repeat(np.arange(12.0), 730).tolist()}
    year = demand(serving(FILE, peak_per_hour=11), months=1, start="2026-04", series=rows)
    whole = demand(by_hour(shape=FILE | {"covers": "horizon"}), months=12, start="2026-04", series=rows)
    assert year.level[0].tolist() == [2, 3]
    assert whole.level[0, whole.month == 0].tolist() == [0]


def test_the_finest_hours_decide_and_29_february_is_like_the_28th_of_a_year() -> None:
    year = np.ones(8760)
    year[(31 + 27) * 24 : (31 + 28) * 24] = 3
    week = {"weekday": [1.0] * 24, "weekend": [0.5] * 24}
    found = demand(
        by_hour(), serving(FILE, name="year", peak_per_hour=3), serving(week, name="week", peak_per_hour=1),
        batch(29, window="day"), months=1, start="2028-02", hours_per_month="calendar",
        series={"chat": np.arange(696.0).tolist(), "year": year.tolist()},
    )  # fmt: skip
    assert found.level[0].tolist() == list(range(696))
    assert found.level[1].tolist() == [1] * 27 * 24 + [3] * 48
    assert found.level[2, ::24].tolist() == [0.5 if (1 + day) % 7 >= 5 else 1 for day in range(29)]  # from a Tuesday on
    assert close(windows(found, 3), [(1, 24)] * 29)


@pytest.mark.parametrize("shape", ["flat", "week", "year", "horizon"])
@pytest.mark.parametrize("hours", [730, "calendar"])
def test_the_work_of_each_month_is_done_in_its_shape(shape: str, hours: Any) -> None:
    work = [500, 0, 125.5, 1e6]
    rows = np.random.default_rng(3).random(8760 if shape == "year" else 24 * 121)
    given = {"flat": "flat", "week": {"weekday": LEVELS * 6, "weekend": [1.0] * 24}}.get(shape, FILE)
    found = demand(by_hour(shape=given, work_per_month=work, scale=2), months=4, start="2028-01",
                   hours_per_month=hours, series={"chat": rows.tolist()} if given is FILE else None)  # fmt: skip
    done = np.bincount(found.month, found.hours * found.level[0])
    assert done == pytest.approx([2 * each for each in work], rel=1e-12)
    if given is FILE:
        first = found.level[0, found.month == 0]
        assert first / first.max() == pytest.approx(np.sort(rows[:744]) / rows[:744].max(), rel=1e-12)


def test_seasons_are_on_top_of_growth() -> None:
    """The level is that of a month without a season: December 2027 has grown for 11 months, then times 1.6."""
    found = demand(serving(growth={"annual_rate": 0.21, "seasons": {"12": 1.6, "02": 0}}), months=14)
    expected = [8 * 1.21 ** (t / 12) * {11: 1.6, 1: 0, 13: 0}.get(t, 1) for t in range(14)]
    assert found.level[0].tolist() == pytest.approx(expected, rel=1e-12)
    late = demand(serving(growth={"annual_rate": 0, "seasons": {"01": 2}}), months=3, start="2027-12")
    assert late.level[0].tolist() == [8, 16, 8]
    work = demand(batch(100) | {"growth": {"annual_rate": 0, "seasons": {"12": 3}}}, months=2, start="2027-11")
    assert [one.work for one in work.windows] == [100, 300]


def test_scale_multiplies_every_kind_of_level() -> None:
    for level in ({"peak_per_hour": 8}, {"average_per_hour": 8}):
        assert demand(serving(**level, scale=0.25)).level.tolist() == [[2, 2]]
    assert demand(by_hour(scale=0.5), series={"chat": [4.0] * 59 * 24}).level.tolist() == [[2, 2]]


def test_groups_are_sorted_by_their_values() -> None:
    """By the first workload's level, then by the second's: the same hours make the same program, column for column."""
    rows = {name: np.random.default_rng(seed).choice(LEVELS, 744).tolist() for seed, name in enumerate("ab")}
    found = demand(
        by_hour("a"), by_hour("b"), batch(hours=[0, 1, 2]), months=1, series=rows, hours_per_month="calendar"
    )
    joint = np.array([*rows.values(), (np.arange(744) % 24 < 3).tolist()]).T
    unique, counts = np.unique(joint, axis=0, return_counts=True)
    assert found.level[:2].T.tolist() == unique[:, :2].tolist()
    assert found.hours.tolist() == counts.tolist()


def windows(found: Demand, w: int) -> list[tuple[float, float]]:
    """Work and open hours of each window of workload w."""
    return [(one.work, float(found.hours[one.groups].sum())) for one in found.windows if one.workload == w]


def close(pairs: list[tuple[float, float]], expected: list[tuple[float, float]]) -> bool:
    """Say whether the same windows stand in both, in any order."""
    return np.shape(pairs) == np.shape(expected) and np.allclose(sorted(pairs), expected, rtol=1e-12, atol=0)


def test_a_window_of_a_month_holds_the_work_of_the_month() -> None:
    found = demand(serving(), batch(1000, growth=0.21), months=13)
    assert [one.workload for one in found.windows] == [1] * 13
    assert [work for work, _ in windows(found, 1)] == pytest.approx([1000 * 1.21 ** (t / 12) for t in range(13)])
    assert [hours for _, hours in windows(found, 1)] == pytest.approx([730] * 13)
    assert [set(found.month[one.groups]) for one in found.windows] == [{t} for t in range(13)]
    assert found.level[1].tolist() == [0] * len(found.month)


def test_windows_of_several_months_add_up_and_the_last_may_be_short() -> None:
    found = demand(batch(100, window=3), months=8)
    assert [work for work, _ in windows(found, 0)] == pytest.approx([300, 300, 200])
    assert [sorted(set(found.month[one.groups])) for one in found.windows] == [[0, 1, 2], [3, 4, 5], [6, 7]]


@pytest.mark.parametrize(
    ("fields", "share"),
    [({"hours": [22, 23, 0, 1]}, 4 / 24), ({"hours": [5, 5]}, 1 / 24), ({"days": "weekends"}, 2 / 7),
     ({"days": "weekdays"}, 5 / 7), ({"days": "weekends", "hours": [0]}, 2 / 7 / 24), ({}, 1)],
)  # fmt: skip
@pytest.mark.parametrize("window", [1, 2, "day"])
def test_windows_are_open_in_their_hours_only(fields: dict[str, Any], share: float, window: Any) -> None:
    found = demand(serving({"weekday": LEVELS * 6}), batch(700, window=window, **fields), months=2)
    assert sum(work for work, _ in windows(found, 1)) == pytest.approx(1400, rel=1e-12)
    groups = np.concatenate([one.groups for one in found.windows])
    assert len(groups) == len(set(groups)), "no hour stands in two windows"
    assert found.hours[groups].sum() == pytest.approx(1460 * share, rel=1e-12)


def test_days_of_one_profile_share_the_work_evenly() -> None:
    week = {"weekday": LEVELS * 6, "weekend": [1.0] * 24}
    found = demand(serving(week), batch(700, window="day", hours=[0, 1, 2, 3]), months=1)
    assert close(windows(found, 1), [(200, 730 * 2 * 4 / 168), (500, 730 * 5 * 4 / 168)])
    whole = demand(serving(week), batch(700, window="day"), batch(70, "tidy", window="day", days="weekends"), months=1)
    assert close(windows(whole, 1), [(200, 730 * 2 / 7), (500, 730 * 5 / 7)])
    assert close(windows(whole, 2), [(70, 730 * 2 / 7)])


def test_day_windows_follow_the_calendar() -> None:
    found = demand(batch(310, window="day"), serving({"weekday": [1] * 24, "weekend": [0.5] * 24}), months=1,
                   hours_per_month="calendar")  # fmt: skip
    assert close(windows(found, 0), [(100, 240), (210, 504)])  # 10 weekend days, 21 weekdays


def test_day_windows_over_a_year_tell_every_profile_apart() -> None:
    rows = np.ones(8760)
    rows[24:48] = 0.5
    shape = {"csv": "x.csv", "column": "load"}
    found = demand(
        serving(shape), batch(310, window="day"), months=1, hours_per_month="calendar", series={"chat": rows.tolist()}
    )
    assert close(windows(found, 1), [(10, 24), (300, 720)])


def hold(*jobs: dict[str, Any], months: int = 6) -> list[float]:
    jobs = tuple({"name": f"j{i}", "units_per_hour": 4} | job for i, job in enumerate(jobs))
    found = demand(EACH | {"name": "train", "kind": "training", "jobs": list(jobs)}, serving(), months=months)
    assert found.level[0].tolist() == [0] * len(found.month)
    assert found.hold[1].tolist() == [0] * months
    return found.hold[0].tolist()


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ({"start": "2027-02", "months": 2}, [0, 4, 4, 0, 0, 0]),
        ({"start": "2026-11", "months": 3}, [4, 0, 0, 0, 0, 0]),
        ({"start": "2026-11", "months": 2}, [0, 0, 0, 0, 0, 0]),
        ({"start": "2027-05", "months": 9}, [0, 0, 0, 0, 4, 4]),
        ({"start": "2027-07", "months": 1}, [0, 0, 0, 0, 0, 0]),
        ({"start": "2020-01", "months": 999_999}, [4, 4, 4, 4, 4, 4]),
        ({"start": "2027-01", "months": 1, "repeat_every_months": 2}, [4, 0, 4, 0, 4, 0]),
        ({"start": "2026-02", "months": 1, "repeat_every_months": 3}, [0, 4, 0, 0, 4, 0]),
        ({"start": "2026-12", "months": 2, "repeat_every_months": 4}, [4, 0, 0, 4, 4, 0]),
        ({"start": "2027-01", "months": 2, "repeat_every_months": 1}, [4, 8, 8, 8, 8, 8]),
    ],
)
def test_training_holds_its_gpus_in_its_months(job: dict[str, Any], expected: list[float]) -> None:
    assert hold(job) == expected


def test_jobs_add_up() -> None:
    found = hold({"start": "2027-01", "months": 2}, {"start": "2027-02", "months": 2, "units_per_hour": 1.5})
    assert found == [4, 5.5, 1.5, 0, 0, 0]


@pytest.mark.parametrize(
    ("start", "offset", "label"),
    [("2027-01", 0, "2027-01"), ("2027-01", 13, "2028-02"), ("2027-12", 1, "2028-01"), ("2027-01", -1, "2026-12"),
     ("2027-06", -18, "2025-12"), ("2999-12", 360, "3029-12")],
)  # fmt: skip
def test_months_are_counted_over_years(start: str, offset: int, label: str) -> None:
    assert month_label(start, offset) == label
    assert months_between(start, label) == offset


def test_months_between_takes_days_too() -> None:
    assert months_between("2026-11-21", "2027-01") == 2
    assert months_between("2027-01", "2026-11-30") == -2


@pytest.mark.parametrize(
    ("label", "first", "year"),
    [("2027-01", 1, 2027), ("2027-12", 1, 2027), ("2027-03", 4, 2027), ("2027-04", 4, 2028), ("2027-12", 12, 2028),
     ("2027-11", 12, 2027)],
)  # fmt: skip
def test_fiscal_years_are_named_after_the_year_in_which_they_end(label: str, first: int, year: int) -> None:
    assert fiscal_year(label, first) == year


def test_thirty_years_of_hours_are_built() -> None:
    rows = np.random.default_rng(1).random(8760)
    shape = {"csv": "x.csv", "column": "load"}
    found = demand(serving(shape), batch(window=360), months=360, series={"chat": rows.tolist()})
    assert len(found.month) == 8760 * 30
