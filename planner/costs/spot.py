"""spot: interruptible capacity."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines, cost_lines
from planner.costs.rented import billed, rate_rows, rates
from planner.decisions import Model


def spot(model: Model) -> Iterator[CostLines]:
    """spot_price[o,t] · hours[g] · spot[o,w,t,g]."""
    if not model.case.offers:
        return
    view, amount = billed(model, "spot")
    yield cost_lines("spot", "opex", view, amount=amount, price=rates(model, "spot")[view.keys["o"], view.keys["t"]],
                     unit="GPU-hour", items="o", source=rate_rows(model, "spot"))  # fmt: skip
