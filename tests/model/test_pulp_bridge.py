"""A PuLP problem holds what the arrays hold, bit by bit, however it was filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pulp
import pytest
from hypothesis import given

from planner.model import pulp_bridge
from planner.model.build import build
from planner.model.highs import Live
from planner.model.pulp_bridge import ArraySolver, safe_name, solve_with, to_pulp
from planner.program import INF, Arrays, Program, table
from tests.laws.cases import FEW, Changes, scenarios
from tests.small import small

WAYS = ["by row", *(["in blocks"] if pulp_bridge._store is not None else [])]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "by row":
        monkeypatch.setattr(pulp_bridge, "_store", None)
    else:
        monkeypatch.setattr(pulp_bridge, "_filled_by_row", None)  # so that falling back is seen


def rows_of(problem: pulp.LpProblem) -> list[Any]:
    """Rows of a problem: a mapping in one major of PuLP, a method in the next."""
    found = problem.constraints
    return list(found() if callable(found) else found.values())


def read_back(problem: pulp.LpProblem, variables: list[pulp.LpVariable]) -> tuple[Arrays, list[str], list[str]]:
    """Return the arrays that a problem holds, and the names of its columns and rows."""
    column = {variable.name: j for j, variable in enumerate(variables)}
    assert len(column) == len(variables), "names stand for one column each"
    cost, rows = np.zeros(len(variables)), rows_of(problem)
    for variable, value in problem.objective.items():
        cost[column[variable.name]] = value
    entries = [sorted((column[variable.name], value) for variable, value in row.items()) for row in rows]
    limit = np.array([-row.constant for row in rows]) + 0.0
    sense = np.array([row.sense for row in rows])
    flat = [entry for row in entries for entry in row]
    arrays = Arrays(
        cost,
        np.array([-INF if one.lowBound is None else one.lowBound for one in variables], float),
        np.array([INF if one.upBound is None else one.upBound for one in variables], float),
        np.array([one.cat == "Integer" for one in variables]),
        np.where(sense >= 0, limit, -INF), np.where(sense <= 0, limit, INF),
        np.cumsum([0, *map(len, entries)]).astype(np.int32),
        np.array([j for j, _ in flat], np.int32), np.array([value for _, value in flat], float),
    )  # fmt: skip
    return arrays, list(column), [row.name for row in rows]


def assert_equal(found: Arrays, expected: Arrays) -> None:
    for name, array in vars(expected).items():
        mine = getattr(found, name)
        assert mine.dtype == array.dtype, name
        assert np.array_equal(mine, array), name


@pytest.mark.usefixtures("way")
@FEW
@given(changes=scenarios(unserved=True))
def test_random_programs_come_back_bit_by_bit(changes: Changes, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = {"servers": True, "commitments": True, "instances": False}
    built = build(small(tmp_path_factory.mktemp("case"), **(changes | {"whole": whole})))
    found, columns, rows = read_back(*to_pulp(built.model.program, built.arrays))
    assert_equal(found, built.arrays)
    assert columns == [safe_name(name) for name in built.model.program.column_names()]
    assert rows == [safe_name(name) for name in built.model.program.row_names()]
    assert len(set(rows)) == len(rows)


def odd() -> tuple[Program, Arrays]:
    """A program of columns with every kind of bound, and rows of every kind: one empty, one a range, one free."""
    program = Program({"k": ["a-b", "c,d"]})
    x = program.decide("x", table(k=[0, 1]), "", lower=[-INF, -3], upper=[INF, -1])
    program.decide("unused", table(k=[0]), "", lower=0.25, upper=7, whole=True)
    long = program.decide("y" * 120, table(k=[0, 1]), "", upper=[0, 1], whole=[False, True])
    program.add_cost(x.view, np.array([1 / 3, 0.0]))
    program.rule("equal", table(k=[0]), [x.view, 0.1 * long.view], "==", 0.1)
    program.rule("empty", table(k=[0]), [], "<=", 5)
    program.rule("range", table(k=[1]), [x.view, long.view * 1e-7], ">=", -2.5)
    program.rule("free", table(k=[1]), [x.view], ">=", -1)
    arrays = program.arrays()
    low, high = arrays.row_lower.copy(), arrays.row_upper.copy()
    low[3], high[2] = -INF, -1.5
    return program, replace(arrays, row_lower=low, row_upper=high)


@pytest.mark.usefixtures("way")
def test_odd_bounds_and_limits_come_back_too() -> None:
    program, arrays = odd()
    found, columns, rows = read_back(*to_pulp(program, arrays))
    assert columns[:3] == ["x(a_b)", "x(c.d)", "unused(a_b)"]
    assert all(len(name) <= 95 for name in columns)
    assert rows == ["equal(a_b)", "empty(a_b)", "range(c.d)", "range(c.d).least"]
    for name in ("cost", "lower", "upper", "whole"):
        assert np.array_equal(getattr(found, name), getattr(arrays, name)), name
    assert found.row_lower.tolist() == [0.1, -INF, -INF, -2.5]
    assert found.row_upper.tolist() == [0.1, 5, -1.5, INF]
    assert found.starts.tolist() == [0, 2, 2, 4, 6]
    assert found.indices.tolist() == [0, 3, 1, 4, 1, 4]
    assert found.values.tolist() == [1, 0.1, 1, 1e-7, 1, 1e-7]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("limit", [5.0, -5.0])
def test_an_empty_row_that_cannot_hold_leaves_no_plan(limit: float) -> None:
    program, arrays = odd()
    high = arrays.row_upper.copy()
    high[1] = limit
    problem, variables = to_pulp(program, replace(arrays, row_upper=high, lower=np.maximum(arrays.lower, -9)))
    problem.solve(pulp.getSolver("HiGHS", msg=False))
    held = read_back(problem, variables)[0]
    assert (Live(held).solve() is not None) == (limit > 0)
    assert (solve_with("HiGHS", program, held_like(arrays, high), 1e-9, 10) is not None) == (limit > 0)


def held_like(arrays: Arrays, high: Any) -> Arrays:
    return replace(arrays, row_upper=high, lower=np.maximum(arrays.lower, -9))


def test_a_store_with_other_calls_is_filled_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulp_bridge, "_store", object())
    program, arrays = odd()
    found, _, rows = read_back(*to_pulp(program, arrays))
    assert len(rows) == 4
    assert np.array_equal(found.cost, arrays.cost)


def test_our_solver_gives_a_problem_the_answer_of_its_arrays(tmp_path: Path) -> None:
    built = build(small(tmp_path, sites=[{"id": "colo-texas"}]))
    live = Live(built.arrays).solve()
    assert live is not None
    problem, variables = to_pulp(built.model.program, built.arrays)
    problem.solve(ArraySolver(built.arrays, variables, relaxed=True))
    assert [variable.varValue for variable in variables] == live.x.tolist()
    assert pulp.value(problem.objective) == pytest.approx(live.objective)


def test_our_solver_says_what_cannot_be_and_what_was_not_found(tmp_path: Path) -> None:
    built = build(small(tmp_path))
    arrays, program = built.arrays, built.model.program
    for relaxed in (True, False):
        nothing = replace(arrays, upper=np.maximum(arrays.lower, 0.0))
        problem, variables = to_pulp(program, nothing)
        result = problem.solve(ArraySolver(nothing, variables, relaxed=relaxed))
        assert getattr(result, "status_str", "Infeasible") == "Infeasible"
        assert isinstance(result, int) is hasattr(problem, "status")
        assert getattr(problem, "status", -1) == -1
    assert solve_with("HiGHS", program, nothing, 1e-3, 10) is None
