"""Decomposition (Benders, a cut for every future in every round): the stochastic plan where futures are many.

The master decides what is shared and underestimates what each future costs, θ[s]. Each future answers with its cost and
its slopes, the reduced costs of the shared decisions that were fixed in it: a cut θ[s] ≥ cost + slopes · (x − x̂). Asked
is half way between the master's decisions and the best known ones (in-out), which keeps it from leaping about. What a
solver learned before, of the futures known beforehand, of decisions tried and in another branch, are cuts too. Where a
future cannot obey its rules with what is asked, the nearest decisions with which it can give a cut that shuts them out,
and are asked next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import SolverError
from planner.model.growing import Growing
from planner.model.highs import Live
from planner.program import INF, Arrays, Floats
from planner.whatif.risk.measures import tail, weighed
from planner.whatif.risk.programs import Program, Programs
from planner.whatif.risk.solver import Cut, Solver, costs
from planner.whatif.risk.stochastic import Stochastic

GAP = 1e-4
_ROUNDS, _FEWEST = 500, 12
_WORK = 100_000_000
"""Rounds × nonzeros of all futures, after which it ends with what it has: not seconds, which no two machines share."""
_STEP = 0.5
Say = Callable[[str], None]
_TRIES = 4
"""How often in a round other decisions are asked where a future cannot obey its rules with those."""
_FEASIBLE = 1e-7


def solve_benders(
    programs: Programs, aversion: float, alpha: float, least: Floats, gap: float = GAP,
    solver: Solver | None = None, best: Stochastic | None = None, say: Say = lambda text: None,
) -> Stochastic | None:  # fmt: skip
    """Solve the relaxation within the relative `gap`; None where no shared decisions hold in all futures.

    Large programs end earlier; their bound says how far from it.

    Parameters
    ----------
    least : cost of each future when it is known beforehand, array [future]: its θ is never below
    solver : of relaxations, with what it learned of these futures
    best : decisions that are known
    """
    unit = max(1.0, float(np.abs(least).mean()))  # of costs in the master, which would dwarf its decisions in USD
    shared, solver = len(programs.keys), solver or Solver(programs)
    master = _master(programs, aversion, alpha, least / unit)
    for cut in solver.cuts:
        _learn(master, shared, cut, unit)
    most = min(_ROUNDS, max(_FEWEST, _WORK // programs.nonzeros))
    best = best and replace(best, method="benders")
    for rounds in range(1, most + 2):
        solution = master.solve()
        if solution is None:
            return None
        bound = solution.objective * unit
        if best is not None:
            best = replace(best, bound=min(bound, best.objective), rounds=rounds)
            say(f"round {rounds} of at most {most}: within {best.relative_gap:.2%}")
            if best.relative_gap <= gap or rounds > most:
                return best
        wanted = solution.x[:shared]
        asked = wanted if best is None else wanted + _STEP * (best.first - wanted)
        for _ in range(_TRIES):
            usd, asked = _ask(programs, solver, master, asked, unit)
            if usd is not None:
                break
        if usd is None or not programs.obeyed(asked):
            continue
        if best is None or weighed(usd, aversion, alpha) < best.objective:
            best = Stochastic(asked, usd, weighed(usd, aversion, alpha), bound, "benders", rounds)
    if best is None:
        raise SolverError(f"the decomposition found no decisions that hold in all futures in {most} rounds")
    return best


def _ask(
    programs: Programs, solver: Solver, master: Growing, asked: Floats, unit: float
) -> tuple[Floats | None, Floats]:  # fmt: skip
    """Return the cost of every future with the decisions `asked`, and these; the master learns.

    Where a future cannot obey its rules with them: None, and the nearest decisions with which it can.
    """
    shared, replies = len(asked), solver.replies(asked)
    for n, reply in enumerate(replies):
        if reply is not None and reply.slopes is not None:
            _learn(master, shared, Cut(n, reply.usd - float(reply.slopes @ asked), reply.slopes), unit)
    if None not in replies:
        return costs(replies), asked
    found = _nearest(programs.each[replies.index(None)], programs.most, asked)
    row = np.zeros(master.arrays.shape[1])
    row[:shared] = -found.slopes  # distance + slopes · (x − asked) ≤ 0
    master.add_row(row, found.distance - float(found.slopes @ asked))
    return None, found.first


def _learn(master: Growing, shared: int, cut: Cut, unit: float) -> None:
    row = np.zeros(master.arrays.shape[1])
    row[:shared], row[shared + cut.future] = -cut.slopes / unit, 1.0
    master.add_row(row, cut.usd / unit)


def _master(programs: Programs, aversion: float, alpha: float, least: Floats) -> Growing:
    """Columns are shared decisions, θ of every future, η and what each θ is above it; rows say the last."""
    shared, count = len(programs.keys), len(programs.each)
    width = shared + count
    cost = np.zeros(width + 1 + count)
    cost[shared:width] = (1 - aversion) / count
    lower, upper = np.zeros(len(cost)), np.full(len(cost), INF)
    lower[:shared] = np.max([one.arrays.lower[one.first] for one in programs.each], axis=0)
    upper[:shared], lower[shared:width] = programs.most, least
    if not aversion:  # a row without CVaR needs no η
        upper[width:] = 0.0
        rows = np.zeros((0, 3), np.int64)
    else:
        cost[width], lower[width] = aversion, -INF
        cost[width + 1 :] = aversion / (tail(count, alpha) * count)
        n = np.arange(count)
        rows = np.stack([shared + n, np.full(count, width), width + 1 + n], axis=1)
    starts = np.arange(len(rows) + 1, dtype=np.int32) * 3
    values = np.tile([-1.0, 1.0, 1.0], len(rows))
    limits = np.zeros(len(rows)), np.full(len(rows), INF)
    none = np.zeros(len(cost), bool)
    master = Growing(Arrays(cost, lower, upper, none, *limits, starts, rows.ravel().astype(np.int32), values))
    if programs.least_bought:
        master.add_row(np.append(programs.orders.astype(float), np.zeros(len(cost) - shared)), programs.least_bought)
    return master


@dataclass(frozen=True)
class _Nearest:
    """The nearest decisions with which a future can obey its rules, how far they are, and the slope of that."""

    first: Floats
    distance: float
    slopes: Floats


def _nearest(one: Program, most: Floats, asked: Floats) -> _Nearest:
    """Solve min Σ(more + less) with first + more − less = asked under all rules of a future."""
    arrays, shared = one.arrays, len(asked)
    width, height = arrays.shape[1], arrays.shape[0]
    upper = arrays.upper.copy()
    upper[one.first] = most
    cost = np.concatenate([np.zeros(width), np.ones(2 * shared)])
    n = np.arange(shared)
    tied = np.stack([one.first, width + n, width + shared + n], axis=1).ravel()
    near = Arrays(
        cost, np.concatenate([arrays.lower, np.zeros(2 * shared)]),
        np.concatenate([upper, np.full(2 * shared, INF)]), np.zeros(len(cost), bool),
        np.concatenate([arrays.row_lower, asked]), np.concatenate([arrays.row_upper, asked]),
        np.concatenate([arrays.starts, arrays.starts[-1] + 3 * (n + 1)]).astype(np.int32),
        np.concatenate([arrays.indices, tied]).astype(np.int32),
        np.concatenate([arrays.values, np.tile([1.0, 1.0, -1.0], shared)]),
    )  # fmt: skip
    solution = Live(near).solve()
    if solution is None or solution.objective <= _FEASIBLE:
        raise SolverError("a future obeys its rules with no decisions, or with those that it just refused")
    return _Nearest(solution.x[one.first], solution.objective, solution.multipliers[height:])
