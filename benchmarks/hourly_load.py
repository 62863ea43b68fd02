"""Hourly load of a whole horizon in which no two hours are alike, for benchmarks and tests: a CSV file on stdout.

    python benchmarks/hourly_load.py [START] [MONTHS] [SEED] > load.csv

Row h is wave(hour of the day) × day(weekday) × growth(h) × noise. The wave swings from 0.4 at 3 in the morning to 1 at
3 in the afternoon; Saturday and Sunday have 0.7 of a weekday; growth is 20 % a year; the noise is lognormal, of the
median 1 and sigma 0.1. Numbers have six digits; of equal ones, all but the first are moved to the next free number.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from planner.units import HOURS_PER_DAY, HOURS_PER_YEAR

DIGITS = 6
_MONDAY = np.datetime64("2024-01-01", "h")


def hours(start: str, months: int) -> NDArray[np.datetime64]:
    """Return every hour of the calendar months from `start` ("YYYY-MM") on."""
    first = np.datetime64(start, "M")
    return np.arange(first.astype("M8[h]"), (first + months).astype("M8[h]"))


def load(start: str, months: int, seed: int = 0) -> NDArray[np.float64]:
    """Return the load of every hour, all distinct."""
    since = (hours(start, months) - _MONDAY).astype(int)
    hour, day = since % HOURS_PER_DAY, since // HOURS_PER_DAY % 7
    wave = 0.7 - 0.3 * np.cos((hour - 3) * 2 * np.pi / HOURS_PER_DAY)
    growth = 1.2 ** (np.arange(len(since)) / HOURS_PER_YEAR)
    noise = np.random.default_rng(seed).lognormal(0, 0.1, len(since))
    return _distinct(np.rint(wave * np.where(day >= 5, 0.7, 1) * growth * noise * 10**DIGITS)) / 10**DIGITS


def _distinct(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move whole numbers up, as little as makes them distinct."""
    order = np.argsort(numbers, kind="stable")
    place = np.arange(len(numbers))
    result = np.empty_like(numbers)
    result[order] = place + np.maximum.accumulate(numbers[order] - place)
    return result


def main(start: str = "2028-01", months: str = "36", seed: str = "0") -> None:
    """Print the hours and their load."""
    print("hour,load")
    for hour, value in zip(hours(start, int(months)), load(start, int(months), int(seed)), strict=True):
        print(f"{hour}:00Z,{value:.{DIGITS}f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
