"""Numbers as text: true minus, no digits lost, sums that add up."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report import formatting as f

AMOUNTS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (12_553_210, "12.55 M USD"), (402_599.4, "402,599 USD"), (-1_401_695.9, "−1.40 M USD"), (-0.3, "0 USD"),
        (999_999.5, "1.00 M USD"), (1.5e12, "1,500,000.00 M USD"), (None, "–"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_money(usd: float | None, text: str) -> None:
    assert f.money(usd) == text


@pytest.mark.parametrize(
    "write", [f.fixed, f.money, f.percent, f.months, f.number, f.count, f.price, f.day, f.month, f.power_of_ten]
)
def test_none_is_a_dash(write: Callable[[None], str]) -> None:
    assert write(None) == "–"


def test_small_and_huge_numbers() -> None:
    assert f.number(1e-9) == "1 × 10⁻⁹"
    assert f.number(123_456_789.0) == "123,456,789"
    assert f.number(1e18) == "1 × 10¹⁸"
    assert f.price(1_063_898.19) == "1,063,898"
    assert f.percent(-0.0004) == "0.0 %"


@given(st.lists(AMOUNTS, max_size=12))
def test_largest_remainder_adds_up_and_moves_nothing_by_a_dollar(values: list[float]) -> None:
    rounded = f.add_up(values)
    assert abs(sum(rounded) - math.fsum(values)) <= 0.5 + 1e-6
    assert all(abs(whole - value) <= 1 for whole, value in zip(rounded, values, strict=True))


@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(AMOUNTS, min_size=n, max_size=n), min_size=1, max_size=8)))
def test_matrix_adds_up_both_ways(rows: list[list[float]]) -> None:
    cells, across, down = f.add_up_both_ways(rows)
    assert [sum(row) for row in cells] == across
    assert [sum(column) for column in zip(*cells, strict=True)] == down
    assert sum(across) == sum(down)
    assert all(abs(whole - sum(row)) <= 1.001 for whole, row in zip(across, rows, strict=True))
    assert all(abs(a - b) <= 3 for row, exact in zip(cells, rows, strict=True) for a, b in zip(row, exact, strict=True))


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_ticks_cover_the_values_and_are_few(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    levels = f.ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert levels[0] <= low + slack
    assert levels[-1] >= high - slack
    assert 2 <= len(levels) <= 9
    assert any(abs(level) < 1e-9 * max(map(abs, levels)) for level in levels)


def test_rounding_ends_soon_whatever_the_total_and_whatever_there_is() -> None:
    assert f.add_up([0.4, 0.4], 10**15) == [5 * 10**14, 5 * 10**14]
    assert sum(f.add_up([1.5, 2.5, -7.0], -(10**15))) == -(10**15)
    assert f.add_up_both_ways([[], []]) == ([[], []], [0, 0], [])
    assert f.add_up_both_ways([]) == ([], [], [])
