"""Who causes a cost: the shares of workloads in every cost line, by their use of what is paid for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.analysis.study import Study
from planner.costs.licences import RENTED
from planner.program import Floats, Ints, View

_NONE = 1e-9
Spans = tuple[Ints, Ints]


@dataclass(frozen=True)
class Use:
    """How much workloads use things.

    Attributes
    ----------
    so_far : array [w, thing, period]: use before the period, one more period than there are
    standby : array [w, thing]: what stands by for a workload
    """

    so_far: Floats
    standby: Floats

    def shares(self, thing: Ints, first: Ints, last: Ints) -> Floats:
        """Shares in the use of `thing` in periods first <= t < last; array [w, entry].

        What is not used then counts by its use at other times, what is never used by whom it stands by for; all 0
        where that is nobody.
        """
        until, since = (np.clip(period, 0, self.so_far.shape[2] - 1) for period in (last, first))
        parts = self.so_far[:, thing, until] - self.so_far[:, thing, since]
        for instead in (self.so_far[:, thing, -1], self.standby[:, thing]):
            parts = np.where(parts.sum(axis=0) > _NONE, parts, instead)
        total = parts.sum(axis=0)
        return np.asarray(np.divide(parts, total, out=np.zeros_like(parts), where=total > _NONE))


@dataclass(frozen=True)
class Allocation:
    """Shares of workloads in the cost lines of plan `x`; array [column]."""

    study: Study
    x: Floats

    def shares(self, view: View) -> Floats | None:
        """Shares in each entry of `view`, array [w, entry]; None for what is paid for all that is done.

        A server is shared by the GPU-hours of its type at its site, when it was ordered or goes over the time that it
        serves, else by the month; a commitment likewise, upfront over its term; a savings plan by what is charged
        against it; whole instances by the hour; people by the GPUs that they look after.
        """
        keys, model = view.keys, self.study.built.model
        if "w" in keys:
            return np.eye(self._count)[:, keys["w"]]
        if "h" in keys:
            service = model.in_service[keys["h"]]
            retires = model.retires[keys["h"]]
            return self.owned.shares(self._type(view), service, retires)
        if "k" in keys:
            return self.owned.shares(self._type(view), keys["t"], keys["t"] + 1)
        if "n" in keys:
            term = np.array([contract.months for contract in model.contracts])[keys["n"]]
            return self.committed.shares(keys["q"], *_span(view, term))
        if "v" in keys:
            term = np.array([plan.months for plan in self.study.case.savings_plans])[keys["v"]]
            return self.covered.shares(keys["v"], *_span(view, term))
        if "o" in keys:
            kind = "on_demand" if self._is(view, "on_demand_instances") else "spot"
            return self._instances(kind).shares(keys["o"], keys["g"], keys["g"] + 1)
        return self.people.shares(keys["p"], keys["t"], keys["t"] + 1) if "p" in keys else None

    @property
    def _count(self) -> int:
        return len(self.study.case.scenario.workloads)

    def _type(self, view: View) -> Ints:
        return view.keys["k"] * len(self.study.case.sites) + view.keys["s"]

    def _is(self, view: View, block: str) -> bool:
        columns = self.study.built.model[block].columns
        return bool(columns.start <= view.columns[0] < columns.stop)

    @cached_property
    def owned(self) -> Use:
        """GPU-hours on owned servers, by type and site."""
        used, ready = (
            [(one, self._type(one), 1.0) for one in self.study.built.model.views(block)]
            for block in ("own", "own_standby")
        )
        return self._use(len(self.study.case.servers) * len(self.study.case.sites), used, ready)

    @cached_property
    def committed(self) -> Use:
        """GPU-hours of commitments, by pool."""
        model = self.study.built.model
        used, ready = (
            [(one, one.keys["q"], 1.0) for one in model.views(block)] for block in ("committed", "committed_standby")
        )
        return self._use(len(model.pools), used, ready)

    @cached_property
    def covered(self) -> Use:
        """USD charged against savings plans, by plan."""
        case = self.study.case
        rate = np.zeros((len(case.savings_plans), len(case.offers), case.horizon))
        for v, plan in enumerate(case.savings_plans):
            for o, series in plan.rates.items():
                rate[v, o] = series.values
        used = [
            (one, one.keys["v"], rate[one.keys["v"], one.keys["o"], one.keys["t"]])
            for one in self.study.built.model.views("covered")
        ]
        return self._use(len(case.savings_plans), used, [])

    @cached_property
    def people(self) -> Use:
        """People that owned and rented GPUs in use need, by pool."""
        case, model = self.study.case, self.study.built.model
        gpus = np.array([server.gpus for server in case.servers], float)
        used: list[tuple[View, Ints, Floats | float]] = []
        for p, pool in enumerate(case.pools):
            for one in model.views("own"):
                here = one.where(np.isin(one.keys["s"], pool.sites))
                used.append((here, np.full(len(here), p), 1 / gpus[here.keys["k"]] / pool.servers_per_fte))
            rented = model.views(*RENTED) if pool.covers_rented else []
            used += [(one, np.full(len(one), p), 1 / pool.rented_gpus_per_fte) for one in rented]
        return self._use(len(case.pools), used, [])

    def _instances(self, kind: str) -> Use:
        """GPUs of whole instances, by offer and hour group."""
        model = self.study.built.model
        blocks = model.views(kind, *(["on_demand_standby"] if kind == "on_demand" else []))
        used = [(one, one.keys["o"], 1.0) for one in blocks]
        return self._use(len(self.study.case.offers), used, [], by_hour=True)

    def _use(
        self, things: int, used: Iterable[tuple[View, Ints, Floats | float]],
        ready: Iterable[tuple[View, Ints, Floats | float]], by_hour: bool = False,
    ) -> Use:  # fmt: skip
        """Add up entries of (view, thing, weight of a GPU-hour)."""
        demand = self.study.case.demand
        amount = np.zeros((self._count, things, len(demand.hours) if by_hour else self.study.case.horizon))
        standby = np.zeros((self._count, things))
        for view, thing, weight in used:
            when = view.keys["g" if by_hour else "t"]
            np.add.at(amount, (view.keys["w"], thing, when), demand.hours[view.keys["g"]] * weight * self._value(view))
        for view, thing, weight in ready:
            np.add.at(standby, (view.keys["w"], thing), demand.hours[view.keys["g"]] * weight * self._value(view))
        start = np.zeros((self._count, things, 1))
        return Use(np.concatenate([start, amount.cumsum(axis=2)], axis=2), standby)

    def _value(self, view: View) -> Floats:
        return np.asarray(np.maximum(self.x[view.columns], 0.0))


def _span(view: View, months: Ints) -> Spans:
    """Return first month and end of what is paid for: the month m of a payment, the whole term where there is none."""
    if "m" in view.keys:
        return view.keys["m"], view.keys["m"] + 1
    return view.keys["t"], view.keys["t"] + months
