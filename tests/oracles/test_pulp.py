"""A model of a mixed case written by hand, and the planner's own program, both solved through PuLP."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pulp
import pytest

from planner.case import Case
from planner.model.build import Built, build
from planner.model.pulp_bridge import safe_name, solve_with, to_pulp
from tests.oracles.own import made, offer, server, term, workload
from tests.small import DEAR, ROLE, SERVER, SITE, SPOT, WHOLE, batch, serving, small, solved, training

GROWTH = [1, 1.5, 2]
DEMAND = {"peak_per_hour": 12, "shape": {"weekday": [2] * 12 + [1] * 12}, "growth": {"monthly_factors": GROWTH}}
DAY, NIGHT, HALF = "day", "night", 365
PRICE, FEE, GPUS, SERVERS = 18_000, 1_000, 8 * 0.9, 2
IDLE, BUSY, TARIFF = 1.0, 0.5, 0.2  # kW a server, kW more a busy GPU, USD a kWh
RATE, SPOT_RATE, OTHER, COMMITTED, QUOTA = 3.0, 1.0, 5.0, 1.5, 20
WACC, SHARE, LOSS, WORK = 0.1, 0.25, 0.1, 3_000


def mixed(folder: Path, **more: Any) -> Case:
    """Two workloads, one by day and night and one by night only; servers, a commitment, spot and two offers."""
    one = server("eight", 8, PRICE, availability_fraction=0.9, power_active_kw=IDLE + 8 * BUSY, power_idle_kw=IDLE,
                 network_usd_per_server=FEE, decommissioning_usd_per_server=FEE, support_fraction_per_year=0.12,
                 lead_time_months=1)  # fmt: skip
    one["resale_fraction"] = {"1": {**one["purchase_usd_per_server"], "value": 0.5}}
    quarter = term("quarter", 3, COMMITTED, 0.5)
    offers = [offer("cloud", 4, RATE, commitments=[quarter], spot_usd_per_gpu_hour=SPOT_RATE), offer("other", 1, OTHER)]
    work = [
        workload("serving", demand=DEMAND, spot={"share_fraction": SHARE, "loss_fraction": LOSS}),
        workload("batch", work_per_month=WORK, growth={"annual_rate": 0}, hours=list(range(12, 24))),
    ]
    limit = SERVERS * (IDLE + 8 * BUSY)
    return made(folder, [one], offers, work, 3, electricity=TARIFF, finance={"wacc_fraction": WACC, "source": "none"},
                sites=[{"id": "room", "power_limit_kw": limit}],
                limits={"on_demand_quota_gpus": {"cloud": QUOTA}}, **more)  # fmt: skip


def least_cost_by_hand(liquidate: bool, months: int = 3) -> float:
    """The same question written out once more, with none of the planner's code."""
    problem = pulp.LpProblem("by_hand", pulp.LpMinimize)

    def variables(name: str, keys: Any, whole: bool = False) -> dict[Any, Any]:
        kind = "Integer" if whole else "Continuous"
        return {key: problem.add_variable(f"{name}_{n}", 0, None, kind) for n, key in enumerate(keys)}

    def start(t: int) -> float:
        return float((1 + WACC) ** (-t / 12))

    def end(t: int) -> float:
        return start(t + 1)

    times = [("serving", t, g) for t, g in product(range(months), (DAY, NIGHT))]
    times += [("batch", t, NIGHT) for t in range(months)]
    bought = variables("bought", range(months - 1), whole=True)  # what is ordered in the last month never comes
    sold = variables("sold", [(b, t) for b in bought for t in range(b + 2, months)], whole=True)
    started = variables("started", range(months), whole=True)
    own, committed, cloud, other = (variables(name, times) for name in ("own", "committed", "cloud", "other"))
    spot = variables("spot", [key for key in times if key[0] == "serving"])
    fleet = {
        t: pulp.lpSum([bought[b] for b in bought if b < t] + [-sold[b, u] for b, u in sold if u <= t])
        for t in range(months)
    }
    cost = []
    for b in bought:
        kept = bought[b] - pulp.lpSum([sold[key] for key in sold if key[0] == b])
        problem.addConstraint(kept >= 0)
        cost.append((PRICE + FEE) * start(b) * bought[b])
        cost.append((FEE - PRICE / 2) * start(months) * kept)
    cost += [(FEE - PRICE / 2) * start(t) * sold[b, t] for b, t in sold]
    for t in range(months):
        problem.addConstraint(fleet[t] <= SERVERS)
        cost.append(end(t) * (0.01 * PRICE + IDLE * 2 * HALF * TARIFF) * fleet[t])
        term_left = range(t, t + 3 if liquidate else months)
        hours = 4 * 2 * HALF * COMMITTED / 2
        cost.append((3 * hours * start(t) + sum(hours * end(m) for m in term_left)) * started[t])
    for t, g in product(range(months), (DAY, NIGHT)):
        here = [key for key in times if key[1:] == (t, g)]
        problem.addConstraint(pulp.lpSum([own[key] for key in here]) <= GPUS * fleet[t])
        problem.addConstraint(
            pulp.lpSum([committed[key] for key in here]) <= 4 * pulp.lpSum([started[u] for u in range(t + 1)])
        )
        problem.addConstraint(pulp.lpSum([cloud[key] for key in here]) <= QUOTA)
        demand = 12 * GROWTH[t] / (1 if g == DAY else 2)
        key = ("serving", t, g)
        work = [own[key], committed[key], cloud[key], other[key], (1 - LOSS) * spot[key]]
        problem.addConstraint(pulp.lpSum(work) == demand)
        problem.addConstraint((1 - LOSS) * spot[key] <= SHARE * demand)
    for t in range(months):
        key = ("batch", t, NIGHT)
        problem.addConstraint(HALF * pulp.lpSum([own[key], committed[key], cloud[key], other[key]]) == WORK)
    for key in times:
        usd = {id(own): BUSY * TARIFF, id(cloud): RATE, id(other): OTHER}
        cost += [usd[id(block)] * HALF * end(key[1]) * block[key] for block in (own, cloud, other)]
    cost += [SPOT_RATE * HALF * end(t) * spot[w, t, g] for w, t, g in spot]
    problem.setObjective(pulp.lpSum(cost))
    problem.solve(pulp.getSolver("HiGHS", msg=False, gapRel=1e-9))
    return float(pulp.value(problem.objective))


@pytest.mark.parametrize("end", ["continue", "liquidate"])
def test_the_planner_agrees_with_a_model_written_by_hand(end: str, tmp_path: Path) -> None:
    plan = solved(mixed(tmp_path, horizon_end=end))
    assert plan.answer.objective == pytest.approx(least_cost_by_hand(end == "liquidate"), rel=1e-6)
    kinds = {"servers", "commitments", "on_demand", "spot", "electricity"} if end == "continue" else {"servers", "spot"}
    assert kinds <= set(plan.ledger.loc[plan.ledger["cost_usd"] != 0, "component"])


BRIDGED: dict[str, dict[str, Any]] = {
    "rented": {"offers": {"consider": [DEAR, SPOT]},
               "workloads": [serving(spot={"share_fraction": 0.5, "loss_fraction": 0.1}), batch(), training()]},
    "owned": {"sites": [{"id": SITE, "power_limit_kw": 25}], "horizon_months": 6,
              "budgets": {"capex_usd": {2027: 150_000}},
              "staff": [{"name": "platform", "role": ROLE, "minimum_team_fte": 0.5, "whole": True}],
              "workloads": [serving(12, headroom_fraction=0.25)]},
    "committed": {"offers": {"consider": [WHOLE]}, "whole": {"instances": True}, "workloads": [serving(5)]},
    "existing": {
        "sites": [{"id": SITE}], "servers": {"consider": []},
        "existing_servers": [{"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-01",
                              "paid_usd_per_server": 50_000}],
        "existing_commitments": [{"offer": WHOLE, "instances": 1, "start": "2026-12", "term_months": 3,
                                  "hourly_usd_per_gpu": 1}],
        "workloads": [serving(20)],
    },
}  # fmt: skip


@pytest.fixture(params=BRIDGED)
def bridged(request: pytest.FixtureRequest, tmp_path: Path) -> Built:
    return build(small(tmp_path, **BRIDGED[request.param]))


def test_the_pulp_problem_holds_the_same_numbers_as_the_arrays(bridged: Built) -> None:
    program, arrays = bridged.model.program, bridged.arrays
    problem, variables = to_pulp(program, arrays)
    column = {variable.name: j for j, variable in enumerate(variables)}
    assert list(column) == [safe_name(name) for name in program.column_names()]
    assert len(column) == len(variables)

    bounds = [(variable.lowBound, variable.upBound) for variable in variables]
    assert [-np.inf if low is None else low for low, _ in bounds] == arrays.lower.tolist()
    assert [np.inf if high is None else high for _, high in bounds] == arrays.upper.tolist()
    assert [variable.cat == "Integer" for variable in variables] == arrays.whole.tolist()
    cost = np.zeros(len(variables))
    for variable, value in problem.objective.items():
        cost[column[variable.name]] = value
    assert cost.tolist() == arrays.cost.tolist()

    rows = {row.name: row for row in constraints(problem)}
    names = [safe_name(name) for name in program.row_names()]
    assert len(set(names)) == len(names)
    for i, name in enumerate(names):
        place = slice(arrays.starts[i], arrays.starts[i + 1])
        expected = dict(zip(arrays.indices[place].tolist(), arrays.values[place].tolist(), strict=True))
        low, high = arrays.row_lower[i], arrays.row_upper[i]
        if not expected:
            assert low <= 0 <= high
            assert name not in rows
            continue
        assert {column[variable.name]: value for variable, value in rows[name].items()} == expected
        assert rows[name].sense == (0 if low == high else -1 if np.isinf(low) else 1)
        assert -rows[name].constant == (high if np.isinf(low) else low)


def constraints(problem: pulp.LpProblem) -> list[Any]:
    """Rows of a problem: a mapping in one major of PuLP, a method in the next."""
    found = problem.constraints
    return list(found() if callable(found) else found.values())


def test_solving_through_pulp_costs_the_same(bridged: Built) -> None:
    through = solve_with("HiGHS", bridged.model.program, bridged.arrays, gap=1e-9, seconds=60)
    assert through is not None
    ours = solved(bridged.model.case)
    assert bridged.arrays.cost @ through == pytest.approx(ours.answer.objective, rel=1e-7)
