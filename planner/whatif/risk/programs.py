"""The program of each future: decisions taken before it is known are columns that exist in every one under one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.analysis.by_hour import group_hours
from planner.analysis.options import RESTRICTIONS, new_purchases
from planner.analysis.relaxed import WITHOUT_A_PURCHASE
from planner.case import Case
from planner.decisions import Model
from planner.model.build import build
from planner.needs import useful_servers
from planner.program import Arrays, Bools, Floats, Ints
from planner.whatif.base import Base, Settings
from planner.whatif.risk.shared import Key, first_stage

CLOSING = ("on_demand", "cloud")
"""Options that leave decisions out also when the future is known, as WITHOUT_A_PURCHASE does."""
GAP = 1e-4
"""Relative gap of an answer in whole numbers."""
_DUST = 1e-9


@dataclass(frozen=True)
class Program:
    """The program of one future.

    Attributes
    ----------
    first : columns of the shared decisions, in the order of their keys
    closed : by option: columns that it leaves out; an option that cannot exist is not there
    """

    arrays: Arrays
    first: Ints
    closed: dict[str, Bools]

    def can_order_later(self, now: Ints) -> bool:
        """Say whether any other purchase than those in columns `now` is open."""
        later = self.closed[WITHOUT_A_PURCHASE] & (self.arrays.upper > 0)
        later[now] = False
        return bool(later.any())

    def serves(self, x: Floats, under: str, option: str) -> bool:
        """Say whether the best answer `x` under one option, or none, is the best under another: a tighter one."""
        tighter = self.closed[option] if option else np.zeros(len(x), bool)
        looser = self.closed[under] if under else np.zeros(len(x), bool)
        return not (looser & ~tighter).any() and not (x[tighter] > _DUST).any()


@dataclass(frozen=True)
class Programs:
    """The programs of all futures.

    Attributes
    ----------
    keys : of the shared decisions
    left_out : decisions that exist in some of the futures only, such as orders that may come after the horizon's end
    most : how much of each shared decision can be of use in any of the futures
    least_bought : servers that must be ordered among the shared decisions
    """

    keys: tuple[Key, ...]
    left_out: tuple[Key, ...]
    most: Floats
    each: tuple[Program, ...]
    least_bought: float = 0.0

    @property
    def orders(self) -> Bools:
        """Which of the shared decisions order servers, array [shared decision]."""
        return np.array([key[0] == "buy" for key in self.keys], bool)

    @property
    def orders_later(self) -> bool:
        """Say whether a server can be ordered in any future once it is known."""
        return any(one.can_order_later(one.first[self.orders]) for one in self.each)

    @property
    def whole(self) -> Bools:
        """Which of the shared decisions are whole numbers, array [shared decision]."""
        return np.asarray(np.any([one.arrays.whole[one.first] for one in self.each], axis=0), bool)

    def buying(self, bought: bool) -> Programs:
        """Return the branch in which a server at least is ordered among the shared decisions, or none is."""
        if bought:
            return replace(self, least_bought=1.0)
        return replace(self, most=np.where(self.orders, 0.0, self.most))

    def obeyed(self, first: Floats) -> bool:
        """Say whether shared decisions belong to this branch."""
        return bool((first <= self.most + _DUST).all() and first[self.orders].sum() >= self.least_bought - _DUST)

    @property
    def nonzeros(self) -> int:
        """Of all futures."""
        return sum(len(one.arrays.values) for one in self.each)

    def rounded(self, first: Floats) -> Floats:
        """Return shared decisions as they can be taken: what is whole in whole numbers, nothing below none."""
        return np.maximum(np.where(self.whole, first.round(), first), 0.0)

    def subset(self, kept: Sequence[int]) -> Programs:
        """Return the programs of some futures."""
        return replace(self, each=tuple(self.each[n] for n in kept))


def build_programs(base: Base, asked: Sequence[Settings], months: int) -> Programs:
    """Build the program of every future; hours are merged as those of the base.

    Raises
    ------
    InputError
        when a setting is not allowed.
    """
    hours = group_hours(base.case())
    cases = [base.case(settings) for settings in asked]
    most = np.asarray(np.max([useful_servers(case) for case in cases], axis=0), float)
    built, columns = [], []
    for case in cases:
        merged = hours is not None and len(hours.fine.hours) == len(case.demand.hours)
        grouped = replace(hours, fine=case.demand).of(case) if hours is not None and merged else case
        one = build(_with_room(grouped, most))
        built.append(one)
        columns.append(first_stage(one.model, months))
    shared = [key for key in columns[0] if all(key in other for other in columns)]
    some = sorted({key for one in columns for key in one} - set(shared))
    each = []
    for one, named in zip(built, columns, strict=True):
        arrays = _without(one.arrays, [named[key] for key in some if key in named])
        first = np.array([named[key] for key in shared], np.int64)
        each.append(Program(arrays, first, _closings(one.model)))
    upper = np.asarray(np.max([one.arrays.upper[one.first] for one in each], axis=0), float)
    return Programs(tuple(shared), tuple(some), upper, tuple(each))


def _with_room(case: Case, most: Floats) -> Case:
    """Let as many servers be ordered as can be of use in any future: who decides now does not know which."""
    more = most - useful_servers(case)
    given = {(int(k), int(s)): float(more[k, s]) for k, s in np.argwhere(more > 0)}
    return replace(case, given_servers=given)


def _without(arrays: Arrays, columns: Sequence[int]) -> Arrays:
    upper = arrays.upper.copy()
    upper[list(columns)] = 0.0
    return replace(arrays, upper=upper)


def _closings(model: Model) -> dict[str, Bools]:
    found = {name: RESTRICTIONS[name](model) for name in CLOSING}
    possible = {name: one.closed for name, one in found.items() if not one.reason}
    return {WITHOUT_A_PURCHASE: new_purchases(model)} | possible
