"""The load against the fleet: how many GPUs work in the busiest hour, the next, down to the quietest, year by year."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.kinds import KINDS, blocks_of
from planner.analysis.months import by_months
from planner.analysis.study import Outcome, Study
from planner.program import Floats, Ints
from planner.units import MONTHS_PER_YEAR

_NONE = 1e-6
STEPS = 100
"""Most steps of a year; hours in between are averaged, so that hours times GPUs stays what it is."""


def load_duration(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Return, for each year of the plan, its hours from the busiest on with the GPUs at work in them, by kind.

    Σ hours · GPUs of a kind is the year's GPU-hours of that kind; the busiest hours are a step of their own. The fleet
    is the mean of the year: `owned_gpus` of what is usable, `committed_gpus` of what is committed, savings plans as
    they are used. In `alone_hours` nothing is rented on demand or on spot.
    """
    case = study.case
    hours, month = case.demand.hours, case.demand.month
    busy = {kind: _at_work(study, outcome, blocks_of(kind)) for kind in KINDS}
    covered = by_months(month, hours * _at_work(study, outcome, ["covered"]), case.horizon) / case.demand.month_hours
    fleets = {
        "owned_gpus": _fleet(study, outcome, "fleet", "k", [server.usable_gpus for server in case.servers]),
        "committed_gpus": _fleet(study, outcome, "active", "o", [offer.gpus for offer in case.offers]) + covered,
    }
    alone = busy["on_demand"] + busy["spot"] <= _NONE
    years = []
    for first in range(0, case.horizon, MONTHS_PER_YEAR):
        last = min(first + MONTHS_PER_YEAR, case.horizon)
        inside = (month >= first) & (month < last)
        length = case.demand.month_hours[first:last]
        years.append({
            "year": first // MONTHS_PER_YEAR + 1,
            "months": [case.months[first], case.months[last - 1]],
            **{name: float((fleet[first:last] * length).sum() / length.sum()) for name, fleet in fleets.items()},
            "alone_hours": float(hours[inside & alone].sum()),
            "steps": _steps(hours[inside], {kind: gpus[inside] for kind, gpus in busy.items()}),
        })  # fmt: skip
    return years


def _at_work(study: Study, outcome: Outcome, blocks: list[str]) -> Floats:
    """GPUs of some blocks that do work, array [g]."""
    gpus = np.zeros(len(study.case.demand.hours))
    for view in study.built.model.views(*blocks):
        np.add.at(gpus, view.keys["g"], view.coefficients * outcome.answer.x[view.columns])
    return gpus


def _fleet(study: Study, outcome: Outcome, block: str, key: str, gpus: list[float]) -> Floats:
    """GPUs that stand ready, array [t]."""
    ready = np.zeros(study.case.horizon)
    for view in study.built.model.views(block):
        np.add.at(ready, view.keys["t"], np.array(gpus)[view.keys[key]] * outcome.answer.x[view.columns])
    return ready


def _steps(hours: Floats, busy: dict[str, Floats]) -> list[dict[str, float]]:
    total, owned = np.sum([*busy.values()], axis=0), busy["owned"]
    order = np.lexsort((owned, -np.round(total, 6)))  # of equally busy hours, those that rent most come first
    step = _step_of(hours[order], total[order], owned[order])
    length = np.bincount(step, hours[order])
    means = {kind: np.bincount(step, (hours * gpus)[order]) / length for kind, gpus in busy.items()}
    return [
        {"hours": float(length[n]), **{kind: float(mean[n]) for kind, mean in means.items()}}
        for n in range(len(length))
    ]


def _step_of(hours: Floats, total: Floats, owned: Floats) -> Ints:
    """Number the steps of hours sorted by load: the busiest ones first, then slices of about the same length."""
    peak = (np.abs(total - total[0]) <= 1e-6) & (np.abs(owned - owned[0]) <= 1e-6)
    middle = np.cumsum(hours) - hours / 2
    sliced = 1 + np.floor(middle / hours.sum() * (STEPS - 1)).astype(np.int64)
    return np.asarray(np.unique(np.where(peak, 0, sliced), return_inverse=True)[1], np.int64)
