"""The ledger of every option as arrays, with sums over it: as formulas of the workbook and as their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.components import listed
from planner.report.formatting import name
from planner.report.ledgers import running_costs_lag
from planner.report.workbook.book import Formula

Floats = NDArray[np.float64]
OPTIONS, BASELINES = ("plan", "buy", "self_hosted"), ("on_demand", "cloud", "api", "existing")
ORDER = (*OPTIONS, *BASELINES)
TAX, TAX_ON_DISPOSAL, RESALE = name("tax"), name("tax_on_disposal"), name("resale")
TEXTS = ("option", "component", "category", "item", "unit", "timing", "treatment", "source")


@dataclass(frozen=True)
class Where:
    """A condition on a column of the ledger: what a formula compares it with, and the rows that fulfil it."""

    column: str
    criterion: str
    rows: NDArray[np.bool_]


class Flows:
    """One entry for each payment of every option.

    Attributes
    ----------
    texts : array by column of TEXTS, options, components and categories by the names that reports use
    month : from 0; the horizon and later lie at or after its end
    after : months from the start at which it is paid, whole
    paid : the month of its payment; what falls at the horizon's end, in the month that ends there
    counted : the month of the plan in which it is counted: what falls at the horizon's end or later, in the last
    options : names of those that exist
    tax_rate : by which deductions lower the tax; None before tax
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.horizon = int(document["horizon_months"])
        self.wacc = float(document["finance"]["wacc_fraction"])
        self.lag = running_costs_lag(document)
        rows = [
            (option, line, n)
            for option in ORDER
            for line in document["ledgers"][option] or ()
            for n in range(len(line["month"]))
        ]
        self.texts = {
            key: np.array([_named(key, option if key == "option" else line[key]) for option, line, _ in rows], object)
            for key in TEXTS
        }
        self.thing = np.array([line["component"] for _, line, _ in rows], object)
        self.month = np.array([line["month"][n] for _, line, n in rows], int)
        self.quantity = np.array([line["quantity"][n] for _, line, n in rows], float)
        self.unit_cost = np.array([line["unit_cost_usd"][n] for _, line, n in rows], float)
        timing = self.texts["timing"]
        taxes = self.unit_cost[self.texts["category"] == TAX]
        self.tax_rate = -float(taxes[0]) if len(taxes) else None
        self.month = np.where(timing == "horizon", self.horizon, self.month)
        self.paid = self.month - (timing == "horizon")
        self.texts["cash"] = np.array([_cash_kind(line) for _, line, _ in rows], object)
        self.counted = np.minimum(self.month, self.horizon - 1)
        self.after = self.month + np.where(timing == "running", self.lag, 0) + (timing == "year_end")
        self.options = [name(option) for option in ORDER if document["ledgers"][option] is not None]
        self.pay(self.unit_cost)

    def pay(self, unit_cost: Floats) -> None:
        """Take these unit costs."""
        self.unit_cost = unit_cost
        self.cost = self.quantity * unit_cost
        self.present = self.cost * self.factor(self.after)

    def factor(self, months: Any) -> Any:
        """Return what a dollar is worth that is paid after so many months."""
        return (1 + self.wacc) ** (-np.asarray(months) / 12)

    def __len__(self) -> int:
        return len(self.month)

    def text_is(self, column: str, reference: str, value: str) -> Where:
        """Return the rows whose text is that of the cell `reference`, or of a text in quotes."""
        return Where(column, reference, self.texts[column] == value)

    def text_is_not(self, column: str, value: str) -> Where:
        """Return the rows with another text."""
        return Where(column, f'"<>{value}"', self.texts[column] != value)

    def number_is(self, column: str, reference: str, value: int) -> Where:
        """Return the rows with the number of the cell `reference`; columns: month, paid, counted, after."""
        return Where(column, reference, getattr(self, column) == value)

    def number_from(self, column: str, reference: str, value: int) -> Where:
        """Return the rows with that number or a larger one."""
        return Where(column, f'">="&{reference}', getattr(self, column) >= value)

    def number_to(self, column: str, reference: str, value: int) -> Where:
        """Return the rows with that number or a smaller one."""
        return Where(column, f'"<="&{reference}', getattr(self, column) <= value)

    def sum(self, usd: str, *conditions: Where) -> Formula:
        """Return the sum of a column (cost or present) over the rows that fulfil every condition."""
        tests = ",".join(f"ledger_{one.column},{one.criterion}" for one in conditions)
        rows = np.logical_and.reduce([one.rows for one in conditions])
        return Formula(f"=SUMIFS(ledger_{usd}_usd,{tests})", float(getattr(self, usd)[rows].sum()))


def _cash_kind(line: dict[str, Any]) -> str:
    """Return what a line is in a cash flow; removal of servers stays opex."""
    category, treatment = line["category"], line["treatment"]
    if category in ("tax", "financing"):
        return "tax" if category == "tax" else "loan"
    if category == "capex":
        return "resale" if treatment == "disposal" else "capex"
    if listed(line["component"]) == "lease_payments":
        return "lease"
    return "upfront" if treatment == "spread" else "opex"


def _named(key: str, value: str) -> str:
    return name(value) if key in ("option", "component", "category") else value
