"""The answer in one word and one sentence; it follows from the decisions and from NPV, and cannot contradict them."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.months import by_months
from planner.analysis.options import self_hosted
from planner.analysis.study import Study, buys, servers_bought

_NONE = 1e-6


def verdict(study: Study, finance: dict[str, Any]) -> dict[str, Any]:
    """Return choice, reason and the NPV of the plan and of `buy` against the cloud.

    buy: servers are bought, and rented capacity only bridges until they can be there; rent: nothing is bought;
    mix: both. Against `cloud`, or against `on_demand` where there is no cloud mix.
    """
    against = "cloud" if study.outcomes["cloud"] else "on_demand"
    npv_of = {name: ((finance.get(name) or {}).get(against) or {}).get("npv_usd") for name in ("plan", "buy")}
    made = choice(study)
    return {
        "choice": made,
        "reason": f"{_actions(study, made)}: {_worth(study, made, npv_of, against)}.",
        "npv_usd": npv_of["plan"],
        "buy_npv_usd": npv_of["buy"],
        "against": against if npv_of["plan"] is not None else None,
    }


def choice(study: Study) -> str:
    """Return buy, rent or mix."""
    return "rent" if not buys(study.built, study.plan.answer.x) else "mix" if _rents_after_bridging(study) else "buy"


def _rents_after_bridging(study: Study) -> bool:
    """Say whether the plan puts rented capacity or an API to work that a self-hosted plan would not be allowed."""
    model, x = study.built.model, study.plan.answer.x
    closed = self_hosted(model).closed
    for name in ("committed", "covered", "on_demand", "spot", "api"):
        if model.has(name):
            used = x[model[name].columns] > 1e-6
            if (used & closed[model[name].columns]).any() or (name == "committed" and used.any()):
                return True
    return False


def _actions(study: Study, made: str) -> str:
    """Say what the plan does: buy, commit, sell what is owned today, rent."""
    bought, committed, sold = servers_bought(study.built, study.plan.answer.x), committed_gpus(study), _sold(study)
    parts = [f"buy {_count(bought, 'server')}"] if made != "rent" else []
    parts += [f"commit to {_count(committed, 'GPU')}"] if committed > _NONE else []
    parts += [f"sell {sold:,.6g} of today's servers"] if sold > _NONE else []
    if parts and made != "buy" and _rents(study):
        parts.append("rent the rest")
    said = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else "rent"
    return said[0].upper() + said[1:]


def _rents(study: Study) -> bool:
    x = study.plan.answer.x
    return any((x[view.columns] > _NONE).any() for view in study.built.model.views("on_demand", "spot", "api"))


def committed_gpus(study: Study) -> float:
    """Most GPUs that are newly committed at once; what savings plans cover counts where it is used."""
    case, model, x = study.case, study.built.model, study.plan.answer.x
    gpus = np.zeros(case.horizon)
    for contract, count in zip(model.contracts, x[model["commit"].columns], strict=True):
        if contract.fixed is None:
            gpus[contract.starts : contract.starts + contract.months] += count * case.offers[contract.offer].gpus
    for view in model.views("covered"):
        at_work = np.bincount(view.keys["g"], x[view.columns], len(case.demand.hours))
        gpus += by_months(case.demand.month, at_work * case.demand.hours, case.horizon) / case.demand.month_hours
    return float(gpus.max())


def _sold(study: Study) -> float:
    """Number of servers owned today that are sold before the horizon ends."""
    model, x = study.built.model, study.plan.answer.x
    sell = model["sell"].view
    owned = np.array([cohort.fixed is not None for cohort in model.cohorts], bool)
    return float(x[sell.columns][owned[sell.keys["h"]]].sum()) if len(sell) else 0.0


def _count(number: float, noun: str) -> str:
    text = f"{number:,.6g}" if number >= 1 else f"{number:.3g}"
    return f"{text} {noun}{'' if text == '1' else 's'}"


def _worth(study: Study, made: str, npv_of: dict[str, float | None], against: str) -> str:
    """Say what the plan is worth against `against`, and what buying would be."""
    other = {"cloud": "the best cloud mix", "on_demand": "on-demand capacity"}[against]
    npv, buy = npv_of["plan"], npv_of["buy"]
    if npv is None:
        return "there is no cloud alternative to compare with"
    if made != "rent":
        return f"it saves {npv:,.0f} USD in present value against {other}"
    if buy is not None and buy < 0:
        return f"buying at least one server would cost {-buy:,.0f} USD more than {other} in present value"
    if buy is not None:
        return f"buying would save {buy:,.0f} USD against {other}, the plan saves {npv:,.0f} USD"
    saves = f"the plan saves {npv:,.0f} USD in present value against {other}" if round(npv) else f"the plan is {other}"
    return f"{study.reasons.get('buy', '')}; {saves}"
