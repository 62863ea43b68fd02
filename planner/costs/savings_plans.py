"""savings_plans: committed spend, paid whether used or not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def savings_plans(model: Model) -> Iterator[CostLines]:
    """spend[v,τ] USD/h · (upfront · hours of the term at τ; (1 − upfront) · hours[t] in each month t of the term).

    Of one that runs already only the second part is paid, from the first month on.
    """
    case, view = model.case, model["spend"].view
    if not len(view):
        return
    months = np.array([plan.months for plan in case.savings_plans])
    share = np.array([plan.upfront_fraction for plan in case.savings_plans])
    source = [" × ".join(row for rate in plan.rates.values() for row in rate.rows) for plan in case.savings_plans]
    starts = view.keys["t"]
    ends = starts + months[view.keys["v"]]
    hours = np.array([case.hours_in(t) for t in range(int(ends.max()) + 1)])
    total = np.concatenate([[0.0], np.cumsum(hours)])
    new = starts >= 0
    prepaid = share[view.keys["v"]][new] * (total[ends[new]] - total[starts[new]])
    yield cost_lines("savings_plans", "opex", view.where(new), amount=prepaid, price=1.0, timing="start",
                     unit="USD/h prepaid", items="v", source=source, treatment="spread",
                     spread_months=(ends - starts)[new])  # fmt: skip
    inside = ends if case.scenario.horizon_end == "liquidate" else np.minimum(ends, case.horizon)
    monthly = view.over("m", np.maximum(starts, 0), inside)
    rest = 1 - share[monthly.keys["v"]]
    yield cost_lines("savings_plans", "opex", monthly, amount=rest * hours[monthly.keys["m"]], price=1.0,
                     month=monthly.keys["m"], unit="USD/h committed", items="v", source=source)  # fmt: skip
