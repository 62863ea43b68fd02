"""Solves scenarios of a study one after another, and says of each what a decision hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.analysis.relaxed import BUY, WITHOUT_A_PURCHASE, Relaxations
from planner.analysis.returns import breakeven
from planner.analysis.study import Outcome, Study, servers_bought, solve_case
from planner.analysis.verdict import choice, committed_gpus
from planner.analysis.waiting import without_a_purchase
from planner.case import Case
from planner.errors import InfeasibleError
from planner.ledger import ledger_columns
from planner.model.solve import Effort
from planner.whatif.base import Base, Settings
from planner.whatif.decision_schema import Now

OPTIONS = ("cloud", "on_demand", WITHOUT_A_PURCHASE, BUY)
"""What a plan is compared with; see `measures`."""
FEASIBLE, INFEASIBLE, UNSOLVED = "ok", "infeasible", "unsolved"
Point = dict[str, Any]
_NOTHING: Point = dict.fromkeys(name for name in Now.__annotations__ if name != "decision")


class Points:
    """Solves scenarios that differ little from `base`.

    Parameters
    ----------
    options : what is solved beside the plan
    effort : how hard to try in whole numbers; None solves the relaxation, on one program that is kept alive
    """

    def __init__(self, base: Base, options: Sequence[str] = OPTIONS, effort: Effort | None = None) -> None:
        self.base = base
        self._options, self._effort = tuple(options), effort
        self._relaxations = Relaxations(base.case(), self._options) if effort is None else None

    def study(self, settings: Settings) -> Study | None:
        """Return the solved scenario; None where nothing obeys its rules.

        Raises
        ------
        InputError
            when a setting leads nowhere, or its value is not allowed.
        """
        return self.solve(self.base.case(settings))

    def solve(self, case: Case) -> Study | None:
        """Return the solved case; None where nothing obeys its rules."""
        if self._relaxations is not None:
            study = self._relaxations.study(case)
            return study if study.outcomes["plan"] else None
        assert self._effort is not None
        try:
            study = solve_case(case, self._effort, baselines=self._options)
        except InfeasibleError:
            return None
        if WITHOUT_A_PURCHASE in self._options:
            answer = without_a_purchase(study, self._effort)
            known = None if answer is None else Outcome(answer, study.built)
            study.outcomes[WITHOUT_A_PURCHASE] = known
        return study

    def point(self, settings: Settings) -> Point:
        """Return the measures of the scenario with `settings`."""
        return measures(self.study(settings))


def measures(study: Study | None) -> Point:
    """Return what a decision hangs on; None where there is no such plan, or it was not asked for.

    All in USD of present value but `total_usd`, `capex_usd`, and `outlay_usd`, which is capex before resale as a budget
    counts it: they are nominal. `npv_usd` is what the plan saves
    against `against`: the cloud mix, or on-demand capacity where there is no mix. `buying_saves_usd` is what the best
    plan with at least one purchase saves against the best without any: buying pays while it is above 0.
    """
    if study is None:
        return _NOTHING | {"status": INFEASIBLE}
    plan, usd = study.plan, {name: _present(study.outcomes.get(name)) for name in OPTIONS}
    against = next((name for name in ("cloud", "on_demand") if usd[name] is not None), None)
    buy, baseline = study.outcomes.get(BUY), study.outcomes.get(against or "")
    rows = ledger_columns(study.built, plan.answer.x)
    paid, spent = np.array(rows["cost_usd"], float), np.array(rows["category"], str) == "capex"
    resold = np.array(rows["component"], str) == "resale"
    return {
        "status": FEASIBLE,
        "present_usd": plan.answer.objective,
        "total_usd": float(paid.sum()),
        "capex_usd": float(paid[spent].sum()),
        "outlay_usd": float(paid[spent & ~resold].sum()),
        "choice": choice(study),
        "servers_bought": servers_bought(study.built, plan.answer.x),
        "committed_gpus": committed_gpus(study),
        "against": against,
        "npv_usd": _minus(usd.get(against or ""), plan.answer.objective),
        "buy_npv_usd": _minus(usd.get(against or ""), usd[BUY]),
        "buying_saves_usd": _minus(usd[WITHOUT_A_PURCHASE], usd[BUY]),
        "breakeven_months": breakeven(study, buy, baseline)["months"] if buy and baseline else None,
        **{f"{name}_usd": value for name, value in usd.items()},
    }


def unsolved() -> Point:
    """Return the measures of a scenario that the solver gave up."""
    return _NOTHING | {"status": UNSOLVED}


def _present(outcome: Outcome | None) -> float | None:
    return None if outcome is None else outcome.answer.objective


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
