"""plan.json as types, from which its JSON Schema is made; a test holds the plans of the examples to them.

Keys may be added; those that are here keep their name and meaning.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from planner.planschema.decisions import Decisions, YearOfLoad
from planner.planschema.money import Breakevens, Finance, Tco
from planner.planschema.origins import Agreement, Component, Ledgers, Line, MadePrice, Rule, Service, UnitCost
from planner.planschema.services import Carbon, ServiceCosts
from planner.planschema.types import Count, Day, Month


class CatalogUsed(TypedDict):
    """The catalog that the plan was made with."""

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 over its files")]
    newest_price: Day | None
    oldest_price: Day | None
    rows_used: Annotated[int, Field(description="rows behind the plan and everything it is compared with")]


class Solver(TypedDict):
    """How the plan was found."""

    name: str
    version: str
    status: Literal["proven", "not proven"]
    relative_gap: Annotated[float, Field(description="how much cheaper another plan may be, to the best proven bound")]
    gap_asked: float
    columns: Count
    rows: Count
    nonzeros: Count


class Proof(TypedDict):
    """What was checked again by other means than the solver's."""

    objective_usd: Annotated[float, Field(description="present value that was minimised")]
    ledger_usd: Annotated[float, Field(description="present value of the ledger's rows")]
    relative_difference: Annotated[float, Field(description="of objective and ledger")]
    max_violation: Annotated[float, Field(description="largest violation of any rule ÷ max(1, |limit|)")]
    duality_gap: Annotated[float, Field(description="of the relaxation, recomputed from its multipliers")]
    relaxation_bound_usd: Annotated[float, Field(description="no plan costs less, not even in fractions of servers")]
    solver_bound_usd: Annotated[float, Field(description="no plan in whole numbers costs less, by the solver's word")]
    violation_by_rule: dict[str, float]


class Verdict(TypedDict):
    """The answer in a word and a sentence."""

    choice: Annotated[
        Literal["buy", "rent", "mix"],
        Field(description="buy: rented capacity only bridges to delivery; rent: nothing is bought; mix: both"),
    ]
    reason: str
    npv_usd: Annotated[float | None, Field(description="of the plan against the baseline `against`")]
    buy_npv_usd: Annotated[float | None, Field(description="of the cheapest plan that buys, against the same")]
    against: Literal["cloud", "on_demand"] | None


class Hours(TypedDict):
    """How hours are grouped, and what is proven of it: the merged program is a bound, its plan holds in each hour."""

    distinct: Annotated[int, Field(ge=1, description="groups of hours that do not differ")]
    groups: Annotated[int, Field(ge=1, description="in the program, after merging")]
    relative_gap: Annotated[float, Field(ge=0, description="of the relaxation, hour by hour against the bound")]
    max_violation: Annotated[float, Field(ge=0, description="of any rule in any hour by the plan, relative")]
    apart_because: Annotated[str, Field(description="why none are merged; empty where they are")]


class SwitchingPrice(TypedDict):
    """The price at which an option enters or leaves the plan, all others unchanged."""

    option: str
    chosen: bool
    price_now_usd: float
    price_at_change_usd: Annotated[float | None, Field(description="null: no price changes the answer")]
    unit: str
    basis: Annotated[
        str,
        Field(description="whole numbers, the relaxation, a bound with the better option's name, or why it is unknown"),
    ]


class Worth(TypedDict):
    """What one unit more of a limit that binds would save at the margin, in present USD."""

    limit: Annotated[str, Field(description="name of the rule in docs/model.md")]
    where: str
    month: Month | None
    usd_per_unit: float
    unit: str
    basis: str


class Loosened(TypedDict):
    """What the plan would save if one limit were looser by a useful step, or one rule of place were lifted."""

    limit: str
    where: str
    change: Annotated[str, Field(description="in words")]
    set: Annotated[list[str], Field(description="path=value, as --set takes it")]
    saves_usd: Annotated[float | None, Field(ge=0, description="present value; null: not found in time")]
    basis: Annotated[str, Field(description="whole numbers, the relaxation, or unknown")]


class LeftOut(TypedDict):
    """An option that was not considered."""

    option: str
    reason: str


class Input(TypedDict):
    """A number that the scenario itself states."""

    input: str
    value: float | str | None
    unit: str
    source: str


class Evidence(TypedDict):
    """A catalog row that was read, and what it rests on."""

    row: str
    value: Annotated[float | None, Field(description="null: not known, and therefore not used")]
    low: float | None
    high: float | None
    unit: str
    currency: str
    date: Day
    source: Annotated[str, Field(description="a key of `sources`")]
    basis: str
    confidence: str
    place: Annotated[str, Field(description="file:line:column in the catalog")]
    note: str
    factor: NotRequired[Annotated[float, Field(description="what-ifs of the scenario multiply `value` by it")]]
    used: Annotated[bool, Field(description="behind a figure of the plan or of what it is compared with")]


class Source(TypedDict):
    """Where facts were read."""

    id: str
    title: str
    url: NotRequired[str]
    revision: NotRequired[str]


class PlanDocument(TypedDict):
    """The answer of the planner to one scenario, with its proof and everything that a report needs."""

    schema_version: Literal[1]
    scenario: str
    scenario_digest: Annotated[str, Field(description="SHA-256 of the scenario as it was planned")]
    description: str
    as_of: Annotated[Day, Field(description="day of the prices")]
    start: Month
    horizon_months: Annotated[int, Field(ge=1)]
    horizon_end: Literal["continue", "liquidate"]
    hours_per_month: float | Literal["calendar"]
    currency: Literal["USD"]
    catalog: CatalogUsed
    solver: Solver
    proof: Proof
    hours: NotRequired[Hours]
    verdict: Verdict
    decisions: Decisions
    service: list[Service]
    unit_costs: list[UnitCost]
    service_costs: NotRequired[ServiceCosts]
    carbon: NotRequired[Carbon]
    load: list[YearOfLoad]
    tco: Tco
    breakeven: Breakevens
    finance: Finance
    prices_that_change_the_answer: list[SwitchingPrice]
    worth: list[Worth]
    loosened: list[Loosened]
    left_out: list[LeftOut]
    inputs: list[Input]
    lines: list[Line]
    ledgers: NotRequired[Ledgers]
    components: list[Component]
    prices: list[MadePrice]
    agreements: NotRequired[list[Agreement]]
    rules: list[Rule]
    evidence: list[Evidence]
    sources: dict[str, Source]
    command: NotRequired[Annotated[str, Field(description="what makes this plan again")]]
