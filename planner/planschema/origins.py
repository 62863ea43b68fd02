"""What plan.json says of where its numbers come from: prices, ledger lines, components, rules, and who serves whom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from planner.planschema.types import Amount, Count, Month


class Factor(TypedDict):
    """One number that a price was made of."""

    what: Annotated[str, Field(description="a catalog row, or words")]
    kind: str
    value: float


class MadePrice(TypedDict):
    """A price of the model; in the first month it is the product of its factors."""

    thing: str
    price: str
    rows: Annotated[list[str], Field(description="catalog rows")]
    factors: list[Factor]
    first: Annotated[float, Field(description="in the first month")]
    last: Annotated[float, Field(description="in the last month")]


class Agreement(TypedDict):
    """A quote or a discount of one's own, and what it changes in the plan's cost."""

    agreement: Annotated[str, Field(description="its id in the price book, or what the scenario says")]
    kind: Literal["quote", "discount"]
    rows: Annotated[str, Field(description="catalog rows that it is about; * stands for anything")]
    source: str
    usd: Annotated[float | None, Field(description="of a quote")]
    discount_fraction: Annotated[float | None, Field(description="of a discount")]
    first_month: Annotated[Month | None, Field(description="in which it counts; null: in none")]
    last_month: Month | None
    cost_usd: Annotated[float, Field(description="nominal, at the plan's quantities; negative where it saves")]
    present_usd: float
    note: str


class Line(TypedDict):
    """A line of the plan's ledger, its months taken together; the present USD of all lines sum to the objective."""

    component: str
    category: Literal["capex", "opex", "financing", "tax"]
    item: str
    unit: str
    timing: Annotated[
        Literal["start", "running", "horizon", "year_end"],
        Field(description="when in a month it is paid, or at the end of the horizon or of a tax year"),
    ]
    source: str
    rows: Annotated[list[str], Field(description="catalog rows of its price")]
    first_month: Month
    last_month: Month
    payments: Count
    quantity: float
    lowest_unit_cost_usd: float
    highest_unit_cost_usd: float
    cost_usd: float
    present_usd: float
    by_year: Annotated[list[float], Field(description="USD in each year of the plan")]


class LedgerLine(TypedDict):
    """A line of an option's ledger with its payments, which are aligned; quantity × unit cost is what is paid."""

    component: str
    category: Literal["capex", "opex", "financing", "tax"]
    item: str
    unit: str
    timing: Literal["start", "running", "horizon", "year_end"]
    treatment: Annotated[
        Literal["expensed", "spread", "capitalised", "disposal", "neither"],
        Field(description="for tax, and for profit and loss"),
    ]
    source: str
    month: Annotated[list[Count], Field(description="from 0; horizon_months and later lie after the horizon")]
    quantity: list[float]
    unit_cost_usd: list[float]


class Ledgers(TypedDict):
    """The ledger of every option; null where the option cannot exist."""

    plan: list[LedgerLine]
    buy: list[LedgerLine] | None
    self_hosted: list[LedgerLine] | None
    on_demand: list[LedgerLine] | None
    cloud: list[LedgerLine] | None
    api: list[LedgerLine] | None
    existing: list[LedgerLine] | None


class Component(TypedDict):
    """A cost component and its formula."""

    component: str
    formula: str
    text: str


class Term(TypedDict):
    """A term of a row: coefficient · value of a decision."""

    coefficient: float
    decision: str
    value: float


class Row(TypedDict):
    """A row of a rule with its numbers: the sum of its terms stands left of `sense`."""

    row: str
    month: Month | None
    terms: Annotated[list[Term], Field(description="the largest")]
    more_terms: Annotated[int, Field(ge=0, description="that are not written out")]
    more_amount: float
    zero_terms: Count
    left: float
    sense: Literal["=", "≤", "≥"]
    limit: float
    usd_per_unit_more: Annotated[float, Field(description="by which the objective moves, of the relaxation")]


class Rule(TypedDict):
    """A rule, its formula, and the rows in which it matters most."""

    rule: str
    formula: str
    text: str
    unit: str
    rows: Count
    binding: Count
    examples: list[Row]


class Service(TypedDict):
    """What one option does of a workload."""

    workload: str
    unit: str
    kind: Literal["owned", "committed", "on_demand", "spot", "api", "unserved"]
    option: str
    work_units: Amount
    gpu_hours: Amount
    share_fraction: Annotated[float, Field(description="of the workload's work")]


class UnitCost(TypedDict):
    """What a GPU-hour at work costs by kind of capacity, without people."""

    kind: Literal["owned", "committed", "on_demand", "spot"]
    gpu_hours: Amount
    usd: float
    usd_per_gpu_hour: float | None
    available_gpu_hours: Annotated[float | None, Field(description="at work or not; null: only work is paid")]
