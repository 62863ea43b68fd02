"""The documents of `planner sensitivity`, `switch` and `sweep` as types, by which one that is read back is checked."""

from __future__ import annotations

from typing import (
    Annotated,
    Literal,
    NotRequired,  # pydantic asks for it below Python 3.12
)

from pydantic import Field
from typing_extensions import TypedDict

from planner.planschema.types import Day

Decision = Literal["buy", "rent"]


class Heading(TypedDict):
    """What every document of a study begins with."""

    schema_version: int
    scenario: str
    scenario_digest: str
    catalog_digest: str
    solved: Literal["relaxation", "whole numbers"]


class Now(TypedDict):
    """The measures of the scenario itself; USD are present value but for total, capex and outlay."""

    status: str
    present_usd: float
    total_usd: float
    capex_usd: Annotated[float, Field(description="net of resale")]
    outlay_usd: Annotated[float, Field(description="capex before resale, as a budget counts it")]
    choice: str
    servers_bought: float
    committed_gpus: float
    against: str | None
    npv_usd: float | None
    buy_npv_usd: float | None
    buying_saves_usd: float | None
    breakeven_months: float | None
    cloud_usd: float | None
    on_demand_usd: float | None
    without_a_purchase_usd: float | None
    buy_usd: float | None
    decision: Decision | None


class About(Heading):
    """What a sensitivity or a switching value is of."""

    description: str
    as_of: Day
    horizon_months: int
    nonzeros: int
    gap: Annotated[float | None, Field(description="to which whole numbers are proven; null for relaxations")]
    now: Annotated[Now, Field(description="in whole numbers, whatever the others are solved as")]
    now_relaxed: Annotated[Now | None, Field(description="where the others are relaxations, what one says of today")]


class Named(TypedDict):
    """A driver."""

    driver: str
    title: str
    unit: str
    source: str
    now: float


class End(TypedDict):
    """What one end of a driver's range does; null where no plan is possible."""

    value: float
    settings: list[str]
    status: str
    present_usd: float | None
    npv_usd: float | None
    buying_saves_usd: float | None
    breakeven_months: float | None
    choice: str | None
    npv_change_usd: float | None
    decision: Decision | None
    flips: bool


class Bar(Named):
    """A driver at both ends of its range."""

    low: End
    high: End
    swing_usd: float | None


class Axis(Named):
    """A driver along a map."""

    values: list[float]


class Map(TypedDict):
    """What buying saves over two drivers: rows by y, columns by x; null where no plan is possible."""

    x: Axis
    y: Axis
    buying_saves_usd: list[list[float | None]]
    decision: list[list[Decision | None]]
    no_plan: int


class SensitivityDocument(About):
    """What moves the answer."""

    kind: Literal["sensitivity"]
    swing: float
    measure: str
    bars: list[Bar]
    flips: int
    unknown: Annotated[int, Field(description="ends at which nothing can be decided")]
    unmoved: list[str]
    more: list[str]
    maps: list[Map]


class WholeSides(TypedDict):
    """What whole numbers decide on both sides of a flip of relaxations; null: what is saved is within their gap."""

    low: Decision | None
    low_at: Annotated[float, Field(description="so far away that the gap of whole numbers does not count")]
    high: Decision | None
    high_at: float


class Flip(TypedDict):
    """A value at which the decision flips, between two that were solved."""

    at: float
    distance: Annotated[float, Field(description="share of today's value; growth: in points; delivery: in years")]
    ranges: Annotated[float | None, Field(description="how often the way to the end of the driver's range; null: none")]
    low: float
    high: float
    buying_saves_usd_at_low: float | None
    buying_saves_usd_at_high: float | None
    buys: str
    precise: bool
    jumps: Annotated[bool, Field(description="what buying saves leaps over 0: `at` is no root")]
    whole: NotRequired[Annotated[WholeSides | None, Field(description="of a flip of relaxations; null: not asked")]]


class Searched(TypedDict):
    """Where flips were looked for."""

    least: float
    most: float
    values: int


class Switching(Named):
    """The switching values of a driver, the nearest first; null where none was found."""

    flips: list[Flip]
    switches_at: float | None
    distance: float | None
    searched: Searched
    without_a_plan: list[float]
    unknown_from: Annotated[float | None, Field(description="distance from which the decision is not known")]


class NearestFlip(Flip):
    """The flip of all drivers that is nearest to today."""

    driver: str


class AtFlip(TypedDict):
    """How busy owned GPUs are at a flip of demand."""

    demand: float
    utilization_fraction: float | None
    buys: str


class BreakevenUtilization(TypedDict):
    """At which load owning costs what renting does: at the flips of demand, and in closed form."""

    today: float | None
    at_flips: list[AtFlip]
    closed_form: float | None


class PriceAtChange(TypedDict):
    """The price at which an option enters or leaves the plan."""

    option: str
    chosen: bool
    price_now_usd: float | None
    price_at_change_usd: float | None
    unit: str
    basis: str


class SwitchDocument(About):
    """Where the decision flips."""

    kind: Literal["switch"]
    precision: float
    scan: int
    drivers: list[Switching]
    nearest: NearestFlip | None
    flips_unasked: Annotated[int, Field(description="flips of relaxations that were not asked in whole numbers")]
    breakeven_utilization: BreakevenUtilization | None
    prices_that_change_the_answer: list[PriceAtChange]


class Varied(TypedDict):
    """What a sweep varies."""

    name: str
    title: str
    unit: str
    numeric: bool
    now: Annotated[float | None, Field(description="today's value of a driver")]


class SweepDocument(Heading):
    """Many scenarios side by side; a row holds the values of the variables and what came of them."""

    kind: Literal["sweep"]
    as_of: Day
    gap: float | None
    hours_merged: bool
    samples: int | None
    seed: int | None
    variables: list[Varied]
    rows: list[dict[str, float | str | None]]
