"""What serves whom, and what a GPU-hour at work costs by kind of capacity."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.load_duration import KINDS
from planner.analysis.study import Outcome, Study
from planner.costs.licences import OWNED_UNIT
from planner.decisions import delivered
from planner.program import View

_BLOCKS = {"own": "owned", "committed": "committed", "covered": "committed", "on_demand": "on_demand", "spot": "spot",
           "api": "api", "unserved": "unserved"}  # fmt: skip
_OWNED = (
    "servers", "network", "shared_storage", "installation", "spare_parts", "decommissioning", "resale", "electricity",
    "space", "support",
)  # fmt: skip
_RENTED = {"on_demand": ("on_demand",), "spot": ("spot",), "committed": ("commitments", "savings_plans")}


def service(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Return what serves each workload: work units, GPU-hours and the share of its work, by option."""
    case, model, x = study.case, study.built.model, outcome.answer.x
    found: dict[tuple[int, str, str], list[float]] = {}
    for block, kind in _BLOCKS.items():
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
    """Return, by kind of capacity, GPU-hours at work, USD nominal, and what one such hour costs; people apart."""
    ledger, model, x = outcome.ledger, study.built.model, outcome.answer.x
    hours = study.case.demand.hours
    paid = ledger.groupby("component")["cost_usd"].sum().to_dict()
    licences = ledger[ledger["component"] == "licences"]
    owned_licences = float(licences.loc[licences["unit"] == OWNED_UNIT, "cost_usd"].sum())
    found = []
    for kind, blocks in KINDS.items():
        busy = sum(float((hours[view.keys["g"]] * x[view.columns]).sum()) for block in blocks if model.has(block)
                   for view in [model[block].hourly])  # fmt: skip
        components = _RENTED.get(kind, _OWNED)
        usd = sum(float(paid.get(name, 0.0)) for name in components) + (owned_licences if kind == "owned" else 0.0)
        if busy > 1e-9 or abs(usd) > 1e-9:
            found.append({"kind": kind, "gpu_hours": busy, "usd": usd, "usd_per_gpu_hour": usd / busy if busy else None,
                          "available_gpu_hours": _available(study, outcome, kind)})  # fmt: skip
    return found


def _available(study: Study, outcome: Outcome, kind: str) -> float | None:
    """GPU-hours of the fleet, at work or not; None for what is paid by the hour."""
    case, model, x = study.case, study.built.model, outcome.answer.x
    blocks = {"owned": ("fleet", "k", [one.usable_gpus for one in case.servers]),
              "committed": ("active", "o", [one.gpus for one in case.offers])}  # fmt: skip
    if kind not in blocks or not model.has(blocks[kind][0]):
        return None
    block, key, gpus = blocks[kind]
    view = model[block].view
    ready = np.array(gpus, float)[view.keys[key]] * case.demand.month_hours[view.keys["t"]]
    return float((ready * x[view.columns]).sum())
