"""The answer in one word and one sentence; it follows from the decisions and from NPV, and cannot contradict them."""

from __future__ import annotations

from typing import Any

from planner.analysis.options import self_hosted
from planner.analysis.study import Study, buys, servers_bought


def verdict(study: Study, finance: dict[str, Any]) -> dict[str, Any]:
    """Return choice, reason and the NPV of the plan and of `buy` against the cloud.

    buy: servers are bought, and rented capacity only bridges until they can be there; rent: nothing is bought;
    mix: both. Against `cloud`, or against `on_demand` where there is no cloud mix.
    """
    against = "cloud" if study.outcomes["cloud"] else "on_demand"
    npv_of = {name: ((finance.get(name) or {}).get(against) or {}).get("npv_usd") for name in ("plan", "buy")}
    bought = servers_bought(study.built, study.plan.answer.x)
    choice = "rent" if not buys(study.built, study.plan.answer.x) else "mix" if _rents_after_bridging(study) else "buy"
    return {
        "choice": choice,
        "reason": _reason(choice, bought, npv_of["plan"], npv_of["buy"], against, study.reasons.get("buy", "")),
        "npv_usd": npv_of["plan"],
        "buy_npv_usd": npv_of["buy"],
        "against": against if npv_of["plan"] is not None else None,
    }


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


def _reason(
    choice: str, bought: float, npv: float | None, buy_npv: float | None, against: str, why_not_buy: str
) -> str:
    other = {"cloud": "the best cloud mix", "on_demand": "on-demand capacity"}[against]
    servers = f"{bought:,.6g} server{'' if bought == 1 else 's'}"
    if npv is None:
        worth = "there is no cloud alternative to compare with"
    elif choice == "rent":
        worth = (
            f"{why_not_buy}; the plan saves {npv:,.0f} USD in present value against {other}" if buy_npv is None
            else f"buying at least one server would cost {-buy_npv:,.0f} USD more than {other} in present value"
            if buy_npv < 0
            else f"buying would save {buy_npv:,.0f} USD against {other}, the plan saves {npv:,.0f} USD"
        )  # fmt: skip
    else:
        worth = f"it saves {npv:,.0f} USD in present value against {other}"
    return {
        "buy": f"Buy {servers}: {worth}.",
        "rent": f"Rent: {worth}.",
        "mix": f"Buy {servers} and rent the rest: {worth}.",
    }[choice]
