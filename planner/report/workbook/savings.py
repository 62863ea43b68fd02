"""The sheet of savings: what each option saves against each baseline by month, its NPV and rate of return."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from planner.report.formatting import name
from planner.report.returns import NEVER_BEHIND, never_behind, other_rates
from planner.report.workbook.book import FACTOR, NONE, PERCENT, USD, WHOLE, Book, Formula, Sheet, at
from planner.report.workbook.flows import BASELINES, OPTIONS, Flows
from planner.report.workbook.measures import LABELS, Columns, Saved, write_measures

_HEAD, _NPV, _IRR, _GUESS, _MIRR, _OTHER, _FIRST = 3, 4, 5, 6, 7, 11, 13
_LABELS = (
    "NPV, USD", "IRR per year", "First guess of it, per month", *LABELS,
    "Note on the IRR",
)  # fmt: skip
_IRR_TOLERANCE = 1e-6
"""Spreadsheets search for the rate until it moves by less than this."""


def pairs(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return every option with every baseline that it is compared with."""
    return [
        (option, baseline)
        for option in OPTIONS
        for baseline in BASELINES
        if (document["finance"][option] or {}).get(baseline) is not None
    ]


def write_savings(book: Book, document: dict[str, Any], flows: Flows) -> dict[tuple[str, str], tuple[str, str]]:
    """Write the sheet; returns the names of NPV and IRR of each pair."""
    compared = pairs(document)
    sheet = Sheet(
        book, "NPV", "Savings: net present value and rate of return",
        "USD by the month in which it is paid, counted from the start; a flow at 0 is not discounted. Savings = cost "
        "of the baseline − cost of the option.", (26, 12, *[15] * (len(flows.options) + len(compared))),
    )  # fmt: skip
    heads = ["Paid after months", "Discount factor", *(f"{option}: cost, USD" for option in flows.options)]
    heads += [f"{name(option)} saves against {name(baseline)}, USD" for option, baseline in compared]
    sheet.heads(_HEAD, heads, 1, frozen=True, height=48)
    times = np.arange(int(flows.after.max(initial=flows.horizon)) + 1)
    factors = flows.factor(times)
    for row, (months, factor) in enumerate(zip(times, factors, strict=True), _FIRST):
        sheet.put(row, 0, int(months), "plain", WHOLE)
        formula = f"=(1+wacc_fraction)^(-{at(row, 0)}/12)"
        sheet.put(row, 1, Formula(formula, float(factor)), "plain", FACTOR)
    cost = {}
    for column, option in enumerate(flows.options, 2):
        cost[option] = (column, _costs(sheet, column, option, flows, times))
    for row, label in enumerate(_LABELS, _NPV):
        sheet.put(row, 0, label, "strong" if row <= _IRR else "plain")
    first = 2 + len(flows.options)
    return {
        pair: _pair(sheet, first + n, pair, cost, document["finance"][pair[0]][pair[1]], flows)
        for n, pair in enumerate(compared)
    }


def _costs(sheet: Sheet, column: int, option: str, flows: Flows, times: np.ndarray) -> np.ndarray:
    is_option = flows.text_is("option", f'"{option}"', option)
    found = [
        flows.sum("cost", is_option, flows.number_is("after", at(_FIRST + n, 0, col_abs=True), int(months)))
        for n, months in enumerate(times)
    ]
    for row, one in enumerate(found, _FIRST):
        sheet.put(row, column, one, "plain", USD)
    return np.array([one.value for one in found], float)


def _pair(
    sheet: Sheet, column: int, pair: tuple[str, str], cost: dict[str, tuple[int, np.ndarray]], returns: dict[str, Any],
    money: Flows,
) -> tuple[str, str]:  # fmt: skip
    """Write what an option saves against a baseline, above it NPV and IRR; returns their names."""
    book, (option, baseline) = sheet.book, pair
    (ours, paid), (theirs, spared) = cost[name(option)], cost[name(baseline)]
    saved, last = spared - paid, _FIRST + len(paid) - 1
    factors = money.factor(np.arange(len(paid)))
    for row, value in enumerate(saved, _FIRST):
        sheet.put(row, column, Formula(f"={at(row, theirs)}-{at(row, ours)}", float(value)), "plain", USD)
    flows, factor = (
        f"{at(_FIRST, column)}:{at(last, column)}",
        f"{at(_FIRST, 1, col_abs=True)}:{at(last, 1, col_abs=True)}",
    )
    what = f"{name(option)} against {name(baseline)}"
    npv = Formula(f"=SUMPRODUCT({flows},{factor})", float(saved @ factors))
    npv_name = sheet.result(book.names.new("npv", option, baseline, "usd"), _NPV, column, npv, "total", USD)
    dust = 1e-9 * float(np.abs(spared) @ factors + np.abs(paid) @ factors)
    tolerance = max(1e-9, dust) if returns["npv_usd"] == 0 else None  # the planner takes dust for nothing
    book.check(f"{what}: NPV", sheet.name, Formula(f"={npv_name}", npv.value), returns["npv_usd"], tolerance)
    gross = float(np.abs(paid).sum() + np.abs(spared).sum())
    column_of = Columns(column, ours, theirs, _FIRST, last, _NPV, _MIRR)
    write_measures(sheet, column_of, Saved(saved, gross, money.wacc, money.horizon), returns, what)
    irr_name = book.names.new("irr", option, baseline)
    if returns["irr"] is None:
        sheet.result(irr_name, _IRR, column, NEVER_BEHIND if never_behind(returns) else NONE, "total")
        return npv_name, irr_name
    sheet.put(_OTHER, column, other_rates(returns), "plain")
    guess = _guess(returns["irr"])
    sheet.put(_GUESS, column, guess, "input", "0.0%")
    irr = Formula(f'=IFERROR((1+IRR({flows},{at(_GUESS, column)}))^12-1,"{NONE}")', float(returns["irr"]))
    sheet.result(irr_name, _IRR, column, irr, "total", PERCENT)
    book.check(f"{what}: IRR", sheet.name, Formula(f"={irr_name}", irr.value), returns["irr"],
               _IRR_TOLERANCE * max(1.0, abs(returns["irr"])))  # fmt: skip
    return npv_name, irr_name


def _guess(irr: float) -> float:
    """Return a rough monthly rate from which a spreadsheet finds the yearly one."""
    monthly = (1 + irr) ** (1 / 12) - 1
    return round(monthly, 1 - math.floor(math.log10(abs(monthly)))) if abs(monthly) > 1e-6 else 0.0
