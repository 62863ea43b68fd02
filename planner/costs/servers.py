"""servers: price × servers ordered, paid with the order; a lessor pays for those that are given back."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.financing import leased
from planner.costs.lines import CostLines
from planner.costs.purchase import per_order
from planner.decisions import Model


def servers(model: Model) -> Iterator[CostLines]:
    """purchase[k,t] · buy[k,s,t], at the start of the month of the order, but for operating leases."""
    lines = per_order(model, "servers", "purchase")
    yield lines.where(~leased(model)[lines.view.keys["h"]])
