"""Solves a program: the relaxation for bounds and prices, then whole numbers, proven to a relative gap.

Whole numbers: the relaxation is rounded along time (cumulative orders are rounded, so that the fleet follows the
relaxed fleet) and the rest is solved again; then whole numbers within one of the relaxation are searched; the best such
plan is handed to the solver, which closes the gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.decisions import Model
from planner.errors import SolverError
from planner.model.build import Built
from planner.model.highs import Live, Solution, WholeSolution, solve_whole
from planner.model.proof import lower_bound, violation
from planner.program import Arrays, Bools, Floats

SEARCHED_UP_TO_NONZEROS = 60_000
"""Of larger programs only the plan itself is searched in whole numbers; baselines and what-ifs rest on relaxations."""
FEASIBLE = 1e-6
_ROUNDING = 1e-12
"""Relative gaps below are of sums in another order, not of plans: without this no gap of 0 could be proven."""
_WHOLE = 1e-6
_THRESHOLDS = (0.5, 0.2, 0.01)


class NotFoundError(SolverError):
    """No whole-number plan was found within the effort, though there may be one."""


@dataclass(frozen=True)
class Effort:
    """How hard to try: the relative gap to prove, a limit of seconds for the search in whole numbers, and with whom.

    A limit of `nodes` gives the same answer on every machine, which one of seconds does not.
    `solver` names a solver of PuLP for the search; bounds and prices of the relaxation come from HiGHS all the same.
    Without `search` a plan near the relaxation is enough, whatever its gap. Who is `deciding` asks only whether buying
    is cheaper than not: what is dearer than the plan as a relaxation already is not searched, and is told by its bound.
    """

    gap: float = 1e-3
    seconds: float = 100.0
    solver: str | None = None
    search: bool = True
    nodes: int | None = None
    deciding: bool = False

    @property
    def limit(self) -> str:
        """What ends a search, in words."""
        return f"{self.seconds:g} s; try a longer --time-limit" if self.nodes is None else f"{self.nodes:,} nodes"


@dataclass(frozen=True)
class Answer:
    """A plan in columns, and what is proven of it.

    Attributes
    ----------
    x : array [column], whole where it must be
    objective : USD, present value
    relaxation : optimum of the relaxation of the same program
    relaxation_bound : lower bound recomputed from the relaxation's multipliers
    solver_bound : the solver's own bound for whole numbers; the relaxation's where none was needed
    """

    x: Floats
    objective: float
    relaxation: Solution
    relaxation_bound: float
    solver_bound: float

    @property
    def relative_gap(self) -> float:
        """Distance to the best proven bound, relative to the objective."""
        return _gap(self.objective, max(self.relaxation_bound, self.solver_bound))


def solve(
    built: Built, live: Live, lower: Floats, upper: Floats, effort: Effort, starts: Iterable[Floats] = (),
    plan: Answer | None = None,
) -> Answer | None:  # fmt: skip
    """Solve `built` with the given column bounds; `starts` are plans known from elsewhere.

    Parameters
    ----------
    plan : the cheapest plan of all, for an effort that is `deciding`

    Returns
    -------
    None when nothing obeys the rules.

    Raises
    ------
    NotFoundError
        when no whole-number plan was found within the effort.
    """
    live.set_bounds(lower, upper)
    relaxation = live.solve()
    if relaxation is None:
        return None
    arrays, basis = live.arrays, live.basis()
    bound = lower_bound(arrays, relaxation.multipliers)
    if effort.deciding and plan is not None and bound - plan.objective > effort.gap * max(1.0, abs(plan.objective)):
        return Answer(relaxation.x, bound, relaxation, bound, bound)
    if effort.solver is None and (not arrays.whole.any() or _is_whole(relaxation.x, arrays.whole)):
        return Answer(_clean(relaxation.x, arrays), relaxation.objective, relaxation, bound, bound)
    plans = [*starts, *_rounded_plans(built.model, live, relaxation.x)]
    best = _cheapest(arrays, None, plans)
    if best is None or _gap(float(arrays.cost @ best), bound) > effort.gap:
        near = solve_whole(_nearby(arrays, relaxation.x), best, effort.gap, effort.seconds, effort.nodes)
        best = _cheapest(arrays, best, [] if near.x is None else [near.x])
    solver_bound = bound
    enough = best is not None and (not effort.search or _gap(float(arrays.cost @ best), bound) <= effort.gap)
    if not enough or effort.solver is not None:
        found = _search(built, arrays, best, effort)
        solver_bound = max(bound, found.bound) if np.isfinite(found.bound) else bound
        if found.x is None and best is None:
            if found.bound == np.inf:
                return None
            raise NotFoundError(f"no whole-number plan was found in {effort.limit}")
        best = _cheapest(arrays, best, [] if found.x is None else [found.x])
    assert best is not None
    best = _cheapest(arrays, best, [polished] if (polished := _polished(built.model, live, best)) is not None else [])
    live.set_bounds(lower, upper)
    live.restart(basis)
    assert best is not None
    best = _clean(best, arrays)
    return Answer(best, float(arrays.cost @ best), relaxation, bound, solver_bound)


def solve_again(
    built: Built, live: Live, lower: Floats, upper: Floats, target: Floats, solver_bound: float
) -> Answer | None:  # fmt: skip
    """Solve `built` with whole numbers that are known: orders, sales and switches as in `target`.

    Parameters
    ----------
    solver_bound : known from a relaxation of `built`, such as the program with fewer groups of hours

    Returns
    -------
    None when these whole numbers cannot obey the rules, or nothing can.
    """
    live.set_bounds(lower, upper)
    relaxation = live.solve()
    if relaxation is None:
        return None
    basis, bound = live.basis(), lower_bound(live.arrays, relaxation.multipliers)
    x: Floats | None = relaxation.x
    if live.arrays.whole.any():
        x = _with_whole(built.model, live, target, lower, upper)
        if x is None or violation(live.arrays, x) > FEASIBLE:
            return None
        live.restart(basis)
    assert x is not None
    x = _clean(x, live.arrays)
    return Answer(x, float(live.arrays.cost @ x), relaxation, bound, max(bound, solver_bound))


def known(built: Built, live: Live, lower: Floats, upper: Floats, x: Floats, solver_bound: float) -> Answer | None:
    """Return plan `x` of `built` as an answer, with the relaxation of the program; None when it breaks a rule."""
    live.set_bounds(lower, upper)
    relaxation = live.solve()
    if relaxation is None or violation(live.arrays, x) > FEASIBLE:
        return None
    bound = lower_bound(live.arrays, relaxation.multipliers)
    return Answer(x, float(live.arrays.cost @ x), relaxation, bound, max(bound, solver_bound))


def _cheapest(arrays: Arrays, best: Floats | None, plans: Iterable[Floats]) -> Floats | None:
    """Return the cheapest of `best` and those of `plans` that obey every rule."""
    for x in plans:
        if violation(arrays, x) <= FEASIBLE and (best is None or arrays.cost @ x < arrays.cost @ best):
            best = x
    return best


def _polished(model: Model, live: Live, x: Floats) -> Floats | None:
    """Solve the rest again around the whole numbers of `x`: an exact vertex in place of the search's tolerances."""
    return _with_whole(model, live, np.round(x), live.arrays.lower, live.arrays.upper)


def _gap(objective: float, bound: float) -> float:
    gap = (objective - bound) / max(1.0, abs(objective))
    return gap if gap > _ROUNDING else 0.0


def _search(built: Built, arrays: Arrays, start: Floats | None, effort: Effort) -> WholeSolution:
    if effort.solver is None:
        return solve_whole(arrays, start, effort.gap, effort.seconds, effort.nodes)
    from planner.model.pulp_bridge import solve_with  # PuLP takes a while to import

    return WholeSolution(solve_with(effort.solver, built.model.program, arrays, effort.gap, effort.seconds), -np.inf)


def _is_whole(x: Floats, whole: Bools) -> bool:
    return bool((np.abs(x[whole] - np.round(x[whole])) <= _WHOLE).all())


def _clean(x: Floats, arrays: Arrays) -> Floats:
    """Remove solver noise: what is whole but for dust exactly whole, columns within their bounds."""
    near = np.abs(x - np.round(x)) <= 1e-9 * np.maximum(1.0, np.abs(x))
    x = np.where(arrays.whole | near, np.round(x), x)
    return np.asarray(np.clip(x, arrays.lower, arrays.upper))


def _rounded_plans(model: Model, live: Live, relaxed: Floats) -> Iterator[Floats]:
    """Yield plans made by rounding orders along time at different thresholds and solving the rest again."""
    lower, upper, basis = live.arrays.lower, live.arrays.upper, live.basis()
    for threshold in _THRESHOLDS:
        live.restart(basis)
        plan = _with_whole(model, live, _rounded(model, relaxed, threshold), lower, upper)
        if plan is not None:
            yield plan


def _nearby(arrays: Arrays, x: Floats) -> Arrays:
    """Close whole columns far from the relaxed plan `x`: what it uses may move by one, what it leaves out stays out."""
    used = arrays.whole & (x > _WHOLE)
    low = np.where(used, np.floor(x + _WHOLE) - 1, np.round(x))
    high = np.where(used, np.ceil(x - _WHOLE) + 1, np.round(x))
    return replace(
        arrays,
        lower=np.where(arrays.whole, np.clip(low, arrays.lower, arrays.upper), arrays.lower),
        upper=np.where(arrays.whole, np.clip(high, arrays.lower, arrays.upper), arrays.upper),
    )


def _rounded(model: Model, x: Floats, threshold: float) -> Floats:
    """Round orders along time, sales down, and switches up."""
    target = x.copy()
    for name, group in (("buy", ("k", "s")), ("commit", ("q", "o", "c"))):
        block = model[name]
        keys = [block.view.keys[key] for key in group]
        target[block.columns] = _round_along_time(x[block.columns], keys, block.view.keys["t"], threshold)
    target[model["sell"].columns] = np.floor(x[model["sell"].columns] + _WHOLE)
    for name in ("owns", "bought", "settled"):
        target[model[name].columns] = np.ceil(x[model[name].columns] - 1e-3)
    return target


def _round_along_time(x: Floats, groups: list[np.ndarray], t: np.ndarray, threshold: float) -> Floats:
    """Round so that running totals of each group follow the relaxed running totals to within one.

    A running total is rounded up when its fraction reaches `threshold`.
    """
    result = np.zeros_like(x)
    order = np.lexsort((t, *reversed(groups)))
    previous, total, done = None, 0.0, 0.0
    for index in order:
        group = tuple(int(one[index]) for one in groups)
        if group != previous:
            previous, total, done = group, 0.0, 0.0
        total += x[index]
        result[index] = max(0.0, np.floor(total + 1 - threshold + _WHOLE) - done)
        done += result[index]
    return result


def _with_whole(model: Model, live: Live, target: Floats, lower: Floats, upper: Floats) -> Floats | None:
    """Solve with orders, sales and switches fixed at `target`; people and instances are rounded up afterwards.

    Rounding those up breaks no rule but a budget, which the caller checks.
    """
    whole = live.arrays.whole
    later = np.zeros(len(whole), bool)
    for name in ("staff", "on_demand_instances", "spot_instances"):
        if name in model.program:
            later[model[name].columns] = True
    fixed = np.clip(np.round(target), lower, upper)
    now = whole & ~later
    live.set_bounds(np.where(now, fixed, lower), np.where(now, fixed, upper))
    solution = live.solve()
    live.set_bounds(lower, upper)
    if solution is None:
        return None
    return np.where(now, fixed, np.where(whole, np.ceil(solution.x - 1e-7), solution.x))
