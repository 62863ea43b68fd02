"""Audit of capacity: owned servers and their sites, commitments, savings plans, markets."""

from __future__ import annotations

import numpy as np

from planner.model.audit.facts import Facts, difference, excess, total, worst


def fleet_is_what_is_alive(facts: Facts) -> float:
    """fleet[k,s,t] = servers bought − sold so far, from delivery until retirement."""
    k, s, t = facts.alive.shape
    return difference(total(facts.table("fleet", "kst"), "value", k=k, s=s, t=t), facts.alive)


def servers_leave_once(facts: Facts) -> float:
    """buy[h] = Σ_t sell[h,t] + kept[h]; no month has more sold than was bought."""
    count = len(facts.plan.cohorts)
    bought, sold, kept = (total(facts.table(name, "h"), "value", h=count) for name in ("buy", "sell", "kept"))
    return max(difference(sold + kept, bought), excess(-facts.in_service, 0.0))


def owned_gpus_run_within_fleet(facts: Facts) -> float:
    """Σ_w (own + standby)[k,s,w,g] ≤ usable GPUs[k] · servers in service[k,s,t], past their dual running if new."""
    k, s, _ = facts.alive.shape
    used = total(facts.of("own", "own_standby"), "value", k=k, s=s, g=len(facts.month))
    usable = np.array([server.usable_gpus for server in facts.case.servers])
    return excess(used, usable[:, None, None] * facts.ready[:, :, facts.month])


def something_is_bought(facts: Facts) -> float:
    """Σ servers kept ≥ 0: asks nothing of a plan; the option that must buy asks for one."""
    return excess(-facts.table("kept", "h")["value"].sum(), 0.0)


def power_is_within_site_limit(facts: Facts) -> float:
    """Σ_k active kW[k] · PUE[s] · servers in service[k,s,t] ≤ power limit[s]."""
    kw = np.array([server.active_kw for server in facts.case.servers])
    sites = enumerate(facts.case.sites)
    return worst(excess(kw @ facts.alive[:, s] * site.pue, site.power_limit_kw) for s, site in sites)


def racks_are_within_site_limit(facts: Facts) -> float:
    """Σ_k rack units[k] · servers in service[k,s,t] ≤ rack limit[s]."""
    units = np.array([server.rack_units for server in facts.case.servers])
    return worst(excess(units @ facts.alive[:, s], site.rack_limit_units) for s, site in enumerate(facts.case.sites))


def active_is_what_runs(facts: Facts) -> float:
    """active[q,t] = Σ commitments of pool q that started at most a term before t."""
    q, t = facts.active.shape
    return difference(total(facts.table("active", "qt"), "value", q=q, t=t), facts.active)


def commitments_cover_their_use(facts: Facts) -> float:
    """Σ_w (committed + standby)[q,w,g] ≤ GPUs of an instance · instances that run[q,t], all of one offer."""
    rows, pools = facts.of("committed", "committed_standby"), facts.plan.pools
    if pools.empty:
        return excess(rows["value"].sum(), 0.0)
    offer = pools["offer"].to_numpy(np.int64)
    gpus = np.array([facts.case.offers[o].gpus for o in offer])
    strange = rows[rows["o"].to_numpy() != offer[rows["q"]]]
    used = total(rows, "value", q=len(pools), g=len(facts.month))
    covered = gpus[:, None] * facts.active[:, facts.month]
    return max(excess(used, covered), excess(strange["value"].sum(), 0.0))


def spend_is_what_runs(facts: Facts) -> float:
    """spend_active[v,t] = Σ spend that started at most a term before t."""
    v, t = facts.spend.shape
    return difference(total(facts.table("spend_active", "vt"), "value", v=v, t=t), facts.spend)


def spend_covers_its_use(facts: Facts) -> float:
    """Σ_{o,w} rate[v,o,t] · covered[v,o,w,g] ≤ spend that runs[v,t]."""
    rows, plans = facts.of("covered"), facts.case.savings_plans
    rates = [plans[v].rates.get(o) for v, o in zip(rows["v"], rows["o"], strict=True)]
    rate = [np.nan if one is None else one.values[t] for one, t in zip(rates, rows["t"], strict=True)]
    charged = rows.assign(usd=rows["value"] * np.array(rate, float)).query("value > 0")
    return excess(total(charged, "usd", v=len(plans), g=len(facts.month)), facts.spend[:, facts.month])


def spot_is_within_market_depth(facts: Facts) -> float:
    """Σ_w spot[o,w,g] ≤ depth[o]."""
    return _within(facts, [offer.depth_gpus for offer in facts.case.offers], "spot")


def on_demand_is_within_quota(facts: Facts) -> float:
    """Σ_w (on_demand + standby)[o,w,g] ≤ quota[o]."""
    return _within(facts, [offer.quota_gpus for offer in facts.case.offers], "on_demand", "on_demand_standby")


def _within(facts: Facts, limits: list[float], *blocks: str) -> float:
    used = total(facts.of(*blocks), "value", o=len(limits), g=len(facts.month))
    return excess(used, np.array(limits)[:, None])


def instances_cover_their_use(facts: Facts) -> float:
    """Σ_w on_demand[o,w,g] ≤ GPUs[o] · instances[o,g], and likewise for spot, where instances are whole."""
    if not facts.case.scenario.whole.instances:
        return 0.0
    gpus = np.array([offer.gpus for offer in facts.case.offers])
    shape = {"o": len(gpus), "g": len(facts.month)}
    found = []
    for kind in ("on_demand", "spot"):
        instances = total(facts.table(f"{kind}_instances", "og"), "value", **shape)
        found.append(excess(total(facts.of(kind), "value", **shape), gpus[:, None] * instances))
    return worst(found)
