"""The owned fleet: what is alive, what it can carry, and what its sites can hold."""

from __future__ import annotations

import numpy as np

from planner.decisions import Model, alive, ready
from planner.program import table, together


def fleet_is_what_is_alive(model: Model) -> None:
    """fleet[k,s,t] = Σ_τ alive[τ,t]: delivered − sold so far, none after life."""
    fleet = model["fleet"].view
    terms = [fleet, -alive(model).without_keys("h")]
    model.program.rule("fleet_is_what_is_alive", fleet.keys, terms, "==", 0, unit="servers")


def servers_leave_once(model: Model) -> None:
    """buy[h] = Σ_t sell[h,t] + kept[h]   for every cohort h: nothing is sold that was not bought, or twice."""
    buy, sell, kept = model["buy"].view, model["sell"].view, model["kept"].view
    terms = [buy.without_keys("t"), -sell.without_keys("t"), -kept]
    model.program.rule("servers_leave_once", kept.keys, terms, "==", 0, unit="servers")


def owned_gpus_run_within_fleet(model: Model) -> None:
    """Σ_w (own + standby)[k,s,w,g] ≤ availability[k] · (1 − cold spares) · GPUs[k] · fleet[k,s,t]   for all k, s, g.

    New servers count from the end of their months of dual running on.
    """
    used = model.views("own", "own_standby")
    if not used:
        return
    usable = np.array([server.usable_gpus for server in model.case.servers])
    fleet = ready(model)
    terms = [*used, -usable[fleet.keys["k"]] * fleet]
    model.program.rule("owned_gpus_run_within_fleet", together(*used).distinct("k", "s", "t", "g"), terms, "<=", 0,
                       unit="GPUs")  # fmt: skip


def power_is_within_site_limit(model: Model) -> None:
    """Σ_k active_kw[k] · PUE[s] · fleet[k,s,t] ≤ power_limit_kw[s]   for every site with a limit."""
    sites = model.case.sites
    kw = np.array([server.active_kw for server in model.case.servers])
    pue, limit = np.array([site.pue for site in sites]), np.array([site.power_limit_kw for site in sites])
    fleet = model["fleet"].view
    rows = fleet.where(np.isfinite(limit[fleet.keys["s"]])).distinct("s", "t") if len(fleet) else {}
    terms = [kw[fleet.keys["k"]] * pue[fleet.keys["s"]] * fleet] if len(fleet) else []
    if terms:
        model.program.rule("power_is_within_site_limit", rows, terms, "<=", limit[rows["s"]], unit="kW")


def racks_are_within_site_limit(model: Model) -> None:
    """Σ_k rack_units[k] · fleet[k,s,t] ≤ rack_limit_units[s]   for every site with a limit."""
    units = np.array([server.rack_units for server in model.case.servers])
    limit = np.array([site.rack_limit_units for site in model.case.sites])
    fleet = model["fleet"].view
    if not len(fleet):
        return
    rows = fleet.where(np.isfinite(limit[fleet.keys["s"]])).distinct("s", "t")
    model.program.rule("racks_are_within_site_limit", rows, [units[fleet.keys["k"]] * fleet], "<=", limit[rows["s"]],
                       unit="rack units")  # fmt: skip


def something_is_bought(model: Model) -> None:
    """Σ kept servers of the first orders possible ≥ 0; the option `buy` asks for 1.

    Kept: a server that is bought to be sold again at once, or in the last months, says nothing about buying.
    """
    new = [cohort for cohort in model.cohorts if cohort.fixed is None]
    if not new:
        return
    first = min(cohort.ordered for cohort in new)
    kept = model["kept"].view
    mine = kept.where([cohort.fixed is None and cohort.ordered == first for cohort in model.cohorts])
    terms = [mine.with_keys(z=0).without_keys("h", "k", "s")]
    model.program.rule("something_is_bought", table(z=[0]), terms, ">=", 0, unit="servers")
