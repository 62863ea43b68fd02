"""What HiGHS answers, and what it cannot answer: every way in which it ends is told apart."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import pytest

from planner.errors import SolverError
from planner.model import highs
from planner.model.highs import Live, solve_whole
from planner.model.solve import _gap
from planner.program import INF, Arrays

Status = highspy.HighsModelStatus


def arrays(**changes: Any) -> Arrays:
    """min x + 2y subject to x + y >= 1.5, y <= 5."""
    fields = {
        "cost": [1.0, 2.0], "lower": [0.0, 0.0], "upper": [INF, 5.0], "whole": [False, False], "row_lower": [1.5],
        "row_upper": [INF], "starts": [0, 2], "indices": [0, 1], "values": [1.0, 1.0],
    } | changes  # fmt: skip
    kinds = {"whole": bool, "starts": np.int32, "indices": np.int32}
    return Arrays(**{name: np.array(value, kinds.get(name, float)) for name, value in fields.items()})


def knapsack(size: int = 60) -> Arrays:
    """A hard search in whole numbers: many items of nearly the same worth, two limits, no slack."""
    draw = np.random.default_rng(7)
    weight = draw.integers(100, 200, (2, size)).astype(float)
    return arrays(
        cost=-(weight.sum(axis=0) + draw.integers(1, 5, size)), lower=np.zeros(size), upper=np.ones(size),
        whole=np.ones(size), row_lower=[-INF, -INF], row_upper=weight.sum(axis=1) // 2 + 0.5,
        starts=[0, size, 2 * size], indices=np.tile(np.arange(size), 2), values=weight.ravel(),
    )  # fmt: skip


class Ending:
    """A solver that ends with each of some statuses in turn; everything else is HiGHS's."""

    def __init__(self, *endings: highspy.HighsModelStatus, **options: Any) -> None:
        self.highs, self.endings, self.runs = MADE(**options), list(endings), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.highs, name)

    def run(self) -> highspy.HighsStatus:
        self.runs += 1
        return self.highs.run()

    def getModelStatus(self) -> highspy.HighsModelStatus:
        return self.endings.pop(0)


MADE = highs._highs


def ending(monkeypatch: pytest.MonkeyPatch, *endings: highspy.HighsModelStatus) -> list[Ending]:
    made: list[Ending] = []

    def make(**options: Any) -> Ending:
        made.append(Ending(*endings, **options))
        return made[-1]

    monkeypatch.setattr(highs, "_highs", make)
    return made


@pytest.mark.parametrize("values", [[1.0, 1.0], [1.0, 1.0] * 11_000], ids=["without presolve", "with presolve"])
def test_a_relaxation_is_solved(values: list[float]) -> None:
    size = len(values)
    live = Live(arrays(cost=[1.0, 2.0] * (size // 2), lower=np.zeros(size), upper=[INF, 5.0] * (size // 2),
                       whole=np.zeros(size), starts=[0, size], indices=np.arange(size), values=values))  # fmt: skip
    solution = live.solve()
    assert solution is not None
    assert solution.objective == pytest.approx(1.5)
    assert solution.multipliers == pytest.approx([1.0])
    assert live._highs.getOptionValue("presolve")[1] == ("off" if size == 2 else "choose")


def test_nothing_obeys_the_rules() -> None:
    impossible = arrays(upper=[1.0, 0.2])
    assert Live(impossible).solve() is None
    found = solve_whole(impossible, None, 1e-3, 10)
    assert (found.x, found.bound) == (None, INF)


@pytest.mark.parametrize("status", [Status.kUnboundedOrInfeasible, Status.kUnknown])
def test_what_a_run_leaves_open_is_run_again_from_nothing(
    status: highspy.HighsModelStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ending(monkeypatch, status, Status.kOptimal, status, Status.kOptimal)
    solution = Live(arrays()).solve()
    assert solution is not None
    assert solution.objective == pytest.approx(1.5)
    assert solve_whole(arrays(whole=[True, True]), None, 1e-3, 10).x is not None
    assert [one.runs for one in made] == [2, 2]
    assert made[0].getOptionValue("presolve")[1] == "off"  # what a small program has anyway
    assert made[1].getOptionValue("presolve")[1] == "choose"


@pytest.mark.parametrize("status", [Status.kUnbounded, Status.kSolveError, Status.kTimeLimit, Status.kNotset])
def test_a_relaxation_that_ends_otherwise_is_an_error(
    status: highspy.HighsModelStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending(monkeypatch, status)
    with pytest.raises(SolverError, match="HiGHS stopped"):
        Live(arrays()).solve()


def test_a_search_that_ends_without_a_reason_to_trust_it_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for status in set(Status.__members__.values()) - highs._STOPPED:
        if status in (Status.kOptimal, Status.kInfeasible):
            continue
        ending(monkeypatch, status, status)
        with pytest.raises(SolverError, match="HiGHS stopped"):
            solve_whole(arrays(), None, 1e-3, 10)


def test_an_unbounded_program_is_an_error() -> None:
    for solve in (lambda one: Live(one).solve(), lambda one: solve_whole(one, None, 1e-3, 10)):
        with pytest.raises(SolverError, match="Unbounded"):
            solve(arrays(cost=[-1.0, 2.0], whole=[True, False]))


def test_a_time_limit_gives_the_best_plan_so_far_and_its_bound() -> None:
    program = knapsack()
    nothing = np.zeros(60)
    at_once = solve_whole(program, nothing, 0.0, 0.0)
    assert at_once.x is not None
    assert at_once.x == pytest.approx(nothing)
    soon = solve_whole(program, nothing, 0.0, 0.3)
    assert soon.x is not None
    assert soon.bound < program.cost @ soon.x < 0  # a better plan, and more may be possible
    relaxed = Live(program).solve()
    assert relaxed is not None
    assert soon.bound >= relaxed.objective * (1 + 1e-9)


def test_a_search_without_time_may_find_nothing() -> None:
    found = solve_whole(knapsack(), None, 0.0, 0.0)
    assert found.x is None
    assert found.bound == -INF


def test_an_option_that_does_not_exist_and_one_out_of_range_are_errors() -> None:
    for option in ({"no_such_option": 1}, {"time_limit": -1.0}, {"threads": "many"}):
        with pytest.raises(SolverError, match="refused"):
            highs._highs(**option)


@pytest.mark.parametrize(
    "changes",
    [{"cost": [np.nan, 2]}, {"cost": [INF, 2]}, {"values": [np.nan, 1]}, {"lower": [np.nan, 0]},
     {"row_lower": [np.nan]}, {"indices": [0, 7]}, {"values": [1e20, 1]}],
    ids=lambda changes: str(changes),
)  # fmt: skip
def test_a_program_that_is_none_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(SolverError):
        Live(arrays(**changes))
    with pytest.raises(SolverError):
        solve_whole(arrays(**changes), None, 1e-3, 10)


def test_a_cost_that_is_no_number_is_refused_later_too() -> None:
    live = Live(arrays())
    with pytest.raises(SolverError, match="not a number"):
        live.set_cost(np.array([np.nan, 1.0]))


def test_a_gap_of_rounding_is_none() -> None:
    """One unit in the last place: no two sums of the same costs need be closer."""
    usd = 645_561.4466167123
    assert _gap(usd, np.nextafter(usd, 0)) == 0 == _gap(usd, usd + 1)
    assert _gap(usd, usd * (1 - 1e-11)) == pytest.approx(1e-11, rel=1e-3)
