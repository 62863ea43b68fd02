"""The examples that ship: what they claim is what the planner says."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.analysis.study import solve_case
from planner.assemble import build_case
from planner.cli.main import app
from planner.model.audit import IMPLIED, NAMED
from planner.model.solve import Effort
from planner.planfile import plan_document
from planner.scenario.load import load_scenario
from tests.shipped import shipped_catalog

ROOT = Path(__file__).parent.parent
CATALOG = shipped_catalog()
KEYS = {
    "scenario", "as_of", "horizon_months", "hours_per_month", "currency", "catalog", "solver", "proof", "decisions",
    "tco", "breakeven", "finance", "verdict", "prices_that_change_the_answer", "worth", "left_out",
}  # fmt: skip


@cache
def planned(name: str, *assignments: str) -> dict[str, Any]:
    loaded = load_scenario(ROOT / "examples" / f"{name}.yaml", CATALOG, assignments)
    effort = Effort()
    return plan_document(solve_case(build_case(CATALOG, loaded), effort), CATALOG, effort)


def value(row: str) -> float:
    from datetime import date

    found = CATALOG.in_force(row, date(2026, 11, 21))
    assert found is not None
    assert found.fact.value is not None
    return float(found.fact.value)


@pytest.mark.parametrize("name", ["llm-platform", "self-hosted-llm", "eight-a100s", "part-time-h100", "financing"])
def test_every_example_is_proven_and_no_other_option_is_cheaper(name: str) -> None:
    found = planned(name)
    assert found.keys() >= KEYS
    assert found["proof"]["relative_difference"] <= 1e-9
    assert found["proof"]["max_violation"] <= 1e-6
    assert len(found["proof"]["violation_by_rule"]) == len(NAMED) + len(IMPLIED)
    assert found["proof"]["duality_gap"] <= 1e-6
    assert found["solver"]["relative_gap"] <= 1e-3
    assert found["solver"]["status"] == "proven"
    for option, total in found["tco"].items():
        if total is not None:
            assert total["present_usd"] >= found["tco"]["plan"]["present_usd"] * (1 - 1e-12), option
            assert sum(total["by_component"].values()) == pytest.approx(total["total_usd"], rel=1e-12)
            categories = (total[f"{name}_usd"] for name in ("capex", "opex", "financing", "tax"))
            assert sum(categories) == pytest.approx(total["total_usd"], rel=1e-12)
            assert sum(year["total_usd"] for year in total["by_year"]) == pytest.approx(total["total_usd"], rel=1e-12)
        else:
            assert any(one["option"] == option and one["reason"] for one in found["left_out"]), option
    verdict = found["verdict"]
    assert verdict["npv_usd"] >= -1e-6
    assert (verdict["choice"] == "rent") == (not found["decisions"]["purchases"])


def test_the_platform_has_the_size_it_claims() -> None:
    loaded = load_scenario(ROOT / "examples" / "llm-platform.yaml", CATALOG)
    case = build_case(CATALOG, loaded)
    assert len(loaded.scenario.offers.consider or []) >= 12
    assert len(case.sites) == 2
    chat = {round(level, 9) for level, month in zip(case.demand.level[0], case.demand.month, strict=True) if month == 0}
    assert len(chat) >= 24
    assert {workload.kind for workload in loaded.scenario.workloads} == {"serving", "batch", "training"}


def test_the_self_hosting_claim_is_reproduced_from_cited_inputs() -> None:
    """2.32 million USD over three years, 70 % of it people; the claim itself has no primary source."""
    found = planned("self-hosted-llm")["tco"]["self_hosted"]
    assert found["months_36"]["total_usd"] == pytest.approx(2_320_000, rel=0.03)
    assert 0.68 <= found["personnel_fraction"] <= 0.72
    assert found["by_component"]["staff"] == pytest.approx(2 * 268_000 * 3)


def by_hand(gpu_usd: float) -> dict[str, Callable[[float], float]]:
    """Cumulative cost by month of `buy` and its rivals for eight A100s, from the catalog's rows alone."""
    server = "server-8xa100-80gb"
    work, hours, lead = 5256.0, 730.0, value(f"{server}/lead_time_months")
    capex = gpu_usd * 8 * value(f"{server}/server_to_gpu_cost_ratio")
    outlay = capex * (1 + value(f"{server}/spare_parts_fraction")) + sum(
        value(f"{server}/{name}")
        for name in ("network_usd_per_server", "storage_usd_per_server", "installation_usd_per_server")
    )
    person = value("platform-engineer/salary_usd_per_year") * value("platform-engineer/burden_multiplier") / 12
    rented_people = person * work / hours / value("platform-engineer/rented_gpus_per_fte")
    idle, active = value(f"{server}/power_idle_kw"), value(f"{server}/power_active_kw")
    kwh = (idle * hours + (active - idle) / 8 * work) * value("room-virginia/pue")
    owned = (
        kwh * value("room-virginia/electricity_usd_per_kwh")
        + active * value("room-virginia/space_usd_per_kw_month")
        + capex * value(f"{server}/support_fraction_per_year") / 12
        + person / value("platform-engineer/servers_per_fte")
    )
    azure = "azure-nc24ads-a100-v4-eastus"
    on_demand = work * value(f"{azure}/on_demand_usd_per_gpu_hour") + rented_people
    # reserved: instances of one GPU are whole: 5,256 ÷ 730 = 7.2, so 8 are reserved, or 7 and the rest on demand
    rate = value(f"{azure}/36m-no-upfront/usd_per_gpu_hour")
    eight = 8 * hours * rate
    seven = 7 * hours * rate + (work - 7 * hours) * value(f"{azure}/on_demand_usd_per_gpu_hour")
    reserved = min(eight, seven) + rented_people
    return {
        "buy": lambda months: outlay + min(months, lead) * on_demand + max(months - lead, 0) * owned,
        "on_demand": lambda months: months * on_demand,
        "cloud": lambda months: months * reserved,
    }


@pytest.mark.parametrize(("gpu_usd", "choice"), [(10_000, "buy"), (15_000, "buy"), (20_000, "rent")])
def test_eight_a100s_break_even_where_hand_work_says(gpu_usd: int, choice: str) -> None:
    found = planned("eight-a100s", f"prices.server-8xa100-80gb/gpu_usd_per_gpu={gpu_usd}")
    assert found["verdict"]["choice"] == choice
    cost = by_hand(gpu_usd)
    assert found["tco"]["cloud"]["total_usd"] == pytest.approx(cost["cloud"](36), rel=1e-9)
    for baseline in ("on_demand", "cloud"):
        months = found["breakeven"]["buy"][baseline]["months"]
        if cost["buy"](36) > cost[baseline](36):
            assert months is None
        else:
            assert cost["buy"](months) == pytest.approx(cost[baseline](months), rel=1e-9)


def test_eight_a100s_without_staff_break_even_later_or_sooner_by_the_difference_in_people() -> None:
    with_staff, without = planned("eight-a100s"), planned("eight-a100s", "staff=[]")
    people = [found["tco"]["buy"]["by_component"].get("staff", 0.0) for found in (with_staff, without)]
    assert people[0] > 0
    assert people[1] == 0
    assert with_staff["breakeven"]["buy"]["on_demand"]["months"] != without["breakeven"]["buy"]["on_demand"]["months"]


def test_one_price_raised_by_a_tenth_moves_the_cost_by_hand_worked_amount() -> None:
    """Rented only: 0.1 × rate × GPU-hours of the reservation, discounted month by month."""
    row = "azure-nc24ads-a100-v4-eastus/36m-no-upfront/usd_per_gpu_hour"
    rate = value(row)
    rented = "servers.consider=[]"
    before, after = planned("eight-a100s", rented), planned("eight-a100s", rented, f"prices.{row}={rate * 1.1:.6f}")
    count = {c["instances"] for c in before["decisions"]["commitments"]}
    assert len(count) == 1
    moved = sum(0.1 * rate * count.copy().pop() * 730 * 1.08 ** (-(t + 1) / 12) for t in range(36))
    difference = after["proof"]["objective_usd"] - before["proof"]["objective_usd"]
    assert difference == pytest.approx(moved, rel=1e-9)


P5 = "aws-p5-48xlarge-us-east-1/on_demand_usd_per_gpu_hour"


def test_the_price_cut_of_2025_turns_the_part_time_team_and_nobody_else() -> None:
    quick = ("part-time-h100", "self-hosted-llm", "eight-a100s")
    scenarios = [word for name in quick for word in ("--scenario", str(ROOT / "examples" / f"{name}.yaml"))]
    days = ("--provider", "aws", "--from", "2025-03-17", "--to", "2025-12-31")
    command = ["catalog", "diff", *days, *scenarios, "--format", "json", "--quiet"]
    found = {one["scenario"]: one for one in json.loads(CliRunner().invoke(app, command).stdout)["scenarios"]}
    assert {name: one["advice"] for name, one in found.items()} == {
        "part-time-h100": "flips", "self-hosted-llm": "same advice", "eight-a100s": "same advice",
    }  # fmt: skip
    turned = found["part-time-h100"]
    assert (turned["before"]["choice"], turned["after"]["choice"]) == ("buy", "rent")
    (cause,) = turned["causes"]
    assert (cause["row"], cause["old"], cause["new"]) == (P5, 12.29, 6.88) and cause["sets_back"]


@pytest.mark.parametrize(
    ("usd", "busy", "choice"), [(12.29, 0.18, "rent"), (12.29, 0.22, "buy"), (6.88, 0.3, "rent"), (6.88, 0.35, "buy")]
)
def test_a_server_pays_from_a_fifth_of_all_hours_on_and_since_the_cut_from_a_third(
    usd: float, busy: float, choice: str
) -> None:
    found = planned("part-time-h100", f"prices.{P5}={usd}", f"workloads.team.work_per_month={busy * 8 * 730:.0f}")
    assert found["verdict"]["choice"] == choice
