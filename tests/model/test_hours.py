"""Hours merged: the same optimum as hour by hour, and a plan that holds in every hour of the program by the hour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.analysis import by_hour
from planner.analysis.by_hour import Hours, group_hours
from planner.analysis.given import solve_given
from planner.analysis.study import _never_dearer, solve_case
from planner.case import Case
from planner.model.audit import audit
from planner.model.build import build
from planner.model.highs import Live
from planner.model.hours import coarse, lifted, merged, numbered, spread
from planner.model.proof import violation
from planner.model.solve import Effort
from planner.planfile import plan_document
from planner.quantities import quantities
from planner.scenario.demand import Demand
from tests.small import CHEAP, DEAR, ROLE, SITE, SPOT, WHOLE, batch, catalog, serving, small, training

OWN = {"sites": [{"id": SITE}], "staff": [{"name": "platform", "role": ROLE, "minimum_team_fte": 0.5}]}
ROOM = {f"{WHOLE}/on_demand_usd_per_gpu_hour": 4, "server-8xh100/purchase_usd_per_server": 30_000}
TEAM = {"survive_loss": {"of": ["providers"], "protected_fraction": 0.3}}


def noisy(name: str, average: float, column: str, **more: Any) -> dict[str, Any]:
    """A serving workload whose hours all differ."""
    return serving(average, {"csv": "load.csv", "column": column}, **more) | {"name": name}


CASES: dict[str, dict[str, Any]] = {
    "one alone": {"workloads": [noisy("chat", 8, "day")]},
    "two that share": {"workloads": [noisy("chat", 8, "day"), noisy("video", 5, "night")]},
    "three that share": {
        "workloads": [noisy("chat", 8, "day"), noisy("video", 5, "night"), noisy("search", 3, "flat")]
    },
    "headroom": {"workloads": [noisy("chat", 8, "day", headroom_fraction=0.2), noisy("video", 5, "night")]},
    "headroom that is held": {
        "workloads": [noisy("chat", 8, "day", headroom_fraction=0.2, standby_on_demand="billed")]
    },
    "spot by the hour": {
        "offers": {"consider": [SPOT, DEAR]},
        "workloads": [noisy("chat", 8, "day", spot={"share_fraction": 0.4, "loss_fraction": 0.1})],
        "limits": {"spot_depth_gpus": {SPOT: 3}},
    },
    "spot by the month": {
        "offers": {"consider": [SPOT, DEAR]},
        "workloads": [
            noisy("chat", 8, "day", spot={"share_fraction": 0.3, "loss_fraction": 0.1, "share_by": "month"}),
            noisy("video", 5, "night"),
        ],
        "limits": {"spot_depth_gpus": {SPOT: 4}},
    },
    "batch in the valleys": {"workloads": [noisy("chat", 8, "day"), batch(2000)]},
    "batch at night": {"workloads": [noisy("chat", 8, "day"), batch(900, hours=[22, 23, 0, 1, 2, 3])]},
    "batch over two months": {"workloads": [noisy("chat", 8, "day"), batch(2000, window=2)]},
    "training beside": {"workloads": [noisy("chat", 8, "day"), training(4, months=2)]},
    "quota": {
        "offers": {"consider": [CHEAP, DEAR]}, "workloads": [noisy("chat", 8, "day"), noisy("video", 5, "night")],
        "limits": {"on_demand_quota_gpus": {CHEAP: 6}},
    },
    "commitments and savings plans": {
        "offers": {"consider": [WHOLE, DEAR], "kinds": ["on_demand", "commitments", "savings_plans"]},
        "workloads": [noisy("chat", 20, "day"), noisy("video", 9, "night")],
    },
    "a provider may be lost": {
        "offers": {"consider": [WHOLE, DEAR]}, "workloads": [noisy("chat", 8, "day", **TEAM)],
        "limits": {"provider_share_fraction": {"any": 0.8}},
    },
    "work left undone": {"workloads": [noisy("chat", 8, "day", unserved_usd_per_unit=2.5)]},
    "hours without demand": {"workloads": [noisy("chat", 8, "gaps"), noisy("video", 5, "night")]},
}  # fmt: skip


@pytest.fixture(scope="module")
def load() -> str:
    """Relative load of 8,760 hours, none like another."""
    rng, hour = np.random.default_rng(7), np.arange(8760)
    noise = rng.lognormal(0, 0.1, (4, 8760))
    day = (0.4 + 0.6 * np.sin(np.pi * (hour % 24) / 24) ** 2) * noise[0]
    night = (0.5 + 0.5 * np.cos(2 * np.pi * (hour - 2) / 24)) * noise[1] + 0.1
    gaps = np.where(hour % 24 < 6, 0, day * noise[3])
    rows = [",".join(f"{one:.5f}" for one in row) for row in zip(day, night, noise[2], gaps, strict=True)]
    return "\n".join(["day,night,flat,gaps", *rows])


def case_of(folder: Path, load: str, changes: dict[str, Any], months: int = 2) -> Case:
    (folder / "load.csv").write_text(load, encoding="utf-8")
    own = OWN if "sites" not in changes else {}
    return small(folder, **own | {"horizon_months": months} | changes | {"prices": ROOM | changes.get("prices", {})})


def relaxed(case: Case, demand: Demand) -> tuple[Any, Any]:
    built = build(replace(case, demand=demand))
    solution = Live(built.arrays).solve()
    assert solution is not None
    return built, solution


@pytest.mark.parametrize("name", CASES)
def test_the_merged_relaxation_is_that_of_every_hour(
    name: str, load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_hour, "MERGED_FROM", 0)
    case = case_of(tmp_path, load, CASES[name])
    hours = group_hours(case)
    assert hours is not None
    assert len(case.demand.hours) > 1400
    assert hours.groups < len(case.demand.hours) / 4
    assert hours.relative_gap < 1e-9
    fine, truth = relaxed(case, case.demand)
    built, solution = relaxed(case, merged(case.demand, hours.group))
    assert solution.objective == pytest.approx(truth.objective, rel=1e-9)
    # spread over the hours, it is a plan of the program by the hour, at the same cost
    found = spread(built, solution.x, case.demand, hours.group)
    x = lifted(found, built, solution.x, hours.group, fine)
    assert violation(replace(fine.arrays, whole=np.zeros(len(x), bool)), x) < 1e-7
    assert fine.arrays.cost @ x == pytest.approx(truth.objective, rel=1e-9)


@pytest.mark.parametrize("name", ["two that share", "batch in the valleys", "commitments and savings plans"])
def test_a_plan_in_whole_numbers_holds_in_every_hour(
    name: str, load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is no dearer than the best by the hour, but for the gap that is asked for; so is every option."""
    case, effort = case_of(tmp_path, load, CASES[name]), Effort(gap=1e-4)
    apart = solve_case(case, effort)
    assert apart.hours is None
    monkeypatch.setattr(by_hour, "MERGED_FROM", 0)
    study = solve_case(case, effort)
    assert study.hours is not None
    assert study.asked.demand is case.demand
    for option, outcome in study.outcomes.items():
        other = apart.outcomes[option]
        assert (outcome is None) == (other is None)
        if outcome is None or other is None:
            continue
        low, high = outcome.answer.objective * (1 - outcome.answer.relative_gap), outcome.answer.objective
        assert low <= other.answer.objective * (1 + 1e-9)
        assert other.answer.objective * (1 - other.answer.relative_gap) <= high * (1 + 1e-9)
        rules = audit(study.case, quantities(study.built.model, outcome.answer.x), outcome.ledger)
        assert max(rules.values()) < 1e-6
        fixed = solve_given(case, decisions_of(study, option), effort)
        assert fixed.plan.answer.objective <= high * (1 + 1e-4) or option != "plan"
    assert study.hours.violation < 1e-7


def test_orders_beyond_use_stay_as_they_are_given(load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, effort = case_of(tmp_path, load, CASES["two that share"]), Effort(gap=1e-4)
    given = {"purchases": [{"server": "server-8xh100", "site": SITE, "month": "2027-01", "servers": 40}]}
    apart = solve_given(case, given, effort)
    monkeypatch.setattr(by_hour, "MERGED_FROM", 0)
    study = solve_given(case, given, effort)
    assert study.hours is not None
    assert decisions_of(study, "plan")["purchases"][0]["servers"] == 40
    assert study.plan.answer.objective == pytest.approx(apart.plan.answer.objective, rel=1e-6)
    assert study.plan.ledger["present_usd"].sum() == pytest.approx(study.plan.answer.objective, rel=1e-9)


def test_no_option_is_cheaper_than_the_plan(load: str, tmp_path: Path) -> None:
    """To hold in every hour may cost one option more than another."""
    study = solve_case(case_of(tmp_path, load, CASES["one alone"], 1), Effort(gap=1e-4))
    plan, buy = study.plan.answer, study.outcomes["self_hosted"]
    assert buy is not None
    dearer = replace(plan, objective=buy.answer.objective + 1)
    found = _never_dearer(study.built, {"plan": dearer, "buy": None, "self_hosted": buy.answer})
    assert found["plan"] is not None
    assert found["buy"] is found["plan"]
    assert found["plan"].objective == buy.answer.objective
    assert (found["plan"].x == buy.answer.x).all()
    assert found["plan"].solver_bound == plan.solver_bound, "the bound of the program without restrictions"


def test_an_option_that_serves_the_average_and_not_the_peak_is_left_out(
    load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {
        "offers": {"consider": [CHEAP]}, "workloads": [noisy("chat", 8, "day")],
        "limits": {"on_demand_quota_gpus": {CHEAP: 12}},
    }  # fmt: skip
    case = case_of(tmp_path, load, changes)
    assert case.demand.level.mean() < 10
    assert case.demand.peak[0] > 14
    apart = solve_case(case, Effort())
    monkeypatch.setattr(by_hour, "MERGED_FROM", 0)
    study = solve_case(case, Effort())
    assert study.outcomes["on_demand"] is None
    assert "cannot obey every rule" in study.reasons["on_demand"]
    assert apart.outcomes["on_demand"] is None
    assert study.plan.answer.objective == pytest.approx(apart.plan.answer.objective, rel=1e-3)


def decisions_of(study: Any, option: str) -> dict[str, Any]:
    from planner.analysis.decisions import decisions

    return decisions(study, study.outcomes[option])


def test_plan_json_says_how_hours_are_merged(load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(tmp_path, load, CASES["one alone"])
    few = plan_document(solve_case(case, Effort()), catalog(), Effort())["hours"]
    assert few["groups"] == few["distinct"] == len(case.demand.hours)
    assert few["apart_because"]
    monkeypatch.setattr(by_hour, "MERGED_FROM", 0)
    found = plan_document(solve_case(case, Effort()), catalog(), Effort())["hours"]
    assert found["distinct"] == few["distinct"]
    assert found["groups"] < found["distinct"] / 4
    assert found["relative_gap"] < 1e-9
    assert found["max_violation"] < 1e-7
    assert found["apart_because"] == ""


def test_merging_keeps_hours_work_and_months(load: str, tmp_path: Path) -> None:
    fine = case_of(tmp_path, load, CASES["batch at night"]).demand
    for group in (coarse(fine), coarse(fine, 1), np.arange(len(fine.hours))):
        one = merged(fine, group)
        assert np.bincount(one.month, one.hours) == pytest.approx(fine.month_hours)
        assert (np.diff(one.month) >= 0).all()
        assert one.level @ one.hours == pytest.approx(fine.level @ fine.hours)
        assert (one.peak == fine.level.max(axis=1)).all()
        for before, after in zip(fine.windows, one.windows, strict=True):
            assert (before.workload, before.work) == (after.workload, after.work)
            assert one.hours[after.groups].sum() == pytest.approx(fine.hours[before.groups].sum())
    assert (merged(fine, np.arange(len(fine.hours))).level == fine.level).all()


def test_days_with_windows_of_their_own_are_not_mixed(load: str, tmp_path: Path) -> None:
    fine = case_of(tmp_path, load, {"workloads": [noisy("chat", 8, "day"), batch(900, window="day")]}, 1).demand
    group = coarse(fine)
    for window in fine.windows:
        inside = np.isin(group, group[window.groups])
        assert set(np.flatnonzero(inside)) == set(window.groups.tolist())


def test_whole_instances_keep_their_hours(load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hour, "MERGED_FROM", 0)
    case = case_of(tmp_path, load, CASES["one alone"] | {"whole": {"instances": True}}, 1)
    assert "whole" in by_hour.kept_apart(case)
    assert group_hours(case) is None


def test_cuts_only_ever_refine(load: str, tmp_path: Path) -> None:
    case = case_of(tmp_path, load, CASES["two that share"])
    hours, bounds = Hours(case.demand, coarse(case.demand)), []
    for _ in range(4):
        built, solution = relaxed(case, merged(case.demand, hours.group))
        bounds.append(solution.objective)
        found = spread(built, solution.x, case.demand, hours.group)
        finer = hours.cut([found.cut])
        assert finer.parents(hours)[finer.group].tolist() == hours.group.tolist()
        hours = finer
    assert bounds == sorted(bounds), "the bound of a finer merging is never lower"
    assert bounds[-1] > bounds[0]
    assert len(np.unique(numbered(hours.group, case.demand.month))) == hours.groups


def test_after_many_cuts_what_fails_is_taken_apart(load: str, tmp_path: Path) -> None:
    fine = case_of(tmp_path, load, CASES["one alone"], 1).demand
    hours = Hours(fine, coarse(fine), cuts=by_hour._ALL_APART)
    largest = np.flatnonzero(hours.group == np.bincount(hours.group).argmax())
    cut = hours.group.copy()
    cut[largest[0]] = hours.groups
    assert hours.cut([cut]).groups == hours.groups + len(largest) - 1
