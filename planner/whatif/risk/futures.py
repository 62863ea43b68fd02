"""Futures: values of uncertain drivers, drawn together, seeded and evenly spread.

Each driver has today's value as its median and its own P10 and P90; the two sides may differ. Correlation is that of
ranks (Spearman), joined by a Gaussian copula. Points are of a Sobol sequence that the seed scrambles; since few of them
in many dimensions move together by chance, they are turned and ranked anew (Iman and Conover).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fnmatch import fnmatchcase
from math import ceil, floor, log, log2, prod

import numpy as np

from planner.case import Case
from planner.errors import Complaint, InputError, nearest
from planner.program import Floats
from planner.scenario.price_book import is_price
from planner.scenario.risk_schema import Risk
from planner.units import month_label, months_between
from planner.whatif.base import Base, Settings
from planner.whatif.drivers import Driver, drivers

USUAL = ("demand", "growth", "rented", "purchase", "electricity", "resale", "tokens", "delivery")
"""Drivers that are uncertain where the scenario does not say otherwise."""
MONTHS = 3
"""Months of decisions before the future is known, where the scenario does not say otherwise."""
_P90 = 1.2815515655446004
"""Normal score of the ninth decile."""
_SURE, _RIDGE = 1e-9, 0.01
_SCALE, _EXACT = "scale.rows.", Decimal("1e-15")
_DIGITS = 1e9
"""Values have nine decimals: settings are text."""


@dataclass(frozen=True)
class Distribution:
    """What may become of a driver: one time in ten below `low`, one in ten above `high`, today's value the median."""

    driver: Driver
    low: float
    high: float
    shape: str
    source: str
    stated: bool = True

    def at(self, scores: Floats) -> Floats:
        """Return the values at normal scores, kept within what the driver can be."""
        now, below = self.driver.now, scores < 0
        if self.shape == "lognormal":
            spread = np.where(below, log(now / self.low), log(self.high / now)) / _P90
            values = now * np.exp(spread * scores)
        else:
            values = now + np.where(below, now - self.low, self.high - now) / _P90 * scores
        if self.driver.step:
            values = now + np.round((values - now) / self.driver.step) * self.driver.step
        least, most = ceil(self.driver.least * _DIGITS) / _DIGITS, floor(self.driver.most * _DIGITS) / _DIGITS
        return np.asarray(np.clip(np.round(values * _DIGITS) / _DIGITS, least, most))


@dataclass(frozen=True)
class Futures:
    """What may come, each future as probable as any other.

    Attributes
    ----------
    distributions : of the drivers that move
    correlation : array [driver, driver], of ranks
    values : array [future, driver]
    settings : of each future
    mean : settings with every driver at the mean of its values
    """

    distributions: tuple[Distribution, ...]
    correlation: Floats
    values: Floats
    settings: tuple[Settings, ...]
    mean: Settings


def months_to_decide(base: Base) -> int:
    """Return the number of months whose orders are decided before the future is known.

    Raises
    ------
    InputError
        when `risk.decide_until` lies outside the plan.
    """
    scenario = base.loaded.scenario
    until = scenario.risk.decide_until if scenario.risk else None
    if until is None:
        return min(MONTHS, scenario.horizon_months)
    months = months_between(scenario.start, until)
    if not 1 <= months <= scenario.horizon_months:
        last = month_label(scenario.start, scenario.horizon_months)
        raise _refused(base, ("risk", "decide_until"), "leaves nothing to decide, or nothing to come", until,
                       f"{month_label(scenario.start, 1)} … {last}")  # fmt: skip
    return months


def distributions(base: Base, case: Case) -> tuple[Distribution, ...]:
    """Return what is uncertain: the usual drivers with their own ranges, and what the scenario says of any driver.

    Raises
    ------
    InputError
        when the scenario names no driver, or a range that its driver cannot have.
    """
    known = {driver.name: driver for driver in drivers(base, case)}
    risk = base.loaded.scenario.risk
    found = {name: _usual(known[name]) for name in USUAL if name in known}
    for name in risk.drivers if risk else ():
        if name not in known:
            raise _refused(base, ("risk", "drivers", name), "is no driver of this scenario", name,
                           ", ".join(one for one in known if "/" not in one), nearest(name, known))  # fmt: skip
        assert risk is not None
        found[name] = _said(base, risk, known[name])
    return tuple(one for one in found.values() if one.low < one.high)


def _usual(driver: Driver) -> Distribution:
    shape = "lognormal" if driver.unit == "×" else "normal"
    return Distribution(driver, driver.low, driver.high, shape, f"{driver.source}, taken as P10 and P90", stated=False)


def _said(base: Base, risk: Risk, driver: Driver) -> Distribution:
    """Return what the scenario says of a driver."""
    said = risk.drivers[driver.name]
    low, high, path = float(said.low), float(said.high), ("risk", "drivers", driver.name)
    known = base.catalog.rows.get(driver.name)
    positive = is_price(known[0]) and driver.now > 0 if known else driver.unit == "×" and low > 0
    shape = said.shape or ("lognormal" if positive else "normal")
    if not low <= driver.now <= high:
        raise _refused(base, path, "must have today's value within its range", f"{low:g} … {high:g}",
                       f"low ≤ {driver.now:g} ≤ high")  # fmt: skip
    if low < driver.least or high > driver.most:
        raise _refused(base, path, "goes farther than the driver can", f"{low:g} … {high:g}",
                       f"{driver.least:g} … {driver.most:g}")  # fmt: skip
    if shape == "lognormal" and low <= 0:
        raise _refused(
            base, path, "cannot be lognormal down to 0 or below", f"{low:g}", "low above 0, or shape: normal"
        )
    return Distribution(driver, low, high, shape, said.source or risk.source)


def correlation(base: Base, names: Sequence[str]) -> Floats:
    """Return the correlation of ranks, array [driver, driver].

    Raises
    ------
    InputError
        when a pair is not of these drivers, stands twice, or the pairs contradict one another.
    """
    matrix, risk = np.eye(len(names)), base.loaded.scenario.risk
    for index, one in enumerate(risk.correlations if risk else ()):
        path = ("risk", "correlations", index)
        for name in one.between:
            if name not in names:
                raise _refused(base, path, "names what is not uncertain here", name, ", ".join(names),
                               nearest(name, names))  # fmt: skip
        a, b = (names.index(name) for name in one.between)
        if a == b or matrix[a, b]:
            raise _refused(base, path, "is of a pair that stands already, or of one driver", ", ".join(one.between))
        matrix[a, b] = matrix[b, a] = float(one.value)
    if (least := _least(matrix)) < -_SURE:
        valid = next(share for share in range(99, -1, -1) if _least(share / 100 * matrix) >= -_SURE)
        raise _refused(base, ("risk", "correlations"), "contradict one another: no drivers move so",
                       f"smallest eigenvalue {least:.3g}", "a positive semidefinite matrix",
                       f"multiply every value by {valid / 100:g} or less")  # fmt: skip
    return matrix


def _normal(matrix: Floats) -> Floats:
    """Return the correlation of normal scores whose ranks have the correlation `matrix`."""
    found = 2 * np.sin(np.pi / 6 * matrix)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _least(matrix: Floats) -> float:
    """Return the smallest eigenvalue of the normal scores; below 0 no drivers move so."""
    return float(np.linalg.eigvalsh(_normal(matrix)).min()) if len(matrix) else 0.0


def scores(count: int, matrix: Floats, seed: int) -> Floats:
    """Return normal scores, array [future, driver], whose ranks have the correlation `matrix`.

    Every driver has the same scores, one in each of `count` equally probable parts.
    """
    from scipy.stats import qmc

    if not len(matrix):
        return np.zeros((count, 0))
    points = qmc.Sobol(len(matrix), scramble=True, rng=np.random.default_rng(seed))
    evenly = _evenly(points.random_base2(ceil(log2(max(count, 1))))[:count])
    if count > 1:
        apart = np.linalg.inv(_root(np.atleast_2d(np.corrcoef(evenly, rowvar=False)), _RIDGE))
        evenly = _evenly(np.asarray(evenly @ apart.T, float))
    return _evenly(evenly @ _root(_normal(matrix), _SURE).T)


def _evenly(values: Floats) -> Floats:
    """Return normal scores in the order of `values`, by columns."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(values, method="ordinal", axis=0) - 0.5) / len(values)))


def _root(matrix: Floats, ridge: float) -> Floats:
    return np.asarray(np.linalg.cholesky(matrix + ridge * np.eye(len(matrix))))


def draw(base: Base, case: Case, count: int, seed: int) -> Futures:
    """Draw `count` futures; prices that are paid by the month move from the month on in which the future is known."""
    found = distributions(base, case)
    matrix = correlation(base, [one.driver.name for one in found])
    drawn = scores(count, matrix, seed)
    values = np.array([one.at(drawn[:, n]) for n, one in enumerate(found)]).reshape(len(found), count).T
    scenario = base.loaded.scenario
    until = month_label(scenario.start, months_to_decide(base))
    settings = tuple(_settings(found, row, until) for row in values)
    return Futures(found, matrix, values, settings, _settings(found, values.mean(axis=0).round(9), until))


def _settings(found: Sequence[Distribution], values: Floats, until: str) -> Settings:
    """Return the settings of one future; catalog rows move by factors that hold when the future is known.

    A row with a driver of its own does not move with those of its kind.
    """
    moved: list[str] = []
    kinds: dict[str, Decimal] = {}
    rows: dict[str, Decimal] = {}
    for one, value in zip(found, values.tolist(), strict=True):
        factor = Decimal(repr(value)) / Decimal(repr(one.driver.now)) if one.driver.now else None
        for move in one.driver.moves:
            section, _, name = move.path.partition(".")
            if move.path.startswith(_SCALE) and factor is not None:
                kinds[move.path.removeprefix(_SCALE)] = factor
            elif section == "prices" and factor is not None:
                rows[name] = factor
            elif value != one.driver.now:
                moved.append(move.at(value))
    for name, factor in rows.items():
        shared = prod((by for rows_, by in kinds.items() if fnmatchcase(name, rows_)), start=Decimal(1))
        kinds[name] = factor / shared if shared else factor
    later = [f"scale.later.{name}={factor.quantize(_EXACT, ROUND_DOWN):f}" for name, factor in kinds.items()]
    return (*moved, *later, f"scale.later_from={until}") if later else tuple(moved)


def _refused(
    base: Base, path: tuple[str | int, ...], message: str, found: str, allowed: str | None = None,
    cure: str | None = None,
) -> InputError:  # fmt: skip
    document = base.loaded.document
    return InputError([Complaint(document.place(path), ".".join(map(str, path)), message, found, allowed, cure)])
