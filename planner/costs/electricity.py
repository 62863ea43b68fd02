"""electricity: idle servers and busy GPUs apart, at the meter; nothing where the space price includes it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model
from planner.program import Floats, View


def electricity(model: Model) -> Iterator[CostLines]:
    """tariff[s,t] · PUE[s] · (idle_kw[k] · hours[t] · fleet[k,s,t] + busy_kw[k] · hours[g] · own[k,s,w,g]).

    busy_kw is what a GPU at work adds: (active_kw − idle_kw) ÷ GPUs of the server.
    """
    case = model.case
    if not case.sites or not case.servers:
        return
    tariff = np.array([site.electricity.values for site in case.sites])
    metered = np.array([not site.space_includes_electricity for site in case.sites])
    source = [" × ".join((*site.electricity.rows, site.rows[0])) for site in case.sites]
    for view, kwh in energy_at_the_meter(model):
        paid = metered[view.keys["s"]]
        billed = view.where(paid)
        price = tariff[billed.keys["s"], billed.keys["t"]]
        yield cost_lines(
            "electricity", "opex", billed, amount=kwh[paid], price=price, unit="kWh", items="sk", source=source
        )


def energy_at_the_meter(model: Model) -> Iterator[tuple[View, Floats]]:
    """Yield the entries of fleet and own with the kWh, at the meter, of a unit of each: idle servers, GPUs at work."""
    case = model.case
    pue = np.array([site.pue for site in case.sites])
    idle = np.array([server.idle_kw for server in case.servers])
    busy = np.array([(server.active_kw - server.idle_kw) / server.gpus for server in case.servers])
    if model.has("fleet"):
        fleet = model["fleet"].view
        yield fleet, idle[fleet.keys["k"]] * case.demand.month_hours[fleet.keys["t"]] * pue[fleet.keys["s"]]
    if model.has("own"):
        own = model["own"].hourly
        yield own, busy[own.keys["k"]] * case.demand.hours[own.keys["g"]] * pue[own.keys["s"]]
