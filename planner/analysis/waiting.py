"""What it costs to decide later, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from planner.analysis.options import BASELINES, Restriction, bounds
from planner.analysis.study import Study, buys
from planner.decisions import Model
from planner.model.highs import Live
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Answer, Effort, NotFoundError, solve, solve_again
from planner.program import Floats

MONTHS = 3
SAME = 1e-9
"""Relative difference of costs that are the same."""
_SECONDS = 20.0


def waiting(study: Study, effort: Effort) -> dict[str, Any] | None:
    """Return the best plan without an order in the first quarter, and what it costs more; None where nothing is bought.

    It is sought as baselines are, starting from the plan with its first orders put off; `relative_gap` says how much
    cheaper it may be. Where many hours are merged it is a plan of the merged program.
    """
    built, plan = study.built, study.plan.answer
    if not buys(built, plan.x):
        return None
    early = no_early_order(built.model)
    if not (plan.x[early.closed] > 0).any():
        return _told(plan, plan)
    arrays = built.arrays
    live, (low, high) = Live(arrays), bounds(arrays.lower, arrays.upper, early)
    small = len(arrays.values) <= SEARCHED_UP_TO_NONZEROS
    less = replace(effort, search=small, seconds=min(effort.seconds, _SECONDS))
    starts = [one.answer.x for one in study.outcomes.values() if one is not None]
    later = solve_again(built, live, low, high, _put_off(built.model, plan.x), -np.inf)
    starts += [] if later is None else [later.x]
    try:
        return _told(solve(built, live, low, high, less, starts), plan)
    except NotFoundError:
        return _told(None, plan)


def no_early_order(model: Model) -> Restriction:
    """No order of servers in the first quarter; what is owned already stays."""
    closed = np.zeros(len(model.program.objective), bool)
    closed[model["buy"].columns] = [one.fixed is None and one.ordered < MONTHS for one in model.cohorts]
    return Restriction(closed)


def _put_off(model: Model, x: Floats) -> Floats:
    """Return plan `x` with the orders of the first quarter, and the sales of what was ordered, moved to its end."""
    result, buy, sell = x.copy(), model["buy"].view.columns, model["sell"].view
    named = {(one.server, one.site, one.way, one.ordered): h for h, one in enumerate(model.cohorts)}
    sales = {(h, t): column for h, t, column in zip(sell.keys["h"], sell.keys["t"], sell.columns, strict=True)}
    for h, one in enumerate(model.cohorts):
        later = named.get((one.server, one.site, one.way, MONTHS))
        if one.fixed is None and one.ordered < MONTHS and later is not None:
            result[buy[later]] += result[buy[h]]
            for t in range(model.case.horizon):
                if (h, t) in sales and (later, t) in sales:
                    result[sales[later, t]] += result[sales[h, t]]
    early = np.flatnonzero([one.fixed is None and one.ordered < MONTHS for one in model.cohorts])
    result[buy[early]] = 0.0
    result[sell.columns[np.isin(sell.keys["h"], early)]] = 0.0
    return result


def _told(answer: Answer | None, plan: Answer) -> dict[str, Any]:
    """Return present cost and what it is above the plan's; null where no such plan obeys every rule or is found."""
    return {
        "months": MONTHS,
        "present_usd": None if answer is None else answer.objective,
        "costs_usd": None if answer is None else max(0.0, answer.objective - plan.objective),
        "relative_gap": None if answer is None else answer.relative_gap,
    }


def not_proceeding(study: Study) -> dict[str, Any] | None:
    """Return the cheapest option without a new purchase, and what it costs more than the plan; None without one.

    Where the plan itself buys nothing it is one of them, unless a baseline is the same plan.
    """
    plan = study.plan.answer
    known = {name: outcome.answer for name in BASELINES if (outcome := study.outcomes.get(name)) is not None}
    if not buys(study.built, plan.x):
        known["plan"] = plan
    if not known:
        return None
    least = min(one.objective for one in known.values())
    name = next(name for name, one in known.items() if one.objective - least <= SAME * max(1.0, abs(least)))
    usd = known[name].objective
    return {"against": name, "present_usd": usd, "costs_usd": max(0.0, usd - plan.objective)}
