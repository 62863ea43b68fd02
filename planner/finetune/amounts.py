"""Numbers of a project: single ones, or ranges that say how sure they are."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from planner.records import Fraction, Number, Record, ordered

MOST = 1_000_000_000_000
"""No quantity and no price of a project is more; beyond, somebody has mistaken a unit."""

NonNegative = Annotated[Number, Field(ge=0, le=MOST)]
Positive = Annotated[Number, Field(gt=0, le=MOST)]
PositiveFraction = Annotated[Number, Field(gt=0, le=1)]
BelowOne = Annotated[Number, Field(ge=0, lt=1)]


class Range(Record):
    """A number that is not sure: the likely one is calculated with, all three make the range of the total."""

    low: NonNegative = Field(description="hardly less")
    likely: NonNegative = Field(description="is calculated with")
    high: NonNegative = Field(description="hardly more")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not ordered(self.low, self.likely, self.high):
            raise ValueError("needs low ≤ likely ≤ high")
        return self


class PositiveRange(Range):
    """A number above 0 that is not sure."""

    low: Positive
    likely: Positive
    high: Positive


class FractionRange(Range):
    """A share from 0 to 1 that is not sure."""

    low: Fraction
    likely: Fraction
    high: Fraction


class PositiveFractionRange(Range):
    """A share above 0 and at most 1 that is not sure."""

    low: PositiveFraction
    likely: PositiveFraction
    high: PositiveFraction


class BelowOneRange(Range):
    """A share below 1 that is not sure."""

    low: BelowOne
    likely: BelowOne
    high: BelowOne


def _member(value: Any) -> str:
    return "range" if isinstance(value, (dict, Range)) else "number"


_BY_MEMBER = Discriminator(_member)

Amount = Annotated[Annotated[NonNegative, Tag("number")] | Annotated[Range, Tag("range")], _BY_MEMBER]
PositiveAmount = Annotated[Annotated[Positive, Tag("number")] | Annotated[PositiveRange, Tag("range")], _BY_MEMBER]
FractionAmount = Annotated[Annotated[Fraction, Tag("number")] | Annotated[FractionRange, Tag("range")], _BY_MEMBER]
BelowOneAmount = Annotated[Annotated[BelowOne, Tag("number")] | Annotated[BelowOneRange, Tag("range")], _BY_MEMBER]
PositiveFractionAmount = Annotated[
    Annotated[PositiveFraction, Tag("number")] | Annotated[PositiveFractionRange, Tag("range")], _BY_MEMBER
]
