"""The numbers of a scenario that limit a plan, and the rows of the program that each of them moves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.decisions import Model
from planner.model.build import Built
from planner.program import INF, Floats, Ints
from planner.scenario.schema import Batch, Serving, Training, Workload


@dataclass(frozen=True)
class Kind:
    """What limits of one kind have in common.

    Attributes
    ----------
    sign : 1 where more of it lets more plans be, −1 where less of it does
    digits, finest : how finely a way out states it: significant digits, but no finer than `finest`
    short : sentence of a shortage, of where, when, needed, has, short
    way : sentence of a way out, of where, value, was, change
    """

    name: str
    unit: str
    sign: int
    digits: int
    finest: float
    short: str
    way: str


_SITE = "{where} needs {needed} in {when} and has {has}: {short} short"
POWER = Kind("power", "kW", 1, 9, 1, _SITE, "{change} more at {where}")
RACKS = Kind("racks", "rack units", 1, 9, 1, _SITE, "{change} more at {where}")
CAPEX = Kind("capex budget", "USD", 1, 4, 1,
             "capital outlay of fiscal year {where} comes to {needed}, its budget is {has}: {short} short",
             "{change} more capex budget in fiscal year {where}")  # fmt: skip
CASH = Kind("cash budget", "USD", 1, 4, 1,
            "payments of fiscal year {where} come to {needed}, their budget is {has}: {short} short",
            "{change} more cash budget in fiscal year {where}")  # fmt: skip
QUOTA = Kind("on-demand quota", "GPUs", 1, 9, 1,
             "{where} needs {needed} on demand in {when} and has a quota of {has}: {short} short",
             "{change} more of on-demand quota of {where}")  # fmt: skip
DEPTH = Kind("spot depth", "GPUs", 1, 9, 1,
             "{where} needs {needed} of spot in {when} and its market has {has}: {short} short",
             "{change} more of spot of {where}")  # fmt: skip
SPOT_SHARE = Kind("spot share", "fraction", 1, 9, 0.001,
                  "{where} would run {needed} of its work on spot in {when}, allowed is {has}: {short} short",
                  "up to {value} of {where} on spot instead of {was}")  # fmt: skip
CARBON = Kind("carbon cap", "kg", 1, 4, 1, "carbon comes to {needed} in {when}, the cap is {has}: {short} short",
              "{change} more of carbon a year")  # fmt: skip
SHARE = Kind("provider share", "fraction", 1, 9, 0.001,
             "{where} would do {needed} of a workload's work in {when}, allowed is {has}: {short} short",
             "up to {value} of the work at {where} instead of {was}")  # fmt: skip
HEADROOM = Kind("headroom", "fraction", -1, 9, 0.001,
                "{where} must keep a headroom of {needed} and can keep {has} in {when}: {short} short",
                "a headroom of {value} for {where} instead of {was}")  # fmt: skip
SURVIVAL = Kind("survival of a loss", "fraction", -1, 9, 0.001,
                "{where} must keep {needed} of its work through a loss and can keep {has} in {when}: {short} short",
                "protect {value} of {where} instead of {was}")  # fmt: skip
DEMAND = Kind("demand", "", -1, 3, 1e-6, "", "{change} less of {where}")
KINDS = (POWER, RACKS, CAPEX, CASH, QUOTA, DEPTH, SPOT_SHARE, CARBON, SHARE, HEADROOM, SURVIVAL, DEMAND)

_SPARED = 0.9
"""Share of the demand that may be given up: a plan for less than the rest is no way out."""
_OF_DEMAND = (
    "work_is_served", "headroom_is_kept", "loss_is_survived", "batch_work_is_finished", "training_holds_its_gpus",
    "spot_share_is_limited", "spot_share_of_month_is_limited", "spot_share_of_hold_is_limited",
    "spot_share_of_window_is_limited",
)  # fmt: skip
_SPOT_SHARES = tuple(name for name in _OF_DEMAND if name.startswith("spot"))


@dataclass(frozen=True)
class Limit:
    """A number of the scenario; where one number stands for several (the runs of a training), they scale together.

    Attributes
    ----------
    paths : of the numbers as `--set` names them, with their values
    has : the number; the first of several
    most : by how much it can be changed at all
    rows, coefficients : one unit of change adds `coefficients` to the left side of `rows`
    first, last : months t of each row
    """

    kind: Kind
    where: str
    unit: str
    paths: tuple[tuple[str, float], ...]
    most: float
    rows: Ints
    coefficients: Floats
    first: Ints
    last: Ints

    @property
    def has(self) -> float:
        """The number."""
        return self.paths[0][1]

    def changed(self, change: float) -> tuple[float, list[str]]:
        """Return the number after at least `change`, rounded to a sensible figure, and the settings for it."""
        value = self._sensible(self.has + self.kind.sign * change)
        if len(self.paths) == 1:
            return value, [f"{self.paths[0][0]}={_plain(value)}"]
        return value, [f"{path}={_plain(self._sensible(one * value / self.has))}" for path, one in self.paths]

    def step(self, value: float) -> float:
        """Return the distance between sensible figures around `value`."""
        size = 10.0 ** (math.floor(math.log10(abs(value))) - self.kind.digits + 1) if value else 0.0
        return max(size, self.kind.finest)

    def _sensible(self, value: float) -> float:
        step, sign = self.step(value), self.kind.sign
        return sign * math.ceil(sign * value / step - 1e-6) * step


def limits_of(built: Built) -> list[Limit]:
    """Return every limit that has a row in the program, and the demand of every workload."""
    model, first, last = built.model, *_spans(built)
    found = [
        Limit(kind, where, unit, paths, most, rows, coefficients, first[rows], last[rows])
        for kind, where, unit, paths, most, rows, coefficients in _all(model, built)
        if len(rows)
    ]
    return [limit for limit in found if limit.most > 0]


_Found = tuple[Kind, str, str, tuple[tuple[str, float], ...], float, Ints, Floats]


def _all(model: Model, built: Built) -> Iterator[_Found]:
    scenario, limits = model.case.scenario, model.case.scenario.limits

    def plain(kind: Kind, where: str, path: str, has: object, rows: Ints) -> _Found:
        return kind, where, kind.unit, ((path, float(str(has))),), INF, rows, np.full(len(rows), -1.0)

    for s, site in enumerate(scenario.sites):
        at = f"sites.{site.id}"
        for kind, rule, field in ((POWER, "power_is_within_site_limit", "power_limit_kw"),
                                  (RACKS, "racks_are_within_site_limit", "rack_limit_units")):  # fmt: skip
            if getattr(site, field) is not None:
                yield plain(kind, site.id, f"{at}.{field}", getattr(site, field), _rows(model, rule, s=s))
    for kind, rule, field in ((CAPEX, "capex_is_within_budget", "capex_usd"),
                              (CASH, "cash_is_within_budget", "cash_usd")):  # fmt: skip
        for year, budget in getattr(scenario.budgets, field).items():
            yield plain(kind, str(year), f"budgets.{field}.{year}", budget, _rows(model, rule, y=int(year)))
    for kind, rule, field in ((QUOTA, "on_demand_is_within_quota", "on_demand_quota_gpus"),
                              (DEPTH, "spot_is_within_market_depth", "spot_depth_gpus")):  # fmt: skip
        for o, offer in enumerate(model.case.offers):
            if offer.id in getattr(limits, field):
                has = getattr(limits, field)[offer.id]
                yield plain(kind, offer.id, f"limits.{field}.{offer.id}", has, _rows(model, rule, o=o))
    if limits.carbon_kg_per_year is not None:
        rows = _rows(model, "carbon_is_within_cap")
        yield plain(CARBON, "every site and provider", "limits.carbon_kg_per_year", limits.carbon_kg_per_year, rows)
    yield from _provider_shares(model)
    for w, workload in enumerate(scenario.workloads):
        yield from _of_workload(model, built, w, workload)


def _of_workload(model: Model, built: Built, w: int, workload: Workload) -> Iterator[_Found]:
    """Limits on workload w: their rows have a right side that is the limit times the demand."""
    at, low, high = f"workloads.{workload.name}", built.arrays.row_lower, built.arrays.row_upper
    if workload.spot and (share := float(workload.spot.share_fraction)) > 0:
        rows = _rows(model, *_SPOT_SHARES, w=w)
        path = (f"{at}.spot.share_fraction", share)
        yield SPOT_SHARE, workload.name, "fraction", (path,), 1 - share, rows, -high[rows] / share
    if isinstance(workload, Serving) and (headroom := float(workload.headroom_fraction)) > 0:
        rows = _rows(model, "headroom_is_kept", w=w)
        path = (f"{at}.headroom_fraction", headroom)
        yield HEADROOM, workload.name, "fraction", (path,), headroom, rows, low[rows] / (1 + headroom)
    survive = workload.survive_loss if isinstance(workload, Serving) else None
    if survive and (protected := float(survive.protected_fraction)) > 0:
        rows = _rows(model, "loss_is_survived", w=w)
        path = (f"{at}.survive_loss.protected_fraction", protected)
        yield SURVIVAL, workload.name, "fraction", (path,), protected, rows, low[rows] / protected
    paths, unit = _demand(workload, at)
    rows = _rows(model, *_OF_DEMAND, w=w)
    size = np.where(np.isfinite(low[rows]), low[rows], high[rows]) / paths[0][1]
    yield DEMAND, workload.name, unit, paths, paths[0][1] * _SPARED, rows, size


def _demand(workload: Workload, at: str) -> tuple[tuple[tuple[str, float], ...], str]:
    """Return the settings that move a workload's demand, and the unit of the first."""
    if isinstance(workload, Serving):
        for field in ("peak_per_hour", "average_per_hour"):
            if (level := getattr(workload.demand, field)) is not None:
                return ((f"{at}.demand.{field}", float(level)),), f"{workload.unit} an hour"
        return ((f"{at}.demand.scale", float(workload.demand.scale)),), "fraction"
    if isinstance(workload, Batch):
        return ((f"{at}.work_per_month", float(workload.work_per_month)),), f"{workload.unit} a month"
    assert isinstance(workload, Training)
    unit = f"{workload.unit} {'(others in proportion)' if len(workload.jobs) > 1 else ''}"
    return tuple((f"{at}.jobs.{job.name}.units_per_hour", float(job.units_per_hour)) for job in workload.jobs), unit


def _provider_shares(model: Model) -> Iterator[_Found]:
    """Shares by provider; `any` is one number for all that have none of their own."""
    case, limits = model.case, model.case.scenario.limits.provider_share_fraction
    rule = model.program.rules.get("concentration_is_limited")
    if rule is None:
        return
    providers = sorted({offer.provider for offer in case.offers} | {api.provider for api in case.apis})
    named = np.array([name if name in limits else "any" for name in providers])[rule.keys["i"]]
    work = _work_by_month(model)[rule.keys["w"], rule.keys["t"]]
    for name, share in limits.items():
        mine = np.flatnonzero(named == name)
        where = "one provider" if name == "any" else name
        path = (f"limits.provider_share_fraction.{name}", float(share))
        yield SHARE, where, "fraction", (path,), 1 - float(share), rule.start + mine, -work[mine]


def _work_by_month(model: Model) -> Floats:
    """Work units asked for, array [w, t]; the work of a batch window is spread evenly over its hours."""
    demand, horizon = model.case.demand, model.case.horizon
    total = np.array([np.bincount(demand.month, one * demand.hours, horizon) for one in demand.level])
    total += demand.hold * demand.month_hours
    for window in demand.windows:
        hours = demand.hours[window.groups]
        np.add.at(total[window.workload], demand.month[window.groups], window.work * hours / hours.sum())
    return total


def _rows(model: Model, *names: str, **keys: int) -> Ints:
    """Return the rows of some rules, those where every key of `keys` has its index."""
    found = [np.zeros(0, np.int64)]
    for rule in (model.program.rules[name] for name in names if name in model.program.rules):
        mine = np.ones(rule.size, bool)
        for key, index in keys.items():
            mine &= rule.keys[key] == index
        found.append(rule.start + np.flatnonzero(mine))
    return np.concatenate(found)


def _spans(built: Built) -> tuple[Ints, Ints]:
    """Return the first and last month of every row."""
    case = built.model.case
    years = case.fiscal_years
    first, last = np.zeros(built.arrays.shape[0], np.int64), np.full(built.arrays.shape[0], case.horizon - 1)
    for rule in built.model.program.rules.values():
        rows = slice(rule.start, rule.start + rule.size)
        if "t" in rule.keys:
            first[rows] = last[rows] = rule.keys["t"]
        elif "x" in rule.keys:
            months = [case.demand.month[case.demand.windows[int(x)].groups] for x in rule.keys["x"]]
            first[rows], last[rows] = [one.min() for one in months], [one.max() for one in months]
        elif "y" in rule.keys:
            months = [np.flatnonzero(years == y) for y in rule.keys["y"]]
            first[rows], last[rows] = [one.min() for one in months], [one.max() for one in months]
    return first, last


def _plain(value: float) -> str:
    return f"{value:.12g}"
