"""network: share of switches, cables and optics, for each server ordered."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines
from planner.costs.purchase import per_order
from planner.decisions import Model


def network(model: Model) -> Iterator[CostLines]:
    """network[k,t] · buy[k,s,t], at the start of the month of the order."""
    yield per_order(model, "network", "network")
