"""What is short is named rightly: the limit, the place, the months, the amount, and what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.analysis.infeasible import why_infeasible
from planner.analysis.study import solve_case
from planner.errors import InfeasibleError
from planner.model.solve import Effort
from tests.infeasible.given import OWNED, SCENARIOS, Given, given
from tests.small import DEAR, ROLE, SERVER, SITE, serving


def made(folder: Path, name: str) -> Given:
    return given(folder, **SCENARIOS[name].changes)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_shortage_is_the_one_worked_out_by_hand(tmp_path: Path, name: str) -> None:
    limit, where, first, last, needed, has = SCENARIOS[name].shortage
    found = [one for one in made(tmp_path, name).diagnosis().shortages if one.limit == limit]
    assert [(one.where, one.first_month, one.last_month) for one in found] == [(where, first, last)]
    assert (found[0].needed, found[0].has) == pytest.approx((needed, has), rel=1e-6, abs=1e-6)
    assert found[0].short == pytest.approx(needed - has, rel=1e-6)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_way_out_is_a_plan_of_the_same_file_at_the_cost_it_states(tmp_path: Path, name: str) -> None:
    scenario = made(tmp_path, name)
    assert scenario.cost() is None
    ways = scenario.diagnosis().ways_out
    assert ways
    for way in ways:
        assert scenario.cost(way.set) == pytest.approx(way.present_usd, rel=1e-3)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_way_out_by_hand_is_among_them_and_a_notch_less_is_no_way_out(tmp_path: Path, name: str) -> None:
    scenario, expected = made(tmp_path, name), SCENARIOS[name]
    assert tuple(expected.enough) in [way.set for way in scenario.diagnosis().ways_out]
    assert scenario.cost(expected.not_quite) is None


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cheapest_stands_first_and_what_does_less_work_last(tmp_path: Path, name: str) -> None:
    order = [(way.does_less, way.present_usd) for way in made(tmp_path, name).diagnosis().ways_out]
    assert order == sorted(order)


def test_less_work_is_the_least_less_that_does(tmp_path: Path) -> None:
    """20 kW carry 2 servers, 16 of the 24 H100 asked for; a hundredth more takes a third server."""
    scenario = made(tmp_path, "power")
    (way,) = (way for way in scenario.diagnosis().ways_out if way.does_less)
    assert way.set == ("workloads.chat.demand.average_per_hour=16",)
    assert way.sentence == "8 H100 hour an hour less of chat"
    assert scenario.cost(["workloads.chat.demand.average_per_hour=16.1"]) is None


def test_demand_told_by_months_is_scaled_down_as_a_whole(tmp_path: Path) -> None:
    """16 of 24 H100 carry two thirds; three digits of it are 66.6 %."""
    work = serving(**OWNED) | {"demand": {"work_per_month": [24 * 730] * 3, "shape": "flat"}}
    scenario = given(tmp_path, workloads=[work], sites=[{"id": SITE, "power_limit_kw": 20}])
    (way,) = (way for way in scenario.diagnosis().ways_out if way.does_less)
    assert way.set == ("workloads.chat.demand.scale=0.666",)
    assert way.sentence == "33.4 % less of chat"
    assert scenario.cost(way.set) == pytest.approx(way.present_usd, rel=1e-3)
    assert scenario.cost(["workloads.chat.demand.scale=0.667"]) is None


def test_renting_is_offered_to_what_must_be_owned(tmp_path: Path) -> None:
    ways = made(tmp_path, "lead time").diagnosis().ways_out
    assert ("workloads.chat.allowed_on=[owned, rented]",) in [way.set for way in ways]


def test_a_run_may_start_as_soon_as_its_server_is_there(tmp_path: Path) -> None:
    ways = made(tmp_path, "lead time of a run").diagnosis().ways_out
    assert ("workloads.train.jobs.run.start=2027-04",) in [way.set for way in ways]


def test_either_of_two_limits_may_give_way(tmp_path: Path) -> None:
    """24 H100, 8 of them on one server in 15 kW and 8 under a quota: 5 kW or 8 GPUs more would do."""
    sites, quota = [{"id": SITE, "power_limit_kw": 15}], {"on_demand_quota_gpus": {DEAR: 8}}
    found = given(tmp_path, workloads=[serving(24)], sites=sites, limits=quota).diagnosis()
    limits = [(one.limit, one.short, one.joined) for one in found.shortages[1:]]
    assert limits == [("power", pytest.approx(5), ""), ("on-demand quota", pytest.approx(8), "or")]
    sets = [way.set for way in found.ways_out]
    assert (f"sites.{SITE}.power_limit_kw=20",) in sets
    assert (f"limits.on_demand_quota_gpus.{DEAR}=16",) in sets


def test_two_limits_must_give_way_together_and_a_third_is_left_alone(tmp_path: Path) -> None:
    """Owned chat lacks a server, rented code 3 GPUs; the rack, wide enough, and the budget are no part of it."""
    code = serving(8, allowed_on=["rented"]) | {"name": "code"}
    sites = [{"id": SITE, "power_limit_kw": 20, "rack_limit_units": 31}]
    scenario = given(tmp_path, workloads=[serving(24, **OWNED), code], sites=sites, budgets={"capex_usd": {2027: 1e6}},
                     limits={"on_demand_quota_gpus": {DEAR: 5}})  # fmt: skip
    found = scenario.diagnosis()
    limits = [(one.limit, one.short, one.joined) for one in found.shortages if one.limit != "capacity"]
    assert limits == [("power", pytest.approx(10), ""), ("on-demand quota", pytest.approx(3), "and")]
    power, quota = f"sites.{SITE}.power_limit_kw=30", f"limits.on_demand_quota_gpus.{DEAR}=8"
    assert (power, quota) in [way.set for way in found.ways_out]
    assert scenario.cost([power]) is None
    assert scenario.cost([quota]) is None
    assert all(scenario.cost(way.set) is not None for way in found.ways_out)


def test_a_lead_time_and_a_limit_that_are_both_in_the_way_are_changed_together(tmp_path: Path) -> None:
    scenario = given(tmp_path, {f"{SERVER}/lead_time_months": 2}, workloads=[serving(8, **OWNED)],
                     sites=[{"id": SITE, "power_limit_kw": 5}], offers={"consider": []})  # fmt: skip
    found = scenario.diagnosis()
    assert [one.limit for one in found.shortages] == ["lead time", "power"]
    together = (f"prices.{SERVER}/lead_time_months=0", f"sites.{SITE}.power_limit_kw=10")
    assert together in [way.set for way in found.ways_out]
    assert scenario.cost(together) is not None


def test_an_offer_left_aside_is_named_when_it_would_do(tmp_path: Path) -> None:
    (way, *_) = made(tmp_path, "quota").diagnosis().ways_out
    assert way.sentence.startswith("consider ")
    assert way.set[0].startswith(f"offers.consider=[{DEAR}, ")


def test_work_that_may_be_left_undone_at_a_price_is_not_called_short(tmp_path: Path) -> None:
    chat, code = serving(24, unserved_usd_per_unit=2, **OWNED), serving(16, **OWNED) | {"name": "code"}
    found = given(tmp_path, workloads=[chat, code], sites=[{"id": SITE, "power_limit_kw": 10}]).diagnosis()
    assert [(one.where, one.limit) for one in found.shortages] == [("code", "capacity"), (SITE, "power")]
    assert found.shortages[1].short == pytest.approx(10)


def test_without_a_way_to_rebuild_it_says_what_is_short_and_tries_nothing(tmp_path: Path) -> None:
    found = why_infeasible(made(tmp_path, "power").case())
    assert [one.limit for one in found.shortages] == ["capacity", "power"]
    assert found.ways_out == ()


def test_a_scenario_with_a_plan_is_neither_diagnosed_nor_short_of_anything(tmp_path: Path) -> None:
    scenario = given(tmp_path, limits={"on_demand_quota_gpus": {DEAR: 8}})
    assert solve_case(scenario.case(), Effort(), rebuild=lambda more: pytest.fail("nothing to rebuild")).plan
    assert why_infeasible(scenario.case()).shortages == ()


def test_the_error_carries_the_diagnosis_and_says_it(tmp_path: Path) -> None:
    scenario = made(tmp_path, "power")
    with pytest.raises(InfeasibleError) as caught:
        solve_case(scenario.case(), Effort(), rebuild=scenario.case)
    assert caught.value.diagnosis.ways_out
    assert str(caught.value) == (
        "No plan obeys every rule of the scenario.\n"
        "  chat: 8 of 24 H100 hour an hour cannot be done in 2027-01 to 2027-03: it may not run on rented capacity.\n"
        f"  {SITE} needs 30 kW in 2027-01 to 2027-03 and has 20 kW: 10 kW short (1 {SERVER}).\n"
        "Ways out, each tried, the cheapest first:\n"
        f"  1. 10 kW more at {SITE}            150,000 USD\n"
        f"       --set sites.{SITE}.power_limit_kw=30\n"
        "  2. allow rented capacity for chat      170,080 USD\n"
        "       --set 'workloads.chat.allowed_on=[owned, rented]'\n"
        "  3. 8 H100 hour an hour less of chat    100,000 USD\n"
        "       --set workloads.chat.demand.average_per_hour=16\n"
        "Those that do less work stand last, whatever they cost. All costs are present values."
    )


def test_a_switch_that_is_bounded_by_the_limit_gives_way_with_it(tmp_path: Path) -> None:
    """A team's switch allows at most the servers that 15 kW carry; loosening power must loosen it too: 3 servers."""
    team = {"name": "team", "role": ROLE, "minimum_team_fte": 1}
    scenario = given(tmp_path, workloads=[serving(24, **OWNED)], sites=[{"id": SITE, "power_limit_kw": 15}],
                     staff=[team])  # fmt: skip
    found = scenario.diagnosis()
    assert [(one.limit, one.short) for one in found.shortages[1:]] == [("power", pytest.approx(15))]
    assert (f"sites.{SITE}.power_limit_kw=30",) in [way.set for way in found.ways_out]


def test_dual_running_is_part_of_how_long_it_takes(tmp_path: Path) -> None:
    scenario = given(tmp_path, workloads=[serving(8, **OWNED)], sites=[{"id": SITE}],
                     servers={"consider": [SERVER], "dual_running_months": 2},
                     prices={f"{SERVER}/lead_time_months": 0})  # fmt: skip
    with pytest.raises(InfeasibleError) as caught:
        solve_case(scenario.case(), Effort(), rebuild=scenario.case)
    said = f"can take work before 2027-03 ({SERVER} takes 2 months, with dual running of 2 months)"
    assert said in str(caught.value)
