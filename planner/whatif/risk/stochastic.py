"""One plan for all futures: shared decisions now, everything else when the future is known.

min (1 − λ) · mean + λ · CVaR_α over the futures, as one program: the programs of all futures side by side, with the
shared decisions as columns of all of them. CVaR as min η + Σ max(cost − η, 0) ÷ (S · tail).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model.highs import Live, solve_whole
from planner.program import INF, Arrays, Floats, Ints
from planner.whatif.risk.measures import tail, weighed
from planner.whatif.risk.programs import Programs
from planner.whatif.risk.solver import Reply, Solver, costs

_DUST = 1e-9
EXTENSIVE_UP_TO_NONZEROS = 400_000
"""Of all futures; larger ones are decomposed."""


@dataclass(frozen=True)
class Stochastic:
    """Shared decisions that are best over all futures.

    Attributes
    ----------
    first : array [shared decision]
    usd : cost of each future with them
    objective : mean and CVaR of that, weighed
    bound : no shared decisions give less
    method : extensive or benders
    rounds : of cuts
    """

    first: Floats
    usd: Floats
    objective: float
    bound: float
    method: str
    rounds: int = 0

    @property
    def relative_gap(self) -> float:
        """Distance to the bound, relative to the objective."""
        return max(0.0, self.objective - self.bound) / max(1.0, abs(self.objective))


@dataclass(frozen=True)
class Search:
    """How whole numbers are sought: to which relative gap, over how many nodes, and from which answers."""

    gap: float
    nodes: int
    start: Sequence[Reply] | None = None


def extensive(programs: Programs, aversion: float, alpha: float) -> tuple[Arrays, list[Ints]]:
    """Return the programs of all futures as one, and for each future its place among the columns.

    Columns are the shared decisions, the rest of each future, and for CVaR η and what each future costs above it.
    """
    shared, count = len(programs.keys), len(programs.each)
    width = shared + sum(one.arrays.shape[1] - shared for one in programs.each)
    with_tail = aversion > 0
    columns = width + (1 + count) * with_tail
    cost, whole = np.zeros(columns), np.zeros(columns, bool)
    lower, upper = np.zeros(columns), np.full(columns, INF)
    upper[:shared] = programs.most
    places, rows, entries, limits, next_free, height = [], [], [], [], shared, 0
    for one in programs.each:
        arrays = one.arrays
        place = np.full(arrays.shape[1], -1, np.int64)
        place[one.first] = np.arange(shared)
        rest = place < 0
        place[rest] = next_free + np.arange(rest.sum())
        next_free += int(rest.sum())
        lower[place[rest]], upper[place[rest]] = arrays.lower[rest], arrays.upper[rest]
        lower[:shared] = np.maximum(lower[:shared], arrays.lower[one.first])
        whole[place] |= arrays.whole
        np.add.at(cost, place, (1 - aversion) / count * arrays.cost)
        rows.append(np.repeat(np.arange(arrays.shape[0]), np.diff(arrays.starts)) + height)
        entries.append((place[arrays.indices], arrays.values))
        limits.append((arrays.row_lower, arrays.row_upper))
        height += arrays.shape[0]
        places.append(place)
    if programs.least_bought:
        orders = np.flatnonzero(programs.orders)
        rows.append(np.full(len(orders), height))
        entries.append((orders, np.ones(len(orders))))
        limits.append((np.array([programs.least_bought]), np.full(1, INF)))
        height += 1
    if with_tail:
        lower[width] = -INF
        cost[width], cost[width + 1 :] = aversion, aversion / (tail(count, alpha) * count)
        for n, (one, place) in enumerate(zip(programs.each, places, strict=True)):
            paid = np.flatnonzero(one.arrays.cost)
            rows.append(np.full(len(paid) + 2, height))
            at = np.concatenate([place[paid], [width, width + 1 + n]])
            entries.append((at, np.concatenate([-one.arrays.cost[paid], [1.0, 1.0]])))
            limits.append((np.zeros(1), np.full(1, INF)))
            height += 1
    row = np.concatenate(rows)
    column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    starts = np.zeros(height + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=height), out=starts[1:])
    low, high = (np.concatenate(parts) for parts in zip(*limits, strict=True))
    arrays = Arrays(cost, lower, upper, whole, low, high, starts, column.astype(np.int32), value)
    return arrays, places


def solve_extensive(
    programs: Programs, aversion: float, alpha: float, search: Search | None = None, solver: Solver | None = None
) -> Stochastic | None:  # fmt: skip
    """Solve all futures as one program, with `search` in whole numbers; None where nothing holds in all of them.

    `solver` answers in every future, in whole numbers where these are sought.
    A future whose cost does not weigh, such as one below η where CVaR is all, is answered arbitrarily there: its cost
    is that of its own best answer.
    """
    arrays, places = extensive(programs, aversion, alpha)
    if search is not None:
        start = None if search.start is None else _start(programs, arrays, places, search.start, alpha)
        found = solve_whole(arrays, start, search.gap, nodes=search.nodes)
        if found.x is None:
            return None
        x, bound = found.x, found.bound
    else:
        solution = Live(replace(arrays, whole=np.zeros_like(arrays.whole))).solve()
        if solution is None:
            return None
        x, bound = solution.x, solution.objective
    usd = np.array([one.arrays.cost @ x[place] for one, place in zip(programs.each, places, strict=True)])
    first = x[: len(programs.keys)]
    if search is not None:
        first = programs.rounded(first)
    solver = solver or Solver(programs, search is not None)
    usd = np.minimum(usd, costs(solver.replies(first)))
    objective = weighed(usd, aversion, alpha)
    return Stochastic(first, usd, objective, min(bound, objective), "extensive")


def _start(
    programs: Programs, arrays: Arrays, places: Sequence[Ints], replies: Sequence[Reply], alpha: float
) -> Floats:  # fmt: skip
    """Return the answers of all futures to the same decisions as one plan."""
    x, usd, count = np.zeros(arrays.shape[1]), costs(replies), len(replies)
    for reply, place in zip(replies, places, strict=True):
        x[place] = reply.x
    width = arrays.shape[1] - 1 - count
    if width == len(programs.keys) + sum(len(place) - len(programs.keys) for place in places):  # there is an η
        x[width] = np.sort(usd)[::-1][int(tail(count, alpha) * count - _DUST)]
        x[width + 1 :] = np.maximum(usd - x[width], 0.0)
    return x
