"""From a case to its program: decisions, then costs, then rules."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from planner.case import Case
from planner.costs import CostLines, all_cost_lines
from planner.costs.lines import discount
from planner.decisions import Model, decide_all
from planner.eligibility import eligible
from planner.model.constraints import BUDGETS, RULES
from planner.program import Arrays, Floats


@dataclass(frozen=True)
class Built:
    """A complete program.

    Attributes
    ----------
    model : decisions and rules
    lines, factors : the cost lines, and the discount factor of each of their entries
    arrays : what the solver gets
    formulas : by name of a rule's rows, the docstring of the function that wrote them
    """

    model: Model
    lines: list[CostLines]
    factors: list[Floats]
    arrays: Arrays
    formulas: dict[str, str]


def build(case: Case, *, without: Collection[str] = ()) -> Built:
    """Build the program of `case`; `without` names rules to leave out, for finding out which of them clash."""
    model = decide_all(case, eligible(case))
    lines = all_cost_lines(model)
    start_of_month = case.scenario.finance.running_costs == "start_of_month"
    factors = [discount(one, case.horizon, case.wacc, "start" if start_of_month else "end") for one in lines]
    for one, factor in zip(lines, factors, strict=True):
        model.program.add_cost(one.view, one.usd * factor)
    formulas: dict[str, str] = {}

    def add(rule: Callable[..., None], *given: Any) -> None:
        if rule.__name__ not in without:
            rule(*given)
            new = [name for name in model.program.rules if name not in formulas]
            formulas.update(dict.fromkeys(new, (inspect.getdoc(rule) or "") if new else ""))

    for rule in RULES:
        add(rule, model)
    for budget in BUDGETS:
        add(budget, model, lines)
    return Built(model, lines, factors, model.program.arrays(), formulas)
