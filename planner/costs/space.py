"""space: room or colocation, by the kW that a server is rated for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def space(model: Model) -> Iterator[CostLines]:
    """space[s,t] · active_kw[k] · fleet[k,s,t] by the month."""
    case, fleet = model.case, model["fleet"].view
    if not len(fleet):
        return
    price = np.array([site.space_per_kw_month.values for site in case.sites])
    kw = np.array([server.active_kw for server in case.servers])
    yield cost_lines("space", "opex", fleet, amount=kw[fleet.keys["k"]],
                     price=price[fleet.keys["s"], fleet.keys["t"]], unit="kW-month", items="sk",
                     source=[" × ".join(site.space_per_kw_month.rows) for site in case.sites])  # fmt: skip
