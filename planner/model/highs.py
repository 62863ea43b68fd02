"""Hands arrays to HiGHS and reads the answer back. Everything we know about highspy stands here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from planner.program import Arrays, Bools, Floats

_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    # Measured on this model: a quarter of the time of the default dual simplex.
    "simplex_dual_edge_weight_strategy": 1,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "mip_feasibility_tolerance": 1e-9,
}

_UNPRESOLVED = 20_000
"""Nonzeros up to which a relaxation is solved without presolve, as seconds with and without it say:

1.7k 0.0055 0.0024 · 4.6k 0.017 0.010 · 11k 0.028 0.019 · 18k 0.029 0.012 · 25k 0.081 0.068 · 34k 0.22 0.26 ·
76k 0.56 0.54 · 319k 2.5 3.7. Of other options none gained as much at any size: at 104k nonzeros (0.74 s) steepest edge
took 1.4 times as long, the primal simplex 4.2, interior point with crossover 5.6.
"""

_SEARCH: dict[str, Any] = {
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_root_presolve_only": True,
}
"""Of a search in whole numbers, which starts from a good plan: what looks for a first one takes longer than the proof.

The feasibility jump is left out too, but for a search that starts from none.

Seconds of all searches of one run, by the nonzeros of its program, without and with these:
2k 1.97 0.52 · 4k 0.71 0.49 · 8k 2.32 0.85 · 18k 1.97 1.00 · 70k 7.0 4.4 · 319k 7.1 5.5. Restarts and presolve earn
their time; symmetry, cuts in the tree and RINS make little difference.
"""

_DUAL, _PRIMAL = 1, 4
_SHORTLY, _UNLIMITED = 5_000, 2**31 - 1
"""Iterations. Seconds for twelve scenarios of 319k nonzeros, six of them far from the base, at limits of

1,000 25.4 · 2,500 23.5 · 5,000 19.5 · 10,000 26.1 · none 31.9; the six near ones 11.8 · 7.7 · 3.3 · 3.3 · 3.9.
"""
_Status = highspy.HighsModelStatus
_ENDINGS = (
    "kTimeLimit", "kIterationLimit", "kSolutionLimit", "kMemoryLimit", "kInterrupt", "kHighsInterrupt",
    "kObjectiveBound", "kObjectiveTarget",
)  # fmt: skip
_STOPPED = {getattr(_Status, name) for name in _ENDINGS if hasattr(_Status, name)}
"""A search that ended so has its best plan so far, if any, and its bound."""


@dataclass(frozen=True)
class Solution:
    """An optimum of a relaxation.

    Attributes
    ----------
    x : array [column]
    multipliers : array [row]; the change of the objective for one unit more of the row's limit
    objective : USD, present value
    """

    x: Floats
    multipliers: Floats
    objective: float


@dataclass(frozen=True)
class WholeSolution:
    """The best whole-number answer found, and the solver's own bound; `x` is None when none was found."""

    x: Floats | None
    bound: float


def version() -> str:
    """Return the version of HiGHS."""
    return str(highspy.Highs().version())


class Live:
    """One program kept in HiGHS: bounds, costs, limits and coefficients change, the last basis is the next start."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._presolve = "off" if len(arrays.values) <= _UNPRESOLVED else "choose"
        self._highs = _highs(presolve=self._presolve)
        _check(self._highs.passModel(_model(arrays, relaxed=True)))

    def solve(self) -> Solution | None:
        """Solve the relaxation from the last basis; None when nothing obeys the rules."""
        return self._answer(_run(self._highs, self._presolve))

    def _answer(self, status: highspy.HighsModelStatus) -> Solution | None:
        if status == _Status.kInfeasible:
            return None
        if status != _Status.kOptimal:
            raise _stopped(self._highs, status)
        found = self._highs.getSolution()
        x = np.array(found.col_value)
        return Solution(x, np.array(found.row_dual), float(self.arrays.cost @ x))

    def set_bounds(self, lower: Floats, upper: Floats) -> None:
        """Replace the bounds of all columns."""
        self.arrays = replace(self.arrays, lower=lower, upper=upper)
        columns = np.arange(len(lower), dtype=np.int32)
        _check(self._highs.changeColsBounds(len(columns), columns, lower, upper))

    def set_cost(self, cost: Floats) -> None:
        """Replace the objective."""
        _check_numbers(cost)
        self.arrays = replace(self.arrays, cost=cost)
        columns = np.arange(len(cost), dtype=np.int32)
        _check(self._highs.changeColsCost(len(columns), columns, cost))

    def set_row(self, row: int, lower: float, upper: float) -> None:
        """Replace the limits of one row."""
        low, high = self.arrays.row_lower.copy(), self.arrays.row_upper.copy()
        low[row], high[row] = lower, upper
        self.arrays = replace(self.arrays, row_lower=low, row_upper=high)
        _check(self._highs.changeRowBounds(row, lower, upper))

    def become(self, arrays: Arrays) -> bool:
        """Turn into another program with its nonzeros in the same places; False where they are elsewhere."""
        old = self.arrays
        if old.shape != arrays.shape or not _same(old.starts, arrays.starts) or not _same(old.indices, arrays.indices):
            return False
        self.set_bounds(arrays.lower, arrays.upper)
        self.set_cost(arrays.cost)
        _check_numbers(arrays.values)
        rows = np.arange(len(arrays.row_lower), dtype=np.int32)
        _check(self._highs.changeRowsBounds(len(rows), rows, arrays.row_lower, arrays.row_upper))
        entries = np.flatnonzero(old.values != arrays.values)
        at = np.searchsorted(arrays.starts, entries, "right") - 1
        for row, column, value in zip(
            at.tolist(), arrays.indices[entries].tolist(), arrays.values[entries].tolist(), strict=True
        ):
            _check(self._highs.changeCoeff(row, column, value))
        self.arrays = arrays
        return True

    def basis(self) -> Any:
        """Return the current basis, to come back to with `restart`."""
        return self._highs.getBasis()

    def restart(self, basis: Any) -> None:
        """Start the next solve from `basis`."""
        _check(self._highs.setBasis(basis))

    def grown(self, basis: Any) -> Any:
        """Return the `basis` of a program with fewer rows as one of this program: what rows it lacks limit nothing."""
        made = highspy.HighsBasis()
        missing = self.arrays.shape[0] - len(basis.row_status)
        made.col_status = list(basis.col_status)
        made.row_status = [*basis.row_status, *[highspy.HighsBasisStatus.kBasic] * missing]
        made.valid = True
        return made

    def forget(self) -> None:
        """Start the next solve from nothing: its answer does not depend on what was solved before."""
        _check(self._highs.clearSolver())

    def solve_from(self, basis: Any, cost: Floats) -> Solution | None:
        """Solve the relaxation from the `basis` of one with costs `cost` and other limits, and from nothing else.

        First the limits, with the costs to which the basis belongs: dual simplex. Then the costs, at limits that hold:
        primal simplex. Both at once take longer; seconds at 319k nonzeros, at once and in turn: other rents 1.54 0.67,
        other WACC 0.62 0.37, both and more demand 1.72 1.19.
        """
        wanted = self.arrays.cost
        self.forget()
        self.restart(basis)
        self.set_cost(cost)
        status = self._run_shortly(_DUAL)
        self.set_cost(wanted)
        if status == _Status.kOptimal and not np.array_equal(wanted, cost):
            status = self._run_shortly(_PRIMAL)
        if status == _Status.kIterationLimit:
            self.forget()
            return self.solve()
        return self._answer(status)

    def _run_shortly(self, strategy: int) -> highspy.HighsModelStatus:
        """Run from a basis that may be too far away: from nothing, presolved, is then the shorter way."""
        self._set(strategy, _SHORTLY)
        try:
            return _run(self._highs, self._presolve)
        finally:
            self._set(_DUAL, _UNLIMITED)

    def _set(self, strategy: int, iterations: int) -> None:
        _check(self._highs.setOptionValue("simplex_strategy", strategy))
        _check(self._highs.setOptionValue("simplex_iteration_limit", iterations))


def solve_whole(
    arrays: Arrays, start: Floats | None, gap: float, seconds: float = np.inf, nodes: int | None = None
) -> WholeSolution:
    """Solve with whole numbers, from `start`, until the relative gap is at most `gap` or a limit is reached.

    Of the limits only `nodes` gives the same answer on every machine.
    """
    jump = {"mip_heuristic_run_feasibility_jump": start is None}
    most = {} if nodes is None else {"mip_max_nodes": nodes}
    highs = _highs(mip_rel_gap=gap, time_limit=seconds, **_SEARCH, **jump, **most)
    _check(highs.passModel(_model(arrays, relaxed=False)))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start
        _check(highs.setSolution(solution))
    status = _run(highs, "choose")
    if status == _Status.kInfeasible:
        return WholeSolution(None, np.inf)
    if status != _Status.kOptimal and status not in _STOPPED:
        raise _stopped(highs, status)
    info = highs.getInfo()
    bound = float(info.mip_dual_bound)
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return WholeSolution(np.array(highs.getSolution().col_value) if feasible else None, bound)


def _highs(**options: Any) -> highspy.Highs:
    highs = highspy.Highs()
    for name, value in (_OPTIONS | options).items():
        _check(highs.setOptionValue(name, value))
    return highs


def _run(highs: highspy.Highs, presolve: str) -> highspy.HighsModelStatus:
    """Run, once more from nothing and without presolve where the first run leaves open what it found."""
    _check(highs.run())
    status: highspy.HighsModelStatus = highs.getModelStatus()
    if status in (_Status.kUnboundedOrInfeasible, _Status.kUnknown):
        _check(highs.clearSolver())
        _check(highs.setOptionValue("presolve", "off"))
        _check(highs.run())
        status = highs.getModelStatus()
        _check(highs.setOptionValue("presolve", presolve))
    return status


def _stopped(highs: highspy.Highs, status: highspy.HighsModelStatus) -> SolverError:
    return SolverError(f"HiGHS stopped: {highs.modelStatusToString(status)}")


def _check_numbers(*arrays: Floats) -> None:
    """HiGHS takes what is not a number for a cost or a coefficient and calls the outcome optimal."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise SolverError("a cost or a coefficient of the program is not a number")


def _check(status: highspy.HighsStatus) -> None:
    """HiGHS reports a misspelt option or a wrong array only by its status."""
    if status == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused an option or a model")


def _model(arrays: Arrays, relaxed: bool) -> highspy.HighsLp:
    _check_numbers(arrays.cost, arrays.values)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = arrays.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = arrays.cost, arrays.lower, arrays.upper
    model.row_lower_, model.row_upper_ = arrays.row_lower, arrays.row_upper
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_, matrix.index_, matrix.value_ = arrays.starts, arrays.indices, arrays.values
    if not relaxed and arrays.whole.any():
        model.integrality_ = _integrality(arrays.whole)
    return model


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return bool(one is other or np.array_equal(one, other))


def _integrality(whole: Bools) -> list[highspy.HighsVarType]:
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    return [kinds[int(flag)] for flag in whole]
