"""The report as a workbook whose totals are formulas: over the ledger of every option, with prices in named cells."""

from __future__ import annotations

from datetime import date
from typing import Any

from planner.report.workbook.assumptions import write_assumptions
from planner.report.workbook.book import Book, Sheet
from planner.report.workbook.cash import write_cash
from planner.report.workbook.checks import write_checks
from planner.report.workbook.entries import write_ledger
from planner.report.workbook.flows import Flows
from planner.report.workbook.links import Links
from planner.report.workbook.monthly import write_monthly
from planner.report.workbook.payback import write_payback
from planner.report.workbook.savings import write_savings
from planner.report.workbook.summary import write_summary
from planner.report.workbook.tco import write_tco


def render_workbook(document: dict[str, Any]) -> bytes:
    """Return the workbook of a plan, as .xlsx; the same plan gives the same bytes.

    Parameters
    ----------
    document : plan.json as an object, with `ledgers`
    """
    flows = Flows(document)
    links = Links(document, flows)
    flows.pay(links.unit_costs(flows))
    book = Book(document["scenario"], document["description"], date.fromisoformat(document["as_of"]))
    first = Sheet(book, "Summary", document["scenario"], document["description"], (34, *[19] * 6))
    prices = write_assumptions(book, document, flows, links)
    write_ledger(book, document["start"], flows, links, prices)
    results: dict[str, Any] = {"monthly": write_monthly(book, document["start"], flows)}
    write_tco(book, document, flows)
    write_cash(book, document, flows)
    results["returns"] = write_savings(book, document, flows)
    results["paybacks"] = write_payback(book, document, flows)
    results["values"] = book.values
    checks = Sheet(book, "Checks", "Checks", "Every total of the workbook beside the planner's own.",
                   (58, 14, 20, 20, 13, 12, 10))  # fmt: skip
    write_checks(book, checks)
    write_summary(book, first, document, flows, results)
    first.cells.activate()
    return book.content()
