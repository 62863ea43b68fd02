"""The same program as a PuLP problem: for readable LP files and for any other solver that PuLP knows.

Everything we know about PuLP's majors stands here. 4.x (Python ≥ 3.12) keeps a problem in a store of its own, which
takes whole blocks in a tenth of the time; those calls are not promised, so without them, and in 3.3 (Python 3.11), a
problem is filled row by row with public calls. `solve` returns a number in one major and a statistics object in the
other, so values are read from the variables.

A plan that HiGHS solves does not come through here: filling a problem takes about as long as building the arrays, and
HiGHS would be handed the same arrays (`ArraySolver`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pulp

from planner.documents import write_atomically
from planner.errors import Complaint, InputError, Place, nearest
from planner.model import highs
from planner.program import Arrays, Floats, Program

_store: Any = getattr(pulp, "_rustcore", None)  # of PuLP 4

_LONGEST = 95  # PuLP refuses to write names of more than 100 letters
_UNSAFE = re.compile(r"[^A-Za-z0-9_.()]")
_expression = getattr(pulp, "lpSum_vars_coefs", pulp.LpAffineExpression)
"""Of pairs of variable and coefficient: the call that each major offers for it."""


class Names(NamedTuple):
    """Names of columns and rows, as LP files can carry them."""

    columns: list[str]
    rows: list[str]


def to_pulp(program: Program, arrays: Arrays) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Return `program` as a PuLP problem and its variables by column. `arrays` may carry other bounds and limits.

    A row without any limit is left out, and one with two different limits becomes two.
    """
    names = Names(_cut(program.column_names(safe_name)), _cut(program.row_names(safe_name)))
    if _store is not None:
        try:
            return _filled_in_blocks(names, arrays)
        except (AttributeError, TypeError):
            pass  # the store has other calls than those we know
    return _filled_by_row(names, arrays)


def _filled_by_row(names: Names, arrays: Arrays) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    variables = [
        problem.add_variable(name, None if low == -np.inf else low, None if high == np.inf else high,
                             "Integer" if whole else "Continuous")
        for name, low, high, whole in zip(names.columns, arrays.lower.tolist(), arrays.upper.tolist(),
                                          arrays.whole.tolist(), strict=True)
    ]  # fmt: skip
    cost = arrays.cost.tolist()
    problem.setObjective(_expression([(variables[j], cost[j]) for j in np.flatnonzero(arrays.cost).tolist()]))
    columns, values = arrays.indices.tolist(), arrays.values.tolist()
    for name, sense, limit, first, last in _limits(names.rows, arrays):
        left = _expression(
            [(variables[j], value) for j, value in zip(columns[first:last], values[first:last], strict=True)]
        )
        row = left == limit if sense == "==" else left >= limit if sense == ">=" else left <= limit
        problem.addConstraint(row, name)
    return problem, variables


def _filled_in_blocks(names: Names, arrays: Arrays) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    store, expression = problem._model, _store.AffineExpr
    columns = store.add_variables_batch(names.columns, 0.0, np.inf, _store.Category.Continuous)
    for j in np.flatnonzero(arrays.lower != 0).tolist():
        columns[j].set_lb(float(arrays.lower[j]))
    for j in np.flatnonzero(arrays.upper != np.inf).tolist():
        columns[j].set_ub(float(arrays.upper[j]))
    for j in np.flatnonzero(arrays.whole).tolist():
        columns[j].set_category(_store.Category.Integer)
    paid, total = np.flatnonzero(arrays.cost), expression()
    total.add_term_ids_coeffs(store, paid.astype(np.uint64), arrays.cost[paid])
    store.set_objective(total)
    senses = {"==": _store.Sense.Equal, ">=": _store.Sense.GreaterEqual, "<=": _store.Sense.LessEqual}
    indices, values = arrays.indices.astype(np.uint64), arrays.values
    for name, sense, limit, first, last in _limits(names.rows, arrays):
        row = expression()
        row.add_term_ids_coeffs(store, indices[first:last], values[first:last])
        row.set_constant(-limit)
        row.set_sense(senses[sense])
        row.set_name(name)
        store.add_constraint(row)
    return problem, problem.variables()


def _limits(names: list[str], arrays: Arrays) -> Iterator[tuple[str, str, float, int, int]]:
    """Yield name, sense, limit, first entry and the end of its entries for every limit of every row."""
    starts, lows, highs_ = arrays.starts.tolist(), arrays.row_lower.tolist(), arrays.row_upper.tolist()
    for name, low, high, first, last in zip(names, lows, highs_, starts[:-1], starts[1:], strict=True):
        if low == high:
            yield name, "==", low, first, last
            continue
        if high != np.inf:
            yield name, "<=", high, first, last
        if low != -np.inf:
            yield name if high == np.inf else f"{name}.least", ">=", low, first, last


def _cut(names: list[str]) -> list[str]:
    """Cut and number a name that is too long for LP files."""
    return [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 10]}_{i}" for i, name in enumerate(names)]


def safe_name(name: str) -> str:
    """Return a name that LP files can carry: `buy[server-a,room]` becomes `buy(server_a.room)`; one to one for ids."""
    return _UNSAFE.sub("_", name.replace("[", "(").replace("]", ")").replace(",", ".").replace("@", ".."))


class ArraySolver(pulp.LpSolver):  # type: ignore[misc]
    """A solver of PuLP that hands the arrays of a problem to HiGHS in one piece, not row by row.

    Parameters
    ----------
    arrays, variables : what the problem was filled from, and what it was filled with
    relaxed : leave out that columns are whole
    gap, seconds : for the search in whole numbers
    """

    name = "HiGHS"

    def __init__(
        self, arrays: Arrays, variables: list[pulp.LpVariable], *, relaxed: bool = False, gap: float = 1e-3,
        seconds: float = np.inf,
    ) -> None:  # fmt: skip
        super().__init__(msg=False)
        self.arrays, self.variables, self.relaxed, self.gap, self.seconds = arrays, variables, relaxed, gap, seconds

    def available(self) -> bool:
        """HiGHS is always there: it is installed with us."""
        return True

    def actualSolve(self, lp: pulp.LpProblem, **_: Any) -> Any:  # noqa: N802
        """Solve and write values to the variables of `lp`; returns what PuLP's major asks of a solver."""
        clocks = getattr(pulp.apis.core, "clocks", None)
        start = clocks() if clocks else None
        x, impossible = self._solved()
        for variable, value in zip(self.variables, x.tolist() if x is not None else (), strict=x is not None):
            variable.varValue = value
        if clocks:
            status = pulp.constants.LpSolveStatus
            why = status.Optimal if x is not None else status.Infeasible if impossible else status.NotSolved
            return self.buildStats(lp, why, x is not None, start=start)
        code = pulp.LpStatusOptimal if x is not None else -1 if impossible else pulp.LpStatusNotSolved
        lp.assignStatus(code)
        return code

    def _solved(self) -> tuple[Floats | None, bool]:
        """Return the plan, if there is one, and whether there can be none."""
        if self.relaxed:
            solution = highs.Live(self.arrays).solve()
            return (None, True) if solution is None else (solution.x, False)
        found = highs.solve_whole(self.arrays, None, self.gap, self.seconds)
        return found.x, found.bound == np.inf


def write_lp(program: Program, arrays: Arrays, path: Path) -> None:
    """Write the program as an LP file. Raises InputError when the file cannot be written."""
    write_atomically(path, "")  # says early, and in our words, when the place cannot be written
    problem, _ = to_pulp(program, arrays)
    problem.writeLP(str(path))


def check_solver(name: str) -> None:
    """Refuse a solver that PuLP does not know or that is not installed. Raises InputError."""
    known = pulp.listSolvers(onlyAvailable=True)
    if name not in known:
        place = Place("--solver")
        raise InputError([Complaint(place, "", "is not an installed solver", found=name, allowed=", ".join(known),
                                    cure=nearest(name, known))])  # fmt: skip


def solve_with(name: str, program: Program, arrays: Arrays, gap: float, seconds: float) -> Floats | None:
    """Solve with the PuLP solver `name`; return the plan by column, or None when it found none."""
    problem, variables = to_pulp(program, arrays)
    if name == ArraySolver.name:
        problem.solve(ArraySolver(arrays, variables, gap=gap, seconds=seconds))
    else:
        problem.solve(pulp.getSolver(name, msg=False, gapRel=gap, timeLimit=seconds))
    values = [variable.varValue for variable in variables]
    used = np.zeros(len(values), bool)
    used[arrays.indices] = True
    if any(value is None for value, needed in zip(values, used.tolist(), strict=True) if needed):
        return None
    return np.array([lower if value is None else value for value, lower in zip(values, arrays.lower, strict=True)])
