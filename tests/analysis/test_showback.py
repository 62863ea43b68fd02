"""Costs by workload and team: every line is allocated, by use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.showback import service_costs
from planner.analysis.study import solve_case
from planner.analysis.tco import tco
from planner.model.solve import Effort
from tests.small import (
    CHEAP,
    DEAR,
    HALF_TERM,
    ROLE,
    SERVER,
    SITE,
    TERMS,
    WHOLE,
    serving,
    small,
    training,
)

HELD: dict[str, Any] = {
    "sites": [{"id": SITE}], "servers": {"consider": []},
    "existing_servers": [
        {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-01", "paid_usd_per_server": 0}
    ],
}  # fmt: skip
CHAT, TRAIN = serving(3), training(1)
"""3 GPUs and 1 GPU in every hour."""
MONTH = 730


def months(*factors: float, name: str = "chat", units: float = 1, **more: Any) -> dict[str, Any]:
    """A serving workload of `units` GPUs times a factor for each month."""
    demand = {"average_per_hour": units, "shape": "flat", "growth": {"monthly_factors": list(factors)}}
    return {**serving(), "demand": demand, "name": name, **more}


def costs(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    study = solve_case(small(tmp_path, **changes), Effort(gap=1e-9))
    found = service_costs(study, study.plan)
    total = tco(study, study.plan)
    by_workload = sum(one["usd"] for one in found["workloads"])
    assert by_workload + found["unallocated_usd"] == pytest.approx(total["total_usd"], rel=1e-9, abs=1e-6)
    assert sum(one["usd"] for one in found["teams"]) == pytest.approx(by_workload, rel=1e-9, abs=1e-6)
    return found


def usd(found: dict[str, Any], component: str) -> list[float]:
    """What a component costs each workload."""
    return [one["by_component"].get(component, 0.0) for one in found["workloads"]]


def test_rent_belongs_to_whom_it_serves(tmp_path: Path) -> None:
    found = costs(tmp_path, workloads=[CHAT, TRAIN])
    assert usd(found, "on_demand") == pytest.approx([3 * 4 * MONTH * 3, 1 * 4 * MONTH * 3])
    assert [one["usd_per_gpu_hour"] for one in found["workloads"]] == pytest.approx([4, 4])
    assert found["unallocated_usd"] == 0


def test_a_server_and_its_idle_gpus_are_shared_by_use(tmp_path: Path) -> None:
    # half of the server is idle; electricity at work is each workload's own, that of the idle server is shared
    own = {"sites": [{"id": SITE}], "horizon_months": 6, "workloads": [CHAT, training(1, months=6)]}
    prices = {f"{SITE}/electricity_usd_per_kwh": 0.1, f"{SERVER}/network_usd_per_server": 4_000,
              f"{SERVER}/purchase_usd_per_server": 20_000}  # fmt: skip
    found = costs(tmp_path, **own, prices=prices)
    assert usd(found, "network") == pytest.approx([3_000, 1_000])
    assert usd(found, "servers") == pytest.approx([15_000, 5_000])
    assert usd(found, "resale") == pytest.approx([-7_500, -2_500])
    assert usd(found, "electricity") == pytest.approx([0.1 * MONTH * 6 * (gpus + 2 * gpus / 4) for gpus in (3, 1)])


def test_a_month_is_shared_by_its_own_use_and_an_idle_month_by_that_of_the_horizon(tmp_path: Path) -> None:
    # months: only a; nobody; a and b alike. Over the horizon a uses two thirds.
    work = [months(2, 0, 2, name="a"), months(0, 0, 2, name="b")]
    prices = {f"{SITE}/space_usd_per_kw_month": 90, f"{SERVER}/decommissioning_usd_per_server": 10_000,
              f"{SERVER}/useful_life_months": 60}  # fmt: skip
    found = costs(tmp_path, **HELD, workloads=work, prices=prices)
    assert usd(found, "space") == pytest.approx([900 * (1 + 2 / 3 + 1 / 2), 900 * (0 + 1 / 3 + 1 / 2)])


def test_a_commitment_is_shared_by_its_use_in_the_month_and_upfront_over_its_term(tmp_path: Path) -> None:
    # 8 GPUs at 1 USD for six months, half at once: 17,520, and 2,920 in each of three months
    work = [months(6, 6, 6, name="a"), months(0, 2, 0, name="b")]
    found = costs(tmp_path, workloads=work, prices={HALF_TERM: 1},
                  offers={"consider": [TERMS], "kinds": ["on_demand", "commitments"]})  # fmt: skip
    assert usd(found, "commitments") == pytest.approx(
        [17_520 * 0.9 + 2_920 * (2 + 0.75), 17_520 * 0.1 + 2_920 * 0.25]
    )  # fmt: skip


def test_a_savings_plan_is_shared_by_what_is_charged_against_it(tmp_path: Path) -> None:
    work = [months(6, 6, 6, name="a"), months(2, 2, 2, name="b")]
    found = costs(tmp_path, workloads=work, offers={"consider": [TERMS], "kinds": ["on_demand", "savings_plans"]})
    assert usd(found, "savings_plans") == pytest.approx([0.75 * 26_280, 0.25 * 26_280])


def test_whole_instances_are_shared_by_the_hour(tmp_path: Path) -> None:
    # two instances by day, 12 GPUs of a and 4 of b; one by night, of a alone
    day, night = {"weekday": [0] * 12 + [1] * 12}, {"weekday": [1] * 24}
    work = [{**serving(6), "name": name, "demand": {"average_per_hour": gpus, "shape": shape,
                                                    "growth": {"annual_rate": 0}}}
            for name, gpus, shape in (("a", 2, day), ("b", 6, night))]  # fmt: skip
    found = costs(tmp_path, workloads=work, whole={"instances": True},
                  offers={"consider": [WHOLE], "kinds": ["on_demand"]})  # fmt: skip
    hours = MONTH * 3 / 2
    assert usd(found, "on_demand") == pytest.approx([hours * 2 * 8 * 4 * 4 / 10, hours * (8 * 4 + 2 * 8 * 4 * 6 / 10)])


def test_people_are_shared_by_the_gpus_that_they_look_after(tmp_path: Path) -> None:
    # a tenth of a person for 8 owned GPUs, a hundredth for each that is rented: 0.1 and 0.04
    work = [serving(8, allowed_on=["owned"]), {**serving(4, allowed_on=["rented"]), "name": "spill"}]
    found = costs(tmp_path, **HELD, workloads=work, staff=[{"name": "platform", "role": ROLE}])
    assert usd(found, "staff") == pytest.approx([0.1 * 30_000, 0.04 * 30_000])


def test_a_project_follows_all_other_costs_and_teams_take_their_workloads_together(tmp_path: Path) -> None:
    project = {"name": "move", "category": "migration", "usd_per_month": 8_000, "source": "by hand"}
    work = [{**CHAT, "team": "Product"}, {**TRAIN, "team": "Research"}, {**serving(4), "name": "search",
                                                                        "team": "Product"}]  # fmt: skip
    found = costs(tmp_path, workloads=work, project=[project], fiscal_year_starts=2)
    assert usd(found, "project_migration") == pytest.approx([3_000, 1_000, 4_000])
    month = 7 * 4 * MONTH
    assert found["teams"][0] == {
        "team": "Product", "usd": pytest.approx(3 * month + 7_000),
        "by_year": [{"fiscal_year": 2027, "usd": pytest.approx(month + 7_000)},
                    {"fiscal_year": 2028, "usd": pytest.approx(2 * month)}],
    }  # fmt: skip
    assert [one["team"] for one in found["teams"]] == ["Product", "Research"]


def test_taxes_belong_to_whom_they_are_of(tmp_path: Path) -> None:
    # a quarter of what each pays is saved: of rent, and of a server by its depreciation and the loss on its sale
    tax = {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "source": "by hand"}
    finance = {"wacc_fraction": 0, "wacc_is": "after_tax", "tax": tax, "source": "by hand"}
    work = [serving(8, allowed_on=["owned"]), {**serving(4, allowed_on=["rented"]), "name": "rented"}]
    found = costs(tmp_path, sites=[{"id": SITE}], workloads=work, finance=finance)
    assert [one["usd"] for one in found["workloads"]] == pytest.approx([0.75 * 50_000, 0.75 * 4 * 4 * MONTH * 3])
    assert usd(found, "tax_relief")[0] == 0 and usd(found, "depreciation_relief")[1] == 0


def test_what_nobody_uses_stays_unallocated(tmp_path: Path) -> None:
    held = {"offer": WHOLE, "instances": 1, "start": "2026-12", "term_months": 24, "hourly_usd_per_gpu": 1}
    found = costs(tmp_path, workloads=[serving(allowed_on=["owned"])], existing_commitments=[held], **HELD)
    assert found["unallocated_usd"] == pytest.approx(8 * MONTH * 3)


def test_what_only_stands_by_is_of_whom_it_stands_by_for(tmp_path: Path) -> None:
    # rented GPUs do the work; all of it must go on when their provider is lost, so that a server is bought
    safe = serving(4, survive_loss={"of": ["providers"], "protected_fraction": 1}, allowed_on=["owned", "rented"])
    prices = {f"{DEAR}/on_demand_usd_per_gpu_hour": 0.01, f"{SITE}/electricity_usd_per_kwh": 0.5}
    found = costs(tmp_path, sites=[{"id": SITE}], workloads=[safe, {**serving(1, allowed_on=["rented"]), "name": "b"}],
                  prices=prices)  # fmt: skip
    assert usd(found, "servers") == pytest.approx([100_000, 0])


def test_work_of_a_token_api_has_no_cost_by_the_gpu_hour(tmp_path: Path) -> None:
    groq = "groq-llama-3-3-70b-versatile"
    tokens = {"offers": [groq], "input_mtok_per_unit": 0.1, "cached_input_mtok_per_unit": 0, "output_mtok_per_unit": 0}
    found = costs(tmp_path, workloads=[serving(api=tokens)], prices={f"{groq}/input_usd_per_mtok": 1},
                  offers={"consider": [CHEAP]})  # fmt: skip
    (one,) = found["workloads"]
    assert (one["usd_per_unit"], one["usd_per_gpu_hour"], one["gpu_hours"]) == (pytest.approx(0.1), None, 0)
