"""What savings are worth in one figure beside NPV and IRR: modified rate, profitability index, equal yearly amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.report.returns import NEVER_BEHIND, never_behind
from planner.report.workbook.book import NONE, PERCENT, USD, Formula, Sheet, at
from planner.report.workbook.flows import Floats

LABELS = ("Modified IRR per year", "Profitability index", "Equivalent amount per year, USD", "Counts as nothing, USD")
NOISE = 1e-13
"""Of all that is paid: a difference of two options below it is rounding."""


@dataclass(frozen=True)
class Columns:
    """Where savings stand, and what they are the difference of: columns, rows, and the rows of NPV and measures."""

    saved: int
    ours: int
    theirs: int
    first: int
    last: int
    npv: int
    measures: int

    def cells(self, column: int) -> str:
        """Return the address of a column of flows."""
        return f"{at(self.first, column)}:{at(self.last, column)}"


@dataclass(frozen=True)
class Saved:
    """Savings by month of payment, all that is paid for them, and how money and time are counted."""

    flows: Floats
    gross: float
    wacc: float
    horizon: int

    @property
    def nothing(self) -> float:
        """What counts as nothing."""
        return NOISE * self.gross

    def parts(self) -> tuple[float, float]:
        """Return the present values of the flows above zero and below it, both positive."""
        present = self.flows * (1 + self.wacc) ** (-np.arange(len(self.flows)) / 12)
        return float(present[self.flows > self.nothing].sum()), -float(present[self.flows < -self.nothing].sum())

    def years(self) -> float:
        """Return the life: the horizon, or until the last flow."""
        return max(self.horizon, int(np.flatnonzero(np.abs(self.flows) > self.nothing).max(initial=0))) / 12


def write_measures(sheet: Sheet, where: Columns, saved: Saved, returns: dict[str, Any], what: str) -> None:
    """Write the measures below NPV and IRR, held to the planner's where it says them."""
    column, row = where.saved, where.measures
    cells, times, factor = where.cells(column), where.cells(0), where.cells(1)
    small = at(row + 3, column)
    text = f"=1E-13*SUMPRODUCT(ABS({where.cells(where.ours)})+ABS({where.cells(where.theirs)}))"
    sheet.put(row + 3, column, Formula(text, saved.nothing), "note", "0.0E+00")
    gains = f"SUMPRODUCT(({cells}>{small})*{cells}*{factor})"
    losses = f"-SUMPRODUCT(({cells}<-{small})*{cells}*{factor})"
    life = f"(MAX(horizon_months,SUMPRODUCT(MAX((ABS({cells})>{small})*{times})))/12)"
    rate = f"({gains}/({losses}))^(1/{life})*(1+wacc_fraction)-1"
    years = "(horizon_months/12)"
    each = f"IF(wacc_fraction=0,1/{years},wacc_fraction/(1-(1+wacc_fraction)^(-{years})))"
    gain, loss = saved.parts()
    figures = (
        ("mirr", f'IFERROR(IF({gains}>0,{rate},"{NONE}"),"{NONE}")',
         (gain / loss) ** (1 / saved.years()) * (1 + saved.wacc) - 1 if gain and loss else NONE, PERCENT),
        ("profitability_index", f'IFERROR({gains}/({losses}),"{NONE}")', gain / loss if loss else NONE, "0.00"),
        ("equivalent_annual_usd", f"{at(where.npv, column)}*{each}", _equal(gain - loss, saved), USD),
    )  # fmt: skip
    for n, (field, formula, value, form) in enumerate(figures):
        if field != "equivalent_annual_usd" and never_behind(returns):
            sheet.put(row + n, column, NEVER_BEHIND, "plain")
            continue
        address = sheet.put(row + n, column, Formula(f"={formula}", value), "plain", form)
        if field in returns:
            dust = 1e-9 * max(1.0, saved.gross) if returns[field] == 0 else None
            sheet.book.check(f"{what}: {LABELS[n]}", sheet.name, Formula(f"={address}", value), returns[field], dust)


def _equal(npv: float, saved: Saved) -> float:
    """Return the equal amount at the end of each year of the horizon."""
    years = saved.horizon / 12
    return npv * (saved.wacc / (1 - (1 + saved.wacc) ** -years) if saved.wacc else 1 / years)
