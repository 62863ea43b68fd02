"""What markets and providers allow: spot shares, depth, quotas, whole instances, concentration."""

from __future__ import annotations

import numpy as np

from planner.costs.rented import billed_standby, free_standby
from planner.decisions import Model, delivered
from planner.model.constraints.serving import GPUS
from planner.model.constraints.work import window_of
from planner.program import View, together
from planner.scenario.schema import Batch, Serving, Training


def spot_share_is_limited(model: Model) -> None:
    """Σ_o speed·(1 − loss)·spot[o,w,·] ≤ share[w] · work of w   by hour, by month when asked, by window or hold."""
    if not model.has("spot"):
        return
    demand, workloads = model.case.demand, model.case.scenario.workloads
    work, program = delivered(model, "spot"), model.program
    share = np.array([float(w.spot.share_fraction) if w.spot else 1.0 for w in workloads])
    limited = share < 1
    by_month = np.array([bool(w.spot and w.spot.share_by == "month") for w in workloads])
    serving = np.array([isinstance(w, Serving) for w in workloads])
    training = np.array([isinstance(w, Training) for w in workloads])

    hourly = _of(work, limited & serving & ~by_month)
    rows = hourly.distinct("w", "t", "g")
    program.rule("spot_share_is_limited", rows, [hourly], "<=", share[rows["w"]] * demand.level[rows["w"], rows["g"]],
                 unit="work units/h", per_level=share[rows["w"]])  # fmt: skip
    monthly = _of(work * demand.hours[work.keys["g"]], limited & serving & by_month)
    rows = monthly.distinct("w", "t")
    total = np.array([np.bincount(demand.month, one * demand.hours, model.case.horizon) for one in demand.level])
    program.rule("spot_share_of_month_is_limited", rows, [monthly.without_keys("g")], "<=",
                 share[rows["w"]] * total[rows["w"], rows["t"]], unit="work units")  # fmt: skip
    held = _of(work, limited & training)
    first = np.unique(demand.month, return_index=True)[1]
    held = held.where(held.keys["g"] == first[held.keys["t"]])
    rows = held.distinct("w", "t", "g")
    limit = share[rows["w"]] * demand.hold[rows["w"], rows["t"]]
    program.rule("spot_share_of_hold_is_limited", rows, [held], "<=", limit, unit="work units/h")
    batch = _of(work, limited & np.array([isinstance(w, Batch) for w in workloads]))
    inside = window_of(model, batch)
    rows = inside.distinct("x", "w")
    size = np.array([window.work for window in demand.windows])
    program.rule("spot_share_of_window_is_limited", rows, [inside], "<=",
                 share[rows["w"]] * size[rows["x"]] if len(size) else 0, unit="work units")  # fmt: skip


def spot_is_within_market_depth(model: Model) -> None:
    """Σ_w spot[o,w,g] ≤ depth[o]   for every offer with a depth."""
    _within(model, "spot_is_within_market_depth", ["spot"], [offer.depth_gpus for offer in model.case.offers])


def on_demand_is_within_quota(model: Model) -> None:
    """Σ_w (on_demand + standby)[o,w,g] ≤ quota[o]   for every offer with a quota; whole instances count whole."""
    quota = [offer.quota_gpus for offer in model.case.offers]
    _within(model, "on_demand_is_within_quota", ["on_demand", "on_demand_standby"], quota)


def instances_cover_their_use(model: Model) -> None:
    """Σ_w (on_demand + billed standby)[o,w,g] ≤ GPUs[o] · instances[o,g], likewise spot, where instances are whole."""
    gpus = np.array([offer.gpus for offer in model.case.offers])
    for name in ("on_demand", "spot"):
        if model.has(f"{name}_instances"):
            rented = model[f"{name}_instances"].view
            used = [model[name].hourly, *([billed_standby(model)] if name == "on_demand" else [])]
            terms = [*used, -gpus[rented.keys["o"]] * rented]
            model.program.rule(f"{name}_instances_cover_their_use", rented.keys, terms, "<=", 0, unit="GPUs")


def concentration_is_limited(model: Model) -> None:
    """Σ_g hours·work of w at provider i ≤ share[i] · Σ_g hours·work of w that is served   for every w, t, limited i."""
    case, limits = model.case, model.case.scenario.limits.provider_share_fraction
    if not limits:
        return
    providers = sorted({offer.provider for offer in case.offers} | {api.provider for api in case.apis})
    share = np.array([float(limits.get(name, limits.get("any", 1))) for name in providers])
    at = {"api": [providers.index(api.provider) for api in case.apis]}
    of_offer = [providers.index(offer.provider) for offer in case.offers]
    rented, everything = [], []
    for name in (*GPUS, "api"):
        if not model.has(name):
            continue
        work = delivered(model, name)
        work = work * case.demand.hours[work.keys["g"]]
        everything.append(work)
        if name != "own":
            index = at["api"] if name == "api" else of_offer
            rented.append(work.with_keys(i=np.array(index)[work.keys["a" if name == "api" else "o"]]))
    if not rented:
        return
    at_provider = together(*rented)
    rows = at_provider.where(share[at_provider.keys["i"]] < 1).distinct("w", "t", "i")
    total = together(*everything).without_keys("g")
    limited = [int(i) for i in np.flatnonzero(share < 1)]
    terms = [at_provider.without_keys("g"), *((total * -share[i]).with_keys(i=i) for i in limited)]
    model.program.rule("concentration_is_limited", rows, terms, "<=", 0, unit="work units")


def _of(view: View, workloads: object) -> View:
    return view.where(np.asarray(workloads)[view.keys["w"]])


def _within(model: Model, name: str, blocks: list[str], limits: list[float]) -> None:
    """Limit the GPUs of `blocks` by offer; whole instances count with all their GPUs."""
    limit, gpus = np.array(limits), np.array([offer.gpus for offer in model.case.offers])
    used = []
    for block in blocks:
        if model.has(f"{block}_instances"):
            rented = model[f"{block}_instances"].view
            used.append(gpus[rented.keys["o"]] * rented)
        elif block == "on_demand_standby" and model.has("on_demand_instances"):
            used.append(free_standby(model))  # what is billed stands in the instances already
        elif model.has(block):
            used.append(model[block].hourly)
    if used:
        every = together(*used)
        rows = every.where(np.isfinite(limit[every.keys["o"]])).distinct("o", "t", "g")
        model.program.rule(name, rows, used, "<=", limit[rows["o"]], unit="GPUs")
