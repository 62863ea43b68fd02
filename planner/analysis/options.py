"""The options that are compared: the plan, `buy`, and the baselines, each the same program with some columns closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.case import Case
from planner.decisions import Model
from planner.program import Bools, Floats
from planner.promises import Cohort

BASELINES = ("on_demand", "cloud", "api", "existing")
OPTIONS = ("plan", "buy", "self_hosted")


@dataclass(frozen=True)
class Restriction:
    """What an option leaves open: `closed` columns are fixed at 0; or the reason why the option cannot exist."""

    closed: Bools
    reason: str = ""


def _closed(model: Model, *names: str) -> Bools:
    mask = np.zeros(len(model.program.objective), bool)
    for name in names:
        if name in model.program:
            mask[model[name].columns] = True
    return mask


def new_purchases(model: Model) -> Bools:
    """Columns of servers that are not owned yet."""
    mask = _closed(model, "buy")
    mask[model["buy"].columns] = [cohort.fixed is None for cohort in model.cohorts]
    return mask


def _new_commitments(model: Model) -> Bools:
    mask = _closed(model)
    mask[model["spend"].columns] = model["spend"].view.keys["t"] >= 0
    mask[model["commit"].columns] = [contract.fixed is None for contract in model.contracts]
    return mask


def on_demand(model: Model) -> Restriction:
    """Everything on demand, paid on the demand curve; what is owned may be sold, what is committed is still paid."""
    if not model.has("on_demand"):
        return Restriction(_closed(model), "no on-demand offer can serve a workload")
    return Restriction(
        new_purchases(model) | _new_commitments(model)
        | _closed(model, "own", "own_standby", "committed", "committed_standby", "covered", "spot", "api")
    )  # fmt: skip


def cloud(model: Model) -> Restriction:
    """The best mix of commitments, spot and on-demand."""
    if not (model.has("on_demand") or model.has("committed") or model.has("covered")):
        return Restriction(_closed(model), "no cloud offer can serve a workload")
    return Restriction(new_purchases(model) | _closed(model, "own", "own_standby", "api"))


def self_hosted(model: Model) -> Restriction:
    """Owned servers; rented on demand only until the earliest month in which servers for the workload can be there.

    From then on headroom and survival rest on owned servers too: nothing rented stands by.
    """
    case = model.case
    if all(cohort.fixed is not None for cohort in model.cohorts):
        return Restriction(_closed(model), "no server can be bought")
    first = np.array([_earliest_delivery(model, w) for w in range(len(case.scenario.workloads))])
    if (first >= case.horizon).all() and not case.existing_servers:
        return Restriction(_closed(model), "no server that fits a site can be in service within the horizon")
    mask = _new_commitments(model) | _closed(model, "spot", "api", "covered")
    for name in ("on_demand", "on_demand_standby", "committed", "committed_standby"):
        if name not in model.program:
            continue
        view = model[name].view
        mask[model[name].columns] |= view.keys["t"] >= first[view.keys["w"]]
    return Restriction(mask)


def api(model: Model) -> Restriction:
    """Token APIs for every workload that allows one, on-demand for the others."""
    if not model.has("api"):
        return Restriction(_closed(model), "no workload allows a token API whose prices are known")
    mask = new_purchases(model) | _new_commitments(model)
    mask |= _closed(model, "own", "own_standby", "committed", "committed_standby", "covered", "spot")
    served = np.unique(model["api"].view.keys["w"])
    if model.has("on_demand"):
        mask[model["on_demand"].columns] |= np.isin(model["on_demand"].view.keys["w"], served)
    return Restriction(mask)


def existing(model: Model) -> Restriction:
    """Today's fleet and commitments kept, the rest on demand."""
    case = model.case
    if not (case.existing_servers or case.existing_commitments or case.existing_savings_plans):
        return Restriction(_closed(model), "nothing is owned or committed today")
    mask = new_purchases(model) | _new_commitments(model) | _closed(model, "sell", "spot", "api")
    return Restriction(mask)


RESTRICTIONS: dict[str, Callable[[Model], Restriction]] = {
    "on_demand": on_demand, "cloud": cloud, "self_hosted": self_hosted, "api": api, "existing": existing,
}  # fmt: skip


def bounds(lower: Floats, upper: Floats, restriction: Restriction) -> tuple[Floats, Floats]:
    """Return column bounds with the closed columns fixed at 0."""
    return np.where(restriction.closed, 0.0, lower), np.where(restriction.closed, 0.0, upper)


def _fits(case: Case, cohort: Cohort) -> bool:
    """Say whether the site can carry one such server."""
    server, site = case.servers[cohort.server], case.sites[cohort.site]
    return server.active_kw * site.pue <= site.power_limit_kw and server.rack_units <= site.rack_limit_units


def _earliest_delivery(model: Model, w: int) -> int:
    case = model.case
    months = [
        cohort.in_service + case.scenario.servers.dual_running_months
        for cohort in model.cohorts
        if cohort.fixed is None and (cohort.server, cohort.site, w) in model.options.owned and _fits(case, cohort)
    ]
    return min(months, default=case.horizon)
