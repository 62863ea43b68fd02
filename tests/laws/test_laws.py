"""What must hold of every plan, tried on small random relaxations."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import eligibility
from planner.analysis.study import solve_case
from planner.case import Case
from planner.model.build import build
from planner.model.constraints import people
from planner.model.highs import Live
from planner.model.solve import Effort, solve
from tests.laws.cases import (
    FEW,
    KINDS,
    OFFERS,
    OWNING,
    QUICK,
    RENTAL,
    Changes,
    at_most,
    cost_of,
    hundredths,
    paid,
    plan_of,
    same,
    scenarios,
    with_prices,
)
from tests.small import PRICES, ROLE, SERVER, SITE, SPOT, WHOLE, batch, serving, small

GCP = "gcp-a3-highgpu-8g-us-central1"


@QUICK
@given(changes=scenarios())
def test_the_same_case_has_the_same_plan_to_the_byte(changes: Changes, folder: Path) -> None:
    first, second = plan_of(folder, changes), plan_of(folder, changes)
    assert first.answer.x.tobytes() == second.answer.x.tobytes()
    assert first.ledger.to_csv() == second.ledger.to_csv()


@QUICK
@given(changes=scenarios())
def test_the_ledger_is_the_objective(changes: Changes, folder: Path) -> None:
    plan = plan_of(folder, changes)
    assert plan.ledger["present_usd"].sum() == pytest.approx(plan.answer.objective, rel=1e-9, abs=1e-6)
    assert plan.ledger["cost_usd"].sum() == pytest.approx(
        (plan.ledger["quantity"] * plan.ledger["unit_cost_usd"]).sum()
    )


@QUICK
@given(changes=scenarios())
def test_no_plan_gains_by_more_than_can_be_of_use(changes: Changes, folder: Path) -> None:
    """The bounds on orders keep the search in whole numbers small; they must cost nothing."""
    built = build(small(folder, **changes))
    live = Live(built.arrays)
    bounded = live.solve()
    upper = built.arrays.upper.copy()
    for name in ("buy", "commit"):
        columns = built.model[name].columns
        upper[columns] = np.where(upper[columns] > built.arrays.lower[columns], np.inf, upper[columns])
    live.set_bounds(built.arrays.lower, upper)
    free = live.solve()
    assert bounded is not None
    assert free is not None
    assert bounded.objective == same(free.objective)


@QUICK
@given(changes=paid(scenarios()), team=st.integers(1, 3))
def test_no_plan_gains_by_a_team_or_a_room_for_more(changes: Changes, team: int, folder: Path) -> None:
    """The bounds that tie servers to a switch keep relaxations tight; they must cost nothing."""
    staff = {"name": "platform", "role": ROLE, "covers_rented": False, "minimum_team_fte": team / 10}
    changes = {**changes, "staff": [staff]}
    bounded = cost_of(folder, changes)
    with pytest.MonkeyPatch.context() as loose:
        for name in ("most_servers", "most_held"):
            most = getattr(people, name)
            loose.setattr(people, name, lambda case, most=most: 10 * most(case))
        free = cost_of(folder, changes)
    assert bounded == same(free)


DEARER = {
    "rental": RENTAL,
    "electricity": [f"{SITE}/electricity_usd_per_kwh"],
    "staff": [f"{ROLE}/salary_usd_per_year"],
    "network": [f"{SERVER}/network_usd_per_server"],
    "removal": [f"{SERVER}/decommissioning_usd_per_server"],
    "space": [f"{SITE}/space_usd_per_kw_month"],
    "support": [f"{SERVER}/support_fraction_per_year"],
    "licence": [f"{SERVER}/licence_usd_per_gpu_year"],
}


@pytest.mark.parametrize("part", DEARER)
@FEW
@given(changes=scenarios(), factor=hundredths(1, 4), pick=st.randoms(use_true_random=False))
def test_a_dearer_input_never_lowers_the_cost(
    part: str, changes: Changes, factor: float, pick: Any, folder: Path
) -> None:
    rows = [row for row in DEARER[part] if pick.random() < 0.5] or DEARER[part]
    dearer = {row: min(changes["prices"][row] * factor, 1.0 if "fraction" in row else np.inf) for row in rows}
    assert cost_of(folder, changes) <= at_most(cost_of(folder, with_prices(changes, dearer)))


@QUICK
@given(changes=scenarios(resale=False), factor=hundredths(1, 4))
def test_a_dearer_server_without_resale_never_lowers_the_cost(changes: Changes, factor: float, folder: Path) -> None:
    row = f"{SERVER}/purchase_usd_per_server"
    dearer = with_prices(changes, {row: changes["prices"][row] * factor})
    assert cost_of(folder, changes) <= at_most(cost_of(folder, dearer))


@QUICK
@given(changes=scenarios(), more=st.sampled_from(OFFERS))
def test_one_more_offer_never_raises_the_cost(changes: Changes, more: str, folder: Path) -> None:
    offers = changes["offers"]
    longer = {**changes, "offers": {**offers, "consider": [*offers["consider"], more]}}
    assert cost_of(folder, longer) <= at_most(cost_of(folder, changes))


@QUICK
@given(changes=scenarios())
def test_one_more_server_never_raises_the_cost(changes: Changes, folder: Path) -> None:
    none = {**changes, "servers": {"consider": []}}
    assert cost_of(folder, changes) <= at_most(cost_of(folder, none))


@st.composite
def crowded(draw: st.DrawFn) -> Changes:
    """Offers that differ in rate, egress, spot and speed, so that one of them often does what another does."""
    changes = draw(scenarios())
    prices = {
        f"{GCP}/on_demand_usd_per_gpu_hour": draw(hundredths(1, 9)),
        f"{GCP}/spot_usd_per_gpu_hour": draw(hundredths(0.3, 4)),
        f"{WHOLE}/spot_usd_per_gpu_hour": draw(hundredths(0.3, 4)),
        "aws/egress_usd_per_gb": draw(hundredths(0, 4)), "gcp/egress_usd_per_gb": draw(hundredths(0, 4)),
    }  # fmt: skip
    work = deepcopy(changes["workloads"])
    for one in work:
        one["egress_gb_per_unit"] = draw(st.sampled_from([0, 1]))
    offers = {**changes["offers"], "consider": [WHOLE, GCP, *changes["offers"]["consider"]]}
    return with_prices({**changes, "workloads": work, "offers": offers}, prices)


@QUICK
@given(changes=crowded())
def test_leaving_dominated_options_out_costs_nothing(changes: Changes, folder: Path) -> None:
    cost = cost_of(folder, changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eligibility, "_undominated", everything)
        patch.setattr(eligibility, "_undominated_terms", lambda case, *rest: list(range(len(case.terms))))
        assert cost == same(cost_of(folder, changes))


def everything(case: Case, pairs: Sequence[tuple[int, ...]], *rest: Any) -> Iterator[tuple[int, ...]]:
    return iter(pairs)


LIMITS: dict[str, tuple[float, float]] = {
    "power": (0, 60), "racks": (0, 60), "capex": (0, 400_000), "cash": (100_000, 900_000), "quota": (0, 30),
    "depth": (0, 30), "concentration": (0, 1),
}  # fmt: skip


def limited(changes: Changes, name: str, limit: float) -> Changes:
    return (
        changes
        | {
            "power": {"sites": [{"id": SITE, "power_limit_kw": limit}]},
            "racks": {"sites": [{"id": SITE, "rack_limit_units": limit}]},
            "capex": {"budgets": {"capex_usd": {2027: limit}}},
            "cash": {"budgets": {"cash_usd": {2027: limit}}},
            "quota": {"limits": {"on_demand_quota_gpus": dict.fromkeys(changes["offers"]["consider"], limit)}},
            "depth": {"limits": {"spot_depth_gpus": {SPOT: limit}}},
            "concentration": {"limits": {"provider_share_fraction": {"any": limit}}},
        }[name]
    )


@pytest.mark.parametrize("name", LIMITS)
@FEW
@given(data=st.data())
def test_a_looser_limit_never_raises_the_cost(name: str, data: st.DataObject, folder: Path) -> None:
    changes = data.draw(scenarios(unserved=True, held=False))
    if name == "depth":
        changes["offers"]["consider"] = sorted({SPOT, *changes["offers"]["consider"]})
    tight, loose = sorted((data.draw(hundredths(*LIMITS[name])), data.draw(hundredths(*LIMITS[name]))))
    with_tight, with_loose, free = (
        cost_of(folder, one) for one in (limited(changes, name, tight), limited(changes, name, loose), changes)
    )
    assert free <= at_most(with_loose)
    assert with_loose <= at_most(with_tight)


@QUICK
@given(changes=scenarios(unserved=True), capex=st.integers(0, 400_000), licence=hundredths(0, 1))
def test_doubling_every_money_field_doubles_the_cost(
    changes: Changes, capex: int, licence: float, folder: Path
) -> None:
    once = {
        **changes, "budgets": {"capex_usd": {2027: capex}}, "contingency_fraction": 0.1,
        "offers": {**changes["offers"], "licence_usd_per_gpu_hour": licence, "managed_uplift_fraction": 0.1},
        "project": [{"name": "move", "category": "labor", "usd_per_month": 1_000, "when": "always", "source": "drawn"}],
    }  # fmt: skip
    twice = doubled(once)
    rows = {one.row: 2 * one.value for one in small(folder, **once).evidence if one.value and "usd" in one.unit}
    twice["prices"] = PRICES | once["prices"] | rows
    assert cost_of(folder, twice) == same(2 * cost_of(folder, once))


def doubled(value: Any, money: bool = False) -> Any:
    """Return `value` with every number doubled that stands under a key that names USD."""
    if isinstance(value, dict):
        return {key: doubled(part, money or "usd" in str(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [doubled(part, money) for part in value]
    return value * 2 if money and isinstance(value, (int, float)) else value


def lengthened(changes: Changes, months: int) -> Changes:
    """Return `changes` with `months` more, in which nothing is asked for."""
    work = deepcopy(changes["workloads"])
    for one in work:
        if one["kind"] != "training":
            holder = one["demand"] if one["kind"] == "serving" else one
            holder["growth"] = {"monthly_factors": [*holder["growth"]["monthly_factors"], *[0] * months]}
    return {**changes, "horizon_months": changes["horizon_months"] + months, "workloads": work}


@pytest.mark.parametrize("end", ["liquidate", "continue"])
@settings(QUICK, max_examples=15)
@given(data=st.data(), months=st.integers(1, 3))
def test_months_without_demand_change_no_decision_and_no_cost(
    end: str, data: st.DataObject, months: int, folder: Path
) -> None:
    kinds = KINDS if end == "liquidate" else KINDS[:2]
    changes = {**data.draw(scenarios(kinds=kinds, held=end == "liquidate")), "horizon_end": end}
    short = plan_of(folder, changes)
    case = small(folder, **lengthened(changes, months))
    built = build(case)
    arrays = built.arrays
    longer = solve(built, Live(arrays), arrays.lower, arrays.upper, Effort(gap=1e-9))
    assert longer is not None
    assert longer.objective == same(short.answer.objective)
    # The short plan's decisions, with nothing decided anew, are a best plan of the longer one too.
    program = short.built.model.program
    decided = {
        name: value
        for name, value in zip(program.column_names(), short.answer.x, strict=True)
        if not name.startswith(("kept[", "active[", "spend_active[", "fleet["))
    }
    names = built.model.program.column_names()
    value = np.array([decided.get(name, np.nan) for name in names])
    given_ = np.isfinite(value)
    lower = np.where(given_, np.maximum(value - 1e-7, arrays.lower), arrays.lower)
    upper = np.where(given_, np.minimum(value + 1e-7, arrays.upper), arrays.upper)
    kept = solve(built, Live(arrays), lower, upper, Effort(gap=1e-9))
    assert kept is not None
    assert kept.objective == pytest.approx(short.answer.objective, rel=1e-6, abs=0.1)


@settings(QUICK, max_examples=12)
@given(changes=scenarios())
def test_no_baseline_is_cheaper_than_the_plan(changes: Changes, folder: Path) -> None:
    study = solve_case(small(folder, **changes), Effort(gap=1e-9))
    plan = study.plan.answer.objective
    for name, outcome in study.outcomes.items():
        if outcome is not None:
            assert plan <= at_most(outcome.answer.objective), name
            assert outcome.ledger["present_usd"].sum() == same(outcome.answer.objective)


@settings(QUICK, max_examples=10)
@given(
    changes=scenarios(kinds=("on_demand", "spot", "commitments")),
    load=st.lists(st.integers(1, 4), min_size=24, max_size=24),
)
def test_grouping_like_hours_changes_nothing(changes: Changes, load: list[int], folder: Path) -> None:
    """The 168 hours of a week, told apart by a billionth, cost what their groups cost."""
    work = serving(6, {"weekday": load}, headroom_fraction=0.2, spot={"share_fraction": 0.5, "loss_fraction": 0.1})
    index = batch(2_000, window="day", hours=[0, 1, 2, 3])
    grouped = {**changes, "workloads": [work, index]}
    week = np.array(load * 7) * (1 + 1e-9 * np.arange(168))
    with (folder / "week.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["load"], *([repr(float(value))] for value in week)])
    demand = {**work["demand"], "shape": {"csv": "week.csv", "column": "load"}}
    apart = {**changes, "workloads": [{**work, "demand": demand}, index]}
    groups = [len(small(folder, **one).demand.hours) for one in (grouped, apart)]
    assert groups[0] < groups[1] == 168 * changes["horizon_months"]
    assert cost_of(folder, apart) == pytest.approx(cost_of(folder, grouped), rel=1e-6)


def test_every_price_of_the_random_cases_is_moved_by_a_law() -> None:
    moved = {row for rows in DEARER.values() for row in rows} | {f"{SERVER}/purchase_usd_per_server"}
    assert {row for row in OWNING if "usd" in row} <= moved
