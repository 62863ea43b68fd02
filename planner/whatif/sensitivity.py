"""What each driver does to the decision when it lies at either end of its range: a tornado, and maps of two drivers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from planner.whatif.base import Settings
from planner.whatif.basis import LARGE_FROM_NONZEROS, Ask, decision
from planner.whatif.drivers import Driver
from planner.whatif.points import INFEASIBLE, Point

STEPS, COARSE = 7, 5
"""Values of each driver in a map, and in very large programs."""
MAPS = (("demand", "purchase"), ("rented", "purchase"), ("electricity", "purchase"))
"""Two drivers each, the first along x."""
MEASURES = ("buying_saves_usd", "npv_usd", "present_usd")
"""What a tornado may show: the first that the base has and something moves."""
_MOVED = ("present_usd", "npv_usd", "buying_saves_usd")
_STILL = 1e-7
"""Of the plan's cost: less is rounding."""


def tornado(found: Sequence[Driver], ask: Ask) -> dict[str, Any]:
    """Return what every driver does at its low and its high, those that swing most first.

    A driver that changes neither the plan's cost, nor its NPV, nor what buying saves is only named, in `unmoved`.
    """
    ends = [(driver, end, value) for driver in found for end, value in (("low", driver.low), ("high", driver.high))]
    now, *answers = ask([(), *(driver.at(value) for driver, _, value in ends)])
    moved = (name for name in MEASURES if now[name] is not None and any(_changed(one, now, name) for one in answers))
    measure = next(moved, MEASURES[-1])
    bars: dict[str, dict[str, Any]] = {driver.name: described(driver) for driver in found}
    for (driver, end, value), point in zip(ends, answers, strict=True):
        bars[driver.name][end] = _end(driver.at(value), value, point, now)
    moving = [bar | {"swing_usd": _swing(bar, now, measure)} for bar in bars.values() if _moves(bar, now)]
    moving.sort(key=lambda bar: -bar["swing_usd"])
    return {
        "measure": measure,
        "bars": moving,
        "flips": sum(bar[end]["flips"] is True for bar in moving for end in ("low", "high")),
        "unknown": sum(bar[end]["flips"] is None for bar in moving for end in ("low", "high")),
        "unmoved": [name for name in bars if all(bar["driver"] != name for bar in moving)],
    }


def described(driver: Driver) -> dict[str, Any]:
    """Return what is said of a driver in every answer."""
    return {
        "driver": driver.name, "title": driver.title, "unit": driver.unit, "source": driver.source, "now": driver.now,
    }  # fmt: skip


def _end(settings: Settings, value: float, point: Point, now: Point) -> dict[str, Any]:
    decides, before = decision(point), decision(now)
    return {
        "value": value,
        "settings": list(settings),
        **{key: point[key] for key in ("status", *_MOVED, "breakeven_months", "choice")},
        "npv_change_usd": _change(point["npv_usd"], now["npv_usd"]),
        "decision": decides,
        "flips": None if decides is None or before is None else decides != before,
    }


def _change(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _moves(bar: dict[str, Any], now: Point) -> bool:
    """Say whether either end changes anything; to have no plan is a change."""
    return any(_changed(bar[end], now, key) for end in ("low", "high") for key in _MOVED)


def _changed(end: Mapping[str, Any], now: Point, key: str) -> bool:
    if end[key] is None or now[key] is None:
        return end[key] is not now[key]
    return bool(abs(end[key] - now[key]) > _STILL * max(1.0, abs(now["present_usd"] or 0.0)))


def _swing(bar: dict[str, Any], now: Point, measure: str) -> float:
    """Return how far the measure lies apart at the ends and now, of those where it exists."""
    known = [value for value in (now[measure], bar["low"][measure], bar["high"][measure]) if value is not None]
    return max(known) - min(known) if known else 0.0


def maps(pairs: Iterable[tuple[Driver, Driver]], ask: Ask, steps: int = STEPS) -> list[dict[str, Any]]:
    """Return what buying saves over `steps` × `steps` values of each pair of drivers; null where there is no number."""
    drawn = [(x, y, _along(x, steps), _along(y, steps)) for x, y in pairs]
    asked = [(*x.at(a), *y.at(b)) for x, y, across, up in drawn for b, a in product(up, across)]
    answers = iter(ask(asked) if asked else ())
    return [
        {
            "x": described(x) | {"values": across},
            "y": described(y) | {"values": up},
            **_cells([[next(answers) for _ in across] for _ in up]),
        }
        for x, y, across, up in drawn
    ]


def steps_for(size: int) -> int:
    """Return how many values each driver of a map has in a program with `size` nonzeros."""
    return STEPS if size <= LARGE_FROM_NONZEROS else COARSE


def _cells(points: list[list[Point]]) -> dict[str, Any]:
    """Return rows of y, in each the values along x; `no_plan` counts those whose rules cannot be obeyed."""
    return {
        "buying_saves_usd": [[point["buying_saves_usd"] for point in row] for row in points],
        "decision": [[decision(point) for point in row] for row in points],
        "no_plan": sum(point["status"] == INFEASIBLE for row in points for point in row),
    }


def _along(driver: Driver, steps: int) -> list[float]:
    """Return values from low to high; one that says nearly what is now is exactly that."""
    values = [driver.low + (driver.high - driver.low) * n / (steps - 1) for n in range(steps)]
    near = 1e-9 * max(abs(driver.low), abs(driver.high))
    return [driver.now if abs(value - driver.now) <= near else float(f"{value:.6g}") for value in values]
