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
    stated: Annotated[bool, Field(description="by the scenario; else the planner's own range")]
    p10: float
    p90: float
    drawn_p10: float
    drawn_p90: float
    shape: Literal["lognormal", "normal"]
    mean: float
    least: float
    most: float
    source: str


class Together(TypedDict):
    """Drivers that move together."""

    between: list[str]
    value: float
    drawn: Annotated[float, Field(description="correlation of ranks of the futures drawn")]


class Decided(TypedDict):
    """Something ordered or committed before the future is known."""

    kind: Literal["buy", "commit", "spend", "sell"]
    what: str
    how: str
    month: Month
    amount: float


class Chosen(TypedDict):
    """A choice and what it costs over the futures, USD present value; null where it has no cost."""

    choice: str
    also: Annotated[list[str], Field(description="other choices that decide the same and leave out the same later")]
    decides: list[Decided]
    infeasible_futures: Annotated[int, Field(description="in which what it decides breaks a rule; it has no figures")]
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


class Untold(TypedDict):
    """A choice that has no figures."""

    choice: str
    reason: str


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

    choice: Annotated[Literal["buy", "wait"], Field(description="the row of choices that it is")]
    weighed_usd: float
    bound_usd: Annotated[float, Field(description="no decisions taken now give less")]
    relative_gap: float
    proven: Annotated[bool, Field(description="within the gap: no limit stopped the search")]
    method: Literal["extensive", "benders"]
    rounds: int
    known_beforehand_usd: float
    known_beforehand_bound_usd: float
    mean_value_plan_usd: float | None


class Saved(TypedDict):
    """What buying now saves."""

    p10: float
    p50: float
    p90: float
    mean: float


class Buying(TypedDict):
    """The best decisions with an order of a server now against the best without one."""

    wins_probability: float | None
    saves_usd: Saved | None
    reason: str


class Waiting(TypedDict):
    """Ordering no server until the future is known against ordering now, each at its best; above 0 waiting pays."""

    value_usd: float | None
    better_probability: float | None
    unlearned_value_usd: Annotated[float | None, Field(description="where nothing comes otherwise than today")]
    learned_usd: Annotated[float | None, Field(description="what is left of it: the worth of seeing the future first")]


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
    decided_months: int
    futures: int
    impossible_futures: int
    seed: int
    aversion: float
    alpha: float
    whole: bool
    solved_because: Annotated[
        Literal["asked", "size", "count"], Field(description="as asked; by the size of a future; or of all together")
    ]
    today_whole: bool
    gap: float
    loose_answers: Annotated[int, Field(description="of one future, that ended above their gap")]
    drivers: list[Drawn]
    correlations: list[Together]
    strays_most: Annotated[Together | None, Field(description="the pair that was drawn farthest from what is asked")]
    left_out: list[str]
    choices: list[Chosen]
    untold: list[Untold]
    known_beforehand: Spread
    stochastic: ForAll | None
    evpi_usd: float | None
    vss_usd: float | None
    buying: Buying
    orders_later: Annotated[bool, Field(description="a server can be ordered once the future is known")]
    waiting: Waiting
    each: list[OneFuture]
