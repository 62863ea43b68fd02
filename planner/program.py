"""A linear program as named blocks: tables of columns, and rules that join them.

A *view* is a table: each entry has keys (small integers under one-letter names), a column and a coefficient. A
decision is a view of its own columns. A rule has a table of rows, also with keys, and says for a sum of views that
it is <=, == or >= a limit in every row. An entry of a view belongs to every row that agrees with it on the keys
they share: keys that only the view has are summed over, keys that only the row has are broadcast. So

    program.rule("owned_gpus_run_within_fleet", rows=own.distinct("k", "s", "t", "g"),
                 terms=[own, -usable_gpus[fleet.keys["k"]] * fleet], sense="<=", limit=0)

reads: for every k, s, t, g: sum over w of own − usable_gpus · fleet <= 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from planner.joins import codes, expand, filled, join

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Keys = dict[str, Ints]
Sense = Literal["<=", "==", ">="]
INF = np.inf
_IMPLIED = {"h": "ks", "n": "qoct", "q": "o"}  # keys that need not stand in a name because another tells them


def table(**keys: Any) -> Keys:
    """Return a table of keys; numbers are repeated to the length of the arrays."""
    arrays = {name: np.asarray(value, np.int64) for name, value in keys.items()}
    size = next((len(array) for array in arrays.values() if array.size != 1), 1)
    return {name: filled(array, size) for name, array in arrays.items()}


def product(**axes: Any) -> Keys:
    """Return the table of all combinations of the values of `axes`, the last running fastest."""
    grids = np.meshgrid(*(np.asarray(values, dtype=np.int64) for values in axes.values()), indexing="ij")
    return dict(zip(axes, (grid.ravel() for grid in grids), strict=True))


def length(keys: Keys) -> int:
    """Return the number of entries of a table."""
    return len(next(iter(keys.values()))) if keys else 1


@dataclass(frozen=True)
class View:
    """Entries (keys, column, coefficient); arrays of one length."""

    keys: Keys
    columns: Ints
    coefficients: Floats

    def __mul__(self, factor: Any) -> View:
        return replace(self, coefficients=np.asarray(self.coefficients * np.asarray(factor, dtype=float)))

    __rmul__ = __mul__
    __array_ufunc__ = None  # let numpy arrays hand multiplication over to __rmul__

    def __neg__(self) -> View:
        return self * -1.0

    def __len__(self) -> int:
        return len(self.columns)

    def where(self, mask: Any) -> View:
        """Keep the entries where `mask` holds (a boolean array or indices, which may repeat entries)."""
        picked = np.asarray(mask)
        if not picked.size:
            picked = picked.astype(bool)
        keys = {name: array[picked] for name, array in self.keys.items()}
        return View(keys, self.columns[picked], self.coefficients[picked])

    def with_keys(self, **keys: Any) -> View:
        """Add or replace keys."""
        size = len(self)
        added = {name: filled(value, size) for name, value in keys.items()}
        return replace(self, keys={**self.keys, **added})

    def without_keys(self, *names: str) -> View:
        """Drop keys."""
        return replace(self, keys={name: array for name, array in self.keys.items() if name not in names})

    def over(self, key: str, first: Any, last: Any) -> View:
        """Repeat each entry for every value first <= value < last of a new key."""
        start = filled(first, len(self))
        entry, offset = expand(np.maximum(last - start, 0))
        return self.where(entry).with_keys(**{key: start[entry] + offset})

    def distinct(self, *names: str) -> Keys:
        """Return the table of distinct values of some keys, sorted."""
        if not len(self):
            return {name: np.zeros(0, np.int64) for name in names}
        code = codes(len(self), [self.keys[name] for name in names])
        first = np.unique(code, return_index=True)[1]
        return {name: self.keys[name][first] for name in names}


def together(*views: View) -> View:
    """Return the entries of several views with the keys they have in common."""
    names = [name for name in views[0].keys if all(name in view.keys for view in views)]
    return View(
        {name: np.concatenate([view.keys[name] for view in views]) for name in names},
        np.concatenate([view.columns for view in views]),
        np.concatenate([view.coefficients for view in views]),
    )


@dataclass(frozen=True)
class Decision:
    """A block of columns.

    Attributes
    ----------
    name, unit : as in docs/model.md
    view : one entry per column
    hourly : for decisions taken by the hour, one entry per hour group; a hold has one column for all of its month
    """

    name: str
    unit: str
    view: View
    hourly: View

    @property
    def columns(self) -> slice:
        """The block's place among all columns."""
        return slice(int(self.view.columns[0]), int(self.view.columns[-1]) + 1) if len(self.view) else slice(0, 0)


@dataclass(frozen=True)
class Rule:
    """A block of rows: `keys` is their table, `start` the index of the first.

    `per_level` [row] says how a limit grows with the demand of workload w in group g; times column `level_of`.
    """

    name: str
    keys: Keys
    start: int
    size: int
    unit: str
    per_level: Floats | None = None
    level_of: Ints | None = None


@dataclass(frozen=True)
class Arrays:
    """min cost·x subject to row_lower <= matrix·x <= row_upper, lower <= x <= upper; matrix by rows."""

    cost: Floats
    lower: Floats
    upper: Floats
    whole: Bools
    row_lower: Floats
    row_upper: Floats
    starts: NDArray[np.int32]
    indices: NDArray[np.int32]
    values: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.row_lower), len(self.cost)


@dataclass
class Program:
    """Decisions and rules in the order in which they were added.

    Attributes
    ----------
    labels : what an index of a key is called, for the names of rows and columns
    """

    labels: dict[str, Sequence[str]]
    decisions: dict[str, Decision] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    objective: Floats = field(default_factory=lambda: np.zeros(0))
    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)
    _whole: list[Bools] = field(default_factory=list)
    _row: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    _width: int = 0
    _height: int = 0

    def decide(
        self, name: str, keys: Keys, unit: str, *, lower: Any = 0.0, upper: Any = INF, whole: Any = False,
        hourly: Mapping[str, Any] | None = None, column_of_entry: Ints | None = None,
    ) -> Decision:  # fmt: skip
        """Add a block of columns with table `keys`.

        A block decided by the hour gives its hourly table and, for each hourly entry, the column it belongs to.
        """
        if name in self.decisions:
            raise ValueError(f"decision {name} stands twice")
        size = length(keys)
        columns = np.arange(self._width, self._width + size)
        view = View(keys, columns, np.ones(size))
        spread = view
        if hourly is not None and column_of_entry is not None:
            spread = View(dict(hourly), columns[column_of_entry], np.ones(len(column_of_entry)))
        self._lower.append(filled(lower, size, float))
        self._upper.append(filled(upper, size, float))
        self._whole.append(filled(whole, size, bool))
        self._width += size
        self.objective = np.concatenate([self.objective, np.zeros(size)])
        self.decisions[name] = Decision(name, unit, view, spread)
        return self.decisions[name]

    def __getitem__(self, name: str) -> Decision:
        return self.decisions[name]

    def __contains__(self, name: str) -> bool:
        return name in self.decisions and len(self.decisions[name].view) > 0

    def rule(
        self, name: str, rows: Keys, terms: Sequence[View], sense: Sense, limit: Any, unit: str = "",
        per_level: Any = None, level_of: Ints | None = None,
    ) -> None:  # fmt: skip
        """Add a block of rows: the sum of `terms` is `sense` `limit` in each of `rows`. No rows, no block."""
        if name in self.rules:
            raise ValueError(f"rule {name} stands twice")
        size = length(rows)
        if size == 0:
            return
        bound = filled(limit, size, float)
        low = bound if sense in (">=", "==") else np.full(size, -INF)
        high = bound if sense in ("<=", "==") else np.full(size, INF)
        for term in terms:
            row, entry = join(rows, size, term.keys, len(term))
            self._entries.append((row + self._height, term.columns[entry], term.coefficients[entry]))
        self._row.append((low, high))
        slope = None if per_level is None else np.broadcast_to(np.asarray(per_level, float), (size,))
        self.rules[name] = Rule(name, rows, self._height, size, unit, slope, level_of)
        self._height += size

    def enter(self, rows: Ints, columns: Ints, coefficients: Floats) -> None:
        """Let columns enter rows that stand already; arrays of one length."""
        self._entries.append((rows, columns, coefficients))

    def add_cost(self, view: View, usd: Floats) -> None:
        """Add `usd` per unit of each entry's column to the objective."""
        np.add.at(self.objective, view.columns, usd * view.coefficients)

    def arrays(self) -> Arrays:
        """Return the whole program as arrays, equal entries of a row added up."""
        none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
        row, column, value = (np.concatenate(parts) for parts in zip(none, *self._entries, strict=True))
        low = np.concatenate([np.zeros(0), *(low for low, _ in self._row)])
        high = np.concatenate([np.zeros(0), *(high for _, high in self._row)])
        place = row * max(self._width, 1) + column
        order = np.argsort(place, kind="stable")
        new = np.ones(len(order), bool)
        np.not_equal(place[order[1:]], place[order[:-1]], out=new[1:])
        total = np.bincount(np.cumsum(new) - 1, value[order])
        kept = total != 0
        first, total = order[new][kept], total[kept]
        counts = np.bincount(row[first], minlength=self._height)
        starts = np.zeros(self._height + 1, np.int32)
        np.cumsum(counts, out=starts[1:])
        return Arrays(
            self.objective, np.concatenate(self._lower), np.concatenate(self._upper), np.concatenate(self._whole),
            low, high, starts, column[first].astype(np.int32), total,
        )  # fmt: skip

    def column_names(self, spell: Callable[[str], str] = str) -> list[str]:
        """Return `decision[label,label…]` for every column; `spell` is told parts of names, in its own letters."""
        blocks = self.decisions.values()
        return [name for block in blocks for name in self._names(block.name, block.view.keys, spell)]

    def row_names(self, spell: Callable[[str], str] = str) -> list[str]:
        """Return `rule[label,label…]` for every row."""
        return [name for block in self.rules.values() for name in self._names(block.name, block.keys, spell)]

    def label(self, key: str, index: int) -> str:
        """Return what `index` of `key` is called."""
        names = self.labels.get(key, ())
        return names[index] if 0 <= index < len(names) else str(index)

    def _names(self, name: str, keys: Keys, spell: Callable[[str], str]) -> list[str]:
        if not keys:
            return [spell(name)]
        told = {key for teller, implied in _IMPLIED.items() if teller in keys for key in implied}
        columns = [self._spelled(key, array, spell) for key, array in keys.items() if key not in told]
        start, comma, end = spell(f"{name}["), spell(","), spell("]")
        return [start + comma.join(labels) + end for labels in zip(*columns, strict=True)]

    def _spelled(self, key: str, array: Ints, spell: Callable[[str], str]) -> list[str]:
        """Return the label of every entry, each different one spelled once."""
        spelled = {index: spell(self.label(key, index)) for index in set(array.tolist())}
        return [spelled[index] for index in array.tolist()]
