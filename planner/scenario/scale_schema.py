"""What-ifs that move many things at once: all demand, or all catalog rows of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from math import ceil, floor, prod

from pydantic import Field

from planner.records import MonthLabel, NonNegative, Positive, Record
from planner.units import months_between


class Scale(Record):
    """Factors on what the rest of the scenario says; 1 changes nothing."""

    demand: Positive = Field(default=1, description="times the demand of every workload, in every hour")  # type: ignore[assignment]
    demand_by_month: dict[MonthLabel, NonNegative] = Field(
        default={}, description="month → times the demand of that month, beside `demand`; a month not named: 1"
    )
    rows: dict[str, NonNegative] = Field(
        default={},
        description="catalog rows → factor; * stands for anything: '*/on_demand_usd_per_gpu_hour'. Several multiply",
    )
    later: dict[str, NonNegative] = Field(
        default={}, description="as rows, but what differs from month to month moves from `later_from` on only"
    )
    later_from: MonthLabel | None = Field(default=None, description="unset: the first month")

    def demand_in(self, month: str) -> Decimal:
        """Return the factor on all demand of a month."""
        return self.demand * self.demand_by_month.get(month, Decimal(1))

    def steps(self, row_id: str, start: str) -> list[tuple[Decimal, int]]:
        """Return the factors that change a catalog row, each with the month from which it holds where months differ."""
        since = 0 if self.later_from is None else months_between(start, self.later_from)
        both = (_factor(self.rows, row_id), 0), (_factor(self.later, row_id), since)
        return [(factor, month) for factor, month in both if factor != 1]

    def months(self, row_id: str, value: Decimal) -> int:
        """Return a row's number of months: begun ones count, and a what-if moves them to the nearest."""
        return floor(ceil(value) * self.of(row_id) + Decimal("0.5"))

    def of(self, row_id: str) -> Decimal:
        """Return the factor on a catalog row that is the same in all months."""
        return _factor(self.rows, row_id) * _factor(self.later, row_id)


def _factor(factors: Mapping[str, Decimal], row_id: str) -> Decimal:
    return prod((factor for rows, factor in factors.items() if fnmatchcase(row_id, rows)), start=Decimal(1))
