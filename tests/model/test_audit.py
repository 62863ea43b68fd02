"""The audit sees every rule that is left out, and nothing in a plan that obeys all of them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planner.case import Case
from planner.model.audit import NAMED, audit
from planner.model.constraints import BUDGETS, RULES
from planner.model.solve import Effort
from planner.quantities import Quantities
from tests.small import (
    CHEAP,
    DEAR,
    ROLE,
    SERVER,
    SITE,
    SPOT,
    WHOLE,
    Solved,
    batch,
    serving,
    small,
    solved,
    training,
)

INDEXED = "build-ai-h100-sxm-80gb-index"
SOUND = 1e-6
ALL_DEAR = 8 * 4 * 730 * 3
"""8 GPUs at 4 USD for three months of 730 h: 70,080 USD."""
HALF_CHEAP = (4 * 2 + 4 * 4) * 730 * 3
"""4 GPUs at 2 USD and 4 at 4 USD: 52,560 USD."""
ALL_CHEAP = 8 * 2 * 730 * 3

BOTH = {"offers": {"consider": [CHEAP, DEAR]}}
ON_SPOT = {"offers": {"consider": [SPOT]}}
OWN = {"sites": [{"id": SITE}], "horizon_months": 6}
"""A server loses 50,000 USD; renting its 8 GPUs for six months costs twice `ALL_DEAR`."""
EXISTING = {
    "sites": [{"id": SITE}], "servers": {"consider": []},
    "existing_servers": [
        {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-01", "paid_usd_per_server": 0}
    ],
}  # fmt: skip
"""A server that cost nothing, so that neither keeping nor selling it brings or costs anything."""
TEAM: dict[str, Any] = {"staff": [{"name": "platform", "role": ROLE, "covers_rented": False, "minimum_team_fte": 2}]}


@dataclass(frozen=True)
class Bite:
    """A scenario in which a rule costs something: `objective` with it, `relaxed` without."""

    rule: str
    changes: dict[str, Any]
    objective: float
    relaxed: float
    label: str = ""


def half(limit: float = 0.5, **more: Any) -> dict[str, Any]:
    """Spot for half of the work, none of it lost."""
    return {"share_fraction": limit, "loss_fraction": 0, **more}


ON_BOTH = (4 * 4 + 4 * 1) * 730 * 3  # half at 4 USD, half on spot at 1 USD
ALL_SPOT = 8 * 1 * 730 * 3
PREPAID = 2 * 8 * 0.5 * 730 * 6  # 8 GPUs at 0.5 USD, paid for six months and then for another six
TWO_SERVERS = {**OWN, "workloads": [serving(16)]}
ONE_OWNED = 50_000 + 2 * ALL_DEAR  # one server and 8 GPUs rented for six months

PLENTY = {"limits": {"on_demand_quota_gpus": {DEAR: 1000}}}  # a limit that does not bind, so that some row is left

BITES = [
    # 4 GPUs of twice the speed do the work of 8.
    Bite("work_is_served", {**PLENTY, "workloads": [serving(speed={"h100-sxm-80gb": 2})]}, ALL_DEAR / 2, 0),
    Bite("headroom_is_kept", {"workloads": [serving(headroom_fraction=0.25, standby_on_demand="billed")]},
         1.25 * ALL_DEAR, ALL_DEAR),
    Bite("batch_work_is_finished", {**PLENTY, "workloads": [batch()]}, ALL_DEAR, 0),
    Bite("training_holds_its_gpus", {**PLENTY, "workloads": [training()]}, ALL_DEAR, 0),
    Bite("fleet_is_what_is_alive", OWN, 50_000, 0),
    # The server must be removed in the end, which costs 2,000 USD when nobody may forget that it is there.
    Bite("servers_leave_once", {**EXISTING, "prices": {f"{SERVER}/decommissioning_usd_per_server": 2_000}}, 2_000, 0),
    # Half of the time the 8 GPUs are down, so that 4 are rented.
    Bite("owned_gpus_run_within_fleet", {**EXISTING, "prices": {f"{SERVER}/availability_fraction": 0.5}},
         ALL_DEAR / 2, 0),
    Bite("active_is_what_runs", {"offers": {"consider": [WHOLE], "kinds": ["on_demand", "commitments"]}}, ALL_CHEAP, 0),
    Bite("commitments_cover_their_use", {"offers": {"consider": [WHOLE], "kinds": ["on_demand", "commitments"]}},
         ALL_CHEAP, 0),
    Bite("spend_is_what_runs", {"offers": {"consider": [WHOLE], "kinds": ["on_demand", "savings_plans"]},
                                "horizon_months": 8}, PREPAID, 0),
    Bite("spend_covers_its_use", {"offers": {"consider": [WHOLE], "kinds": ["on_demand", "savings_plans"]},
                                  "horizon_months": 8}, PREPAID, 0),
    Bite("spot_share_is_limited", {**ON_SPOT, "workloads": [serving(spot=half())]}, ON_BOTH, ALL_SPOT, "hour"),
    Bite("spot_share_is_limited", {**ON_SPOT, "workloads": [serving(spot=half(share_by="month"))]}, ON_BOTH, ALL_SPOT,
         "month"),
    # A fifth of the work is lost, so that 5 GPUs on spot do the work of 4.
    Bite("spot_share_is_limited", {**ON_SPOT, "workloads": [serving(spot=half(loss_fraction=0.2))]},
         (4 * 4 + 5 * 1) * 730 * 3, 10 * 1 * 730 * 3, "with loss"),
    Bite("spot_share_is_limited", {**ON_SPOT, "workloads": [batch(spot=half())]}, ON_BOTH, ALL_SPOT, "window"),
    Bite("spot_share_is_limited", {**ON_SPOT, "workloads": [training(checkpoints=True, spot=half())]}, ON_BOTH,
         ALL_SPOT, "hold"),
    Bite("spot_is_within_market_depth", {**ON_SPOT, "workloads": [serving(spot=half(1))],
                                         "limits": {"spot_depth_gpus": {SPOT: 4}}}, ON_BOTH, ALL_SPOT),
    Bite("on_demand_is_within_quota", {**BOTH, "limits": {"on_demand_quota_gpus": {CHEAP: 4}}}, HALF_CHEAP, ALL_CHEAP),
    # 8 GPUs run and 2 stand by: 10 of a quota of 8, so that the other offer serves 2 of the 8.
    Bite("on_demand_is_within_quota",
         {**BOTH, "limits": {"on_demand_quota_gpus": {CHEAP: 8}},
          "workloads": [serving(headroom_fraction=0.25, standby_on_demand="billed")]},
         (8 * 2 + 2 * 4) * 730 * 3, 10 * 2 * 730 * 3, "standby"),
    # 12 GPUs are needed and 16 are rented. Without the rule nobody pays for any.
    Bite("instances_cover_their_use", {"offers": {"consider": [WHOLE], "kinds": ["on_demand"]},
                                       "whole": {"instances": True}, "workloads": [serving(12)]}, 2 * ALL_DEAR, 0),
    # 20 kW of two servers are 40 kW at the meter.
    Bite("power_is_within_site_limit",
         {**TWO_SERVERS, "sites": [{"id": SITE, "power_limit_kw": 39}], "prices": {f"{SITE}/pue": 2}},
         ONE_OWNED, 100_000),
    Bite("racks_are_within_site_limit", {**TWO_SERVERS, "sites": [{"id": SITE, "rack_limit_units": 19}]}, ONE_OWNED,
         100_000),
    # A tenth of a person for one server, at 10,000 USD a month.
    Bite("staff_cover_fleet", {**EXISTING, "staff": [{"name": "platform", "role": ROLE}]}, 3_000, 0, "owned"),
    Bite("staff_cover_fleet", {"staff": [{"name": "platform", "role": ROLE}]}, ALL_DEAR + 0.08 * 30_000, ALL_DEAR,
         "rented"),
    Bite("team_is_on_call", {**EXISTING, **TEAM}, 60_000, 3_000),
    # Batch work, since the work of an hour needs its team by a rule of its own.
    Bite("owning_is_declared", {**EXISTING, **TEAM, "workloads": [batch()]}, 60_000, 3_000),
    # Ordered at once and there after two months, the server has a team of half a person (5,000 USD) for all six months.
    Bite("owning_is_declared",
         {**OWN, "staff": [{**TEAM["staff"][0], "minimum_team_fte": 0.5}], "prices": {f"{SERVER}/lead_time_months": 2}},
         50_000 + ALL_DEAR * 2 / 3 + 30_000, 50_000 + ALL_DEAR * 2 / 3 + 20_000, "on order"),
    Bite("purchase_is_declared",
         {**OWN, "project": [{"name": "move", "category": "migration", "usd_per_month": 7_000, "when": "if_bought",
                              "source": "by hand"}]}, 57_000, 50_000),
    Bite("room_is_declared",
         {**OWN, "project": [{"name": "room", "category": "fit_out", "usd_per_month": 7_000, "when": "if_bought",
                              "site": SITE, "source": "by hand"}]}, 57_000, 50_000),
    # There at once, the server takes work after two months, for which the same is rented beside it.
    Bite("owned_gpus_run_within_fleet", {**OWN, "servers": {"consider": [SERVER], "dual_running_months": 2}},
         50_000 + ALL_DEAR * 2 / 3, 0, "dual running"),
    # 17,520 GPU-hours at 1 kg; half of them must run where they cost 4 USD and emit nothing.
    Bite("carbon_is_within_cap",
         {"offers": {"consider": [WHOLE, "gcp-a3-highgpu-8g-us-central1"], "kinds": ["on_demand"]},
          "limits": {"carbon_kg_per_year": 8_760},
          "prices": {"h100-sxm-80gb/power_kw_per_gpu": 0.5, "aws/pue": 1, "gcp/pue": 2, f"{WHOLE}/carbon_kg_per_kwh": 0,
                     "gcp-a3-highgpu-8g-us-central1/carbon_kg_per_kwh": 1,
                     "gcp-a3-highgpu-8g-us-central1/on_demand_usd_per_gpu_hour": 2}},
         HALF_CHEAP, ALL_CHEAP, "rented"),
    # 10,950 kg at 1 kg per kWh used: two months of idling (2,920 kWh) leave 8,030 kWh and so as many GPU-hours at
    # 1 kW; the server is sold in the third month and 9,490 GPU-hours are rented.
    Bite("carbon_is_within_cap",
         {**EXISTING, "offers": {"consider": [WHOLE], "kinds": ["on_demand"]}, "limits": {"carbon_kg_per_year": 10_950},
          "prices": {f"{SITE}/carbon_kg_per_kwh": 0.5, f"{SITE}/pue": 2, f"{WHOLE}/carbon_kg_per_kwh": 0,
                     "aws/pue": 1}},
         9_490 * 4, 0, "owned"),
    Bite("concentration_is_limited", {**BOTH, "limits": {"provider_share_fraction": {"nebius": 0.5}}}, HALF_CHEAP,
         ALL_CHEAP),
    # Either provider must carry 4 of the 8 when the other is lost.
    Bite("loss_is_survived",
         {**BOTH, "workloads": [serving(standby_on_demand="billed",
                                        survive_loss={"of": ["providers"], "protected_fraction": 0.5})]},
         HALF_CHEAP, ALL_CHEAP, "provider"),
    # 4 GPUs wait at 4 USD for the loss of the only site.
    Bite("loss_is_survived",
         {**EXISTING, "workloads": [serving(standby_on_demand="billed",
                                            survive_loss={"of": ["sites"], "protected_fraction": 0.5})]},
         ALL_DEAR / 2, 0, "site"),
    Bite("capex_is_within_budget", {**TWO_SERVERS, "budgets": {"capex_usd": {2027: 199_999}}}, ONE_OWNED, 100_000),
    # Nothing in the fiscal year that ends in March: three months are rented before a server is bought.
    Bite("capex_is_within_budget", {**OWN, "fiscal_year_starts": 4, "budgets": {"capex_usd": {2027: 0}}},
         ALL_DEAR + 50_000, 50_000, "fiscal year"),
    # A server for 200,000 USD that keeps half of it is cheaper than renting at 140,160, but needs more cash.
    Bite("cash_is_within_budget",
         {**OWN, "budgets": {"cash_usd": {2027: 150_000}}, "prices": {f"{SERVER}/purchase_usd_per_server": 200_000}},
         2 * ALL_DEAR, 100_000),
]  # fmt: skip

ASK_NOTHING = {"something_is_bought", "owned_work_needs_the_team"}
"""One is a handle for an option, the other follows from whole numbers."""


@pytest.mark.parametrize("bite", BITES, ids=[f"{bite.rule} {bite.label}".strip() for bite in BITES])
def test_a_rule_that_is_left_out_is_missed(bite: Bite, tmp_path: Path) -> None:
    case = small(tmp_path, **bite.changes)
    whole, without = solved(case), solved(case, without=[bite.rule])
    found = audit(case, whole.quantities, whole.ledger)
    assert max(found.values()) <= SOUND, found
    assert audit(case, without.quantities, without.ledger)[bite.rule] > SOUND
    assert whole.answer.objective == pytest.approx(bite.objective, abs=0.01)
    assert without.answer.objective == pytest.approx(bite.relaxed, abs=0.01)
    assert without.answer.objective < whole.answer.objective


def test_every_rule_is_audited_and_has_a_scenario_in_which_it_bites() -> None:
    rules = {rule.__name__ for rule in (*RULES, *BUDGETS)}
    assert {check.__name__ for check in NAMED} == rules
    assert {bite.rule for bite in BITES} == rules - ASK_NOTHING


def test_a_rule_that_follows_from_others_changes_nothing(tmp_path: Path) -> None:
    case = small(tmp_path, **{**OWN, **TEAM, "workloads": [serving(12), training(4, months=6)]})
    whole, without = solved(case), solved(case, without=ASK_NOTHING)
    assert whole.answer.objective == pytest.approx(without.answer.objective)
    assert max(audit(case, without.quantities, without.ledger).values()) <= SOUND


def test_the_audit_loads_nothing_of_the_program() -> None:
    code = (
        "import sys, planner.model.audit\n"
        "shared = ('planner.program', 'planner.decisions', 'planner.eligibility', 'planner.model.constraints')\n"
        "sys.exit(' '.join(name for name in shared if name in sys.modules) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def changed(plan: Quantities, block: str, value: float, **where: int) -> Quantities:
    """Return `plan` with one row of `block` set to `value`, added where there is none with these keys."""
    table = plan.tables[block]
    here = np.logical_and.reduce([table[key] == index for key, index in where.items()])
    row = pd.DataFrame([dict.fromkeys(table, 0) | where | {"value": value}])
    return replace(plan, tables={**plan.tables, block: pd.concat([table[~here], row], ignore_index=True)})


DAY_AND_NIGHT = {"weekday": [0.5] * 12 + [1.5] * 12}
EVERYTHING: dict[str, Any] = {
    "horizon_months": 8, "sites": [{"id": SITE, "open_from": "2027-03"}],
    "staff": [{**TEAM["staff"][0], "always_fte": 1}],
    "offers": {"consider": [DEAR, WHOLE, SPOT], "kinds": ["on_demand", "spot", "commitments"]},
    "existing_servers": EXISTING["existing_servers"],
    "existing_commitments": [
        {"offer": WHOLE, "instances": 1, "start": "2026-12", "term_months": 4, "hourly_usd_per_gpu": 1}
    ],
    "prices": {f"{SERVER}/lead_time_months": 2},
    "workloads": [serving(8, DAY_AND_NIGHT, residency=["US"], allowed_on=["rented"]), training(20, months=8), batch()],
}  # fmt: skip
"""By index: workload 0 may only be rented in the US, that is on offer 0; 1 is held, 2 is batch; offer 2 has spot."""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Solved]:
    """A plan with every kind of decision, and its case."""
    case = small(tmp_path_factory.mktemp("everything"), **EVERYTHING)
    return case, solved(case, effort=Effort(gap=0.05))


@pytest.mark.parametrize(
    ("rule", "block", "value", "where"),
    [
        ("values_are_not_negative", "own", -1.0, {"k": 0, "s": 0, "w": 2, "g": 0}),
        ("values_are_not_negative", "own", np.nan, {"k": 0, "s": 0, "w": 2, "g": 0}),
        ("whole_numbers_are_whole", "buy", 0.5, {"h": 1}),
        ("whole_numbers_are_whole", "commit", 0.5, {"n": 1}),
        ("whole_numbers_are_whole", "owns", 0.5, {"p": 0, "t": 0}),
        ("whole_numbers_are_whole", "owns", 2.0, {"p": 0, "t": 0}),
        ("placement_is_allowed", "own", 1.0, {"k": 0, "s": 0, "w": 0, "g": 0}),
        ("placement_is_allowed", "on_demand", 1.0, {"o": 1, "w": 0, "g": 0}),
        ("placement_is_allowed", "spot", 1.0, {"o": 2, "w": 1, "g": 0}),
        ("placement_is_allowed", "unserved", 1.0, {"w": 0, "g": 0}),
        ("placement_is_allowed", "own_standby", 1.0, {"k": 0, "s": 0, "w": 2, "g": 0}),
        ("orders_are_possible", "sell", 1.0, {"h": 1, "k": 0, "s": 0, "t": 2}),
        ("orders_are_possible", "buy", 1.0, {"h": 1, "k": 0, "s": 0, "t": 7}),
        ("existing_is_kept", "buy", 2.0, {"h": 0}),
        ("existing_is_kept", "commit", 0.0, {"n": 0}),
        ("existing_is_kept", "always", 0.0, {"z": 0}),
        ("holds_are_constant", "on_demand", 99.0, {"o": 0, "w": 1, "g": 0}),
        ("staff_are_always_there", "staff", 0.5, {"p": 0, "t": 0}),
    ],
)
def test_what_no_row_says_is_audited_too(
    rule: str, block: str, value: float, where: dict[str, int], everything: tuple[Case, Solved]
) -> None:
    case, plan = everything
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= SOUND
    assert audit(case, changed(plan.quantities, block, value, **where), plan.ledger)[rule] > SOUND


def test_an_index_is_no_place_and_no_instance(tmp_path: Path) -> None:
    """A plan on an index is sound, and no longer once its scenario asks for whole instances or for residency."""
    case = small(tmp_path, offers={"consider": [INDEXED]})
    plan = solved(case)
    at_home = replace(case, offers=tuple(replace(offer, country="US") for offer in case.offers))

    def found(one: Case, **asked: Any) -> float:
        scenario = one.scenario.model_copy(update=asked)
        return audit(replace(one, scenario=scenario), plan.quantities, plan.ledger)["placement_is_allowed"]

    whole = {"whole": case.scenario.whole.model_copy(update={"instances": True})}
    resident = {"workloads": [one.model_copy(update={"residency": ["US"]}) for one in case.scenario.workloads]}
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= SOUND
    assert found(at_home) <= SOUND
    assert found(case, **whole) == found(at_home, **whole) == found(at_home, **resident) == pytest.approx(8)
    listed = replace(at_home, evidence=tuple(replace(one, basis="list") for one in case.evidence))
    assert found(listed, **whole) <= SOUND and found(listed, **resident) <= SOUND


def test_a_closed_offer_and_a_misread_order_are_seen(everything: tuple[Case, Solved]) -> None:
    case, plan = everything
    late = plan.quantities.cohorts.assign(retires=plan.quantities.cohorts["retires"] + 1)
    found = audit(case, replace(plan.quantities, cohorts=late), plan.ledger)
    assert found["orders_are_possible"] > SOUND
    shut = [replace(offer, open=np.zeros_like(offer.open)) for offer in case.offers]
    assert audit(replace(case, offers=tuple(shut)), plan.quantities, plan.ledger)["offers_are_open"] > SOUND


def test_carbon_that_is_not_paid_is_seen(tmp_path: Path) -> None:
    prices = {f"{SITE}/carbon_kg_per_kwh": 0.5, "h100-sxm-80gb/power_kw_per_gpu": 0.5, "aws/pue": 2,
              f"{WHOLE}/carbon_kg_per_kwh": 0.25}  # fmt: skip
    price = {"usd_per_tonne": 100, "later": {"2027-02": 200}, "source": "by hand"}
    case = small(tmp_path, **{**EXISTING, "offers": {"consider": [WHOLE], "kinds": ["on_demand"]}}, carbon=price,
                 prices=prices, workloads=[serving(12)])  # fmt: skip
    plan = solved(case)
    assert audit(case, plan.quantities, plan.ledger)["carbon_is_paid"] <= SOUND
    owned = plan.ledger["unit"] == "t CO2e owned"
    assert owned.any() and (plan.ledger["unit"] == "t CO2e rented").any()
    # 10 kW × 730 h × 0.5 kg are 3.65 t a month of the server, 4 × 730 h × 0.25 kg are 0.73 t of what is rented
    assert audit(case, plan.quantities, plan.ledger[~owned])["carbon_is_paid"] == pytest.approx(3.65 / 4.38)


@pytest.fixture(scope="module")
def taxed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Solved]:
    """A plan after tax that keeps a server and borrows for another, and its case."""
    rule = {"rate_fraction": 0.25, "depreciation": {"method": "straight_line", "life_years": 3},
            "bonus_fraction": 0.2, "source": "by hand"}  # fmt: skip
    loan = {"name": "bank", "kind": "loan", "term_months": 24, "rate_fraction": 0.05, "down_payment_fraction": 0.2,
            "source": "by hand"}  # fmt: skip
    held = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2025-11", "paid_usd_per_server": 90_000}
    case = small(
        tmp_path_factory.mktemp("taxed"), sites=[{"id": SITE}], horizon_months=24, fiscal_year_starts=4,
        finance={"wacc_fraction": 0.1, "wacc_is": "after_tax", "tax": rule, "source": "by hand"}, financing=[loan],
        existing_servers=[held], workloads=[serving(16)], servers={"consider": [SERVER], "cash": False},
    )  # fmt: skip
    return case, solved(case)


@pytest.mark.parametrize(
    ("rule", "component"),
    [
        ("debts_are_settled", "loan_proceeds"), ("debts_are_settled", "loan_principal"),
        ("tax_is_the_rate_of_what_is_deducted", "tax_relief"),
        ("tax_is_the_rate_of_what_is_deducted", "depreciation_relief"),
        ("tax_is_the_rate_of_what_is_deducted", "tax_on_disposal"),
        ("tax_is_the_rate_of_what_is_deducted", "loan_interest"),
    ],
)  # fmt: skip
def test_debt_and_tax_that_do_not_add_up_are_seen(rule: str, component: str, taxed: tuple[Case, Solved]) -> None:
    """A hundredth more in a line is enough."""
    case, plan = taxed
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= SOUND
    ledger = plan.ledger.copy()
    line = ledger.loc[ledger["component"] == component, "cost_usd"].abs().idxmax()
    ledger.loc[line, "cost_usd"] *= 1.01
    found = audit(case, plan.quantities, ledger)
    assert [name for name, violation in found.items() if violation > SOUND] == [rule]


def test_debt_that_is_not_in_the_ledger_is_seen(taxed: tuple[Case, Solved]) -> None:
    case, plan = taxed
    ledger = plan.ledger[~plan.ledger["component"].isin(["loan_proceeds", "loan_principal"])]
    assert audit(case, plan.quantities, ledger)["debts_are_settled"] > 0.5


def test_the_tax_of_a_year_before_the_plan_is_past(taxed: tuple[Case, Solved]) -> None:
    """A fifth at once and 5 of 36 months of the rest: 28,000 of 90,000 USD are deducted by March 2026."""
    case, plan = taxed
    older = [replace(one, since=one.since + 5) for one in case.existing_servers]
    found = audit(replace(case, existing_servers=tuple(older)), plan.quantities, plan.ledger)
    gross = plan.ledger["cost_usd"].abs().sum()
    assert found["tax_is_the_rate_of_what_is_deducted"] == pytest.approx(0.25 * 28_000 / gross)
