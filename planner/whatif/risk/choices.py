"""What could be decided now: of today's plan, of each baseline, and what is best if every driver becomes its mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from planner.analysis.infeasible import why_infeasible
from planner.analysis.relaxed import WITHOUT_A_PURCHASE
from planner.analysis.study import Study
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.errors import InfeasibleError
from planner.model.solve import Effort
from planner.program import Floats
from planner.whatif.base import Base, Settings
from planner.whatif.basis import nodes_for, nonzeros
from planner.whatif.points import OPTIONS, Points
from planner.whatif.risk.programs import GAP, Programs, build_programs
from planner.whatif.risk.shared import Key, first_stage, named
from planner.whatif.risk.solver import Solver

WAIT, BUY, MEAN, PLAN = "wait", "buy", "mean", "plan"
_ANY = 1e-6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Decisions taken now.

    Attributes
    ----------
    first : array [shared decision]
    option : what stays left out also when the future is known, one of programs.CLOSING; or nothing
    also : other names of a choice that decides the same
    """

    name: str
    first: Floats
    option: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Untold:
    """A choice whose costs cannot be told, and why."""

    choice: str
    reason: str


def solve_today(base: Base) -> tuple[Study, bool]:
    """Return today's plan and its baselines, and whether they are in whole numbers, which small ones are.

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules.
    """
    case = base.case()
    size = nonzeros(case)
    whole = size <= WHOLE_UP_TO_NONZEROS
    study = Points(base, OPTIONS, Effort(GAP, math.inf, nodes=nodes_for(size)) if whole else None).solve(case)
    if study is None:
        raise InfeasibleError(why_infeasible(case, base.case))
    return study, whole


def choices_of(study: Study, programs: Programs, months: int) -> tuple[list[Choice], list[Untold]]:
    """Return what today's plan and each baseline decide now, and what of them cannot be decided in every future."""
    found: list[Choice] = []
    untold: list[Untold] = []
    columns = first_stage(study.built.model, months)
    for name in (PLAN, WITHOUT_A_PURCHASE, "cloud", "on_demand"):
        outcome, option = study.outcomes.get(name), "" if name == PLAN else name
        if outcome is None or (option and any(option not in one.closed for one in programs.each)):
            continue
        decided = {key: float(outcome.answer.x[column]) for key, column in columns.items()}
        one = _shared(programs, name, decided, option)
        if isinstance(one, Untold):
            untold.append(one)
        else:
            found.append(one)
    return found, untold


def _shared(programs: Programs, name: str, decided: Mapping[Key, float], option: str = "") -> Choice | Untold:
    """Return what a plan decides now as one choice; it is none where some futures lack an order of it."""
    missing = [named(key) for key, amount in decided.items() if key not in programs.keys and amount > _ANY]
    if missing:
        return Untold(name, f"some futures do not have what it decides: {', '.join(missing)}")
    first = programs.rounded(np.array([decided.get(key, 0.0) for key in programs.keys]))
    return Choice(name, first, option)


def mean_choice(base: Base, mean: Settings, programs: Programs, whole: bool, months: int) -> Choice | Untold:
    """Return what is best now if every driver becomes its mean."""
    one = build_programs(base, [mean], months)
    found = Solver(one, whole).reply(0)
    if found is None:
        return Untold(MEAN, "no plan obeys every rule then")
    return _shared(programs, MEAN, dict(zip(one.keys, found.x[one.each[0].first].tolist(), strict=True)))
