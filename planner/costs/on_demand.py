"""on_demand: on-demand capacity, on the demand curve."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines, cost_lines
from planner.costs.rented import billed, billed_standby, rate_rows, rates
from planner.decisions import Model


def on_demand(model: Model) -> Iterator[CostLines]:
    """on_demand_price[o,t] · hours[g] · on_demand[o,w,t,g] (and standby that is billed)."""
    if not model.case.offers:
        return
    parts = [billed(model, "on_demand")]
    if not model.has("on_demand_instances"):  # whole instances hold their standby too
        standby = billed_standby(model)
        parts.append((standby, model.case.demand.hours[standby.keys["g"]]))
    for one, gpu_hours in parts:
        yield cost_lines("on_demand", "opex", one, amount=gpu_hours,
                         price=rates(model, "on_demand")[one.keys["o"], one.keys["t"]], unit="GPU-hour", items="o",
                         source=rate_rows(model, "on_demand"))  # fmt: skip
