"""Many scenarios of one plan: a live program in two processes, beside a rebuild in PuLP for each.

The peer is handed the coefficients of each scenario for nothing; its time is that of writing the problem with lpSum and
of solving it, PuLP's own way with the same solver: in a plain loop (`times_a_loop`), and in as many processes as ours
(`times_as_many`). Seconds are those of the clock on the wall, starts of processes included, since work is shared;
`processor_ratio` compares seconds of processor of one scenario, once all has started, which other work on the machine
does not blur. Answers of the peer, and of fresh programs of 20 scenarios, must be ours.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pulp

from planner.catalog.load import load_catalog
from planner.model.build import build
from planner.model.highs import Live
from planner.program import Arrays
from planner.resources import shipped
from planner.scenario.load import load_scenario
from planner.whatif.base import Base, Settings
from planner.whatif.points import Points
from planner.whatif.runner import How, run

EXAMPLES = Path(__file__).parent.parent / "examples"
WORKERS, ALONE, FRESH, SAME = 2, 10, 20, 1e-9


def measure(example: str, scenarios: int, rebuilds: int) -> dict[str, float]:
    """Return scenarios a second of both, and how many times as many ours are."""
    catalog = load_catalog(shipped("data/pricing"))
    base = Base(catalog, load_scenario(EXAMPLES / f"{example}.yaml", catalog))
    asked = drawn(scenarios)
    started = time.perf_counter()
    points = run(base, asked, How(options=(), workers=WORKERS))
    seconds = time.perf_counter() - started
    costs = [point["present_usd"] for point in points]

    points_here = Points(base, options=())
    began = time.process_time()
    for settings in asked[:ALONE]:
        points_here.point(settings)
    processor = (time.process_time() - began) / ALONE

    some = np.random.default_rng(2).choice(scenarios, max(FRESH, rebuilds), replace=False).tolist()
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        fresh = list(pool.map(solved_alone, [base] * FRESH, [asked[n] for n in some[:FRESH]]))
        peers = list(pool.map(rebuilt, [base] * rebuilds, [asked[n] for n in some[:rebuilds]]))
    loop = [rebuilt(base, asked[n])[0] for n in some[: max(1, rebuilds // WORKERS)]]
    difference = max(abs(costs[n] / cost - 1) for n, cost in zip(some, fresh, strict=False))
    assert difference <= SAME, f"a fresh solve differs by {difference:.1e}"
    astray = max(abs(costs[n] / cost - 1) for n, (_, _, cost) in zip(some, peers, strict=False))
    assert astray <= 1e-6, f"PuLP's answer differs by {astray:.1e}"
    each, each_processor = (sum(peer[n] for peer in peers) / rebuilds for n in (0, 1))
    return {
        "seconds": seconds, "a_second": scenarios / seconds, "pulp_a_second": WORKERS / each,
        "times_as_many": scenarios / seconds / (WORKERS / each),
        "pulp_loop_a_second": len(loop) / sum(loop), "times_a_loop": scenarios / seconds / (len(loop) / sum(loop)),
        "processor_ratio": each_processor / processor, "fresh_difference": difference,
    }  # fmt: skip


def drawn(scenarios: int) -> list[Settings]:
    """Return scenarios that differ in demand, in prices of rented and bought capacity, and in the cost of capital."""
    low, high = (0.8, 0.8, 0.8, 0.05), (1.2, 1.2, 1.2, 0.11)  # as far as drivers move by themselves
    rows = np.random.default_rng(1).uniform(low, high, (scenarios, 4)).tolist()
    return [
        (f"scale.demand={demand:.4f}", f"scale.rows.*usd_per_gpu_hour*={rented:.4f}",
         f"scale.rows.*/gpu_usd_per_gpu={bought:.4f}", f"finance.wacc_fraction={wacc:.4f}")
        for demand, rented, bought, wacc in rows
    ]  # fmt: skip


def solved_alone(base: Base, settings: Settings) -> float:
    """Return the least cost of a scenario, its relaxation built and solved from nothing."""
    found = Live(build(base.case(settings)).arrays).solve()
    assert found is not None
    return found.objective


def rebuilt(base: Base, settings: Settings) -> tuple[float, float, float]:
    """Return seconds, on the wall and of processor, of writing and solving a scenario in PuLP, and its least cost."""
    arrays = build(base.case(settings)).arrays
    started, began = time.perf_counter(), time.process_time()
    problem = written(arrays)
    problem.solve(pulp.getSolver("HiGHS", msg=False))
    spent = time.perf_counter() - started, time.process_time() - began
    return *spent, float(pulp.value(problem.objective))


def written(arrays: Arrays) -> pulp.LpProblem:
    """Return the relaxation as a problem of PuLP, written row by row as PuLP's users do."""
    problem = pulp.LpProblem("rebuilt", pulp.LpMinimize)
    bounds = zip(arrays.lower.tolist(), arrays.upper.tolist(), strict=True)
    x = [
        problem.add_variable(f"x{n}", None if low == -np.inf else low, None if high == np.inf else high)
        for n, (low, high) in enumerate(bounds)
    ]
    problem.setObjective(pulp.lpSum(cost * x[n] for n, cost in enumerate(arrays.cost.tolist()) if cost))
    starts, indices, values = arrays.starts.tolist(), arrays.indices.tolist(), arrays.values.tolist()
    for row, (low, high) in enumerate(zip(arrays.row_lower.tolist(), arrays.row_upper.tolist(), strict=True)):
        entries = range(starts[row], starts[row + 1])
        total = pulp.lpSum(values[entry] * x[indices[entry]] for entry in entries)
        if low == high:
            problem.addConstraint(total == low)
            continue
        if low > -np.inf:
            problem.addConstraint(total >= low)
        if high < np.inf:
            problem.addConstraint(total <= high)
    return problem
