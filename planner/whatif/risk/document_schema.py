"""The document of `planner risk` as types, by which one that is read back is checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from planner.planschema.types import Day, Month


class Drawn(TypedDict):
    """An uncertain driver: one time in ten below p10, one in ten above p90; the rest of it as it was drawn."""

    driver: str
    title: str
    unit: str
    now: float
    p10: float
    p90: float
    shape: Literal["lognormal", "normal"]
    mean: float
    least: float
    most: float
    source: str


class Together(TypedDict):
    """Drivers that move together."""

    between: list[str]
    value: float


class Decided(TypedDict):
    """Something ordered or committed before the future is known."""

    kind: Literal["buy", "commit", "spend"]
    what: str
    how: str
    month: Month
    amount: float


class Chosen(TypedDict):
    """A choice and what it costs over the futures, USD present value; null where it has no cost."""

    choice: str
    decides: list[Decided]
    infeasible_futures: Annotated[int, Field(description="in which what it decides breaks a rule; not in the figures")]
    p10_usd: float | None
    p50_usd: float | None
    p90_usd: float | None
    mean_usd: float | None
    cvar_usd: float | None
    least_usd: float | None
    most_usd: float | None
    weighed_usd: Annotated[float | None, Field(description="(1 − aversion) · mean + aversion · CVaR")]
    regret_usd: Annotated[float | None, Field(description="the most above what a future costs when known beforehand")]
    least_regret: bool


class Spread(TypedDict):
    """A cost over the futures, USD present value."""

    infeasible_futures: int
    p10: float | None
    p50: float | None
    p90: float | None
    mean: float | None
    cvar: float | None
    least: float | None
    most: float | None


class ForAll(TypedDict):
    """The best decisions over all futures."""

    weighed_usd: float
    bound_usd: float
    relative_gap: float
    method: Literal["extensive", "benders"]
    rounds: int
    known_beforehand_usd: float
    mean_value_plan_usd: float | None


class Saved(TypedDict):
    """What buying now saves."""

    p10: float
    p50: float
    p90: float
    mean: float


class Buying(TypedDict):
    """Buying now against never buying."""

    choice: str | None
    wins_probability: float | None
    saves_usd: Saved | None
    reason: str


class Waiting(TypedDict):
    """Ordering nothing until the future is known against deciding now as today's plan does; above 0 waiting pays."""

    value_usd: float | None
    better_probability: float | None
    unlearned_value_usd: Annotated[float | None, Field(description="where nothing comes otherwise")]


class OneFuture(TypedDict):
    """A future that can be: drivers, and what it costs with each choice."""

    future: int
    drivers: dict[str, float]
    known_beforehand_usd: float
    usd: dict[str, float | None]


class RiskDocument(TypedDict):
    """What deciding now costs over many futures."""

    kind: Literal["risk"]
    schema_version: Literal[1]
    scenario: str
    scenario_digest: str
    catalog_digest: str
    solved: Literal["relaxation", "whole numbers"]
    description: str
    as_of: Day
    months: int
    decide_until: Month
    prices_move_from: Month
    decided_months: int
    futures: int
    impossible_futures: int
    seed: int
    aversion: float
    alpha: float
    whole: bool
    today_whole: bool
    gap: float
    drivers: list[Drawn]
    correlations: list[Together]
    left_out: list[str]
    choices: list[Chosen]
    known_beforehand: Spread
    stochastic: ForAll | None
    evpi_usd: float | None
    vss_usd: float | None
    buying: Buying
    waiting: Waiting
    each: list[OneFuture]
