"""Breakeven from a purchase price and two hourly prices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.finance import (
    breakeven_hours,
    breakeven_utilization,
    discounted_breakeven_months,
    monthly_factor,
    months_from_hours,
)

# Lenovo LP2225, edition of 2025-05-23: an 8-GPU server against one cloud instance; its 0.87 USD/h is power alone
CAPEX_USD, OWNED_USD_PER_HOUR = 833_806, 0.87

PRICES = st.floats(0, 1e3)
CAPEX = st.floats(0, 1e7)


@pytest.mark.parametrize(
    ("cloud_usd_per_hour", "hours", "months_720"),
    [
        (98.32, 8556.24, 11.88),  # on demand; printed as 8,556 h and 11.9 months
        (77.43, 10890.88, 15.13),  # reserved for a year; printed as 10,890 h
        (53.95, 15708.48, 21.82),  # reserved for three years; printed as 15,710 h
    ],
)
def test_the_published_server_study(cloud_usd_per_hour: float, hours: float, months_720: float) -> None:
    found = breakeven_hours(CAPEX_USD, OWNED_USD_PER_HOUR, cloud_usd_per_hour)
    assert found is not None
    assert found == pytest.approx(hours, abs=5e-3)
    assert months_from_hours(found, 720, 1.0) == pytest.approx(months_720, abs=5e-3)


def test_months_of_730_hours_and_half_use() -> None:
    # the 2026 edition of the study counts 730 h a month
    hours = breakeven_hours(CAPEX_USD, OWNED_USD_PER_HOUR, 98.32)
    assert hours is not None
    assert months_from_hours(hours, 730, 1.0) == pytest.approx(11.72, abs=5e-3)
    assert months_from_hours(hours, 730, 0.5) == pytest.approx(2 * hours / 730)


def test_the_study_over_its_five_years() -> None:
    # the same edition: 4,306,416 USD of cloud and 871,912 USD owned in 5 years; at the breakeven utilization they meet
    share = breakeven_utilization(CAPEX_USD, OWNED_USD_PER_HOUR, 98.32, life_months=60, hours_per_month=730)
    assert share is not None
    busy = share * 60 * 730
    assert CAPEX_USD + OWNED_USD_PER_HOUR * busy == pytest.approx(98.32 * busy)
    assert share == pytest.approx(8556.24 / 43_800, rel=1e-6)


def test_owning_that_saves_nothing_by_the_hour_never_breaks_even() -> None:
    assert breakeven_hours(100, 2, 2) is None
    assert breakeven_hours(100, 3, 2) is None
    assert breakeven_hours(0, 3, 2) is None
    assert breakeven_utilization(100, 3, 2, 60, 730) is None
    assert discounted_breakeven_months(100, 3, 2, 730, 1.0, 0.1) is None


def test_nothing_paid_at_the_start_breaks_even_at_once() -> None:
    assert breakeven_hours(0, 2, 2) == 0
    assert breakeven_hours(0, 1, 2) == 0
    assert breakeven_utilization(0, 1, 2, 60, 730) == 0
    assert discounted_breakeven_months(0, 2, 2, 730, 1.0, 0.1) == 0


def test_a_saving_too_small_to_count_is_none() -> None:
    assert breakeven_hours(1e6, 0, 5e-324) is None


def test_breakeven_utilization_by_hand() -> None:
    # 1000 ÷ 2 USD/h = 500 h: a quarter of 20 months of 100 h, all of 5 months, more than 4 months hold
    assert breakeven_utilization(1000, 0.5, 2.5, 20, 100) == 0.25
    assert breakeven_utilization(1000, 0.5, 2.5, 5, 100) == 1
    assert breakeven_utilization(1000, 0.5, 2.5, 4, 100) is None


def test_discounted_by_hand() -> None:
    # doubling every month (r = 2^12 − 1): savings of 16 a month are worth 8, 4, 2, …, never 16
    rate = 2.0**12 - 1
    for capex, months in ((8, 1), (10, 1.5), (14, 3), (15, 4), (15.75, 6)):
        assert discounted_breakeven_months(capex, 0, 1, 16, 1.0, rate) == pytest.approx(months)
        assert discounted_breakeven_months(capex, 0, 1, 32, 0.5, rate) == pytest.approx(months)
    assert discounted_breakeven_months(16, 0, 1, 16, 1.0, rate) is None
    assert discounted_breakeven_months(17, 0, 1, 16, 1.0, rate) is None


@given(CAPEX, PRICES, PRICES, st.floats(0.01, 1.0))
def test_discounting_at_zero_is_nominal(capex: float, owned: float, cloud: float, utilization: float) -> None:
    hours = breakeven_hours(capex, owned, cloud)
    months = discounted_breakeven_months(capex, owned, cloud, 730, utilization, 0.0)
    if hours is None:
        assert months is None
    else:
        assert months == pytest.approx(months_from_hours(hours, 730, utilization))


@given(st.floats(1, 400), st.floats(-0.3, 1.0))
def test_discounted_months_equal_a_walk_through_the_months(price_in_months: float, rate: float) -> None:
    factors = [monthly_factor(rate, month + 1) for month in range(2000)]
    saved = np.concatenate(([0.0], np.cumsum(factors)))
    months = discounted_breakeven_months(price_in_months * 730, 1, 2, 730, 1.0, rate)
    if months is None:
        assert saved[-1] <= price_in_months * (1 + 1e-9)
    elif months < 2000:
        assert np.interp(months, np.arange(saved.size), saved) == pytest.approx(price_in_months, rel=1e-9)


@given(CAPEX, PRICES, PRICES, st.floats(0.001, 1.0))
def test_discounting_never_brings_it_earlier(capex: float, owned: float, cloud: float, rate: float) -> None:
    nominal, discounted = (discounted_breakeven_months(capex, owned, cloud, 730, 1.0, r) for r in (0.0, rate))
    assert discounted is None or (nominal is not None and discounted >= nominal * (1 - 1e-9))


@given(CAPEX, PRICES, PRICES, st.floats(0, 1e6))
def test_dearer_hardware_never_breaks_even_earlier(capex: float, owned: float, cloud: float, more: float) -> None:
    cheap, dear = breakeven_hours(capex, owned, cloud), breakeven_hours(capex + more, owned, cloud)
    assert dear is None or (cheap is not None and dear >= cheap)


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_wrong_prices_are_refused_by_name(wrong: float) -> None:
    names = ("capex_usd", "owned_usd_per_hour", "cloud_usd_per_hour")
    for place, name in enumerate(names):
        prices = [1.0, 1.0, 2.0]
        prices[place] = wrong
        with pytest.raises(ValueError, match=f"{name}: found {wrong}, allowed is a finite number, 0 or more"):
            breakeven_hours(*prices)
    with pytest.raises(ValueError, match="hours: found"):
        months_from_hours(wrong, 730, 1.0)


@pytest.mark.parametrize("wrong", [0.0, -0.1, 1.01, math.nan, math.inf])
def test_utilization_is_above_zero_and_at_most_one(wrong: float) -> None:
    with pytest.raises(ValueError, match=f"utilization_fraction: found {wrong}, allowed is above 0 and at most 1"):
        months_from_hours(1, 730, wrong)
    with pytest.raises(ValueError, match="utilization_fraction: found"):
        discounted_breakeven_months(1, 1, 2, 730, wrong, 0.1)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_lengths_of_time_are_above_zero(wrong: float) -> None:
    message = f"hours_per_month: found {wrong}, allowed is a finite number above 0"
    with pytest.raises(ValueError, match=message):
        months_from_hours(1, wrong, 1.0)
    with pytest.raises(ValueError, match=message):
        breakeven_utilization(1, 1, 2, 60, wrong)
    with pytest.raises(ValueError, match=message):
        discounted_breakeven_months(1, 1, 2, wrong, 1.0, 0.1)
    with pytest.raises(ValueError, match="life_months: found"):
        breakeven_utilization(1, 1, 2, wrong, 730)


def test_a_rate_of_minus_one_is_refused() -> None:
    with pytest.raises(ValueError, match="wacc_fraction: found -1"):
        discounted_breakeven_months(1, 1, 2, 730, 1.0, -1)
