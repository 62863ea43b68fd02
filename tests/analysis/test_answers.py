"""What is said of a solved case agrees with its plan: small cases whose answers are plain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.returns import breakevens, finance
from planner.analysis.study import Study, buys, solve_case
from planner.analysis.tco import tco
from planner.analysis.verdict import verdict
from planner.errors import InputError
from planner.model.solve import Effort
from tests.small import DEAR, SITE, WHOLE, serving, small, solved

OWN: dict[str, Any] = {"sites": [{"id": SITE}], "horizon_months": 36}
"""A server loses 50,000 USD; renting its 8 GPUs at 4 USD costs 23,360 a month."""


def study(tmp_path: Path, **changes: Any) -> Study:
    return solve_case(small(tmp_path, **changes), Effort(gap=1e-9))


def said(found: Study) -> dict[str, Any]:
    return verdict(found, finance(found))


def test_half_a_server_is_bought_where_servers_need_not_be_whole(tmp_path: Path) -> None:
    found = study(tmp_path, **OWN, whole={"servers": False}, workloads=[serving(4)])
    assert buys(found.built, found.plan.answer.x)
    assert said(found)["choice"] == "buy"
    assert "0.5 server" in said(found)["reason"]
    assert breakevens(found)["plan"]["on_demand"]["months"] == pytest.approx(50_000 / (4 * 4 * 730))


def test_standby_that_costs_nothing_is_not_renting(tmp_path: Path) -> None:
    found = study(tmp_path, **OWN, workloads=[serving(8, headroom_fraction=0.5)])
    assert said(found)["choice"] == "buy"


def test_a_site_without_power_does_not_make_self_hosting_impossible(tmp_path: Path) -> None:
    sites = [{"id": SITE, "power_limit_kw": 0}, {"id": "room-virginia", "open_from": "2027-04"}]
    found = study(tmp_path, sites=sites, horizon_months=36)
    assert found.outcomes["self_hosted"] is not None
    assert said(found)["choice"] == "buy"


def test_buying_is_never_dearer_than_a_known_plan_that_buys(tmp_path: Path) -> None:
    found = study(tmp_path, **OWN, workloads=[serving(1)], prices={f"{DEAR}/on_demand_usd_per_gpu_hour": 0.5})
    buy, self_hosted = found.outcomes["buy"], found.outcomes["self_hosted"]
    assert buy is not None
    assert self_hosted is not None
    assert buy.answer.objective <= self_hosted.answer.objective + 1e-6
    assert said(found)["choice"] == "rent"


def test_whole_instances_hold_billed_standby_within_the_quota(tmp_path: Path) -> None:
    # 8 GPUs work and 8 stand by: two instances of 8 fill a quota of 16
    work = serving(8, headroom_fraction=1, standby_on_demand="billed")
    limits = {"on_demand_quota_gpus": {WHOLE: 16}}
    offers = {"consider": [WHOLE], "kinds": ["on_demand"]}
    plan = solved(small(tmp_path, workloads=[work], offers=offers, whole={"instances": True}, limits=limits))
    assert plan.answer.objective == pytest.approx(16 * 4 * 730 * 3)


@pytest.mark.parametrize("speed", [1.0, 0.5, 0.25])
def test_breakeven_hours_compare_equal_work(tmp_path: Path, speed: float) -> None:
    # 100,000 ÷ (8 GPUs × 1 USD ÷ speed): a slower rented GPU needs more hours for the same work
    slow = "vast-ai-a100-sxm-80gb"
    work = serving(8) | {"speed": {"h100-sxm-80gb": 1, "a100-sxm-80gb": speed}}
    offers = {"consider": [slow], "kinds": ["on_demand"]}
    found = study(tmp_path, **OWN, workloads=[work], offers=offers, prices={f"{slow}/on_demand_usd_per_gpu_hour": 1})
    assert breakevens(found)["hours"] == pytest.approx(100_000 / (8 / speed))


def test_what_is_owed_after_the_horizon_is_what_liquidating_charges(tmp_path: Path) -> None:
    offers = {"consider": [WHOLE], "kinds": ["on_demand", "commitments"], "managed_uplift_fraction": 0.5}
    prices = {f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 0.5}
    changes = {"offers": offers, "prices": prices, "horizon_months": 6}
    ends = [study(tmp_path, **changes, horizon_end=end) for end in ("continue", "liquidate")]
    kept, paid_out = (tco(one, one.plan) for one in ends)
    assert kept["obligations_after_horizon_usd"] > 0
    assert kept["total_usd"] + kept["obligations_after_horizon_usd"] == pytest.approx(paid_out["total_usd"])


def test_a_budget_that_forbids_buying_is_named(tmp_path: Path) -> None:
    found = study(tmp_path, **OWN, budgets={"capex_usd": {2027: 50_000, 2028: 50_000, 2029: 50_000}})
    assert said(found)["choice"] == "rent"
    assert "no plan with a purchase obeys every rule" in said(found)["reason"]


def test_a_budget_for_a_year_outside_the_horizon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fiscal year"):
        small(tmp_path, budgets={"capex_usd": {2026: 50_000}})
