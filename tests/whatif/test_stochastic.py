"""One plan for all futures: the laws of stochastic programs, and decomposition beside the whole program.

A small question in two stages, drawn at random: capacity of two kinds is bought now; when demand and prices are known
the rest is rented, as far as there is any to rent. Its optimum can be found by other means.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from planner.program import INF, Arrays
from planner.whatif.risk import benders
from planner.whatif.risk.benders import GAP, _nearest, solve_benders
from planner.whatif.risk.measures import cvar, regrets, spread, weighed
from planner.whatif.risk.programs import Program, Programs
from planner.whatif.risk.solver import Solver, costs
from planner.whatif.risk.stochastic import Search, Stochastic, solve_extensive
from tests.laws.cases import QUICK

MOST = 40.0


def future(demand: float, rent: float, buy: tuple[float, ...], to_rent: float = INF, shift: int = 0) -> Program:
    """min buy·x + rent·y with Σx + y ≥ demand, y ≤ to_rent; columns turned by `shift`."""
    kinds = len(buy)
    order = np.roll(np.arange(kinds + 1), shift)  # the place of each column
    cost, upper = np.zeros(kinds + 1), np.zeros(kinds + 1)
    cost[order], upper[order] = [*buy, rent], [MOST] * kinds + [to_rent]
    whole = np.zeros(kinds + 1, bool)
    whole[order[:kinds]] = True
    columns = np.sort(order).astype(np.int32)
    arrays = Arrays(
        cost, np.zeros(kinds + 1), upper, whole, np.array([demand]), np.array([INF]),
        np.array([0, kinds + 1], np.int32), columns, np.ones(kinds + 1),
    )  # fmt: skip
    return Program(arrays, order[:kinds].astype(np.int64), {})


def together(*each: Program) -> Programs:
    keys = tuple(("buy", str(n), "", "", "2027-01") for n in range(len(each[0].first)))
    return Programs(keys, (), np.full(len(keys), MOST), each)


@st.composite
def questions(draw: st.DrawFn, kinds: int = 2, most: int = 8) -> Programs:
    numbers = st.floats(0.5, 30).map(lambda n: round(n, 2))
    prices = tuple(draw(numbers) for _ in range(kinds))
    return together(*(
        future(draw(numbers), draw(numbers), prices, shift=draw(st.integers(0, kinds)))
        for _ in range(draw(st.integers(1, most)))
    ))  # fmt: skip


def extensive(programs: Programs, aversion: float = 0.0, alpha: float = 0.9) -> Stochastic:
    found = solve_extensive(programs, aversion, alpha)
    assert found is not None
    return found


def at(programs: Programs, x: np.ndarray, whole: bool = False) -> np.ndarray:
    return costs(Solver(programs, whole).replies(x))


def beforehand(programs: Programs, whole: bool = False) -> np.ndarray:
    return costs(Solver(programs, whole).replies())


def mean_value_decisions(programs: Programs, whole: bool = False) -> np.ndarray:
    """What is best in the one future whose costs and limits are the means of all."""
    cost = np.mean([one.arrays.cost[[*one.first, *np.setdiff1d(range(3), one.first)]] for one in programs.each], axis=0)
    demand = np.mean([one.arrays.row_lower[0] for one in programs.each])
    mean = future(float(demand), float(cost[2]), tuple(cost[:2]))
    reply = Solver(together(mean), whole).reply(0)
    assert reply is not None
    return reply.x[mean.first]


@QUICK
@given(questions(), st.floats(0, 1), st.floats(0, 0.99))
def test_to_know_is_cheapest_and_to_plan_for_the_mean_is_dearest(
    programs: Programs, aversion: float, alpha: float
) -> None:  # fmt: skip
    best = extensive(programs, aversion, alpha)
    eev = weighed(at(programs, mean_value_decisions(programs)), aversion, alpha)
    dust = 1e-7 * (1 + abs(eev))
    assert best.bound == pytest.approx(best.objective)
    assert weighed(beforehand(programs), aversion, alpha) <= best.objective + dust
    assert best.objective <= eev + dust


@QUICK
@given(questions(most=4))
def test_so_it_is_in_whole_numbers(programs: Programs) -> None:
    best = solve_extensive(programs, 0, 0.9, Search(1e-9, 10_000))
    assert best is not None
    assert best.first == pytest.approx(best.first.round(), abs=1e-6)
    assert beforehand(programs, whole=True).mean() <= best.objective * (1 + 1e-3)
    assert best.objective <= at(programs, mean_value_decisions(programs, whole=True).round(), whole=True).mean() + 1e-6
    assert best.objective >= extensive(programs).objective - 1e-6


@QUICK
@given(questions(kinds=1), st.floats(0, 1), st.floats(0, 0.99))
def test_the_optimum_is_the_one_found_along_a_line(programs: Programs, aversion: float, alpha: float) -> None:
    def cost(x: float) -> float:
        usd = [
            one.arrays.cost[one.first[0]] * x
            + one.arrays.cost[1 - one.first[0]] * max(0.0, one.arrays.row_lower[0] - x)
            for one in programs.each
        ]
        return weighed(np.array(usd), aversion, alpha)

    least = minimize_scalar(cost, bounds=(0, MOST), method="bounded", options={"xatol": 1e-10})
    ends = [cost(0), *(cost(one.arrays.row_lower[0]) for one in programs.each)]
    found = extensive(programs, aversion, alpha).objective
    assert found <= min([least.fun, *ends]) + 1e-6
    assert found >= min([least.fun, *ends]) - 1e-4 * (1 + abs(found))


@QUICK
@given(questions())
def test_limits_of_aversion(programs: Programs) -> None:
    neutral, averse = extensive(programs), extensive(programs, 1.0, 0.999)
    assert neutral.objective == pytest.approx(neutral.usd.mean())
    assert extensive(programs, 1.0, 0.0).objective == pytest.approx(neutral.objective)
    assert averse.objective == pytest.approx(averse.usd.max())
    assert extensive(programs, 1.0, 1.0).objective == pytest.approx(averse.objective)
    assert averse.usd.max() <= neutral.usd.max() + 1e-7 * (1 + neutral.usd.max())
    between = [extensive(programs, step / 4, 0.8).objective for step in range(5)]
    assert between == pytest.approx(sorted(between), rel=1e-9)


@QUICK
@given(questions(most=1), st.integers(2, 6), st.floats(0, 1))
def test_one_future_or_many_that_are_equal_give_its_own_plan(programs: Programs, count: int, aversion: float) -> None:
    alone = beforehand(programs)[0]
    assert extensive(programs, aversion).objective == pytest.approx(alone)
    many = replace(programs, each=programs.each * count)
    assert extensive(many, aversion).objective == pytest.approx(alone)


@QUICK
@given(questions(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.7, 0.95]))
def test_decomposition_agrees_within_its_gap(programs: Programs, aversion: float, alpha: float) -> None:
    whole = extensive(programs, aversion, alpha)
    cut = solve_benders(programs, aversion, alpha, beforehand(programs))
    assert cut is not None
    assert cut.relative_gap <= GAP
    assert whole.objective - 1e-6 <= cut.objective <= whole.objective * (1 + 2 * GAP) + 1e-6
    assert cut.bound <= whole.objective + 1e-6 * (1 + abs(whole.objective))
    assert cut.usd == pytest.approx(at(programs, cut.first))


def test_what_the_last_round_finds_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benders, "_ROUNDS", 0)
    one = together(future(10, 7, (5.0, 6.0)))
    found = solve_benders(one, 0.0, 0.9, beforehand(one))
    assert found is not None
    assert found.bound <= 50 <= found.objective


def test_nothing_is_learned_of_a_future_in_which_an_option_is_closed() -> None:
    """Without what may be rented a future costs more than it must, which no cut may say."""
    one = future(10, 1, (5.0, 6.0))
    solver = Solver(together(replace(one, closed={"rented": np.array([False, False, True])})))
    alone, basis = solver.reply(0), solver._bases[0]
    closed = solver.reply(0, option="rented")
    assert alone is not None and closed is not None
    assert (alone.usd, closed.usd) == pytest.approx((10, 50))
    assert [cut.usd + cut.slopes @ alone.x[one.first] for cut in solver.cuts] == pytest.approx([10])
    assert solver._bases[0] is basis  # from which all else is near


def test_what_a_future_cannot_do_shuts_decisions_out() -> None:
    scarce = together(
        future(10, 1, (5.0, 6.0), to_rent=4), future(20, 1, (5.0, 6.0), to_rent=9), future(3, 1, (5.0, 6.0))
    )
    whole, cut = extensive(scarce, 0.3), solve_benders(scarce, 0.3, 0.9, beforehand(scarce))
    assert cut is not None
    assert whole.first.sum() == pytest.approx(11)
    assert cut.first.sum() == pytest.approx(11, rel=1e-3)
    assert cut.objective == pytest.approx(whole.objective, rel=GAP)
    assert cut.bound <= whole.objective * (1 + 1e-9)
    assert costs(Solver(scarce).replies(np.zeros(2))).tolist() == [np.inf, np.inf, 3]


@QUICK
@given(st.floats(1, 30), st.floats(0, 20), st.lists(st.floats(0, MOST), min_size=4, max_size=4))
def test_what_is_shut_out_is_nothing_that_a_future_can_do(demand: float, to_rent: float, x: list[float]) -> None:
    one, asked, other = future(demand, 1, (5.0, 6.0), to_rent), np.array(x[:2]) / 20, np.array(x[2:]) / 3
    if asked.sum() + to_rent < demand - 1e-3:
        found = _nearest(one, np.full(2, MOST), asked)
        assert found.distance == pytest.approx(demand - to_rent - asked.sum())
        assert found.first.sum() + to_rent == pytest.approx(demand)
        cut = found.distance + found.slopes @ (other - asked)
        assert (cut <= 1e-6) == (other.sum() + to_rent >= demand - 1e-6)


def test_where_nothing_holds_in_all_futures_there_is_no_plan() -> None:
    low, high = (replace(future(1, 1, (5.0,)), arrays=replace(future(1, 1, (5.0,)).arrays, **limit)) for limit in (
        {"upper": np.array([MOST, 0.0]), "row_lower": np.array([9.0])}, {"row_upper": np.array([2.0])}))  # fmt: skip
    apart = together(low, high)
    assert np.isfinite(beforehand(apart)).all()
    assert solve_extensive(apart, 0.0, 0.9) is None
    assert solve_benders(apart, 0.0, 0.9, beforehand(apart)) is None


@QUICK
@given(questions(), st.lists(st.floats(0, 30), min_size=4, max_size=4))
def test_slopes_never_promise_too_little(programs: Programs, x: list[float]) -> None:
    here, there = np.array(x[:2]), np.array(x[2:])
    solver = Solver(programs)
    for n, usd in enumerate(at(programs, there)):
        reply = solver.reply(n, here)
        assert reply is not None and reply.slopes is not None
        assert usd >= reply.usd + reply.slopes @ (there - here) - 1e-6


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.floats(0, 0.999))
def test_cvar_is_the_least_of_its_upper_bounds(usd: list[float], alpha: float) -> None:
    known = np.array(usd)
    share = max(1 - alpha, 1 / len(known))
    bounds = [eta + np.maximum(known - eta, 0).mean() / share for eta in usd]
    assert cvar(known, alpha) == pytest.approx(min(bounds), abs=1e-9)
    assert known.mean() - 1e-9 <= cvar(known, alpha) <= known.max() + 1e-9
    assert cvar(known, 0.0) == pytest.approx(known.mean(), abs=1e-9)


@QUICK
@given(questions(), st.floats(0, 1), st.sampled_from([0.0, 0.9]))
def test_of_two_branches_the_better_is_the_best(programs: Programs, aversion: float, alpha: float) -> None:
    buy, none = (programs.buying(bought) for bought in (True, False))
    each = [extensive(branch, aversion, alpha) for branch in (buy, none)]
    assert each[0].first.sum() >= 1 - 1e-9 and not each[1].first.any()
    least = min(one.objective for one in each)
    all_ = extensive(programs, aversion, alpha)
    assert all_.objective <= least + 1e-6
    if all_.first.sum() >= 1 or not all_.first.any():
        assert least == pytest.approx(all_.objective)
    cut = solve_benders(buy, aversion, alpha, beforehand(programs))
    assert cut is not None and buy.obeyed(cut.first)
    assert cut.objective == pytest.approx(each[0].objective, rel=3 * GAP)


def test_futures_without_a_plan_are_counted() -> None:
    said = spread(np.array([1.0, np.inf, 3.0, 5.0]), 0.5)
    assert (said["infeasible_futures"], said["mean"], said["p50"], said["most"]) == (1, None, None, None)
    assert spread(np.array([np.inf]), 0.5)["mean"] is None


def test_regret_is_the_most_that_a_choice_is_dearer_than_the_best() -> None:
    best = np.array([1.0, 5.0])
    found = regrets({"one": np.array([2.0, 5.0]), "other": np.array([1.0, 9.0]), "none": np.array([1.0, np.inf])}, best)
    assert found == {"one": 1.0, "other": 4.0, "none": np.inf}
