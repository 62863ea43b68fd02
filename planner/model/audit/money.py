"""Audit of what the ledger says of debt and taxes, from what was ordered and is owned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from planner.finance.depreciation import declining_balance, macrs, straight_line, with_bonus
from planner.model.audit.facts import Facts, Floats, difference, total
from planner.model.audit.given import records, way_to_pay
from planner.scenario.finance_schema import FinanceLease, Loan, OperatingLease, Tax
from planner.units import MONTHS_PER_YEAR, fiscal_year, month_label


def debts_are_settled(facts: Facts) -> float:
    """−Σ loan proceeds = Σ_h amount financed[h] · buy[h] = Σ principal paid, less what was owed at the start.

    In units of the dearest server.
    """
    bought = total(facts.table("buy", "h"), "value", h=len(facts.plan.cohorts))
    lent, owed, dearest = 0.0, 0.0, 1.0
    for cohort, count in zip(records(facts.plan.cohorts), bought.tolist(), strict=True):
        terms = way_to_pay(facts, cohort)
        if isinstance(terms, Loan | FinanceLease):
            if not pd.isna(cohort["fixed"]):
                owed += count * float(cohort["usd_paid"]) * _still_owed(terms, cohort)
                dearest = max(dearest, float(cohort["usd_paid"]))
                continue
            price = float(facts.case.servers[cohort["server"]].purchase.values[int(cohort["ordered"])])
            paid_down = float(terms.down_payment_fraction) if isinstance(terms, Loan) else 0.0
            lent, dearest = lent + count * price * (1 - paid_down), max(dearest, price)
    told = [-_usd(facts, "loan_proceeds"), _usd(facts, "loan_principal") - owed]
    return difference(np.array(told) / dearest, lent / dearest)


def _still_owed(terms: Loan | FinanceLease, cohort: Mapping[str, Any]) -> float:
    """Principal that is owed at the start, as a fraction of the price: payments so far, one by one."""
    owed = 1 - float(terms.down_payment_fraction) if isinstance(terms, Loan) else 1.0
    balloon = 0.0 if isinstance(terms, Loan) else float(terms.buyout_fraction)
    rate, months = float(terms.rate_fraction) / MONTHS_PER_YEAR, terms.term_months
    early = not isinstance(terms, Loan) and terms.payments == "in_advance"
    begins = int(cohort["ordered"] if isinstance(terms, Loan) else cohort["in_service"])
    paid = min(-begins, months)
    worth = sum((1 + rate) ** -(n + (not early)) for n in range(months))
    payment = (owed - balloon * (1 + rate) ** -months) / worth
    for n in range(paid):
        owed += (0.0 if early and not n else rate * owed) - payment
    return 0.0 if -begins > months or (-begins == months and not early) else owed


def tax_is_the_rate_of_what_is_deducted(facts: Facts) -> float:
    """Σ tax = −rate · (all that is expensed, spread, capitalised or brought by sales + basis left at the start).

    Whatever the schedule, everything is deducted in the end. The difference is told as a fraction of all payments.
    """
    tax, ledger = facts.case.scenario.finance.tax, facts.ledger
    if tax is None:
        return difference(_usd(facts, "tax", "category"), 0.0)
    deducted = float(ledger.loc[ledger["treatment"] != "neither", "cost_usd"].sum()) + _left_at_start(facts, tax)
    gross = max(1.0, float(ledger["cost_usd"].abs().sum()))
    return difference(_usd(facts, "tax", "category") / gross, -float(tax.rate_fraction) * deducted / gross)


def _usd(facts: Facts, named: str, column: str = "component") -> float:
    return float(facts.ledger.loc[facts.ledger[column] == named, "cost_usd"].sum())


def _left_at_start(facts: Facts, tax: Tax) -> float:
    """USD of what was owned before the plan that tax years before it have not deducted."""
    start, first, left = facts.case.scenario.start, facts.case.scenario.fiscal_year_starts, 0.0
    for held in facts.case.existing_servers:
        if isinstance(facts.case.ways[held.way], OperatingLease):
            continue
        since = month_label(start, held.since)
        past = max(0, fiscal_year(start, first) - fiscal_year(since, first))
        months = MONTHS_PER_YEAR - (int(since.split("-")[1]) - first) % MONTHS_PER_YEAR
        left += held.count * held.usd * (1 - float(_fractions(tax, months)[:past].sum()))
    return left


def _fractions(tax: Tax, months: int) -> Floats:
    """Fractions of the basis by tax year; the first has `months` months."""
    rule, bonus = tax.depreciation, float(tax.bonus_fraction)
    if rule.life_years is None:
        return with_bonus(macrs(int(rule.method.removeprefix("macrs_"))), bonus)
    if rule.method == "straight_line":
        return with_bonus(straight_line(rule.life_years, months), bonus)
    return with_bonus(declining_balance(rule.life_years, float(rule.declining_factor), months), bonus)
