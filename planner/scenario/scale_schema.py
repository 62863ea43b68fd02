"""What-ifs that move many things at once: all demand, or all catalog rows of a kind."""

from __future__ import annotations

from decimal import Decimal
from fnmatch import fnmatchcase
from math import prod

from pydantic import Field

from planner.records import MonthLabel, NonNegative, Positive, Record
from planner.units import months_between


class Scale(Record):
    """Factors on what the rest of the scenario says; 1 changes nothing."""

    demand: Positive = Field(default=1, description="times the demand of every workload, in every hour")  # type: ignore[assignment]
    rows: dict[str, NonNegative] = Field(
        default={},
        description="catalog rows → factor; * stands for anything: '*/on_demand_usd_per_gpu_hour'. Several multiply",
    )
    rows_from: MonthLabel | None = Field(
        default=None, description="first month of the factors on prices that are paid by the month; unset: the first"
    )

    def since(self, start: str) -> int:
        """Return the month from which factors on monthly prices count, in a plan that begins in `start`."""
        return 0 if self.rows_from is None else months_between(start, self.rows_from)

    def of(self, row_id: str) -> Decimal:
        """Return the factor on a catalog row."""
        return prod((factor for rows, factor in self.rows.items() if fnmatchcase(row_id, rows)), start=Decimal(1))
