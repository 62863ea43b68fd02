"""Serving: demand is met in every hour, with headroom, and survives the loss of a site or provider."""

from __future__ import annotations

import numpy as np

from planner.decisions import Model, delivered
from planner.program import Bools, View, table, together
from planner.scenario.schema import Serving

GPUS = ("own", "committed", "covered", "on_demand", "spot")
STANDBY = ("own_standby", "committed_standby", "on_demand_standby")
UNITS = ("api", "unserved")


def work_is_served(model: Model) -> None:
    """Σ speed·GPUs[w,g] + api[w,g] + unserved[w,g] = demand[w,g]   for every serving w and hour group g.

    This is what is billed.
    """
    demand = model.case.demand
    w, g = np.nonzero(demand.level)
    model.program.rule(
        "work_is_served", table(w=w, t=demand.month[g], g=g), _delivered(model, *GPUS, *UNITS), "==",
        demand.level[w, g], unit="work units/h", per_level=1,
    )  # fmt: skip


def headroom_is_kept(model: Model) -> None:
    """Σ speed·(GPUs + standby)[w,g] ≥ (1 + headroom[w]) · (demand − api − unserved)[w,g]   where headroom is asked for.

    Usable capacity counts, rented included; it is not billed as use. On-demand stands by up to its quota.
    """
    demand, workloads = model.case.demand, model.case.scenario.workloads
    ready = np.array([1 + float(w.headroom_fraction) if isinstance(w, Serving) else 1.0 for w in workloads])
    w, g = np.nonzero(demand.level * (ready > 1)[:, None])
    replaced = [view * ready[view.keys["w"]] for view in _delivered(model, *UNITS)]
    model.program.rule(
        "headroom_is_kept", table(w=w, t=demand.month[g], g=g), [*_delivered(model, *GPUS, *STANDBY), *replaced], ">=",
        ready[w] * demand.level[w, g], unit="work units/h", per_level=ready[w],
    )  # fmt: skip


def loss_is_survived(model: Model) -> None:
    """Σ_{j≠i} speed·(GPUs + standby)_j[w,g] + api_j ≥ protected[w] · demand[w,g]   for each i that w may lose.

    i is a site or a provider, as the workload says.
    """
    case, demand = model.case, model.case.demand
    providers = sorted({offer.provider for offer in case.offers} | {api.provider for api in case.apis})
    losses = [("sites", site.id) for site in case.sites] + [("providers", name) for name in providers]
    rows, terms, limits, protected = [], [], [], []
    for w, workload in enumerate(case.scenario.workloads):
        if not isinstance(workload, Serving) or workload.survive_loss is None:
            continue
        g = np.flatnonzero(demand.level[w])
        for i, (kind, name) in enumerate(losses):
            if kind not in workload.survive_loss.of:
                continue
            rows.append(table(i=i, w=w, t=demand.month[g], g=g))
            protected.append(np.full(len(g), float(workload.survive_loss.protected_fraction)))
            limits.append(protected[-1] * demand.level[w, g])
            for block in (*GPUS, *STANDBY, "api"):
                for view in _delivered(model, block):
                    left = view.where((view.keys["w"] == w) & ~_lost(model, block, view, kind, name))
                    terms.append(left.with_keys(i=i).without_keys("k", "s", "o", "q", "v", "a"))
    if rows:
        keys = {key: np.concatenate([part[key] for part in rows]) for key in rows[0]}
        model.program.rule("loss_is_survived", keys, [together(*terms)] if terms else [], ">=", np.concatenate(limits),
                           unit="work units/h", per_level=np.concatenate(protected))  # fmt: skip


def _lost(model: Model, block: str, view: View, kind: str, name: str) -> Bools:
    case = model.case
    if block.startswith("own"):
        gone = [kind == "sites" and site.id == name for site in case.sites]
        return np.array(gone, bool)[view.keys["s"]]
    if block == "api":
        gone = [kind == "providers" and api.provider == name for api in case.apis]
        return np.array(gone, bool)[view.keys["a"]]
    gone = [kind == "providers" and offer.provider == name for offer in case.offers]
    return np.array(gone, bool)[view.keys["o"]]


def _delivered(model: Model, *names: str) -> list[View]:
    return [delivered(model, name) for name in names if model.has(name)]
