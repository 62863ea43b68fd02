"""Costs where one thing ends and another begins: the horizon, a month named in a report, what was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.returns import breakevens
from planner.analysis.study import solve_case
from planner.analysis.tco import tco
from planner.model.audit import audit
from planner.model.solve import Effort
from tests.oracles.own import made, offer, server, workload
from tests.small import WHOLE, small, solved

EXACT = Effort(gap=1e-9)
FLAT = {"shape": "flat", "growth": {"annual_rate": 0}}
HELD: dict[str, Any] = {"offer": WHOLE, "instances": 1, "start": "2026-12", "term_months": 3, "hourly_usd_per_gpu": 1}


def test_an_offer_that_is_not_considered_is_not_committed_anew(tmp_path: Path) -> None:
    # Two months of the old commitment at 1 USD, a month at 4; `WHOLE`, at 2 for new terms, is not to be considered.
    plan = solved(small(tmp_path, existing_commitments=[HELD]))
    assert plan.answer.objective == pytest.approx(8 * 730 * 2 + 8 * 4 * 730)


def test_a_commitment_that_has_ended_costs_nothing_and_breaks_no_rule(tmp_path: Path) -> None:
    case = small(tmp_path, existing_commitments=[{**HELD, "start": "2026-06"}], offers={"kinds": ["on_demand"],
                 "consider": ["lambda-h100-sxm"]})  # fmt: skip
    plan = solved(case)
    assert plan.answer.objective == pytest.approx(8 * 4 * 730 * 3)
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= 1e-6


def test_what_is_bought_after_month_36_is_not_in_its_figure(tmp_path: Path) -> None:
    # Demand doubles in month 37, with which a second server for 100,000 USD comes, not before, since support costs a
    # little. Liquidated at 36 the first has cost 100,000 and is worth 50,000.
    one = server("server", 8, 100_000)
    one["support_fraction_per_year"] = {**one["support_fraction_per_year"], "value": 1e-8}
    one["resale_fraction"] = {"1": {**one["purchase_usd_per_server"], "value": 0.5}}
    demand = {"average_per_hour": 8, "shape": "flat", "growth": {"monthly_factors": [1] * 37 + [2] * 5}}
    case = made(tmp_path, [one], [offer("cloud", 8, 4)], [workload("serving", demand=demand)], 42)
    study = solve_case(case, EXACT)
    found = tco(study, study.plan)
    assert found["by_component"]["servers"] == pytest.approx(200_000)
    assert found["months_36"]["total_usd"] == pytest.approx(50_000)
    assert found["months_36"]["resale_usd"] == pytest.approx(-50_000)


def test_breakeven_hours_count_the_licences_of_owned_gpus(tmp_path: Path) -> None:
    # 8,760 USD a GPU and year are 1 USD an hour: 100,000 ÷ (8 × 4 − 8 × 1) = 4,166.67 h, and in months of 730 h.
    one = server("server", 8, 100_000, licence_usd_per_gpu_year=8_760)
    work = workload("serving", demand={"average_per_hour": 8, **FLAT})
    found = breakevens(solve_case(made(tmp_path, [one], [offer("cloud", 8, 4)], [work], 12), EXACT))
    assert found["plan"]["on_demand"]["months"] == pytest.approx(4_166.67 / 730, rel=1e-5)
    assert found["hours"] == pytest.approx(4_166.67, rel=1e-5)


@pytest.mark.parametrize(
    ("since", "usd"),
    [
        # Its life of 60 months is over: removed at once, nothing to sell.
        ("2020-01", 2_000 + 3 * 23_360),
        # Over with the first month: used for it, then sold at an eighth of 100,000, which is what it is worth at 60.
        ("2022-02", 2_000 + 2 * 23_360 - 12_500),
    ],
)
def test_a_server_at_the_end_of_its_life_is_removed(since: str, usd: float, tmp_path: Path) -> None:
    held = {"server": "server-8xh100", "site": "colo-texas", "servers": 1, "in_service": since}
    case = small(tmp_path, sites=[{"id": "colo-texas"}], servers={"consider": []},
                 existing_servers=[{**held, "paid_usd_per_server": 100_000}],
                 prices={"server-8xh100/decommissioning_usd_per_server": 2_000,
                         "server-8xh100/resale_fraction/60": 0.125})  # fmt: skip
    assert solved(case).answer.objective == pytest.approx(usd)


def test_batch_work_by_the_day_may_cost_more_than_by_the_month(tmp_path: Path) -> None:
    # A server of 8 GPUs is there and idle at weekends, when serving asks for nothing; on weekdays serving needs all of
    # it. A month's batch work, 8 × 24 × 2 GPU-hours a week of 168, fits into the weekends; day by day 5 of 7 parts are
    # rented at 4 USD.
    work = 8 * 48 * 730 / 168
    steady = {"annual_rate": 0}
    week = {"weekday": [1] * 24, "weekend": [0] * 24}
    busy = workload("serving", demand={"peak_per_hour": 8, "shape": week, "growth": steady})
    costs = []
    for window in (1, "day"):
        index = workload("batch", work_per_month=work, growth=steady, window=window)
        case = made(tmp_path, [server("server", 8, 10_000)], [offer("cloud", 8, 4)], [busy, index], 2)
        costs.append(solved(case).answer.objective)
    assert costs == pytest.approx([10_000, 10_000 + 2 * work * 5 / 7 * 4])
