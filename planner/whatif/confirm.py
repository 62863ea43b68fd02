"""Flips of relaxations, asked in whole numbers: on both sides, as far from each as their gap is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.whatif.basis import Ask, decision, saves
from planner.whatif.drivers import Driver
from planner.whatif.points import Point
from planner.whatif.switch import nearness

_FLIPS_OF_NONZEROS = 1_500_000
_CLEAR = 2.0
"""Times the gap: what buying saves on either side of a flip must be beyond doubt."""
Flip = dict[str, Any]


def flips_for(size: int) -> int:
    """Return how many flips to ask about in a program with `size` nonzeros."""
    return max(1, _FLIPS_OF_NONZEROS // max(1, size))


def confirm(rows: Sequence[dict[str, Any]], found: Sequence[Driver], ask: Ask, most: int, doubt: float) -> int:
    """Give every flip of `rows` what whole numbers decide around it, `whole`; return how many flips are left unasked.

    The nearest are asked, `most` of them; `whole` of the others is None.

    Parameters
    ----------
    ask : answers in whole numbers
    doubt : USD by which what buying saves may be wrong in whole numbers
    """
    named = {driver.name: driver for driver in found}
    flips = [(named[row["driver"]], flip) for row in rows for flip in row["flips"]]
    flips.sort(key=lambda one: nearness(one[1]))
    sides = [
        (flip, driver, side, value) for driver, flip in flips[:most] for side, value in _sides(driver, flip, doubt)
    ]
    for _, flip in flips:
        flip["whole"] = None
    settings = [driver.at(value) for _, driver, _, value in sides]
    once = list(dict.fromkeys(settings))
    points = dict(zip(once, ask(once) if once else (), strict=True))
    for (flip, _, side, value), each in zip(sides, settings, strict=True):
        flip["whole"] = (flip["whole"] or {}) | {side: _decided(points[each], doubt), f"{side}_at": value}
    return max(0, len(flips) - most)


def _sides(driver: Driver, flip: Flip, doubt: float) -> list[tuple[str, float]]:
    """Return where to ask: where the relaxation is sure by more than the doubt, within the driver's search."""
    low, high = flip["low"], flip["high"]
    ends = flip["buying_saves_usd_at_low"], flip["buying_saves_usd_at_high"]
    away = 0.0
    if None not in ends and ends[0] != ends[1] and not flip["jumps"]:
        away = _CLEAR * doubt * (high - low) / abs(ends[1] - ends[0])
    return [("low", driver.nearest(max(low - away, driver.least))), ("high", driver.nearest(high + away))]


def _decided(point: Point, doubt: float) -> str | None:
    """Return what is decided; None where it lies within the doubt."""
    return decision(point) if abs(saves(point)) > doubt else None
