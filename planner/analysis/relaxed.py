"""Cases that differ little, solved one after another as relaxations: one program is kept alive in the solver.

Costs, bounds, limits and coefficients of the program are replaced, and each option starts from the basis that it had in
the first case; `buy`, which has but one limit more, from that of the plan. So an answer depends on its case alone,
whatever was solved before it, and by whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from planner.analysis.by_hour import group_hours
from planner.analysis.options import RESTRICTIONS, Restriction, bounds, new_purchases
from planner.analysis.study import Outcome, Study, ask_for_purchases
from planner.case import Case
from planner.decisions import Model
from planner.model.build import Built, build
from planner.model.highs import Live, Solution
from planner.model.solve import Answer
from planner.program import Floats

WITHOUT_A_PURCHASE, BUY = "without_a_purchase", "buy"
_DUST = 1e-9
"""By which the solver lets a column leave its bounds."""


class Relaxations:
    """Solves options of cases that are like `base`.

    Parameters
    ----------
    base : the case from whose bases all others start
    options : names as in Study.outcomes, and `without_a_purchase`; the plan is always one
    """

    def __init__(self, base: Case, options: Sequence[str]) -> None:
        self._hours = group_hours(base)
        built = build(self._grouped(base))
        self._options = ("plan", *(name for name in options if name != "plan"))
        self._live, self._cost = Live(built.arrays), built.arrays.cost
        self._bases: dict[str, Any] = {}
        for name in self._options:
            if name != BUY and (limits := _limits(built, name)) is not None:
                self._live.forget()
                _limit(built, self._live, *limits)
                if self._live.solve() is not None:
                    self._bases[name] = self._live.basis()

    def study(self, case: Case) -> Study:
        """Return the options of `case`, each with fractions of what is whole; a plan that is not feasible is None."""
        built = build(self._grouped(case))
        known = self._live.become(built.arrays)
        live = self._live if known else Live(built.arrays)
        outcomes: dict[str, Outcome | None] = {}
        plan: Solution | None = None
        near: Any = None
        for name in self._options:
            limits = _limits(built, name)
            outcomes[name] = None
            if limits is None or (plan is None and name != "plan"):
                continue
            if plan is not None and _within(built, plan.x, *limits):
                outcomes[name] = outcomes["plan"]
                continue
            _limit(built, live, *limits)
            if name == BUY:
                found = live.solve_from(near, built.arrays.cost)
            else:
                found = self._solve(live, self._bases.get(name) if known else None)
            if name == "plan":
                plan, near = found, live.basis()
            outcomes[name] = None if found is None else _outcome(built, found)
        return Study(built.model.case, built, outcomes, {}, live, self._hours)

    def _solve(self, live: Live, basis: Any) -> Solution | None:
        if basis is None:
            live.forget()
            return live.solve()
        return live.solve_from(basis, self._cost)

    def _grouped(self, case: Case) -> Case:
        """Return `case` with its hours merged as those of the base, or in its own way where they are others."""
        hours = self._hours
        if hours is not None and len(hours.fine.hours) != len(case.demand.hours):
            hours = group_hours(case)
        return case if hours is None else replace(hours, fine=case.demand).of(case)


_Limits = tuple[Floats, Floats, float]
"""Lower and upper bounds of columns, and how many servers must be bought at least."""


def _limits(built: Built, name: str) -> _Limits | None:
    """Return what limits an option; None where it cannot exist."""
    lower, upper = built.arrays.lower, built.arrays.upper
    if name in ("plan", BUY):
        possible = name == "plan" or new_purchases(built.model).any()
        return (lower, upper, float(name == BUY)) if possible else None
    restriction = _restriction(built.model, name)
    low, high = bounds(lower, upper, restriction)
    return None if restriction.reason or (low > high).any() else (low, high, 0.0)


def _restriction(model: Model, name: str) -> Restriction:
    return Restriction(new_purchases(model)) if name == WITHOUT_A_PURCHASE else RESTRICTIONS[name](model)


def _within(built: Built, x: Floats, lower: Floats, upper: Floats, bought: float) -> bool:
    """Say whether plan `x` keeps to limits: then no other is better within them."""
    new = new_purchases(built.model)
    return bool((x >= lower - _DUST).all() and (x <= upper + _DUST).all() and x[new].sum() >= bought)


def _limit(built: Built, live: Live, lower: Floats, upper: Floats, bought: float) -> None:
    if lower is not live.arrays.lower or upper is not live.arrays.upper:
        live.set_bounds(lower, upper)
    ask_for_purchases(built, live, bought)


def _outcome(built: Built, found: Solution) -> Outcome:
    answer = Answer(found.x, found.objective, found, found.objective, found.objective)
    return Outcome(answer, built)
