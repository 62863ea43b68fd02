"""What is new since a plan was made: factors on demand and on prices, over those that its scenario has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from planner.actuals.standing import exact
from planner.scenario.scale_schema import Scale
from planner.units import month_label, months_between


@dataclass(frozen=True)
class News:
    """Factors on what a scenario says.

    Attributes
    ----------
    demand : on all demand
    by_month : on all demand of a month
    rows : on catalog rows
    """

    demand: float = 1.0
    by_month: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, float] = field(default_factory=dict)

    def onto(self, scale: Scale, at: str, months: int) -> dict[str, Any]:
        """Return what `scale` is with these factors, of so many months from `at` on; only what changes anything."""
        labels = [month_label(at, t) for t in range(months)]
        by_month = {
            label: factor for label in labels
            if (factor := _times(scale.demand_by_month.get(label), self.by_month.get(label, 1.0))) != 1
        }  # fmt: skip
        rows = {**scale.rows, **{row: _times(scale.rows.get(row), factor) for row, factor in self.rows.items()}}
        begun = scale.later_from is None or months_between(scale.later_from, at) >= 0
        found = {
            "demand": _times(scale.demand, self.demand), "demand_by_month": by_month, "rows": rows,
            "later": dict(scale.later), "later_from": None if begun else scale.later_from,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value and value != 1}


NOTHING_NEW = News()


def _times(said: Decimal | None, factor: float) -> Decimal:
    before = Decimal(1) if said is None else said
    return before if factor == 1 else exact(float(before) * factor)
