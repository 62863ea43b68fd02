"""Batch work is finished within its window; training holds its GPUs."""

from __future__ import annotations

import numpy as np

from planner.decisions import Model, delivered
from planner.model.constraints.serving import GPUS, UNITS
from planner.program import View, table


def window_of(model: Model, view: View) -> View:
    """Return the entries of `view` that lie in a batch window, with its index as key x and hours as factor."""
    demand = model.case.demand
    found = np.full((len(model.case.scenario.workloads), len(demand.hours)), -1)
    for index, window in enumerate(demand.windows):
        found[window.workload, window.groups] = index
    x = found[view.keys["w"], view.keys["g"]]
    return (view * demand.hours[view.keys["g"]]).with_keys(x=x).where(x >= 0)


def batch_work_is_finished(model: Model) -> None:
    """Σ_{g in window} hours[g] · (speed·GPUs + api + unserved)[w,g] = work[x]   for every window x."""
    windows = model.case.demand.windows
    terms = [window_of(model, delivered(model, name)) for name in (*GPUS, *UNITS) if model.has(name)]
    rows = table(x=np.arange(len(windows)), w=[window.workload for window in windows])
    model.program.rule("batch_work_is_finished", rows, terms, "==", [window.work for window in windows],
                       unit="work units")  # fmt: skip


def training_holds_its_gpus(model: Model) -> None:
    """Σ speed·GPUs[w,t] + unserved[w,t] = held[w,t]   in every hour of every month in which a run of w goes on.

    A hold has one column for its month, so that the same GPUs serve all of it. Spot needs checkpoints, as loading a
    scenario holds.
    """
    demand = model.case.demand
    w, t = np.nonzero(demand.hold)
    first = np.array([int(np.flatnonzero(demand.month == month)[0]) for month in range(model.case.horizon)])
    terms = [delivered(model, name) for name in (*GPUS, "unserved") if model.has(name)]
    model.program.rule("training_holds_its_gpus", table(w=w, t=t, g=first[t]), terms, "==", demand.hold[w, t],
                       unit="work units/h")  # fmt: skip
