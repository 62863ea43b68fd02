"""Units of time: the only conversions of the project, each written once."""

from __future__ import annotations

import calendar
from functools import lru_cache
from typing import Any

HOURS_PER_YEAR = 8760
MONTHS_PER_YEAR = 12
HOURS_PER_MONTH = HOURS_PER_YEAR / MONTHS_PER_YEAR
"""730 h. Published studies mix 720 and 730; reports print which one is used."""

HOURS_PER_DAY = 24
SECONDS_PER_HOUR = 3600
HOURS_PER_WEEK = 168
TOKENS_PER_MTOK = 1_000_000
MONTH = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
"""How a month is written."""


@lru_cache(maxsize=4096)
def month_label(start: str, offset: int) -> str:
    """Return the calendar month `offset` months after `start` ("YYYY-MM"), in the same form.

    >>> month_label("2027-01", 13)
    '2028-02'
    """
    year, month = (int(part) for part in start.split("-"))
    years, index = divmod(month - 1 + offset, MONTHS_PER_YEAR)
    return f"{year + years:04d}-{index + 1:02d}"


def hours_in(label: str, hours_per_month: Any) -> float:
    """Return the hours of month `label`; `hours_per_month` is a number, or "calendar" for the true ones.

    >>> hours_in("2027-02", "calendar"), hours_in("2027-02", 720)
    (672.0, 720.0)
    """
    if hours_per_month != "calendar":
        return float(hours_per_month)
    year, month = (int(part) for part in label.split("-"))
    return float(calendar.monthrange(year, month)[1] * HOURS_PER_DAY)


def months_between(start: str, other: str) -> int:
    """Return how many months `other` lies after `start`; negative when before.

    >>> months_between("2027-01", "2026-11")
    -2
    """
    (y0, m0), (y1, m1) = ((int(part) for part in label.split("-")[:2]) for label in (start, other))
    return (y1 - y0) * MONTHS_PER_YEAR + m1 - m0


def fiscal_year_end(month: Any, start: str, first_month: int) -> Any:
    """Return the last month, as an offset from `start`, of the fiscal year that the month of offset `month` is in.

    >>> fiscal_year_end(0, "2027-01", 1), fiscal_year_end(0, "2027-01", 4), fiscal_year_end(-1, "2027-01", 1)
    (11, 2, -1)
    """
    place = (int(start.split("-")[1]) - first_month + month) % MONTHS_PER_YEAR
    return month + MONTHS_PER_YEAR - 1 - place


def fiscal_year(label: str, first_month: int) -> int:
    """Return the fiscal year of month `label`; a year is named after the calendar year in which it ends.

    >>> fiscal_year("2027-01", 1), fiscal_year("2027-04", 4)
    (2027, 2028)
    """
    year, month = (int(part) for part in label.split("-"))
    return year + (1 if first_month > 1 and month >= first_month else 0)
