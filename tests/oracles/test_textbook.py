"""Published exercises with known answers, through the planner."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.analysis.returns import breakevens
from planner.analysis.study import Study, solve_case
from planner.analysis.tco import tco
from planner.finance import breakeven_hours, months_from_hours
from planner.model.solve import Effort
from tests.oracles.own import made, offer, server, term, workload
from tests.small import solved

EXACT = Effort(gap=1e-9)
FLAT = {"shape": "flat", "growth": {"annual_rate": 0}}

CONTRACTS = [(1560, 0.128), (1280, 0.192), (552, 0.312), (0, 0.640)]
"""USD upfront a year and USD for each hour used."""
HOURS = 5_000


def contract(number: int) -> dict[str, object]:
    """Contract `number` as a catalog has it: an all-in rate over 8,760 h and the share of it that is paid at once."""
    upfront, hourly = CONTRACTS[number]
    rate = upfront / 8760 + hourly
    return term(f"contract-{number + 1}", 12, rate, upfront / 8760 / rate, billed="used")


def contract_case(folder: Path, numbers: list[int], on_demand: float) -> float:
    cloud = offer("cloud", 1, on_demand, commitments=[contract(number) for number in numbers])
    work = workload("batch", work_per_month=HOURS / 12, growth={"annual_rate": 0})
    plan = solved(made(folder, [], [cloud], [work], 12))
    assert plan.ledger["cost_usd"].sum() == pytest.approx(plan.answer.objective)
    return plan.answer.objective


def test_the_third_of_four_contracts_is_cheapest_for_5000_hours_a_year(tmp_path: Path) -> None:
    # 1,560 + 640 = 2,200; 1,280 + 960 = 2,240; 552 + 1,560 = 2,112; 3,200.
    assert contract_case(tmp_path, [0, 1, 2, 3], on_demand=0.64) == pytest.approx(2_112)


@pytest.mark.parametrize(("number", "usd"), [(0, 2_200), (1, 2_240), (2, 2_112), (3, 3_200)])
def test_each_contract_costs_its_upfront_payment_and_the_hours_used(number: int, usd: float, tmp_path: Path) -> None:
    assert contract_case(tmp_path, [number], on_demand=9) == pytest.approx(usd)


CAPEX, OWNED, CLOUD = 833_806, 0.87, 98.32
"""A server of 8 H100, 5.8 kW at 0.15 USD, against an instance of 8: USD, and USD an hour."""


@pytest.mark.parametrize(
    ("cloud", "hours", "months"), [(98.32, 8_556.24, 11.72), (77.43, 10_890.88, 14.92), (53.95, 15_708.48, 21.52)]
)
def test_breakeven_of_a_server_by_the_formula(cloud: float, hours: float, months: float) -> None:
    found = breakeven_hours(CAPEX, OWNED, cloud)
    assert found == pytest.approx(hours, abs=0.005)
    assert months_from_hours(found or 0, 730, 1) == pytest.approx(months, abs=0.005)


@pytest.fixture
def server_against_instance(tmp_path: Path) -> Study:
    one = server("server", 8, CAPEX, power_active_kw=5.8, power_idle_kw=1)
    work = workload("serving", demand={"average_per_hour": 8, **FLAT})
    return solve_case(made(tmp_path, [one], [offer("cloud", 8, CLOUD / 8)], [work], 60, electricity=0.15), EXACT)


def test_breakeven_of_a_server_through_the_planner(server_against_instance: Study) -> None:
    study = server_against_instance
    found = breakevens(study)
    assert found["hours"] == pytest.approx(8_556.24, abs=0.005)
    # 1 kW stands for all of its ten years, 4.8 kW more are drawn at work
    life = 120 * 730
    assert found["utilization_fraction"] == pytest.approx((CAPEX + 0.15 * life) / ((CLOUD - 0.72) * life), abs=1e-9)
    for against in ("on_demand", "cloud"):
        assert found["plan"][against]["months"] == pytest.approx(11.72, abs=0.005)
        assert found["plan"][against]["months_with_resale"] == pytest.approx(11.72, abs=0.005)


@pytest.mark.parametrize("gpus", [1, 4, 8])
def test_the_load_at_which_owning_pays_does_not_depend_on_the_load(gpus: int, tmp_path: Path) -> None:
    one = server("server", 8, CAPEX, power_active_kw=5.8, power_idle_kw=1)
    work = workload("serving", demand={"average_per_hour": gpus, **FLAT})
    study = solve_case(made(tmp_path, [one], [offer("cloud", 8, CLOUD / 8)], [work], 60, electricity=0.15), EXACT)
    life = 120 * 730
    share = breakevens(study)["utilization_fraction"]
    assert share == pytest.approx((CAPEX + 0.15 * life) / ((CLOUD - 0.72) * life), abs=1e-9)


def test_five_years_of_a_server_through_the_planner(server_against_instance: Study) -> None:
    # 43,800 h: 4,306,416 USD rented, 833,806 + 38,106 = 871,912 owned, 3,434,504 saved.
    study = server_against_instance
    rented = study.outcomes["on_demand"]
    assert rented is not None
    assert tco(study, rented)["total_usd"] == pytest.approx(4_306_416)
    assert tco(study, study.plan)["total_usd"] == pytest.approx(871_912)


def test_two_servers_of_four_against_an_instance_of_eight(tmp_path: Path) -> None:
    """176 h a month for 48 months: 171,600 USD owned, 298,440.96 rented, even after 24.44 months.

    5 days of 8 hours in a week of 168, of 739.2 h in a month, are 176 h: all of the month's 1,408 GPU-hours must be
    done then, by 8 GPUs. What they send out, 5,000 GB a month, is charged by the cloud only.
    """
    work = workload("batch", work_per_month=1_408, growth={"annual_rate": 0}, hours=list(range(9, 17)), days="weekdays",
                    egress_gb_per_unit=5_000 / 1_408)  # fmt: skip
    four = server("four", 4, 65_800, support_fraction_per_year=5_000 / 65_800)
    case = made(tmp_path, [four], [offer("cloud", 8, 32.77 / 8)], [work], 48, egress=0.09, hours_per_month=739.2)
    study = solve_case(case, EXACT)
    rented = study.outcomes["on_demand"]
    assert rented is not None
    assert tco(study, study.plan)["total_usd"] == pytest.approx(171_600, abs=0.01)
    assert tco(study, study.plan)["by_component"]["servers"] == pytest.approx(2 * 65_800)
    assert tco(study, rented)["total_usd"] == pytest.approx(298_440.96, abs=0.01)
    assert tco(study, rented)["by_component"]["egress"] == pytest.approx(48 * 450)
    # 131,600 ÷ (6,217.52 − 833.33)
    assert breakevens(study)["plan"]["on_demand"]["months"] == pytest.approx(24.44, abs=0.005)
