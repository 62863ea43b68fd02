"""api: work served by somebody else's model, by the token."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model
from planner.eligibility import tokens_price


def api(model: Model) -> Iterator[CostLines]:
    """(input + cached input + output price · tokens per work unit) [a,w,t] · hours[g] · api[a,w,t,g]."""
    case, view = model.case, model["api"].hourly
    if not len(view):
        return
    price = np.zeros((len(case.apis), len(case.scenario.workloads), case.horizon))
    for a, w in model.options.api:
        price[a, w] = tokens_price(case, a, w)
    source = [
        " + ".join(row for part in (one.input, one.cached_input, one.output) if part for row in part.rows)
        for one in case.apis
    ]
    yield cost_lines("api", "opex", view, amount=case.demand.hours[view.keys["g"]],
                     price=price[view.keys["a"], view.keys["w"], view.keys["t"]], unit="work unit", items="aw",
                     source=source)  # fmt: skip
