"""What is there already: servers owned or on order, commitments and savings plans that run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from planner.records import MonthLabel, NonNegative, Positive, PositiveWhole, Record, Slug


class ExistingServers(Record):
    """Servers that are already owned, or ordered; what was paid is sunk, what they are worth is not.

    What a loan or lease has yet to be paid is counted month by month, as of a new one; a lease's end gives them back.
    """

    server: Slug
    site: Slug
    servers: PositiveWhole
    in_service: MonthLabel = Field(description="first month of service, inside the horizon where they are on order")
    paid_usd_per_server: NonNegative = Field(description="the price, whoever paid it first")
    financing: Slug | None = Field(default=None, description="the way of `financing` that pays; unset: it is paid")
    ordered: MonthLabel | None = Field(default=None, description="needed with financing: a loan is paid from then on")

    @model_validator(mode="after")
    def _says_since_when(self) -> ExistingServers:
        if (self.financing is None) != (self.ordered is None):
            raise ValueError("financing and ordered belong together")
        return self


class ExistingCommitment(Record):
    """A commitment that runs already; only payments inside the horizon are counted."""

    offer: Slug
    instances: PositiveWhole
    start: MonthLabel
    term_months: PositiveWhole
    hourly_usd_per_gpu: NonNegative
    hourly_billed: Literal["term", "used"] = Field(
        default="term", description="used: the hourly rate is paid for hours of use only"
    )


class ExistingSavingsPlan(Record):
    """A savings plan that runs already; its term, its rates and what of it is prepaid are those of the catalog."""

    plan: Slug
    usd_per_hour: Positive
    start: MonthLabel
