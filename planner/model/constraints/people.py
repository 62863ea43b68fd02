"""Staff cover the fleet, and owning anything needs a team on call."""

from __future__ import annotations

import numpy as np

from planner.decisions import Model, delivered
from planner.model.constraints.serving import GPUS
from planner.needs import most_held, most_servers
from planner.program import View, table, together


def staff_cover_fleet(model: Model) -> None:
    """staff[p,t] ≥ Σ fleet ÷ servers_per_fte[p] + Σ_g hours·rented GPUs ÷ (hours[t] · rented_gpus_per_fte[p]).

    Owned servers of the pool's sites; rented GPUs averaged over the month, where the pool covers them.
    """
    if not model.has("staff"):
        return
    case, demand = model.case, model.case.demand
    staff, fleet = model["staff"].view, model["fleet"].view
    terms = [staff]
    for p, pool in enumerate(case.pools):
        mine = fleet.where(np.isin(fleet.keys["s"], pool.sites)) if len(fleet) else fleet
        terms.append((mine * (-1 / pool.servers_per_fte)).with_keys(p=p))
        for view in model.views(*(name for name in GPUS if name != "own")) if pool.covers_rented else []:
            share = demand.hours[view.keys["g"]] / demand.month_hours[view.keys["t"]]
            terms.append((view * (-share / pool.rented_gpus_per_fte)).with_keys(p=p))
    model.program.rule("staff_cover_fleet", staff.keys, terms, ">=", 0, unit="FTE")


def team_is_on_call(model: Model) -> None:
    """staff[p,t] ≥ minimum_team[p] · owns[p,t]."""
    if not model.has("owns"):
        return
    team = np.array([pool.minimum_team_fte for pool in model.case.pools])
    owns = model["owns"].view
    model.program.rule("team_is_on_call", owns.keys, [model["staff"].view, -team[owns.keys["p"]] * owns], ">=", 0,
                       unit="FTE")  # fmt: skip


def owning_is_declared(model: Model) -> None:
    """Servers of k at s on order or in service in t ≤ most[k,s] · owns[p,t]   for every pool p of site s.

    The team stands from the month of the first order. `most` is the largest fleet that power, racks or demand allow,
    and all that can be on order to replace it.
    """
    if not model.has("owns"):
        return
    held = _on_order_or_alive(model)
    most = most_held(model.case)
    owns = model["owns"].view
    terms, rows = [], []
    for p in sorted({int(p) for p in owns.keys["p"]}):
        mine = held.where(np.isin(held.keys["s"], model.case.pools[p].sites)).with_keys(p=p)
        terms.append(mine)
        rows.append(mine)
        hosts = mine.distinct("k", "s")
        for k, s in zip(hosts["k"].tolist(), hosts["s"].tolist(), strict=True):
            team = owns.where(owns.keys["p"] == p)
            terms.append((team * -most[k, s]).with_keys(k=k, s=s))
    model.program.rule("owning_is_declared", together(*rows).distinct("p", "k", "s", "t"), terms, "<=", 0,
                       unit="servers")  # fmt: skip


def owned_work_needs_the_team(model: Model) -> None:
    """Σ_{k, s of p} speed·own[k,s,w,g] ≤ demand[w,g] · owns[p,t]   for every pool p with a team; holds likewise.

    Nothing that whole numbers would not imply, but it makes the relaxation tight: a fraction of a team can then do
    no more than that fraction of the work of any hour.
    """
    if not model.has("owns", "own"):
        return
    demand = model.case.demand
    owns, own = model["owns"].view, delivered(model, "own")
    asked = demand.level + demand.hold[:, demand.month]
    own = own.where(asked[own.keys["w"], own.keys["g"]] > 0)
    for w in np.flatnonzero(demand.hold.any(axis=1)):
        first = np.unique(demand.month, return_index=True)[1]
        own = own.where((own.keys["w"] != w) | (own.keys["g"] == first[own.keys["t"]]))
    terms, rows = [], []
    for p in sorted({int(p) for p in owns.keys["p"]}):
        mine = own.where(np.isin(own.keys["s"], model.case.pools[p].sites)).with_keys(p=p)
        rows.append(mine.without_keys("k", "s"))
        terms.append(rows[-1])
    keys = together(*rows).distinct("p", "w", "t", "g")
    column = np.zeros((len(model.case.pools), model.case.horizon), np.int64)
    column[owns.keys["p"], owns.keys["t"]] = owns.columns
    share = View(keys, column[keys["p"], keys["t"]], -asked[keys["w"], keys["g"]])
    by_hour = (demand.peak > 0).astype(float)[keys["w"]]
    model.program.rule("owned_work_needs_the_team", keys, [*terms, share], "<=", 0, unit="work units/h",
                       per_level=by_hour, level_of=share.columns)  # fmt: skip


def purchase_is_declared(model: Model) -> None:
    """buy[h] ≤ most[k,s] · bought   where a project cost is paid only if anything is bought."""
    if not model.has("bought"):
        return
    buy = model["buy"].view
    new = buy.where([cohort.fixed is None for cohort in model.cohorts])
    most = most_servers(model.case)[new.keys["k"], new.keys["s"]]
    switch = model["bought"].view.without_keys("z")
    terms = [new * (1 / most), -switch]
    model.program.rule("purchase_is_declared", table(h=new.keys["h"]), terms, "<=", 0, unit="servers")


def room_is_declared(model: Model) -> None:
    """buy[h] ≤ most[k,s] · settled[s]   where a project cost is paid only if anything is bought for site s."""
    if not model.has("settled"):
        return
    switch = model["settled"].view
    new = model["buy"].view.where([cohort.fixed is None for cohort in model.cohorts])
    new = new.where(np.isin(new.keys["s"], switch.keys["s"]))
    most = most_servers(model.case)[new.keys["k"], new.keys["s"]]
    model.program.rule("room_is_declared", table(h=new.keys["h"], s=new.keys["s"]), [new * (1 / most), -switch], "<=",
                       0, unit="servers")  # fmt: skip


def _on_order_or_alive(model: Model) -> View:
    horizon = model.case.horizon
    buy, sell = model["buy"].view, model["sell"].view
    ordered = np.array([max(c.ordered, 0) for c in model.cohorts], int)
    retires = np.array([min(c.retires, horizon) for c in model.cohorts], int)
    return together(
        buy.over("t", ordered[buy.keys["h"]], retires[buy.keys["h"]]),
        -sell.over("t", sell.keys["t"], retires[sell.keys["h"]]),
    ).without_keys("h")
