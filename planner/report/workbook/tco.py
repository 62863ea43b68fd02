"""The sheet of total cost: options side by side, their components, and the plan's components by year."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import name
from planner.report.workbook.book import NONE, UNIT_USD, USD, Book, Formula, Sheet, at
from planner.report.workbook.flows import ORDER, Flows
from planner.units import MONTHS_PER_YEAR

_TITLE = "Total cost"
_PLAN = name("plan")


def write_tco(book: Book, document: dict[str, Any], flows: Flows) -> None:
    """Write the sheet; names total_… and present_… the totals of every option."""
    totals = {name(key): document["tco"][key] for key in ORDER if document["tco"][key] is not None}
    years = -(-flows.horizon // MONTHS_PER_YEAR)
    width = max(len(totals), years + 1)
    sheet = Sheet(book, _TITLE, "Total cost of ownership", "USD over the horizon; capital outlay is net of resale.",
                  (30, *[15] * width))  # fmt: skip
    heads = [f"{option}, USD" for option in totals]
    sheet.heads(3, ["", *heads], 1, frozen=True)
    row = _kinds(sheet, 4, totals, flows)
    for usd, title, field in (("cost", "By component, nominal", "by_component"),
                              ("present", "By component, present value", "present_by_component")):  # fmt: skip
        row = _components(sheet, row + 1, (usd, title, field), totals, flows)
    _years(sheet, row + 1, totals, flows, years)


def _kinds(sheet: Sheet, row: int, totals: dict[str, Any], flows: Flows) -> int:
    """Write the totals by kind of money, and what they come to."""
    book, kinds = sheet.book, list(dict.fromkeys(flows.texts["category"]))
    last = row + len(kinds)
    for n, title in enumerate(
        [*kinds, "Total, nominal", "Total, present value", "GPU-hours at work", "Per GPU-hour at work"]
    ):
        sheet.put(row + n, 0, title, "total" if title.startswith("Total") else "plain")
    for column, (option, total) in enumerate(totals.items(), 1):
        is_option = flows.text_is("option", f'"{option}"', option)
        for n, kind in enumerate(kinds):
            found = flows.sum("cost", is_option, flows.text_is("category", at(row + n, 0, col_abs=True), kind))
            _checked(sheet, row + n, column, found, "plain", f"{option}: {kind}", total.get(f"{kind.lower()}_usd"))
        cost = flows.sum("cost", is_option)
        cells = f"{at(row, column)}:{at(last - 1, column)}"
        sum_ = Formula(f"=SUM({cells})", cost.value)
        address = _checked(sheet, last, column, sum_, "total", f"{option}: total, nominal", total["total_usd"])
        sheet.named(book.names.new("total", option, "usd"), address)
        address = _checked(sheet, last + 1, column, flows.sum("present", is_option), "total",
                           f"{option}: total, present value", total["present_usd"])  # fmt: skip
        sheet.named(book.names.new("present", option, "usd"), address)
        hours = float(total["gpu_hours"])
        sheet.put(last + 2, column, hours, "planner", USD)
        each = Formula(f'=IF({at(last + 2, column)}=0,"{NONE}",{at(last, column)}/{at(last + 2, column)})',
                       float(cost.value) / hours if hours else NONE)  # fmt: skip
        sheet.put(last + 3, column, each, "plain", UNIT_USD)
    return last + 4


def _components(
    sheet: Sheet, row: int, what: tuple[str, str, str], totals: dict[str, Any], flows: Flows
) -> int:  # fmt: skip
    """Write components by option with their sum."""
    usd, title, field = what
    components = list(dict.fromkeys(flows.texts["component"]))
    sheet.heads(row, [title, *(f"{option}, USD" for option in totals)], 1)
    for n, component in enumerate(components, row + 1):
        sheet.put(n, 0, component, "plain")
        for column, (option, total) in enumerate(totals.items(), 1):
            found = flows.sum(
                usd, flows.text_is("option", f'"{option}"', option),
                flows.text_is("component", at(n, 0, col_abs=True), component),
            )  # fmt: skip
            known = {name(key): value for key, value in total.get(field, {}).items()}
            if component in known:
                _checked(
                    sheet, n, column, found, "plain", f"{option}: {component}, {title.split(', ')[1]}", known[component]
                )
            else:
                sheet.put(n, column, found, "plain", USD)
    return _sums(sheet, row + 1, len(components), len(totals), [
        float(getattr(flows, usd)[flows.texts["option"] == option].sum()) for option in totals
    ])  # fmt: skip


def _years(sheet: Sheet, row: int, totals: dict[str, Any], flows: Flows, years: int) -> None:
    """Write the plan's components by year of the plan."""
    ends = [(12 * y, min(12 * (y + 1), flows.horizon) - 1) for y in range(years)]
    by_year = {one["year"]: one for one in totals[_PLAN]["by_year"]}
    sheet.heads(row, ["Plan by component and year", *(f"Year {y + 1}, USD" for y in range(years)), "Total, USD"], 1)
    for n, (label, index) in enumerate((("First month, from 0", 0), ("Last month, from 0", 1)), row + 1):
        sheet.put(n, 0, label, "note")
        for y, months in enumerate(ends, 1):
            sheet.put(n, y, months[index], "note", "0")
    is_plan = flows.text_is("option", f'"{_PLAN}"', _PLAN)
    first, last = row + 1, row + 2
    components = list(dict.fromkeys(flows.texts["component"][is_plan.rows]))
    for n, component in enumerate(components, row + 3):
        sheet.put(n, 0, component, "plain")
        for y, (start, end) in enumerate(ends, 1):
            found = flows.sum(
                "cost", is_plan, flows.text_is("component", at(n, 0, col_abs=True), component),
                flows.number_from("counted", at(first, y, row_abs=True), start),
                flows.number_to("counted", at(last, y, row_abs=True), end),
            )  # fmt: skip
            known = {name(key): value for key, value in by_year.get(y, {}).get("by_component", {}).items()}
            _checked(sheet, n, y, found, "plain", f"{_PLAN}: {component}, year {y}", known.get(component, 0.0))
        total = float(flows.cost[is_plan.rows & (flows.texts["component"] == component)].sum())
        cells = f"{at(n, 1)}:{at(n, years)}"
        sheet.put(n, years + 1, Formula(f"=SUM({cells})", total), "plain", USD)
    sums = [
        float(flows.cost[is_plan.rows & (flows.counted >= start) & (flows.counted <= end)].sum()) for start, end in ends
    ]
    end_row = _sums(sheet, row + 3, len(components), years + 1, [*sums, sum(sums)]) - 1
    for y, value in enumerate(sums, 1):
        cell = Formula(f"='{sheet.name}'!{at(end_row, y)}", value)
        sheet.book.check(f"{_PLAN}: year {y}", sheet.name, cell, by_year.get(y, {}).get("total_usd", 0.0))


def _sums(sheet: Sheet, first: int, rows: int, columns: int, values: list[float]) -> int:
    """Write the sums of columns below their rows; returns the row after."""
    end = first + rows
    sheet.put(end, 0, "Total", "total")
    for column in range(1, columns + 1):
        text = f"=SUM({at(first, column)}:{at(end - 1, column)})" if rows else "=0"
        sheet.put(end, column, Formula(text, values[column - 1]), "total", USD)
    return end + 1


def _checked(sheet: Sheet, row: int, column: int, cell: Formula, kind: str, what: str, planner: float | None) -> str:
    """Write a formula and hold it to the planner's figure."""
    address = sheet.put(row, column, cell, kind, USD)
    sheet.book.check(what, sheet.name, Formula(f"={address}", cell.value), planner)
    return address
