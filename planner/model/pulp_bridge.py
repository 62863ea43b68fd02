"""The same program as a PuLP problem: for readable LP files and for any other solver that PuLP knows.

Everything we know about PuLP's majors stands here. 3.3 (Python 3.11) and 4.x (Python ≥ 3.12) both have
`add_variable` and `addConstraint`; `lpSum` of products is the one way to write an expression that both read alike, and
`solve` returns a number in one and a statistics object in the other, so values are read from the variables.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pulp

from planner.documents import write_atomically
from planner.errors import Complaint, InputError, Place, nearest
from planner.program import Arrays, Floats, Program

_LONGEST = 95  # PuLP refuses to write names of more than 100 letters
_UNSAFE = re.compile(r"[^A-Za-z0-9_.()]")


def to_pulp(program: Program, arrays: Arrays) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Return `program` as a PuLP problem and its variables by column. `arrays` may carry other bounds and limits."""
    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    variables = [
        problem.add_variable(name, None if low == -np.inf else low, None if high == np.inf else high,
                             "Integer" if whole else "Continuous")
        for name, low, high, whole in zip(_names(program.column_names()), arrays.lower.tolist(),
                                          arrays.upper.tolist(), arrays.whole.tolist(), strict=True)
    ]  # fmt: skip
    nothing = problem.add_variable("nothing", 0, 0)
    cost = arrays.cost.tolist()
    problem.setObjective(pulp.lpSum([cost[j] * variables[j] for j in np.flatnonzero(arrays.cost).tolist()]))
    starts, columns, values = arrays.starts.tolist(), arrays.indices.tolist(), arrays.values.tolist()
    for i, name in enumerate(_names(program.row_names())):
        entries = range(starts[i], starts[i + 1])
        if not entries:
            if not arrays.row_lower[i] <= 0 <= arrays.row_upper[i]:  # 0 == 8: keep what cannot be
                problem.addConstraint(pulp.lpSum([nothing]) >= 1, name)
            continue
        left = pulp.lpSum([values[e] * variables[columns[e]] for e in entries])
        low, high = float(arrays.row_lower[i]), float(arrays.row_upper[i])
        if low == high:
            problem.addConstraint(left == low, name)
        elif high == np.inf:
            problem.addConstraint(left >= low, name)
        else:
            problem.addConstraint(left <= high, name)
    return problem, variables


def _names(names: list[str]) -> list[str]:
    """Names for LP files; one that is too long is cut and numbered."""
    safe = [safe_name(name) for name in names]
    return [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 10]}_{i}" for i, name in enumerate(safe)]


def safe_name(name: str) -> str:
    """Return a name that LP files can carry: `buy[server-a,room]` becomes `buy(server_a.room)`; one to one for ids."""
    return _UNSAFE.sub("_", name.replace("[", "(").replace("]", ")").replace(",", ".").replace("@", ".."))


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
    solver = pulp.getSolver(name, msg=False, gapRel=gap, timeLimit=seconds)
    problem.solve(solver)
    values = [variable.varValue for variable in variables]
    used = np.zeros(len(values), bool)
    used[arrays.indices] = True
    if any(value is None for value, needed in zip(values, used.tolist(), strict=True) if needed):
        return None
    return np.array([lower if value is None else value for value, lower in zip(values, arrays.lower, strict=True)])
