"""Plans hour by hour: merges hours for the program, and makes sure that a plan holds in each true hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.case import Case
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.hours import Spread, coarse, lifted, merged, numbered, spread
from planner.model.proof import lower_bound
from planner.model.solve import Answer, Effort, known, solve, solve_again
from planner.program import Bools, Floats, Ints
from planner.scenario.demand import Demand

MERGED_FROM = 2_000
"""Hour groups from which on they are merged; fewer are solved as they are."""
GAP = 1e-9
"""Relative gap at which the relaxation is done: plan by the hour against merged bound."""
_STALLED = 1e-7
"""Relative rise of the bound below which a plan by the hour is tried."""
_DEARER = 1e-5
"""By how much, relatively, a plan in whole numbers may grow dearer when failing hours are served with all else kept."""
_ALL_APART = 30
"""Cuts after which groups that still fail are taken apart hour by hour."""

Say = Callable[[str], None]
Limits = Callable[[Built, Live], tuple[Floats, Floats]]
"""Sets the rows of a program for one option, and returns its column bounds."""


@dataclass(frozen=True)
class Hours:
    """How the hours of a case are grouped.

    Attributes
    ----------
    fine : the distinct hours
    group : array [distinct hour group], the merged group of each
    cuts : how often groups were cut until nothing failed
    relaxation_usd : least cost with fractions allowed, hour by hour
    relative_gap : that cost less the bound by duality, ÷ cost
    violation : of the plan, largest ÷ max(1, |limit|) over all hours and rules
    """

    fine: Demand
    group: Ints
    cuts: int = 0
    relaxation_usd: float = 0.0
    relative_gap: float = 0.0
    violation: float = 0.0

    @property
    def groups(self) -> int:
        """Number of merged groups."""
        return int(self.group.max()) + 1

    def of(self, case: Case) -> Case:
        """Return `case` with its hours merged."""
        return replace(case, demand=merged(self.fine, self.group))

    def parents(self, coarser: Hours) -> Ints:
        """Return the group of `coarser` that each group is a part of."""
        result = np.zeros(self.groups, np.int64)
        result[self.group] = coarser.group
        return result

    def cut(self, groups: Iterable[Ints]) -> Hours:
        """Return the hours as finely grouped as in all of `groups`."""
        group = numbered(self.group, *groups)
        if self.cuts >= _ALL_APART:
            return self.apart(self.split_by(group))
        return replace(self, group=group, cuts=self.cuts + 1)

    def split_by(self, group: Ints) -> Bools:
        """Say of each group whether the finer grouping `group` [distinct hour group] cuts it, array [group]."""
        cut = np.zeros(self.groups, bool)
        cut[self.group[np.bincount(self.group)[self.group] != np.bincount(group)[group]]] = True
        return cut

    def apart(self, failing: Bools) -> Hours:
        """Return the hours with the groups that are `failing` [group] taken apart."""
        fine = np.where(failing[self.group], np.arange(len(self.group)), -1)
        return replace(self, group=numbered(self.group, fine), cuts=self.cuts + 1)


def kept_apart(case: Case) -> str:
    """Return why no hours of `case` are merged, or nothing when they may be."""
    if case.scenario.whole.instances:
        return "instances are rented whole, hour by hour"
    return "" if len(case.demand.hours) >= MERGED_FROM else "there are few"


def plain(built: Built, live: Live) -> tuple[Floats, Floats]:
    """Limit nothing."""
    return built.arrays.lower, built.arrays.upper


def group_hours(case: Case, say: Say = lambda text: None, limits: Limits = plain) -> Hours | None:
    """Merge hours until the relaxed plan holds in each of them; None when they are kept apart."""
    if kept_apart(case):
        return None
    hours, before = Hours(case.demand, coarse(case.demand)), -np.inf
    while True:
        say(f"grouping {len(hours.fine.hours):,} hours: {hours.groups:,} groups")
        built = build(hours.of(case))
        live = Live(built.arrays)
        live.set_bounds(*limits(built, live))
        relaxation = live.solve()
        if relaxation is None:
            return hours
        bound = lower_bound(live.arrays, relaxation.multipliers)
        found = spread(built, relaxation.x, hours.fine, hours.group)
        if found.holds:
            return _proven(hours, relaxation.objective + found.usd, bound)
        stalled = bound - before <= _STALLED * abs(bound)
        if stalled and (repaired := serve_failing(case, hours, built, relaxation.x, found, limits)):
            new, by_hour, x = repaired
            done = _proven(by_hour, float(new.arrays.cost @ x), bound)
            if done.relative_gap <= GAP:
                return done
        hours, before = hours.cut([found.cut]), bound


def _proven(hours: Hours, usd: float, bound: float) -> Hours:
    return replace(hours, relaxation_usd=usd, relative_gap=max(0.0, usd - bound) / max(1.0, abs(usd)))


@dataclass(frozen=True)
class Held:
    """A plan that holds in every true hour, and the program that it is a plan of."""

    built: Built
    hours: Hours
    answer: Answer
    found: Spread


def serve_failing(
    case: Case, hours: Hours, built: Built, x: Floats, found: Spread, limits: Limits
) -> tuple[Built, Hours, Floats] | None:  # fmt: skip
    """Take the groups apart in which plan `x` fails, and serve their hours with all else as it is.

    Returns
    -------
    The program with these groups apart, its hours, and the plan by the hour; None when all else must change to serve
    them.
    """
    failing = hours.split_by(found.cut)
    apart = hours.apart(failing)
    new, parents = build(apart.of(case)), apart.parents(hours)
    kept = lifted(found, built, x, parents, new)
    free = np.zeros(len(kept), bool)
    for decision in new.model.program.decisions.values():
        if "g" in (keys := decision.view.keys):
            free[decision.columns] = (keys["g"] >= 0) & failing[parents[keys["g"]]]
    live = Live(new.arrays)
    low, high = limits(new, live)
    live.set_bounds(np.where(free, low, kept), np.where(free, high, kept))
    solution = live.solve()
    return None if solution is None else (new, apart, np.where(free, solution.x, kept))


def hold(
    case: Case, hours: Hours, built: Built, answer: Answer, limits: Limits, effort: Effort, say: Say
) -> Held | None:  # fmt: skip
    """Cut groups until an option holds in each hour: with its whole numbers, or others where they are not enough.

    None when the rules can be obeyed on average, and not in every hour.

    Parameters
    ----------
    case : with its hours apart
    answer : of the option in the program `built`, whose hours are grouped as in `hours`
    """
    held = Held(built, hours, answer, spread(built, answer.x, hours.fine, hours.group))
    while not held.found.holds:
        if repaired := serve_failing(case, held.hours, held.built, held.answer.x, held.found, limits):
            new, apart, x = repaired
            usd, found = float(new.arrays.cost @ x), spread(new, x, hours.fine, apart.group)
            if found.holds and usd <= held.answer.objective * (1 + _DEARER):
                return Held(new, apart, replace(held.answer, x=x, objective=usd), found)
        hours = held.hours.cut([held.found.cut])
        say(f"{hours.groups:,} groups")
        built = build(hours.of(case))
        live = Live(built.arrays)
        target = _carried(held.built, held.answer.x, built)
        again = solve_again(built, live, *limits(built, live), target, held.answer.solver_bound)
        answer_by_hour = again or solve(built, live, *limits(built, live), effort)
        if answer_by_hour is None:
            return None
        held = Held(built, hours, answer_by_hour, spread(built, answer_by_hour.x, hours.fine, hours.group))
    return held


def in_groups(held: Held, hours: Hours, built: Built, live: Live, limits: Limits) -> Answer:
    """Return a plan that holds in every hour as an answer to the program `built`, with finer groups `hours`."""
    x = lifted(held.found, held.built, held.answer.x, hours.parents(held.hours), built)
    answer = known(built, live, *limits(built, live), x, held.answer.solver_bound)
    assert answer is not None, "a plan that holds in every hour breaks a rule in a group of them"
    return answer


def _carried(old: Built, x: Floats, new: Built) -> Floats:
    """Return plan `x` of `old` in the columns of `new`, whose hours are grouped otherwise; hourly decisions are 0."""
    result = np.zeros(len(new.arrays.cost))
    for name, decision in old.model.program.decisions.items():
        if "g" not in decision.view.keys:
            result[new.model[name].columns] = x[decision.columns]
    return result
