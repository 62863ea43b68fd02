"""A platform by the hour of the calendar: one product that is served, batch work and training beside it, real prices.

No two hours of the load are alike. Compared are hours merged with a proof, the program hour by hour, and the whole plan
in whole servers.
"""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.clock import Clock
from benchmarks.hourly_load import START, load
from planner.analysis.by_hour import group_hours
from planner.analysis.study import solve_case
from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import load_catalog
from planner.model.build import build
from planner.model.highs import Live
from planner.model.solve import Effort
from planner.resources import shipped
from planner.scenario.load import load_scenario

SCENARIO = f"""\
name: by-hour
start: {START}
as_of: 2026-11-21
horizon_months: MONTHS
hours_per_month: calendar
finance: {{wacc_fraction: 0.08, source: made up}}
workloads:
  - name: chat
    kind: serving
    unit: H100 hour
    demand: {{peak_per_hour: 60, shape: {{csv: load.csv, column: load, covers: horizon}}}}
    speed: {{h100-sxm-80gb: 1, h200-sxm-141gb: 1.4, a100-sxm-80gb: 0.45}}
    speed_source: made up
    spot: {{share_fraction: 0.3, loss_fraction: 0.1}}
SECOND
  - name: index
    kind: batch
    unit: H100 hour
    work_per_month: 9000
    growth: {{annual_rate: 0.1}}
    speed: {{h100-sxm-80gb: 1, h200-sxm-141gb: 1.3, a100-sxm-80gb: 0.4}}
    speed_source: made up
    spot: {{share_fraction: 0.6, loss_fraction: 0.1}}
  - name: tune
    kind: training
    unit: H100 hour
    speed: {{h100-sxm-80gb: 1, h200-sxm-141gb: 1.3, a100-sxm-80gb: 0.4}}
    speed_source: made up
    jobs: [{{name: run, start: {START}, months: MONTHS, units_per_hour: 12}}]
sites: [{{id: colo-texas, power_limit_kw: 400}}]
servers: {{consider: [server-8xh100, server-8xh200]}}
offers:
  consider: [aws-p5-48xlarge-us-east-1, lambda-h100-sxm, nebius-h100-sxm, runpod-h100-sxm, aws-p4de-24xlarge-us-east-1]
staff: [{{name: platform, role: platform-engineer}}]
"""
SECOND = """\
  - name: video
    kind: serving
    unit: H100 hour
    demand: {peak_per_hour: 40, shape: {csv: load.csv, column: second, covers: horizon}}
    speed: {h100-sxm-80gb: 1, h200-sxm-141gb: 1.2}
    speed_source: made up
"""


def measure(months: int, products: int, by_hour: bool) -> dict[str, float]:
    """Return seconds of processor for hours merged, whole servers and, where asked for, hour by hour, and the gaps."""
    case = case_of(months, products)
    clock = Clock()
    hours = group_hours(case)
    clock.lap("merged")
    assert hours is not None, "enough hours to merge"
    study = solve_case(case, Effort())
    clock.lap("whole_servers")
    found = clock.stages | {
        "distinct_hours": len(case.demand.hours), "groups": hours.groups, "relaxation_gap": hours.relative_gap,
        "whole_gap": study.plan.answer.relative_gap, "worst_hour": study.hours.violation if study.hours else 0.0,
    }  # fmt: skip
    if by_hour:
        clock = Clock()
        solution = Live(build(case).arrays).solve()
        clock.lap("hour_by_hour")
        assert solution is not None
        difference = abs(hours.relaxation_usd / solution.objective - 1)
        assert difference < 1e-9, f"the objective differs by {difference:.1e}"
        found |= {"hour_by_hour": clock.stages["hour_by_hour"], "difference": difference,
                  "times_faster": clock.stages["hour_by_hour"] / found["merged"]}  # fmt: skip
    return {name: float(f"{value:.3g}") if not math.isclose(value, round(value)) else value
            for name, value in found.items() if name not in ("cpu", "wall")}  # fmt: skip


def case_of(months: int, products: int) -> Case:
    """Return the platform over `months` months, with one product or two that share the fleet."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = zip(load(START, months, 0), load(START, months, 3), strict=True)
        lines = ["load,second", *(f"{one:.6f},{two:.6f}" for one, two in rows)]
        (folder / "load.csv").write_text("\n".join(lines), encoding="utf-8")
        text = SCENARIO.replace("MONTHS", str(months)).replace("SECOND\n", SECOND if products > 1 else "")
        (folder / "scenario.yaml").write_text(text, encoding="utf-8")
        catalog = load_catalog(shipped("data/pricing"))
        return build_case(catalog, load_scenario(folder / "scenario.yaml", catalog))
