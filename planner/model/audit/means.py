"""Audit of what stands behind capacity: people, declared switches, carbon and money."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.case import Bools
from planner.model.audit.facts import RENTED, Facts, Floats, difference, excess, shortfall, total, worst

HOLDS = 1e-5
"""Fewer servers than this are rounding, not servers."""


def staff_cover_fleet(facts: Facts) -> float:
    """staff[p,t] ≥ servers in service at the pool's sites ÷ servers per FTE + rented GPUs on average ÷ GPUs per FTE."""
    case = facts.case
    rented = facts.of(*RENTED)
    gpu_hours = total(rented.assign(gpu_hours=rented["value"] * rented["hours"]), "gpu_hours", t=case.horizon)
    staff, found = _switch(facts, "staff"), []
    for p, pool in enumerate(case.pools):
        needed = facts.alive[:, list(pool.sites)].sum(axis=(0, 1)) / pool.servers_per_fte
        if pool.covers_rented:
            needed = needed + gpu_hours / case.demand.month_hours / pool.rented_gpus_per_fte
        found.append(shortfall(staff[p], needed))
    return worst(found)


def staff_are_always_there(facts: Facts) -> float:
    """staff[p,t] ≥ the people needed whatever is decided."""
    staff, pools = _switch(facts, "staff"), enumerate(facts.case.pools)
    return worst(shortfall(staff[p], pool.always_fte) for p, pool in pools)


def team_is_on_call(facts: Facts) -> float:
    """staff[p,t] ≥ minimum team[p]   in every month in which a server of the pool's sites is on order or in service."""
    staff, pools = _switch(facts, "staff"), enumerate(facts.case.pools)
    return worst(shortfall(staff[p], _owns(facts, p) * pool.minimum_team_fte) for p, pool in pools)


def owning_is_declared(facts: Facts) -> float:
    """owns[p,t] = 1   in every month in which a server of the pool's sites is on order or in service."""
    owns, pools = _switch(facts, "owns"), enumerate(facts.case.pools)
    return worst(shortfall(owns[p], _owns(facts, p)) for p, pool in pools if pool.minimum_team_fte > 0)


def owned_work_needs_the_team(facts: Facts) -> float:
    """Σ work on servers of the pool's sites [w,g] ≤ demand[w,g] · owns[p,t]; holds likewise, batch work not."""
    demand, owns = facts.case.demand, _switch(facts, "owns")[:, facts.month]
    asked = demand.level + demand.hold[:, facts.month]
    own, found = facts.of("own"), []
    for p, pool in enumerate(facts.case.pools):
        if pool.minimum_team_fte > 0:
            done = total(own[own["s"].isin(pool.sites)], "work", w=len(asked), g=len(facts.month))
            found.append(excess(done[asked > 0], (asked * owns[p])[asked > 0]))
    return worst(found)


def purchase_is_declared(facts: Facts) -> float:
    """Switch bought = 1   where anything is bought and a cost of the project is paid only then."""
    if not any(cost.when == "if_bought" and cost.site is None for cost in facts.case.scenario.project):
        return 0.0
    return shortfall(facts.table("bought", "z")["value"].sum(), float(_bought_for(facts).any()))


def room_is_declared(facts: Facts) -> float:
    """Switch settled[s] = 1   where anything is bought for a site s with costs that are paid only then."""
    named = {cost.site for cost in facts.case.scenario.project if cost.site is not None}
    switches = facts.table("settled", "s")
    settled, bought = total(switches, "value", s=len(facts.case.sites)), _bought_for(facts)
    found = (shortfall(settled[s], float(bought[s])) for s, site in enumerate(facts.case.sites) if site.id in named)
    return worst(found)


def _bought_for(facts: Facts) -> Bools:
    """Say by site whether anything new is bought for it; array [s]."""
    buys, cohorts = facts.table("buy", "h"), facts.plan.cohorts
    result = np.zeros(len(facts.case.sites), bool)
    if len(cohorts):
        bought = cohorts.iloc[buys["h"][buys["value"] > HOLDS]]
        result[bought.loc[bought["fixed"].isna(), "site"].to_numpy(np.int64)] = True
    return result


def carbon_is_within_cap(facts: Facts) -> float:
    """Σ kWh at the meter · kg per kWh + Σ rented GPU-hours · kg per GPU-hour ≤ cap   for every fiscal year."""
    cap = facts.case.scenario.limits.carbon_kg_per_year
    if cap is None:
        return 0.0
    by_year = pd.Series(_emitted(facts)).groupby(facts.fiscal_years).agg(lambda one: one.sum(skipna=False))
    return excess(by_year.to_numpy(float), float(cap))


def carbon_is_paid(facts: Facts) -> float:
    """Cost lines of carbon in month t = kg ÷ 1000 · price of a tonne, where it has one."""
    carbon = facts.case.scenario.carbon
    if carbon is None:
        return 0.0
    price = np.array([float(carbon.usd_per_tonne_in(month)) for month in facts.case.months])
    paid = total(facts.ledger[facts.ledger["component"] == "carbon"], "cost_usd", month=facts.case.horizon)
    return difference(paid, _emitted(facts) / 1000 * price)


def _emitted(facts: Facts) -> Floats:
    """Kg of CO2e by month; array [t].

    A server draws its idle power always and (active − idle) ÷ GPUs more for each GPU in use. What is of unknown
    carbon counts as not a number, so using it never passes.
    """
    case = facts.case
    idle = np.array([server.idle_kw for server in case.servers])
    busy = [(server.active_kw - server.idle_kw) / server.gpus for server in case.servers]
    factor = [_or_nan(site.carbon_kg_per_kwh) * site.pue for site in case.sites]
    rented = [_or_nan(offer.carbon_kg_per_gpu_hour) for offer in case.offers]
    kg = np.zeros(case.horizon)
    for s in range(len(case.sites)):
        standing = idle @ facts.alive[:, s] * case.demand.month_hours
        kg += np.where(standing > 0, standing * factor[s], 0.0)
    rows = facts.use[(facts.use["value"] > 0) & facts.use["block"].isin(["own", *RENTED, "api"])]
    for block, k, s, o, t, gpu_hours in zip(
        rows["block"], rows["k"], rows["s"], rows["o"], rows["t"], rows["value"] * rows["hours"], strict=True
    ):
        rate = busy[k] * factor[s] if block == "own" else np.nan if block == "api" else rented[o]
        kg[t] += gpu_hours * rate
    return kg


def capex_is_within_budget(facts: Facts) -> float:
    """Σ capital outlay of fiscal year y, without resale ≤ capex budget[y]."""
    outlay = facts.ledger[facts.ledger["category"] == "capex"]
    return _within_budget(facts, outlay, facts.case.scenario.budgets.capex_usd)


def cash_is_within_budget(facts: Facts) -> float:
    """Σ all payments of fiscal year y, without resale and its tax ≤ cash budget[y]."""
    return _within_budget(facts, facts.ledger, facts.case.scenario.budgets.cash_usd)


def _within_budget(facts: Facts, outlay: pd.DataFrame, budget: Mapping[int, object]) -> float:
    paid = outlay[
        ~outlay["component"].isin(["resale", "tax_on_disposal", "unserved"]) & (outlay["month"] < facts.case.horizon)
    ]
    years = np.array([facts.fiscal_years[int(month)] for month in paid["month"]], int)
    usd = paid["cost_usd"].to_numpy(float)
    return worst(excess(usd[years == year].sum(), float(str(limit))) for year, limit in budget.items())


def _switch(facts: Facts, name: str) -> Floats:
    """Values of a decision by pool and month; array [p, t]."""
    return total(facts.table(name, "pt"), "value", p=len(facts.case.pools), t=facts.case.horizon)


def _owns(facts: Facts, p: int) -> Floats:
    """1 in the months in which a server of the pool's sites is on order or in service; array [t]."""
    held = facts.servers(facts.held)[:, list(facts.case.pools[p].sites)]
    return (held > HOLDS).any(axis=(0, 1)).astype(float)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
