"""What the components of rented capacity share: rates by offer, and the entries that are billed."""

from __future__ import annotations

import numpy as np

from planner.decisions import Model
from planner.program import Floats, View


def rates(model: Model, kind: str) -> Floats:
    """USD per GPU-hour of every offer, array [o, t]; NaN where the offer has no such price."""
    found = [getattr(offer, kind) for offer in model.case.offers]
    return np.array([np.full(model.case.horizon, np.nan) if one is None else one.values for one in found])


def rate_rows(model: Model, kind: str) -> list[str]:
    """Catalog rows of the rates, by offer o."""
    return [" × ".join(rate.rows) if (rate := getattr(offer, kind)) else "" for offer in model.case.offers]


def billed(model: Model, kind: str) -> tuple[View, Floats]:
    """Entries of on-demand or spot capacity that are paid, and the GPU-hours that a unit of each stands for.

    Whole instances are paid as instances; otherwise GPUs in use are paid, and GPUs on standby where the workload
    says that they are billed.
    """
    case = model.case
    hours = case.demand.hours
    if model.has(f"{kind}_instances"):
        view = model[f"{kind}_instances"].view
        gpus = np.array([offer.gpus for offer in case.offers])
        return view, hours[view.keys["g"]] * gpus[view.keys["o"]]
    view = model[kind].hourly
    return view, hours[view.keys["g"]]


def billed_standby(model: Model) -> View:
    """Entries of on-demand GPUs on standby whose workload says that they are held and paid."""
    return _standby(model, billed=True)


def free_standby(model: Model) -> View:
    """Entries of on-demand GPUs on standby that could be rented within the hour and are not."""
    return _standby(model, billed=False)


def _standby(model: Model, billed: bool) -> View:
    standby = model["on_demand_standby"].hourly
    paid = [getattr(w, "standby_on_demand", "free") == "billed" for w in model.case.scenario.workloads]
    return standby.where(np.array(paid)[standby.keys["w"]] == billed)
