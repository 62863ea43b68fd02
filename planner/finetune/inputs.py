"""The numbers of a project as a tree of plain values, which levers and samples change.

Every list has become a mapping by name, so that a path says the same wherever an item stands. A number is a float, or
an array where many futures or sets of levers are priced at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.finetune.amounts import Range
from planner.records import Record

Floats = NDArray[np.float64]
Value = float | Floats
Tree = dict[str, Any]
CHANGED = "; changed by lever "
"""Stands in a source before each lever that moved what it is the source of."""
Span = tuple[float, float, float]
"""Low, likely and high."""


@dataclass(frozen=True)
class Inputs:
    """What a project says in numbers.

    Attributes
    ----------
    tree : with the likely value of every range
    spans : the ranges, by path
    """

    tree: Tree
    spans: dict[str, Span]

    def at(self, values: Mapping[str, Value]) -> Tree:
        """Return the tree with other values at some paths."""
        made: Tree = copied(self.tree)
        for path, value in values.items():
            for parent, key in places(made, path):
                parent[key] = value
        return made


def inputs_of(record: Record, path: tuple[str, ...] = ()) -> Inputs:
    """Return the numbers of `record`, which stands at `path`, with those of all records in it."""
    spans: dict[str, Span] = {}
    return Inputs(_plain(record, path, spans), spans)


def _plain(value: Any, path: tuple[str, ...], spans: dict[str, Span]) -> Any:
    if isinstance(value, Range):
        spans[".".join(path)] = (float(value.low), float(value.likely), float(value.high))
        return float(value.likely)
    if isinstance(value, Record):
        return {name: _plain(getattr(value, name), (*path, name), spans) for name in type(value).model_fields}
    if isinstance(value, list) and all(isinstance(item, Record) for item in value):
        named = {getattr(item, "name", str(index)): item for index, item in enumerate(value)}
        return {name: _plain(item, (*path, name), spans) for name, item in named.items()}
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def copied(tree: Any) -> Any:
    """Return a copy whose mappings can be changed; what they hold is shared."""
    return {key: copied(value) for key, value in tree.items()} if isinstance(tree, dict) else tree


def places(tree: Tree, path: str) -> list[tuple[Tree, str]]:
    """Return the mapping and key of every number that `path` leads to; * stands for every item.

    >>> tree = {"runs": {"first": {"hours": 2.0}, "final": {"hours": 3.0}, "name": "x"}}
    >>> [parent[key] for parent, key in places(tree, "runs.*.hours")], places(tree, "runs.*.days")
    ([2.0, 3.0], [])
    """
    return [(parent, key) for _, parent, key in _reached(tree, path)]


def paths(tree: Tree, path: str) -> list[str]:
    """Return the path of every number that `path` leads to, without *.

    >>> paths({"runs": {"first": {"hours": 2.0}, "final": {"hours": 3.0}}}, "runs.*.hours")
    ['runs.first.hours', 'runs.final.hours']
    """
    return [".".join(steps) for steps, _, _ in _reached(tree, path)]


def _reached(tree: Tree, path: str) -> list[tuple[tuple[str, ...], Tree, str]]:
    """Return steps, mapping and key of every number that `path` leads to."""
    *inner, last = path.split(".")
    holders: list[tuple[tuple[str, ...], Any]] = [((), tree)]
    for step in inner:
        holders = [((*steps, key), one[key]) for steps, one in holders for key in _keys(one, step)]
    found = [((*steps, key), one, key) for steps, one in holders for key in _keys(one, last)]
    return [one for one in found if isinstance(one[1][one[2]], float | np.ndarray)]


def _keys(holder: Any, step: str) -> list[str]:
    """Return what a step of a path leads to in a mapping: all of it with *, nothing where it has no such key."""
    return [key for key in holder if step in ("*", key)] if isinstance(holder, dict) else []


def numbers(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Value]]:
    """Yield every number with its path."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from numbers(value, (*path, key))
    elif isinstance(tree, float | np.ndarray):
        yield ".".join(path), tree
