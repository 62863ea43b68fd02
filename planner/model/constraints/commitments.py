"""Commitments and savings plans cover their use."""

from __future__ import annotations

import numpy as np

from planner.decisions import Model, running, spend_running
from planner.program import together


def active_is_what_runs(model: Model) -> None:
    """active[q,t] = Σ commit started at most a term before t."""
    active = model["active"].view
    terms = [active, -running(model).without_keys("n", "c")]
    model.program.rule("active_is_what_runs", active.keys, terms, "==", 0, unit="instances")


def commitments_cover_their_use(model: Model) -> None:
    """Σ_w (committed + standby)[q,w,g] ≤ GPUs[o] · active[q,t]   for every pool q and hour group g."""
    used = model.views("committed", "committed_standby")
    if not used:
        return
    gpus = np.array([offer.gpus for offer in model.case.offers])
    active = model["active"].view
    terms = [*used, -gpus[active.keys["o"]] * active]
    rows = together(*used).distinct("q", "o", "t", "g")
    model.program.rule("commitments_cover_their_use", rows, terms, "<=", 0, unit="GPUs")


def spend_is_what_runs(model: Model) -> None:
    """spend_active[v,t] = Σ spend started at most a term before t."""
    active = model["spend_active"].view
    model.program.rule("spend_is_what_runs", active.keys, [active, -spend_running(model)], "==", 0, unit="USD/h")


def spend_covers_its_use(model: Model) -> None:
    """Σ_{o in scope, w} rate[v,o,t] · covered[v,o,w,g] ≤ spend_active[v,t]   for every plan v and hour group g."""
    if not model.has("covered"):
        return
    case, used = model.case, model["covered"].hourly
    rate = np.zeros((len(case.savings_plans), len(case.offers), case.horizon))
    for v, plan in enumerate(case.savings_plans):
        for o, series in plan.rates.items():
            rate[v, o] = series.values
    charged = used * rate[used.keys["v"], used.keys["o"], used.keys["t"]]
    rows = used.distinct("v", "t", "g")
    model.program.rule("spend_covers_its_use", rows, [charged, -model["spend_active"].view], "<=", 0, unit="USD/h")
