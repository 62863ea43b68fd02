"""The shape in which every cost component states its prices.

One statement of a price serves the objective, the ledger, the baselines and the budgets: *amount* (physical units for
one unit of a decision) times *price* (USD per physical unit), paid in a month. Nobody else multiplies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from planner.finance import discount_factors
from planner.joins import filled
from planner.program import Floats, Ints, View

Category = Literal["capex", "opex", "financing", "tax"]
Timing = Literal["start", "running", "horizon", "year_end"]
Treatment = Literal["expensed", "spread", "capitalised", "disposal", "neither"]


@dataclass(frozen=True)
class CostLines:
    """Cost lines of one component on one decision; arrays are aligned with the entries of `view`.

    Attributes
    ----------
    component, category : names of the ledger
    view : the decision's entries that are charged
    amount : physical units per unit of the decision
    price : USD per physical unit
    month : when it is paid; H or later lies after the horizon
    timing : at the month's start, as a running cost, at the horizon's end, or at the end of the month whatever the
        convention of running costs: a tax year ends with it
    unit : the physical unit
    items : keys whose labels name the line
    source : catalog rows (joined by " × ") by index of the first key of `items`
    treatment : for tax and profit and loss: expensed when paid; spread over `spread_months` from its month; capitalised
        and depreciated with its cohort; part of the gain or loss of a disposal; or neither, as taxes and principal
    spread_months : over how many months an entry is spread, 0 where it is not
    """

    component: str
    category: Category
    view: View
    amount: Floats
    price: Floats
    month: Ints
    timing: Timing
    unit: str
    items: str
    source: Sequence[str]
    treatment: Treatment
    spread_months: Ints

    @property
    def usd(self) -> Floats:
        """USD per unit of the decision, entry by entry."""
        return self.amount * self.price

    def where(self, mask: Any) -> CostLines:
        """Return the lines of the entries where `mask` is true."""
        mask = np.asarray(mask)
        return replace(
            self, view=self.view.where(mask), amount=self.amount[mask], price=self.price[mask],
            month=self.month[mask], spread_months=self.spread_months[mask],
        )  # fmt: skip


def cost_lines(
    component: str, category: Category, view: View, *, price: Any, unit: str, items: str, source: Sequence[str],
    amount: Any = 1.0, month: Any = None, timing: Timing = "running", treatment: Treatment = "expensed",
    spread_months: Any = 0,
) -> CostLines:  # fmt: skip
    """Return cost lines with arrays broadcast to the entries of `view`; the month is the key t unless given."""
    size = len(view)
    when = view.keys["t"] if month is None else filled(month, size)
    return CostLines(component, category, view, filled(amount, size, float), filled(price, size, float), when, timing,
                     unit, items, source, treatment, filled(spread_months, size))  # fmt: skip


def discount(lines: CostLines, horizon: int, wacc: float, running: Literal["start", "end"]) -> Floats:
    """Return the discount factor of each entry of `lines`, by its month and timing (docs/model.md)."""
    last = max(int(lines.month.max(initial=0)), horizon) + 1
    if lines.timing == "horizon":
        return np.full(len(lines.view), discount_factors(wacc, horizon + 1, "start")[horizon])
    timing: Literal["start", "end"] = running if lines.timing == "running" else "start"
    if lines.timing == "year_end":
        timing = "end"
    return np.asarray(discount_factors(wacc, last, timing)[lines.month])
