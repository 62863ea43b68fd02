"""Switching values: where arithmetic says, with plans beside them that decide differently; none where there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.analysis.study import buys, solve_case
from planner.model import highs
from planner.model.highs import _highs, solve_whole
from planner.model.solve import Effort
from planner.report.whatif.words import far, value
from planner.whatif.answer import sensitivity, switch
from planner.whatif.base import Settings
from planner.whatif.basis import EXACT, Ask, decision, nodes_for
from planner.whatif.drivers import Driver, Move
from planner.whatif.points import INFEASIBLE, OPTIONS, Point, Points
from planner.whatif.question import DECIDING, Question, asking, chosen, deciding_drivers, question
from planner.whatif.runner import How
from planner.whatif.switch import switching_values
from tests.small import SERVER
from tests.whatif.tiny import KEPT, RENT, asker, eight, tiny

PRICE = "server-8xa100-80gb/gpu_usd_per_gpu"
DRIVER = Driver("v", "V", "×", 1.0, 0.8, 1.2, 0.0, 10.0, "± 20%", (Move("v", Decimal(1), "times"),))


def function(saved: Callable[[float], float | None], asked: list[float] | None = None) -> Ask:
    """Return who answers that buying saves `saved` of the driver's value; None: no plan; infinite: one way only."""

    def point(settings: Settings) -> Point:
        value = float(settings[0].partition("=")[2]) if settings else 1.0
        if asked is not None:
            asked.append(value)
        found = saved(value)
        known = found is not None and math.isfinite(found)
        return {
            "status": INFEASIBLE if found is None else "ok",
            "buying_saves_usd": found if known else None,
            "buy_usd": 0.0 if known or found == math.inf else None,
            "without_a_purchase_usd": 0.0 if known or found == -math.inf else None,
        }

    return lambda settings: [point(one) for one in settings]


def values(saved: Callable[[float], float | None], **more: Any) -> dict[str, Any]:
    (row,) = switching_values([DRIVER], function(saved), **more)
    return row


@pytest.mark.parametrize("root", [0.013, 0.5, 0.99, 1.7, 9.9])
def test_a_root_is_found_to_its_precision_and_both_sides_are_told(root: float) -> None:
    for saved in (
        lambda v: 3 * (root - v),
        lambda v: math.exp(v) - math.exp(root),
        lambda v: 1.0 if v < root else -7.0,
    ):
        (flip,) = values(saved, precision=1e-6)["flips"]
        assert flip["low"] <= root <= flip["high"]
        assert flip["high"] - flip["low"] <= 1e-6 * max(flip["high"], 0.004)
        assert flip["low"] <= flip["at"] <= flip["high"]
        assert flip["distance"] == pytest.approx(root - 1, rel=1e-5, abs=1e-5)
        assert flip["buys"] == ("below" if saved(flip["low"]) > 0 else "above")


def test_a_flip_that_is_not_closed_in_is_not_known_from_its_nearer_end_on() -> None:
    row = values(lambda v: None if 1.21 < v < 3 else 2 - v, scan=2)
    assert row["without_a_plan"] == [] and [flip["precise"] for flip in row["flips"]] == [False]
    assert row["unknown_from"] == pytest.approx(0.2)


def test_a_purchase_that_saves_nothing_is_not_made() -> None:
    assert [decision({"buying_saves_usd": usd}) for usd in (0.0, 0.01)] == ["rent", "buy"]


def test_a_straight_line_needs_few_steps_and_a_jump_no_more_than_halving() -> None:
    line: list[float] = []
    jump: list[float] = []
    switching_values([DRIVER], function(lambda v: 1.7 - v, line), 1e-6, 4)
    switching_values([DRIVER], function(lambda v: 1.0 if v < 1.7 else -1e6, jump), 1e-6, 4)
    scanned = 11
    assert len(line) <= scanned + 8
    assert len(jump) <= scanned + math.ceil(math.log2(2.0 / 1.7e-6)) + 1


def test_every_flip_that_is_met_is_told_the_nearest_first() -> None:
    row = values(lambda v: (v - 0.3) * (v - 1.6) * (v - 6.0))
    assert [flip["at"] for flip in row["flips"]] == pytest.approx([1.6, 0.3, 6.0], rel=1e-3)
    assert row["switches_at"] == row["flips"][0]["at"]
    assert [flip["buys"] for flip in row["flips"]] == ["below", "above", "above"]


@pytest.mark.parametrize(("saved", "leaps"), [
    (lambda v: 3 * (1.7 - v), False),
    (lambda v: math.exp(1.7) - math.exp(v), False),
    (lambda v: 500.0 + (1.7 - v) if v < 1.7 else -500.0, True),
    (lambda v: math.inf if v < 1.7 else -5.0, True),
])  # fmt: skip
def test_a_leap_over_0_is_no_root(saved: Callable[[float], float], leaps: bool) -> None:
    (flip,) = values(saved)["flips"]
    assert flip["jumps"] == leaps
    if leaps:
        assert flip["at"] == (flip["low"] + flip["high"]) / 2


@pytest.mark.parametrize("first", [2, 3, 6, 18, 0])
def test_months_of_delivery_flip_at_a_whole_one(first: int) -> None:
    def saved(months: float) -> float:
        assert months == round(months)
        return -1.0 if (months >= first if first > 1 else months <= first) else 1.0

    late = replace(DRIVER, low=0.0, high=4.0, least=-1.0, most=25.0, moves=(Move("v", Decimal(1), "is"),), step=1.0)
    (row,) = switching_values([late], function(saved))
    (flip,) = row["flips"]
    assert (flip["at"], flip["distance"]) == (first, first - 1)
    assert {flip["low"], flip["high"]} == {first, first - math.copysign(1, first - 1)}


def test_a_driver_near_in_its_own_range_comes_first() -> None:
    """A price at + 30 % of a range of 20 % is farther than a rate at + 50 % of a range of 100 %."""
    rate = replace(DRIVER, name="w", now=0.04, low=0.0, high=0.08, most=1.0, moves=(Move("w", Decimal(1), "is"),))

    def ask(settings: Sequence[Settings]) -> list[Point]:
        def saved(one: Settings) -> float:
            path, _, value = (one[0] if one else "v=1").partition("=")
            return (1.3 if path == "v" else 0.06) - float(value)

        return [function(lambda v, one=one: saved(one))([()])[0] for one in settings]

    rows = switching_values([DRIVER, rate], ask)
    assert [row["driver"] for row in rows] == ["w", "v"]
    assert [row["flips"][0]["ranges"] for row in rows] == pytest.approx([0.5, 1.5], rel=1e-3)


def test_delivery_is_told_in_months() -> None:
    late = next(one for one in deciding_drivers(question(eight())) if one.name == "delivery")
    assert late.at(2.0) == ("prices.server-8xa100-80gb/lead_time_months=6.0",)
    assert value({"unit": late.unit}, 1.0) == "+1 month"
    assert far({"unit": late.unit}, -2 / 12) == "−2 months"
    assert late.at(0.4) == late.at(0.0) == ()


def test_none_is_said_with_what_was_searched() -> None:
    row = values(lambda v: -1.0)
    assert (row["flips"], row["switches_at"], row["distance"]) == ([], None, None)
    assert row["searched"] == {"least": 0.0, "most": 10.0, "values": 2 * 8 + 3}


def test_values_without_a_plan_flip_nothing_and_are_told() -> None:
    row = values(lambda v: None if v > 3 else -1.0)
    assert row["flips"] == []
    assert row["without_a_plan"]
    assert min(row["without_a_plan"]) > 3


def test_only_one_way_left_is_a_decision() -> None:
    (flip,) = values(lambda v: -5.0 if v < 2.5 else math.inf)["flips"]
    assert flip["at"] == pytest.approx(2.5, rel=1e-4)
    assert flip["buying_saves_usd_at_high"] is None


@cache
def tiny_rows(folder: Path) -> dict[str, dict[str, Any]]:
    asked = asked_about(tiny(folder))
    names = ["purchase", "rented", "demand", "resale", f"{SERVER}/purchase_usd_per_server", "wacc"]
    return {row["driver"]: row for row in switching_values(chosen(asked, names), asker(asked.base), scan=3)}


def asked_about(base: Any) -> Question:
    asked = question(base)
    assert asked.effort is not None
    assert asked.effort.gap == EXACT.gap
    return asked


@pytest.mark.parametrize(
    ("driver", "flips_at"),
    [
        ("purchase", RENT / KEPT),
        (f"{SERVER}/purchase_usd_per_server", 100_000 * RENT / KEPT),
        ("rented", KEPT / RENT),
        ("demand", KEPT / RENT),  # one server does less and less
        ("resale", (100_000 - RENT) / KEPT),  # half as much is half of what is kept
        ("wacc", None),  # three months are short
    ],
)
def test_a_tiny_scenario_flips_where_arithmetic_says(
    driver: str, flips_at: float | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    row = tiny_rows(tmp_path_factory.getbasetemp())[driver]
    if flips_at is None:
        assert row["flips"] == []
        return
    nearest = row["flips"][0]
    assert nearest["at"] == pytest.approx(flips_at, rel=1e-4)
    assert nearest["low"] <= flips_at * (1 + 1e-9)
    assert nearest["high"] >= flips_at * (1 - 1e-9)


@cache
def eight_rows() -> dict[str, dict[str, Any]]:
    asked = asked_about(eight())
    names = [PRICE, "wacc", "demand"]
    return {row["driver"]: row for row in switching_values(chosen(asked, names), asker(asked.base), scan=3)}


@pytest.mark.parametrize("name", [PRICE, "wacc", "demand"])
def test_planning_just_beside_a_switching_value_decides_as_it_says(name: str) -> None:
    asked = asked_about(eight())
    (driver,) = chosen(asked, [name])
    flip = eight_rows()[name]["flips"][0]
    assert flip["high"] / flip["low"] - 1 <= 1.1e-4
    for end in ("low", "high"):
        study = solve_case(asked.base.case(driver.at(flip[end])), Effort(gap=0.0))
        assert study.plan.answer.relative_gap <= 1e-9
        assert buys(study.built, study.plan.answer.x) == ((end == "low") == (flip["buys"] == "below"))


def test_the_drivers_are_those_of_a_decision_and_the_price_of_each_server() -> None:
    names = [driver.name for driver in deciding_drivers(question(eight()))]
    groups = {"demand", "growth", "rented", "purchase", "electricity", "resale", "delivery", "wacc"}
    assert groups <= {*names}
    assert PRICE in names


def test_what_bounds_decide_is_what_searches_decide_and_takes_fewer_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, searches = asked_about(eight()), 0
    assert asked.effort is not None

    def counted(*given: Any) -> Any:
        nonlocal searches
        searches += 1
        return solve_whole(*given)

    monkeypatch.setattr("planner.model.solve.solve_whole", counted)
    bounds, exact = (
        Points(asked.base, DECIDING, replace(asked.effort, deciding=deciding)) for deciding in (True, False)
    )
    decided: list[tuple[str | None, ...]] = []
    taken = [0, 0]
    for driver in chosen(asked, [PRICE, "demand", "wacc"]):
        flip = eight_rows()[driver.name]["switches_at"]
        for one in (driver.least, driver.low, driver.now, 0.97 * flip, 1.03 * flip, driver.high, driver.most):
            found = []
            for n, points in enumerate((bounds, exact)):
                before = searches
                found.append(decision(points.point(driver.at(one))))
                taken[n] += searches - before
            decided.append(tuple(found))
    assert all(one == other for one, other in decided)
    assert {"buy", "rent"} <= {one for one, _ in decided}
    assert taken[0] < 0.8 * taken[1]


def test_flips_are_the_same_whoever_decides_where_to_look() -> None:
    asked = asked_about(eight())
    assert asked.effort is not None
    found = chosen(asked, [PRICE, "wacc"])
    decide = asking(asked, How(DECIDING, replace(asked.effort, deciding=True), 1))
    exact = asking(asked, How(DECIDING, asked.effort, 1))
    assert switching_values(found, exact, scan=3, decide=decide) == switching_values(found, exact, scan=3)


def test_no_search_in_whole_numbers_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is found would hang on who else works on the machine."""
    limits: list[tuple[str, object]] = []

    def options(**named: object) -> Any:
        limits.extend((name, named[name]) for name in ("time_limit", "mip_max_nodes") if name in named)
        return _highs(**named)

    monkeypatch.setattr(highs, "_highs", options)
    monkeypatch.setattr("planner.whatif.answer.prices_that_change_the_answer", lambda study, say: [])
    asked = question(eight())
    switch(asked, asking(asked, How(DECIDING, asked.effort, 1)), [PRICE], scan=2)
    sensitivity(asked, asking(asked, How(OPTIONS, asked.effort, 1)), [PRICE], 0.2, pairs=[])
    assert {value for name, value in limits if name == "time_limit"} == {math.inf}
    assert len({name for name, _ in limits}) == 2
    assert {value for name, value in limits if name == "mip_max_nodes"} == {nodes_for(asked.size)}


def test_workers_change_no_bit_of_an_answer(tmp_path: Path) -> None:
    asked = asked_about(tiny(tmp_path))

    def found(workers: int) -> dict[str, Any]:
        return switch(asked, asking(asked, How(DECIDING, asked.effort, workers)), ["purchase"], scan=8)

    assert found(1) == found(2)


def test_breakeven_utilization_is_the_busy_share_where_demand_flips(tmp_path: Path) -> None:
    asked = asked_about(tiny(tmp_path))
    answer = switch(asked, asker(asked.base), ["demand"], scan=2)
    busy = answer["breakeven_utilization"]
    assert busy["today"] == pytest.approx(1.0)
    nearest = min(busy["at_flips"], key=lambda one: abs(one["demand"] - KEPT / RENT))
    assert nearest["utilization_fraction"] == pytest.approx(KEPT / RENT, rel=1e-3)
    assert {one["option"] for one in answer["prices_that_change_the_answer"]} >= {f"buy {SERVER}"}


def test_the_search_goes_no_farther_than_it_is_told(tmp_path: Path) -> None:
    asked = asked_about(tiny(tmp_path))
    (row,) = switch(asked, asker(asked.base), ["purchase"], scan=2, reach=0.3)["drivers"]
    assert row["flips"] == []
    assert row["searched"] == {"least": 0.7, "most": 1.3, "values": 2 * 2 + 3}
    (row,) = switch(asked, asker(asked.base), ["purchase"], scan=2, reach=0.5)["drivers"]
    assert row["switches_at"] == pytest.approx(RENT / KEPT, rel=1e-4)
    (row,) = switch(asked, asker(asked.base), ["purchase"], scan=2, reach=0.05)["drivers"]
    assert row["searched"] == {"least": 0.95, "most": 1.05, "values": 5}


def unknown(names: Sequence[str]) -> str:
    from planner.errors import InputError

    with pytest.raises(InputError) as error:
        chosen(question(eight()), names)
    return str(error.value)


def test_an_unknown_driver_is_refused_with_those_that_are_known() -> None:
    said = unknown(["purchases"])
    assert "did you mean purchase" in said
    assert "demand, growth, rented" in said
