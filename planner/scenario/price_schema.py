"""What a scenario says about prices: overrides, discounts, paths and exchange rates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag, model_validator

from planner.records import (
    AnnualRate,
    Day,
    Fraction,
    MonthLabel,
    NonNegative,
    Positive,
    Record,
    Slug,
    Text,
    ordered,
)


class Discount(Record):
    """A negotiated discount on rented capacity."""

    provider: Slug
    kind: Literal["on_demand", "spot", "commitments", "api", "all"]
    fraction: Fraction
    source: Text


class PricePath(Record):
    """How the price of catalog rows moves from `as_of` on. Rows are named by id; * stands for anything."""

    rows: Text
    kind: Literal["flat", "step", "annual_rate", "factors"]
    month: MonthLabel | None = None
    factor: Positive | None = None
    annual_rate: AnnualRate | None = None
    factors: dict[MonthLabel, Positive] | None = None
    source: Text

    @model_validator(mode="after")
    def _fields_of_kind(self) -> PricePath:
        needed = {"flat": set(), "step": {"month", "factor"}, "annual_rate": {"annual_rate"}, "factors": {"factors"}}
        given = {name for name in ("month", "factor", "annual_rate", "factors") if getattr(self, name) is not None}
        if given != needed[self.kind]:
            raise ValueError(f"kind {self.kind} takes {', '.join(sorted(needed[self.kind])) or 'no further field'}")
        return self


class ExchangeRate(Record):
    """USD for one unit of a currency."""

    currency: Literal["EUR", "GBP", "JPY", "BRL"]
    usd_per_unit: Positive
    date: Day
    source: Text


class PriceOverride(Record):
    """A price that replaces a catalog row in this scenario."""

    value: NonNegative
    low: NonNegative | None = None
    high: NonNegative | None = None
    source: Text
    date: Day

    @model_validator(mode="after")
    def _range(self) -> PriceOverride:
        if not ordered(self.low, self.value, self.high):
            raise ValueError("needs low ≤ value ≤ high")
        return self


def _number_or_override(value: Any) -> str:
    return "PriceOverride" if isinstance(value, dict) else "number"


Price = Annotated[
    Annotated[NonNegative, Tag("number")] | Annotated[PriceOverride, Tag("PriceOverride")],
    Discriminator(_number_or_override),
]
"""The price of a catalog row in one scenario: a number, or a number with its evidence."""
