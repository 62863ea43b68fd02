"""Ways to pay for servers, as decisions: what they cost, which is chosen, and how they end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from planner.analysis.decisions import decisions
from planner.analysis.given import solve_given
from planner.analysis.returns import profile
from planner.analysis.statements import statements
from planner.analysis.study import Study
from planner.analysis.tco import tco
from planner.case import Case
from planner.errors import InputError
from planner.finance import amortisation, breakeven_months, level_payment, monthly_factor
from planner.model.audit import audit
from planner.model.solve import Effort
from tests.small import SERVER, SITE, WHOLE, Solved, serving, small, solved

EXACT = Effort(gap=1e-9)
WORTHLESS = {f"{SERVER}/resale_fraction/{age}": 0 for age in (12, 24, 36, 48, 60)}
HALF = {f"{SERVER}/resale_fraction/{age}": 0.5 for age in (12, 24, 36, 48, 60)}
WACC = 0.1
SAME_RATE = 12 * ((1 + WACC) ** (1 / 12) - 1)
"""Nominal per year, compounded monthly, worth 10 % effective."""
TAX = {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "source": "by hand"}
AFTER_TAX = {"wacc_fraction": WACC, "wacc_is": "after_tax", "tax": TAX, "source": "by hand"}
TERMS: dict[str, dict[str, Any]] = {
    "loan": {},
    "operating_lease": {"residual_fraction": 0.5},
    "finance_lease": {"buyout_fraction": 0.1},
}


def way(kind: str, rate: float, months: int = 24, **terms: Any) -> dict[str, Any]:
    return {"name": kind.replace("_", "-"), "kind": kind, "term_months": months, "rate_fraction": rate,
            "source": "by hand", **TERMS[kind], **terms}  # fmt: skip


def own(tmp_path: Path, *ways: dict[str, Any], cash: bool = True, tax: bool = False, **changes: Any) -> Case:
    """A year of 8 GPUs, for which a server is bought; with `ways` to pay."""
    finance: dict[str, Any] = {"wacc_fraction": WACC, "source": "by hand"}
    if tax:
        finance |= {"wacc_is": "after_tax", "tax": TAX}
    changes = {"horizon_months": 12, "finance": finance} | changes
    servers = {"consider": [SERVER], "cash": cash, **changes.pop("servers", {})}
    prices = HALF | changes.pop("prices", {})
    return small(tmp_path, sites=[{"id": SITE}], servers=servers, financing=list(ways), prices=prices, **changes)


def cost(case: Case) -> float:
    return solved(case).answer.objective


def ways_chosen(plan: Solved) -> set[str]:
    model, bought = plan.built.model, plan.answer.x[plan.built.model["buy"].view.columns]
    return {model.case.way_name(one.way) for one, count in zip(model.cohorts, bought, strict=True) if count > 0.5}


def check(case: Case, plan: Solved) -> None:
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= 1e-6
    assert plan.ledger["present_usd"].sum() == pytest.approx(plan.answer.objective)


@pytest.mark.parametrize("months", [6, 12, 36])
def test_a_loan_at_the_cost_of_capital_costs_what_cash_costs(months: int, tmp_path: Path) -> None:
    loan = way("loan", SAME_RATE, months, down_payment_fraction=0.2)
    assert cost(own(tmp_path, loan, cash=False)) == pytest.approx(cost(own(tmp_path)))


def test_a_finance_lease_in_advance_at_the_cost_of_capital_costs_what_cash_costs(tmp_path: Path) -> None:
    for payments in ("in_advance", "in_arrears"):
        lease = way("finance_lease", SAME_RATE, 36, payments=payments)
        assert cost(own(tmp_path, lease, cash=False)) == pytest.approx(cost(own(tmp_path)))


@pytest.mark.parametrize("kind", ["finance_lease", "operating_lease"])
@pytest.mark.parametrize("payments", ["in_advance", "in_arrears"])
def test_no_credit_is_free_of_interest_before_delivery(kind: str, payments: str, tmp_path: Path) -> None:
    """The lessor pays the supplier with the order, so that at the cost of capital it is never better to pay later."""
    late = {"prices": {f"{SERVER}/lead_time_months": 3, **WORTHLESS}, "horizon_end": "liquidate"}
    value = {"residual_fraction": 0} if kind == "operating_lease" else {}
    lease = own(tmp_path, way(kind, SAME_RATE, 9, payments=payments, **value), cash=False, **late)
    assert cost(lease) == pytest.approx(cost(own(tmp_path, **late)))


def test_a_finance_lease_without_buy_out_is_a_loan_from_delivery_on(tmp_path: Path) -> None:
    lease = way("finance_lease", 0.2, buyout_fraction=0, payments="in_arrears")
    assert cost(own(tmp_path, lease, cash=False, tax=True)) == pytest.approx(
        cost(own(tmp_path, way("loan", 0.2), cash=False, tax=True))
    )


@pytest.mark.parametrize(("rate", "chosen"), [(SAME_RATE - 0.01, "loan"), (SAME_RATE + 0.01, "cash")])
@pytest.mark.parametrize("tax", [False, True])
def test_the_cheaper_way_is_chosen(rate: float, chosen: str, tax: bool, tmp_path: Path) -> None:
    rate = rate / 0.75 if tax else rate  # interest is deducted
    case = own(tmp_path, way("loan", rate), tax=tax, servers={"order_until": "2027-01"})
    plan = solved(case)
    check(case, plan)
    assert ways_chosen(plan) == {chosen}


def test_a_lease_is_chosen_where_resale_is_bad_and_the_need_is_short(tmp_path: Path) -> None:
    # A year at (100,000 − 50,000) ÷ 12 and 6 % on what is out, against 100,000 that are worth nothing afterwards.
    lease = way("operating_lease", 0.06, 12)
    assert ways_chosen(solved(own(tmp_path, lease, prices=WORTHLESS))) == {"operating-lease"}
    assert ways_chosen(solved(own(tmp_path, {**lease, "rate_fraction": 0.2}))) == {"cash"}


def test_a_lease_ends_with_its_term_and_is_not_sold(tmp_path: Path) -> None:
    case = own(tmp_path, way("operating_lease", 0, 8, payments="in_arrears"), cash=False,
               servers={"order_until": "2027-01"})  # fmt: skip
    plan = solved(case)
    check(case, plan)
    paid = plan.ledger.groupby("component")["cost_usd"].sum()
    assert paid["lease_payments"] == pytest.approx(50_000)
    assert paid["on_demand"] == pytest.approx(4 * 8 * 4 * 730)
    assert "resale" not in paid and "servers" not in paid
    assert not plan.built.model.has("sell")


@pytest.mark.parametrize("kind", ["loan", "finance_lease"])
def test_debt_is_settled_when_its_server_is_sold(kind: str, tmp_path: Path) -> None:
    work = serving()
    work["demand"]["growth"] = {"monthly_factors": [1] * 3 + [0] * 9}
    prices = {f"{SERVER}/support_fraction_per_year": 0.12, f"{SERVER}/purchase_usd_per_server": 20_000}
    case = own(tmp_path, way(kind, 0.12, 24), cash=False, workloads=[work], prices=prices)
    plan = solved(case)
    check(case, plan)
    lines = plan.ledger[plan.ledger["component"] == "loan_principal"].groupby(["month", "timing"])["cost_usd"].sum()
    lease = kind == "finance_lease"
    due = amortisation(20_000, 0.01, 24, 2_000 if lease else 0, in_advance=lease)
    assert lines[(1, "start") if lease else (0, "year_end")] == pytest.approx(due.principal[1])
    assert lines[3, "start"] == pytest.approx(due.principal_owed[3])
    assert max(month for (month, _), usd in lines.items() if abs(usd) > 1e-6) == 3


def test_the_audit_knows_when_a_server_may_be_sold(tmp_path: Path) -> None:
    work = serving()
    work["demand"]["growth"] = {"monthly_factors": [1] * 3 + [0] * 9}
    prices = {f"{SERVER}/support_fraction_per_year": 0.12, f"{SERVER}/purchase_usd_per_server": 20_000}
    case = own(tmp_path, way("finance_lease", 0.12), way("operating_lease", 0.12), cash=False, workloads=[work],
               prices=prices)  # fmt: skip
    plan = solved(case)
    tables, cohorts = plan.quantities.tables, plan.quantities.cohorts
    early = replace(plan.quantities, tables={**tables, "sell": tables["sell"].assign(t=0)})
    given_back = replace(plan.quantities, cohorts=cohorts.assign(way=2, retires=cohorts["in_service"] + 24))
    for wrong, expected in ((plan.quantities, 0), (early, 1), (given_back, 1)):
        assert audit(case, wrong, plan.ledger)["orders_are_possible"] == expected


@pytest.mark.parametrize("end", ["continue", "liquidate"])
@pytest.mark.parametrize("kind", TERMS)
def test_months_without_need_change_nothing_where_credit_is_dear(kind: str, end: str, tmp_path: Path) -> None:
    """Whatever the term: longer than the need, longer than the horizon."""
    found = []
    for horizon in (4, 9):
        work = serving()
        work["demand"]["growth"] = {"monthly_factors": [1] * 4 + [0] * (horizon - 4)}
        prices = {f"{SERVER}/purchase_usd_per_server": 40_000}
        if kind != "operating_lease":  # which must be kept, and supported, to the end of its term
            prices[f"{SERVER}/support_fraction_per_year"] = 0.06
        case = own(tmp_path, way(kind, 0.15, 12), cash=False, workloads=[work], horizon_months=horizon, prices=prices,
                   horizon_end=end)  # fmt: skip
        found.append(solved(case))
        assert ways_chosen(found[-1]) == {kind.replace("_", "-")}
    assert found[0].answer.objective == pytest.approx(found[1].answer.objective)


@pytest.mark.parametrize("kind", TERMS)
def test_doubling_all_money_doubles_the_cost(kind: str, tmp_path: Path) -> None:
    ways = (way(kind, 0.07, 9, fee_fraction=0.01),)
    prices = {f"{SERVER}/support_fraction_per_year": 0.12, f"{SERVER}/spare_parts_fraction": 0.05}
    once = cost(own(tmp_path, *ways, cash=False, tax=True, prices=prices))
    offer = "lambda-h100-sxm/on_demand_usd_per_gpu_hour"
    twice = own(tmp_path, *ways, cash=False, tax=True,
                prices=prices | {f"{SERVER}/purchase_usd_per_server": 200_000, offer: 8})  # fmt: skip
    assert cost(twice) == pytest.approx(2 * once)


def given(kind: str, **more: Any) -> dict[str, Any]:
    return {"purchases": [{"server": SERVER, "site": SITE, "month": "2027-01", "servers": 1, **more,
                           "financing": kind.replace("_", "-")}]}  # fmt: skip


def study_of(tmp_path: Path, kind: str, months: int, term: int = 48, end: str = "continue", **changes: Any) -> Study:
    ways = [] if kind == "cash" else [way(kind, 0.08, term, fee_fraction=0.01)]
    case = own(tmp_path, *ways, horizon_months=months, horizon_end=end, **{"tax": True, **changes})
    upfront = {"term": f"{WHOLE}/36m-all-upfront", "month": "2028-01", "instances": 1}
    return solve_given(case, given(kind) | ({"commitments": [upfront]} if "offers" in changes else {}), EXACT)


FIT_OUT = {"project": [{"name": "room", "category": "fit_out", "usd_per_month": 50_000, "when": "if_bought",
                        "site": SITE, "source": "by hand"}]}  # fmt: skip
UPFRONT = {"offers": {"consider": [WHOLE]}, "prices": {f"{WHOLE}/36m-all-upfront/usd_per_gpu_hour": 1}}


@pytest.mark.parametrize("tax", [False, True])
@pytest.mark.parametrize(
    ("kind", "term", "more"),
    [("cash", 0, FIT_OUT), ("cash", 0, UPFRONT), ("loan", 48, {}), ("loan", 24, {}), ("finance_lease", 48, {}),
     ("operating_lease", 24, {}), ("operating_lease", 48, {})],
    ids=lambda one: str(one) if isinstance(one, (str, int)) else "".join(one),
)  # fmt: skip
def test_the_figure_of_36_months_is_that_of_the_plan_of_36_months(
    kind: str, term: int, more: dict[str, Any], tax: bool, tmp_path: Path
) -> None:
    # The tax year that month 36 falls into ends three months before it.
    found = [study_of(tmp_path, kind, months, term, tax=tax, fiscal_year_starts=10, **more) for months in (48, 36)]
    longer, shorter = (tco(one, one.plan)["months_36"] for one in found)
    assert longer == pytest.approx(shorter)
    assert (longer["debt_usd"] > 0) == (kind in ("loan", "finance_lease") and term > 36)
    assert (longer["obligations_usd"] > 0) == (kind == "operating_lease" and term > 36)
    paid = set(found[0].plan.ledger["component"])
    assert bool(paid & {"project_fit_out", "commitments"}) == bool(more)


def test_a_lease_is_owed_however_the_horizon_ends(tmp_path: Path) -> None:
    found = [study_of(tmp_path, "operating_lease", 36, 48, end) for end in ("continue", "liquidate")]
    totals = [tco(one, one.plan) for one in found]
    assert totals[0] == totals[1]
    assert totals[0]["by_component"]["lease_payments"] == pytest.approx(
        48 * level_payment(100_000, 0.08 / 12, 48, 50_000, in_advance=True)
    )
    assert totals[0]["obligations_after_horizon_usd"] == 0


@pytest.mark.parametrize(("term", "residual", "chosen"), [(60, 0, "cash"), (3, 0.9, "operating-lease")])
def test_a_lease_longer_than_the_need_is_not_cheap(term: int, residual: float, chosen: str, tmp_path: Path) -> None:
    lease = way("operating_lease", 0.05, term, residual_fraction=residual)
    prices = {f"{SERVER}/purchase_usd_per_server": 80_000}
    assert ways_chosen(solved(own(tmp_path, lease, horizon_months=3, prices=prices))) == {chosen}


def test_interest_counts_in_the_month_that_it_is_for(tmp_path: Path) -> None:
    """What is settled at the end of life, which is that of a year, is deducted for it; so does the horizon there."""
    found = []
    for horizon in (12, 24):
        study = study_of(tmp_path, "finance_lease", horizon, 24, prices=WORTHLESS | {
            f"{SERVER}/useful_life_months": 12}, servers={"order_until": "2027-01"},
            finance=AFTER_TAX | {"book": {"life_months": 12, "source": "by hand"}})  # fmt: skip
        ledger = study.plan.ledger
        interest = ledger.loc[ledger["component"] == "loan_interest", "cost_usd"].sum()
        year = statements(study)["plan"]["profit_and_loss"][0]
        assert year["interest_usd"] == pytest.approx(interest + 1_000)  # the fee
        relief = (ledger["component"] == "tax_relief") & ledger["source"].str.contains("scenario financing")
        found.append((interest, ledger.loc[relief & (ledger["month"] < 12), "cost_usd"].sum()))
        assert found[-1][1] == pytest.approx(-0.25 * (interest + 1_000))
    assert found[0] == pytest.approx(found[1])


def test_what_a_lease_owes_before_delivery(tmp_path: Path) -> None:
    """Payments of the term, and a lessor's interest for the months of lead time that are still to come."""
    late = {"prices": {f"{SERVER}/lead_time_months": 3}}
    study = study_of(tmp_path, "operating_lease", 36, 12, **late)
    term = 12 * level_payment(100_000, 0.08 / 12, 12, 50_000, in_advance=True)
    interest = 100_000 * 0.08 / 12
    assert study.plan.ledger.groupby("component")["cost_usd"].sum()["lease_payments"] == pytest.approx(
        term + 3 * interest
    )


def test_debt_is_no_gain(tmp_path: Path) -> None:
    """Breakeven before resale counts what is still owed: without interest it is that of paying at once or later."""
    months = []
    for kind in ("cash", "loan"):
        case = own(tmp_path, way("loan", 0, 120), finance={"wacc_fraction": 0, "source": "by hand"})
        plan = solve_given(case, given(kind), EXACT).plan.ledger
        rented = solve_given(case, {}, EXACT).plan.ledger
        ours, theirs = (profile(one, 12, with_resale=False) for one in (plan, rented))
        assert np.sum(ours.start_usd) + np.sum(ours.running_usd) == pytest.approx(100_000)
        months.append(breakeven_months(ours, theirs, include_final=False))
    assert months[0] == pytest.approx(100_000 / (8 * 4 * 730))
    assert months[1] is not None and months[1] <= months[0]


def test_a_purchase_names_its_way(tmp_path: Path) -> None:
    study = study_of(tmp_path, "loan", 12)
    found = decisions(study, study.plan)
    assert [one["financing"] for one in found["purchases"]] == ["loan"]
    again = solve_given(study.case, found, EXACT)
    assert again.plan.answer.objective == pytest.approx(study.plan.answer.objective)
    with pytest.raises(InputError, match=r"purchases\.0\.financing: names nothing"):
        solve_given(study.case, {"purchases": [{**given("loan")["purchases"][0], "financing": "laon"}]}, EXACT)


def test_what_is_financed_is_what_was_negotiated(tmp_path: Path) -> None:
    case = own(tmp_path, way("loan", 0), cash=False)
    listed = case.servers[0].purchase
    agreed = replace(listed, values=0.9 * listed.values, before=((0, listed.values),))
    quote: Any = SimpleNamespace(id="q-1")
    case = replace(case, servers=(replace(case.servers[0], purchase=agreed),), agreements=(quote,))
    paid = solved(case).ledger.groupby("component")["cost_usd"].sum()
    assert (paid["servers"], paid["negotiated_servers"]) == (pytest.approx(100_000), pytest.approx(-10_000))
    assert paid["loan_proceeds"] == pytest.approx(-90_000)


def test_present_cost_by_hand(tmp_path: Path) -> None:
    # A lease of a year, arrears: payments at the ends of months 0 … 11.
    plan = solved(own(tmp_path, way("operating_lease", 0.12, 12, payments="in_arrears"), cash=False))
    payment = (100_000 - 50_000 / 1.01**12) * 0.01 / (1 - 1.01**-12)
    worth = sum(monthly_factor(WACC, month + 1) for month in range(12))
    assert plan.answer.objective == pytest.approx(payment * worth)


def test_lines_move_with_the_price(tmp_path: Path) -> None:
    """Every line names the row of the price, by which the price that changes the answer is found."""
    plan = solved(own(tmp_path, way("loan", 0.05), way("operating_lease", 0.05), way("finance_lease", 0.05)))
    kinds = {"loan_proceeds", "loan_principal", "loan_interest", "lease_payments", "financing_fees"}
    mine = [one for one in plan.built.lines if one.component in kinds]
    assert {one.component for one in mine} == kinds - {"financing_fees"}
    assert all(f"{SERVER}/purchase_usd_per_server" in source for one in mine for source in one.source)
    assert all(np.abs(one.amount).min(initial=1) > 0 for one in mine)


def test_nothing_can_be_paid_without_a_way(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no other way to pay"):
        own(tmp_path, cash=False)
    with pytest.raises(InputError, match="needs another name"):
        own(tmp_path, {**way("loan", 0), "name": "cash"})


@pytest.mark.parametrize(("term", "ordered"), [(2, False), (3, True)])
def test_nothing_is_leased_that_could_not_work(term: int, ordered: bool, tmp_path: Path) -> None:
    case = own(tmp_path, way("operating_lease", 0, term), cash=False, servers={"dual_running_months": 2})
    plan = solved(case)
    check(case, plan)
    assert bool(plan.built.model.cohorts) == ordered
