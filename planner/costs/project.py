"""project: data, labor, migration, fit-out and other costs of the undertaking, paid always or only with a purchase.

The fit-out of a room is capital outlay, paid at the start of its month; it belongs to no server.
"""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def project(model: Model) -> Iterator[CostLines]:
    """Usd per month · always, bought, or settled[s], in each of its months."""
    case = model.case
    for index, cost in enumerate(case.scenario.project):
        if cost.site is not None:
            rooms = model["settled"].view
            decision = rooms.where([case.sites[s].id == cost.site for s in rooms.keys["s"]])
        else:
            decision = model["always" if cost.when == "always" else "bought"].view
        view = decision.over("t", cost.start_month, min(cost.start_month + cost.months, case.horizon))
        built = cost.category == "fit_out"
        yield cost_lines(f"project_{cost.category}", "capex" if built else "opex", view.with_keys(j=index),
                         price=float(cost.usd_per_month), timing="start" if built else "running", unit="month",
                         items="j", source=[f"scenario: {one.source}" for one in case.scenario.project],
                         treatment="capitalised" if built else "expensed")  # fmt: skip
