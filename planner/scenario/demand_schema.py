"""What a scenario says about demand: its level, its hourly shape and its growth."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from planner.records import AnnualRate, NonNegative, Positive, Record, Text


class Growth(Record):
    """How a monthly level moves: a yearly rate, or one factor for each month of the horizon."""

    annual_rate: AnnualRate | None = Field(default=None, description="0.2 is 20 % a year; 0 stays as it is")
    monthly_factors: list[NonNegative] | None = Field(default=None, description="one for each month of the horizon")

    @model_validator(mode="after")
    def _one(self) -> Growth:
        if (self.annual_rate is None) == (self.monthly_factors is None):
            raise ValueError("needs annual_rate or monthly_factors, not both")
        return self


class Week(Record):
    """Relative load by hour of the day; the weekend is like a weekday unless given."""

    weekday: Annotated[list[NonNegative], Field(min_length=24, max_length=24)] = Field(
        description="24 numbers from midnight on; only their proportions matter"
    )
    weekend: Annotated[list[NonNegative], Field(min_length=24, max_length=24)] | None = None


class SeriesFile(Record):
    """A CSV file of relative load: 168 rows (a week from Monday 00:00) or 8,760 (a year from 1 January 00:00)."""

    csv: Text = Field(description="path inside the scenario's folder")
    column: Text


def _kind_of_shape(value: Any) -> str | None:
    if isinstance(value, dict):
        return "SeriesFile" if value.keys() & {"csv", "column"} else "Week"
    return "flat" if isinstance(value, str) else None


Shape = Annotated[
    Annotated[Literal["flat"], Tag("flat")] | Annotated[Week, Tag("Week")] | Annotated[SeriesFile, Tag("SeriesFile")],
    Discriminator(
        _kind_of_shape,
        custom_error_type="shape",
        custom_error_message="must be flat, a week with weekday (and weekend), or a file with csv and column",
    ),
]


class Demand(Record):
    """Load of a serving workload: a level, its hourly shape and its growth."""

    peak_per_hour: Positive | None = Field(default=None, description="work units in the busiest hour at the start")
    average_per_hour: Positive | None = Field(default=None, description="work units, instead of peak_per_hour")
    shape: Shape = Field(description="flat, a week hour by hour, or a CSV file")
    growth: Growth

    @model_validator(mode="after")
    def _one_level(self) -> Demand:
        if (self.peak_per_hour is None) == (self.average_per_hour is None):
            raise ValueError("needs peak_per_hour or average_per_hour, not both")
        return self
