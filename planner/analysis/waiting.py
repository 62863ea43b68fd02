"""What it costs to decide later, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from planner.analysis.options import Restriction, bounds, new_purchases
from planner.analysis.study import Study, buys
from planner.decisions import Model
from planner.model.highs import Live
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Answer, Effort, NotFoundError, solve, solve_again
from planner.program import Floats

MONTHS = 3
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
        return _told(built.model, plan, plan)
    return _told(built.model, _best(study, early, effort, _put_off(built.model, plan.x)), plan)


def _best(study: Study, limits: Restriction, effort: Effort, target: Floats) -> Answer | None:
    """Return the best plan within `limits`, sought from every known plan and the whole numbers of `target`."""
    built, arrays = study.built, study.built.arrays
    live, (low, high) = Live(arrays), bounds(arrays.lower, arrays.upper, limits)
    small = len(arrays.values) <= SEARCHED_UP_TO_NONZEROS
    seconds = min(effort.seconds, _SECONDS) if effort.nodes is None else effort.seconds
    less = replace(effort, search=small, seconds=seconds)
    starts = [one.answer.x for one in study.outcomes.values() if one is not None]
    near = solve_again(built, live, low, high, target, -np.inf)
    starts += [] if near is None else [near.x]
    try:
        return solve(built, live, low, high, less, starts, study.plan.answer)
    except NotFoundError:
        return None


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


def _told(model: Model, answer: Answer | None, plan: Answer) -> dict[str, Any]:
    orders_later = any(one.fixed is None and one.ordered >= MONTHS for one in model.cohorts)
    return {"months": MONTHS, **_against(answer, plan), "orders_later": orders_later}


def _against(answer: Answer | None, plan: Answer) -> dict[str, float | None]:
    """Return present cost and what it is above the plan's; null where no such plan obeys every rule or is found."""
    return {
        "present_usd": None if answer is None else answer.objective,
        "costs_usd": None if answer is None else max(0.0, answer.objective - plan.objective),
        "relative_gap": None if answer is None else answer.relative_gap,
    }


def without_a_purchase(study: Study, effort: Effort) -> Answer | None:
    """Return the best plan without a new purchase; everything else stays open. None where none is found."""
    plan, deciding = study.plan.answer, effort.deciding and study.hours is None
    if deciding and not buys(study.built, plan.x):
        return plan
    closed = Restriction(new_purchases(study.built.model))
    return _best(study, closed, replace(effort, deciding=deciding), plan.x)


def not_proceeding(study: Study, effort: Effort) -> dict[str, Any] | None:
    """Return the best plan without a new purchase, and what it costs more than the plan; None where none is found.

    Everything else stays open, so no baseline is cheaper. A plan that buys nothing is compared with itself.
    """
    plan = study.plan.answer
    if not buys(study.built, plan.x):
        return {"against": "plan", **_against(plan, plan)}
    answer = without_a_purchase(study, effort)
    return None if answer is None else {"against": "without_a_purchase", **_against(answer, plan)}
