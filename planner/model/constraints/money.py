"""Budgets by fiscal year."""

from __future__ import annotations

from collections.abc import Mapping

from planner.costs import CostLines
from planner.costs.tax import TAX_ON_DISPOSAL
from planner.decisions import Model
from planner.program import table, together


def capex_is_within_budget(model: Model, lines: list[CostLines]) -> None:
    """Σ capital outlay of year y ≤ capex budget[y]; resale is not an outlay."""
    outlay = [one for one in lines if one.category == "capex" and one.component != "resale"]
    _within_budget(model, "capex_is_within_budget", outlay, model.case.scenario.budgets.capex_usd)


def cash_is_within_budget(model: Model, lines: list[CostLines]) -> None:
    """Σ all payments of year y ≤ cash budget[y]; resale and its tax do not count, work left undone is no payment."""
    outlay = [one for one in lines if one.component not in ("resale", TAX_ON_DISPOSAL, "unserved")]
    _within_budget(model, "cash_is_within_budget", outlay, model.case.scenario.budgets.cash_usd)


def _within_budget(model: Model, name: str, lines: list[CostLines], budget: Mapping[int, object]) -> None:
    if not budget or not lines:
        return
    case = model.case
    years = case.fiscal_years
    terms = []
    for one in lines:
        inside = one.month < case.horizon
        view = (one.view * one.usd).where(inside)
        terms.append(view.with_keys(y=years[one.month[inside]] if len(view) else 0))
    paid = together(*(term.without_keys(*(key for key in term.keys if key != "y")) for term in terms))
    rows = table(y=[year for year in sorted(budget) if year in years])
    limit = [float(budget[int(year)]) for year in rows["y"]]  # type: ignore[arg-type]
    model.program.rule(name, rows, [paid], "<=", limit, unit="USD")
