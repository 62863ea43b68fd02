"""Cash flow, and profit and loss, of an option by fiscal year; costs are positive. Both views sum to the same total.

Cash is counted when it is paid. Profit and loss spreads it over the months that it serves: what is capitalised by
depreciation over book life, a fee for a term over the term; what is lent and paid back is in neither profit nor loss.
A gain or loss on disposal is what a server brings, less its removal and its book value then; what ends in an instant
– a sale, the end of life, the horizon – belongs to the month before it, as for tax; so does interest. Tax is that
of the year, as paid; deferred tax is not modelled. What was paid for servers that were owned before the plan is sunk:
in neither view, so that what they bring is gain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.analysis.study import Outcome, Study
from planner.case import Case
from planner.components import NEGOTIATED
from planner.costs.tax import month_served
from planner.program import Floats, Ints
from planner.units import fiscal_year, month_label

CASH_FLOW = ("capex", "upfront", "opex", "lease", "loan", "resale", "tax")
PROFIT_AND_LOSS = ("opex", "amortisation", "depreciation", "lease", "interest", "disposal", "tax")
_LEASE = "lease_payments"


def statements(study: Study) -> dict[str, Any]:
    """Return both views of every option; null where there is none."""
    return {
        name: None
        if outcome is None
        else {
            "cash": _cash(study.case, outcome.ledger),
            "profit_and_loss": _profit_and_loss(study, outcome),
        }
        for name, outcome in study.outcomes.items()
    }


def cash_kind(ledger: pd.DataFrame) -> pd.Series[str]:
    """Return the part of CASH_FLOW of each row; removal stays opex, what is lent less what is paid back is loan."""
    category, disposal = ledger["category"], ledger["treatment"] == "disposal"
    leased = ledger["component"].str.removeprefix(NEGOTIATED) == _LEASE
    kinds = [
        (category == "tax", "tax"), (category == "financing", "loan"), ((category == "capex") & disposal, "resale"),
        (category == "capex", "capex"), (leased, "lease"), (ledger["treatment"] == "spread", "upfront"),
    ]  # fmt: skip
    return _first(kinds, "opex", ledger)


def _cash(case: Case, ledger: pd.DataFrame) -> list[dict[str, Any]]:
    month = _month(ledger)
    years = _Years(case, month)
    row, usd = years.row(month), ledger["cost_usd"].to_numpy(float)
    parts = _sums(CASH_FLOW, cash_kind(ledger), row, usd, len(years))
    net, present = sum(parts.values()), years.sums(row, ledger["present_usd"].to_numpy(float))
    columns = parts | {"net": net, "cumulative": np.cumsum(net), "present": present}
    return years.table(columns)


def _profit_and_loss(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Rows by month from the ledger, but for what is spread or depreciated: that needs contracts and cohorts."""
    case, ledger = study.case, outcome.ledger
    kept = ledger[~ledger["treatment"].isin(["spread", "capitalised"]) & ~_is_principal(ledger)]
    month = month_served(kept["month"].to_numpy(int), *(kept[key] for key in ("timing", "treatment", "component")))
    amortised, depreciated, left = _amortised(study, outcome), *_depreciated(study, outcome)
    years = _Years(case, np.append(month, len(amortised) - 1))
    row = np.where(kept["category"] == "tax", years.row_of_tax(month), years.row(month))
    parts = _sums(PROFIT_AND_LOSS, _profit_and_loss_kind(kept), row, kept["cost_usd"].to_numpy(float), len(years))
    parts["amortisation"] += years.sums(years.row(np.arange(len(amortised))), amortised)
    months = years.row(np.arange(case.horizon))
    parts["depreciation"] += years.sums(months, depreciated)
    parts["disposal"] += years.sums(months, left)
    rows = years.table(parts | {"total": sum(parts.values())})
    charged = any(value for key, value in rows[-1].items() if key.endswith("_usd"))
    return rows if charged or rows[-1]["fiscal_year"] else rows[:-1]


def _profit_and_loss_kind(ledger: pd.DataFrame) -> pd.Series[str]:
    category, leased = ledger["category"], ledger["component"].str.removeprefix(NEGOTIATED) == _LEASE
    kinds = [
        (category == "tax", "tax"), (ledger["treatment"] == "disposal", "disposal"),
        (category == "financing", "interest"), (leased, "lease"),
    ]  # fmt: skip
    return _first(kinds, "opex", ledger)


def _is_principal(ledger: pd.DataFrame) -> pd.Series[bool]:
    return (ledger["category"] == "financing") & (ledger["treatment"] == "neither")


def _amortised(study: Study, outcome: Outcome) -> Floats:
    """What is spread, an equal part for each month of its term, array [t] to the last month of any term.

    What is capitalised and belongs to no server is spread over book life, or else at once.
    """
    found: dict[int, float] = {}
    book = study.case.scenario.finance.book
    for lines in study.built.lines:
        bare = lines.treatment == "capitalised" and "h" not in lines.view.keys
        if lines.treatment != "spread" and not bare:
            continue
        usd = lines.view.coefficients * outcome.answer.x[lines.view.columns] * lines.usd
        life = np.full(len(usd), book.life_months if book else 1) if bare else lines.spread_months
        for n in np.flatnonzero(usd):
            for t in range(int(lines.month[n]), int(lines.month[n] + life[n])):
                found[t] = found.get(t, 0.0) + usd[n] / life[n]
    return np.array([found.get(t, 0.0) for t in range(max(found, default=-1) + 1)])


def _depreciated(study: Study, outcome: Outcome) -> tuple[Floats, Floats]:
    """Depreciation by month, and book value that servers leave with, both array [t], of what the plan capitalises.

    Straight line from the month of service over book life to the residual; without a book life over useful life.
    """
    model, x, case = study.built.model, outcome.answer.x, study.case
    book, horizon = case.scenario.finance.book, case.horizon
    depreciated, left = np.zeros(horizon), np.zeros(horizon)
    cost = np.zeros(len(model.cohorts))
    for lines in study.built.lines:
        if lines.treatment == "capitalised" and "h" in lines.view.keys:
            usd = lines.view.coefficients * x[lines.view.columns] * lines.usd
            cost += np.bincount(lines.view.keys["h"], usd, len(cost))
    bought, sell = x[model["buy"].view.columns], model["sell"].view
    kept = x[model["kept"].view.columns]
    for h in np.flatnonzero(cost):
        cohort = model.cohorts[h]
        life = book.life_months if book else case.servers[cohort.server].life_months
        residual = float(book.residual_fraction) if book else 0.0
        sold = np.flatnonzero(sell.keys["h"] == h)
        leaves = [(int(sell.keys["t"][n]), float(x[sell.columns[n]])) for n in sold]
        leaves.append((min(cohort.retires, horizon), float(kept[h])))
        for leave, servers in leaves:
            basis = cost[h] * servers / bought[h]
            months = min(max(leave - cohort.in_service, 0), life)
            each = basis * (1 - residual) / life
            depreciated[cohort.in_service : cohort.in_service + months] += each
            left[max(leave - 1, 0)] += basis - each * months
    return depreciated, left


def tax_facts(study: Study) -> dict[str, Any] | None:
    """Return the tax settings and what the plan deducts as depreciation in each tax year; null before tax."""
    tax = study.case.scenario.finance.tax
    if tax is None:
        return None
    ledger, case = study.plan.ledger, study.case
    rows = ledger[ledger["component"] == "depreciation_relief"]
    year = np.array([_fiscal_year(case, int(t)) for t in rows["month"]], np.int64)
    usd = rows["quantity"].to_numpy(float)
    rule = tax.depreciation
    return {
        "rate_fraction": float(tax.rate_fraction), "method": rule.method, "life_years": rule.life_years,
        "declining_factor": float(rule.declining_factor) if rule.method == "declining_balance" else None,
        "bonus_fraction": float(tax.bonus_fraction), "source": tax.source, "wacc_after_tax_fraction": case.wacc,
        "depreciation": [
            {"fiscal_year": int(one), "usd": float(usd[year == one].sum())} for one in np.unique(year)
        ],
    }  # fmt: skip


class _Years:
    """Rows of a statement: the fiscal years that the horizon touches, and a last one where months lie after it."""

    def __init__(self, case: Case, months: Ints) -> None:
        self.case = case
        self.inside = np.array([_fiscal_year(case, t) for t in range(case.horizon)])
        self.first = int(self.inside[0])
        self.count = int(self.inside[-1]) - self.first + 1
        self.last = int(months.max(initial=0))

    def __len__(self) -> int:
        return self.count + (self.last >= self.case.horizon)

    def row(self, month: Ints) -> Ints:
        """Row of each month; all after the horizon are in the last."""
        inside = self.inside[np.minimum(month, self.case.horizon - 1)] - self.first
        return np.asarray(np.where(month < self.case.horizon, inside, self.count), np.int64)

    def row_of_tax(self, month: Ints) -> Ints:
        """Row of the tax year that ends in each month, which may lie after the horizon's end."""
        year = np.array([_fiscal_year(self.case, int(t)) for t in month], np.int64)
        return np.minimum(year - self.first, self.count)

    def sums(self, row: Ints, usd: Floats) -> Floats:
        """Sum of `usd` in each row."""
        return np.asarray(np.bincount(row, usd, len(self)), float)

    def table(self, columns: dict[str, Any]) -> list[dict[str, Any]]:
        """Return one object for each row with its year, its first and last month, and each column as USD."""
        horizon, start = self.case.horizon, self.case.scenario.start
        found = []
        for n in range(len(self)):
            after = n == self.count
            months = np.array([horizon, self.last]) if after else np.flatnonzero(self.inside == self.first + n)[[0, -1]]
            year = None if after else self.first + n
            found.append(
                {
                    "fiscal_year": year, "label": "after" if after else str(year),
                    "months": [month_label(start, int(t)) for t in months],
                    **{f"{name}_usd": float(usd[n]) for name, usd in columns.items()},
                }
            )  # fmt: skip
        return found


def _fiscal_year(case: Case, month: int) -> int:
    return fiscal_year(month_label(case.scenario.start, month), case.scenario.fiscal_year_starts)


def _month(ledger: pd.DataFrame) -> Ints:
    """Month in which each row is paid; what is paid at the horizon's end falls in the month that ends there."""
    return np.asarray(ledger["month"].to_numpy(np.int64) - (ledger["timing"] == "horizon").to_numpy(np.int64))


def _first(kinds: list[tuple[pd.Series[bool], str]], other: str, ledger: pd.DataFrame) -> pd.Series[str]:
    """The name of the first condition that holds for each row."""
    conditions, names = zip(*kinds, strict=True)
    return pd.Series(np.select(list(conditions), list(names), other), index=ledger.index, dtype=str)


def _sums(names: tuple[str, ...], kind: pd.Series[str], row: Ints, usd: Floats, count: int) -> dict[str, Any]:
    return {
        name: np.bincount(row[mask], usd[mask], count).astype(float)
        for name in names
        for mask in [(kind == name).to_numpy()]
    }
