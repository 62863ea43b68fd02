"""One scenario, solved: the plan, the option `buy` and every baseline, each with its ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.analysis.infeasible import Rebuild, why_infeasible, why_not_option
from planner.analysis.options import RESTRICTIONS, bounds
from planner.case import Case
from planner.errors import InfeasibleError
from planner.ledger import build_ledger
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Answer, Effort, solve
from planner.program import Floats


@dataclass(frozen=True)
class Outcome:
    """One option with its plan in columns and its ledger."""

    answer: Answer
    ledger: pd.DataFrame


@dataclass(frozen=True)
class Study:
    """Everything that was solved for a case.

    Attributes
    ----------
    outcomes : by name: plan, buy, self_hosted, on_demand, cloud, api, existing; None where it cannot exist
    reasons : why an outcome is None
    live : the program, kept for further questions
    """

    case: Case
    built: Built
    outcomes: dict[str, Outcome | None]
    reasons: dict[str, str]
    live: Live

    @property
    def plan(self) -> Outcome:
        """The cheapest plan."""
        outcome = self.outcomes["plan"]
        assert outcome is not None
        return outcome


def solve_case(
    case: Case, effort: Effort, say: Callable[[str], None] = lambda text: None, rebuild: Rebuild | None = None
) -> Study:
    """Solve `case`, its baselines first: each is a start for the plan, which is therefore never dearer.

    Parameters
    ----------
    rebuild : builds the case with changes of the scenario, so that ways out can be tried where no plan exists

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules.
    """
    built = build(case)
    live = Live(built.arrays)
    lower, upper = built.arrays.lower, built.arrays.upper
    answers: dict[str, Answer | None] = {}
    reasons: dict[str, str] = {}
    for name, restrict in RESTRICTIONS.items():
        say(f"solving {name.replace('_', '-')}")
        restriction = restrict(built.model)
        answers[name] = None
        if restriction.reason:
            reasons[name] = restriction.reason
            continue
        low, high = bounds(lower, upper, restriction)
        less = replace(effort, search=len(built.arrays.values) <= SEARCHED_UP_TO_NONZEROS)
        answers[name] = solve(built, live, low, high, less) if (low <= high).all() else None
        if answers[name] is None:
            reasons[name] = "cannot obey every rule of the scenario"
            if less.search and (why := why_not_option(case, lambda model, of=restrict: of(model).closed)):  # type: ignore[misc]
                reasons[name] += f": {why}"
    say("solving the plan")
    starts = [answer.x for answer in answers.values() if answer]
    plan = solve(built, live, lower, upper, effort, starts)
    if plan is None:
        say("no plan obeys every rule; looking for ways out")
        raise InfeasibleError(why_infeasible(case, rebuild))
    answers["plan"] = plan
    answers["buy"], reasons_of_buy = _with_a_purchase(built, live, plan, effort, starts, [*answers.values()])
    reasons.update(reasons_of_buy)
    live.set_bounds(lower, upper)
    outcomes = {
        name: Outcome(answer, build_ledger(built, answer.x)) if answer else None for name, answer in answers.items()
    }
    return Study(case, built, outcomes, reasons, live)


def buys(built: Built, x: Floats) -> bool:
    """Say whether plan `x` orders any server, or a part of one where servers need not be whole."""
    return servers_bought(built, x) > 1e-6


def servers_bought(built: Built, x: Floats) -> float:
    """Number of servers that plan `x` orders."""
    block = built.model["buy"]
    new = np.array([cohort.fixed is None for cohort in built.model.cohorts], bool)
    return float(x[block.columns][new].sum())


def _with_a_purchase(
    built: Built, live: Live, plan: Answer, effort: Effort, starts: list[Floats], others: list[Answer | None]
) -> tuple[Answer | None, dict[str, str]]:
    """Return the plan where it buys; else the cheapest known plan that buys, or orders at once and keeps a server."""
    if buys(built, plan.x):
        return plan, {}
    rule = built.model.program.rules.get("something_is_bought")
    if rule is None:
        return None, {"buy": "no server can be bought"}
    live.set_row(rule.start, 1.0, np.inf)
    arrays = built.arrays
    answer = solve(built, live, arrays.lower, arrays.upper, effort, starts)
    live.set_row(rule.start, 0.0, np.inf)
    known = [one for one in (answer, *others) if one is not None and buys(built, one.x)]
    answer = min(known, key=lambda one: one.objective, default=None)
    return answer, {} if answer else {"buy": "no plan with a purchase obeys every rule of the scenario"}
