"""Switching values: where a driver must lie for the decision to flip between buying and not buying.

f(v) is what the best plan without a purchase costs, less what the best plan with at least one costs, with the driver at
v: buying pays while f > 0. In whole numbers f may jump, and be flat. It is scanned from today's value outwards to both
ends of the search; between neighbours that decide differently the flip is closed in by ITP steps (interpolate,
truncate, project: never slower than bisection). Every flip that the scan meets is told, the nearest first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from planner.model.solve import Effort
from planner.whatif.base import Settings
from planner.whatif.basis import LARGE_FROM_NONZEROS, Ask, decision, saves
from planner.whatif.drivers import Driver
from planner.whatif.points import Point
from planner.whatif.sensitivity import described

PRECISION = 1e-4
"""Of a switching value, relative to itself."""
SCAN = 8
"""Values that are looked at on each side of today's, ever farther apart, beside the ends of the driver's range."""
_NEAR_ZERO = 0.01
"""Of a driver's range: a value nearer to zero is found to the precision of this one."""
_TRUNCATE, _SLACK = 0.2, 1
_STEEP = 10.0
"""Times as steep as between the values that were looked at first, a flip is a leap."""
FINE, FINE_UP_TO_NONZEROS = 16, 5_000
"""As SCAN, and in which programs in whole numbers: they are quick, and flips that lie close together show."""
COARSE = 4
"""As SCAN, in very large programs as relaxations."""


@dataclass
class _Bracket:
    """Two values that decide differently, and what buying saves there."""

    driver: Driver
    low: float
    high: float
    at_low: float
    at_high: float
    precision: float
    steps: int = 0
    most: int = 0
    width: float = 0.0
    slope: float = 0.0

    def __post_init__(self) -> None:
        """Count the halvings that would do."""
        self.width = self.high - self.low
        self.slope = abs(self.at_high - self.at_low) / self.width
        self.most = max(0, math.ceil(math.log2(self.width / self.tolerance))) + _SLACK

    @property
    def tolerance(self) -> float:
        """How narrow the bracket has to become."""
        if self.driver.step:
            return self.driver.step
        least = _NEAR_ZERO * (self.driver.high - self.driver.low)
        return self.precision * max(abs(self.low), abs(self.high), least)

    @property
    def found(self) -> bool:
        """Whether it is narrow enough, or as narrow as numbers are."""
        middle = (self.low + self.high) / 2
        return self.high - self.low <= self.tolerance or not self.low < middle < self.high

    @property
    def jumps(self) -> bool:
        """Whether what buying saves leaps over 0: it has no root between both ends."""
        rise = abs(self.at_high - self.at_low)
        return not rise / (self.high - self.low) <= _STEEP * self.slope or not math.isfinite(rise)

    def next(self) -> float:
        """Return the value to look at: near where a line through both ends is 0, and not far from the middle."""
        if step := self.driver.step:
            return self.low + step * max(1, (self.high - self.low) / step // 2)
        middle, width = (self.low + self.high) / 2, self.high - self.low
        rise = self.at_high - self.at_low
        if not math.isfinite(rise) or rise == 0:
            return middle
        crossing = self.low - self.at_low * width / rise
        side = math.copysign(1.0, middle - crossing)
        inwards = max(_TRUNCATE * width**2 / self.width, self.tolerance / 4)
        value = crossing + side * inwards if inwards <= abs(middle - crossing) else middle
        radius = max(0.0, self.tolerance / 2 * 2.0 ** (self.most - self.steps) - width / 2)
        return value if abs(value - middle) <= radius else middle - side * radius

    def take(self, value: float, saved: float) -> None:
        """Move the end that decides as `value` does."""
        self.steps += 1
        if (saved > 0) == (self.at_low > 0):
            self.low, self.at_low = value, saved
        else:
            self.high, self.at_high = value, saved


def switching_values(
    found: Sequence[Driver], ask: Ask, precision: float = PRECISION, scan: int = SCAN, decide: Ask | None = None
) -> list[dict[str, Any]]:
    """Return of every driver the values at which the decision flips, the driver with the nearest first.

    Parameters
    ----------
    decide : answers what is decided, and need not say what buying saves; None: `ask`
    """
    looked = {driver.name: _scanned(driver, scan) for driver in found}
    points = _asked(decide or ask, [(driver, value) for driver in found for value in looked[driver.name]])
    pairs = [
        (driver, low, high)
        for driver in found
        for low, high in pairwise(looked[driver.name])
        if _differ(points[driver.name, low], points[driver.name, high])
    ]
    if decide is not None:
        points |= _asked(ask, [(driver, value) for driver, *ends in pairs for value in ends])
    brackets = [
        _Bracket(driver, low, high, saves(points[driver.name, low]), saves(points[driver.name, high]), precision)
        for driver, low, high in pairs
        if _differ(points[driver.name, low], points[driver.name, high])
    ]
    _close_in(brackets, ask)
    rows = [
        _row(driver, [one for one in brackets if one.driver is driver],
             {value: points[driver.name, value] for value in looked[driver.name]})
        for driver in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: nearness(row["flips"][0]) if row["flips"] else (math.inf, math.inf))


def scan_for(size: int, effort: Effort | None) -> int:
    """Return how many values to look at on each side of today's in a program with `size` nonzeros."""
    if effort is None and size > LARGE_FROM_NONZEROS:
        return COARSE
    return SCAN if effort is None or size > FINE_UP_TO_NONZEROS else FINE


def nearness(flip: dict[str, Any]) -> tuple[float, float]:
    """Return what flips are ordered by: by `ranges`, and where these are the same or unknown by their distance."""
    return math.inf if flip["ranges"] is None else flip["ranges"], abs(flip["distance"])


def ranges(driver: Driver, value: float) -> float | None:
    """Return how far a value lies from today's, as a share of the way to the end of the driver's range on that side.

    Only so can distances of percent, points and months be compared. None where it has no range there.
    """
    end = driver.high if value > driver.now else driver.low
    return None if end == driver.now else abs((value - driver.now) / (end - driver.now))


def _scanned(driver: Driver, scan: int) -> list[float]:
    """Return the values to look at, today's among them, dense near it."""
    values = {driver.now, driver.low, driver.high}
    for end in (driver.least, driver.most):
        values |= {driver.now + (end - driver.now) * (n / scan) ** 2 for n in range(1, scan + 1)}
    return sorted({driver.nearest(value) for value in values})


def _asked(ask: Ask, asked: Sequence[tuple[Driver, float]]) -> dict[tuple[str, float], Point]:
    """Return a point for each driver and value; equal scenarios are solved once."""
    settings = [driver.at(value) for driver, value in asked]
    once: list[Settings] = list(dict.fromkeys(settings))
    answers = dict(zip(once, ask(once), strict=True))
    return {(driver.name, value): answers[each] for (driver, value), each in zip(asked, settings, strict=True)}


def _differ(one: Point, other: Point) -> bool:
    decided = decision(one), decision(other)
    return None not in decided and decided[0] != decided[1]


def _close_in(brackets: list[_Bracket], ask: Ask) -> None:
    """Narrow all brackets together, a value of each at a time; one that meets a value without a plan stays as it is."""
    left = [one for one in brackets if not one.found]
    while left:
        asked = [(one.driver, one.next()) for one in left]
        points = _asked(ask, asked)
        for one, (driver, value) in zip(left, asked, strict=True):
            saved = saves(points[driver.name, value])
            if math.isnan(saved):
                one.most = -1
            else:
                one.take(value, saved)
        left = [one for one in left if one.most >= 0 and not one.found]


def _row(driver: Driver, brackets: list[_Bracket], points: dict[float, Point]) -> dict[str, Any]:
    flips = sorted((_flip(driver, one) for one in brackets), key=nearness)
    without = [value for value, point in points.items() if decision(point) is None]
    return described(driver) | {
        "flips": flips,
        "switches_at": flips[0]["at"] if flips else None,
        "distance": flips[0]["distance"] if flips else None,
        "searched": {"least": driver.least, "most": driver.most, "values": len(points)},
        "without_a_plan": without,
        "unknown_from": _unknown_from(driver, without, brackets),
    }


def _unknown_from(driver: Driver, without: Sequence[float], brackets: Sequence[_Bracket]) -> float | None:
    """Return how far off the decision is not known: nothing can be decided, or a flip could not be closed in."""
    rough = [min((one.low, one.high), key=lambda value: abs(value - driver.now)) for one in brackets if not one.found]
    return min((abs(value - driver.now) / driver.scale for value in (*without, *rough)), default=None)


def _flip(driver: Driver, bracket: _Bracket) -> dict[str, Any]:
    """Return a flip: between two values that were solved.

    `at` is where a line between them is 0, of a leap their middle, and of a driver with steps the first step beyond it.
    """
    width, rise = bracket.high - bracket.low, bracket.at_high - bracket.at_low
    if driver.step:
        at = bracket.high if bracket.low >= driver.now else bracket.low
    else:
        at = bracket.low + (width / 2 if bracket.jumps else -bracket.at_low * width / rise)
    return {
        "at": at,
        "distance": (at - driver.now) / driver.scale,
        "ranges": ranges(driver, at),
        "low": bracket.low,
        "high": bracket.high,
        "buying_saves_usd_at_low": _finite(bracket.at_low),
        "buying_saves_usd_at_high": _finite(bracket.at_high),
        "buys": "below" if bracket.at_low > 0 else "above",
        "precise": bracket.found,
        "jumps": bracket.jumps,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
