"""The answers of `planner sensitivity` and `planner switch`, as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from planner.analysis.infeasible import why_infeasible
from planner.analysis.switching import prices_that_change_the_answer
from planner.case import Case
from planner.errors import Complaint, InfeasibleError, InputError, Place, SolverError
from planner.model.solve import Effort
from planner.whatif.base import Base, Settings
from planner.whatif.basis import Ask, decision, effort_for, nonzeros
from planner.whatif.document import heading, solved
from planner.whatif.drivers import Driver, drivers, row_drivers
from planner.whatif.points import INFEASIBLE, OPTIONS, Point, Points, measures, unsolved
from planner.whatif.runner import How, run
from planner.whatif.sensitivity import MAPS, STEPS, maps, tornado
from planner.whatif.switch import PRECISION, SCAN, switching_values
from planner.whatif.utilization import breakeven_utilization

DECIDING = ("without_a_purchase", "buy")
"""The options that a decision needs."""
REACH = 0.5
"""Of today's value, where relaxations are asked: large programs far from the base are slow to solve."""
FEW = 16
"""Scenarios that this process answers faster than workers that have to be started."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """What both commands start from.

    Attributes
    ----------
    size : nonzeros of the program
    effort : in whole numbers where they are few enough, else None
    """

    base: Base
    case: Case
    size: int
    effort: Effort | None


def question(base: Base) -> Question:
    """Return the question about a scenario, with how hard to try."""
    case = base.case()
    size = nonzeros(case)
    return Question(base, case, size, effort_for(size))


def sensitivity(
    asked: Question, ask: Ask, names: Sequence[str], swing: float, top: int | None = None,
    pairs: Sequence[tuple[str, str]] | None = None, steps: int = STEPS,
) -> dict[str, Any]:  # fmt: skip
    """Return the tornado and the maps; `pairs` of names for other maps than the usual ones.

    Raises
    ------
    InputError
        when a name is no driver of the scenario.
    InfeasibleError
        when nothing obeys the rules of the scenario itself.
    """
    found = chosen(asked, names, swing) if names else drivers(asked.base, asked.case, swing)
    known = {driver.name: driver for driver in drivers(asked.base, asked.case, swing)}
    if pairs is None:
        both = [(known[x], known[y]) for x, y in MAPS if x in known and y in known]
    else:
        flat = chosen(asked, [name for pair in pairs for name in pair], swing)
        both = [(flat[n], flat[n + 1]) for n in range(0, len(flat), 2)]
    answer = tornado(found, ask)
    bars = answer["bars"]
    answer |= {"now": _plan_of(asked, answer["now"]), "bars": bars[:top],
               "more": [bar["driver"] for bar in bars[len(bars[:top]):]]}  # fmt: skip
    return _head(asked, "sensitivity") | {"swing": swing} | answer | {"maps": maps(both, ask, steps)}


def switch(
    asked: Question, ask: Ask, names: Sequence[str] = (), precision: float = PRECISION, scan: int = SCAN,
    say: Say = lambda text: None, reach: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the switching values, the breakeven utilization and the walk-away prices.

    Parameters
    ----------
    reach : how far from today's value to search, as a share of it; None: all the way, or REACH for relaxations

    Raises
    ------
    InputError
        when a name is no driver of the scenario.
    InfeasibleError
        when nothing obeys the rules of the scenario itself.
    """
    found = chosen(asked, names) if names else deciding_drivers(asked)
    if reach is None and asked.effort is None:
        reach = REACH
    if reach is not None:
        found = [_within(driver, reach) for driver in found]
    points = Points(asked.base, OPTIONS, asked.effort)
    study = points.study(())
    now = _plan_of(asked, measures(study))
    assert study is not None
    rows = switching_values(found, ask, precision, scan)
    demand = next((driver for driver in found if driver.name == "demand"), None)
    flips: list[dict[str, Any]] = next((row["flips"] for row in rows if row["driver"] == "demand"), [])
    say("prices that change the answer")
    return _head(asked, "switch") | {
        "now": now,
        "precision": precision,
        "scan": scan,
        "drivers": rows,
        "nearest": next(({"driver": row["driver"], **row["flips"][0]} for row in rows if row["flips"]), None),
        "breakeven_utilization": None if demand is None else breakeven_utilization(demand, flips, points),
        "prices_that_change_the_answer": prices_that_change_the_answer(study),
    }


def asking(asked: Question, how: How, say: Say = lambda text: None) -> Ask:
    """Return who answers: the workers of `how`, or this process with a program kept alive where little is asked."""
    kept: list[Points] = []

    def ask(settings: Sequence[Settings]) -> list[Point]:
        if len(settings) > FEW:
            return run(asked.base, settings, how, say)
        if not kept:
            kept.append(Points(asked.base, how.options, how.effort))
        return [_point(kept[0], one) for one in settings]

    return ask


def _point(points: Points, settings: Settings) -> Point:
    try:
        return points.point(settings)
    except SolverError:
        return unsolved()


def deciding_drivers(asked: Question) -> list[Driver]:
    """Return what moves many things at once, and the purchase price of every server that is considered."""
    groups = [driver for driver in drivers(asked.base, asked.case) if "/" not in driver.name]
    prices = {row for server in asked.case.servers for row in server.purchase.rows[:1]}
    return [*groups, *row_drivers(asked.base, asked.case, prices)]


def _within(driver: Driver, reach: float) -> Driver:
    """Return a driver whose search goes no farther than `reach`, nor less far than its range."""
    far = reach * (abs(driver.now) or 1.0)
    least, most = min(driver.low, driver.now - far), max(driver.high, driver.now + far)
    return replace(driver, least=max(driver.least, least), most=min(driver.most, most))


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


def _plan_of(asked: Question, point: Point) -> dict[str, Any]:
    """Return the measures of the scenario itself with what they decide. Raises InfeasibleError where it has no plan."""
    if point["status"] == INFEASIBLE:
        raise InfeasibleError(why_infeasible(asked.case))
    return {**point, "decision": decision(point)}


def _head(asked: Question, kind: str) -> dict[str, Any]:
    scenario = asked.case.scenario
    return heading(asked.base, kind, solved(asked.effort)) | {
        "description": scenario.description, "as_of": scenario.as_of.isoformat(),
        "horizon_months": asked.case.horizon, "nonzeros": asked.size,
    }  # fmt: skip
