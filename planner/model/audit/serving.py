"""Audit of what is served: demand, headroom, windows, holds, spot shares, concentration, survival."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.model.audit.facts import RENTED, STANDBY, Facts, Floats, difference, excess, shortfall, total, worst
from planner.scenario.schema import Batch, Serving, Training

GPUS = ("own", *RENTED)
DONE = (*GPUS, "api", "unserved")


def work_is_served(facts: Facts) -> float:
    """Σ work + api + unserved = demand   for every serving workload and hour group, also where demand is 0."""
    serving = [isinstance(one, Serving) for one in facts.case.scenario.workloads]
    return difference(facts.work(*DONE)[serving], facts.case.demand.level[serving])


def headroom_is_kept(facts: Facts) -> float:
    """Σ work of GPUs in use and on standby ≥ (1 + headroom) · (demand − api − unserved)   where headroom is asked."""
    ready, elsewhere = facts.work(*GPUS, *STANDBY), facts.work("api", "unserved")
    found = []
    for w, workload in enumerate(facts.case.scenario.workloads):
        if isinstance(workload, Serving) and workload.headroom_fraction > 0:
            needed = (1 + float(workload.headroom_fraction)) * (facts.case.demand.level[w] - elsewhere[w])
            found.append(shortfall(ready[w], needed))
    return worst(found)


def batch_work_is_finished(facts: Facts) -> float:
    """Σ hours · work over each window = its work, and no batch work outside of windows."""
    demand = facts.case.demand
    left = facts.work(*DONE) * demand.hours
    found = []
    for window in demand.windows:
        found.append(difference(left[window.workload, window.groups].sum(), window.work))
        left[window.workload, window.groups] = 0.0
    batch = [isinstance(one, Batch) for one in facts.case.scenario.workloads]
    return max(worst(found), difference(left[batch].sum(axis=1), 0.0))


def training_holds_its_gpus(facts: Facts) -> float:
    """Σ work + unserved = held   for every training workload in every hour of every month."""
    training = [isinstance(one, Training) for one in facts.case.scenario.workloads]
    return difference(facts.work(*DONE)[training], facts.case.demand.hold[training][:, facts.month])


def spot_share_is_limited(facts: Facts) -> float:
    """Work on spot ≤ share · work asked: by hour, by month when asked, by the hold or by the window."""
    demand, on_spot = facts.case.demand, facts.work("spot")
    found = []
    for w, workload in enumerate(facts.case.scenario.workloads):
        share = float(workload.spot.share_fraction) if workload.spot else 0.0
        if isinstance(workload, Batch):
            hourly = on_spot[w] * demand.hours
            windows = [one for one in demand.windows if one.workload == w]
            found += [excess(hourly[one.groups].sum(), share * one.work) for one in windows]
        elif isinstance(workload, Training):
            found.append(excess(on_spot[w], share * demand.hold[w][facts.month]))
        elif workload.spot and workload.spot.share_by == "month":
            asked = facts.by_month(demand.level[w : w + 1])
            found.append(excess(facts.by_month(on_spot[w : w + 1]), share * asked))
        else:
            found.append(excess(on_spot[w], share * demand.level[w]))
    return worst(found)


def concentration_is_limited(facts: Facts) -> float:
    """Σ hours · work of w at a provider ≤ its share · Σ hours · work of w done   for every workload and month."""
    limits = facts.case.scenario.limits.provider_share_fraction
    everything = facts.by_month(facts.work(*GPUS, "api"))
    found = []
    for provider in _providers(facts):
        share = float(limits.get(provider, limits.get("any", 1)))
        found.append(excess(facts.by_month(_work_at(facts, "provider", provider)), share * everything))
    return worst(found)


def loss_is_survived(facts: Facts) -> float:
    """Σ_{j≠i} work of GPUs in use and on standby and of APIs ≥ protected · demand   for each i that may be lost."""
    everything = facts.work(*GPUS, *STANDBY, "api")
    found = []
    for w, workload in enumerate(facts.case.scenario.workloads):
        if isinstance(workload, Serving) and workload.survive_loss:
            needed = float(workload.survive_loss.protected_fraction) * facts.case.demand.level[w]
            for kind, name in _losses(facts, workload.survive_loss.of):
                found.append(shortfall(everything[w] - _work_at(facts, kind, name, *STANDBY)[w], needed))
    return worst(found)


def _providers(facts: Facts) -> set[str]:
    return {offer.provider for offer in facts.case.offers} | {api.provider for api in facts.case.apis}


def _losses(facts: Facts, kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    if "sites" in kinds:
        yield from (("site", site.id) for site in facts.case.sites)
    if "providers" in kinds:
        yield from (("provider", name) for name in sorted(_providers(facts)))


def _work_at(facts: Facts, kind: str, name: str, *more: str) -> Floats:
    """Work units per hour at one provider or site; array [w, g]."""
    rows = facts.of(*GPUS, "api", *more)
    return total(rows[rows[kind] == name], "work", w=len(facts.case.scenario.workloads), g=len(facts.month))
