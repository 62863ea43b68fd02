"""How much capacity can be of use at most: upper bounds on whole numbers, which no plan gains by passing."""

from __future__ import annotations

import math

import numpy as np

from planner.case import Case
from planner.scenario.demand import Demand
from planner.scenario.finance_schema import OperatingLease
from planner.scenario.schema import Serving, Training
from planner.scenario.slots import Floats, Ints


def useful_servers(case: Case) -> Floats:
    """Most servers that can be of use, array [k, s]: what all demand would need with its margins, and what is owned.

    No plan gains by more: within a month owned capacity costs the same in every hour, so batch work needs no more
    than its even spread over the month in which it has the fewest hours.
    """
    useful, needed = np.zeros((len(case.servers), len(case.sites))), _work_units(case)
    for k, server in enumerate(case.servers):
        units = _gpus(case, server.gpu, needed) / server.usable_gpus if server.usable_gpus else 0.0
        for s in range(len(case.sites)):
            useful[k, s] = max(1, math.ceil(units) + _owned(case, k, s))
    return useful


def most_servers(case: Case) -> Floats:
    """Largest fleet at work, array [k, s]: what is of use, as far as power and racks allow; at least one."""
    most, whole = useful_servers(case), case.scenario.whole.servers
    for k, server in enumerate(case.servers):
        for s, site in enumerate(case.sites):
            by_power = site.power_limit_kw / (server.active_kw * site.pue) if server.active_kw else math.inf
            by_racks = site.rack_limit_units / server.rack_units if server.rack_units else math.inf
            room = min(by_power, by_racks, 1e9)
            most[k, s] = max(_owned(case, k, s), min(most[k, s], math.floor(room + 1e-9) if whole else room), 1)
    return most


def most_held(case: Case) -> Floats:
    """Most servers on order, standing or at work at a time, array [k, s].

    A fleet is replaced as often as its shortest time at work ends: as many again are under way for each of these times
    that begin between an order and the first work of its servers.
    """
    terms = [one.term_months for one in case.ways if isinstance(one, OperatingLease)]
    dual, most = case.scenario.servers.dual_running_months, most_servers(case)
    for k, server in enumerate(case.servers):
        at_work = max(min([server.life_months, *terms]) - dual, 1)
        most[k] *= 1 + max(1, math.ceil((server.lead_months + dual) / at_work))
    return most


def _owned(case: Case, k: int, s: int) -> int:
    """Servers k that site s has already, or that are ordered for it whatever their use."""
    held = sum(x.count for x in case.existing_servers if (x.item, x.site) == (k, s))
    return held + math.ceil(case.given_servers.get((k, s), 0))


def most_instances(case: Case) -> Floats:
    """Most committed instances of use, array [o]: what all demand would need with its margins."""
    needed = _work_units(case)
    return np.array([max(1, math.ceil(_gpus(case, offer.gpu, needed) / offer.gpus)) for offer in case.offers], float)


def _work_units(case: Case) -> Floats:
    """Work units per hour that may have to be ready, array [w]."""
    demand = case.demand
    needed = np.zeros(len(case.scenario.workloads))
    for w, workload in enumerate(case.scenario.workloads):
        if isinstance(workload, Serving):
            margin = 1 + float(workload.headroom_fraction)
            lost = float(workload.survive_loss.protected_fraction) if workload.survive_loss else 0.0
            needed[w] = demand.peak[w] * margin * (1 + lost)
        elif isinstance(workload, Training):
            needed[w] = demand.hold[w].max()
        else:
            needed[w] = max(x.work / _fewest_hours(demand, x.groups) for x in demand.windows if x.workload == w)
    return needed


def _gpus(case: Case, gpu: str, needed: Floats) -> float:
    speeds = [case.speed(w, gpu) for w in range(len(needed))]
    return float(sum(n / speed for n, speed in zip(needed.tolist(), speeds, strict=True) if speed > 0))


def _fewest_hours(demand: Demand, groups: Ints) -> float:
    """Hours of `groups` in the month in which they have the fewest."""
    by_month = np.bincount(demand.month[groups], demand.hours[groups])
    return float(by_month[by_month > 0].min())
