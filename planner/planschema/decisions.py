"""What plan.json says of the decisions, and of the load that they serve."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from planner.planschema.types import Amount, Month


class Purchase(TypedDict):
    """Servers ordered in one month."""

    server: str
    site: str
    month: Annotated[Month, Field(description="of the order, when it is paid")]
    in_service: Month
    servers: Amount
    gpus: Amount
    financing: NotRequired[Annotated[str, Field(description="cash, or the scenario's name of the way to pay")]]
    usd_per_server: Annotated[float, Field(ge=0, description="the price, whoever pays it first")]
    usd: Amount


class Sale(TypedDict):
    """Servers sold in one month."""

    server: str
    site: str
    month: Month
    servers: Amount
    usd: Annotated[Amount, Field(description="income, before removal")]


class Commitment(TypedDict):
    """Instances committed from one month on."""

    offer: str
    term: Annotated[str | None, Field(description="id of the commitment in the catalog; null for an existing one")]
    month: Annotated[Month | None, Field(description="null when it started before the plan")]
    term_months: int
    instances: Amount
    existing: bool
    usd: float


class SpendPlan(TypedDict):
    """A savings plan: USD by the hour, promised for a term."""

    plan: str
    month: Month
    term_months: int
    usd_per_hour: Amount


class Rental(TypedDict):
    """GPU-hours rented for a workload, with what they cost."""

    offer: str
    kind: Literal["on_demand", "spot", "committed"]
    workload: str
    gpu_hours: Amount
    usd: float


class ApiUse(TypedDict):
    """Work served by a token API."""

    offer: str
    workload: str
    work_units: Amount
    usd: float


class Staff(TypedDict):
    """People of a pool in a month."""

    pool: str
    month: Month
    fte: Amount


class MonthOfPlan(TypedDict):
    """The mix in one month."""

    month: Month
    owned_gpus: Amount
    committed_gpus: Amount
    owned_gpu_hours: Annotated[float, Field(ge=0, description="that do work")]
    committed_gpu_hours: Annotated[float, Field(ge=0, description="that do work, savings plans included")]
    on_demand_gpu_hours: Amount
    spot_gpu_hours: Amount
    api_work_units: Amount
    unserved_work_units: Amount
    cost_usd: float


class Decisions(TypedDict):
    """What the plan decides."""

    purchases: list[Purchase]
    sales: list[Sale]
    commitments: list[Commitment]
    savings_plans: list[SpendPlan]
    rentals: list[Rental]
    api: list[ApiUse]
    staff: list[Staff]
    by_month: list[MonthOfPlan]


class Step(TypedDict):
    """Hours in which the load is about the same, and the GPUs at work in them."""

    hours: Amount
    owned: Amount
    committed: Amount
    on_demand: Amount
    spot: Amount


class YearOfLoad(TypedDict):
    """The load of a year from its busiest hours on, against the fleet."""

    year: int
    months: list[Month]
    owned_gpus: Amount
    committed_gpus: Amount
    alone_hours: Amount
    steps: list[Step]
