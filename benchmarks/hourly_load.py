"""Load by the hour of the calendar: a daily wave, lower at weekends, and noise, so that no two hours are alike.

    python benchmarks/hourly_load.py [START] [MONTHS] [SEED] > load.csv

prints it as a file for `shape: {csv: load.csv, column: load, time: hour}` of a scenario.
"""

from __future__ import annotations

import calendar
import sys

import numpy as np
from numpy.typing import NDArray

START = "2027-01"


def load(start: str, months: int, seed: int) -> NDArray[np.float64]:
    """Return the load of every hour of `months` calendar months from `start` (YYYY-MM) on; about 1 on average.

    With another `seed` the day peaks at another hour.
    """
    first_day = calendar.weekday(*(int(part) for part in start.split("-")), 1)
    hour = np.arange(24 * days_in_months(start, months).sum())
    wave = 1 + 0.5 * np.sin(2 * np.pi * (hour % 24 - 9 - 4 * seed) / 24)
    weekend = (first_day + hour // 24) % 7 >= 5
    noise = np.random.default_rng(seed).lognormal(0, 0.08, len(hour))
    return wave * np.where(weekend, 0.7, 1.0) * noise


def days_in_months(start: str, months: int) -> NDArray[np.int64]:
    """Return how many days each month has."""
    year, number = (int(part) for part in start.split("-"))
    months_on = (divmod(number - 1 + t, 12) for t in range(months))
    return np.array([calendar.monthrange(year + years, month + 1)[1] for years, month in months_on])


def main(start: str = START, months: str = "36", seed: str = "0") -> None:
    """Print the hours and their load."""
    values = load(start, int(months), int(seed))
    print("hour,load")
    for hour, value in zip(np.datetime64(start, "h") + np.arange(len(values)), values, strict=True):
        print(f"{hour}:00Z,{value:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
