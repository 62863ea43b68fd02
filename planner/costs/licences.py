"""licences: software by owned GPU and year, and by rented GPU-hour where the scenario asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.costs.purchase import by_server, sources
from planner.decisions import Model
from planner.units import MONTHS_PER_YEAR

OWNED_UNIT = "GPU-year"
RENTED = ("committed", "covered", "on_demand", "spot")


def licences(model: Model) -> Iterator[CostLines]:
    """licence[k,t] ÷ 12 · GPUs[k] · fleet[k,s,t], and licence per hour · hours[g] · every rented GPU."""
    case, fleet = model.case, model["fleet"].view
    if len(fleet):
        gpus = np.array([server.gpus for server in case.servers])
        price = by_server(model, "licence_per_gpu_year")[fleet.keys["k"], fleet.keys["t"]]
        yield cost_lines("licences", "opex", fleet, amount=gpus[fleet.keys["k"]] / MONTHS_PER_YEAR, price=price,
                         unit=OWNED_UNIT, items="ks", source=sources(model, "licence_per_gpu_year"))  # fmt: skip
    hourly = float(case.scenario.offers.licence_usd_per_gpu_hour)
    if hourly:
        for view in model.views(*RENTED):
            yield cost_lines("licences", "opex", view, amount=case.demand.hours[view.keys["g"]], price=hourly,
                             unit="GPU-hour", items="o", source=["scenario"] * len(case.offers))  # fmt: skip
