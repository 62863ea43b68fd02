"""The question that `planner sensitivity` and `planner switch` ask: about which drivers, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from planner.analysis.infeasible import why_infeasible
from planner.analysis.options import RESTRICTIONS
from planner.analysis.relaxed import BUY, WITHOUT_A_PURCHASE
from planner.analysis.study import Study, merging
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.case import Case
from planner.errors import Complaint, InfeasibleError, InputError, Place
from planner.model.solve import Effort
from planner.whatif.base import Base, Settings
from planner.whatif.basis import Ask, effort_for, nonzeros, whole_numbers
from planner.whatif.drivers import Driver, drivers, row_drivers
from planner.whatif.job import answered
from planner.whatif.points import Point, Points
from planner.whatif.runner import How, run

DECIDING = (WITHOUT_A_PURCHASE, BUY)
"""The options that a decision needs."""
FEW = 16
"""Scenarios that this process answers faster than workers that have to be started."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """What both commands start from.

    Attributes
    ----------
    size : nonzeros of the program
    effort : in whole numbers, or None for relaxations
    """

    base: Base
    case: Case
    size: int
    effort: Effort | None

    def today(self) -> Study:
        """Return the scenario itself, whatever the others are solved as: in whole numbers, with all its baselines.

        Raises
        ------
        InfeasibleError
            when nothing obeys its rules.
        """
        options = (*RESTRICTIONS, *DECIDING)
        study = Points(self.base, options, whole_numbers(self.size)).solve(self.case)
        if study is None:
            raise InfeasibleError(why_infeasible(self.case, merging(self.base.case)))
        return study


def question(base: Base, whole: bool | None = None) -> Question:
    """Return the question about a scenario, with how hard to try; `whole` as in effort_for."""
    case = base.case()
    size = nonzeros(case)
    return Question(base, case, size, effort_for(size, whole))


def asking(asked: Question, how: How, say: Say = lambda text: None) -> Ask:
    """Return who answers: the workers of `how`, or this process with a program kept alive where little is asked."""
    kept: list[Points] = []
    slow = how.effort is not None and asked.size > WHOLE_UP_TO_NONZEROS

    def ask(settings: Sequence[Settings]) -> list[Point]:
        if len(settings) > (1 if slow else FEW):
            return run(asked.base, settings, how, say)
        if not kept:
            kept.append(Points(asked.base, how.options, how.effort))
        points: list[Point] = []
        for one in settings:
            say(f"{len(points):,} of {len(settings):,} scenarios")
            points.append(answered(kept[0], one))
        return points

    return ask


def deciding_drivers(asked: Question) -> list[Driver]:
    """Return what moves many things at once, and the purchase price of every server that is considered."""
    groups = [driver for driver in drivers(asked.base, asked.case) if "/" not in driver.name]
    prices = {row for server in asked.case.servers for row in server.purchase.rows[:1]}
    return [*groups, *row_drivers(asked.base, asked.case, prices)]


def chosen(asked: Question, names: Sequence[str], *swing: float) -> list[Driver]:
    """Return the drivers of these names: groups, or catalog rows that the scenario asks for."""
    known = {driver.name: driver for driver in drivers(asked.base, asked.case, *swing)}
    known |= {driver.name: driver for driver in row_drivers(asked.base, asked.case, set(names), *swing)}
    wrong = [name for name in names if name not in known]
    if wrong:
        every = [*known, *(row.row for row in asked.case.evidence if row.value)]
        raise InputError([_complaint(name, every) for name in dict.fromkeys(wrong)])
    return [known[name] for name in names]


def _complaint(name: str, every: Sequence[str]) -> Complaint:
    near = get_close_matches(name, every, 3, 0.4)
    groups = [one for one in every if "/" not in one]
    allowed = f"{', '.join(groups)}, or a catalog row that the scenario asks for"
    cure = f"did you mean {' or '.join(near)}?" if near else None
    return Complaint(Place("command line"), "driver", "is none of this scenario", name, allowed, cure)
