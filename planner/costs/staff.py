"""staff: people, fully loaded, by the month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def staff(model: Model) -> Iterator[CostLines]:
    """salary[p,t] · burden[p] ÷ 12 · staff[p,t]."""
    case, view = model.case, model["staff"].view
    if not len(view):
        return
    price = np.array([pool.usd_per_month.values for pool in case.pools])
    yield cost_lines("staff", "opex", view, price=price[view.keys["p"], view.keys["t"]], unit="FTE-month", items="p",
                     source=[" × ".join(pool.usd_per_month.rows) for pool in case.pools])  # fmt: skip
