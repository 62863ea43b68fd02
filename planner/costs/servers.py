"""servers: price × servers ordered, paid with the order."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines
from planner.costs.purchase import per_order
from planner.decisions import Model


def servers(model: Model) -> Iterator[CostLines]:
    """purchase[k,t] · buy[k,s,t], at the start of the month of the order."""
    yield per_order(model, "servers", "purchase")
