"""Types that several parts of plan.json share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.units import MONTH

Month = Annotated[str, Field(pattern=MONTH, description="YYYY-MM")]
Day = Annotated[str, Field(pattern=r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$", description="YYYY-MM-DD")]
STUDY_VERSION = 1
"""Of the documents of studies that stand beside plan.json: sensitivity, risk, track and so on."""
Amount = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
