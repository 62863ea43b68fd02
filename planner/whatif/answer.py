"""The answers of `planner sensitivity` and `planner switch`, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from planner.analysis.relaxed import WITHOUT_A_PURCHASE
from planner.analysis.study import Study
from planner.analysis.switching import prices_that_change_the_answer
from planner.errors import Complaint, InputError, Place
from planner.whatif.basis import Ask, decision, whole_numbers
from planner.whatif.confirm import confirm, flips_for
from planner.whatif.document import heading, solved
from planner.whatif.drivers import Driver, clash, drivers
from planner.whatif.points import Point, measures
from planner.whatif.question import DECIDING, Question, Say, asking, chosen, deciding_drivers
from planner.whatif.runner import How
from planner.whatif.sensitivity import MAPS, maps, steps_for, tornado
from planner.whatif.switch import PRECISION, scan_for, switching_values
from planner.whatif.utilization import breakeven_utilization

REACH = 0.5
"""Of today's value, where relaxations are asked: large programs far from the base are slow to solve."""


def sensitivity(
    asked: Question, ask: Ask, names: Sequence[str], swing: float, top: int | None = None,
    pairs: Sequence[tuple[str, str]] | None = None, steps: int | None = None, say: Say = lambda text: None,
) -> dict[str, Any]:  # fmt: skip
    """Return the tornado and the maps; `pairs` of names for other maps than the usual ones of the chosen drivers.

    Parameters
    ----------
    steps : values of each driver in a map; None: fewer in very large programs

    Raises
    ------
    InputError
        when a name is no driver of the scenario.
    InfeasibleError
        when nothing obeys the rules of the scenario itself.
    """
    names = tuple(dict.fromkeys(names))
    found = chosen(asked, names, swing) if names else drivers(asked.base, asked.case, swing)
    if pairs is None:
        known = {driver.name: driver for driver in found}
        both = [(known[x], known[y]) for x, y in MAPS if x in known and y in known]
    else:
        flat = chosen(asked, [name for pair in pairs for name in pair], swing)
        both = list(zip(flat[::2], flat[1::2], strict=True))
        if wrong := [pair for pair in both if clash(*([move.path for move in one.moves] for one in pair)) is not None]:
            raise InputError([_same(*pair) for pair in wrong])
    say("the scenario itself, in whole numbers")
    now = _now(asked, asked.today(), ask)
    answer = tornado(found, ask)
    bars = answer["bars"]
    answer |= {"bars": bars[:top], "more": [bar["driver"] for bar in bars[len(bars[:top]) :]]}
    return (
        _head(asked, "sensitivity")
        | {"swing": swing}
        | answer
        | now
        | {"maps": maps(both, ask, steps_for(asked.size) if steps is None else steps)}
    )


def switch(
    asked: Question, ask: Ask, names: Sequence[str] = (), precision: float = PRECISION, scan: int | None = None,
    say: Say = lambda text: None, reach: float | None = None, whole: Ask | None = None, flips: int | None = None,
    decide: Ask | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the switching values, the breakeven utilization and the walk-away prices.

    Parameters
    ----------
    scan : values to look at on each side of today's; None: as scan_for says
    reach : how far from today's value to search, as a share of it; None: all the way, or REACH for relaxations
    whole, flips : who answers in whole numbers about flips of relaxations, and about how many; None: by size
    decide : as in switching_values

    Raises
    ------
    InputError
        when a name is no driver of the scenario.
    InfeasibleError
        when nothing obeys the rules of the scenario itself.
    """
    names = tuple(dict.fromkeys(names))
    found = chosen(asked, names) if names else deciding_drivers(asked)
    if (reach := reach_for(asked, reach)) is not None:
        found = [_within(driver, reach) for driver in found]
    scan = scan_for(asked.size, asked.effort) if scan is None else scan
    say("the scenario itself, in whole numbers")
    study = asked.today()
    now = _now(asked, study, ask)
    rows = switching_values(found, ask, precision, scan, decide)
    unasked = 0
    if asked.effort is None:
        say("flips in whole numbers")
        effort = whole_numbers(asked.size)
        most, doubt = flips_for(asked.size) if flips is None else flips, effort.gap * abs(study.plan.answer.objective)
        unasked = confirm(rows, found, whole or asking(asked, How(DECIDING, effort, 1)), most, doubt)
    nearest = next(({"driver": row["driver"], **row["flips"][0]} for row in rows if row["flips"]), None)
    demand = next((driver for driver in found if driver.name == "demand"), None)
    of_demand: list[dict[str, Any]] = next((row["flips"] for row in rows if row["driver"] == "demand"), [])
    say("prices that change the answer")
    return (
        _head(asked, "switch")
        | now
        | {
            "precision": precision,
            "scan": scan,
            "drivers": rows,
            "nearest": nearest,
            "flips_unasked": unasked,
            "breakeven_utilization": None if demand is None else breakeven_utilization(demand, of_demand, study, asked),
            "prices_that_change_the_answer": prices_that_change_the_answer(_as_planned(study), say),
        }
    )


def reach_for(asked: Question, reach: float | None) -> float | None:
    """Return how far to search; relaxations no farther than REACH where nothing is said."""
    return REACH if reach is None and asked.effort is None else reach


def _same(x: Driver, y: Driver) -> Complaint:
    return Complaint(
        Place("--map"), f"{x.name},{y.name}", "both set the same: no value of one goes with one of the other"
    )


def _within(driver: Driver, reach: float) -> Driver:
    """Return a driver whose search goes no farther than `reach`."""
    far = reach * driver.scale
    return replace(driver, least=max(driver.least, driver.now - far), most=min(driver.most, driver.now + far))


def _now(asked: Question, study: Study, ask: Ask) -> dict[str, Any]:
    """Return the measures of the scenario itself, with what they decide, and what its relaxation says where asked."""
    relaxed = None if asked.effort is not None else _decided(ask([()])[0])
    return {"now": _decided(measures(study)), "now_relaxed": relaxed}


def _decided(point: Point) -> dict[str, Any]:
    return {**point, "decision": decision(point)}


def _as_planned(study: Study) -> Study:
    """Return the study with the options of a plan: walk-away prices are then those of plan.json."""
    outcomes = {name: one for name, one in study.outcomes.items() if name != WITHOUT_A_PURCHASE}
    return replace(study, outcomes=outcomes)


def _head(asked: Question, kind: str) -> dict[str, Any]:
    scenario = asked.case.scenario
    return heading(asked.base, kind, solved(asked.effort)) | {
        "description": scenario.description, "as_of": scenario.as_of.isoformat(),
        "horizon_months": asked.case.horizon, "nonzeros": asked.size,
        "gap": None if asked.effort is None else asked.effort.gap,
    }  # fmt: skip
