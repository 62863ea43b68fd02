"""What serves whom, and what a GPU-hour at work costs by kind of capacity."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.kinds import AT_WORK, KINDS, PAID_FOR, blocks_of
from planner.analysis.study import Outcome, Study
from planner.decisions import delivered
from planner.program import View

_SERVING = AT_WORK | {"api": "api", "unserved": "unserved"}


def service(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Return what serves each workload: work units, GPU-hours and the share of its work, by option."""
    case, model, x = study.case, study.built.model, outcome.answer.x
    found: dict[tuple[int, str, str], list[float]] = {}
    for block, kind in _SERVING.items():
        if not model.has(block):
            continue
        work = delivered(model, block)
        hours = case.demand.hours[work.keys["g"]] * x[work.columns]
        names = _options(study, block, work)
        for index in np.flatnonzero(hours > 1e-9).tolist():
            row = found.setdefault((int(work.keys["w"][index]), kind, names[index]), [0.0, 0.0])
            row[0] += float(hours[index] * work.coefficients[index])
            row[1] += float(hours[index]) if kind not in ("api", "unserved") else 0.0
    total = [0.0] * len(case.scenario.workloads)
    for (w, _, _), (units, _) in found.items():
        total[w] += units
    return [
        {"workload": case.scenario.workloads[w].name, "unit": case.scenario.workloads[w].unit, "kind": kind,
         "option": option, "work_units": units, "gpu_hours": gpu_hours, "share_fraction": units / total[w]}
        for (w, kind, option), (units, gpu_hours) in sorted(found.items(), key=lambda one: (one[0][0], -one[1][0]))
    ]  # fmt: skip


def _options(study: Study, block: str, work: View) -> list[str]:
    case = study.case
    if block == "own":
        return [f"{case.servers[k].id} @ {case.sites[s].id}"
                for k, s in zip(work.keys["k"].tolist(), work.keys["s"].tolist(), strict=True)]  # fmt: skip
    if block == "unserved":
        return ["left undone"] * len(work)
    things = case.apis if block == "api" else case.offers
    return [things[n].id for n in work.keys["a" if block == "api" else "o"].tolist()]


def unit_costs(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Return, by kind of capacity, GPU-hours at work and what one of them costs.

    That is every cost line on the decisions of the kind, nominal, standby included. People, projects and tokens are
    no kind's own.
    """
    model, x, hours = study.built.model, outcome.answer.x, study.case.demand.hours
    kind_of = np.full(len(x), -1)
    for block, kind in PAID_FOR.items():
        if block in model.program:
            kind_of[model[block].columns] = KINDS.index(kind)
    paid = np.zeros(len(KINDS))
    for lines in study.built.lines:
        kinds = kind_of[lines.view.columns]
        usd = lines.usd * lines.view.coefficients * x[lines.view.columns]
        np.add.at(paid, kinds[kinds >= 0], usd[kinds >= 0])
    found = []
    for kind, total in zip(KINDS, paid.tolist(), strict=True):
        busy = float(sum((hours[view.keys["g"]] * x[view.columns]).sum() for view in model.views(*blocks_of(kind))))
        if busy > 1e-9 or abs(total) > 1e-9:
            found.append({"kind": kind, "gpu_hours": busy, "usd": total,
                          "usd_per_gpu_hour": total / busy if busy else None,
                          "available_gpu_hours": _available(study, outcome, kind)})  # fmt: skip
    return found


def _available(study: Study, outcome: Outcome, kind: str) -> float | None:
    """GPU-hours of the fleet, at work or not, savings plans as they are used; None for what is paid by the hour."""
    case, model, x = study.case, study.built.model, outcome.answer.x
    blocks = {"owned": ("fleet", "k", [one.usable_gpus for one in case.servers]),
              "committed": ("active", "o", [one.gpus for one in case.offers])}  # fmt: skip
    if kind not in blocks:
        return None
    block, key, gpus = blocks[kind]
    used = model.views("covered") if kind == "committed" else []
    ready = 0.0
    for view in used:
        ready += float((case.demand.hours[view.keys["g"]] * x[view.columns]).sum())
    for view in model.views(block):
        each = np.array(gpus, float)[view.keys[key]] * case.demand.month_hours[view.keys["t"]]
        ready += float((each * x[view.columns]).sum())
    return ready
