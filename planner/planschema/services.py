"""What plan.json says of the cost of each service, and of energy and carbon."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

FiscalYear = Annotated[int, Field(description="named after the calendar year in which it ends")]


class WorkloadCost(TypedDict):
    """What a workload costs, nominal: every cost line of the plan by the use that workloads make of it."""

    workload: str
    team: Annotated[str, Field(description="the workload's own name where the scenario names no team")]
    unit: Annotated[str, Field(description="the work unit")]
    work_units: Annotated[float, Field(ge=0, description="that are done")]
    gpu_hours: Annotated[float, Field(ge=0, description="that do work")]
    usd: float
    usd_per_unit: Annotated[float | None, Field(description="null: nothing is done")]
    usd_per_gpu_hour: Annotated[float | None, Field(description="null: a token API does some of the work, or all")]
    by_component: Annotated[dict[str, float], Field(description="sums to usd")]


class YearOfTeam(TypedDict):
    """What a team pays in a fiscal year; what falls after the horizon counts in its last."""

    fiscal_year: FiscalYear
    usd: float


class TeamCost(TypedDict):
    """What the workloads of a team cost together."""

    team: str
    usd: float
    by_year: Annotated[list[YearOfTeam], Field(description="sums to usd")]


class ServiceCosts(TypedDict):
    """The cost of the plan by workload and team; with what nobody uses they sum to tco.plan.total_usd."""

    workloads: list[WorkloadCost]
    teams: list[TeamCost]
    unallocated_usd: Annotated[float, Field(description="of what no workload uses")]


class Emitted(TypedDict):
    """Energy and carbon in a fiscal year at one place."""

    fiscal_year: FiscalYear
    place: Annotated[str, Field(description="a site; a provider, with its region where the offer says one")]
    kind: Literal["owned", "rented"]
    kwh: Annotated[float | None, Field(ge=0, description="at the meter; null: not known")]
    tco2e: Annotated[float | None, Field(ge=0, description="tonnes of CO2e; null: not known")]


class Carbon(TypedDict):
    """Energy and carbon of every option; null where it cannot exist."""

    plan: list[Emitted]
    buy: list[Emitted] | None
    self_hosted: list[Emitted] | None
    on_demand: list[Emitted] | None
    cloud: list[Emitted] | None
    api: list[Emitted] | None
    existing: list[Emitted] | None
    price_usd_per_tonne: Annotated[float | None, Field(ge=0, description="in the first month; null: carbon is free")]
    unknown: Annotated[list[str], Field(description="what some option uses whose carbon is not known")]
