"""Discount factors, capital recovery and annuities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.finance import (
    annuity_present_value,
    capital_recovery_factor,
    discount_factors,
    monthly_factor,
    present_factor,
)

RATES = st.floats(-0.5, 2.0)
YEARS = st.integers(1, 40)


def test_start_and_end_of_month_lines_are_discounted_by_their_own_time() -> None:
    # (1 + 0.21)^(−t/12): by hand at months 0, 6, 12 and 24, since √1.21 = 1.1
    start, end = discount_factors(0.21, 25, "start"), discount_factors(0.21, 25, "end")
    assert start[[0, 6, 12, 24]] == pytest.approx([1, 1 / 1.1, 1 / 1.21, 1 / 1.4641])
    assert end[[5, 11, 23]] == pytest.approx([1 / 1.1, 1 / 1.21, 1 / 1.4641])
    assert start.shape == end.shape == (25,)


def test_a_month_is_a_twelfth_of_a_year() -> None:
    assert monthly_factor(0.21, 6) == pytest.approx(1 / 1.1)
    assert present_factor(0.21, 0.5) == pytest.approx(1 / 1.1)


def test_no_months_have_no_factors() -> None:
    assert discount_factors(0.1, 0, "end").shape == (0,)


def test_capital_recovery_factor_of_the_tables() -> None:
    # engineering-economics tables: 7 %, 20 years
    assert capital_recovery_factor(0.07, 20) == pytest.approx(0.09439, abs=5e-6)


def test_annuity_of_the_tables() -> None:
    # 10 USD a year for 20 years at 5 %
    assert annuity_present_value(10, 0.05, 20) == pytest.approx(124.62, abs=5e-3)


def test_without_interest_payments_add_up() -> None:
    assert capital_recovery_factor(0.0, 8) == 0.125
    assert annuity_present_value(10, 0.0, 8) == 80
    assert annuity_present_value(10, 0.07, 0) == 0


@pytest.mark.parametrize("rate", [1e-9, -1e-9, 1e-14, 1e-16, 5e-324])
def test_a_tiny_rate_is_near_no_rate(rate: float) -> None:
    assert capital_recovery_factor(rate, 8) == pytest.approx(0.125, rel=1e-8)


@given(RATES, YEARS, st.floats(-1e6, 1e6))
def test_annuity_is_the_sum_of_its_discounted_payments(rate: float, years: int, amount: float) -> None:
    by_hand = math.fsum(amount * present_factor(rate, year) for year in range(1, years + 1))
    assert annuity_present_value(amount, rate, years) == pytest.approx(by_hand, rel=1e-8, abs=1e-6)


@given(RATES, st.integers(0, 120))
def test_end_of_a_month_is_the_start_of_the_next(rate: float, months: int) -> None:
    start, end = discount_factors(rate, months + 1, "start"), discount_factors(rate, months, "end")
    assert np.array_equal(start[1:], end)
    assert start[-1] == pytest.approx(monthly_factor(rate, months))


@pytest.mark.parametrize("rate", [-1.0, -2.0, math.nan, math.inf])
def test_a_rate_must_be_above_minus_one(rate: float) -> None:
    message = f"wacc_fraction: found {rate}, allowed is a finite number above -1"
    with pytest.raises(ValueError, match=message):
        present_factor(rate, 1)
    with pytest.raises(ValueError, match=message):
        monthly_factor(rate, 1)
    with pytest.raises(ValueError, match=message):
        discount_factors(rate, 1, "end")
    with pytest.raises(ValueError, match="rate: found"):
        capital_recovery_factor(rate, 1)
    with pytest.raises(ValueError, match="rate: found"):
        annuity_present_value(1, rate, 0)


def test_wrong_times_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="timing: found 'middle'"):
        discount_factors(0.1, 2, "middle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="months: found -1"):
        discount_factors(0.1, -1, "end")
    with pytest.raises(ValueError, match="years: found nan"):
        present_factor(0.1, math.nan)
    with pytest.raises(ValueError, match="years: found 0"):
        capital_recovery_factor(0.1, 0)
    with pytest.raises(ValueError, match="years: found -1, allowed is a finite number, 0 or more"):
        annuity_present_value(1, 0.1, -1)
    with pytest.raises(ValueError, match="amount: found inf"):
        annuity_present_value(math.inf, 0.1, 1)
