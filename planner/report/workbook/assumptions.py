"""The sheet of assumptions: inputs that the formulas follow, as named cells, and those that they do not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from planner.report.formatting import sentence, unit
from planner.report.workbook.book import GENERAL, PERCENT, UNIT_USD, WHOLE, Book, Formula, Sheet, at
from planner.report.workbook.flows import Flows
from planner.report.workbook.links import Links, is_plain, product, rest, rest_words, rows_in, rows_of

_HEADS = ("Name", "What", "Value", "Unit", "Source", "Date", "Confidence", "Note")
_MADE = ("Name", "Of", "Price, USD", "Times", "What times is")
_General = tuple[str, str, float | str, str, str, str, str]
_RATE = "discount rate (WACC)"
_RUNNING = "running costs are paid"


def write_assumptions(book: Book, document: dict[str, Any], flows: Flows, links: Links) -> dict[int, str]:
    """Write the sheet and return the names of the cells that hold the prices, by their index in plan.json."""
    sheet = Sheet(
        book, "Assumptions", "Assumptions",
        "Blue cells may be changed: every total follows. Grey ones are the planner's: quantities rest on them, so a "
        "change needs a new plan.", (46, 46, 14, 22, 36, 11, 12, 56),
    )  # fmt: skip
    evidence = {one["row"]: one for one in document["evidence"]}
    titles = {key: source["title"] for key, source in document["sources"].items()}
    row = _general(sheet, document, flows)
    followed = sorted({name for price in links.prices.values() for name in rows_of(price)})
    row = _section(sheet, row, "Prices that the ledger follows")
    facts: dict[str, str] = {}
    for name in followed:
        facts[name] = book.names.new("price", name)
        _fact(sheet, row, facts[name], evidence[name], titles, live=True)
        row += 1
    names, row = _made(sheet, row + 1, links, facts)
    others = {part for source in flows.texts["source"] for part in rows_in(source)} - set(followed)
    row = _section(sheet, row + 1, "Catalog rows that enter through quantities, or are no exact factor of a price")
    for name in sorted(others & set(evidence)):
        _fact(sheet, row, "", evidence[name], titles, live=False)
        row += 1
    _stated(sheet, _section(sheet, row + 1, "What the scenario states"), document["inputs"])
    return names


def _general(sheet: Sheet, document: dict[str, Any], flows: Flows) -> int:
    """Write what holds for every line, under the heads that stay in sight."""
    sheet.heads(3, _HEADS, 2, frozen=True)
    for column, title in enumerate(_HEADS[3:], 3):
        sheet.put(3, column, title, "head")
    said = {one["input"]: one for one in document["inputs"]}
    hours = document["hours_per_month"]
    rate: list[_General] = []
    if flows.tax_rate is not None:
        rate = [("tax_rate_fraction", "Tax rate", flows.tax_rate, "of income", "", "input", PERCENT)]
    rows: list[_General] = [
        ("wacc_fraction", "Discount rate (WACC)", flows.wacc, "per year, nominal", _RATE, "input", PERCENT),
        ("running_costs_lag_months", "Running costs are paid after", flows.lag, "months", _RUNNING, "input", WHOLE),
        *rate,
        ("horizon_months", "Horizon", flows.horizon, "months", "", "planner", WHOLE),
        ("hours_per_month", "Hours in a month", hours, "hours", "", "planner", WHOLE),
    ]
    for row, (name, what, value, of, source, kind, form) in enumerate(rows, 4):
        sheet.put(row, 0, name, "plain")
        sheet.put(row, 1, what, "plain")
        sheet.named(name, sheet.put(row, 2, value, kind, form))
        sheet.put(row, 3, of, "plain")
        sheet.put(row, 4, said.get(source, {}).get("source", "scenario"), "plain")
    sheet.put(5, 7, "1: at the end of their month; 0: at its start", "plain")
    return 5 + len(rows)


def _section(sheet: Sheet, row: int, title: str) -> int:
    for column in range(len(_HEADS)):
        sheet.put(row, column, title if column == 0 else None, "section")
    return row + 1


def _fact(
    sheet: Sheet, row: int, name: str, fact: dict[str, Any], titles: dict[str, str], *, live: bool
) -> None:  # fmt: skip
    sheet.put(row, 0, name, "wrapped")
    sheet.put(row, 1, fact["row"], "wrapped")
    address = sheet.put(row, 2, fact["value"], "input" if live else "planner", UNIT_USD)
    if name:
        sheet.named(name, address)
    texts = (
        unit(fact["unit"], fact["currency"]), titles.get(fact["source"], fact["source"]), fact["date"],
        fact["confidence"], "; ".join(filter(None, (fact["basis"], fact["note"]))),
    )  # fmt: skip
    for column, text in enumerate(texts, 3):
        sheet.put(row, column, text, "wrapped")
    sheet.fit(row, [(0, name), (1, fact["row"]), *enumerate(texts, 3)])


def _made(sheet: Sheet, row: int, links: Links, facts: dict[str, str]) -> tuple[dict[int, str], int]:
    """Write the prices that are products of several factors; one that is a catalog row as recorded is its cell."""
    names = {index: facts[rows_of(price)[0]] for index, price in links.prices.items() if is_plain(price)}
    products = {index: price for index, price in links.prices.items() if index not in names}
    if not products:
        return names, row
    row = _section(sheet, row, "Prices that are made of several")
    sheet.heads(row, _MADE, 2, height=18)
    for index, price in products.items():
        row += 1
        names[index] = sheet.book.names.new("price", price["thing"], price["price"])
        factors = [facts[name] for name in rows_of(price)]
        sheet.put(row, 0, names[index], "wrapped")
        sheet.put(row, 1, " × ".join(rows_of(price)), "wrapped")
        formula = "=" + "*".join((*factors, at(row, 3)))
        sheet.named(names[index], sheet.put(row, 2, Formula(formula, product(price)), "plain", UNIT_USD))
        sheet.put(row, 3, rest(price), "input", UNIT_USD)
        sheet.put(row, 4, rest_words(price), "wrapped")
        sheet.fit(row, [(0, names[index]), (1, " × ".join(rows_of(price)))])
    return names, row + 1


def _stated(sheet: Sheet, row: int, inputs: Iterable[dict[str, Any]]) -> None:
    for n, one in enumerate((one for one in inputs if one["input"] not in (_RATE, _RUNNING)), row):
        sheet.put(n, 1, sentence(one["input"]), "wrapped")
        sheet.put(n, 2, one["value"], "planner", GENERAL)
        sheet.put(n, 3, one["unit"], "wrapped")
        sheet.put(n, 4, one["source"], "wrapped")
        sheet.fit(n, [(1, one["input"]), (2, str(one["value"])), (3, one["unit"]), (4, one["source"])])
