"""Things of several plans side by side; the first plan is the one that the others are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from string import ascii_uppercase
from typing import Any, TypeVar

Document = dict[str, Any]
Key = TypeVar("Key")
Value = TypeVar("Value")

NAMES = ascii_uppercase
"""What plans are called in tables; there are no more plans than these."""
_SAME = 1e-9
"""Relative difference up to which two amounts are the same."""


def side_by_side(parts: Iterable[Mapping[Key, Value]]) -> list[tuple[Key, tuple[Value | None, ...]]]:
    """Return every key with its value in each part, None where it has none.

    >>> side_by_side([{"a": 1, "b": 2}, {"b": 3, "c": 4}])
    [('a', (1, None)), ('b', (2, 3)), ('c', (None, 4))]
    """
    parts = list(parts)
    return [(key, tuple(part.get(key) for part in parts)) for key in dict.fromkeys(chain.from_iterable(parts))]


def changes(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return how much each value lies above the first; None for the first and where one of the two is unknown.

    >>> changes([1.5, 2.0, None, 1.5 + 1e-15])
    (None, 0.5, None, 0.0)
    """
    return (None, *(_change(values[0], value) for value in values[1:]))


def _change(first: float | None, value: float | None) -> float | None:
    if first is None or value is None:
        return None
    return 0.0 if same(first, value) else value - first


def same(one: float, other: float) -> bool:
    """Say whether two amounts differ by nothing but the rounding of a computer."""
    return abs(one - other) <= _SAME * max(1.0, abs(one), abs(other))


def same_horizon(documents: Sequence[Document]) -> bool:
    """Say whether totals of the plans can be compared at all."""
    return len({document["horizon_months"] for document in documents}) == 1
