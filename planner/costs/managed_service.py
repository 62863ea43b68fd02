"""managed_service: what a managed platform adds to the price of rented capacity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from planner.costs.commitments import commitments
from planner.costs.lines import CostLines
from planner.costs.on_demand import on_demand
from planner.costs.savings_plans import savings_plans
from planner.costs.spot import spot
from planner.decisions import Model


def managed_service(model: Model) -> Iterator[CostLines]:
    """Uplift · every line of on_demand, spot, commitments and savings_plans."""
    uplift = float(model.case.scenario.offers.managed_uplift_fraction)
    if not uplift:
        return
    for component in (on_demand, spot, commitments, savings_plans):
        for lines in component(model):
            yield replace(lines, component="managed_service", amount=lines.amount * uplift)
