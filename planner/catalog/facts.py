"""A dated number with its evidence, and the kinds of fields that things of the catalog share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from planner.records import Day, MonthLabel, NonNegative, Record, Slug, Text, ordered

INDEX = "index"
"""The basis of a price that sums up several offers, so that nobody sells exactly it."""

Confidence = Literal["high", "medium", "low", "assumption"]


class Fact(Record):
    """One dated number and what it rests on; `value` is in the unit that the field's name says."""

    value: NonNegative | None = Field(default=None, description="the number; without it, `unknown` says why")
    low: NonNegative | None = Field(default=None, description="lower end of the range, at most value")
    high: NonNegative | None = Field(default=None, description="upper end of the range, at least value")
    date: Day = Field(description="day from which it holds, or on which it was read")
    source: Slug = Field(description="an id of sources.yaml")
    basis: Text = Field(description="what kind of figure it is: list, usual sale price, survey, assumption …")
    confidence: Confidence = Field(description="how sure it is; an assumption needs low, high and note")
    currency: Literal["USD", "EUR", "GBP", "JPY", "BRL"] = Field(
        default="USD", description="of a price, even where the field's name says usd"
    )
    note: Text | None = Field(default=None, description="what a reader must know of it")
    unknown: Text | None = Field(default=None, description="why there is no value")

    @model_validator(mode="after")
    def _value_or_reason(self) -> Fact:
        if (self.value is None) == (self.unknown is None):
            raise ValueError("needs either a value, or `unknown:` with the reason why there is none")
        if not ordered(self.low, self.value, self.high):
            raise ValueError("needs low ≤ value ≤ high")
        if self.confidence == "assumption" and (self.low is None or self.high is None or self.note is None):
            raise ValueError("an assumption needs low, high and a note with its reason")
        return self


def as_list(value: Any) -> Any:
    """A fact may stand alone or in a list."""
    return value if isinstance(value, list) else [value]


Facts = Annotated[list[Fact], BeforeValidator(as_list), Field(min_length=1)]
Id = Annotated[Slug, Field(description="its name in rows, scenarios and reports; stands once in the whole catalog")]
Name = Annotated[Text, Field(description="what people call it")]
GpuId = Annotated[Slug, Field(description="an id of gpus")]
ProviderId = Annotated[Slug, Field(description="an id of providers")]
From = Annotated[MonthLabel | None, Field(description="first month in which it can be had")]
Until = Annotated[MonthLabel | None, Field(description="last month in which it can be had")]


def optional(description: str) -> Any:
    """Return a fact that a thing may lack."""
    return Field(default=None, description=description)
