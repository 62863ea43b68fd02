"""Total cost of ownership of an option: by component, year and kind, all read from its ledger."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.analysis.kinds import AT_WORK
from planner.analysis.study import Outcome, Study
from planner.components import listed
from planner.costs import CostLines
from planner.costs.financing import debt_starts, leased, schedule
from planner.costs.lines import discount
from planner.costs.purchase import price_paid
from planner.costs.tax import basis_at_start, relief_without_servers
from planner.finance import monthly_factor
from planner.program import Floats
from planner.scenario.finance_schema import FinanceLease, Loan
from planner.units import MONTHS_PER_YEAR, fiscal_year_end

PERSONNEL = ("staff", "project_labor")
MONTHS_36 = 36


def tco(study: Study, outcome: Outcome) -> dict[str, Any]:
    """Return the totals of `outcome`, USD; `by_component` sums to `total_usd`."""
    ledger, horizon = outcome.ledger, study.case.horizon
    total = float(ledger["cost_usd"].sum())
    by_component = _sums(ledger, "component")
    years = np.minimum(ledger["month"].to_numpy(int), horizon - 1) // MONTHS_PER_YEAR
    gpu_hours = float(sum(gpu_hours_by_kind(study, outcome).values()))
    result = {
        "total_usd": total,
        "present_usd": float(ledger["present_usd"].sum()),
        "by_component": by_component,
        "present_by_component": _sums(ledger, "component", "present_usd"),
        "by_year": [
            _year(study, int(year), part) for year, part in ledger.groupby(years)
        ],
        **_by_category(ledger),
        "personnel_fraction": _personnel(ledger),
        "usd_per_gpu_hour": total / gpu_hours if gpu_hours else None,
        "gpu_hours": gpu_hours,
        "relative_gap": outcome.answer.relative_gap,
        "obligations_after_horizon_usd": 0.0,
    }  # fmt: skip
    if study.case.scenario.horizon_end == "continue":
        result["obligations_after_horizon_usd"] = obligations(study, outcome, horizon)
    if horizon >= MONTHS_36:
        result["months_36"] = as_if_ended(study, outcome, MONTHS_36)
    return result


def _personnel(ledger: pd.DataFrame) -> float | None:
    """People as a share of what is paid before tax."""
    before_tax = ledger[ledger["category"] != "tax"]
    total = float(before_tax["cost_usd"].sum())
    people = before_tax.loc[before_tax["component"].isin(PERSONNEL), "cost_usd"].sum()
    return float(people) / total if total else None


def _year(study: Study, year: int, ledger: pd.DataFrame) -> dict[str, Any]:
    months = study.case.months
    last = min((year + 1) * MONTHS_PER_YEAR, len(months)) - 1
    return {
        "year": year + 1,
        "months": [months[year * MONTHS_PER_YEAR], months[last]],
        "total_usd": float(ledger["cost_usd"].sum()),
        **_by_category(ledger),
        "by_component": _sums(ledger, "component"),
    }


def gpu_hours_by_kind(study: Study, outcome: Outcome) -> dict[str, float]:
    """GPU-hours that do work, by block of decisions."""
    hours, model, x = study.case.demand.hours, study.built.model, outcome.answer.x
    return {
        name: float((hours[model[name].hourly.keys["g"]] * x[model[name].hourly.columns]).sum())
        for name in AT_WORK
        if model.has(name)
    }


def as_if_ended(study: Study, outcome: Outcome, month: int) -> dict[str, float]:
    """Return what the plan has cost if it were liquidated at `month`: servers sold, debt and commitments paid out.

    Leases run on: they are paid in their months, and what is deducted over years still is. At the horizon
    itself this is the plan's own total.
    """
    case, ledger = study.case, outcome.ledger
    ended = ledger["timing"] == "horizon"
    if month == case.horizon:
        at_end, after = ledger[ended], ledger[~ended & (ledger["category"] == "opex") & (ledger["month"] >= month)]
        return {"total_usd": float(ledger["cost_usd"].sum()), "present_usd": float(ledger["present_usd"].sum()),
                "resale_usd": float(at_end.loc[at_end["component"] == "resale", "cost_usd"].sum()),
                "debt_usd": float(at_end.loc[at_end["category"] == "financing", "cost_usd"].sum()),
                "obligations_usd": float(after["cost_usd"].sum())}  # fmt: skip
    before = ledger[(ledger["month"] < month) & ~ended]
    worth, owed = servers_worth(study, outcome, month), obligations(study, outcome, month)
    principal, interest = debt(study, outcome, month)
    settled_usd, paid = owed - worth + principal + interest, monthly_factor(case.wacc, month)
    leases, relieved = _leases(study, month), relief_without_servers(study.built.model, _going_on(study, month))
    rest, rest_present = _later(study, outcome, leases, month)
    later, later_present = _later(study, outcome, relieved, month)
    tax = _tax_still_due(study, before, owed - worth + interest + rest) - later
    settled = fiscal_year_end(month - 1, case.scenario.start, case.scenario.fiscal_year_starts) + 1
    return {
        "total_usd": float(before["cost_usd"].sum()) + settled_usd + rest + tax + later,
        "present_usd": float(before["present_usd"].sum())
        + paid * settled_usd
        + monthly_factor(case.wacc, settled) * tax
        + rest_present
        + later_present,
        "resale_usd": -worth,
        "debt_usd": principal + interest,
        "obligations_usd": owed + rest,
    }


def _leases(study: Study, month: int) -> list[CostLines]:
    """Payments for the operating leases that were ordered before `month`."""
    ordered = np.array([cohort.ordered for cohort in study.built.model.cohorts], int)
    lines = [one for one in study.built.lines if listed(one.component) == "lease_payments"]
    return [one.where(ordered[one.view.keys["h"]] < month) for one in lines]


def _going_on(study: Study, month: int) -> list[CostLines]:
    """What is deducted in its own time, though all ended at `month`: leases, fees spread over a term, fit-outs."""
    slow = [
        one
        for one in study.built.lines
        if one.treatment == "spread" or (one.treatment == "capitalised" and "h" not in one.view.keys)
    ]
    return [*_leases(study, month), *(one.where(one.month < month) for one in slow)]


def _later(study: Study, outcome: Outcome, lines: list[CostLines], month: int) -> tuple[float, float]:
    """USD, nominal and present, of what `lines` pay from `month` on, at times that no convention moves."""
    total, present = 0.0, 0.0
    for one in lines:
        usd = one.view.coefficients * outcome.answer.x[one.view.columns] * one.usd * (one.month >= month)
        total += float(usd.sum())
        present += float(usd @ discount(one, study.case.horizon, study.case.wacc, "end"))
    return total, present


def _tax_still_due(study: Study, before: pd.DataFrame, at_the_end: float) -> float:
    """USD of tax that is due yet: once everything is sold and paid, all that was spent is deducted.

    What was paid in earlier years for servers that were owned before the plan is deducted too, as far as it was not.
    """
    tax = study.case.scenario.finance.tax
    if tax is None:
        return 0.0
    spent = float(before.loc[before["treatment"] != "neither", "cost_usd"].sum()) + at_the_end
    deducted = -float(before.loc[before["category"] == "tax", "cost_usd"].sum()) / float(tax.rate_fraction or 1)
    return -float(tax.rate_fraction) * (spent + basis_at_start(study.built.model) - deducted)


def servers_worth(study: Study, outcome: Outcome, month: int) -> float:
    """USD that the servers in service at the start of `month` bring, less their removal."""
    model, case = study.built.model, study.case
    left, paid, returned, worth = _left(study, outcome, month), price_paid(model), leased(model), 0.0
    for h, cohort in enumerate(model.cohorts):
        age = month - cohort.in_service
        server = case.servers[cohort.server]
        if left[h] > 0 and month <= cohort.retires:
            removal = server.decommissioning.values[min(month, case.horizon - 1)]
            fraction = 0.0 if returned[h] else server.resale_fraction[max(age, 0)]
            worth += left[h] * (fraction * paid[h] - removal)
    return float(worth)


def debt(study: Study, outcome: Outcome, month: int) -> tuple[float, float]:
    """USD of principal and of accrued interest that settle every loan and finance lease at the start of `month`."""
    model = study.built.model
    left, paid, starts = _left(study, outcome, month), price_paid(model), debt_starts(model)
    principal, interest = 0.0, 0.0
    for h, cohort in enumerate(model.cohorts):
        terms = model.case.ways[cohort.way]
        instant = max(month - int(starts[h]), 0)
        held = left[h] > 0 and month <= cohort.retires
        if held and isinstance(terms, (Loan, FinanceLease)) and instant <= terms.term_months:
            due = schedule(terms)
            principal += left[h] * paid[h] * due.principal_owed[instant]
            interest += left[h] * paid[h] * due.interest_owed[instant]
    return float(principal), float(interest)


def _left(study: Study, outcome: Outcome, month: int) -> Floats:
    """Servers ordered before `month` and not sold before it, by cohort h."""
    model, x = study.built.model, outcome.answer.x
    left = np.where([cohort.ordered < month for cohort in model.cohorts], x[model["buy"].view.columns], 0.0)
    sell = model["sell"].view
    gone = sell.keys["t"] < month
    np.subtract.at(left, sell.keys["h"][gone], x[sell.columns[gone]])
    return left


def obligations(study: Study, outcome: Outcome, month: int) -> float:
    """USD that commitments begun before `month` owe from then on, when paid whether used or not."""
    model, x, case = study.built.model, outcome.answer.x, study.case
    owed = 0.0
    for contract, count in zip(model.contracts, x[model["commit"].view.columns], strict=True):
        if count <= 0 or contract.starts >= month or model.pools[contract.pool].usd_per_hour is not None:
            continue
        rest = sum(case.hours_in(t) for t in range(month, contract.starts + contract.months))
        gpus = case.offers[contract.offer].gpus
        if contract.term is None:
            owed += count * gpus * rest * float(contract.usd_per_hour or 0)
        else:
            term = case.terms[contract.term]
            if term.billed == "term":
                rate = float(term.rate.values[contract.starts])
                owed += count * gpus * rest * rate * (1 - term.upfront_fraction)
    spend = model["spend"].view
    for v, t, column in zip(spend.keys["v"], spend.keys["t"], spend.columns, strict=True):
        plan = case.savings_plans[int(v)]
        if t < month:
            rest = sum(case.hours_in(m) for m in range(month, int(t) + plan.months))
            owed += float(x[column]) * rest * (1 - plan.upfront_fraction)
    return float(owed) * (1 + float(case.scenario.offers.managed_uplift_fraction))


def _by_category(ledger: pd.DataFrame) -> dict[str, float]:
    found = _sums(ledger, "category")
    return {f"{name}_usd": found.get(name, 0.0) for name in ("capex", "opex", "financing", "tax")}


def _sums(ledger: pd.DataFrame, by: str, usd: str = "cost_usd") -> dict[str, float]:
    sums: dict[str, float] = {}
    for name, value in zip(ledger[by].tolist(), ledger[usd].tolist(), strict=True):
        sums[name] = sums.get(name, 0.0) + value
    return sums
