"""Plans that cost hardly more than the cheapest: the best of them by another measure, then the cheapest of these.

"Modelling to generate alternatives": the program with one more row, cost ≤ (1 + ε) · least cost, and another objective.
What is then least is held in a second row while the cost is minimised again, so that nothing is needlessly dearer.
How few of some things are enough is counted over sets of them, each the program with all others closed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.model.highs import Live, Solution
from planner.model.solve import Answer, Effort, NotFoundError, solve
from planner.program import Arrays, Bools, Floats
from planner.whatif.basis import nodes_for
from planner.whatif.yardsticks import Masks, in_use

_GAP = 1e-7
_SLACK = 1e-7
"""Relative room of a row that holds a measure at its least: solvers need some."""
_EXACT = 1e-9
"""Relative difference of costs that are the same."""
_SETS = 2_000
"""Sets of things that are tried at most in a program of `_NONZEROS`; in larger ones as much fewer."""
_NONZEROS = 4_000
_FEWEST_SETS = 12
_Near = tuple[Any, Floats]
"""A basis, and the costs for which it is the best."""


@dataclass(frozen=True)
class Found:
    """A plan that was looked for.

    Attributes
    ----------
    x : array [column]
    usd : its present cost
    proven : that no plan within the band is better by the measure is proven, to the solver's gap
    """

    x: Floats
    usd: float
    proven: bool


class Band:
    """The plans of a solved case that cost at most `within` more than its plan.

    Parameters
    ----------
    whole : in whole numbers; else the relaxation
    late : says whether time is up: what is looked for then is what was found by then, unproven
    """

    def __init__(self, study: Study, within: float, whole: bool, late: Callable[[], bool] = lambda: False) -> None:
        self.built, self.whole, self.late = study.built, whole, late
        self.plan, self.usd = study.plan.answer.x, study.plan.answer.objective
        self.most = self.usd + (within + _EXACT) * abs(self.usd)
        self._arrays = limited(study.built.arrays, study.built.arrays.cost, self.most)
        self._live = Live(study.built.arrays)
        self._live.solve()
        self._near = self._live.basis(), study.built.arrays.cost
        self._known = [self.plan, *(one.answer.x for one in study.outcomes.values() if one is not None)]

    def least(self, measure: Floats, closed: Bools | None = None) -> Found | None:
        """Return the plan with the least `measure` without the `closed` columns, and of these the cheapest."""
        best = self._solve(replace(self._arrays, cost=measure), closed)
        if best is None:
            return None
        answer, proven, near = best
        level = float(measure @ answer) + _SLACK * max(1.0, abs(float(measure @ answer)))
        if float(measure @ self.plan) <= level and self._is_open(closed):
            return Found(self.plan, self.usd, proven)
        cheapest = self._solve(limited(self._arrays, measure, level), closed, [answer], near)
        x = answer if cheapest is None else cheapest[0]
        return Found(x, self._cost(x), proven)

    def cheapest(self, closed: Bools) -> Found | None:
        """Return the cheapest plan without the `closed` columns, within the band or not; None where there is none."""
        if self._is_open(closed):
            return Found(self.plan, self.usd, True)
        found = self._solve(self.built.arrays, closed)
        return None if found is None else Found(found[0], self._cost(found[0]), found[1])

    def fewest(self, things: Masks) -> Found:
        """Return the plan that uses the fewest of `things`, and of these the cheapest.

        Every set of things is tried, the small ones first, or where there are too many, things of the plan are left
        out one after another for as long as that is possible; then nothing is proven.
        """
        given = {name for name, mask in things.items() if (self.built.arrays.lower[mask] > 0).any()}
        free = [name for name in things if name not in given]
        some, without_one = self._left_out(things, [name for name in in_use(things, self.plan) if name not in given])
        if _sets(len(free), len(some)) > self._sets:
            return without_one
        used = len([name for name in in_use(things, self.plan) if name not in given])
        for size in range(used):
            found = self._cheapest_of(things, free, combinations(free, size))
            if found is not None:
                return replace(found, proven=found.proven and not self.late())
        return Found(self.plan, self.usd, not self.late())

    @property
    def _sets(self) -> int:
        return max(_FEWEST_SETS, _SETS * _NONZEROS // max(_NONZEROS, len(self.built.arrays.values)))

    def farthest(self, ways: Sequence[Floats]) -> Found:
        """Return the plan that does most of the plan's work in other ways than the plan.

        Parameters
        ----------
        ways : work done by columns, array [column] for each way of working; each is used by the plan

        Work that moves is what some ways do less than in the plan: the most that any set of them can do less. Where not
        every set can be tried, all ways together are, and in whole numbers each alone.
        """
        sets = [chosen for size in range(len(ways), 0, -1) for chosen in combinations(range(len(ways)), size)]
        every = len(sets) <= max(self._sets // 10, 1)
        tried = sets if every else [sets[0], *(sets[-len(ways) :] if self.whole else ())]
        best, most, proven = Found(self.plan, self.usd, every), 0.0, every
        for chosen in tried:
            if self.late():
                proven = False
                break
            measure = np.sum([ways[n] for n in chosen], axis=0)
            bound = self._relaxation(Live(replace(self._arrays, cost=measure)), None, self._near)
            if bound is None or float(measure @ self.plan) - bound.objective <= most * (1 + _SLACK):
                continue
            found = self.least(measure)
            if found is not None and (moved := float(measure @ (self.plan - found.x))) > most * (1 + _SLACK):
                best, most = found, moved
                proven = proven and found.proven
        return replace(best, proven=proven)

    def _left_out(self, things: Masks, used: list[str]) -> tuple[list[str], Found]:
        """Leave out one of `used` after another, each time the one without which the plan is cheapest."""
        kept, found = used, Found(self.plan, self.usd, False)
        while kept:
            sets = ([one for one in kept if one != name] for name in kept)
            better = self._cheapest_of(things, list(things), sets)
            if better is None:
                break
            kept, found = [name for name in kept if name in in_use(things, better.x)], replace(better, proven=False)
        return kept, found

    def _cheapest_of(self, things: Masks, free: list[str], sets: Iterable[Iterable[str]]) -> Found | None:
        """Return the cheapest plan within the band that uses of the `free` things only those of one of `sets`."""
        likely: list[tuple[float, int, Bools, Floats]] = []
        for chosen in sets:
            if self.late():
                break
            closed = self._closed(things, set(free) - set(chosen))
            found = self._relaxation(self._live, closed, self._near)
            if found is not None and found.objective <= self.most:
                likely.append((found.objective, len(likely), closed, found.x))
        best: Found | None = None
        for bound, _, closed, x in sorted(likely, key=lambda one: one[:2]):
            if best is not None and bound >= best.usd:
                break
            one = self.cheapest(closed) if self.whole else Found(x, bound, True)
            if one is not None and one.usd <= self.most and (best is None or one.usd < best.usd):
                best = one
        return best

    def _closed(self, things: Masks, names: Iterable[str]) -> Bools:
        closed = np.zeros(len(self.plan), bool)
        for name in names:
            closed |= things[name]
        return closed & (self.built.arrays.lower <= 0)

    def _relaxation(self, live: Live, closed: Bools | None, near: _Near) -> Solution | None:
        """Solve from the basis of a program with fewer rows and other costs: at these scales half of the time."""
        live.set_bounds(*_open(self.built.arrays, closed))
        basis, cost = near
        return live.solve_from(live.grown(basis), cost)

    def _solve(
        self, arrays: Arrays, closed: Bools | None = None, starts: Sequence[Floats] = (), near: _Near | None = None
    ) -> tuple[Floats, bool, _Near] | None:
        """Return the optimum of a program, whether it is proven, and its basis with the costs it belongs to."""
        live, (lower, upper) = Live(arrays), _open(arrays, closed)
        if not self.whole:
            found = self._relaxation(live, closed, near or self._near)
            return None if found is None else (found.x, True, (live.basis(), arrays.cost))
        try:
            effort = Effort(_GAP, math.inf, nodes=nodes_for(len(self.built.arrays.values)))
            answer = solve(replace(self.built, arrays=arrays), live, lower, upper, effort, [*starts, *self._known])
        except NotFoundError:
            return None
        return None if answer is None else (answer.x, _is_proven(answer), self._near)

    def _is_open(self, closed: Bools | None) -> bool:
        """Say whether the plan, than which none is cheaper, uses no closed column."""
        return closed is None or not (self.plan[closed] > 0).any()

    def _cost(self, x: Floats) -> float:
        return float(self.built.arrays.cost @ x)


def limited(arrays: Arrays, measure: Floats, most: float) -> Arrays:
    """Return the program with one more row: `measure` · x ≤ `most`."""
    columns = np.flatnonzero(measure)
    scale = float(np.abs(measure).max(initial=0.0)) or 1.0
    return replace(
        arrays,
        row_lower=np.append(arrays.row_lower, -np.inf), row_upper=np.append(arrays.row_upper, most / scale),
        starts=np.append(arrays.starts, arrays.starts[-1] + len(columns)).astype(np.int32),
        indices=np.append(arrays.indices, columns).astype(np.int32),
        values=np.append(arrays.values, measure[columns] / scale),
    )  # fmt: skip


def _open(arrays: Arrays, closed: Bools | None) -> tuple[Floats, Floats]:
    if closed is None:
        return arrays.lower, arrays.upper
    return np.where(closed, 0.0, arrays.lower), np.where(closed, 0.0, arrays.upper)


def _is_proven(answer: Answer) -> bool:
    return answer.relative_gap <= 10 * _GAP


def _sets(things: int, size: int) -> int:
    """Number of sets of up to `size` of `things`."""
    return sum(math.comb(things, k) for k in range(size + 1))
