"""A plan that somebody else made: its price, and what is wrong with it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planner
from planner import Catalog, InfeasibleError, InputError, Plan, Scenario
from planner.analysis.decisions import decisions
from planner.analysis.given import solve_given
from planner.analysis.study import Outcome, Study
from planner.case import Case
from planner.model.highs import Live
from planner.model.solve import Effort
from tests.laws.cases import FEW, Changes, scenarios
from tests.small import ROLE, SAVINGS, SERVER, SITE, WHOLE, serving, small, solved

EXACT = Effort(gap=1e-9)
ANY = settings(FEW, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
TERM = "azure-nc24ads-a100-v4-eastus/36m-no-upfront"
SERVERS = {"server": "server-8xa100-80gb", "site": "room-virginia", "month": "2027-01", "servers": 1}


def planned(case: Case) -> tuple[float, dict[str, Any]]:
    """Present cost of the cheapest plan, and its decisions as plan.json has them."""
    answer, built, *_ = solved(case)
    outcome = Outcome(answer, built)
    study = Study(case, built, {"plan": outcome}, {}, Live(built.arrays))
    return answer.objective, json.loads(json.dumps(decisions(study, outcome)))


def cost(case: Case, stated: dict[str, Any]) -> float:
    return solve_given(case, stated, EXACT).plan.answer.objective


@given(scenarios())
@ANY
def test_the_decisions_of_a_plan_cost_what_the_plan_costs(tmp_path: Path, changes: Changes) -> None:
    case = small(tmp_path, **changes)
    usd, stated = planned(case)
    assert cost(case, stated) == pytest.approx(usd, rel=1e-6, abs=1e-4)


@given(scenarios(), st.sampled_from(["purchases", "commitments", "savings_plans"]), st.floats(0, 3), st.integers(0, 9))
@ANY
def test_no_given_plan_is_cheaper_than_the_plan(
    tmp_path: Path, changes: Changes, kind: str, amount: float, which: int
) -> None:
    case = small(tmp_path, **changes)
    usd, stated = planned(case)
    rows = [row for row in stated[kind] if not row.get("existing")]
    if rows:
        row = rows[which % len(rows)]
        row[{"purchases": "servers", "commitments": "instances", "savings_plans": "usd_per_hour"}[kind]] *= amount
    else:
        stated[kind] = []
        stated["purchases" if kind != "purchases" else "commitments"] = []
    with suppress(InfeasibleError):
        assert cost(case, stated) >= usd - 1e-6 * max(1.0, abs(usd))


@given(scenarios())
@ANY
def test_nothing_given_is_a_plan_that_may_neither_buy_nor_commit(tmp_path: Path, changes: Changes) -> None:
    case = small(tmp_path, **changes)
    closed = {"servers": {"consider": []}, "offers": changes["offers"] | {"kinds": ["on_demand", "spot"]}}
    usd, _ = planned(small(tmp_path, **changes | closed))
    assert cost(case, {}) == pytest.approx(usd, rel=1e-6, abs=1e-4)


def test_whole_servers_that_are_sold_early_and_what_runs_already_are_priced_alike(tmp_path: Path) -> None:
    case = small(
        tmp_path, horizon_months=6, sites=[{"id": SITE}], staff=[{"name": "team", "role": ROLE}],
        offers={"consider": [WHOLE]}, whole={"servers": True, "commitments": True},
        workloads=[serving(30)], existing_servers=[{"server": SERVER, "site": SITE, "servers": 2,
                                                    "in_service": "2026-11", "paid_usd_per_server": 90_000}],
        existing_commitments=[{"offer": WHOLE, "instances": 1, "start": "2026-11", "term_months": 12,
                               "hourly_usd_per_gpu": 1.5}],
        prices={f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 1.2},
    )  # fmt: skip
    usd, stated = planned(case)
    assert [row["existing"] for row in stated["commitments"]].count(True) == 1
    assert cost(case, stated) == pytest.approx(usd, rel=1e-9)
    bought = [{"server": SERVER, "site": SITE, "month": "2027-01", "servers": 1}]
    dearer = solve_given(case, {**stated, "purchases": bought * 2}, EXACT)
    assert decisions(dearer, dearer.plan)["purchases"][0]["servers"] == 2  # equal rows add up
    assert dearer.plan.answer.objective > usd


def test_savings_plans_are_promises_too(tmp_path: Path) -> None:
    prices = {f"{SAVINGS}/usd_per_gpu_hour/{WHOLE}": 0.5}
    case = small(tmp_path, offers={"consider": [WHOLE], "kinds": ["on_demand", "savings_plans"]}, prices=prices)
    usd, stated = planned(case)
    assert stated["savings_plans"]
    assert cost(case, stated) == pytest.approx(usd, rel=1e-9)
    without = cost(case, {**stated, "savings_plans": []})
    assert without == pytest.approx(8 * 4 * 730 * 3)  # 8 H100 at 4 USD an hour for 3 months


def test_a_plan_and_one_written_by_hand_are_priced(plan: Plan, scenario: Scenario, catalog: Catalog) -> None:
    same = planner.price(plan.decisions, scenario, catalog)
    assert same.present_usd == pytest.approx(plan.present_usd, rel=1e-6)
    assert same.total_usd == pytest.approx(plan.total_usd, rel=1e-6)
    again = json.loads(plan.to_json())["decisions"]
    assert planner.price(again, scenario, catalog).present_usd == same.present_usd
    assert same.ledger["present_usd"].sum() == pytest.approx(same.present_usd, rel=1e-12)
    assert same.by_component["total_usd"].sum() == pytest.approx(same.total_usd, rel=1e-12)
    hand = planner.price({"commitments": [{"term": TERM, "month": "2027-01", "instances": 8}]}, scenario, catalog)
    assert [row["instances"] for row in hand.decisions["commitments"]] == [8]
    difference = hand.compared_with(plan)["difference_usd"]
    assert difference["total"] == pytest.approx(hand.present_usd - plan.present_usd, rel=1e-9)
    assert difference.drop("total").sum() == pytest.approx(difference["total"], rel=1e-9)
    assert difference["servers"] == -199_200
    nothing = planner.price({}, scenario, catalog)
    assert nothing.present_usd == pytest.approx(plan.tco.loc["on_demand", "present_usd"], rel=1e-6)


def test_every_mistake_in_what_is_given_is_told_with_the_nearest_name(scenario: Scenario, catalog: Catalog) -> None:
    stated = {
        "purchases": [
            SERVERS | {"server": "server-8xa100", "site": "room-virgina"},
            SERVERS | {"server": "server-8xh100"},
            SERVERS | {"month": "2027-02"},
            SERVERS | {"servers": 1.5},
        ],
        "commitments": [{"term": TERM, "month": "2031-01", "instances": 1},
                        {"term": None, "month": None, "instances": 1}],
        "savings_plans": [{"plan": "any", "month": "2027-01", "usd_per_hour": 1}],
    }  # fmt: skip
    with pytest.raises(InputError) as raised:
        planner.price(stated, scenario, catalog)
    found = {one.field: one for one in raised.value.complaints}
    assert found.keys() == {
        "purchases.0.server", "purchases.0.site", "purchases.1.server", "purchases.2.month", "purchases.3.servers",
        "commitments.0.month", "commitments.1.term", "savings_plans.0.plan",
    }  # fmt: skip
    assert found["purchases.0.server"].cure == "did you mean 'server-8xa100-80gb'?"
    assert found["purchases.0.site"].cure == "did you mean 'room-virginia'?"
    assert "not among the servers that the scenario considers" in found["purchases.1.server"].message
    assert found["purchases.2.month"].allowed == "2027-01 to 2027-01"
    assert found["commitments.0.month"].allowed == "2027-01 to 2029-12"


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"purchase": []}, "purchase"),
        ({"purchases": [SERVERS | {"count": 1}]}, "purchases.0.count"),
        ({"purchases": [SERVERS | {"servers": -1}]}, "purchases.0.servers"),
        ({"purchases": [SERVERS | {"servers": float("nan")}]}, "purchases.0.servers"),
        ({"purchases": [SERVERS | {"servers": "1"}]}, "purchases.0.servers"),
        ({"purchases": [SERVERS | {"month": "January"}]}, "purchases.0.month"),
        ({"purchases": [{}]}, "purchases.0.server"),
        ({"purchases": "all"}, "purchases"),
    ],
)
def test_what_is_not_written_as_it_should_be_is_refused(
    stated: dict[str, Any], field: str, scenario: Scenario, catalog: Catalog
) -> None:
    with pytest.raises(InputError) as raised:
        planner.price(stated, scenario, catalog)
    assert field in [one.field for one in raised.value.complaints]


@pytest.mark.parametrize(
    ("overrides", "stated", "short"),
    [
        ({"offers.kinds": []}, {"purchases": [SERVERS]}, "team: 5,256 A100 GPU-hour a month cannot be done"),
        ({"sites": [{"id": "room-virginia", "power_limit_kw": 8}]}, {"purchases": [SERVERS]}, "10.27 kW"),
        ({"budgets.capex_usd": {"2027": 100_000}}, {"purchases": [SERVERS]}, "232,220 USD"),
    ],
)
def test_what_is_given_and_cannot_be_done_says_what_is_short(
    overrides: dict[str, Any], stated: dict[str, Any], short: str, catalog: Catalog, scenario: Scenario
) -> None:
    changed = planner.load_scenario(scenario.document.file, catalog, overrides)
    with pytest.raises(InfeasibleError, match="With what is given") as raised:
        planner.price(stated, changed, catalog)
    assert short in str(raised.value)


def test_what_is_given_may_be_too_little_and_too_much_at_once(tmp_path: Path) -> None:
    # two servers draw 20 of 10 kW and carry 16 of 24 H100
    case = small(tmp_path, sites=[{"id": SITE, "power_limit_kw": 10}], workloads=[serving(24, allowed_on=["owned"])])
    stated = {"purchases": [{"server": SERVER, "site": SITE, "month": "2027-01", "servers": 2}]}
    with pytest.raises(InfeasibleError) as raised:
        solve_given(case, stated, EXACT)
    said = {one.limit: one.short for one in raised.value.diagnosis.shortages}
    assert said == {"capacity": pytest.approx(8), "power": pytest.approx(10)}


def test_a_budget_that_people_break_is_named(tmp_path: Path) -> None:
    staff = [{"name": "ops", "role": ROLE, "minimum_team_fte": 2}]  # 20,000 USD a month beside a server of 100,000
    case = small(tmp_path, sites=[{"id": SITE}], staff=staff, budgets={"cash_usd": {2027: 120_000}},
                 workloads=[serving(8, allowed_on=["owned"])])  # fmt: skip
    stated = {"purchases": [{"server": SERVER, "site": SITE, "month": "2027-01", "servers": 1}]}
    with pytest.raises(InfeasibleError) as raised:
        solve_given(case, stated, EXACT)
    (cash,) = (one for one in raised.value.diagnosis.shortages if one.limit == "cash budget")
    assert (cash.needed, cash.has) == (pytest.approx(160_000), 120_000)
