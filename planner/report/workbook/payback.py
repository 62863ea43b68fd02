"""The sheet of breakeven: cumulative cost of the plan against each baseline, and when it stays below for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.report.formatting import name
from planner.report.workbook.book import CROSSING, MONTH, MONTHS, NONE, USD, WHOLE, Book, Formula, Sheet, at
from planner.report.workbook.entries import first_day
from planner.report.workbook.flows import BASELINES, RESALE, TAX_ON_DISPOSAL, Flows, Where
from planner.units import month_label

NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class View:
    """A way to look at it: nominal or present, before resale or with it, and what the planner calls its result."""

    key: str
    title: str
    usd: str
    with_resale: bool
    part: str
    field: str


VIEWS = (
    View("breakeven", "Before resale, nominal", "cost", False, "breakeven", "months"),
    View("discounted_breakeven", "Before resale, discounted", "present", False, "breakeven", "discounted_months"),
    View("payback", "With resale, nominal", "cost", True, "finance", "payback_months"),
    View("discounted_payback", "With resale, discounted", "present", True, "finance", "discounted_payback_months"),
)


def write_payback(book: Book, document: dict[str, Any], flows: Flows) -> dict[tuple[str, str], str]:
    """Write the sheet; returns the names of the results by key of the view and baseline."""
    baselines = [one for one in BASELINES if (document["finance"]["plan"] or {}).get(one) is not None]
    sheet = Sheet(
        book, "Breakeven", "Breakeven of the plan",
        "Months after which the plan has cost no more than a baseline and stays so. Within a month the cost jumps by "
        "what is paid at its start, then rises evenly.", (20, 8, *[14] * (2 + 5 * len(baselines))),
    )  # fmt: skip
    sheet.cells.freeze_panes(3, 2)
    found: dict[tuple[str, str], str] = {}
    bought = bool(document["decisions"]["purchases"])
    row = 3
    for view in VIEWS:
        row = _Block(sheet, row, view, document, flows, baselines).write(found, bought) + 2
    return found


class _Block:
    """The table of one view: cumulative costs, excess over each baseline, and in which month it ends."""

    def __init__(
        self, sheet: Sheet, row: int, view: View, document: dict[str, Any], flows: Flows, baselines: list[str]
    ) -> None:  # fmt: skip
        self.sheet, self.view, self.document, self.flows, self.baselines = sheet, view, document, flows, baselines
        self.results, self.head = row + 1, row + 4
        self.first, self.final = row + 5, row + 5 + flows.horizon
        self.start = document["start"]
        sheet.put(row, 0, view.title, "section")
        for column in range(1, 4 + 5 * len(baselines)):
            sheet.put(row, column, None, "section")

    def write(self, found: dict[tuple[str, str], str], bought: bool) -> int:
        """Write it all; returns the row after."""
        options = ["plan", *self.baselines]
        heads = ["Month", "From 0"]
        for option in options:
            heads += [f"{name(option)}: so far, after its start, USD", f"{name(option)}: so far, at its end, USD"]
        for baseline in self.baselines:
            heads += [f"Above {name(baseline)} after its start, USD", "… at its end, USD", "… ends after months"]
        self.sheet.heads(self.head, heads, 2, height=60)
        self.sheet.put(self.results, 0, "Reached after months", "total")
        self.sheet.put(self.results + 1, 0, "Counts as nothing, USD", "note")
        for t in range(self.flows.horizon):
            self.sheet.put(self.first + t, 0, first_day(month_label(self.start, t)), "plain", MONTH)
            self.sheet.put(self.first + t, 1, t, "plain", WHOLE)
        if self.view.with_resale:
            self.sheet.put(self.final, 0, "Horizon's end", "total")
        costs = [self._cumulative(2 + 2 * n, name(option)) for n, option in enumerate(options)]
        for n, baseline in enumerate(self.baselines):
            column = 2 + 2 * len(options) + 3 * n
            where = self._against(column, 4 + 2 * n, costs[0], costs[n + 1], bought or self.view.with_resale)
            self._result(baseline, where, found, column)
        return self.final + (1 if self.view.with_resale else 0)

    def _cumulative(self, column: int, option: str) -> np.ndarray:
        """Write what an option has cost so far; returns it, with the end of the horizon as a last row."""
        flows, usd = self.flows, self.view.usd
        of = mine = [flows.text_is("option", f'"{option}"', option)]
        if not self.view.with_resale:
            of = mine + [flows.text_is_not("component", one) for one in (RESALE, TAX_ON_DISPOSAL)]
            of.append(flows.text_is_not("timing", "horizon"))
        so_far, values = 0.0, []
        for t in range(flows.horizon):
            row = self.first + t
            month = flows.number_is("month", at(row, 1, col_abs=True), t)
            start = flows.sum(usd, *of, month, flows.text_is("timing", '"start"', "start"))
            rest = flows.sum(usd, *of, month, flows.text_is_not("timing", "start"))
            if t == flows.horizon - 1 and not self.view.with_resale:
                rest = self._with_debt(rest, mine)
            before = f"{at(row - 1, column + 1)}+" if t else ""
            after_start = so_far + float(start.value)
            so_far = after_start + float(rest.value)
            self.sheet.put(row, column, Formula(f"={before}{start.text[1:]}", after_start), "plain", USD)
            self.sheet.put(row, column + 1, Formula(f"={at(row, column)}+{rest.text[1:]}", so_far), "plain", USD)
            values.append((after_start, so_far))
        if self.view.with_resale:
            values.append(self._at_the_end(column, of, so_far))
        return np.array(values)

    def _with_debt(self, rest: Formula, mine: list[Where]) -> Formula:
        """Add the debt that is settled at the horizon's end, which is owed whatever the servers bring."""
        flows, financing = self.flows, name("financing")
        debt = flows.text_is("category", f'"{financing}"', financing)
        settled = flows.sum(self.view.usd, *mine, debt, flows.text_is("timing", '"horizon"', "horizon"))
        return Formula(f"{rest.text}+{settled.text[1:]}", float(rest.value) + float(settled.value))

    def _at_the_end(self, column: int, of: list[Where], so_far: float) -> tuple[float, float]:
        late = self.flows.sum(self.view.usd, *of, self.flows.number_from("month", "horizon_months", self.flows.horizon))
        end = so_far + float(late.value)
        self.sheet.put(self.final, column, None, "total")
        formula = f"={at(self.final - 1, column + 1)}+{late.text[1:]}"
        self.sheet.put(self.final, column + 1, Formula(formula, end), "total", USD)
        return end, end

    def _against(
        self, column: int, theirs: int, ours: np.ndarray, baseline: np.ndarray, known: bool
    ) -> Formula | None:  # fmt: skip
        """Write the excess over a baseline and when it ends; returns the result, None where nothing is bought."""
        horizon, first = self.flows.horizon, self.first
        excess, inside = ours - baseline, np.abs(np.stack((ours, baseline))[:, :horizon])
        nothing = NEGLIGIBLE * max(1.0, float(inside.max()))
        excess[np.abs(excess) <= nothing] = 0.0
        ranges = [f"{at(first, c)}:{at(first + horizon - 1, c + 1)}" for c in (2, theirs)]
        limit = ",".join(f"MAX({one}),-MIN({one})" for one in ranges)
        small = at(self.results + 1, column, row_abs=True)
        self.sheet.put(self.results + 1, column, Formula(f"=1E-9*MAX(1,{limit})", nothing), "note", "0.0000")
        ends = []
        for t in range(len(excess)):
            row, start, end = first + t, at(first + t, column), at(first + t, column + 1)
            style = "plain" if t < horizon else "total"
            for side in (0, 1):
                if t == horizon and side == 0:
                    self.sheet.put(row, column, None, style)
                    continue
                gap = f"{at(row, 2 + side)}-{at(row, theirs + side)}"
                formula = f"=IF(ABS({gap})<={small},0,{gap})"
                self.sheet.put(row, column + side, Formula(formula, float(excess[t, side])), style, USD)
            if t < horizon:
                month = at(row, 1)
                part = f"{month}+{start}/({start}-{end})"
                formula = f"=IF({end}>0,{month}+1,IF({start}>0,{part},0))"
                ends.append(_crossing(t, *map(float, excess[t])))
                self.sheet.put(row, column + 2, Formula(formula, ends[-1]), "plain", CROSSING)
        if not known:
            return None
        last = at(first + len(excess) - 1, column + 1)
        cells = f"{at(first, column + 2)}:{at(first + horizon - 1, column + 2)}"
        value = NONE if excess[-1, 1] > 0 else max(ends)
        return Formula(f'=IF({last}>0,"{NONE}",MAX({cells}))', value)

    def _result(self, baseline: str, found: Formula | None, names: dict[tuple[str, str], str], column: int) -> None:
        view, book = self.view, self.sheet.book
        planner = self.document[view.part]["plan"][baseline][view.field]
        self.sheet.put(self.results, column, f"{name(baseline)}:", "total")
        cell = self.sheet.result(
            book.names.new(view.key, baseline, "months"), self.results, column + 2, found or NONE, "total", MONTHS
        )  # fmt: skip
        names[view.key, baseline] = cell
        if found is not None:
            what = f"Plan against {name(baseline)}: {view.title.lower()}, months"
            book.check(what, self.sheet.name, Formula(f"={cell}", found.value), planner)


def _crossing(t: int, start: float, end: float) -> float:
    """Return when in month t an excess ends, or the month's end when it does not; 0 where there is none."""
    if end > 0:
        return t + 1.0
    return t + start / (start - end) if start > 0 else 0.0
