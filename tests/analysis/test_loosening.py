"""What a useful step of a limit saves, worked out by hand, and the option's words that go with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.loosening import loosened
from planner.analysis.returns import finance
from planner.analysis.study import Study, solve_case
from planner.analysis.verdict import verdict
from planner.model.solve import Effort
from tests.small import CHEAP, DEAR, SERVER, SITE, WHOLE, serving, small

SAVED = 8 * 4 * 730 * 3 - 50_000
"""USD that a server of 8 GPUs saves in three months: it loses half of 100,000, renting costs 4 an hour."""


def study(tmp_path: Path, **changes: Any) -> Study:
    return solve_case(small(tmp_path, **changes), Effort(gap=1e-9))


def test_power_for_one_more_server_saves_what_the_server_saves(tmp_path: Path) -> None:
    sites = [{"id": SITE, "power_limit_kw": 15}]  # one server of 10 kW stands there, the second lacks 5
    (row,) = loosened(study(tmp_path, sites=sites, workloads=[serving(16)]))
    assert row["change"] == f"5 kW more at {SITE}"
    assert row["set"] == [f"sites.{SITE}.power_limit_kw=20"]
    assert row["saves_usd"] == pytest.approx(SAVED)
    assert row["basis"] == "whole numbers"


def test_a_team_does_not_keep_a_switch_at_the_old_limit(tmp_path: Path) -> None:
    sites = [{"id": SITE, "power_limit_kw": 15}]
    staff = [{"name": "ops", "role": "platform-engineer", "minimum_team_fte": 0.1}]
    prices = {"platform-engineer/salary_usd_per_year": 0.01}
    (row,) = loosened(study(tmp_path, sites=sites, staff=staff, prices=prices, workloads=[serving(32)]))
    assert row["saves_usd"] == pytest.approx(SAVED, rel=1e-3)


def test_room_for_one_more_server_is_nothing_to_loosen(tmp_path: Path) -> None:
    sites = [{"id": SITE, "power_limit_kw": 30}]
    assert loosened(study(tmp_path, sites=sites, workloads=[serving(16)])) == []


def test_a_quota_and_a_budget_are_loosened_by_an_instance_and_a_server(tmp_path: Path) -> None:
    offers, limits = {"consider": [DEAR, CHEAP]}, {"on_demand_quota_gpus": {CHEAP: 4}}
    (row,) = loosened(study(tmp_path, offers=offers, limits=limits))
    assert row["saves_usd"] == pytest.approx(1 * 2 * 730 * 3)  # an offer by the GPU: one GPU at 2 instead of 4
    budget = {"sites": [{"id": SITE}], "budgets": {"capex_usd": {2027: 100_000}}}
    (row,) = loosened(study(tmp_path, workloads=[serving(16)], **budget))
    assert row["set"] == ["budgets.capex_usd.2027=200000"]
    assert row["saves_usd"] == pytest.approx(SAVED)


def test_what_a_rule_of_place_costs_is_told_and_who_it_keeps_out(tmp_path: Path) -> None:
    offers = {"consider": [WHOLE, CHEAP], "kinds": ["on_demand"]}
    found = study(tmp_path, offers=offers, workloads=[serving(8, residency=["US"]), serving(8) | {"name": "free"}])
    (row,) = loosened(found)
    assert row["change"] == "chat anywhere, not only in US"
    assert row["saves_usd"] == pytest.approx(8 * (4 - 2) * 730 * 3)
    assert (f"{CHEAP} for chat", "its country is not known, and chat must stay in US") in found.case.left_out


def test_nothing_is_self_hosted_where_no_server_fits(tmp_path: Path) -> None:
    found = study(tmp_path, sites=[{"id": SITE, "power_limit_kw": 5}])
    assert found.outcomes["self_hosted"] is None
    assert "no server that fits" in found.reasons["self_hosted"]


def test_an_option_that_cannot_be_tells_what_is_short(tmp_path: Path) -> None:
    found = study(tmp_path, sites=[{"id": SITE, "power_limit_kw": 15}], workloads=[serving(16)])
    assert found.outcomes["self_hosted"] is None
    assert f"{SITE} needs 20 kW" in found.reasons["self_hosted"]


def test_the_verdict_names_commitments_and_sales(tmp_path: Path) -> None:
    owned = [{"server": SERVER, "site": SITE, "servers": 2, "in_service": "2026-01", "paid_usd_per_server": 100_000}]
    offers = {"consider": [WHOLE], "kinds": ["on_demand", "commitments"]}
    prices = {f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 0.01, f"{SITE}/space_usd_per_kw_month": 1000}
    found = study(
        tmp_path, sites=[{"id": SITE}], existing_servers=owned, offers=offers, prices=prices, horizon_months=12
    )
    said = verdict(found, finance(found))["reason"]
    assert said.startswith("Commit to 8 GPUs and sell 2 of today's servers: ")
