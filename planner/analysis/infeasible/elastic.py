"""The program with give in it: limits may be loosened and work left undone, as little as possible.

Each limit of the scenario has one column, because it is one number to its user: the same kW for every month. Under it
stands a column for every month, to tell in which of them the limit falls short.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from planner.analysis.infeasible.limits import DEMAND, POWER, RACKS, Limit, limits_of
from planner.case import Case, Site
from planner.errors import SolverError
from planner.model.build import build
from planner.model.highs import Live
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Effort, solve
from planner.program import INF, Floats, Ints, Program, View, table
from planner.scenario.schema import Scenario

_SECONDS = 5.0
_NOTHING = 1e-6
_AMPLE = 1e9
"""kW or rack units."""


@dataclass(frozen=True)
class Undone:
    """Work of workload w that cannot be done: months t, and at the worst of them what is asked and what is missing."""

    w: int
    first: int
    last: int
    needed: float
    missing: float
    unit: str


@dataclass(frozen=True)
class Left:
    """Work left undone: what, the sum of its shares, and the limits (indices l) that could make it less."""

    work: list[Undone]
    total: float
    helpful: list[int]


class Elastic:
    """The program of a case with a column for each limit, closed until it is opened.

    Attributes
    ----------
    limits : by index l
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        built = build(replace(case, scenario=_unfinished(case), sites=roomy(case), left_out=[]))
        self.limits = limits_of(built)
        program, last = built.model.program, built.arrays.shape[0]
        more = program.decide("more", table(l=np.arange(len(self.limits))), "as the limit")
        months = [np.unique(limit.first) for limit in self.limits]
        keys = table(l=np.repeat(np.arange(len(months)), [len(one) for one in months]), t=np.concatenate([[], *months]))
        part = program.decide("more_in", keys, "as the limit")
        for l, limit in enumerate(self.limits):  # noqa: E741
            mine = part.view.where(part.view.keys["l"] == l)
            columns = mine.columns[np.searchsorted(mine.keys["t"], limit.first)]
            program.enter(limit.rows, columns, limit.coefficients)
        program.rule("more_is_the_most", part.view.keys, [part.view, -more.view], "<=", 0)
        program.rule("undone_is_allowed", table(z=[0]), [self._undone_share(program)], "<=", INF)
        arrays = program.arrays()
        for limit in self.limits:
            if limit.kind in (POWER, RACKS):
                arrays.row_upper[limit.rows] = limit.has
        self.built = replace(built, arrays=arrays)
        self._more, self._part, self._links = more.view, part.view, slice(last, last + len(part.view))
        self._size = np.array([limit.has or 1.0 for limit in self.limits])
        self._live, self._allowed = Live(self.built.arrays), False
        self.exact = len(self.built.arrays.values) <= SEARCHED_UP_TO_NONZEROS
        """Whether the least in whole numbers is sought."""

    def allow(self, total: float) -> None:
        """Let work be left undone from now on, up to a total of shares as `undone` returns it; none at 0."""
        self._allowed = total > 0
        row = self.built.model.program.rules["undone_is_allowed"].start
        self._live.set_row(row, -INF, total * (1 + _NOTHING) + _NOTHING**2 if total > 0 else INF)

    def least(self, opened: Collection[int]) -> Floats | None:
        """Return the least change of the opened limits, array [l], each measured by its size; None when none helps."""
        x = self._solve(self._cost(self._more, opened), self._most(opened))
        if x is None:
            return None
        change = x[self._more.columns]
        return np.asarray(np.where(change > _NOTHING * self._size, change, 0.0))

    def possible(self, opened: Collection[int]) -> bool:
        """Say whether the relaxation obeys every rule once some limits are opened."""
        self._open(self._most(opened), undone=self._allowed)
        self._live.set_cost(np.zeros(self.built.arrays.shape[1]))
        return self._live.solve() is not None

    def month_by_month(self, change: Floats) -> tuple[View, Floats] | None:
        """Return what is missing of each limit in each month when limits may change by `change`, and the plan.

        Entries have the limit l and the month t, the coefficient is the amount.
        """
        most = change + _NOTHING * self._size * (change > 0)
        x = self._solve(self._cost(self._part, np.flatnonzero(change > 0)), most)
        return None if x is None else (replace(self._part, coefficients=x[self._part.columns]), x)

    def undone(self, opened: Collection[int] = ()) -> Left | None:
        """Return the least work that the relaxation leaves undone, limits `opened`; None when a rule is broken still.

        A limit that has no multiplier there cannot help alone: the work left undone is convex in it.
        """
        block = self.built.model["unserved"]
        months = block.hourly.keys["t"]
        cost = np.zeros(self.built.arrays.shape[1])
        share = self._undone_share(self.built.model.program)
        np.add.at(cost, share.columns, share.coefficients)
        self._open(self._most(opened), undone=True)
        self._live.set_cost(cost)
        solution = self._live.solve()
        if solution is None:
            return None
        found = []
        for w in self._closed_workloads():
            mine = (block.hourly.keys["w"] == w) & (solution.x[block.hourly.columns] > _NOTHING)
            if mine.any():
                rate = solution.x[block.hourly.columns[mine]]
                found.append(self._worst(w, months[mine], block.hourly.keys["g"][mine], rate))
        worth = np.bincount(self._part.keys["l"], solution.multipliers[self._links], len(self.limits))
        helpful = [int(l) for l in np.flatnonzero(np.abs(worth) * self._size > _NOTHING**2)]  # noqa: E741
        return Left(found, float(cost @ solution.x), helpful)

    def _undone_share(self, program: Program) -> View:
        """Work left undone as a share of what each workload asks for, those where it has no price."""
        view = program["unserved"].hourly
        view = view.where(np.isin(view.keys["w"], self._closed_workloads()))
        asked = np.array([max(self._asked(w).sum(), _NOTHING) for w in range(len(self.case.scenario.workloads))])
        share: View = view * (self.case.demand.hours[view.keys["g"]] / asked[view.keys["w"]])
        return share.without_keys(*view.keys).with_keys(z=0)

    def _worst(self, w: int, months: Ints, groups: Ints, rate: Floats) -> Undone:
        demand, unit = self.case.demand, self.case.scenario.workloads[w].unit
        first, last = int(months.min()), int(months.max())
        if any(window.workload == w for window in demand.windows):
            asked = self._asked(w)
            missing = np.bincount(months, rate * demand.hours[groups], len(asked))
            t = int(np.argmax(missing))
            return Undone(w, first, last, float(asked[t]), float(missing[t]), f"{unit} a month")
        at = int(np.argmax(rate))
        level = demand.level[w, groups[at]] + demand.hold[w, months[at]]
        return Undone(w, first, last, float(level), float(rate[at]), f"{unit} an hour")

    def _asked(self, w: int) -> Floats:
        """Work units of workload w by month; a batch window counts where it begins."""
        demand = self.case.demand
        work = np.bincount(demand.month, demand.level[w] * demand.hours, self.case.horizon)
        work = work + demand.hold[w] * demand.month_hours
        for window in demand.windows:
            if window.workload == w:
                work[demand.month[window.groups].min()] += window.work
        return np.asarray(work, float)

    def _closed_workloads(self) -> list[int]:
        """Workloads whose work may not be left undone at a price."""
        return [w for w, one in enumerate(self.case.scenario.workloads) if one.unserved_usd_per_unit is None]

    def _cost(self, view: View, opened: Collection[int]) -> Floats:
        cost = np.zeros(self.built.arrays.shape[1])
        alone = len(opened) == 1
        cost[view.columns] = 1.0 if alone else 1 / self._size[view.keys["l"]]
        return cost

    def _most(self, opened: Collection[int]) -> Floats:
        return np.array([limit.most if l in opened else 0.0 for l, limit in enumerate(self.limits)])  # noqa: E741

    def _open(self, most: Floats, undone: bool) -> tuple[Floats, Floats]:
        lower, upper = self.built.arrays.lower, self.built.arrays.upper.copy()
        upper[self._more.columns] = most
        block = self.built.model["unserved"].view
        upper[block.columns[np.isin(block.keys["w"], self._closed_workloads())]] = INF if undone else 0.0
        self._live.set_bounds(lower, upper)
        return lower, upper

    def _solve(self, cost: Floats, most: Floats) -> Floats | None:
        """Return a plan of least `cost`, in whole numbers unless the program is large or none is found in time."""
        lower, upper = self._open(most, undone=self._allowed)
        self._live.set_cost(cost)
        relaxed = self._live.solve()
        if relaxed is None or not self.exact:
            return None if relaxed is None else relaxed.x
        try:
            answer = solve(self.built, self._live, lower, upper, Effort(1e-6, _SECONDS))
        except SolverError:
            return relaxed.x
        return None if answer is None else answer.x


def of_kind_demand(limits: list[Limit]) -> list[int]:
    """Return the indices of the limits that are demands."""
    return [l for l, limit in enumerate(limits) if limit.kind is DEMAND]  # noqa: E741


def _unfinished(case: Case) -> Scenario:
    """Return the scenario of `case` with a price on all work that is left undone, which gives it columns."""
    workloads = [
        one if one.unserved_usd_per_unit is not None else one.model_copy(update={"unserved_usd_per_unit": Decimal(1)})
        for one in case.scenario.workloads
    ]
    return case.scenario.model_copy(update={"workloads": workloads})


def roomy(case: Case) -> tuple[Site, ...]:
    """Return the sites with ample limits: also what a switch lets stand at most follows from them.

    Their rows get the limits of the scenario afterwards.
    """
    return tuple(
        replace(one, power_limit_kw=max(one.power_limit_kw, _AMPLE), rack_limit_units=max(one.rack_limit_units, _AMPLE))
        for one in case.sites
    )
