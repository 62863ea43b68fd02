"""Every cost line has its workload: what workloads pay and what nobody caused is what the plan costs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.analysis.showback import service_costs
from planner.analysis.study import Outcome, Study
from planner.model.highs import Live
from tests.laws.cases import QUICK, Changes, plan_of, scenarios

_SMALL = 1e-6
EXTRAS: dict[str, Any] = {
    "project": [{"name": "move", "category": "labor", "usd_per_month": 900, "months": 3, "source": "drawn"}],
    "contingency_fraction": 0.1,
}
TAX: dict[str, Any] = {
    "wacc_is": "after_tax",
    "tax": {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "bonus_fraction": 0.4, "source": "drawn"},
}


@QUICK
@given(changes=scenarios(), extras=st.booleans())
def test_what_workloads_pay_is_what_the_plan_costs(changes: Changes, extras: bool, folder: Path) -> None:
    more = EXTRAS | {"finance": changes["finance"] | TAX} if extras else {}
    plan = plan_of(folder, changes | more)
    outcome = Outcome(plan.answer, plan.built)
    study = Study(plan.built.model.case, plan.built, {"plan": outcome}, {}, Live(plan.built.arrays))
    found = service_costs(study, outcome)
    paid = [one["usd"] for one in found["workloads"]]
    size = max(1.0, float(plan.ledger["cost_usd"].abs().sum()))
    total = float(plan.ledger["cost_usd"].sum())
    assert sum(paid) + found["unallocated_usd"] == pytest.approx(total, rel=1e-9, abs=1e-9 * size)
    for one in found["workloads"]:
        assert sum(one["by_component"].values()) == pytest.approx(one["usd"], rel=1e-9, abs=1e-9 * size)
    for team in found["teams"]:
        assert sum(year["usd"] for year in team["by_year"]) == pytest.approx(team["usd"], rel=1e-9, abs=1e-9 * size)
    components: Counter[str] = Counter()
    for one in found["workloads"]:
        components.update(one["by_component"])
    if abs(found["unallocated_usd"]) < _SMALL:
        ledger = plan.ledger.groupby("component")["cost_usd"].sum()
        assert {name: components[name] for name in ledger.index} == pytest.approx(ledger.to_dict(), abs=1e-9 * size)
    if not (changes.get("existing_servers") or changes.get("existing_commitments")) and any(paid):
        assert abs(found["unallocated_usd"]) < _SMALL  # only what was there before can be of use to nobody
