"""What plan.json says of money: totals of every option, breakeven and returns; USD, nominal unless said otherwise."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from planner.planschema.types import Amount, Month


class YearOfCost(TypedDict):
    """Cost in twelve months of the plan."""

    year: Annotated[int, Field(ge=1, description="of the plan, from 1")]
    months: Annotated[list[Month], Field(min_length=2, max_length=2, description="first and last")]
    total_usd: float
    capex_usd: float
    opex_usd: float
    financing_usd: NotRequired[float]
    tax_usd: NotRequired[float]
    by_component: dict[str, float]


class ThreeYears(TypedDict):
    """What the first 36 months cost if the plan ended then: servers sold, debt and commitments paid; leases run on."""

    total_usd: float
    present_usd: float
    resale_usd: float
    debt_usd: NotRequired[Annotated[float, Field(description="that settles loans and finance leases")]]
    obligations_usd: Annotated[float, Field(description="paid for commitments and leases from then on")]


class Total(TypedDict):
    """Total cost of ownership of an option."""

    total_usd: float
    present_usd: Annotated[float, Field(description="discounted to the start")]
    by_component: Annotated[dict[str, float], Field(description="sums to total_usd")]
    present_by_component: NotRequired[Annotated[dict[str, float], Field(description="sums to present_usd")]]
    by_year: list[YearOfCost]
    capex_usd: Annotated[float, Field(description="net of resale")]
    opex_usd: float
    financing_usd: NotRequired[Annotated[float, Field(description="loans and their interest, net of what was lent")]]
    tax_usd: NotRequired[Annotated[float, Field(description="saved by deductions where negative")]]
    personnel_fraction: Annotated[float | None, Field(description="of total_usd before tax")]
    usd_per_gpu_hour: Annotated[float | None, Field(description="total ÷ GPU-hours that did work")]
    gpu_hours: Amount
    relative_gap: Annotated[float | None, Field(description="how far from the least cost of this option it may be")]
    obligations_after_horizon_usd: Annotated[
        float, Field(description="owed afterwards by commitments that run on; not in total")
    ]
    months_36: NotRequired[ThreeYears]


class Tco(TypedDict):
    """Every option; null where it cannot exist, with the reason in `left_out`."""

    plan: Total
    buy: Total | None
    self_hosted: Total | None
    on_demand: Total | None
    cloud: Total | None
    api: Total | None
    existing: Total | None


class Breakeven(TypedDict):
    """Months after which an option has cost no more than a baseline, for good; null when it never does."""

    months: Annotated[float | None, Field(description="nominal, before resale")]
    discounted_months: float | None
    months_with_resale: float | None
    only_by_resale: Annotated[bool, Field(description="reached only by selling the servers at the end")]


class BreakevenAgainst(TypedDict):
    """One option against each baseline."""

    on_demand: Breakeven | None
    cloud: Breakeven | None
    api: Breakeven | None
    existing: Breakeven | None


class Breakevens(TypedDict):
    """Every option against every baseline."""

    plan: BreakevenAgainst | None
    buy: BreakevenAgainst | None
    self_hosted: BreakevenAgainst | None
    utilization_fraction: Annotated[float | None, Field(description="busy ÷ available hours where owning = renting")]
    hours: Annotated[float | None, Field(description="busy hours of one server: capex ÷ (rented − owned per hour)")]


class Returns(TypedDict):
    """What an option saves against a baseline, as an investment; null where there is no such figure."""

    npv_usd: float
    irr: Annotated[
        float | None,
        Field(description="per year: the only one of 0 or more, or below; null: none, several, or never behind"),
    ]
    irr_roots: NotRequired[Annotated[list[float], Field(description="all of them, only where there are several")]]
    mirr: NotRequired[
        Annotated[
            float | None,
            Field(description="modified: costs and benefits at wacc_fraction; per year; null: never behind"),
        ]
    ]
    profitability_index: NotRequired[
        Annotated[
            float | None, Field(description="present benefits ÷ present costs, 1 + NPV ÷ outlay; null: never behind")
        ]
    ]
    equivalent_annual_usd: NotRequired[
        Annotated[float, Field(description="equal amount at the end of each year of the horizon that is worth the NPV")]
    ]
    payback_months: float | None
    discounted_payback_months: float | None


class ReturnsAgainst(TypedDict):
    """One option against each baseline."""

    on_demand: Returns | None
    cloud: Returns | None
    api: Returns | None
    existing: Returns | None


class MonthOfCash(TypedDict):
    """Cost of every option that exists in one month."""

    month: Month
    plan_usd: float
    buy_usd: NotRequired[float]
    self_hosted_usd: NotRequired[float]
    on_demand_usd: NotRequired[float]
    cloud_usd: NotRequired[float]
    api_usd: NotRequired[float]
    existing_usd: NotRequired[float]


class Conventions(TypedDict):
    """How money and its time are counted."""

    rates: Literal["nominal"]
    tax: Annotated[Literal["after", "before"], Field(description="whether every figure is after or before tax")]
    discounting: str
    purchases: str
    running_costs: str
    taxes: Annotated[str | None, Field(description="when they are paid and saved; null before tax")]
    resale: Annotated[str, Field(description="of what is still in service")]
    shields: Annotated[
        str | None, Field(description="whether there is income for deductions to lower; null before tax")
    ]


class YearOfDepreciation(TypedDict):
    """Depreciation for tax in a fiscal year."""

    fiscal_year: int
    usd: float


class Tax(TypedDict):
    """The tax that was counted."""

    rate_fraction: float
    method: str
    life_years: int | None
    declining_factor: float | None
    bonus_fraction: float
    source: str
    wacc_after_tax_fraction: float
    depreciation: Annotated[list[YearOfDepreciation], Field(description="that the plan deducts, up to each disposal")]


class _RowOfStatement(TypedDict):
    fiscal_year: Annotated[int | None, Field(description="by the calendar year of its end; null after the horizon")]
    label: Annotated[str, Field(description="the year, or “after”")]
    months: Annotated[list[Month], Field(min_length=2, max_length=2, description="first and last")]


class YearOfCashFlow(_RowOfStatement):
    """What is paid in a fiscal year; costs are positive."""

    capex_usd: Annotated[float, Field(description="before resale")]
    upfront_usd: Annotated[float, Field(description="fees for a term of commitments and savings plans")]
    opex_usd: float
    lease_usd: float
    loan_usd: Annotated[float, Field(description="interest, fees and principal, less what is lent")]
    resale_usd: float
    tax_usd: Annotated[float, Field(description="saved where negative")]
    net_usd: Annotated[float, Field(description="the sum; over all rows the option's total_usd")]
    cumulative_usd: float
    present_usd: Annotated[float, Field(description="of net_usd; over all rows the option's present_usd")]


class YearOfProfitAndLoss(_RowOfStatement):
    """What a fiscal year is charged with; over all rows the same total as cash."""

    opex_usd: float
    amortisation_usd: Annotated[float, Field(description="of upfront fees, in equal parts over their terms")]
    depreciation_usd: Annotated[float, Field(description="straight line over book life, from service on")]
    lease_usd: float
    interest_usd: Annotated[float, Field(description="with fees of loans")]
    disposal_usd: Annotated[float, Field(description="book value and removal less what is brought: a gain is negative")]
    tax_usd: Annotated[float, Field(description="current tax of the year; deferred tax is not modelled")]
    total_usd: float


class Statement(TypedDict):
    """Both views of an option by fiscal year."""

    cash: list[YearOfCashFlow]
    profit_and_loss: list[YearOfProfitAndLoss]


class Statements(TypedDict):
    """Every option; null where it cannot exist."""

    plan: Statement
    buy: Statement | None
    self_hosted: Statement | None
    on_demand: Statement | None
    cloud: Statement | None
    api: Statement | None
    existing: Statement | None


class WayToPay(TypedDict):
    """What one server costs in one way to pay: price, debt, lease, resale, and their taxes; the rest is the same."""

    server: str
    name: Annotated[str, Field(description="cash, or the scenario's name")]
    kind: Literal["cash", "loan", "operating_lease", "finance_lease"]
    term_months: int | None
    rate_fraction: float | None
    usd_per_server: Annotated[float, Field(description="the price")]
    financed_usd_per_server: Annotated[float, Field(description="of the price: lent, or paid by the lessor")]
    monthly_usd_per_server: Annotated[float | None, Field(description="level payment; null for cash")]
    service_months: Annotated[int, Field(description="within the horizon; a lease may end sooner")]
    debt_rate_fraction: Annotated[float | None, Field(description="after-tax cost of debt, effective per year")]
    present_usd_per_server: Annotated[float, Field(description="at wacc_fraction, at the month of the order")]
    service_month_usd_per_server: Annotated[float, Field(description="the same as equal payments by month of service")]
    present_at_debt_usd_per_server: Annotated[float | None, Field(description="at debt_rate_fraction: lease or buy")]
    service_month_at_debt_usd_per_server: float | None
    chosen_servers: Amount


class Waiting(TypedDict):
    """The best plan when nothing is ordered at first; null figures where none was found that obeys every rule."""

    months: Annotated[int, Field(description="without an order")]
    present_usd: float | None
    costs_usd: Annotated[float | None, Field(ge=0, description="more than the plan, present value")]
    relative_gap: Annotated[float | None, Field(description="by how much it may be dearer than need be")]
    orders_later: Annotated[bool, Field(description="whether anything can be ordered after the wait")]


class NotProceeding(TypedDict):
    """The best plan without a new purchase: what is owned stays or is sold, everything rented is open."""

    against: Annotated[Literal["without_a_purchase", "plan"], Field(description="plan: it buys nothing itself")]
    present_usd: float
    costs_usd: Annotated[float, Field(ge=0, description="more than the plan, present value")]
    relative_gap: Annotated[float, Field(description="by how much it may be dearer than need be")]


class Finance(TypedDict):
    """Every option against every baseline as an investment."""

    wacc_fraction: Annotated[
        float, Field(description="discount rate per year, nominal; after tax where tax is counted")
    ]
    conventions: NotRequired[Conventions]
    tax: NotRequired[Annotated[Tax | None, Field(description="null before tax")]]
    statements: NotRequired[Statements]
    plan: ReturnsAgainst | None
    buy: ReturnsAgainst | None
    self_hosted: ReturnsAgainst | None
    cash_flow: list[MonthOfCash]
    financing: NotRequired[Annotated[list[WayToPay], Field(description="empty where cash is the only way")]]
    waiting: NotRequired[Annotated[Waiting | None, Field(description="null where nothing is bought")]]
    not_proceeding: NotRequired[Annotated[NotProceeding | None, Field(description="null where none is found")]]
