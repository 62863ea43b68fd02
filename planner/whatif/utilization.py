"""How busy owned GPUs are where buying begins to pay."""

from __future__ import annotations

from typing import Any

from planner.analysis.returns import busy_hours_to_break_even
from planner.analysis.study import Outcome, Study
from planner.whatif.drivers import Driver
from planner.whatif.points import Points
from planner.whatif.question import DECIDING, Question


def breakeven_utilization(driver: Driver, flips: list[dict[str, Any]], today: Study, asked: Question) -> dict[str, Any]:
    """Return the busy share of owned GPUs in the best plan with a purchase: at every flip of demand, and today.

    `closed_form` is the busy share that planner/analysis/returns.py gives for today's plan: before tax and resale, not
    discounted, with the average price of what is rented. It answers nearly the same question from averages.
    """
    points = Points(asked.base, DECIDING, asked.effort) if flips else None
    return {
        "today": _share_bought(today),
        "at_flips": [
            {"demand": flip["at"], "utilization_fraction": _share_bought(points.study(driver.at(flip["at"]))),
             "buys": flip["buys"]}
            for flip in flips if points is not None
        ],
        "closed_form": busy_hours_to_break_even(today)["utilization_fraction"],
    }  # fmt: skip


def _share_bought(study: Study | None) -> float | None:
    outcome = study and study.outcomes["buy"]
    return busy_share(study, outcome) if study and outcome else None


def busy_share(study: Study, outcome: Outcome) -> float | None:
    """Return busy ÷ all GPU-hours of the servers in service; None where none is."""
    model, case, x = study.built.model, study.case, outcome.answer.x
    fleet = model["fleet"].view
    gpus = [case.servers[k].gpus for k in fleet.keys["k"]]
    hours = float((x[fleet.columns] * gpus * case.demand.month_hours[fleet.keys["t"]]).sum())
    if hours <= 0 or not model.has("own"):
        return None
    own = model["own"].hourly
    return float((case.demand.hours[own.keys["g"]] * x[own.columns]).sum()) / hours
