"""installation: racking, cabling and acceptance tests, for each server ordered."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines
from planner.costs.purchase import per_order
from planner.decisions import Model


def installation(model: Model) -> Iterator[CostLines]:
    """installation[k,t] · buy[k,s,t], at the start of the month of the order."""
    yield per_order(model, "installation", "installation")
