"""The sheet of the ledger: one row for each payment of every option; every other sheet adds up from it."""

from __future__ import annotations

from datetime import date

from planner.report.workbook.book import FACTOR, MONTH, QUANTITY, UNIT_USD, USD, WHOLE, Book, Formula, Sheet, at
from planner.report.workbook.flows import TAX, Flows
from planner.report.workbook.links import Links
from planner.units import month_label

FIRST = 4
VALUE = "planner's value"
_HEADS = (
    "Option", "Component", "Category", "Item", "Month", "Month from 0", "Timing", "Quantity", "Unit", "Price cell",
    "Times", "Unit cost, USD", "Cost, USD", "Counted in month", "Paid after months", "Discount factor",
    "Present value, USD", "Paid in month", "For tax and books", "In a cash flow", "Catalog rows",
)  # fmt: skip
_WIDTHS = (12, 17, 9, 38, 10, 8, 9, 13, 14, 40, 8, 14, 14, 9, 9, 10, 14, 9, 12, 10, 60)
_OPTION, _COMPONENT, _CATEGORY, _ITEM, _MONTH, _FROM, _TIMING, _QUANTITY, _UNIT, _PRICE = range(10)
_TIMES, _UNIT_COST, _COST, _COUNTED, _AFTER, _FACTOR, _PRESENT, _PAID, _TREATMENT, _CASH, _SOURCE = range(10, 21)
_RANGES = {
    "option": _OPTION, "component": _COMPONENT, "category": _CATEGORY, "month": _FROM, "timing": _TIMING,
    "price": _PRICE, "cost_usd": _COST, "counted": _COUNTED, "after": _AFTER, "present_usd": _PRESENT,
    "paid": _PAID, "cash": _CASH,
}  # fmt: skip


def write_ledger(book: Book, start: str, flows: Flows, links: Links, prices: dict[int, str]) -> None:
    """Write the sheet and name its columns ledger_….

    Parameters
    ----------
    start : label of the first month
    prices : names of the cells with prices, by their index in plan.json
    """
    sheet = Sheet(
        book, "Ledger", "Ledger",
        "Every payment of every option. Cost = quantity × unit cost; present value = cost × discount factor. A unit "
        f"cost, or an amount deducted, with a price cell follows it; the others are the {VALUE}s.", _WIDTHS,
    )  # fmt: skip
    sheet.heads(FIRST - 1, _HEADS, 5, frozen=True, height=44)
    for column in (_TIMING, _UNIT, _PRICE, _TREATMENT, _CASH, _SOURCE):
        sheet.put(FIRST - 1, column, _HEADS[column], "head")
    for n in range(len(flows)):
        _entry(sheet, FIRST + n, n, start, flows, links, prices)
    last = FIRST + max(len(flows), 1) - 1
    sheet.cells.autofilter(FIRST - 1, 0, last, len(_HEADS) - 1)
    sheet.cells.print_area(0, 0, last, _PRESENT)
    for name, column in _RANGES.items():
        sheet.named(f"ledger_{name}", sheet.range(FIRST, column, last))


def _entry(sheet: Sheet, row: int, n: int, start: str, flows: Flows, links: Links, prices: dict[int, str]) -> None:
    texts, link = flows.texts, links.of[n]
    for column, key in ((_OPTION, "option"), (_COMPONENT, "component"), (_CATEGORY, "category"), (_ITEM, "item"),
                        (_TIMING, "timing"), (_UNIT, "unit"), (_SOURCE, "source"), (_TREATMENT, "treatment"),
                        (_CASH, "cash")):  # fmt: skip
        sheet.put(row, column, texts[key][n], "plain")
    sheet.put(row, _MONTH, first_day(month_label(start, int(flows.counted[n]))), "plain", MONTH)
    sheet.put(row, _FROM, int(flows.month[n]), "plain", WHOLE)
    followed = link or links.deducted[n]
    sheet.put(row, _PRICE, prices[followed.price] if followed else VALUE, "plain" if followed else "planner")
    if followed:
        sheet.put(row, _TIMES, followed.times, "planner")
    quantity, unit_cost = float(flows.quantity[n]), float(flows.unit_cost[n])
    product = f"={prices[followed.price]}*{at(row, _TIMES)}" if followed else ""
    if links.deducted[n]:
        sheet.put(row, _QUANTITY, Formula(product, quantity), "plain", QUANTITY)
    else:
        sheet.put(row, _QUANTITY, quantity, "planner", QUANTITY)
    if texts["category"][n] == TAX:
        sheet.put(row, _UNIT_COST, Formula("=-tax_rate_fraction", unit_cost), "plain", UNIT_USD)
    elif link:
        sheet.put(row, _UNIT_COST, Formula(product, unit_cost), "plain", UNIT_USD)
    else:
        sheet.put(row, _UNIT_COST, unit_cost, "planner", UNIT_USD)
    timing, month = at(row, _TIMING), at(row, _FROM)
    later = f'IF({timing}="running",running_costs_lag_months,IF({timing}="year_end",1,0))'
    cost, after, factor = at(row, _COST), at(row, _AFTER), at(row, _FACTOR)
    for column, formula, value, form in (
        (_COST, f"={at(row, _QUANTITY)}*{at(row, _UNIT_COST)}", flows.cost[n], USD),
        (_COUNTED, f"=MIN({month},horizon_months-1)", flows.counted[n], WHOLE),
        (_AFTER, f"={month}+{later}", flows.after[n], WHOLE),
        (_FACTOR, f"=(1+wacc_fraction)^(-{after}/12)", flows.factor(flows.after[n]), FACTOR),
        (_PRESENT, f"={cost}*{factor}", flows.present[n], USD),
        (_PAID, f'={month}-IF({timing}="horizon",1,0)', flows.paid[n], WHOLE),
    ):
        sheet.put(row, column, Formula(formula, float(value)), "plain", form)


def first_day(label: str) -> date:
    """Return the first day of a month."""
    return date.fromisoformat(f"{label}-01")
