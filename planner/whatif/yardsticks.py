"""What plans of one program are measured by, beside their cost: sums over columns, and what is in use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.analysis.kinds import AT_WORK
from planner.case import Case
from planner.costs.carbon import KG_PER_TONNE, emissions
from planner.decisions import Model, delivered
from planner.model.build import Built
from planner.program import Bools, Floats

USED = 1e-6
"""Least of a column that counts as used, beyond the solver's noise."""
_OFFERED = ("on_demand", "on_demand_standby", "spot", "committed", "committed_standby", "commit", "covered")
WORKING = AT_WORK | {"api": "api", "unserved": "unserved"}
Masks = dict[str, Bools]
"""Columns by the name of what they belong to."""
Way = tuple[str, str, str]
"""Of working: workload, kind of capacity, and what does it."""


def outlay(built: Built) -> Floats:
    """Capital outlay in nominal USD, as a capex budget counts it: resale is not an outlay."""
    usd = np.zeros(len(built.arrays.cost))
    for one in built.lines:
        if one.category == "capex" and one.component != "resale":
            np.add.at(usd, one.view.columns, one.view.coefficients * one.usd)
    return usd


def tonnes(model: Model) -> Floats:
    """Tonnes of CO2e; not a number where a factor is not known."""
    found = np.zeros(len(model.program.objective))
    for one in emissions(model):
        np.add.at(found, one.view.columns, one.view.coefficients * one.kg / KG_PER_TONNE)
    return found


def work(model: Model) -> dict[Way, Floats]:
    """Work that columns do, by ways of working: GPU-hours of the fastest GPU that the workload may run on.

    So work of all workloads can be added up, and no plan gains by slow GPUs.
    """
    found: dict[Way, Floats] = {}
    case, size = model.case, len(model.program.objective)
    fastest = _fastest(case)
    for block, kind in WORKING.items():
        if not model.has(block):
            continue
        view = delivered(model, block)
        amount = case.demand.hours[view.keys["g"]] * view.coefficients / fastest[view.keys["w"]]
        for name, mask in _named(model, block, kind):
            here = mask[view.columns]
            part = found.setdefault(name, np.zeros(size))
            np.add.at(part, view.columns[here], amount[here])
    return found


def _fastest(case: Case) -> Floats:
    gpus = {one.gpu for one in case.servers} | {one.gpu for one in case.offers}
    speeds = [max((case.speed(w, gpu) for gpu in gpus), default=0.0) for w in range(len(case.scenario.workloads))]
    return np.array([speed if speed > 0 else 1.0 for speed in speeds])


def _named(model: Model, block: str, kind: str) -> Iterator[tuple[Way, Bools]]:
    """Yield names of what works in `block`, with its columns."""
    case, view = model.case, model[block].view
    things: tuple[list[str], str] = {
        "own": ([one.id for one in case.servers], "k"), "api": ([one.id for one in case.apis], "a"),
        "unserved": (["left undone"], ""),
    }.get(block, ([one.id for one in case.offers], "o"))  # fmt: skip
    index = view.keys[things[1]] if things[1] else np.zeros(len(view), np.int64)
    for w, workload in enumerate(case.scenario.workloads):
        for n in np.unique(index[view.keys["w"] == w]).tolist():
            mask = np.zeros(len(model.program.objective), bool)
            mask[view.columns[(index == n) & (view.keys["w"] == w)]] = True
            yield (workload.name, kind, things[0][n]), mask


def providers(model: Model) -> Masks:
    """Columns of what is rented, by provider: clouds and token APIs."""
    case = model.case
    offered = [one.provider for one in case.offers]
    found = _by_index(model, _OFFERED, "o", offered)
    _merge(found, _by_index(model, ("spend",), "v", [one.provider for one in case.savings_plans]))
    _merge(found, _by_index(model, ("api",), "a", [one.provider for one in case.apis]))
    return found


def parts(model: Model) -> Masks:
    """Columns by what has to be run: types of servers, sites, offers and token APIs."""
    case = model.case
    found = _by_index(model, ("buy", "own"), "k", [f"server {one.id}" for one in case.servers])
    _merge(found, _by_index(model, ("buy", "own"), "s", [f"site {one.id}" for one in case.sites]))
    _merge(found, _by_index(model, _OFFERED, "o", [f"offer {one.id}" for one in case.offers]))
    _merge(found, _by_index(model, ("api",), "a", [f"token API {one.id}" for one in case.apis]))
    return found


def _by_index(model: Model, blocks: tuple[str, ...], key: str, names: list[str]) -> Masks:
    found: Masks = {}
    for block in blocks:
        if block not in model.program:
            continue
        view = model[block].view
        for n in np.unique(view.keys[key]).tolist():
            mask = found.setdefault(names[n], np.zeros(len(model.program.objective), bool))
            mask[view.columns[view.keys[key] == n]] = True
    return found


def _merge(found: Masks, more: Masks) -> None:
    for name, mask in more.items():
        found[name] = found[name] | mask if name in found else mask


def in_use(masks: Masks, x: Floats) -> list[str]:
    """Return what plan `x` uses."""
    return [name for name, mask in masks.items() if (x[mask] > USED).any()]


def gpu_hours(model: Model, x: Floats) -> dict[str, float]:
    """GPU-hours at work by kind of capacity."""
    hours, found = model.case.demand.hours, dict.fromkeys(AT_WORK.values(), 0.0)
    for block, kind in AT_WORK.items():
        if model.has(block):
            view = model[block].hourly
            found[kind] += float(hours[view.keys["g"]] @ x[view.columns])
    return found


def rented_work(model: Model) -> Floats:
    """Work that owned servers do not do, in the measure of `work`."""
    amounts = [amount for name, amount in work(model).items() if name[1] != "owned"]
    return np.sum(amounts, axis=0) if amounts else np.zeros(len(model.program.objective))
