"""egress: data sent out of rented capacity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.licences import RENTED
from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model, delivered


def egress(model: Model) -> Iterator[CostLines]:
    """egress_price[o,t] · GB per work unit[w] · speed · hours[g] · every rented GPU of w."""
    case = model.case
    gb = np.array([float(w.egress_gb_per_unit) for w in case.scenario.workloads])
    known = [offer.egress_per_gb for offer in case.offers]
    price = np.array([np.zeros(case.horizon) if one is None else one.values for one in known])
    source = ["" if one is None else " × ".join(one.rows) for one in known]
    for name in RENTED:
        if not model.has(name):
            continue
        view = model[name].hourly
        entries = np.flatnonzero(gb[view.keys["w"]] > 0)
        view, work = view.where(entries), delivered(model, name).coefficients[entries]
        amount = gb[view.keys["w"]] * work * case.demand.hours[view.keys["g"]]
        yield cost_lines("egress", "opex", view, amount=amount, price=price[view.keys["o"], view.keys["t"]], unit="GB",
                         items="o", source=source)  # fmt: skip
