"""What could be decided now: of today's plan, of each baseline, of none, and what allows for all futures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.analysis.infeasible import why_infeasible
from planner.analysis.relaxed import BUY, WITHOUT_A_PURCHASE
from planner.analysis.study import Study
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.decisions import Model
from planner.errors import InfeasibleError
from planner.model.solve import Effort
from planner.program import Floats
from planner.whatif.base import Base, Settings
from planner.whatif.points import OPTIONS, Points
from planner.whatif.risk.benders import solve_benders
from planner.whatif.risk.measures import weighed
from planner.whatif.risk.programs import GAP, Key, Programs, Reply, Solver, build_programs, first_stage
from planner.whatif.risk.stochastic import EXTENSIVE_UP_TO_NONZEROS, Search, Stochastic, solve_extensive

WAIT, MEAN, STOCHASTIC, PLAN = "wait", "mean", "stochastic", "plan"
_ANY = 1e-6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Decisions taken now.

    Attributes
    ----------
    first : array [shared decision]
    option : what stays left out also when the future is known, one of programs.CLOSING; or nothing
    """

    name: str
    first: Floats
    option: str = ""

    def same_as(self, other: Choice) -> bool:
        """Say whether another choice decides the same."""
        return self.option == other.option and np.array_equal(self.first, other.first)


def solve_today(base: Base) -> tuple[Study, bool]:
    """Return today's plan and its baselines, and whether they are in whole numbers, which small ones are.

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules.
    """
    case = base.case()
    study = Points(base).solve(case)
    if study is None:
        raise InfeasibleError(why_infeasible(case, base.case))
    if len(study.built.arrays.values) > WHOLE_UP_TO_NONZEROS:
        return study, False
    found = Points(base, OPTIONS, Effort(gap=GAP)).solve(case)
    if found is None:
        raise InfeasibleError(why_infeasible(case, base.case))
    return found, True


def first_of(model: Model, x: Floats, keys: tuple[Key, ...], months: int) -> Floats:
    """Return the shared decisions of plan `x`."""
    columns = first_stage(model, months)
    return np.array([x[columns[key]] if key in columns else 0.0 for key in keys])


def choices_of(study: Study, programs: Programs, months: int) -> list[Choice]:
    """Return what today's plan, the best plan with a purchase and each baseline decide now; and to decide nothing."""
    left_out = {"cloud": "cloud", "on_demand": "on_demand", WITHOUT_A_PURCHASE: WITHOUT_A_PURCHASE}
    found: list[Choice] = []
    for name in (PLAN, BUY, *left_out):
        outcome, option = study.outcomes.get(name), left_out.get(name, "")
        if outcome is None or (option and any(option not in one.closed for one in programs.each)):
            continue
        first = np.clip(first_of(study.built.model, outcome.answer.x, programs.keys, months), 0.0, None)
        if name != BUY or not np.array_equal(first, found[0].first):
            found.append(Choice(name, first, option))
    return [*found, Choice(WAIT, np.zeros(len(programs.keys)))]


def mean_choice(base: Base, mean: Settings, programs: Programs, whole: bool, months: int) -> Choice | None:
    """Return what is best now if every driver becomes its mean; None where nothing obeys the rules then."""
    one = build_programs(base, [mean], months)
    found = Solver(one, whole).reply(0)
    if found is None:
        return None
    decided = dict(zip(one.keys, found.x[one.each[0].first].tolist(), strict=True))
    return Choice(MEAN, np.array([max(0.0, decided.get(key, 0.0)) for key in programs.keys]))


def buys_now(programs: Programs, choice: Choice) -> bool:
    """Say whether a choice orders a server now."""
    return any(key[0] == "buy" and amount > _ANY for key, amount in zip(programs.keys, choice.first, strict=True))


@dataclass(frozen=True)
class Tried:
    """A choice, what it costs in each future, and how each answers it."""

    choice: Choice
    usd: Floats
    replies: list[Reply | None]


def best_choice(
    programs: Programs, least: Floats, tried: Iterable[Tried], *, whole: bool, method: str, aversion: float,
    alpha: float, seconds: float,
) -> Stochastic | None:  # fmt: skip
    """Return the stochastic plan; None where no shared decisions hold in all futures.

    In whole numbers it is sought from the best of the choices tried, and never dearer.

    Parameters
    ----------
    least : cost of each future when it is known beforehand
    """
    if method == "auto":
        method = "extensive" if whole or programs.nonzeros <= EXTENSIVE_UP_TO_NONZEROS else "benders"
    if method == "benders":
        return solve_benders(programs, aversion, alpha, least)
    if not whole:
        return solve_extensive(programs, aversion, alpha)
    open_ = (one for one in tried if not one.choice.option and np.isfinite(one.usd).all())
    start = min(open_, key=lambda one: weighed(one.usd, aversion, alpha), default=None)
    replies = None if start is None else [one for one in start.replies if one is not None]
    found = solve_extensive(programs, aversion, alpha, Search(GAP, seconds, replies))
    bound = max(weighed(least, aversion, alpha) * (1 - GAP), -np.inf if found is None else found.bound)
    known = [found] if found is not None else []
    if start is not None:
        usd = weighed(start.usd, aversion, alpha)
        known.append(Stochastic(start.choice.first, start.usd, usd, bound, "extensive"))
    best = min(known, key=lambda one: one.objective, default=None)
    return None if best is None else replace(best, bound=min(bound, best.objective))
