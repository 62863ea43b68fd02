"""The best decisions over all futures in two branches: those that order a server now, and those that order none.

Each branch starts from the whole numbers next to the best fractions. In whole numbers the better one is searched until
its gap is closed, the other until it is proven to be no better: so the decision is proven, not the dearer branch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.program import Floats
from planner.whatif.basis import nodes_for
from planner.whatif.risk.benders import solve_benders
from planner.whatif.risk.measures import weighed
from planner.whatif.risk.programs import GAP, Programs
from planner.whatif.risk.solver import Reply, Solver, bounds, costs
from planner.whatif.risk.stochastic import EXTENSIVE_UP_TO_NONZEROS, Search, Stochastic, solve_extensive

_DUST = 1e-6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Branches:
    """The best decisions with an order of a server now, and without one; None where none hold in all futures."""

    buy: Stochastic | None
    wait: Stochastic | None

    @property
    def best(self) -> Stochastic | None:
        """The better of both; no decisions of either give less than its bound."""
        known = [one for one in (self.wait, self.buy) if one is not None]
        if not known:
            return None
        best = min(known, key=lambda one: one.objective)
        return replace(best, bound=min(best.objective, *(one.bound for one in known)))

    @property
    def proven(self) -> bool:
        """Say whether the dearer branch is proven to hold nothing better, as far as the gap of answers lets one say."""
        best = self.best
        return best is not None and best.relative_gap <= 2 * GAP


@dataclass(frozen=True)
class Asked:
    """How the best decisions are sought.

    Attributes
    ----------
    method : extensive, benders, or auto: by size
    nodes : of each search in whole numbers; None: by size
    """

    whole: bool
    method: str = "auto"
    aversion: float = 0.0
    alpha: float = 0.95
    nodes: int | None = None


class Trials:
    """Decisions tried, and how every future answers them; none is asked twice.

    Attributes
    ----------
    solver, relaxed : in whole numbers where they are asked for, and of relaxations
    """

    def __init__(self, programs: Programs, whole: bool, solver: Solver | None = None) -> None:
        self.programs, self.solver = programs, solver or Solver(programs, whole)
        self.relaxed = Solver(programs) if whole else self.solver
        self._known: list[tuple[Floats, str, list[Reply | None]]] = []

    def replies(self, first: Floats, option: str = "") -> list[Reply | None]:
        """Return the answers to shared decisions, with what `option` leaves out."""
        same = [(under, replies) for known, under, replies in self._known if np.array_equal(known, first)]
        for under, replies in same:
            if under == option:
                return replies
        found = [self._serving(n, option, same) for n in range(len(self.programs.each))]
        asked = [n for n, reply in enumerate(found) if reply is None]
        for n, reply in zip(asked, self.solver.replies(first, option, asked), strict=True):
            found[n] = reply
        self._known.append((first, option, found))
        return found

    def _serving(self, n: int, option: str, same: list[tuple[str, list[Reply | None]]]) -> Reply | None:
        """Return the answer under a looser option where it uses nothing that this one leaves out."""
        for under, replies in same:
            reply = replies[n]
            if reply is not None and self.programs.each[n].serves(reply.x, under, option):
                return reply
        return None

    @property
    def every(self) -> Iterator[list[Reply | None]]:
        """All answers so far."""
        return (replies for _, _, replies in self._known)

    @property
    def open(self) -> Iterator[Floats]:
        """The decisions after which everything else was open."""
        return (first for first, option, _ in self._known if not option)


def solve_branches(
    trials: Trials, least: list[Reply | None], asked: Asked, say: Say = lambda text: None
) -> Branches:  # fmt: skip
    """Return the best decisions over all futures of both branches.

    Parameters
    ----------
    trials : what was tried already is tried in both branches
    least : the answer of each future when it is known beforehand
    """
    tried, found = list(trials.open), dict[bool, Stochastic | None]()
    for bought in (True, False):
        branch = trials.programs.buying(bought)
        found[bought] = _nearby(trials, branch, least, tried, asked, _saying(say, bought))
    if asked.whole:
        for bought in sorted(found, key=lambda one: np.inf if found[one] is None else found[one].objective):  # type: ignore[union-attr]
            found[bought] = _searched(trials, bought, found[bought], found[not bought], asked)
    return Branches(found[True], found[False])


def _saying(say: Say, bought: bool) -> Say:
    way = "with" if bought else "without"
    return lambda text: say(f"the best decisions over all futures {way} an order now: {text}")


def _nearby(
    trials: Trials, branch: Programs, least: list[Reply | None], tried: Iterable[Floats], asked: Asked, say: Say
) -> Stochastic | None:  # fmt: skip
    """Return the best of the decisions next to the best fractions of a branch, and of those tried."""
    method, aversion, alpha = asked.method, asked.aversion, asked.alpha
    if method == "auto":
        method = "extensive" if branch.nonzeros <= EXTENSIVE_UP_TO_NONZEROS else "benders"
    known = _best(trials, [one for one in tried if branch.obeyed(one)], asked)
    if method == "benders":
        start = None if asked.whole else known
        ideal = solve_benders(branch, aversion, alpha, bounds(least), solver=trials.relaxed, best=start, say=say)
    else:
        say("all futures as one program")
        ideal = solve_extensive(branch, aversion, alpha, solver=trials.relaxed)
    if ideal is None:
        return None
    say("whole numbers next to the best fractions")
    near = _best(trials, _neighbours(branch, ideal.first), asked)
    found = [one for one in (near, known) if one is not None]
    if not found:
        return None
    best = min(found, key=lambda one: one.objective)
    bound = max(ideal.bound, weighed(bounds(least), aversion, alpha))
    return replace(best, bound=min(bound, best.objective), method=ideal.method, rounds=ideal.rounds)


def _best(trials: Trials, tried: Iterable[Floats], asked: Asked) -> Stochastic | None:
    """Return the best of decisions that hold in all futures; nothing is known of what is better."""
    best: Stochastic | None = None
    for first in tried:
        usd = costs(trials.replies(first))
        objective = weighed(usd, asked.aversion, asked.alpha)
        if np.isfinite(usd).all() and (best is None or objective < best.objective):
            best = Stochastic(first, usd, objective, -np.inf, "")
    return best


def _neighbours(branch: Programs, first: Floats) -> Iterator[Floats]:
    """Yield the whole numbers next to shared decisions: nearest, above and below."""
    for turned in (np.round(first), np.ceil(first - _DUST), np.floor(first + _DUST)):
        near = np.clip(np.where(branch.whole, turned, first), 0.0, branch.most)
        if near[branch.orders].sum() < branch.least_bought:
            near[np.flatnonzero(branch.orders)[first[branch.orders].argmax()]] = branch.least_bought
        yield near


def _searched(
    trials: Trials, bought: bool, own: Stochastic | None, other: Stochastic | None, asked: Asked
) -> Stochastic | None:  # fmt: skip
    """Search a branch in whole numbers, until its gap is closed or it is proven to be no better than the other."""
    branch, limit = trials.programs.buying(bought), np.inf if other is None else other.objective
    while True:
        start, gap = None, GAP
        if own is not None:
            if own.relative_gap <= GAP or own.bound >= limit:
                return own
            start = [one for one in trials.replies(own.first) if one is not None]
            gap = max(GAP, (own.objective - limit) / max(1.0, abs(own.objective)))
        nodes = nodes_for(branch.nonzeros) if asked.nodes is None else asked.nodes
        search = Search(gap, nodes, start)
        found = solve_extensive(branch, asked.aversion, asked.alpha, search, trials.solver)
        if found is None:
            return own
        better = found if own is None or found.objective < own.objective else own
        known = max(found.bound, -np.inf if own is None else own.bound)
        better = replace(better, bound=min(better.objective, known), method="extensive")
        if found.relative_gap > 2 * gap or own is None or better.objective >= own.objective:
            return better
        own = better
