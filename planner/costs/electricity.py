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
    pue = np.array([site.pue for site in case.sites])
    tariff = np.array([site.electricity.values for site in case.sites])
    metered = np.array([not site.space_includes_electricity for site in case.sites])
    source = [" × ".join((*site.electricity.rows, site.rows[0])) for site in case.sites]
    idle = np.array([server.idle_kw for server in case.servers])
    busy = np.array([(server.active_kw - server.idle_kw) / server.gpus for server in case.servers])

    def lines(view: View, kwh: Floats) -> CostLines:
        site = view.keys["s"]
        return cost_lines("electricity", "opex", view, amount=kwh * pue[site], price=tariff[site, view.keys["t"]],
                          unit="kWh", items="sk", source=source)  # fmt: skip

    fleet = model["fleet"].view
    fleet = fleet.where(metered[fleet.keys["s"]])
    yield lines(fleet, idle[fleet.keys["k"]] * case.demand.month_hours[fleet.keys["t"]])
    own = model["own"].hourly
    own = own.where(metered[own.keys["s"]])
    yield lines(own, busy[own.keys["k"]] * case.demand.hours[own.keys["g"]])
