"""Forecasts of monthly figures: what each method is for, errors worked out by hand, intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest

from planner.actuals.forecast import bias, forecast, mape

SEASONS = 1 + 0.3 * np.sin(np.arange(12) / 12 * 2 * np.pi)


def test_errors_worked_out_by_hand() -> None:
    assert mape([110, 80, 5], [100, 100, 0]) == pytest.approx((0.1 + 0.2) / 2)
    assert bias([110, 80, 5], [100, 100, 0]) == pytest.approx(-5 / 200)
    assert mape([1], [0]) is None and bias([1], [0]) is None


def test_a_series_too_short_to_test_is_naive_and_has_no_error() -> None:
    one = forecast([10, 12], 3)
    assert (one.method, one.values, one.low, one.mape, one.naive_mape) == ("naive", (12, 12, 12), None, None, None)
    with pytest.raises(ValueError, match="no month"):
        forecast([], 3)


def test_a_straight_line_goes_on_and_beats_the_naive() -> None:
    line = forecast([100 + 5 * month for month in range(12)], 3)
    assert (line.method, line.mape, line.bias) == ("drift", 0, 0)
    assert line.values == pytest.approx([160, 165, 170]) and line.naive_mape is not None and line.naive_mape > 0.03


def test_the_back_test_of_the_naive_worked_out_by_hand() -> None:
    one = forecast([10, 10, 20, 10, 10], 1)
    assert one.naive_mape is not None
    assert (one.method, one.mape) == ("naive", pytest.approx((0 + 0.5 + 1 + 0) / 4))
    assert one.bias == pytest.approx((10 + 10 + 20 + 10 - 50) / 50)


def test_methods_are_compared_over_the_months_that_both_could_be_tested_in() -> None:
    one = forecast(
        [0, 10, 20, 25, 29], 1
    )  # from the third month on drift errs by 0, 5 and 4⅓, the naive by 10, 5 and 4
    assert one.method == "drift" and one.values == pytest.approx([29 + 29 / 4])


def test_beyond_the_months_that_were_tested_the_interval_widens_by_their_root() -> None:
    series = 100 + np.random.default_rng(2).normal(0, 5, 20).cumsum()
    one = forecast(series.tolist(), 48)
    assert one.high is not None
    wide = np.subtract(one.high, one.values)
    assert wide[47] == pytest.approx(wide[23] * np.sqrt(48 / 24)) and (np.diff(wide) >= -1e-9).all()


def test_seasons_that_repeat_are_the_year_before() -> None:
    year = [10, 20, 30, 10, 50, 60, 10, 20, 90, 10, 20, 40]
    one = forecast(year * 3, 14)
    assert one.mape == pytest.approx(0, abs=1e-9) and one.values == pytest.approx([*year, *year[:2]])


def test_seasons_that_grow_need_holt_and_winters() -> None:
    months = np.arange(60)
    series = (100 + 3 * months) * SEASONS[months % 12]
    one = forecast(series[:48].tolist(), 12)
    assert one.method == "Holt-Winters" and one.mape is not None and one.naive_mape is not None
    assert one.mape < one.naive_mape / 3
    assert mape(one.values, series[48:].tolist()) < 0.05  # type: ignore[operator]


def test_nothing_is_forecast_below_nothing() -> None:
    one = forecast([50, 40, 30, 20, 10], 4)
    assert one.low is not None and min(one.values) == 0 == min(one.low)
    gone = forecast([0.0] * 30, 3)
    assert gone.values == (0, 0, 0) and gone.mape is None
    assert min(forecast([5, 0, 3, 0] * 8, 6).values) >= 0


@pytest.mark.parametrize("length", [12, 36])
def test_the_interval_holds_about_four_fifths_of_what_comes(length: int) -> None:
    random = np.random.default_rng(1)
    held = []
    for _ in range(120):
        months = np.arange(length + 6)
        series = np.maximum(100 + np.cumsum(random.normal(0, 5, len(months))), 1)
        one = forecast(series[:length].tolist(), 6)
        assert one.low is not None and one.high is not None
        held += [low <= value <= high for low, value, high in zip(one.low, series[length:], one.high, strict=True)]
    assert 0.70 < np.mean(held) < 0.92
