"""Costs of the undertaking itself: people, data, migration, and the fit-out of rooms."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from planner.records import Positive, PositiveWhole, Record, Slug, Text, Whole


class ProjectCost(Record):
    """A cost of the undertaking itself: paid always, or only when anything is bought, anywhere or for one site."""

    name: Slug
    category: Literal["data", "labor", "migration", "fit_out", "other"] = Field(
        description="fit_out is capital outlay, depreciated; the others are running costs"
    )
    usd_per_month: Positive
    start_month: Whole = 0
    months: PositiveWhole = 1
    when: Literal["always", "if_bought"] = "always"
    site: Slug | None = Field(default=None, description="of if_bought: paid when anything is bought for this site")
    source: Text

    @model_validator(mode="after")
    def _belongs_to_purchases(self) -> ProjectCost:
        if self.site is not None and self.when == "always":
            raise ValueError("site says for which purchases it is paid: when must be if_bought")
        return self
