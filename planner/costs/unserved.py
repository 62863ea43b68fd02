"""unserved: work left undone, where the scenario gives it a price."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def unserved(model: Model) -> Iterator[CostLines]:
    """Price of a work unit[w] · hours[g] · unserved[w,t,g]."""
    case, view = model.case, model["unserved"].hourly
    if not len(view):
        return
    price = np.array([float(w.unserved_usd_per_unit or 0) for w in case.scenario.workloads])
    yield cost_lines("unserved", "opex", view, amount=case.demand.hours[view.keys["g"]], price=price[view.keys["w"]],
                     unit="work unit", items="w", source=["scenario"] * len(price), treatment="neither")  # fmt: skip
