"""project: data, labor, migration and other costs of the undertaking, paid always or only when anything is bought."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model


def project(model: Model) -> Iterator[CostLines]:
    """Usd per month · always or bought, in each of its months."""
    case = model.case
    for index, cost in enumerate(case.scenario.project):
        decision = model["always" if cost.when == "always" else "bought"].view
        view = decision.over("t", cost.start_month, min(cost.start_month + cost.months, case.horizon))
        yield cost_lines(f"project_{cost.category}", "opex", view.with_keys(j=index), price=float(cost.usd_per_month),
                         unit="month", items="j",
                         source=[f"scenario: {one.source}" for one in case.scenario.project])  # fmt: skip
