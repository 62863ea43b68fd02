"""What is not known when it is decided: how far things may move, and which move together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.records import Fraction, MonthLabel, Number, Record, Text


class Uncertain(Record):
    """How far a driver may lie from what the scenario says: one time in ten below `low`, one in ten above `high`."""

    low: Number = Field(description="P10, as a value of the driver: 0.8 is 20 % less where it is a factor")
    high: Number = Field(description="P90; low = high = the value of today leaves it as it is")
    shape: Literal["lognormal", "normal"] | None = Field(
        default=None, description="on each side of today's value; unset: lognormal for factors, normal for others"
    )
    source: Text | None = Field(default=None, description="unset: the source of the section")

    @model_validator(mode="after")
    def _in_order(self) -> Uncertain:
        if self.low > self.high:
            raise ValueError("needs low ≤ high")
        return self


class Correlation(Record):
    """How far two drivers move together: the correlation of their ranks (Spearman)."""

    between: Annotated[list[Text], Field(min_length=2, max_length=2)]
    value: Annotated[Number, Field(ge=-1, le=1)]


class Risk(Record):
    """Futures of `planner risk`. Drivers are named as there; those that are not named keep their own ranges."""

    drivers: dict[str, Uncertain] = Field(default={}, description="driver → how far it may move")
    correlations: list[Correlation] = Field(default=[], description="of pairs; all others move on their own")
    decide_until: MonthLabel | None = Field(
        default=None, description="first month in which the future is known; unset: three months from the start"
    )
    aversion: Fraction = Field(default=0, description="weight of CVaR beside the mean: 0 looks at the mean alone")  # type: ignore[assignment]
    alpha: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=0.95, description="CVaR is the mean of the dearest 1 − alpha of the futures"
    )  # type: ignore[assignment]
    source: Text
