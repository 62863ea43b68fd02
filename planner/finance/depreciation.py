"""Depreciation: how the cost of an asset is deducted, year by year, as fractions that sum to 1.

MACRS: the half-year convention, Table A-1 of IRS Publication 946 (2024), general depreciation system: 200 % declining
balance that turns to straight line, rounded to two decimals of a percent as published. The 5-year class holds
computers, 3 and 7 years other equipment. Declining balance and straight line begin with the month of service.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.finance.arguments import require, require_finite
from planner.finance.discounting import MONTHS_PER_YEAR

_MACRS = {
    3: (33.33, 44.45, 14.81, 7.41),
    5: (20.00, 32.00, 19.20, 11.52, 11.52, 5.76),
    7: (14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46),
}


def macrs(years: int) -> NDArray[np.float64]:
    """Fractions of the basis by tax year, for property of `years` (3, 5 or 7); the first year is half a year.

    >>> macrs(5).tolist()
    [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576]
    """
    require(years in _MACRS, "years", years, "3, 5 or 7")
    return np.array(_MACRS[years]) / 100


def straight_line(life_years: int, months_of_first: int = MONTHS_PER_YEAR) -> NDArray[np.float64]:
    """Equal fractions by month over `life_years`, added up by tax year; the first has `months_of_first` months.

    >>> straight_line(2, 6).tolist()
    [0.25, 0.5, 0.25]
    """
    _check(life_years, months_of_first)
    ends = np.arange(months_of_first, life_years * MONTHS_PER_YEAR + MONTHS_PER_YEAR, MONTHS_PER_YEAR)
    done = np.minimum(ends / (life_years * MONTHS_PER_YEAR), 1.0)
    found = np.diff(done, prepend=0.0)
    return np.asarray(found[found > 0])


def declining_balance(
    life_years: int, factor: float = 2.0, months_of_first: int = MONTHS_PER_YEAR
) -> NDArray[np.float64]:
    """`factor` ÷ life of what is left, by tax year, until straight line over the rest of the life gives more.

    >>> declining_balance(5).round(4).tolist()
    [0.4, 0.24, 0.144, 0.108, 0.108]
    """
    _check(life_years, months_of_first)
    require_finite(factor=factor)
    require(factor >= 1, "factor", factor, "1 or more")
    left, months, found = 1.0, float(life_years * MONTHS_PER_YEAR), []
    this = float(months_of_first)
    while months > 0:
        this = min(this, months)
        part = left * max(factor / life_years * this / MONTHS_PER_YEAR, this / months)
        found.append(min(part, left))
        left, months, this = left - found[-1], months - this, float(MONTHS_PER_YEAR)
    return np.array(found)


def with_bonus(fractions: NDArray[np.float64], bonus_fraction: float) -> NDArray[np.float64]:
    """Deduct `bonus_fraction` of the basis in the first year, the rest as `fractions` say.

    >>> with_bonus(macrs(5), 0.4).round(4).tolist()
    [0.52, 0.192, 0.1152, 0.0691, 0.0691, 0.0346]
    """
    require(0 <= bonus_fraction <= 1, "bonus_fraction", bonus_fraction, "0 to 1")
    rest = fractions * (1 - bonus_fraction)
    rest[0] += bonus_fraction
    return rest


def _check(life_years: int, months_of_first: int) -> None:
    require(life_years >= 1, "life_years", life_years, "1 or more")
    require(1 <= months_of_first <= MONTHS_PER_YEAR, "months_of_first", months_of_first, "1 to 12")
