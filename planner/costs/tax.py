"""Taxes: what deductions save, at the end of each tax year, so that the program itself chooses after tax.

Deductions are taken to be usable: the company earns more than they amount to. A tax year is a fiscal year. What ends
in an instant – a sale, the end of life, the horizon – belongs to the month before it, as does interest paid in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from planner.costs.financing import leased
from planner.costs.lines import CostLines, cost_lines
from planner.costs.purchase import price_paid
from planner.decisions import Model
from planner.finance.depreciation import declining_balance, macrs, straight_line, with_bonus
from planner.program import Floats, Ints, View
from planner.scenario.finance_schema import Tax
from planner.units import MONTHS_PER_YEAR, fiscal_year_end

TAX_ON_DISPOSAL = "tax_on_disposal"
SOURCE = "scenario finance.tax"
UNIT = "USD deducted"
_DUST = 1e-12


def tax_relief(model: Model, others: list[CostLines]) -> Iterator[CostLines]:
    """−rate · what is expensed, and the part of what is spread that falls in the tax year, at the year's end."""
    for lines in others:
        if lines.treatment == "expensed":
            month = month_served(lines.month, lines.timing, lines.treatment, lines.component)
            yield _relief(model, "tax_relief", lines, lines.usd, month)
        elif lines.treatment == "spread":
            yield from _spread(model, lines)


def _spread(model: Model, lines: CostLines) -> Iterator[CostLines]:
    """An equal part for each month of the term, in the tax year of the month."""
    ends, begun = _year_end(model, lines.month), np.zeros(len(lines.month), np.int64)
    for year in range(int(lines.spread_months.max(initial=0)) // MONTHS_PER_YEAR + 2):
        done = np.minimum(ends + 1 + year * MONTHS_PER_YEAR - lines.month, lines.spread_months)
        part, begun = done - begun, done
        some = part > 0
        usd = (lines.usd * part / lines.spread_months)[some]
        yield _relief(model, "tax_relief", lines.where(some), usd, ends[some] + year * MONTHS_PER_YEAR)


def depreciation_relief(model: Model, others: list[CostLines]) -> Iterator[CostLines]:
    """−rate · basis[h] · fraction[year] · (kept[h] or sell[h,t]), for each tax year from service until the disposal's.

    The basis is what was capitalised for a server of cohort h; what was owned before has the price that was paid.
    """
    schedule = _schedules(_tax(model))
    for view, disposal in _servers(model):
        service, years = _service(model, view), _years(model, view, disposal)
        fractions, ends = schedule[_place(model, service)], _year_end(model, service)
        for year in range(schedule.shape[1]):
            month = ends + year * MONTHS_PER_YEAR
            some = (year < years) & (fractions[:, year] > 0) & (month >= 0)  # earlier ones are past
            for basis, source in _bases(model, others):
                usd = basis[view.keys["h"]] * fractions[:, year]
                yield _lines(model, "depreciation_relief", view, usd, month, source).where(some & (usd != 0))
    yield from _without_servers(model, others, schedule)


def tax_on_disposal(model: Model, others: list[CostLines]) -> Iterator[CostLines]:
    """Rate · (proceeds − removal − basis not yet deducted), at the end of the tax year of the disposal."""
    for lines in others:
        if lines.treatment == "disposal":
            month = month_served(lines.month, lines.timing, lines.treatment, lines.component)
            yield _relief(model, TAX_ON_DISPOSAL, lines, lines.usd, month)
    schedule = _schedules(_tax(model))
    done = np.concatenate([np.zeros((MONTHS_PER_YEAR, 1)), np.cumsum(schedule, axis=1)], axis=1)
    for view, disposal in _servers(model):
        years = np.minimum(_years(model, view, disposal), schedule.shape[1])
        left = 1 - done[_place(model, _service(model, view)), years]
        month = _year_end(model, np.maximum(disposal - 1, 0))
        for basis, source in _bases(model, others):
            usd = basis[view.keys["h"]] * left
            yield _lines(model, TAX_ON_DISPOSAL, view, usd, month, source).where((left > _DUST) & (usd != 0))


def relief_without_servers(model: Model, others: list[CostLines]) -> list[CostLines]:
    """Reliefs that go on as they are, whatever becomes of the servers: of what is expensed, spread, or in no server."""
    if model.case.scenario.finance.tax is None:
        return []
    return [*tax_relief(model, others), *_without_servers(model, others, _schedules(_tax(model)))]


def month_served(month: Ints, timing: Any, treatment: Any, component: Any) -> Ints:
    """Month in whose result what is paid counts; the rest may be one value each or an array like `month`."""
    instant, horizon = np.asarray(timing) == "start", np.asarray(timing) == "horizon"
    past = (np.asarray(treatment) == "disposal") | (np.asarray(component) == "loan_interest")
    return np.asarray(np.maximum(month - (horizon | (instant & past)), 0), np.int64)


def basis_at_start(model: Model) -> float:
    """USD of what was owned before the plan that its earlier tax years have not deducted."""
    schedule, left = _schedules(_tax(model)), 0.0
    for cohort, returned in zip(model.cohorts, leased(model), strict=True):
        if cohort.fixed is not None and not returned:
            service = np.array([cohort.in_service])
            past = _year_end(model, service) + MONTHS_PER_YEAR * np.arange(schedule.shape[1]) < 0
            left += cohort.fixed * float(cohort.usd_paid or 0) * (1 - schedule[_place(model, service)[0]][past].sum())
    return left


def _tax(model: Model) -> Tax:
    tax = model.case.scenario.finance.tax
    assert tax is not None, "taxes are counted where the scenario has them"
    return tax


def _schedules(tax: Tax) -> Floats:
    """Fractions of the basis by tax year, for each place in the year of the month of service; array [place, year]."""
    rule, bonus = tax.depreciation, float(tax.bonus_fraction)
    rows = []
    for place in range(MONTHS_PER_YEAR):
        first = MONTHS_PER_YEAR - place
        if rule.life_years is None:
            fractions = macrs(int(rule.method.removeprefix("macrs_")))
        elif rule.method == "straight_line":
            fractions = straight_line(rule.life_years, first)
        else:
            fractions = declining_balance(rule.life_years, float(rule.declining_factor), first)
        rows.append(with_bonus(fractions, bonus))
    longest = max(len(row) for row in rows)
    return np.array([np.pad(row, (0, longest - len(row))) for row in rows])


def _bases(model: Model, others: list[CostLines]) -> Iterator[tuple[Floats, Sequence[str]]]:
    """USD capitalised for one server, by cohort h, with its source by server k: what was owned before, each line."""
    owned = np.array([cohort.fixed is not None for cohort in model.cohorts], bool) & ~leased(model)
    if owned.any():
        yield np.where(owned, price_paid(model), 0.0), ["scenario existing_servers"] * len(model.case.servers)
    for lines in others:
        if lines.treatment == "capitalised" and "h" in lines.view.keys:
            yield np.bincount(lines.view.keys["h"], lines.usd, len(owned)).astype(float), lines.source


def _servers(model: Model) -> Iterator[tuple[View, Ints]]:
    """Entries of servers with the instant they leave: sold; at the end of life or the horizon's, which comes first."""
    sell, kept = model["sell"].view, model["kept"].view
    yield sell, sell.keys["t"]
    yield kept, np.minimum(model.retires[kept.keys["h"]], model.case.horizon)


def _service(model: Model, view: View) -> Ints:
    return model.in_service[view.keys["h"]]


def _years(model: Model, view: View, disposal: Ints) -> Ints:
    """Tax years from the year of service to that of the disposal."""
    ends = _year_end(model, np.maximum(disposal - 1, 0)) - _year_end(model, _service(model, view))
    return np.asarray(ends // MONTHS_PER_YEAR)


def _year_end(model: Model, month: Ints) -> Ints:
    scenario = model.case.scenario
    return np.asarray(fiscal_year_end(month, scenario.start, scenario.fiscal_year_starts))


def _place(model: Model, month: Ints) -> Ints:
    """Place of a month in its tax year, from 0."""
    return np.asarray(MONTHS_PER_YEAR - 1 - (_year_end(model, month) - month))


def _without_servers(model: Model, others: list[CostLines], schedule: Floats) -> Iterator[CostLines]:
    """What is capitalised and belongs to no server is deducted to the end, whatever the horizon."""
    for lines in others:
        if lines.treatment == "capitalised" and "h" not in lines.view.keys:
            place, ends = _place(model, lines.month), _year_end(model, lines.month)
            for year in range(schedule.shape[1]):
                usd = lines.usd * schedule[place, year]
                yield _relief(model, "depreciation_relief", lines, usd, ends + year * MONTHS_PER_YEAR)


def _relief(model: Model, component: str, lines: CostLines, usd: Floats, month: Ints) -> CostLines:
    """Return the tax that deducting `usd` of `lines` saves at the end of the tax year of `month`."""
    size = len(lines.view)
    return replace(
        lines, component=component, category="tax", amount=usd, price=np.full(size, -float(_tax(model).rate_fraction)),
        month=_year_end(model, month), timing="year_end", unit=UNIT, treatment="neither",
        spread_months=np.zeros(size, np.int64), source=[f"{source} × {SOURCE}" for source in lines.source],
    )  # fmt: skip


def _lines(model: Model, component: str, view: View, usd: Floats, month: Ints, source: Sequence[str]) -> CostLines:
    return cost_lines(
        component, "tax", view, amount=usd, price=-float(_tax(model).rate_fraction), month=month, timing="year_end",
        unit=UNIT, items="ks", source=[f"{rows} × {SOURCE}" for rows in source], treatment="neither",
    )  # fmt: skip
