"""The sheet of months: what the plan costs by kind, what every option costs, and what the plan saves so far."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from planner.report.formatting import name
from planner.report.workbook.book import MONTH, USD, WHOLE, Book, Formula, Sheet, at
from planner.report.workbook.entries import first_day
from planner.report.workbook.flows import BASELINES, Flows
from planner.units import month_label

FIRST = 5
PLAN = name("plan")


def write_monthly(book: Book, start: str, flows: Flows) -> tuple[Sheet, dict[str, int]]:
    """Write the sheet; return it with the column of each option's cumulative cost."""
    categories = list(dict.fromkeys(flows.texts["category"][flows.texts["option"] == PLAN]))
    others = [one for one in flows.options if one != PLAN]
    baselines = {name(one) for one in BASELINES}
    columns = 4 + len(categories) + sum(4 if one in baselines else 2 for one in others)
    sheet = Sheet(
        book, "Monthly", "Cost by month",
        "USD, nominal. What falls at the end of the horizon or later is counted in its last month; capital outlay is "
        "net of resale.", (11, 8, *[14] * (columns - 2)),
    )  # fmt: skip
    group, heads = ["", ""], ["Month", "From 0"]
    for kind in categories:
        group.append(PLAN)
        heads.append(f"{kind}, USD")
    heads += ["Total, USD", "Cumulative, USD"]
    group += [PLAN, PLAN]
    for option in others:
        saves = ["Plan saves, USD", "Saved so far, USD"] if option in baselines else []
        heads += ["Total, USD", "Cumulative, USD", *saves]
        group += [option] * (2 + len(saves))
    sheet.heads(FIRST - 2, group, 2, height=18)
    sheet.heads(FIRST - 1, heads, 2, frozen=True)
    for t in range(flows.horizon):
        sheet.put(FIRST + t, 0, first_day(month_label(start, t)), "plain", MONTH)
        sheet.put(FIRST + t, 1, t, "plain", WHOLE)
    writer = _Writer(sheet, flows)
    for column, kind in enumerate(categories, 2):
        writer.sums(column, PLAN, kind)
    total = 2 + len(categories)
    planned = writer.total(total, 2)
    cumulative = {PLAN: writer.running(total + 1, total, planned)}
    column = total + 2
    for option in others:
        cost = writer.sums(column, option)
        cumulative[option] = writer.running(column + 1, column, cost)
        if option in baselines:
            saved = writer.difference(column + 2, column, total, cost - planned)
            writer.running(column + 3, column + 2, saved)
        column += 4 if option in baselines else 2
    return sheet, cumulative


class _Writer:
    """Writes columns of months with their sum below, and keeps their values."""

    def __init__(self, sheet: Sheet, flows: Flows) -> None:
        self.sheet, self.flows = sheet, flows
        self.end = FIRST + flows.horizon
        self._parts: list[np.ndarray] = []
        sheet.put(self.end, 0, "Sum", "total")
        sheet.put(self.end, 1, None, "total")

    def sums(self, column: int, option: str, category: str | None = None) -> np.ndarray:
        """Write the sums over the ledger for an option, of one category or all."""
        flows, kind = self.flows, f'"{category}"'
        values = []
        for t in range(flows.horizon):
            of = [flows.text_is("option", f'"{option}"', option)]
            if category:
                of.append(flows.text_is("category", kind, category))
            found = flows.sum("cost", *of, flows.number_is("counted", at(FIRST + t, 1, col_abs=True), t))
            self.sheet.put(FIRST + t, column, found, "plain", USD)
            values.append(float(found.value))
        if category:
            self._parts.append(np.array(values))
        return self._summed(column, np.array(values))

    def total(self, column: int, first: int) -> np.ndarray:
        """Write the sum of the categories to the left."""
        values = np.sum(self._parts, axis=0) if self._parts else np.zeros(self.flows.horizon)
        for t, value in enumerate(values):
            cells = f"{at(FIRST + t, first)}:{at(FIRST + t, column - 1)}"
            text = f"=SUM({cells})" if self._parts else "=0"
            self.sheet.put(FIRST + t, column, Formula(text, float(value)), "plain", USD)
        return self._summed(column, np.asarray(values))

    def difference(self, column: int, minuend: int, subtrahend: int, values: np.ndarray) -> np.ndarray:
        """Write the difference of two columns."""
        for t, value in enumerate(values):
            row = FIRST + t
            self.sheet.put(
                row, column, Formula(f"={at(row, minuend)}-{at(row, subtrahend)}", float(value)), "plain", USD
            )
        return self._summed(column, values)

    def running(self, column: int, of: int, values: np.ndarray) -> int:
        """Write the running sum of a column; returns its own."""
        for t, value in enumerate(accumulate(map(float, values))):
            row = FIRST + t
            before = f"{at(row - 1, column)}+" if t else ""
            self.sheet.put(row, column, Formula(f"={before}{at(row, of)}", value), "plain", USD)
        self.sheet.put(self.end, column, None, "total")
        return column

    def _summed(self, column: int, values: np.ndarray) -> np.ndarray:
        cells = f"{at(FIRST, column)}:{at(self.end - 1, column)}"
        self.sheet.put(self.end, column, Formula(f"=SUM({cells})", float(values.sum())), "total", USD)
        return values
