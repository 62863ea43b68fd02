"""What a sweep varies: `path=values`, where a driver's name may stand for a path.

Values are `a,b,c`, `low:high:steps`, or `low..high` of which samples are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from functools import cached_property

from planner.errors import Complaint, InputError, nearest
from planner.numerals import plain_number
from planner.scenario.override import placed
from planner.scenario.schema import Scenario
from planner.whatif.base import Settings
from planner.whatif.drivers import Driver, clash

FORMS = "a,b,c or low:high:steps, or low..high with --samples"
MOST = 100_000
"""Scenarios of a sweep."""
_EXACT = Context(prec=12)
_COMMA = re.compile(r",(?![^\[{(]*[\]})])")  # none within brackets


@dataclass(frozen=True)
class Variable:
    """Something that a sweep varies.

    Attributes
    ----------
    text : as it was asked for
    name : path or driver
    title, unit : in words; the path and nothing where it is no driver
    values : texts, or the two ends of a range
    drawn : `values` are the ends of a range
    driver : that sets the fields; None where `name` is the path of one
    """

    text: str
    name: str
    title: str
    unit: str
    values: tuple[str, ...]
    drawn: bool
    driver: Driver | None = None

    @cached_property
    def numeric(self) -> bool:
        """Whether all values are numbers."""
        return all(_number(text) is not None for text in self.values)

    def at(self, value: str) -> Settings:
        """Return the settings that give it a value."""
        return (f"{self.name}={value}",) if self.driver is None else self.driver.at(float(value))

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that it sets."""
        return (self.name,) if self.driver is None else tuple(move.path for move in self.driver.moves)

    def between(self, share: float) -> str:
        """Return the value that lies at `share` of the way through its range."""
        low, high = (Decimal(text) for text in self.values)
        return _text(low + (high - low) * Decimal(share))

    def ends(self) -> tuple[str, ...]:
        """Return the values that are tried before all others: the ends of numbers, every text."""
        return (min(self.values, key=Decimal), max(self.values, key=Decimal)) if self.numeric else self.values


def variables(asked: Sequence[str], drivers: Iterable[Driver]) -> list[Variable]:
    """Read `PATH=VALUES` texts.

    Raises
    ------
    InputError
        with every complaint about them.
    """
    by_name = {driver.name: driver for driver in drivers}
    found: list[Variable] = []
    complaints: list[Complaint] = []
    for text in asked:
        try:
            one = _variable(text, by_name)
            for other in found:
                if (twice := clash(one.paths, other.paths)) is not None:
                    message = "is varied twice" if one.name == other.name else f"sets what {other.name} sets: {twice}"
                    raise InputError([Complaint(placed("--vary", text), one.name, message)])
            found.append(one)
        except InputError as error:
            complaints.extend(error.complaints)
    if complaints:
        raise InputError(complaints)
    return found


def _variable(text: str, drivers: Mapping[str, Driver]) -> Variable:
    name, equals, values_text = (part.strip() for part in text.partition("="))
    if not equals or not name or not values_text:
        cure = "--vary finance.wacc_fraction=0.06,0.08,0.1"
        raise InputError([Complaint(placed("--vary", text), "", "needs the form PATH=VALUES", cure=cure)])
    driver, field = drivers.get(name), name.partition(".")[0]
    if driver is None and field not in Scenario.model_fields:
        known = [*drivers, *Scenario.model_fields]
        raise InputError([Complaint(placed("--vary", text), name, "is neither a driver nor a field of a scenario",
                                    cure=nearest(name, known) or nearest(field, known))])  # fmt: skip
    values, drawn = _values(text, name, values_text)
    if driver is not None:
        _check_driver(text, driver, values)
    title, unit = (driver.title, driver.unit) if driver is not None else (name, "")
    return Variable(text, name, title, unit, values, drawn, driver)


def _values(text: str, name: str, given: str) -> tuple[tuple[str, ...], bool]:
    """Return the values, or the ends of a range, and whether it is one."""
    if ".." in given:
        low, high = (_number(end.strip()) for end in given.split("..", 1))
        if low is None or high is None or low >= high:
            raise _wrong(text, name, "needs a range of two rising numbers", given, "low..high")
        return (_text(low), _text(high)), True
    parts = [_number(part.strip()) for part in given.split(":")]
    if len(parts) > 1 and None not in parts:
        if len(parts) != 3:
            raise _wrong(text, name, "needs a range in so many steps", given, "low:high:steps")
        low, high, steps = parts
        assert low is not None
        assert high is not None
        if steps is None or steps != int(steps) or not 2 <= steps <= MOST or low >= high:
            raise _wrong(text, name, f"needs rising ends, and 2 to {MOST:,} steps", given, "low:high:steps")
        return tuple(_text(low + (high - low) * step / (int(steps) - 1)) for step in range(int(steps))), False
    once: dict[Decimal | str, str] = {}
    for part in _COMMA.split(given):
        number = _number(one := part.strip())
        once.setdefault(one if number is None else number, one)
    values = tuple(once.values())
    if not all(values):
        raise _wrong(text, name, "has an empty value", given, FORMS)
    return values, False


def _check_driver(text: str, driver: Driver, values: Sequence[str]) -> None:
    for value in values:
        number = _number(value)
        if number is None or not driver.least <= float(number) <= driver.most:
            allowed = f"{driver.least:g} … {driver.most:g} ({driver.unit})"
            raise _wrong(text, driver.name, "is no value of this driver", value, allowed)


def _number(text: str) -> Decimal | None:
    try:
        number = plain_number(text)
    except (ValueError, InvalidOperation):
        return None
    return None if number is None or isinstance(number, bool) else Decimal(number)


def _text(number: Decimal) -> str:
    return f"{_EXACT.create_decimal(number).normalize():f}"


def _wrong(text: str, name: str, message: str, found: str, allowed: str) -> InputError:
    return InputError([Complaint(placed("--vary", text), name, message, found=found, allowed=allowed)])
