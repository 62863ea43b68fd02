"""What a scenario says about demand: its level, its hourly shape and its growth."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from planner.records import AnnualRate, MonthOfYear, NonNegative, Positive, Record, Text


class Growth(Record):
    """How a monthly level moves: a yearly rate and its seasons, or one factor for each month of the horizon."""

    annual_rate: AnnualRate | None = Field(default=None, description="0.2 is 20 % a year; 0 stays as it is")
    monthly_factors: list[NonNegative] | None = Field(default=None, description="one for each month of the horizon")
    seasons: dict[MonthOfYear, NonNegative] = Field(
        default={}, description="month of the year → factor on top of annual_rate, as {12: 1.6}; others have 1"
    )

    @model_validator(mode="after")
    def _one(self) -> Growth:
        if (self.annual_rate is None) == (self.monthly_factors is None):
            raise ValueError("needs annual_rate or monthly_factors, not both")
        if self.seasons and self.annual_rate is None:
            raise ValueError("takes seasons with annual_rate only: monthly_factors say each month already")
        return self


class Week(Record):
    """Relative load by hour of the day; the weekend is like a weekday unless given."""

    weekday: Annotated[list[NonNegative], Field(min_length=24, max_length=24)] = Field(
        description="24 numbers from midnight on; only their proportions matter"
    )
    weekend: Annotated[list[NonNegative], Field(min_length=24, max_length=24)] | None = None


Cover = Literal["week", "year", "horizon"]


class SeriesFile(Record):
    """A CSV file of load by the hour of a week, a year or the whole horizon.

    A week has 168 rows from Monday 00:00, a year 8,760 from 1 January 00:00 without 29 February, the horizon one for
    every hour of its calendar months, leap days too. With a level (peak_per_hour, average_per_hour, work_per_month)
    only the proportions of the rows matter; without one they are work units per hour. Rows that cover the horizon have
    their growth in them. Hours of the day and weekdays of the scenario are counted by the clock of the file.
    """

    csv: Text = Field(description="path inside the scenario's folder")
    column: Text = Field(description="column of the load")
    time: Text | None = Field(
        default=None,
        description="column of hours, as 2028-01-01T00:00Z; each row must be the next hour, in one offset from UTC",
    )
    covers: Cover | None = Field(
        default=None, description="unset: told by the number of rows; 8,760 rows are a year unless this says horizon"
    )


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
    """Load of a serving workload: a level, its hourly shape and its growth.

    The level is a peak, an average or the work of every month; without one, the rows of a file are work units per hour.
    """

    peak_per_hour: Positive | None = Field(
        default=None,
        description="work units in the busiest hour at the start, before seasons; with a file that covers the horizon, "
        "in the busiest hour of it",
    )
    average_per_hour: Positive | None = Field(
        default=None, description="work units in the mean hour, instead of peak_per_hour"
    )
    work_per_month: list[NonNegative] | None = Field(
        default=None,
        description="work units of each month of the horizon, as bills have them, instead of a level and growth",
    )
    scale: Positive = Field(default=1, description="multiplies the demand, for what-ifs: 1.2 is 20 % more")  # type: ignore[assignment]
    shape: Shape = Field(description="flat, a week hour by hour, or a CSV file")
    growth: Growth | None = Field(
        default=None,
        description="how the level moves; left out only where months are told by work_per_month or by a file that "
        "covers the horizon",
    )

    @model_validator(mode="after")
    def _one_level(self) -> Demand:
        levels = [self.peak_per_hour, self.average_per_hour, self.work_per_month]
        given, from_file = sum(level is not None for level in levels), isinstance(self.shape, SeriesFile)
        if given > 1 or not (given or from_file):
            raise ValueError("needs one of peak_per_hour, average_per_hour and work_per_month")
        if self.work_per_month is not None:
            if self.growth is not None:
                raise ValueError("takes growth or work_per_month, not both: growth is in the work of each month")
            if not any(self.work_per_month):
                raise ValueError("needs work in some month: work_per_month is 0 in all of them")
        elif self.growth is None and not from_file:
            raise ValueError("needs growth; {annual_rate: 0} where demand stays as it is")
        return self
