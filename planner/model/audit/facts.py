"""What a plan amounts to, worked out from what was ordered, sold, committed and used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from planner.case import Case
from planner.units import fiscal_year

if TYPE_CHECKING:
    from planner.quantities import Quantities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RENTED = ("committed", "covered", "on_demand", "spot")
STANDBY = ("own_standby", "committed_standby", "on_demand_standby")
BLOCKS = ("own", *RENTED, "api", "unserved", *STANDBY)
KEYS = ("k", "s", "o", "q", "v", "a", "w", "g")


def excess(value: ArrayLike, limit: ArrayLike) -> float:
    """Return the largest (value − limit) ÷ max(1, |limit|), at least 0; infinite where something is not a number."""
    left, right = np.broadcast_arrays(np.asarray(value, float), np.asarray(limit, float))
    if np.isnan(left).any() or np.isnan(right).any():
        return float("inf")
    limited = np.isfinite(right)
    over = (left[limited] - right[limited]) / np.maximum(1.0, np.abs(right[limited]))
    return max(0.0, float(over.max(initial=0.0)))


def shortfall(value: ArrayLike, limit: ArrayLike) -> float:
    """Return the largest (limit − value) ÷ max(1, |limit|), at least 0."""
    return excess(-np.asarray(value, float), -np.asarray(limit, float))


def difference(value: ArrayLike, target: ArrayLike) -> float:
    """Return the largest |value − target| ÷ max(1, |target|)."""
    return max(excess(value, target), shortfall(value, target))


def total(frame: pd.DataFrame, column: str, **axes: int) -> Floats:
    """Sum `column` into an array with an axis of the given length for each key."""
    result = np.zeros(tuple(axes.values()))
    np.add.at(result, tuple(frame[key].to_numpy(np.int64) for key in axes), frame[column].to_numpy(float))
    return result


@dataclass(frozen=True)
class Facts:
    """A case, a plan for it, and what follows from both."""

    case: Case
    plan: Quantities
    ledger: pd.DataFrame

    def table(self, name: str, keys: str) -> pd.DataFrame:
        """Return the values of decision `name`; no rows where the plan has no such decision."""
        found = self.plan.tables.get(name)
        empty = pd.DataFrame({key: np.zeros(0, np.int64) for key in keys} | {"value": np.zeros(0)})
        return empty if found is None or found.empty else found

    @cached_property
    def month(self) -> Ints:
        """Month of every hour group; array [g]."""
        return self.case.demand.month

    @property
    def carbon_must_be_known(self) -> bool:
        """Whether what has no known carbon factor may not be used: carbon has a cap or a price."""
        return self.case.scenario.limits.carbon_kg_per_year is not None or self.case.scenario.carbon is not None

    @cached_property
    def fiscal_years(self) -> list[int]:
        """Fiscal year of every month."""
        return [fiscal_year(label, self.case.scenario.fiscal_year_starts) for label in self.case.months]

    @cached_property
    def use(self) -> pd.DataFrame:
        """Capacity in use or on standby, a row for every block, its keys and the hour group.

        Columns: block, the keys (−1 where they do not apply), t, value, hours, provider and site ("" where none),
        work: units per hour = speed[w, gpu] · GPUs, · (1 − loss[w]) on spot; api and unserved count units already.
        """
        parts = [self.table(name, "wg").assign(block=name) for name in BLOCKS]
        frame = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
        frame = frame.reindex(columns=["block", *KEYS, "value"])
        frame[list(KEYS)] = frame[list(KEYS)].fillna(-1).astype(np.int64)
        frame["t"] = self.month[frame["g"]]
        frame["hours"] = self.case.demand.hours[frame["g"]]
        distinct = frame[["block", "k", "s", "o", "a", "w"]].drop_duplicates()
        sources = [self._source(*row) for row in zip(*(distinct[name] for name in distinct), strict=True)]
        named = pd.DataFrame(sources, columns=["provider", "site", "rate"], index=distinct.index)
        frame = frame.merge(distinct.join(named), on=list(distinct), how="left")
        frame["work"] = frame["value"] * frame["rate"].astype(float)
        return frame

    def _source(self, block: str, k: int, s: int, o: int, a: int, w: int) -> tuple[str, str, float]:
        """Return provider, site and work units per hour for a unit of a block."""
        case, workload = self.case, self.case.scenario.workloads[w]
        if block == "api":
            return case.apis[a].provider, "", 1.0
        if block == "unserved":
            return "", "", 1.0
        if block.startswith("own"):
            return "", case.sites[s].id, float(workload.speed.get(case.servers[k].gpu, 0))
        kept = 1 - float(workload.spot.loss_fraction) if block == "spot" and workload.spot else 1.0
        return case.offers[o].provider, "", float(workload.speed.get(case.offers[o].gpu, 0)) * kept

    def of(self, *blocks: str) -> pd.DataFrame:
        """Return the rows of `use` of some blocks."""
        return self.use[self.use["block"].isin(blocks)]

    def work(self, *blocks: str) -> Floats:
        """Work units per hour by workload and hour group; array [w, g]."""
        return total(self.of(*blocks), "work", w=len(self.case.scenario.workloads), g=len(self.month))

    def by_month(self, values: Floats) -> Floats:
        """Sum hours · values [w, g] into months [w, t]."""
        hours = self.case.demand.hours
        return np.array([np.bincount(self.month, row * hours, self.case.horizon) for row in values])

    @cached_property
    def in_service(self) -> Floats:
        """Servers in service: bought − sold so far, from delivery until retirement; array [h, t]."""
        return self._owned("in_service")

    @cached_property
    def held(self) -> Floats:
        """Servers on order or in service; array [h, t]."""
        return self._owned("ordered")

    def _owned(self, since: str) -> Floats:
        cohorts, horizon = self.plan.cohorts, self.case.horizon
        if cohorts.empty:
            return np.zeros((0, horizon))
        bought = total(self.table("buy", "h"), "value", h=len(cohorts))
        sold = total(self.table("sell", "ht"), "value", h=len(cohorts), t=horizon).cumsum(axis=1)
        t = np.arange(horizon)
        first, last = (cohorts[name].to_numpy(np.int64)[:, None] for name in (since, "retires"))
        return np.asarray((bought[:, None] - sold) * ((first <= t) & (t < last)))

    def servers(self, by_cohort: Floats) -> Floats:
        """Sum servers [h, t] over cohorts; array [k, s, t]."""
        case, cohorts = self.case, self.plan.cohorts
        result = np.zeros((len(case.servers), len(case.sites), case.horizon))
        if len(cohorts):
            np.add.at(result, (cohorts["server"].to_numpy(np.int64), cohorts["site"].to_numpy(np.int64)), by_cohort)
        return result

    @cached_property
    def alive(self) -> Floats:
        """Servers in service; array [k, s, t]."""
        return self.servers(self.in_service)

    @cached_property
    def ready(self) -> Floats:
        """Servers that take work: in service, new ones past the months of dual running; array [k, s, t]."""
        dual, cohorts = self.case.scenario.servers.dual_running_months, self.plan.cohorts
        if not dual or cohorts.empty:
            return self.alive
        since = cohorts["in_service"] + np.where(cohorts["fixed"].isna(), dual, 0)
        past = np.arange(self.case.horizon) >= since.to_numpy(np.int64)[:, None]
        return self.servers(self.in_service * past)

    @cached_property
    def active(self) -> Floats:
        """Committed instances that run: started at most a term before; array [q, t]."""
        contracts, horizon = self.plan.contracts, self.case.horizon
        result = np.zeros((len(self.plan.pools), horizon))
        if contracts.empty:
            return result
        started = total(self.table("commit", "n"), "value", n=len(contracts))
        pool, starts, months = (contracts[name].to_numpy(np.int64) for name in ("pool", "starts", "months"))
        for n, (q, first, last) in enumerate(zip(pool, starts, starts + months, strict=True)):
            result[q, max(0, first) : max(0, last)] += started[n]
        return result

    @cached_property
    def spend(self) -> Floats:
        """Committed spend that runs, USD per hour; array [v, t]."""
        plans, started = self.case.savings_plans, self.table("spend", "vt")
        result = np.zeros((len(plans), self.case.horizon))
        for v, t, usd in zip(started["v"], started["t"], started["value"], strict=True):
            result[v, max(t, 0) : max(t + plans[v].months, 0)] += usd
        return result


def worst(found: Iterable[float]) -> float:
    """Return the largest of `found`, 0 when there is none."""
    return max(found, default=0.0)
