"""shared_storage: share of storage beside the servers, for each server ordered."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines
from planner.costs.purchase import per_order
from planner.decisions import Model


def shared_storage(model: Model) -> Iterator[CostLines]:
    """storage[k,t] · buy[k,s,t], at the start of the month of the order."""
    yield per_order(model, "shared_storage", "storage")
