"""The sheet of cash flow by year of every option: fiscal years where the plan says them, else years of the plan."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from planner.report.formatting import name
from planner.report.workbook.book import USD, Book, Formula, Sheet, at
from planner.report.workbook.flows import ORDER, RESALE, Flows, Where
from planner.units import MONTHS_PER_YEAR, months_between

_CAPEX = name("capex")


def write_cash(book: Book, document: dict[str, Any], flows: Flows) -> None:
    """Write the sheet."""
    statements = document["finance"].get("statements")
    kind = "fiscal year" if statements else "year of the plan"
    kinds = [one for one in dict.fromkeys(flows.texts["category"]) if one != _CAPEX]
    heads = ["Year", "From month", "To month", "Capital outlay, USD", "Resale, USD", *(f"{one}, USD" for one in kinds),
             "Net cost, USD", "Cumulative, USD", "Present value, USD"]  # fmt: skip
    sheet = Sheet(
        book, "Cash flow", f"Cash flow by {kind}",
        "USD, costs positive. Months are counted from 0, the start of the plan; what falls at the horizon's end or "
        "later is counted in its last month.", (14, 11, 11, *[17] * (len(heads) - 3)),
    )  # fmt: skip
    sheet.heads(3, heads, 1, frozen=True)
    row = 4
    for option in (one for one in ORDER if document["ledgers"][one] is not None):
        years = _years(document, (statements or {}).get(option))
        row = _option(sheet, row, option, years, kinds, flows) + 1


def _years(document: dict[str, Any], statement: dict[str, Any] | None) -> list[tuple[str, int, int, dict[str, Any]]]:
    """Return each year with its first and last month, from 0, and what the planner says of it."""
    horizon, start = document["horizon_months"], document["start"]
    if statement:
        return [
            (f"FY {one['fiscal_year']}", *(months_between(start, month) for month in one["months"]), one)
            for one in statement["cash"]
        ]  # fmt: skip
    count = -(-horizon // MONTHS_PER_YEAR)
    return [(f"Year {y + 1}", 12 * y, min(12 * y + 12, horizon) - 1, {}) for y in range(count)]


def _option(
    sheet: Sheet, row: int, option: str, years: list[tuple[str, int, int, dict[str, Any]]], kinds: list[str],
    flows: Flows,
) -> int:  # fmt: skip
    """Write the years of an option with their sums; returns the row after."""
    net, width = 5 + len(kinds), 8 + len(kinds)
    for column in range(width):
        sheet.put(row, column, name(option) if column == 0 else None, "section")
    first, last = row + 1, row + len(years)
    sums = [0.0] * width
    nets: list[float] = []
    for n, (label, start, end, said) in enumerate(years, first):
        sheet.put(n, 0, label, "plain")
        sheet.put(n, 1, start, "planner")
        sheet.put(n, 2, end, "planner")
        of = [
            flows.text_is("option", f'"{name(option)}"', name(option)),
            flows.number_from("counted", at(n, 1, col_abs=True), start),
            flows.number_to("counted", at(n, 2, col_abs=True), end),
        ]
        cells = [flows.sum("cost", *of, *conditions) for conditions in _columns(flows, kinds)]
        nets.append(sum(float(cell.value) for cell in cells))
        cells.append(Formula(f"=SUM({at(n, 3)}:{at(n, net - 1)})", nets[-1]))
        before = f"{at(n - 1, net + 1)}+" if n > first else ""
        cells.append(Formula(f"={before}{at(n, net)}", list(accumulate(nets))[-1]))
        cells.append(flows.sum("present", *of))
        for column, cell in enumerate(cells, 3):
            sheet.put(n, column, cell, "plain", USD)
            sums[column] += float(cell.value)
        for field, column in (("net_usd", net), ("present_usd", net + 2)):
            if field in said:
                cell = Formula(f"='{sheet.name}'!{at(n, column)}", float(cells[column - 3].value))
                sheet.book.check(f"{name(option)}: {label}, {field.split('_')[0]}", sheet.name, cell, said[field])
    sheet.put(last + 1, 0, "Sum", "total")
    for column in range(1, width):
        if column in (1, 2, net + 1):
            sheet.put(last + 1, column, None, "total")
            continue
        cells_ = f"{at(first, column)}:{at(last, column)}"
        sheet.put(last + 1, column, Formula(f"=SUM({cells_})", sums[column]), "total", USD)
    return last + 2


def _columns(flows: Flows, kinds: list[str]) -> list[list[Where]]:
    """Return what each column adds up: capital outlay without resale, resale, the other categories."""
    capex = flows.text_is("category", f'"{_CAPEX}"', _CAPEX)
    resale = flows.text_is("component", f'"{RESALE}"', RESALE)
    return [
        [capex, flows.text_is_not("component", RESALE)],
        [capex, resale],
        *([flows.text_is("category", f'"{one}"', one)] for one in kinds),
    ]
