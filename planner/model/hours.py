"""Hours merged, with proof: far fewer hour groups than distinct hours, and the same optimum.

Merging hours of a month that every workload may use alike, at their mean demand, relaxes the program: the mean of any
plan by the hour obeys every rule (all are linear, with coefficients that no hour changes). So the merged optimum is a
lower bound. It is also an upper bound when the merged plan can be spread over the true hours: in each group the
decisions move along straight lines with the demand, means, sums and costs stay, and every rule holds in every hour.
Groups in which that fails are cut where it fails, and the program is solved again, until it holds everywhere. This is
the adaptive partition of two-stage programs (Song, Luedtke 2015, doi:10.1137/140967337), with hours as futures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.joins import codes
from planner.model.build import Built
from planner.program import Bools, Floats, Ints, Keys
from planner.scenario.demand import Demand, Window

TOLERANCE = 1e-8
"""By how much a spread plan may break a rule, relative to max(1, |limit|)."""
_PIECES = 8
"""Into how many a group is cut where no line through its mean works: the plan then turns within it."""

_FEW = 6
"""A group of so few hours that fails is taken apart."""


@dataclass(frozen=True)
class Spread:
    """How a merged plan does hour by hour.

    Attributes
    ----------
    violation : largest ÷ max(1, |limit|) over all hours and rules
    usd : what the plan by the hour costs more than the merged one; dust, when the sums are right
    cut : array [distinct hour group], new numbers of groups: those in which the spreading fails are cut
    way : array [column, w], how far each column moves for one unit more of the demand of workload w in its hour
    """

    violation: float
    usd: float
    cut: Ints
    way: Floats

    @property
    def holds(self) -> bool:
        """Say whether every rule holds in every hour."""
        return self.violation <= TOLERANCE


def merged(fine: Demand, group: Ints) -> Demand:
    """Return `fine` with its hour groups merged: `group` [g] numbers the merged ones, which keep the order of months.

    Demand is the mean by hours.
    """
    count = int(group.max()) + 1
    hours = np.bincount(group, fine.hours, count).astype(float)
    level = np.array([np.bincount(group, fine.hours * one, count) / hours for one in fine.level])
    month = np.zeros(count, np.int64)
    month[group] = fine.month
    first = np.zeros(count, np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    alone = np.bincount(group, minlength=count) == 1
    level[:, alone] = fine.level[:, first[alone]]  # to the bit
    windows = tuple(Window(one.workload, np.unique(group[one.groups]), one.work) for one in fine.windows)
    return replace(fine, month=month, hours=hours, level=level, windows=windows)


def coarse(fine: Demand, pieces: int = 4) -> Ints:
    """Return a first merging: in each month few groups by the height of the whole demand, and the busiest hours alone.

    Only hours of the same windows are merged: what must be finished within a day cannot be moved to another.
    """
    height, kind = _height(fine.level), _kinds(fine)
    label = np.zeros(len(height), np.int64)
    for of in _members(kind):
        order = of[np.argsort(height[of], kind="stable")]
        label[order] = np.arange(len(of)) * pieces // len(of)
        peaks = {int(of[np.argmax(one[of])]) for one in (*fine.level, height)}
        label[sorted(peaks)] = pieces + np.arange(len(peaks))
    return numbered(kind, label)


def _height(level: Floats) -> Floats:
    """Return how high the whole demand is, array [hour]: each workload's as a share of its own highest."""
    return np.asarray((level / np.maximum(level.max(axis=1, keepdims=True, initial=0.0), 1e-300)).sum(axis=0))


def _kinds(fine: Demand) -> Ints:
    """Number hour groups by month and by the windows that they belong to, in the order of months."""
    keys = [fine.month]
    for w in sorted({one.workload for one in fine.windows}):
        window = np.full(len(fine.month), -1)
        for index, one in enumerate(fine.windows):
            if one.workload == w:
                window[one.groups] = index
        keys.append(window)
    return numbered(*keys)


def numbered(*keys: Ints) -> Ints:
    """Number the distinct combinations of `keys` in their order: the merging that is as fine as every one of them."""
    return np.asarray(np.unique(codes(len(keys[0]), keys), return_inverse=True)[1]).reshape(-1)


def _members(label: Ints) -> list[Ints]:
    """Return the indices of each value of `label`."""
    order = np.argsort(label, kind="stable")
    return np.split(order, np.cumsum(np.bincount(label))[:-1])


def spread(built: Built, x: Floats, fine: Demand, group: Ints) -> Spread:
    """Spread the merged plan `x` of `built` over the hours of `fine`, and say where that fails.

    Parameters
    ----------
    x : array [column]
    group : array [distinct hour group], the merged group of each
    """
    blocks = _Blocks(built, x)
    ways = np.zeros((len(x), len(fine.level)))
    worst, usd, labels = 0.0, 0.0, np.zeros(len(group), np.int64)
    for g, hours in enumerate(_members(group)):
        if len(hours) == 1:
            continue
        away = fine.level[:, hours] - built.model.case.demand.level[:, [g]]
        broken, columns, way, turns = blocks.spread(g, away)
        ways[columns] = way
        usd += float(built.arrays.cost[columns] @ way @ away @ fine.hours[hours]) / built.model.case.demand.hours[g]
        at = np.max(broken, axis=0, initial=0.0)
        worst = max(worst, float(at.max()))
        if at.max() > TOLERANCE:
            labels[hours] = _cuts(broken, turns, fine.level[:, hours])
    return Spread(worst, usd, numbered(group, labels), ways)


def lifted(found: Spread, old: Built, x: Floats, parent: Ints, new: Built) -> Floats:
    """Return plan `x` of `old`, which holds in every hour as `found` says, in the columns of `new` with finer groups.

    It costs the same there: sums over hours do not change.

    Parameters
    ----------
    parent : array [group of new], the group of old that it is a part of
    """
    result = np.zeros(len(new.arrays.cost))
    before, after = old.model.case.demand.level, new.model.case.demand.level
    for name, decision in old.model.program.decisions.items():
        keys = new.model[name].view.keys
        if "g" not in keys or not len(decision.view):
            result[new.model[name].columns] = x[decision.columns]
            continue
        g = keys["g"]
        old_g = np.where(g >= 0, parent[g], -1)
        here = decision.columns.start + _places(decision.view.keys, keys | {"g": old_g})
        away = np.where(g >= 0, after[:, g] - before[:, old_g], 0.0)
        columns = new.model[name].columns
        hourly = x[here] + (found.way[here] * away.T).sum(axis=1)
        result[columns] = np.clip(hourly, new.arrays.lower[columns], new.arrays.upper[columns])  # removes dust
    return result


def _places(table: Keys, wanted: Keys) -> Ints:
    """Return for each row of `wanted` the row of `table` with the same keys."""
    size, more = len(table["g"]), len(wanted["g"])
    both = codes(size + more, [np.concatenate([table[key], wanted[key]]) for key in table])
    order = np.argsort(both[:size], kind="stable")
    return np.asarray(order[np.searchsorted(both[:size][order], both[size:])])


def _cuts(broken: Floats, turns: bool, level: Floats) -> Ints:
    """Say into which piece each hour goes: by the rules it breaks, or by its height where the plan turns inside."""
    hours = level.shape[1]
    if hours <= _FEW:
        return np.arange(hours)
    _, piece = np.unique(broken > TOLERANCE, axis=1, return_inverse=True)
    piece = np.asarray(piece).reshape(-1)
    if not turns and piece.max() > 0:
        return piece
    place = np.argsort(np.argsort(_height(level), kind="stable"), kind="stable")
    piece = place * min(_PIECES, hours) // hours
    return np.where(place == hours - 1, _PIECES, piece)  # the busiest hour alone


class _Blocks:
    """The rows and columns of each hour group, and the plan's way through them."""

    def __init__(self, built: Built, x: Floats) -> None:
        arrays, program = built.arrays, built.model.program
        self.x, self.arrays = x, arrays
        column_group = np.full(len(x), -1)
        for decision in program.decisions.values():
            if "g" in decision.view.keys:
                column_group[decision.columns] = decision.view.keys["g"]
        row_group = np.full(len(arrays.row_lower), -1)
        self.slope = np.zeros((len(arrays.row_lower), len(built.model.case.demand.level)))
        for rule in program.rules.values():
            if "g" in rule.keys:
                rows = slice(rule.start, rule.start + rule.size)
                row_group[rows] = rule.keys["g"]
                if rule.per_level is not None:
                    moved = 1.0 if rule.level_of is None else x[rule.level_of]
                    self.slope[np.arange(rule.start, rule.start + rule.size), rule.keys["w"]] = rule.per_level * moved
        row = np.repeat(np.arange(len(arrays.row_lower)), np.diff(arrays.starts))
        inside = column_group[arrays.indices] >= 0
        self.activity = np.bincount(row, arrays.values * x[arrays.indices], len(arrays.row_lower))
        row, column, value = row[inside], arrays.indices[inside], arrays.values[inside]
        kept = row_group[row] == column_group[column]
        self.row, self.column, self.value = row[kept], column[kept], value[kept]
        groups = int(built.model.case.demand.month.size)
        order = np.argsort(row_group[self.row], kind="stable")
        self.row, self.column, self.value = self.row[order], self.column[order], self.value[order]
        self.starts = np.searchsorted(row_group[self.row], np.arange(groups + 1))
        self.ways: dict[bytes, tuple[Floats, bool]] = {}

    def spread(self, g: int, away: Floats) -> tuple[Floats, Floats, Floats, bool]:
        """Spread group g over its hours.

        Parameters
        ----------
        away : array [w, hour], demand less the group's mean

        Returns
        -------
        by how much each row and column is out of its limits, array [row or column, hour]; the columns; how far
        each moves with the demand, array [column, w]; and whether no straight line leads through the group, since the
        plan turns at its very mean
        """
        at = slice(self.starts[g], self.starts[g + 1])
        rows, row = np.unique(self.row[at], return_inverse=True)
        columns, column = np.unique(self.column[at], return_inverse=True)
        matrix = np.zeros((len(rows), len(columns)))
        matrix[row, column] = self.value[at]
        arrays, x, activity, slope = self.arrays, self.x[columns], self.activity[rows], self.slope[rows]
        low, high = arrays.row_lower[rows], arrays.row_upper[rows]
        scale = np.maximum(1.0, np.where(np.isfinite(low), np.abs(low), np.abs(high)))
        near = TOLERANCE * scale
        tight = (activity - low <= near) | (high - activity <= near)
        size = np.maximum(1.0, np.abs(x))
        free = (x - arrays.lower[columns] > TOLERANCE * size) & (arrays.upper[columns] - x > TOLERANCE * size)
        way, turns = self._way(matrix, slope, tight, low == high, free)
        step = way @ away
        shift, moved = slope @ away, matrix @ step
        change = activity[:, None] + moved - shift
        plan = x[:, None] + step
        broken = np.vstack([
            np.maximum(low[:, None] - change, change - high[:, None]) / scale[:, None],
            np.maximum(arrays.lower[columns][:, None] - plan, plan - arrays.upper[columns][:, None]) / size[:, None],
        ])  # fmt: skip
        return broken, columns, way, turns

    def _way(self, matrix: Floats, slope: Floats, tight: Bools, equal: Bools, free: Bools) -> tuple[Floats, bool]:
        """Return how columns move with each workload's demand so that tight rows stay tight; array [column, w].

        Also whether that is impossible even for the equations alone.
        """
        key = b"".join(part.tobytes() for part in (matrix, slope, tight, equal, free))
        if key not in self.ways:
            way = np.zeros((matrix.shape[1], slope.shape[1]))
            turns = True
            for rows in (tight, equal):
                step = np.linalg.lstsq(matrix[np.ix_(rows, free)], slope[rows], rcond=None)[0]
                left = matrix[np.ix_(rows, free)] @ step - slope[rows]
                if np.abs(left).max(initial=0.0) <= 1e-9 * max(1.0, np.abs(slope).max(initial=0.0)):
                    way[free], turns = step, False
                    break
            self.ways[key] = way, turns
        return self.ways[key]
