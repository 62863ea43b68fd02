"""What a later dollar is worth today, and what a dollar today is worth as equal payments.

Rates are annual and compound once a year; a month is a twelfth of a year. Of month t (0, 1, …) a line paid at the
start is discounted by (1 + r)^(−t/12), one paid at the end by (1 + r)^(−(t+1)/12). Source of the formulas: Brealey,
Myers, Allen, *Principles of Corporate Finance*, chapter 2.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.finance.arguments import require, require_finite, require_not_negative, require_positive, require_rate

MONTHS_PER_YEAR = 12
NEGLIGIBLE_RATE = 1e-15  # below it a payment series is its plain sum to the last digit, and r / (1 − (1+r)^−n) is 0/0

Timing = Literal["start", "end"]


def present_factor(wacc_fraction: float, years: float) -> float:
    """Worth today of one dollar paid `years` from now: (1 + r)^(−years).

    Parameters
    ----------
    wacc_fraction : float
        Discount rate, per year, above −1.
    years : float
        Time of the payment in years from now.

    Raises
    ------
    ValueError
        When the rate is not above −1, or either is not finite.

    Examples
    --------
    >>> present_factor(0.25, 2)
    0.64
    """
    require_rate(wacc_fraction=wacc_fraction)
    require_finite(years=years)
    return float((1.0 + wacc_fraction) ** -years)


def monthly_factor(wacc_fraction: float, month_offset: float) -> float:
    """Worth today of one dollar paid `month_offset` months from now: (1 + r)^(−month_offset/12).

    Errors are those of `present_factor`.

    Examples
    --------
    >>> monthly_factor(0.25, 24)
    0.64
    """
    return present_factor(wacc_fraction, month_offset / MONTHS_PER_YEAR)


def discount_factors(wacc_fraction: float, months: int, timing: Timing) -> NDArray[np.float64]:
    """Discount factor of each month's line, paid at the month's start or at its end.

    Parameters
    ----------
    wacc_fraction : float
        Discount rate, per year, above −1.
    months : int
        Length of the horizon, 0 or more.
    timing : {'start', 'end'}
        When in the month the line is paid.

    Returns
    -------
    ndarray, shape (months,)
        (1 + r)^(−t/12) for 'start', (1 + r)^(−(t+1)/12) for 'end'.

    Raises
    ------
    ValueError
        For a rate not above −1, a negative number of months or another timing.

    Examples
    --------
    >>> discount_factors(0.0, 3, "end")
    array([1., 1., 1.])
    """
    require_rate(wacc_fraction=wacc_fraction)
    require(months >= 0, "months", months, "0 or more")
    require(timing in ("start", "end"), "timing", repr(timing), "'start' or 'end'")
    offsets = np.arange(months, dtype=np.float64) + (timing == "end")
    return np.asarray((1.0 + wacc_fraction) ** (-offsets / MONTHS_PER_YEAR), dtype=np.float64)


def capital_recovery_factor(rate: float, years: float) -> float:
    """Equal payment at the end of each year that repays one dollar: r / (1 − (1 + r)^(−years)), or 1/years at rate 0.

    Any period serves when rate and count are in it: a monthly rate and a count of months give a monthly payment.

    Parameters
    ----------
    rate : float
        Interest per period, above −1.
    years : float
        Number of payments, above 0.

    Raises
    ------
    ValueError
        When an argument is not finite or outside its range.

    Examples
    --------
    >>> capital_recovery_factor(0.0, 4)
    0.25
    >>> round(capital_recovery_factor(0.10, 2), 6)  # 1.21 / 2.1
    0.57619
    """
    require_rate(rate=rate)
    require_positive(years=years)
    if abs(rate) < NEGLIGIBLE_RATE:
        return 1.0 / years
    return rate / -math.expm1(-years * math.log1p(rate))


def annuity_present_value(amount: float, rate: float, years: float) -> float:
    """Worth today of `amount` at the end of each of `years` years: amount ÷ `capital_recovery_factor`.

    No payments (years = 0) are worth nothing. Other errors are those of `capital_recovery_factor`.

    Examples
    --------
    >>> round(annuity_present_value(121, 0.10, 2), 6)  # 110 + 100
    210.0
    """
    require_finite(amount=amount)
    require_not_negative(years=years)
    require_rate(rate=rate)
    return amount / capital_recovery_factor(rate, years) if years else 0.0
