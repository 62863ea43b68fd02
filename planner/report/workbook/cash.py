"""The sheet of cash flow by year of every option: fiscal years where the plan says them, else years of the plan."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from planner.report.formatting import name
from planner.report.workbook.book import USD, Book, Formula, Sheet, at
from planner.report.workbook.flows import ORDER, Flows
from planner.units import MONTHS_PER_YEAR, months_between

_KINDS = {
    "capex": "Capital outlay", "upfront": "Paid upfront", "opex": "Running costs", "lease": "Leases", "loan": "Loans",
    "resale": "Resale", "tax": "Tax",
}  # fmt: skip
_FIRST_KIND = 3
_Year = tuple[str, int, int, dict[str, Any]]


def write_cash(book: Book, document: dict[str, Any], flows: Flows) -> None:
    """Write the sheet."""
    statements = document["finance"].get("statements") or {}
    kinds = [kind for kind in _KINDS if (flows.texts["cash"] == kind).any()]
    heads = ["Year", "From month", "To month", *(f"{_KINDS[kind]}, USD" for kind in kinds), "Net cost, USD",
             "Cumulative, USD", "Present value, USD"]  # fmt: skip
    sheet = Sheet(
        book, "Cash flow", f"Cash flow by {'fiscal year' if statements else 'year of the plan'}",
        "USD, costs positive, in the month of payment. Months are counted from 0, the start of the plan; what falls at "
        "the horizon's end is paid in the month that ends there.", (14, 11, 11, *[17] * (len(heads) - 3)),
    )  # fmt: skip
    sheet.heads(3, heads, 1, frozen=True)
    for column, kind in enumerate(kinds, _FIRST_KIND):
        sheet.put(4, column, kind, "note", "0")
    row = 5
    for option in (one for one in ORDER if document["ledgers"][one] is not None):
        row = _option(sheet, row, option, _years(document, statements.get(option), flows), kinds, flows) + 1


def _years(document: dict[str, Any], statement: dict[str, Any] | None, flows: Flows) -> list[_Year]:
    """Return each year with its first and last month, from 0, and what the planner says of it."""
    horizon, start = flows.horizon, document["start"]
    if statement:
        return [
            ("Afterwards" if one["fiscal_year"] is None else f"FY {one['fiscal_year']}",
             *(months_between(start, month) for month in one["months"]), one)
            for one in statement["cash"]
        ]  # fmt: skip
    ends = [(12 * y, min(12 * y + 12, horizon) - 1) for y in range(-(-horizon // MONTHS_PER_YEAR))]
    found: list[_Year] = [(f"Year {y}", first, last, {}) for y, (first, last) in enumerate(ends, 1)]
    later = int(flows.paid.max(initial=0))
    return [*found, ("Afterwards", horizon, later, {})] if later >= horizon else found


def _option(sheet: Sheet, row: int, option: str, years: list[_Year], kinds: list[str], flows: Flows) -> int:
    """Write the years of an option with their sums; returns the row after."""
    net = _FIRST_KIND + len(kinds)
    for column in range(net + 3):
        sheet.put(row, column, name(option) if column == 0 else None, "section")
    first, end = row + 1, row + 1 + len(years)
    values = np.array([_year(sheet, first + n, option, year, kinds, flows) for n, year in enumerate(years)])
    cumulative = list(accumulate(map(float, values[:, -2])))
    for n, so_far in enumerate(cumulative, first):
        before = f"{at(n - 1, net + 1)}+" if n > first else ""
        sheet.put(n, net + 1, Formula(f"={before}{at(n, net)}", so_far), "plain", USD)
    for column in range(net + 3):
        sheet.put(end, column, "Sum" if column == 0 else None, "total")
    for column, value in zip((*range(_FIRST_KIND, net + 1), net + 2), values.sum(axis=0), strict=True):
        cells = f"{at(first, column)}:{at(end - 1, column)}"
        sheet.put(end, column, Formula(f"=SUM({cells})", float(value)), "total", USD)
    return end + 1


def _year(sheet: Sheet, row: int, option: str, year: _Year, kinds: list[str], flows: Flows) -> list[float]:
    """Write a year and hold it to what the planner says; returns its kinds, net and present value."""
    label, start, end, said = year
    net, title = _FIRST_KIND + len(kinds), name(option)
    sheet.put(row, 0, label, "plain")
    sheet.put(row, 1, start, "planner", "0")
    sheet.put(row, 2, end, "planner", "0")
    of = [
        flows.text_is("option", f'"{title}"', title), flows.number_from("paid", at(row, 1, col_abs=True), start),
        flows.number_to("paid", at(row, 2, col_abs=True), end),
    ]  # fmt: skip
    parts = [
        flows.sum("cost", *of, flows.text_is("cash", at(4, column, row_abs=True), kind))
        for column, kind in enumerate(kinds, _FIRST_KIND)
    ]
    total = Formula(f"=SUM({at(row, _FIRST_KIND)}:{at(row, net - 1)})", sum(float(one.value) for one in parts))
    present = flows.sum("present", *of)
    fields = [*kinds, "net", "present"]
    cells = [*parts, total, present]
    for column, field, cell in zip((*range(_FIRST_KIND, net + 1), net + 2), fields, cells, strict=True):
        address = sheet.put(row, column, cell, "plain", USD)
        if said:
            what = f"{title}: {label}, {field} in the cash flow"
            sheet.book.check(what, sheet.name, Formula(f"={address}", cell.value), said[f"{field}_usd"])
    return [float(one.value) for one in cells]
