"""What a scenario says about prices: overrides, discounts, paths, carbon and exchange rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from planner.catalog.price_history import PathCase
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
    """A negotiated discount on rented capacity. It holds throughout; several on one price multiply."""

    provider: Slug
    kind: Literal["on_demand", "spot", "commitments", "api", "all"]
    fraction: Fraction
    source: Text


class PricePath(Record):
    """How the price of catalog rows moves from `as_of` on. Rows are named by id; * stands for anything.

    The kind `history` makes the path of the steps by which the catalog's own prices moved, up to `as_of`: those of
    `rows`, or of the rows `like` names.
    """

    rows: Text
    kind: Literal["flat", "step", "annual_rate", "factors", "history"]
    month: MonthLabel | None = None
    factor: Positive | None = None
    annual_rate: AnnualRate | None = None
    factors: dict[MonthLabel, Positive] | None = None
    case: PathCase | None = None
    like: Annotated[list[Text], Field(min_length=1)] | None = None
    source: Text

    @property
    def learned_from(self) -> tuple[str, ...]:
        """Which rows a path of the kind `history` learns from."""
        return (self.rows,) if self.like is None else tuple(self.like)

    @model_validator(mode="after")
    def _fields_of_kind(self) -> PricePath:
        needed = {"flat": set(), "step": {"month", "factor"}, "annual_rate": {"annual_rate"}, "factors": {"factors"},
                  "history": {"case"}}  # fmt: skip
        fields = ("month", "factor", "annual_rate", "factors", "case", "like")
        given = {name for name in fields if getattr(self, name) is not None}
        if given - ({"like"} if self.kind == "history" else set()) != needed[self.kind]:
            raise ValueError(f"kind {self.kind} takes {', '.join(sorted(needed[self.kind])) or 'no further field'}")
        return self


class Carbon(Record):
    """The price of carbon, a running cost; what has no known carbon factor is left out."""

    usd_per_tonne: NonNegative = Field(description="USD per tonne of CO2e, owned and rented")
    later: dict[MonthLabel, NonNegative] = Field(default={}, description="month → USD per tonne from then on")
    source: Text

    def usd_per_tonne_in(self, month: str) -> Decimal:
        """Return the price in a month."""
        return self.later[max(since)] if (since := [one for one in self.later if one <= month]) else self.usd_per_tonne


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
