"""The document of `planner replan` as types, by which one that is read back is checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from planner.planschema.types import Day, Month

Advice = Literal["keep", "change"]
What = Literal["purchase", "sale", "commitment", "savings_plan", "rental", "api"]


class Cost(TypedDict):
    """What is yet to pay in the remaining months, USD; present value, and nominal with its parts."""

    present_usd: float
    total_usd: float
    capex_usd: float
    opex_usd: float
    financing_usd: float
    tax_usd: float


class Change(TypedDict):
    """What is bought, committed or rented in the remaining months, in the old plan and in the new."""

    what: What
    name: str
    place: Annotated[str, Field(description="site, way to pay, kind or workload")]
    month: Annotated[str, Field(description="empty: in all months")]
    unit: str
    keep: Annotated[float | None, Field(description="null: the rest of the old plan cannot be carried out")]
    change: float
    difference: float | None


class Step(TypedDict):
    """What the advice promises in the first month."""

    what: What
    name: str
    place: str
    unit: str
    amount: float


class End(TypedDict):
    """The advice at an end of the forecast's interval; null where no plan obeys the rules."""

    end: Literal["low", "high"]
    advice: Advice | None
    reason: str
    saves_usd: float | None
    first: list[Step] | None


class Standing(TypedDict):
    """What is owned, on order or committed at the start."""

    what: Literal["servers", "commitment", "savings_plan"]
    name: str
    place: str
    count: int
    since: Month
    until: Month | None
    usd: Annotated[float, Field(description="paid for a server; per GPU-hour yet to pay; per hour promised")]


class BilledPrice(TypedDict):
    """A price that bills show otherwise."""

    row: str
    was: float
    now: float
    factor: float
    gpu_hours: Annotated[float, Field(description="that `now` rests on")]
    months: list[Month]


class PaidSoFar(TypedDict):
    """USD before the first month, of what is imported."""

    months: list[Month]
    plan_usd: float
    actual_usd: float


class DemandByRatio(TypedDict):
    """Demand is scaled as a whole, by actual ÷ plan of the last months."""

    by: Literal["ratio"]
    why: str
    months: list[Month]
    actual_gpu_hours: float
    planned_gpu_hours: float
    ratio: float


class MonthToCome(TypedDict):
    """GPU-hours of a month."""

    month: Month
    planned: float
    forecast: float
    low: float
    high: float


class DemandByForecast(TypedDict):
    """Demand is scaled month by month, by a forecast of actual ÷ plan."""

    by: Literal["forecast"]
    why: str
    months: list[Month]
    method: str
    mape: float | None
    bias: float | None
    naive_mape: float | None
    planned_gpu_hours: float
    forecast_gpu_hours: float
    low_gpu_hours: float
    high_gpu_hours: float
    ratio: float
    by_month: list[MonthToCome]


class ReplanDocument(TypedDict):
    """What changes when a plan is made again from a month on; the digests are of the new plan."""

    kind: Literal["replan"]
    schema_version: int
    scenario: str
    scenario_digest: str
    catalog_digest: str
    plan_digest: Annotated[str, Field(description="of the scenario of the old plan")]
    at: Month
    horizon_months: int
    as_of: Day
    advice: Advice
    reason: str
    band_fraction: float
    saves_usd: float | None
    saves_fraction: float | None
    spent_usd: Annotated[float, Field(description="before `at`, by the old plan: not decided again")]
    keep: Cost | None
    keep_reason: Annotated[str, Field(description="why the rest of the old plan cannot be carried out")]
    change: Cost
    changes: list[Change]
    first: list[Step]
    notes: list[str]
    standing: list[Standing]
    prices: list[BilledPrice]
    prices_taken: bool
    prices_unclear: list[str]
    prices_elsewhere: list[str]
    paid_so_far: PaidSoFar | None
    demand: DemandByRatio | DemandByForecast | None
    ends: list[End]
