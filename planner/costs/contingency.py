"""contingency: a fraction of capital outlay and project costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from planner.costs.lines import CostLines
from planner.decisions import Model


def contingency(model: Model, others: list[CostLines]) -> Iterator[CostLines]:
    """contingency_fraction · every line of capital outlay (not resale) and of the project, when it is paid."""
    fraction = float(model.case.scenario.contingency_fraction)
    if not fraction:
        return
    for lines in others:
        if (lines.category == "capex" and lines.component != "resale") or lines.component.startswith("project_"):
            yield replace(lines, component="contingency", amount=lines.amount * fraction)
