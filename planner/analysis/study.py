"""One scenario, solved: the plan, the option `buy` and every baseline, each with its ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from planner.analysis.by_hour import Held, Hours, Limits, Say, group_hours, hold, in_groups
from planner.analysis.infeasible import Rebuild, why_infeasible, why_not_option
from planner.analysis.options import RESTRICTIONS, Restriction, bounds
from planner.case import Case
from planner.decisions import Model
from planner.errors import InfeasibleError
from planner.ledger import build_ledger
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Answer, Effort, NotFoundError, solve
from planner.program import Floats


@dataclass(frozen=True)
class Outcome:
    """One option with its plan in columns, and its ledger, which is made when it is asked for."""

    answer: Answer
    built: Built

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """What the plan costs."""
        return build_ledger(self.built, self.answer.x)


@dataclass(frozen=True)
class Study:
    """Everything that was solved for a case.

    Attributes
    ----------
    outcomes : by name: plan, buy, self_hosted, on_demand, cloud, api, existing; None where it cannot exist
    reasons : why an outcome is None
    live : the program, kept for further questions
    hours : how its hours are merged; None where they are not
    """

    case: Case
    built: Built
    outcomes: dict[str, Outcome | None]
    reasons: dict[str, str]
    live: Live
    hours: Hours | None = None

    @property
    def asked(self) -> Case:
        """The case with every hour that differs apart."""
        return self.case if self.hours is None else replace(self.case, demand=self.hours.fine)

    @property
    def plan(self) -> Outcome:
        """The cheapest plan."""
        outcome = self.outcomes["plan"]
        assert outcome is not None
        return outcome


def solve_case(
    case: Case, effort: Effort, say: Say = lambda text: None, rebuild: Rebuild | None = None,
    baselines: Collection[str] = tuple(RESTRICTIONS), known: Sequence[Floats] = (),
) -> Study:  # fmt: skip
    """Solve `case`, its baselines first: each is a start for the plan, which is therefore never dearer.

    Many hours are merged for the program; every option is then made to hold in each true hour.

    Parameters
    ----------
    rebuild : builds the case with changes of the scenario, so that ways out can be tried where no plan exists
    baselines : those to solve; the others are left out
    known : plans by column that are starts too; of use where hours are not merged only

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules.
    """
    hours = group_hours(case, say)
    if hours is not None:
        case, effort = hours.of(case), replace(effort, deciding=False)  # only plans can be made to hold
    solved = _solve(build(case), effort, say, baselines, known if hours is None else ())
    if hours is not None and solved.answers["plan"] is not None:
        hours, solved = _by_the_hour(case, hours, solved, effort, say)
    if solved.answers["plan"] is None:
        say("no plan obeys every rule; looking for ways out")
        raise InfeasibleError(why_infeasible(case, rebuild and merging(rebuild)))
    outcomes = {name: Outcome(answer, solved.built) if answer else None for name, answer in solved.answers.items()}
    return Study(solved.built.model.case, solved.built, outcomes, solved.reasons, solved.live, hours)


def merging(rebuild: Rebuild) -> Rebuild:
    """Return `rebuild` with many hours merged: ways out are many programs."""

    def merged(settings: Sequence[str]) -> Case:
        case = rebuild(settings)
        hours = group_hours(case)
        return case if hours is None else hours.of(case)

    return merged


@dataclass(frozen=True)
class _Solved:
    """The answers of every option to one program."""

    built: Built
    live: Live
    answers: dict[str, Answer | None]
    reasons: dict[str, str]


def _solve(
    built: Built, effort: Effort, say: Say, baselines: Collection[str], known: Sequence[Floats] = ()
) -> _Solved:  # fmt: skip
    """Solve `baselines` of `built`, then the plan, then `buy`."""
    live = Live(built.arrays)
    lower, upper = built.arrays.lower, built.arrays.upper
    answers: dict[str, Answer | None] = {}
    reasons: dict[str, str] = {}
    for name in (name for name in RESTRICTIONS if name in baselines):
        restrict = RESTRICTIONS[name]
        say(f"solving {name.replace('_', '-')}")
        restriction = restrict(built.model)
        answers[name] = None
        if restriction.reason:
            reasons[name] = restriction.reason
            continue
        low, high = bounds(lower, upper, restriction)
        less = replace(effort, search=len(built.arrays.values) <= SEARCHED_UP_TO_NONZEROS)
        try:
            answers[name] = solve(built, live, low, high, less) if (low <= high).all() else None
        except NotFoundError as error:
            reasons[name] = str(error)
            continue
        if answers[name] is None:
            reasons[name] = "cannot obey every rule of the scenario"
            if less.search and (why := _why_not(built.model.case, restrict)):
                reasons[name] += f": {why}"
    say("solving the plan")
    starts = [*known, *(answer.x for answer in answers.values() if answer)]
    plan = solve(built, live, lower, upper, effort, starts)
    answers["plan"] = plan
    if plan is not None:
        others = [*answers.values()]
        answers["buy"], why_not_buy = _with_a_purchase(built, live, plan, effort, starts, others)
        reasons.update(why_not_buy)
        answers = {name: _bounded(answer, plan) for name, answer in answers.items()}
    live.set_bounds(lower, upper)
    return _Solved(built, live, answers, reasons)


def _bounded(answer: Answer | None, plan: Answer) -> Answer | None:
    """Return `answer` with the bound of the plan where that is higher: no option is cheaper than what all may do."""
    if answer is None or answer.solver_bound >= plan.solver_bound:
        return answer
    return replace(answer, solver_bound=plan.solver_bound)


def _why_not(case: Case, restrict: Callable[[Model], Restriction]) -> str:
    return why_not_option(case, lambda model: restrict(model).closed)


def _by_the_hour(case: Case, hours: Hours, solved: _Solved, effort: Effort, say: Say) -> tuple[Hours, _Solved]:
    """Cut groups of hours until every option holds in each true hour, with the whole numbers that were found for it."""
    held: dict[str, Held] = {}
    reasons = dict(solved.reasons)
    for name, answer in solved.answers.items():
        if answer is not None and (name != "buy" or answer is not solved.answers["plan"]):
            one = hold(case, hours, solved.built, answer, _limits(name), effort, _saying(say, name))
            if one is None:
                reasons[name] = "cannot obey every rule of the scenario in every hour"
            else:
                held[name] = one
    final = hours.cut([one.hours.group for one in held.values()])
    built = build(final.of(case))
    live = Live(built.arrays)
    answers: dict[str, Answer | None] = dict.fromkeys(solved.answers)
    for name, one in held.items():
        _saying(say, name)("all hours")
        answers[name] = in_groups(one, final, built, live, _limits(name))
    live.set_bounds(built.arrays.lower, built.arrays.upper)
    final = replace(final, violation=max((one.found.violation for one in held.values()), default=0.0))
    return final, _Solved(built, live, _never_dearer(built, answers), reasons)


def _never_dearer(built: Built, answers: dict[str, Answer | None]) -> dict[str, Answer | None]:
    """Return `answers` with the cheapest of them as plan, and the cheapest that buys as `buy`.

    To hold in every hour may have cost the plan more than another option.
    """
    plan, known = answers["plan"], [one for one in answers.values() if one is not None]
    if plan is None:
        return answers
    best = min(known, key=lambda one: one.objective)
    if best.objective < plan.objective:
        plan = replace(plan, x=best.x, objective=best.objective)
    buying = [plan, *known] if buys(built, plan.x) else known
    buy = min((one for one in buying if buys(built, one.x)), key=lambda one: one.objective, default=None)
    return answers | {"plan": plan, "buy": buy}


def _saying(say: Say, name: str) -> Say:
    return lambda text: say(f"hour by hour, {name.replace('_', '-')}: {text}")


def _limits(name: str) -> Limits:
    """Return what limits an option: columns that are closed, or for `buy` a row."""

    def limit(built: Built, live: Live) -> tuple[Floats, Floats]:
        lower, upper = built.arrays.lower, built.arrays.upper
        ask_for_purchases(built, live, float(name == "buy"))
        return bounds(lower, upper, RESTRICTIONS[name](built.model)) if name in RESTRICTIONS else (lower, upper)

    return limit


def ask_for_purchases(built: Built, live: Live, servers: float) -> bool:
    """Let a plan order at least so many servers; false where none can be bought."""
    rule = built.model.program.rules.get("something_is_bought")
    if rule is not None:
        live.set_row(rule.start, servers, np.inf)
    return rule is not None


def buys(built: Built, x: Floats) -> bool:
    """Say whether plan `x` orders any server, or a part of one where servers need not be whole."""
    return servers_bought(built, x) > 1e-6


def servers_bought(built: Built, x: Floats) -> float:
    """Number of servers that plan `x` orders."""
    block = built.model["buy"]
    new = np.array([cohort.fixed is None for cohort in built.model.cohorts], bool)
    return float(x[block.columns][new].sum())


def _with_a_purchase(
    built: Built, live: Live, plan: Answer, effort: Effort, starts: list[Floats], others: list[Answer | None],
) -> tuple[Answer | None, dict[str, str]]:  # fmt: skip
    """Return the plan where it buys; else the cheapest known plan that buys, or orders at once and keeps a server."""
    if buys(built, plan.x):
        return plan, {}
    if not ask_for_purchases(built, live, 1.0):
        return None, {"buy": "no server can be bought"}
    arrays = built.arrays
    answer, reason = None, "no plan with a purchase obeys every rule of the scenario"
    try:
        answer = solve(built, live, arrays.lower, arrays.upper, effort, starts, plan)
    except NotFoundError as error:
        reason = str(error)
    ask_for_purchases(built, live, 0.0)
    known = [one for one in (answer, *others) if one is not None and buys(built, one.x)]
    answer = min(known, key=lambda one: one.objective, default=None)
    return answer, {} if answer else {"buy": reason}
