"""What an answer hangs on: demand, prices, time and money, each with a range and the settings that move it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

from planner.case import Case
from planner.catalog.patterns import matching
from planner.prices import Evidence
from planner.scenario.price_book import is_price
from planner.scenario.schema import Batch, Scenario, Serving
from planner.whatif.base import Base, Settings

SWING = 0.2
"""How far a driver moves each way, as a fraction of itself, where no source says how far."""
_POINTS = 0.03
"""How far each way rates move that are fractions a year themselves."""
_FARTHEST = 10.0
"""How many times itself a driver may become in a search."""
_LEAD, _SOONER, _LATER, _LATEST = "lead_time_months", 1, 3, 24
"""Months by which servers may come sooner and later, and in a search."""
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("rented", "Prices of rented GPUs", ("*usd_per_gpu_hour*",)),
    ("purchase", "Purchase prices of servers", ("*/gpu_usd_per_gpu", "*/purchase_usd_per_server")),
    ("electricity", "Electricity", ("*electricity*usd_per_kwh",)),
    ("space", "Space and colocation", ("*/space_usd_per_kw_month",)),
    ("resale", "Resale values", ("*/resale_fraction/*",)),
    ("staff", "Salaries", ("*/salary_usd_per_year",)),
    ("tokens", "Token prices", ("*_usd_per_mtok",)),
)
"""Name, title and rows of what moves together."""


@dataclass(frozen=True)
class Move:
    """One field that a driver sets: `times` or `plus` what the scenario says, or the driver's value itself (`is`)."""

    path: str
    now: Decimal
    how: Literal["is", "times", "plus"]

    def at(self, value: float) -> str:
        """Return the setting for a driver's `value`."""
        exact = Decimal(repr(value))
        moved = {"is": exact, "times": self.now * exact, "plus": self.now + exact}[self.how]
        return f"{self.path}={moved:f}"


@dataclass(frozen=True)
class Driver:
    """Something that moves the answer.

    Attributes
    ----------
    name : as in `--driver`
    unit : of its values; `×` for a factor on what the scenario says, `+ …` for what is added to it
    now, low, high : its value, and how far it may lie from it
    least, most : how far a search may go
    source : who says how far it moves
    moves : the fields that it sets
    step : what its values are multiples of; 0: of nothing, any value counts
    """

    name: str
    title: str
    unit: str
    now: float
    low: float
    high: float
    least: float
    most: float
    source: str
    moves: tuple[Move, ...]
    step: float = 0.0

    @property
    def scale(self) -> float:
        """What distances are shares of: today's value; where that is 0, one, or a year of months."""
        return abs(self.now) or (12.0 if self.step else 1.0)

    def nearest(self, value: float) -> float:
        """Return the nearest value that it can have."""
        value = round(value / self.step) * self.step if self.step and value != self.now else value
        return min(max(value, self.least), self.most)

    def at(self, value: float) -> Settings:
        """Return the settings that give the driver `value`; none where it has it already."""
        value = self.nearest(value) if self.step else value
        return () if value == self.now else tuple(move.at(value) for move in self.moves)


def clash(one: Iterable[str], other: Iterable[str]) -> str | None:
    """Return a path that both set, or of which one sets a part: of two settings the later wins without a word."""
    return next((a for a in one for b in other if a == b or a.startswith(f"{b}.") or b.startswith(f"{a}.")), None)


def drivers(base: Base, case: Case, swing: float = SWING) -> list[Driver]:
    """Return every driver of a scenario: those that move many things at once, then rows with a range in the catalog.

    Parameters
    ----------
    case : of the base, without settings; rows that it does not ask for are no drivers
    swing : how far each way what no source gives a range for moves, as a fraction of itself
    """
    scenario = case.scenario
    return [
        _times("demand", "Demand", (("scale.demand", scenario.scale.demand),), swing),
        *_growth(scenario),
        *_kinds(base, case, swing),
        *_delivery(case),
        _rate("wacc", "Cost of capital (WACC)", "finance.wacc_fraction", scenario.finance.wacc_fraction),
        *_rows(base, case),
    ]


def _times(
    name: str, title: str, fields: tuple[tuple[str, Decimal], ...], swing: float, most: float = _FARTHEST
) -> Driver:
    moves = tuple(Move(path, Decimal(now), "times") for path, now in fields)
    least = 0.01 if name == "demand" else 0.0
    return Driver(name, title, "×", 1.0, 1 - swing, min(1 + swing, most), least, most, f"± {swing:.0%}", moves)


def _growth(scenario: Scenario) -> Iterator[Driver]:
    """Yield growth of all workloads that have a yearly rate."""
    moves = []
    for workload in scenario.workloads:
        at, growth = f"workloads.{workload.name}", None
        if isinstance(workload, Serving):
            at, growth = f"{at}.demand", workload.demand.growth
        elif isinstance(workload, Batch):
            growth = workload.growth
        if growth is not None and growth.annual_rate is not None:
            moves.append(Move(f"{at}.growth.annual_rate", Decimal(growth.annual_rate), "plus"))
    if moves:
        least = -0.9 - float(min(move.now for move in moves))
        yield Driver(
            "growth", "Growth of demand", "+ a year", 0.0, -SWING, SWING, least, 3.0, "± 20 points", tuple(moves)
        )


def _kinds(base: Base, case: Case, swing: float) -> Iterator[Driver]:
    """Yield drivers that move all catalog rows of a kind; fractions no farther than to 1."""
    scale = case.scenario.scale.rows
    for name, title, patterns in _KINDS:
        asked = (row for row in case.evidence if row.value)
        if any(fnmatchcase(row.row, pattern) for row in asked for pattern in patterns):
            largest = _largest_fraction(base, case, patterns)
            most = float(1 / largest) if largest else _FARTHEST
            fields = tuple((f"scale.rows.{pattern}", scale.get(pattern, Decimal(1))) for pattern in patterns)
            yield _times(name, title, fields, swing, most)


def _delivery(case: Case) -> Iterator[Driver]:
    """Yield the months by which servers come sooner or later: a part of a month delays an order by a whole one."""
    moves = tuple(Move(f"prices.{row.row}", Decimal(repr(row.value)), "plus")
                  for row in case.evidence if row.row.endswith(f"/{_LEAD}") and row.value is not None)  # fmt: skip
    if moves:
        least = -float(min(move.now for move in moves) // 1)
        source = f"{_SOONER} month sooner, {_LATER} later"
        yield Driver("delivery", "Delivery of servers", "+ months", 0.0, max(-_SOONER, least), _LATER, least, _LATEST,
                     source, moves, step=1.0)  # fmt: skip


def _largest_fraction(base: Base, case: Case, patterns: tuple[str, ...]) -> Decimal:
    """Return the largest of the catalog's fractions that match, 0 where none does."""
    dated = [base.catalog.in_force(row_id, case.scenario.as_of) for row_id in matching(base.catalog.rows, patterns)]
    return max((row.fact.value or Decimal(0) for row in dated if row and "fraction" in row.unit), default=Decimal(0))


def _rate(name: str, title: str, path: str, now: Decimal) -> Driver:
    value = float(now)
    low, high = max(value - _POINTS, 0.0), min(value + _POINTS, 1.0)
    source = f"± {_POINTS * 100:g} points"
    return Driver(name, title, "a year", value, low, high, 0.0, 1.0, source, (Move(path, now, "is"),))


def _rows(base: Base, case: Case) -> Iterator[Driver]:
    """Yield a driver for every catalog row that the case asks for and whose source gives a range."""
    for row in case.evidence:
        if row.value is None or (row.low is None and row.high is None):
            continue
        low, high = (row.value if end is None else end for end in (row.low, row.high))
        if low < high:
            yield _row(base, case, row, low, high, row.source)


def row_drivers(base: Base, case: Case, names: Collection[str], swing: float = SWING) -> Iterator[Driver]:
    """Yield a driver for each row in `names` that the case asks for, ± `swing` where no source gives a range."""
    ranged = {driver.name: driver for driver in _rows(base, case)}
    for row in case.evidence:
        if row.row in ranged and row.row in names:
            yield ranged[row.row]
        elif row.row in names and row.value:
            low, high = (row.value * (1 + sign * swing) for sign in (-1, 1))
            yield _row(base, case, row, low, high, f"± {swing:.0%}")


def _row(base: Base, case: Case, row: Evidence, low: float, high: float, source: str) -> Driver:
    assert row.value is not None
    dated = base.catalog.rows[row.row][0]
    rates: dict[str, float] = {rate.currency: float(rate.usd_per_unit) for rate in case.scenario.exchange_rates}
    rate = rates.get(row.currency, 1.0) if is_price(dated) else 1.0
    most = 1.0 if "fraction" in row.unit else _FARTHEST * max(high, row.value) * rate
    least = 0.0 if is_price(dated) else low / _FARTHEST
    move = Move(f"prices.{row.row}", Decimal(repr(row.value)), "is")
    return Driver(row.row, row.row, row.unit, row.value * rate, low * rate, min(high * rate, most), least, most,
                  source, (move,), step=float(row.row.endswith(f"/{_LEAD}")))  # fmt: skip
