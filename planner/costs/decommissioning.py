"""decommissioning: removal of a server when it is sold, retires, or is valued at the horizon's end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.costs.purchase import by_server, sources
from planner.decisions import Model


def decommissioning(model: Model) -> Iterator[CostLines]:
    """decommissioning[k,t] · (sell[h,t] + kept[h] at retirement or at H).

    Servers in service at the horizon's end are charged too: their worth there is resale less removal, so that a
    longer horizon without demand, in which they would be sold at once, costs the same.
    """
    case, last = model.case, model.case.horizon - 1
    price, source = by_server(model, "decommissioning"), sources(model, "decommissioning")
    sell, kept = model["sell"].view, model["kept"].view
    yield cost_lines("decommissioning", "opex", sell, price=price[sell.keys["k"], sell.keys["t"]], timing="start",
                     unit="server", items="ks", source=source, treatment="disposal")  # fmt: skip
    retires = model.retires[kept.keys["h"]]
    for inside in (True, False):
        part = kept.where((retires < case.horizon) == inside)
        month = np.clip(retires[(retires < case.horizon) == inside], 0, case.horizon)
        yield cost_lines("decommissioning", "opex", part, price=price[part.keys["k"], np.minimum(month, last)],
                         month=month, timing="start" if inside else "horizon", unit="server", items="ks",
                         source=source, treatment="disposal")  # fmt: skip
