"""From a case to its program: decisions, then costs, then rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from planner.case import Case
from planner.costs import CostLines, all_cost_lines
from planner.costs.lines import discount
from planner.decisions import Model, decide_all
from planner.eligibility import eligible
from planner.model.constraints import BUDGETS, RULES
from planner.program import Arrays, Floats


@dataclass(frozen=True)
class Built:
    """A complete program: the model, its cost lines, their discount factors, and the arrays for the solver."""

    model: Model
    lines: list[CostLines]
    factors: list[Floats]
    arrays: Arrays


def build(case: Case, *, without: Collection[str] = ()) -> Built:
    """Build the program of `case`; `without` names rules to leave out, for finding out which of them clash."""
    model = decide_all(case, eligible(case))
    lines = all_cost_lines(model)
    start_of_month = case.scenario.finance.running_costs == "start_of_month"
    factors = [discount(one, case.horizon, case.wacc, "start" if start_of_month else "end") for one in lines]
    for one, factor in zip(lines, factors, strict=True):
        model.program.add_cost(one.view, one.usd * factor)
    for rule in RULES:
        if rule.__name__ not in without:
            rule(model)
    for budget in BUDGETS:
        if budget.__name__ not in without:
            budget(model, lines)
    return Built(model, lines, factors, model.program.arrays())
