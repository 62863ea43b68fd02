"""Forecasts monthly figures: naive, with drift, with a damped trend, with seasons; the one that would have erred least.

Each method is tested from every month at which it could have been used, on what came after, beside the naive forecast
of the same month. A method that cannot be tested is not chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray

YEAR = 12
TESTS = 3
"""Months from which a method must have been tested."""
TESTED_AHEAD = 12
Z = 1.2816
"""Of an interval that holds 80 % of what comes."""
Floats = NDArray[np.float64]
Method = Callable[[Floats, int], Floats]


@dataclass(frozen=True)
class Forecast:
    """A forecast of the months that follow a series.

    Attributes
    ----------
    low, high : 80 % of what comes should lie between; None where the series is too short to measure an error
    method : that erred least in the back-test
    mape : mean error in the back-test as a fraction of what came, without months of 0; None where none was possible
    bias : sum of errors as a fraction of the sum of what came; above 0 is forecast too high
    naive_mape : of the naive forecast in the same months: the last value, or that of a year before from 24 months on
    """

    values: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None
    method: str
    mape: float | None = None
    bias: float | None = None
    naive_mape: float | None = None


@dataclass(frozen=True)
class Trial:
    """A month of a back-test: how many months were known, how far ahead it was, both forecasts, and what came."""

    origin: int
    step: int
    forecast: float
    naive: float
    actual: float


def forecast(series: Sequence[float], months: int) -> Forecast:
    """Forecast `months` months after `series`, monthly figures of 0 or more without gaps.

    >>> forecast([10, 12, 14, 16, 18, 20], 2).values
    (22.0, 24.0)
    """
    history = np.asarray(series, dtype=float)
    if not len(history):
        raise ValueError("no month to forecast from")
    naive = _naive(len(history))
    tested = {name: found for name in METHODS if (found := back_test(METHODS[name], NEEDS[name], history, months))}
    if not tested:
        return Forecast(tuple(naive(history, months).tolist()), None, None, "naive")
    best = _best(tested)
    values, spread = METHODS[best](history, months), _spread(tested[best], months)
    came = [one.actual for one in tested[best]]
    return Forecast(
        tuple(values.tolist()), tuple(np.maximum(values - spread, 0).tolist()), tuple((values + spread).tolist()), best,
        mape([one.forecast for one in tested[best]], came), bias([one.forecast for one in tested[best]], came),
        mape([one.naive for one in tested[best]], came),
    )  # fmt: skip


def mape(forecasts: Sequence[float], actuals: Sequence[float]) -> float | None:
    """Return the mean of |forecast − actual| ÷ actual over the months whose actual is not 0."""
    errors = [abs(one - actual) / actual for one, actual in zip(forecasts, actuals, strict=True) if actual > 0]
    return sum(errors) / len(errors) if errors else None


def bias(forecasts: Sequence[float], actuals: Sequence[float]) -> float | None:
    """Return Σ (forecast − actual) ÷ Σ actual; above 0 is forecast too high."""
    return (sum(forecasts) - sum(actuals)) / sum(actuals) if sum(actuals) > 0 else None


def back_test(method: Method, needs: int, history: Floats, months: int) -> list[Trial]:
    """Return what `method` and the naive forecast would have said from every month on; nothing with too few months.

    Parameters
    ----------
    needs : months that it must know
    """
    origins = range(needs, len(history))
    if len(origins) < TESTS:
        return []
    found = []
    for origin in origins:
        came = history[origin : origin + min(months, TESTED_AHEAD)]
        known = history[:origin]
        said, naive = method(known, len(came)), _naive(len(history))(known, len(came))
        found += [
            Trial(origin, step, float(one), float(plain), float(actual))
            for step, (one, plain, actual) in enumerate(zip(said, naive, came, strict=True), 1)
        ]
    return found


def _best(tested: Mapping[str, Sequence[Trial]]) -> str:
    """Return the method with the least error; each, in order of the months it needs, against the best so far."""
    best, *others = tested
    for name in others:
        first = min(one.origin for one in tested[name])
        rival = [one for one in tested[best] if one.origin >= first]
        if _error(tested[name]) < _error(rival) * (1 - 1e-9):
            best = name
    return best


def _error(tested: Sequence[Trial]) -> float:
    return sum(abs(one.forecast - one.actual) for one in tested)


def _spread(tested: Sequence[Trial], months: int) -> Floats:
    """Return half the width of the interval by month: errors by step as measured, never narrower, then as √step."""
    measured = [
        _z(len(errors)) * sqrt(sum(error**2 for error in errors) / len(errors))
        for step in range(1, months + 1)
        if len(errors := [one.forecast - one.actual for one in tested if one.step == step]) >= TESTS
    ]
    wide = np.maximum.accumulate(measured)
    last = len(wide)
    return np.asarray([wide[step] if step < last else wide[-1] * sqrt((step + 1) / last) for step in range(months)])


def _z(errors: int) -> float:
    """Return Z as widened for few errors, the quantile of Student's distribution to its first order."""
    return Z + (Z**3 + Z) / (4 * errors)


def _last(history: Floats, months: int) -> Floats:
    return np.full(months, history[-1])


def _seasonal_naive(history: Floats, months: int) -> Floats:
    if len(history) < YEAR:
        return _last(history, months)
    return np.resize(history[-YEAR:], months)


def _naive(known: int) -> Method:
    return _seasonal_naive if known >= 2 * YEAR else _last


def _drift(history: Floats, months: int) -> Floats:
    step = (history[-1] - history[0]) / (len(history) - 1)
    values: Floats = np.maximum(history[-1] + step * np.arange(1, months + 1), 0)
    return values


_GRID = np.asarray(list(product((0.1, 0.3, 0.5, 0.8), (0.05, 0.2, 0.5), (0.9, 0.98)))).T
_SEASONAL_GRID = np.asarray(list(product((0.1, 0.3, 0.5, 0.8), (0.05, 0.2), (0.9, 0.98), (0.05, 0.2, 0.5)))).T


def _damped_trend(history: Floats, months: int) -> Floats:
    """Holt's smoothing of level and trend, whose trend fades (Gardner and McKenzie, 1985)."""
    first = history[: min(len(history), 4)]
    trend = (first[-1] - first[0]) / (len(first) - 1)
    grid = np.vstack([_GRID, np.zeros(_GRID.shape[1])])
    return _smooth(history[1:], months, float(history[0]), float(trend), np.ones(1), grid)


def _holt_winters(history: Floats, months: int) -> Floats:
    """Holt's and Winters' smoothing of level, fading trend and seasons that multiply, from two years on."""
    if (history <= 0).any():
        return _seasonal_naive(history, months)
    years = history[: 2 * YEAR].reshape(2, YEAR)
    trend = float(years[1].mean() - years[0].mean()) / YEAR
    start = float(years[0].mean()) - trend * (YEAR - 1) / 2
    line = np.maximum(start + trend * np.arange(2 * YEAR), years.mean() / 10).reshape(2, YEAR)
    seasons = (years / line).mean(axis=0)
    return _smooth(history, months, start - trend, trend, seasons / seasons.mean(), _SEASONAL_GRID)


def _smooth(history: Floats, months: int, level: float, trend: float, seasons: Floats, grid: Floats) -> Floats:
    """Smooth with every set of parameters at once; forecast with the one whose next months erred least."""
    alpha, beta, damping, gamma = grid
    levels, trends = np.full(len(alpha), level), np.full(len(alpha), trend)
    factors, squares = np.tile(seasons, (len(alpha), 1)), np.zeros(len(alpha))
    for month, value in enumerate(history):
        season = factors[:, month % len(seasons)]
        expected = levels + damping * trends
        squares += (value - expected * season) ** 2
        before, levels = levels, alpha * value / season + (1 - alpha) * expected
        trends = beta * (levels - before) + (1 - beta) * damping * trends
        seen = np.where(levels > 0, value / np.where(levels > 0, levels, 1), season)
        factors[:, month % len(seasons)] = np.maximum(gamma * seen + (1 - gamma) * season, 1e-6)
    best = int(np.argmin(squares))
    ahead = np.arange(1, months + 1)
    fading = np.cumsum(damping[best] ** ahead) * trends[best]
    ours = factors[best][(len(history) + ahead - 1) % len(seasons)]
    values: Floats = np.maximum((levels[best] + fading) * ours, 0)
    return values


METHODS: dict[str, Method] = {
    "naive": _last,
    "drift": _drift,
    "damped trend": _damped_trend,
    "seasonal naive": _seasonal_naive,
    "Holt-Winters": _holt_winters,
}
"""In order of the months that they need."""
NEEDS = {"naive": 1, "drift": 2, "damped trend": 4, "seasonal naive": YEAR, "Holt-Winters": 2 * YEAR}
