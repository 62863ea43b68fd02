"""What is asked: workloads, horizon, limits and the options to consider. Unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from planner.records import (
    Country,
    Day,
    Flag,
    Fraction,
    MonthLabel,
    NonNegative,
    Number,
    Positive,
    PositiveWhole,
    Record,
    Slug,
    Text,
    Whole,
    WholeFile,
    Year,
    number_or_word,
    unique,
)
from planner.scenario.demand_schema import Demand, Growth
from planner.scenario.existing_schema import ExistingCommitment, ExistingSavingsPlan, ExistingServers
from planner.scenario.finance_schema import Finance, Financing
from planner.scenario.price_schema import Carbon, Discount, ExchangeRate, Price, PricePath
from planner.scenario.project_schema import ProjectCost
from planner.scenario.risk_schema import Risk
from planner.scenario.scale_schema import Scale

Hour = Annotated[Whole, Field(le=23)]


class Spot(Record):
    """How far a workload may run on interruptible capacity."""

    share_fraction: Fraction = Field(description="of the work asked for")
    loss_fraction: Annotated[Number, Field(ge=0, lt=1)] = Field(description="work lost to checkpoints and restarts")
    share_by: Literal["hour", "month"] = Field(default="hour", description="the share holds in every hour, or by month")


class Tokens(Record):
    """API offers that may serve a workload, and the tokens behind one work unit, in millions."""

    offers: Annotated[list[Slug], Field(min_length=1)]
    input_mtok_per_unit: NonNegative
    cached_input_mtok_per_unit: NonNegative
    output_mtok_per_unit: NonNegative


class Survival(Record):
    """What must keep running when one site or provider is lost."""

    of: Annotated[list[Literal["sites", "providers"]], Field(min_length=1)]
    protected_fraction: Fraction = Field(description="of the demand, that must be met still")


class Workload(Record):
    """What every kind of workload has."""

    name: Slug = Field(description="lower-case letters, digits and hyphens")
    team: Text | None = Field(default=None, description="who answers for its costs; unset: the workload itself")
    unit: Text = Field(description="the work unit in which demand is counted")
    speed: Annotated[dict[Slug, Positive], Field(min_length=1)] = Field(description="work units per GPU-hour by GPU")
    speed_source: Text = Field(description="who measured or chose the speeds")
    residency: Annotated[list[Country], Field(min_length=1)] | None = Field(
        default=None, description="countries where the work may run, as US; unset: anywhere"
    )
    allowed_on: Annotated[list[Literal["owned", "rented"]], Field(min_length=1)] = Field(default=["owned", "rented"])
    spot: Spot | None = None
    egress_gb_per_unit: NonNegative = Field(default=0, description="sent out of the cloud by one work unit")  # type: ignore[assignment]
    storage_gb_per_gpu: NonNegative = Field(default=0, description="on disk for every rented GPU")  # type: ignore[assignment]
    unserved_usd_per_unit: Positive | None = Field(default=None, description="price of work left undone; unset: none")


class Serving(Workload):
    """Demand that must be met in every hour."""

    kind: Literal["serving"]
    demand: Demand
    headroom_fraction: NonNegative = Field(default=0, description="capacity ready beyond the demand: 0.15 is 15 %")  # type: ignore[assignment]
    standby_on_demand: Literal["free", "billed"] = Field(
        default="free", description="free: rentable within the hour counts as ready; billed: it must be held and paid"
    )
    survive_loss: Survival | None = None
    api: Tokens | None = None


Window = Annotated[
    Annotated[Literal["day"], Tag("word or number")] | Annotated[PositiveWhole, Tag("number")],
    Discriminator(number_or_word),
]


class Batch(Workload):
    """Work that must be finished within a window."""

    kind: Literal["batch"]
    work_per_month: Positive = Field(description="work units, in the first month")
    growth: Growth
    window: Window = Field(default=1, description="months, or 'day'")
    hours: Annotated[list[Hour], Field(min_length=1)] | None = Field(
        default=None, description="of the day in which it may run, 0 to 23; unset: any"
    )
    days: Literal["all", "weekdays", "weekends"] = Field(default="all", description="on which it may run")
    api: Tokens | None = None


class Job(Record):
    """A training run that holds its GPUs from start to end."""

    name: Slug
    start: MonthLabel
    months: PositiveWhole
    units_per_hour: Positive = Field(description="GPUs held, counted in GPUs of speed 1")
    repeat_every_months: PositiveWhole | None = None


class Training(Workload):
    """Runs that hold GPUs for whole months; on spot only when they checkpoint."""

    kind: Literal["training"]
    checkpoints: Flag = False
    jobs: Annotated[list[Job], Field(min_length=1), unique("name")]


AnyWorkload = Annotated[Serving | Batch | Training, Field(discriminator="kind")]


class SiteUse(Record):
    """A catalog site that may be used, and its limits; a limit that is not given does not exist."""

    id: Slug = Field(description="of the catalog's sites")
    power_limit_kw: NonNegative | None = Field(default=None, description="at the meter, cooling included")
    rack_limit_units: NonNegative | None = None
    open_from: MonthLabel | None = Field(default=None, description="first month in which servers can stand there")


class Choice(Record):
    """Which catalog entries to consider. Nothing given: all that are not excluded."""

    consider: list[Slug] | None = Field(default=None, description="ids; unset: everything in the catalog")
    exclude: dict[Slug, Text] = Field(default={}, description="id → reason")


class OfferChoice(Choice):
    """Which cloud offers to consider and how they may be bought."""

    kinds: list[Literal["on_demand", "spot", "commitments", "savings_plans"]] = Field(
        default=["on_demand", "spot", "commitments", "savings_plans"], description="ways of renting that are allowed"
    )
    managed_uplift_fraction: NonNegative = Field(default=0, description="of the rent, for a managed service")  # type: ignore[assignment]
    licence_usd_per_gpu_hour: NonNegative = Field(default=0, description="software on rented GPUs")  # type: ignore[assignment]


class ServerChoice(Choice):
    """Which servers to consider."""

    order_until: MonthLabel | None = Field(default=None, description="last month of orders: this round of purchases")
    cold_spare_fraction: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=0, description="share of the fleet kept as cold spares: bought, not used"
    )  # type: ignore[assignment]
    cash: Flag = Field(default=True, description="may they be paid at once; false: only by ways of `financing`")
    dual_running_months: Whole = Field(
        default=0, description="after delivery, before they take work: rented capacity runs beside them"
    )


class Limits(Record):
    """Limits of markets and providers; one that is not given does not exist."""

    on_demand_quota_gpus: dict[Slug, NonNegative] = Field(default={}, description="offer → most GPUs at once")
    spot_depth_gpus: dict[Slug, NonNegative] = Field(default={}, description="offer → most GPUs at once")
    provider_share_fraction: dict[Slug, Fraction] = Field(
        default={}, description="most of any workload's monthly work at one provider; 'any' for each of them"
    )
    carbon_kg_per_year: NonNegative | None = None


class Budgets(Record):
    """Upper limits by fiscal year, USD nominal."""

    capex_usd: dict[Year, NonNegative] = Field(default={}, description="fiscal year → most capital outlay")
    cash_usd: dict[Year, NonNegative] = Field(default={}, description="fiscal year → most payments of any kind")


class StaffPool(Record):
    """People who look after owned servers of some sites, and after rented GPUs when told so."""

    name: Slug = Field(description="lower-case letters, digits and hyphens")
    role: Slug = Field(description="an id of the catalog's staffing")
    sites: list[Slug] | None = Field(default=None, description="unset: every site of the scenario")
    covers_rented: Flag = Field(default=True, description="looks after rented GPUs too")
    minimum_team_fte: NonNegative = Field(default=0, description="on-call team from the first order on")  # type: ignore[assignment]
    always_fte: NonNegative = Field(default=0, description="people needed whatever is decided")  # type: ignore[assignment]
    whole: Flag = Field(default=False, description="only whole people")


class WholeNumbers(Record):
    """What comes in whole numbers."""

    servers: Flag = True
    commitments: Flag = True
    instances: Flag = False


HoursPerMonth = Annotated[
    Annotated[Number, Field(ge=600, le=800), Tag("number")] | Annotated[Literal["calendar"], Tag("word or number")],
    Discriminator(number_or_word),
]


class Scenario(WholeFile):
    """A question to the planner."""

    name: Slug = Field(description="lower-case letters, digits and hyphens; results go to out/<name>/")
    description: Text = Field(default="", description="stands at the top of the report")
    start: MonthLabel = Field(description="first month of the plan, YYYY-MM")
    as_of: Day = Field(description="prices in force on this day are used, YYYY-MM-DD")
    horizon_months: Annotated[PositiveWhole, Field(le=360)] = Field(description="how many months are planned and paid")
    hours_per_month: HoursPerMonth = Field(default=730, description="a number, or 'calendar'")  # type: ignore[arg-type]
    horizon_end: Literal["continue", "liquidate"] = Field(
        default="continue", description="liquidate: the rest of every commitment is owed at the end"
    )
    fiscal_year_starts: Annotated[PositiveWhole, Field(le=12)] = Field(default=1, description="month, 1 to 12")
    currency: Literal["USD"] = "USD"
    finance: Finance
    financing: Annotated[list[Financing], unique("name")] = Field(
        default=[], description="ways to pay for servers beside cash; each order takes the one that is best"
    )
    workloads: Annotated[list[AnyWorkload], Field(min_length=1), unique("name")] = Field(
        description="what is asked: serving in every hour, batch within a window, training from start to end"
    )
    sites: Annotated[list[SiteUse], unique("id")] = Field(
        default=[], description="where owned servers can stand; none: nothing can be bought"
    )
    servers: ServerChoice = Field(default_factory=ServerChoice)
    offers: OfferChoice = Field(default_factory=OfferChoice)
    existing_servers: list[ExistingServers] = Field(default=[], description="owned or on order today")
    existing_commitments: list[ExistingCommitment] = Field(default=[], description="running today")
    existing_savings_plans: list[ExistingSavingsPlan] = Field(default=[], description="running today")
    limits: Limits = Field(default_factory=Limits)
    carbon: Carbon | None = Field(default=None, description="a price of carbon; unset: none")
    budgets: Budgets = Field(default_factory=Budgets)
    staff: Annotated[list[StaffPool], unique("name")] = Field(
        default=[], description="people who look after servers and rented GPUs; none: they are taken to be free"
    )
    project: Annotated[list[ProjectCost], unique("name")] = Field(default=[], description="costs of the undertaking")
    contingency_fraction: Fraction = Field(default=0, description="of capital outlay and project costs")  # type: ignore[assignment]
    whole: WholeNumbers = Field(default_factory=WholeNumbers)
    prices: dict[str, Price] = Field(
        default={}, description="catalog row → your own price, as server-8xh100/purchase_usd_per_server"
    )
    price_book: Text | None = Field(default=None, description="file beside this one with your quotes and discounts")
    discounts: list[Discount] = Field(default=[], description="negotiated, on list prices of a provider")
    price_paths: list[PricePath] = Field(default=[], description="how prices move after as_of; unset: they stay")
    scale: Scale = Field(default_factory=Scale, description="what-ifs on all demand, or on many catalog rows at once")
    risk: Risk | None = Field(
        default=None, description="what may come otherwise, for `planner risk`; unset: drivers ± 20 %"
    )
    exchange_rates: Annotated[list[ExchangeRate], unique("currency")] = Field(
        default=[], description="for prices that the catalog has in another currency"
    )

    @model_validator(mode="after")
    def _servers_can_be_paid(self) -> Scenario:
        if not self.servers.cash and not self.financing:
            raise ValueError("servers.cash is false, and financing names no other way to pay")
        return self
