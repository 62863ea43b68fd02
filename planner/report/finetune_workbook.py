"""A fine-tuning project's answer as a workbook: every line a product, every total a formula over the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from planner.plaintext import readable
from planner.report.finetune import RANKED, sections, term_name
from planner.report.workbook.book import QUANTITY, UNIT_USD, Book, Formula, Sheet, at
from planner.report.workbook.checks import write_checks
from planner.report.workbook.written import write_section

Answer = Mapping[str, Any]
_CENTS = '#,##0.00;-#,##0.00;"–"'
_HEAD, _FIRST = 3, 4
_CONTINGENCY = "contingency"
_STEPS = (
    "Levers change the same inputs one after another. What each changes is the planner's figure, written down as a "
    "number: it does not follow when a line is changed."
)
_AS_WRITTEN = ("computing", "range", "checklist")
"""Sections that are no lines of cost: the report's own, as sheets."""
_LINES = (("Term", 20), ("Line", 34), ("Unit", 18), ("Quantity", 14), ("USD a unit", 14), ("USD", 16), ("Source", 44))


def render_finetune_workbook(document: Answer) -> bytes:
    """Return the workbook of an answer, as .xlsx; the same answer gives the same bytes.

    Parameters
    ----------
    document : what `planner finetune --format json` prints, as an object
    """
    found = readable(dict(document))
    book = Book(found["project"], found["description"], date.fromisoformat(found["as_of"]))
    first = Sheet(book, "Summary", found["project"], found["description"], (34, 18, 18, 18))
    totals = {"As it stands": _write_lines(book, "Lines", "The project as it stands.", found["lines"], found)}
    if "optimized" in found:
        after = found["optimized"]
        lead = "With the levers that are pulled."
        totals["With levers"] = _write_lines(book, "Lines with levers", lead, after["lines"], after)
        _write_steps(book, found)
        _write_levers(book, found["levers"])
    for section in sections(found):
        if section.id in _AS_WRITTEN:
            write_section(book, section)
    _write_summary(book, first, found, totals)
    checks = Sheet(book, "Checks", "Checks", "Every total of the workbook beside the planner's own.",
                   (58, 18, 20, 20, 13, 12, 10))  # fmt: skip
    write_checks(book, checks)
    first.cells.activate()
    return book.content()


def _write_lines(book: Book, name: str, lead: str, lines: Sequence[dict[str, Any]], of: Answer) -> dict[str, Formula]:
    """Write lines of cost, and return the sum of each term as a formula for other sheets."""
    sheet = Sheet(book, name, name, lead, [width for _, width in _LINES])
    sheet.heads(_HEAD, [title for title, _ in _LINES], 3, frozen=True)
    sheet.put(_HEAD, len(_LINES) - 1, "Source", "head")
    last = _FIRST + len(lines) - 1
    terms, usd = sheet.range(_FIRST, 0, last), sheet.range(_FIRST, 5, last)
    for row, line in enumerate(lines, _FIRST):
        price = _unit_price(sheet, line, row, last)
        kind = "plain" if isinstance(price, Formula) else "input"
        sheet.put(row, 0, term_name(line["term"]), "plain")
        sheet.put(row, 1, line["name"], "wrapped")
        sheet.put(row, 2, line["unit"], "plain")
        quantity = sheet.put(row, 3, line["quantity"], "input", QUANTITY)
        sheet.named(book.names.new("quantity", line["name"]), quantity)
        sheet.put(row, 4, price, kind, UNIT_USD)
        sheet.put(row, 5, Formula(f"={at(row, 3)}*{at(row, 4)}", line["usd"]), "plain", _CENTS)
        sheet.put(row, 6, line["source"], "note")
        sheet.fit(row, [(1, line["name"]), (6, line["source"])])
    total = Formula(f"=SUM({usd})", of["total_usd"])
    sheet.put(last + 1, 0, "Total", "total")
    sheet.result(book.names.new("total_usd"), last + 1, 5, total, "total", _CENTS)
    book.check("Total", name, total, of["total_usd"])
    sums = {
        term: Formula(f'=SUMIF({terms},"{term_name(term)}",{usd})', value) for term, value in of["terms"].items()
    }  # fmt: skip
    for term, formula in sums.items():
        book.check(term_name(term), name, formula, of["terms"][term])
    return sums


def _unit_price(sheet: Sheet, line: Answer, row: int, last: int) -> Formula | float:
    """Return a unit price: a number, or what is a share of other lines as a formula over them."""
    usd: float = line["unit_usd"]
    if line["term"] == _CONTINGENCY:
        return Formula(f"={_sum_but(sheet, row, last)}", usd)
    terms, sums = sheet.range(_FIRST, 0, row - 1), sheet.range(_FIRST, 5, row - 1)  # terms stand before risk
    again = "+".join(f'SUMIF({terms},"{term_name(term)}",{sums})' for term in line.get("repeats", ()))
    return Formula(f"={again}", usd) if again else usd


def _sum_but(sheet: Sheet, row: int, last: int) -> str:
    """Return the sum of all lines but that of `row`, which is a share of the rest."""
    spans = [(_FIRST, row - 1), (row + 1, last)]
    return "+".join(f"SUM({sheet.range(first, 5, end)})" for first, end in spans if first <= end) or "0"


def _write_steps(book: Book, found: Answer) -> None:
    """Write the steps from the project as it stands to the one with levers; each begins where the last one ended."""
    sheet = Sheet(book, "Step by step", "Step by step", _STEPS, (34, 18, 18, 18))  # fmt: skip
    sheet.heads(_HEAD, ("Lever", "Before, USD", "Change, USD", "After, USD"), 1, frozen=True)
    total = "='Lines'!" + at(_FIRST + len(found["lines"]), 5, row_abs=True, col_abs=True)
    for row, step in enumerate(found["waterfall"], _FIRST):
        before = total if row == _FIRST else f"={at(row - 1, 3)}"
        sheet.put(row, 0, step["lever"], "plain")
        sheet.put(row, 1, Formula(before, step["before_usd"]), "plain", _CENTS)
        sheet.put(row, 2, step["usd"], "planner", _CENTS)
        after = Formula(f"={at(row, 1)}+{at(row, 2)}", step["after_usd"])
        sheet.put(row, 3, after, "plain", _CENTS)
    if found["waterfall"]:
        last = Formula(f"={sheet.range(row, 3, row).partition(':')[0]}", found["waterfall"][-1]["after_usd"])
        book.check("The last step ends at the total with levers", sheet.name, last, found["optimized"]["total_usd"])


def _write_levers(book: Book, levers: Sequence[dict[str, Any]]) -> None:
    titles = (
        "Lever", "Pulled", "Saves alone, USD", "Share of what all save, USD", "Lost without it, USD",
        "Would save more, USD", "What it does", "Source",
    )  # fmt: skip
    sheet = Sheet(
        book,
        "Levers",
        "Levers",
        f"The planner's figures, written down as numbers. {RANKED}",
        (30, 9, 16, 18, 16, 16, 50, 50),
    )
    sheet.heads(_HEAD, titles, 1, frozen=True)
    for column in (1, 6, 7):
        sheet.put(_HEAD, column, titles[column], "head")
    for row, one in enumerate(levers, _FIRST):
        sheet.put(row, 0, one["lever"], "plain")
        sheet.put(row, 1, "yes" if one["chosen"] else "no", "plain")
        for column, key in enumerate(("alone_usd", "share_usd", "last_usd", "more_usd"), 2):
            sheet.put(row, column, one[key], "planner", _CENTS)
        sheet.put(row, 6, one["description"], "wrapped")
        sheet.put(row, 7, f"{one['source']} ({one['basis']})", "note")
        sheet.fit(row, [(6, one["description"]), (7, one["source"])])


def _write_summary(book: Book, sheet: Sheet, found: Answer, totals: Mapping[str, dict[str, Formula]]) -> None:
    sheet.put(2, 0, f"{found['horizon_months']} months, prices as of {found['as_of']}, {found['currency']}", "note")
    heads = ["Term", *totals, *(["Saved"] if len(totals) > 1 else [])]
    sheet.heads(_HEAD, heads, 1)
    columns = list(totals.values())
    last = _FIRST + len(columns[0]) - 1
    for row, term in enumerate(columns[0], _FIRST):
        sheet.put(row, 0, term_name(term), "plain")
        for column, sums in enumerate(columns, 1):
            sheet.put(row, column, sums[term], "plain", _CENTS)
    sheet.put(last + 1, 0, "Total", "total")
    for column, sums in enumerate(columns, 1):
        value = sum(float(one.value) for one in sums.values())
        whole = f"=SUM({at(_FIRST, column)}:{at(last, column)})"
        sheet.put(last + 1, column, Formula(whole, value), "total", _CENTS)
    if len(columns) > 1:
        saved = [float(columns[0][term].value) - float(columns[1][term].value) for term in columns[0]]
        for row, usd in enumerate([*saved, sum(saved)], _FIRST):
            kind = "total" if row > last else "plain"
            sheet.put(row, 3, Formula(f"={at(row, 1)}-{at(row, 2)}", usd), kind, _CENTS)
    row = last + 3
    for one in [*(warning["text"] for warning in found["warnings"]), *found["notes"]]:
        row = sheet.text(row, one)
