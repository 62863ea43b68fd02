"""What every workload and team costs: each cost line of the plan, allocated."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.allocation import Allocation
from planner.analysis.service import service
from planner.analysis.study import Outcome, Study
from planner.costs import CostLines
from planner.program import Floats, Ints


def service_costs(study: Study, outcome: Outcome) -> dict[str, Any]:
    """Return what each workload costs, by component, and each team, by fiscal year; with the rest that is all.

    USD are nominal. What is paid after the horizon counts in its last month.
    """
    workloads, years = study.case.scenario.workloads, study.case.fiscal_years
    components = list(dict.fromkeys(lines.component for lines in study.built.lines))
    usd, rest = _allocated(study, outcome, components, years)
    by_workload, parts = usd.sum(axis=(1, 2)), usd.sum(axis=2)
    served = service(study, outcome)
    teams = [workload.team or workload.name for workload in workloads]
    names = sorted(set(years.tolist()))
    return {
        "workloads": [
            {"workload": workload.name, "team": teams[w], "unit": workload.unit,
             **_unit_cost([row for row in served if row["workload"] == workload.name], float(by_workload[w])),
             "by_component": {name: float(paid) for name, paid in zip(components, parts[w], strict=True) if paid}}
            for w, workload in enumerate(workloads)
        ],
        "teams": [
            {"team": team, "usd": float(by_workload[mine].sum()),
             "by_year": [{"fiscal_year": year, "usd": float(usd[mine][:, :, n].sum())} for n, year in enumerate(names)]}
            for team in dict.fromkeys(teams)
            for mine in [[w for w, one in enumerate(teams) if one == team]]
        ],
        "unallocated_usd": rest,
    }  # fmt: skip


def _allocated(study: Study, outcome: Outcome, components: list[str], years: Ints) -> tuple[Floats, float]:
    """USD by workload, component and fiscal year, array [w, component, y]; and what nobody caused.

    What is paid for all that is done, such as a project, follows the cost of everything else.
    """
    allocation, x = Allocation(study, outcome.answer.x), outcome.answer.x
    year_of = np.searchsorted(np.unique(years), years)
    usd = np.zeros((len(study.case.scenario.workloads), len(components), int(year_of[-1]) + 1))
    left, common = 0.0, []
    for lines in study.built.lines:
        paid, used = _paid(lines, x)
        if not len(used):
            continue
        parts = allocation.shares(lines.view.where(used))
        when = year_of[np.minimum(lines.month[used], len(years) - 1)]
        if parts is None:
            common.append((lines, paid, when))
        else:
            left += _add(usd, components.index(lines.component), when, paid * parts, paid)
    whole = np.maximum(usd.sum(axis=(1, 2)), 0.0)
    parts = whole / whole.sum() if whole.sum() > 0 else whole
    for lines, paid, when in common:
        left += _add(usd, components.index(lines.component), when, np.outer(parts, paid), paid)
    return usd, left


def _paid(lines: CostLines, x: Floats) -> tuple[Floats, Ints]:
    """USD of the entries that cost anything, and which they are."""
    paid = lines.usd * lines.view.coefficients * x[lines.view.columns]
    used = np.flatnonzero(paid)
    return paid[used], used


def _add(usd: Floats, component: int, when: Ints, parts: Floats, paid: Floats) -> float:
    """Add `parts` [w, entry] to `usd`; returns what of `paid` they leave."""
    for w, part in enumerate(parts):
        usd[w, component] += np.bincount(when, part, usd.shape[2])
    return float(paid[parts.any(axis=0) == 0].sum())


def _unit_cost(served: list[dict[str, Any]], usd: float) -> dict[str, float | None]:
    """Return what is done for a workload and what a unit of it costs; by the GPU-hour where GPUs do all of it."""
    done = [row for row in served if row["kind"] != "unserved"]
    units, hours = (float(sum(row[key] for row in done)) for key in ("work_units", "gpu_hours"))
    by_gpus = hours and all(row["kind"] != "api" for row in done)
    return {
        "work_units": units, "gpu_hours": hours, "usd": usd, "usd_per_unit": usd / units if units else None,
        "usd_per_gpu_hour": usd / hours if by_gpus else None,
    }  # fmt: skip
