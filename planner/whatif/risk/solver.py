"""What decisions that are the same in all futures cost in each: they are fixed, and everything else adapts.

Futures are dealt to two threads, always the same ones to each, so that no answer depends on who is quicker. A program
is kept alive for all futures of a thread whose nonzeros are in the same places; each starts from a basis of its own.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.errors import SolverError
from planner.model.highs import Live, Solution, solve_whole
from planner.program import Arrays, Floats
from planner.whatif.basis import nodes_for
from planner.whatif.risk.programs import GAP, Programs
from planner.whatif.threads import THREADS, in_threads


@dataclass(frozen=True)
class Reply:
    """The best answer of one future to shared decisions.

    Attributes
    ----------
    x : array [column of that future]
    bound : no answer costs less
    slopes : array [shared decision], by how much the cost changes with each; of the relaxation
    """

    usd: float
    x: Floats
    bound: float
    slopes: Floats | None = None


@dataclass(frozen=True)
class Cut:
    """What a future costs at least with decisions x, in every branch: usd + slopes · x."""

    future: int
    usd: float
    slopes: Floats


def bounds(replies: Sequence[Reply | None]) -> Floats:
    """Return what every future costs at least, array [future]; inf where nothing obeys the rules."""
    return np.array([np.inf if one is None else one.bound for one in replies])


def costs(replies: Sequence[Reply | None]) -> Floats:
    """Return the cost of every future, array [future]; inf where nothing obeys the rules."""
    return np.array([np.inf if one is None else one.usd for one in replies])


class _Kept:
    """A live program, which future it is now, and the basis and the costs from which further futures start."""

    def __init__(self, arrays: Arrays) -> None:
        self.live, self.future = Live(arrays), -1
        self.first: tuple[Any, Floats] | None = None


class Solver:
    """Solves futures, each from the basis that it had when nothing was left out.

    Parameters
    ----------
    whole : what is whole in a plan is whole, within the relative gap GAP; else relaxations

    Attributes
    ----------
    cuts : learned from every relaxation with nothing left out
    """

    def __init__(self, programs: Programs, whole: bool = False) -> None:
        self.programs, self.whole = programs, whole
        self._kept: tuple[list[_Kept], ...] = tuple([] for _ in range(THREADS))
        self._bases: dict[int, Any] = {}
        self._learned: dict[int, list[Cut]] = {}

    @property
    def cuts(self) -> list[Cut]:
        """Return what was learned of every future, in an order that no thread changes."""
        return [cut for n in sorted(self._learned) for cut in self._learned[n]]

    def replies(
        self, x: Floats | None = None, option: str = "", asked: Iterable[int] | None = None
    ) -> list[Reply | None]:  # fmt: skip
        """Return the best answer of every future, or of those `asked`; see `reply`."""
        wanted = list(range(len(self.programs.each)) if asked is None else asked)

        def answered(thread: int) -> dict[int, Reply | None]:
            return {n: self.reply(n, x, option) for n in wanted if n % THREADS == thread}

        found = dict(ChainMap(*in_threads(answered)))
        return [found[n] for n in wanted]

    def reply(self, n: int, x: Floats | None = None, option: str = "") -> Reply | None:
        """Return the best answer of future `n`; None where nothing obeys the rules.

        Parameters
        ----------
        x : array [shared decision]; None where the future is known before they are taken
        option : one of CLOSING, which stays closed in what it leaves out
        """
        one, (lower, upper) = self.programs.each[n], self._bounds(n, x, option)
        if (lower > upper).any():
            return None
        if self.whole and (one.arrays.whole & (lower < upper)).any():
            return _whole(replace(one.arrays, lower=lower, upper=upper))
        kept = self._program(n)
        solution = self._solved(n, kept, lower, upper)
        if solution is None:
            return None
        if not option or n not in self._bases:  # what an option leaves out lies far from all else
            self._bases[n] = kept.live.basis()
        slopes = (kept.live.arrays.cost - _priced(kept.live.arrays, solution.multipliers))[one.first]
        if not option:
            at = solution.objective - float(slopes @ solution.x[one.first])
            self._learned.setdefault(n, []).append(Cut(n, at, slopes))
        return Reply(solution.objective, solution.x, solution.objective, slopes)

    def _solved(self, n: int, kept: _Kept, lower: Floats, upper: Floats) -> Solution | None:
        """Solve the future that is in `kept`: from its own basis, else from that of the first one there."""
        live = kept.live
        live.set_bounds(lower, upper)
        near = (self._bases[n], live.arrays.cost) if n in self._bases else kept.first
        found = live.solve() if near is None else live.solve_from(*near)
        if found is not None and kept.first is None:
            kept.first = live.basis(), live.arrays.cost
        return found

    def _bounds(self, n: int, x: Floats | None, option: str) -> tuple[Floats, Floats]:
        one = self.programs.each[n]
        lower, upper = one.arrays.lower.copy(), one.arrays.upper.copy()
        upper[one.first] = self.programs.most
        if option:
            closed = one.closed[option]
            lower[closed], upper[closed] = 0.0, 0.0
        if x is not None:
            lower[one.first] = upper[one.first] = x
        return lower, upper

    def _program(self, n: int) -> _Kept:
        """Return a live program of the thread of future `n` that is this future."""
        mine, arrays = self._kept[n % THREADS], self.programs.each[n].arrays
        kept = next((one for one in mine if one.future == n), None)
        if kept is not None:
            return kept
        kept = next((one for one in mine if one.live.become(arrays)), None)
        if kept is None:
            kept = _Kept(arrays)
            mine.append(kept)
        kept.future = n
        return kept


def _whole(arrays: Arrays) -> Reply | None:
    nodes = nodes_for(len(arrays.values))
    found = solve_whole(arrays, None, GAP, nodes=nodes)
    if found.x is None and found.bound < np.inf:
        raise SolverError(f"no whole-number answer to a future was found in {nodes:,} nodes; try --relaxed")
    if found.x is None:
        return None
    usd = float(arrays.cost @ found.x)
    return Reply(usd, found.x, min(found.bound, usd))


def _priced(arrays: Arrays, multipliers: Floats) -> Floats:
    """Return what the rules charge for each column; its cost less this is its reduced cost."""
    row = np.repeat(np.arange(len(multipliers)), np.diff(arrays.starts))
    return np.asarray(np.bincount(arrays.indices, multipliers[row] * arrays.values, len(arrays.cost)), float)
