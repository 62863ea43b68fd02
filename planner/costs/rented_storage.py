"""rented_storage: storage that goes with rented GPUs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.licences import RENTED
from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def rented_storage(model: Model) -> Iterator[CostLines]:
    """storage_price[o,t] · GB per GPU[w] · hours[g] ÷ hours[t] · every rented GPU of w."""
    case, demand = model.case, model.case.demand
    gb = np.array([float(w.storage_gb_per_gpu) for w in case.scenario.workloads])
    known = [offer.storage_per_gb_month for offer in case.offers]
    price = np.array([np.zeros(case.horizon) if one is None else one.values for one in known])
    source = ["" if one is None else " × ".join(one.rows) for one in known]
    for view in model.views(*RENTED):
        view = view.where(gb[view.keys["w"]] > 0)
        share = demand.hours[view.keys["g"]] / demand.month_hours[view.keys["t"]]
        yield cost_lines(
            "rented_storage",
            "opex",
            view,
            amount=gb[view.keys["w"]] * share,
            price=price[view.keys["o"], view.keys["t"]],
            unit="GB-month",
            items="o",
            source=source,
        )
