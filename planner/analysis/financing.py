"""Ways to pay for servers beside each other: what one server costs, at the cost of capital and at that of debt."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.costs import TAXES, CostLines
from planner.costs.financing import financed, payment
from planner.costs.lines import discount
from planner.finance import discount_factors, monthly_factor
from planner.program import Floats
from planner.scenario.finance_schema import CASH, FinanceLease, Loan
from planner.units import MONTHS_PER_YEAR

_PAID = {
    "servers", "negotiated_servers", "resale",
    "loan_proceeds", "loan_principal", "loan_interest", "lease_payments", "financing_fees",
}  # fmt: skip
"""What differs by the way to pay; the rest of a server is paid at once in all of them."""


def ways_to_pay(study: Study) -> list[dict[str, Any]]:
    """Return a row for each server type and way to pay, cash first; none where cash is the only way.

    A server is ordered as soon as it can be, in every way, and kept for as long as it may, within the horizon: price,
    debt, lease payments, resale, and their taxes; a lease is paid to the end of its term, also after the horizon. It
    may end sooner, so there is the cost by month of service too, as the equal payment at the start of each month that
    is worth the same.

    The test of lease or buy discounts at the after-tax cost of debt, not at the cost of capital: the payments are as
    certain as those of a debt, and each takes the place of borrowing, whose interest is deducted (Myers, Dill and
    Bautista, *Valuation of financial lease contracts*, 1976; Brealey, Myers, Allen, *Principles of Corporate Finance*,
    chapter 25). The rate is that of the cheapest loan, of the cheapest finance lease where there is no loan.
    """
    case, model, x = study.case, study.built.model, study.plan.answer.x
    if not case.scenario.financing:
        return []
    debt, lines = cost_of_debt(study), _lines(study)
    at_wacc = _by_column(study, lines, case.wacc)
    at_debt = None if debt is None else _by_column(study, lines, debt)
    buy, kept = model["buy"].view.columns, model["kept"].view.columns
    first: dict[tuple[int, int], int] = {}
    for h, cohort in enumerate(model.cohorts):
        key = cohort.server, cohort.way
        if cohort.fixed is None and (key not in first or cohort.ordered < model.cohorts[first[key]].ordered):
            first[key] = h
    rows = []
    for (k, way), h in sorted(first.items()):
        cohort, terms, server = model.cohorts[h], case.ways[way], case.servers[k]
        price = float(server.purchase.values[cohort.ordered])
        months = min(cohort.retires, case.horizon) - cohort.in_service
        row = {
            "server": server.id, "name": case.way_name(way), "kind": CASH if terms is None else terms.kind,
            "term_months": None if terms is None else terms.term_months,
            "rate_fraction": None if terms is None else float(terms.rate_fraction),
            "usd_per_server": price, "monthly_usd_per_server": None if terms is None else price * payment(terms),
            "financed_usd_per_server": 0.0 if terms is None else price * financed(terms),
            "service_months": months, "debt_rate_fraction": debt,
        }  # fmt: skip
        for by_column, rate, name in ((at_wacc, case.wacc, ""), (at_debt, debt, "_at_debt")):
            present = None
            if by_column is not None and rate is not None:
                present = float(by_column[buy[h]] + by_column[kept[h]]) / monthly_factor(rate, cohort.ordered)
            row[f"present{name}_usd_per_server"] = present
            lead = cohort.in_service - cohort.ordered
            row[f"service_month{name}_usd_per_server"] = (
                None if present is None or rate is None
                else present / float(discount_factors(rate, lead + months, "start")[lead:].sum())
            )  # fmt: skip
        mine = [(one.server, one.way) == (k, way) and one.fixed is None for one in model.cohorts]
        rows.append(row | {"chosen_servers": float(x[buy][mine].sum())})
    return rows


def cost_of_debt(study: Study) -> float | None:
    """Effective annual rate after tax at which the company borrows; None where the scenario has no debt."""
    case, tax = study.case, study.case.scenario.finance.tax
    for kind in (Loan, FinanceLease):
        rates = [float(one.rate_fraction) for one in case.scenario.financing if isinstance(one, kind)]
        if rates:
            after_tax = min(rates) * (1 - float(tax.rate_fraction) if tax else 1.0)
            return float((1 + after_tax / MONTHS_PER_YEAR) ** MONTHS_PER_YEAR - 1)
    return None


def _lines(study: Study) -> list[CostLines]:
    """Cost lines that differ by the way to pay, and taxes on them alone."""
    paid = [one for one in study.built.lines if one.component in _PAID]
    if study.case.scenario.finance.tax is None:
        return paid
    return [*paid, *(part for tax in TAXES for part in tax(study.built.model, paid))]


def _by_column(study: Study, lines: list[CostLines], rate: float) -> Floats:
    """Present USD by column, discounted to the start."""
    result = np.zeros(len(study.built.arrays.cost))
    early = study.case.scenario.finance.running_costs == "start_of_month"
    for one in lines:
        factor = discount(one, study.case.horizon, rate, "start" if early else "end")
        np.add.at(result, one.view.columns, one.view.coefficients * one.usd * factor)
    return result
