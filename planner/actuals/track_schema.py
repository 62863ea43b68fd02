"""The document of `planner track` as types, by which one that is read back is checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from planner.planschema.types import Day, Month


class Variance(TypedDict):
    """Actual − plan, USD, in parts that sum to `total`; planner/actuals/variance.py defines them."""

    price: float
    volume: float
    mix: float
    utilization: float
    timing: float
    total: float


class Utilization(TypedDict):
    """Fractions; null where it is not known."""

    owned_plan: Annotated[float | None, Field(description="GPU-hours at work ÷ available")]
    owned_actual: Annotated[float | None, Field(description="÷ hours that the plan has available")]
    committed_plan: Annotated[float | None, Field(description="used ÷ all that commitments cost")]
    committed_actual: float | None
    measured: Annotated[float | None, Field(description="mean that meters say of GPUs that are held")]


class MonthOfTrack(TypedDict):
    """A month, compared or not."""

    month: Month
    compared: bool
    why_not: list[str]
    plan_usd: Annotated[float, Field(description="accrued; capital outlay as paid")]
    actual_usd: float
    plan_cash_usd: float
    actual_cash_usd: float
    plan_gpu_hours: float
    actual_gpu_hours: float
    variance: Variance | None
    utilization: Utilization


class ItemOfTrack(TypedDict):
    """What is paid for, over all months that are compared: a kind of capacity, or a cost component."""

    kind: str
    provider: Annotated[str, Field(description="empty: a cost component, without GPU-hours")]
    gpu: str
    plan_gpu_hours: float | None
    actual_gpu_hours: float | None
    plan_usd: float
    actual_usd: float
    variance: Variance


class TotalOfTrack(TypedDict):
    """All months that are compared."""

    plan_usd: float
    actual_usd: float
    plan_gpu_hours: float
    actual_gpu_hours: float
    variance: Variance
    variance_fraction: float | None


class HoursOfTrack(TypedDict):
    """GPU-hours of a month."""

    month: Month
    kind: str
    provider: str
    gpu: str
    plan: float
    actual: float


class ComponentOfTrack(TypedDict):
    """Cost of a component in a month."""

    month: Month
    component: str
    capital: bool
    plan_usd: float
    actual_usd: float


class Cause(TypedDict):
    """What differs for good, and what it costs in these months; kind `all`: GPU-hours of every kind."""

    part: Literal["price", "volume", "mix", "utilization"]
    kind: str
    provider: str
    gpu: str
    usd: float
    since: Month | None
    change_fraction: float | None
    planned: Annotated[float | None, Field(description="rate, quantity or USD")]
    actual: float | None
    unit: Annotated[
        Literal["GPU-hour", "kWh", ""], Field(description="of the quantity, or of what the rate is paid for")
    ]
    instead_of: Annotated[str | None, Field(description="kind of capacity from which hours moved to this item")]


class ForecastError(TypedDict):
    """Of GPU-hours by month; bias is positive where the plan was too high."""

    months: int
    mape: float | None
    bias: float | None
    naive_months: Annotated[int, Field(description="of which the month before is known")]
    naive_mape: float | None
    naive_bias: float | None
    plan_mape_in_these: float | None


class Worth(TypedDict):
    """What the choice is worth with actuals up to a month, and by what the month changes it."""

    month: Month
    running_change_usd: Annotated[float, Field(description="of the plan's running costs: actual − plan")]
    outlay_change_usd: Annotated[float, Field(description="of its capital outlay")]
    against_rented_planned_usd: Annotated[float, Field(description="what the other plan rents by the hour")]
    against_rented_repriced_usd: Annotated[float, Field(description="the same at actual volume and actual rates")]
    worth_change_usd: Annotated[float, Field(description="repriced − planned − running − outlay, in present value")]
    npv_usd: float


class Case(TypedDict):
    """Whether the choice still pays."""

    choice: Literal["buy", "rent"]
    against: str
    band_fraction: float
    state: Literal["unchanged", "better", "worse", "lost", "won"]
    since: Month | None
    planned_npv_usd: float
    npv_usd: float
    change_so_far_usd: float
    plan_cost_so_far_usd: Annotated[float, Field(description="planned, of the months that are compared")]
    change_so_far_fraction: Annotated[float | None, Field(description="of that; the band is a share of it, too")]
    planned_breakeven_months: float | None
    breakeven_months: float | None
    by_month: list[Worth]


class Apart(TypedDict):
    """Money and GPU-hours that are not compared."""

    month: Month
    why: str
    currency: str
    usd: Annotated[float, Field(description="in that currency")]
    gpu_hours: float


class Untracked(TypedDict):
    """What the plan expects and nobody imports."""

    component: str
    plan_usd: float


TrackDocument = TypedDict(
    "TrackDocument",
    {
        "kind": Literal["track"], "schema_version": int, "scenario": str, "scenario_digest": str,
        "catalog_digest": str, "description": str, "as_of": Day, "start": Month, "horizon_months": int,
        "currency": str, "from": Month, "to": Month, "compared": list[Month], "band_fraction": float,
        "months": list[MonthOfTrack], "items": list[ItemOfTrack], "total": TotalOfTrack,
        "gpu_hours": list[HoursOfTrack], "components": list[ComponentOfTrack], "causes": list[Cause],
        "utilization": Utilization, "forecast": ForecastError, "case": Case | None, "unknown_fraction": float,
        "apart": list[Apart], "untracked": list[Untracked],
        "contradictions": list[str],
    },
)  # fmt: skip
