"""What a useful step of each limit is worth: the plan found again with that much more of it.

A marginal value says little of whole servers: one kilowatt may save nothing, and the fifth makes room for a server. So
a step is what is missing for one more server or instance; of limits with more room than that none is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from planner.analysis.infeasible.diagnosis import amount
from planner.analysis.infeasible.elastic import roomy
from planner.analysis.infeasible.limits import CAPEX, CARBON, CASH, DEPTH, POWER, QUOTA, RACKS, SHARE, Limit, limits_of
from planner.analysis.study import Study
from planner.case import Case
from planner.errors import SolverError
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.proof import activity
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Effort, solve
from planner.program import Arrays, Floats

_SECONDS = 10.0
_SHARE = 0.1
"""Step of limits that nothing comes in pieces for: a tenth."""


def loosened(study: Study, say: Callable[[str], None] = lambda text: None) -> list[dict[str, Any]]:
    """Return what the plan would save if one limit were looser by a useful step, or one rule of place were lifted.

    `saves_usd` is present value: of plans in whole numbers, for large programs of relaxations.
    """
    case = study.case
    built = build(replace(case, sites=roomy(case), left_out=[]))
    limits = limits_of(built)
    arrays = _limited(built, limits)
    room = _room(arrays, study.plan.answer.x, limits)
    found = []
    for limit, free in zip(limits, room, strict=True):
        step = _step(study, limit) - free
        if np.isfinite(step) and step > 1e-9 * max(1.0, limit.has):
            value, settings = limit.changed(step)
            say(f"what limits are worth: {limit.kind.name} of {limit.where}")
            saved = _saves(study, built, _raised(arrays, limit, value - limit.has), study.plan.answer.x)
            words = limit.kind.way.format(
                where=limit.where, value=amount(value, limit.unit), was=amount(limit.has, limit.unit),
                change=amount(value - limit.has, limit.unit),
            )  # fmt: skip
            found.append(_row(limit.kind.name, limit.where, words, settings, saved))
    for name, words, setting, scenario in _places(case):
        say(f"what limits are worth: where {name} may run")
        changed = build(replace(case, scenario=scenario, left_out=[]))
        found.append(_row("place", name, words, [setting], _saves(study, changed, changed.arrays, None)))
    return sorted(found, key=lambda row: -(row["saves_usd"] or 0.0))


def _row(limit: str, where: str, words: str, settings: list[str], saved: tuple[float | None, str]) -> dict[str, Any]:
    return {"limit": limit, "where": where, "change": words, "set": settings, "saves_usd": saved[0], "basis": saved[1]}


def _limited(built: Built, limits: list[Limit]) -> Arrays:
    """Return the arrays of the roomy program with the limits of its sites put back."""
    upper = built.arrays.row_upper.copy()
    for limit in limits:
        if limit.kind in (POWER, RACKS):
            upper[limit.rows] = limit.has
    return replace(built.arrays, row_upper=upper)


def _raised(arrays: Arrays, limit: Limit, step: float) -> Arrays:
    upper = arrays.row_upper.copy()
    upper[limit.rows] -= limit.coefficients * step
    return replace(arrays, row_upper=upper)


def _room(arrays: Arrays, x: Floats, limits: list[Limit]) -> list[float]:
    """Return how much of each limit the plan leaves free in the month in which it leaves least."""
    free = arrays.row_upper - activity(arrays, x)
    found = []
    for limit in limits:
        moved = limit.coefficients != 0  # a share of no work limits nothing
        found.append(float((free[limit.rows[moved]] / -limit.coefficients[moved]).min(initial=np.inf)))
    return found


def _step(study: Study, limit: Limit) -> float:
    """Return the least of a limit that makes room for one more server or instance; infinite where nothing would."""
    case = study.case
    if limit.kind in (POWER, RACKS):
        site = next(one for one in case.sites if one.id == limit.where)
        return min((one.active_kw * site.pue if limit.kind is POWER else one.rack_units for one in case.servers),
                   default=np.inf)  # fmt: skip
    if limit.kind in (CAPEX, CASH):
        return _outlay(study)
    if limit.kind in (QUOTA, DEPTH):
        return float(next(one.gpus for one in case.offers if one.id == limit.where))
    return {CARBON.name: _SHARE * limit.has, SHARE.name: _SHARE}.get(limit.kind.name, np.inf)


def _outlay(study: Study) -> float:
    """Return the least capital outlay with which a server can be ordered."""
    block = study.built.model["buy"]
    paid = np.zeros(len(study.plan.answer.x))
    for lines in study.built.lines:
        if lines.category == "capex" and lines.component != "resale" and lines.timing == "start":
            np.add.at(paid, lines.view.columns, lines.usd * lines.view.coefficients)
    return float(min(paid[block.columns][paid[block.columns] > 0], default=np.inf))


def _places(case: Case) -> Iterator[tuple[str, str, str, Any]]:
    """Yield the scenario with one rule lifted on where a workload may run."""
    for w, workload in enumerate(case.scenario.workloads):
        rules: list[tuple[str, str, list[str] | None, str]] = []
        if workload.residency is not None:
            words = f"{workload.name} anywhere, not only in {' or '.join(workload.residency)}"
            rules.append((words, "residency", None, "null"))
        if len(workload.allowed_on) == 1:
            words = f"{workload.name} on owned and rented capacity, not only on {workload.allowed_on[0]}"
            rules.append((words, "allowed_on", ["owned", "rented"], "[owned, rented]"))
        for words, field, value, text in rules:
            workloads = list(case.scenario.workloads)
            workloads[w] = workload.model_copy(update={field: value})
            setting = f"workloads.{workload.name}.{field}={text}"
            yield workload.name, words, setting, case.scenario.model_copy(update={"workloads": workloads})


def _saves(study: Study, built: Built, arrays: Arrays, start: Floats | None) -> tuple[float | None, str]:
    """Return what the best plan of `arrays` saves against the plan, and what that rests on; None: none was found."""
    plan, live = study.plan.answer, Live(arrays)
    if len(arrays.values) > SEARCHED_UP_TO_NONZEROS:
        relaxed = live.solve()
        saved = None if relaxed is None else max(0.0, plan.relaxation.objective - relaxed.objective)
        return saved, "relaxation"
    try:
        answer = solve(
            built, live, arrays.lower, arrays.upper, Effort(1e-6, _SECONDS), [] if start is None else [start]
        )
    except SolverError:
        answer = None
    return (None, "unknown") if answer is None else (max(0.0, plan.objective - answer.objective), "whole numbers")
