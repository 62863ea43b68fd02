"""The document of `planner alternatives` as types, by which one that is read back is checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from planner.planschema.types import Day, Month


class Way(TypedDict):
    """Who does a share of all work; work is counted in hours of the fastest GPU."""

    workload: str
    kind: str
    option: str
    plan_fraction: float
    fraction: float


class Order(TypedDict):
    """Something ordered, committed or sold; `amount` is of servers, of instances, or of USD an hour to spend."""

    kind: Literal["buy", "commit", "spend", "sell"]
    what: str
    how: str
    month: Month
    amount: float


class Measured(TypedDict):
    """What is said of a plan; USD are present value but for the outlay."""

    present_usd: float
    dearer_usd: float
    dearer_fraction: float | None
    ledger_usd: float
    outlay_usd: Annotated[float, Field(description="nominal, before resale")]
    tco2e: Annotated[float | None, Field(description="null where anything that is used has no known factor")]
    providers: list[str]
    parts: Annotated[list[str], Field(description="what has to be run: servers, sites, offers, token APIs")]
    owned_fraction: Annotated[float | None, Field(description="of GPU-hours at work")]
    servers_bought: float
    servers: dict[str, float]
    commitments: dict[str, float]
    orders: Annotated[list[Order], Field(description="what `servers` and `commitments` sum up, month by month")]
    moved_fraction: Annotated[float, Field(description="of all work, done in another way than by the plan")]
    ways: list[Way]
    max_violation: float


class Alternative(TypedDict):
    """An alternative; all but its name and `reason` are null where there is none."""

    name: str
    reason: str
    within: Annotated[bool | None, Field(description="it costs at most `within_fraction` more than the plan")]
    proven: bool | None
    same_as: Annotated[str | None, Field(description="the plan, or an alternative before it, that is the same, or that "
                                                  "is cheaper and differs by less than a point of work")]  # fmt: skip
    present_usd: float | None
    dearer_usd: float | None
    dearer_fraction: float | None
    ledger_usd: float | None
    outlay_usd: float | None
    tco2e: float | None
    providers: list[str] | None
    parts: list[str] | None
    owned_fraction: float | None
    servers_bought: float | None
    servers: dict[str, float] | None
    commitments: dict[str, float] | None
    orders: list[Order] | None
    moved_fraction: float | None
    ways: list[Way] | None
    max_violation: float | None


class AlternativesDocument(TypedDict):
    """What else was considered."""

    kind: Literal["alternatives"]
    schema_version: int
    scenario: str
    scenario_digest: str
    catalog_digest: str
    solved: Literal["relaxation", "whole numbers"]
    description: str
    as_of: Day
    start: Month
    horizon_months: int
    within_fraction: float
    hours_merged: bool
    carbon_unknown: list[str]
    plan: Measured
    alternatives: list[Alternative]
