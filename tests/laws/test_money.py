"""What must hold of taxes, statements and returns, on small random relaxations before and after tax."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.analysis.options import BASELINES, OPTIONS
from planner.analysis.returns import finance
from planner.analysis.study import Study, solve_case
from planner.analysis.tco import tco
from planner.costs.tax import basis_at_start
from planner.model.audit import audit
from planner.model.build import build
from planner.model.highs import Live
from planner.model.solve import Effort, solve
from tests.laws.cases import KINDS, QUICK, Changes, at_most, cost_of, hundredths, paid, plan_of, same, scenarios
from tests.laws.test_laws import lengthened
from tests.small import small, solved

FEW = settings(QUICK, max_examples=12)
METHODS = ("macrs_3", "macrs_5", "macrs_7", "straight_line", "declining_balance")


@st.composite
def taxes(draw: st.DrawFn) -> Changes:
    """Settings of finance: a tax with some schedule, and perhaps a book life."""
    method = draw(st.sampled_from(METHODS))
    life = {} if method.startswith("macrs") else {"life_years": draw(st.integers(1, 6))}
    tax = {"rate_fraction": draw(hundredths(0, 0.6)), "depreciation": {"method": method, **life},
           "bonus_fraction": draw(st.sampled_from([0, 0.4, 1])), "source": "drawn"}  # fmt: skip
    return {"wacc_is": draw(st.sampled_from(["after_tax", "pre_tax"])), "tax": tax}


@st.composite
def books(draw: st.DrawFn) -> Changes:
    book = {"life_months": draw(st.integers(1, 60)), "residual_fraction": draw(hundredths(0, 0.5)), "source": "drawn"}
    return {"book": book} if draw(st.booleans()) else {}


@st.composite
def taxed(draw: st.DrawFn, always: bool = False, **kinds: Any) -> Changes:
    """A random scenario in any fiscal year, with a contingency, after tax or (unless `always`) perhaps before."""
    changes = draw(scenarios(**kinds))
    settings_ = draw(taxes()) if always or draw(st.booleans()) else {}
    return {
        **changes, "finance": {**changes["finance"], **settings_, **draw(books())},
        "fiscal_year_starts": draw(st.integers(1, 12)), "contingency_fraction": draw(st.sampled_from([0, 0.1])),
    }  # fmt: skip


def study_of(folder: Path, changes: Changes) -> Study:
    return solve_case(small(folder, **changes), Effort(gap=1e-9))


@FEW
@given(changes=st.one_of(taxed(), paid(taxed())))
def test_both_statements_sum_to_the_cost(changes: Changes, folder: Path) -> None:
    """Cash by its parts, in nominal and in present dollars; profit and loss over all years, whatever book life is."""
    study = study_of(folder, changes)
    found = finance(study)["statements"]
    for name, outcome in study.outcomes.items():
        if outcome is None:
            assert found[name] is None
            continue
        total, gross = tco(study, outcome), float(outcome.ledger["cost_usd"].abs().sum())
        close: Any = lambda value, gross=gross: pytest.approx(value, rel=1e-9, abs=1e-9 * max(gross, 1))  # noqa: E731
        cash, books = found[name]["cash"], found[name]["profit_and_loss"]
        for row in cash:
            parts = [usd for key, usd in row.items() if key.endswith("_usd")]
            assert sum(parts[:-3]) == close(row["net_usd"])
        for row in books:
            assert sum(usd for key, usd in row.items() if key.endswith("_usd")) == close(2 * row["total_usd"])
        assert sum(row["net_usd"] for row in cash) == close(cash[-1]["cumulative_usd"]) == close(total["total_usd"])
        assert sum(row["present_usd"] for row in cash) == close(total["present_usd"])
        assert sum(row["total_usd"] for row in books) == close(total["total_usd"])
        assert sum(row["tax_usd"] for row in cash) == close(total["tax_usd"])


@FEW
@given(changes=st.one_of(taxed(), paid(taxed())))
def test_net_present_value_is_the_difference_of_present_costs(changes: Changes, folder: Path) -> None:
    study = study_of(folder, changes)
    found = finance(study)
    for option in OPTIONS:
        for baseline in BASELINES:
            one, other = study.outcomes[option], study.outcomes[baseline]
            if one is None or other is None:
                continue
            gross = sum(float(each.ledger["cost_usd"].abs().sum()) for each in (one, other))
            saved = float(other.ledger["present_usd"].sum() - one.ledger["present_usd"].sum())
            assert found[option][baseline]["npv_usd"] == pytest.approx(saved, abs=1e-9 * max(gross, 1))


@settings(QUICK, max_examples=25)
@given(changes=st.one_of(taxed(always=True), paid(taxed(always=True))))
def test_tax_is_the_rate_of_all_that_is_deductible(changes: Changes, folder: Path) -> None:
    """Over all tax years, with everything sold at the end, whatever the schedule: no more, no less.

    What was owned before the plan adds what its earlier tax years have not deducted.
    """
    plan = plan_of(folder, changes)
    rate, ledger = changes["finance"]["tax"]["rate_fraction"], plan.ledger
    deducted = float(ledger.loc[ledger["treatment"] != "neither", "cost_usd"].sum()) + basis_at_start(plan.built.model)
    paid = float(ledger.loc[ledger["category"] == "tax", "cost_usd"].sum())
    assert paid == pytest.approx(-rate * deducted, rel=1e-9, abs=1e-9 * float(ledger["cost_usd"].abs().sum() + 1))


@settings(QUICK, max_examples=25)
@given(changes=paid(taxed()))
def test_the_ledger_of_what_is_paid_over_time_is_the_objective_and_sound(changes: Changes, folder: Path) -> None:
    case = small(folder, **changes)
    plan = solved(case)
    gross = float(plan.ledger["present_usd"].abs().sum())
    assert plan.ledger["present_usd"].sum() == pytest.approx(plan.answer.objective, abs=1e-9 * max(gross, 1))
    found = audit(case, plan.quantities, plan.ledger)
    assert max(found.values()) <= 1e-6, found


@pytest.mark.parametrize("end", ["liquidate", "continue"])
@settings(QUICK, max_examples=15)
@given(data=st.data(), months=st.integers(1, 3))
def test_months_without_demand_change_nothing_after_tax(
    end: str, data: st.DataObject, months: int, folder: Path
) -> None:
    """No decision and no cost, while no tax year ends in between: a sale put off to the next one puts off its tax."""
    kinds = KINDS if end == "liquidate" else KINDS[:2]
    changes = {**data.draw(taxed(always=True, kinds=kinds, held=end == "liquidate")), "horizon_end": end}
    changes["fiscal_year_starts"] = data.draw(st.sampled_from([1, 8, 9, 10, 11, 12]))
    short = plan_of(folder, changes)
    built = build(small(folder, **lengthened(changes, months)))
    arrays = built.arrays
    longer = solve(built, Live(arrays), arrays.lower, arrays.upper, Effort(gap=1e-9))
    assert longer is not None
    assert longer.objective == same(short.answer.objective)


@FEW
@given(changes=taxed(always=True), months=st.integers(1, 3))
def test_more_months_without_demand_never_cost_more(changes: Changes, months: int, folder: Path) -> None:
    """Whatever tax years end in between: what is sold at the end can be sold then all the same."""
    changes = {**changes, "horizon_end": "liquidate"}
    assert cost_of(folder, lengthened(changes, months)) <= at_most(cost_of(folder, changes))


@FEW
@given(changes=taxed(always=True))
def test_figures_of_an_investment_agree(changes: Changes, folder: Path) -> None:
    """Index above 1, equal yearly amount above 0 and modified rate above the discount rate: all say NPV above 0."""
    found = finance(study_of(folder, changes))
    for option in OPTIONS:
        for one in (found[option] or {}).values():
            if one is None or not one["npv_usd"]:
                continue
            sign = np.sign(one["npv_usd"])
            assert np.sign(one["equivalent_annual_usd"]) == sign
            if one["profitability_index"] is not None:
                assert np.sign(one["profitability_index"] - 1) == sign
            if one["mirr"] is not None:
                assert np.sign(one["mirr"] - found["wacc_fraction"]) == sign
            assert one["irr"] is None or [rate for rate in one.get("irr_roots", ()) if rate > 0] in ([], [one["irr"]])
            assert one["payback_months"] != 0 or (one["irr"], one["mirr"], one["profitability_index"]) == (None,) * 3
