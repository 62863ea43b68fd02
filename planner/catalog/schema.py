"""What a pricing catalog holds: things (offers, servers, sites …) and, on each, dated facts with their evidence.

A fact's field name says its unit: `on_demand_usd_per_gpu_hour`. A fact is a mapping, or a list of them with
different dates; the newest one not after the day asked for is in force. A fact without a value is *unknown* and
says why: it can never become a number.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from planner.records import (
    Age,
    AnyCountry,
    Country,
    Day,
    Flag,
    Fraction,
    MonthLabel,
    NonNegative,
    PositiveWhole,
    Record,
    Slug,
    Text,
    ordered,
    unique,
)

Confidence = Literal["high", "medium", "low", "assumption"]


class Fact(Record):
    """One dated number and what it rests on; `value` is in the unit that the field's name says."""

    value: NonNegative | None = None
    low: NonNegative | None = None
    high: NonNegative | None = None
    date: Day
    source: Slug = Field(description="an id of sources.yaml")
    basis: Text = Field(description="what kind of figure it is: list, usual sale price, survey, assumption …")
    confidence: Confidence
    currency: Literal["USD", "EUR", "GBP", "JPY", "BRL"] = "USD"
    note: Text | None = None
    unknown: Text | None = Field(default=None, description="why there is no value")

    @model_validator(mode="after")
    def _value_or_reason(self) -> Fact:
        if (self.value is None) == (self.unknown is None):
            raise ValueError("needs either a value, or `unknown:` with the reason why there is none")
        if not ordered(self.low, self.value, self.high):
            raise ValueError("needs low ≤ value ≤ high")
        if self.confidence == "assumption" and (self.low is None or self.high is None or self.note is None):
            raise ValueError("an assumption needs low, high and a note with its reason")
        return self


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Dated = TypeVar("Dated", "Offer", "Server")
Facts = Annotated[list[Fact], BeforeValidator(_as_list), Field(min_length=1)]


class Source(Record):
    """Where facts were read."""

    id: Slug
    title: Text
    url: Text | None = None
    revision: Text | None = None


class Provider(Record):
    """A cloud provider: what is priced by provider rather than by instance."""

    id: Slug
    name: Text
    pue: Facts | None = None
    egress_usd_per_gb: Facts | None = None
    storage_usd_per_gb_month: Facts | None = None


class Gpu(Record):
    """A GPU model, as offers and servers name it."""

    id: Slug
    name: Text
    memory_gb: PositiveWhole
    power_kw_per_gpu: Facts | None = Field(default=None, description="IT power of one rented GPU with its host share")


def _checked_period(thing: Dated) -> Dated:
    if thing.available_from and thing.available_until and thing.available_from > thing.available_until:
        raise ValueError("needs available_from ≤ available_until")
    return thing


class Commitment(Record):
    """A promise to pay for an offer over a term. The rate is all-in: upfront and hourly parts together."""

    id: Slug
    term_months: PositiveWhole
    upfront_fraction: Fraction
    hourly_billed: Literal["term", "used"] = "term"
    usd_per_gpu_hour: Facts


class Offer(Record):
    """One instance type of one provider in one region."""

    id: Slug
    provider: Slug
    region: Text
    country: AnyCountry = Field(description="ISO 3166 code, for residency")
    instance_type: Text | None = None
    gpu: Slug
    gpus: PositiveWhole
    available_from: MonthLabel | None = None
    available_until: MonthLabel | None = None
    on_demand_usd_per_gpu_hour: Facts
    spot_usd_per_gpu_hour: Facts | None = None
    commitments: Annotated[list[Commitment], unique("id")] = Field(default=[])
    carbon_kg_per_kwh: Facts | None = None

    @model_validator(mode="after")
    def _period(self) -> Offer:
        return _checked_period(self)


class SavingsPlan(Record):
    """A commitment to spend USD per hour; use of the offers in scope is charged against it at the plan's rates."""

    id: Slug
    provider: Slug
    term_months: PositiveWhole
    upfront_fraction: Fraction
    usd_per_gpu_hour: dict[Slug, Facts] = Field(description="the plan's rate for each offer in scope")


class Server(Record):
    """A server type that can be bought. Its price is given whole, or as GPU price × server-to-GPU cost ratio."""

    id: Slug
    name: Text
    gpu: Slug
    gpus: PositiveWhole
    condition: Literal["new", "refurbished"] = "new"
    available_from: MonthLabel | None = None
    available_until: MonthLabel | None = None
    purchase_usd_per_server: Facts | None = None
    gpu_usd_per_gpu: Facts | None = None
    server_to_gpu_cost_ratio: Facts | None = None
    network_usd_per_server: Facts
    storage_usd_per_server: Facts
    installation_usd_per_server: Facts
    decommissioning_usd_per_server: Facts
    spare_parts_fraction: Facts = Field(description="of the purchase price, bought with the server")
    support_fraction_per_year: Facts = Field(description="of the purchase price")
    licence_usd_per_gpu_year: Facts
    power_active_kw: Facts
    power_idle_kw: Facts
    rack_units: Facts
    availability_fraction: Facts
    lead_time_months: Facts
    useful_life_months: Facts
    resale_fraction: dict[Age, Facts] = Field(
        default={}, description="age in months → fraction of the price paid; straight lines between, level outside"
    )

    @model_validator(mode="after")
    def _one_price(self) -> Server:
        by_gpu = self.gpu_usd_per_gpu is not None and self.server_to_gpu_cost_ratio is not None
        either = self.gpu_usd_per_gpu is not None or self.server_to_gpu_cost_ratio is not None
        if (self.purchase_usd_per_server is not None) == by_gpu or either != by_gpu:
            raise ValueError("needs purchase_usd_per_server, or gpu_usd_per_gpu with server_to_gpu_cost_ratio")
        return _checked_period(self)


class Site(Record):
    """A place where owned servers can stand; its limits are in the scenario."""

    id: Slug
    name: Text
    country: Country
    ownership: Literal["own_room", "colocation"]
    pue: Facts
    electricity_usd_per_kwh: Facts
    space_usd_per_kw_month: Facts
    space_includes_electricity: Flag = False
    carbon_kg_per_kwh: Facts | None = None


class Staffing(Record):
    """What people cost and how much hardware one of them looks after."""

    id: Slug
    name: Text
    salary_usd_per_year: Facts
    burden_multiplier: Facts = Field(description="fully loaded cost ÷ salary")
    servers_per_fte: Facts
    rented_gpus_per_fte: Facts


class ApiOffer(Record):
    """A model served by somebody else and paid by the token."""

    id: Slug
    provider: Slug
    model: Text
    country: AnyCountry
    input_usd_per_mtok: Facts
    cached_input_usd_per_mtok: Facts
    output_usd_per_mtok: Facts


class CatalogFile(Record):
    """One file of the catalog; every section may stand in any file."""

    sources: list[Source] = Field(default=[])
    providers: list[Provider] = Field(default=[])
    gpus: list[Gpu] = Field(default=[])
    offers: list[Offer] = Field(default=[])
    savings_plans: list[SavingsPlan] = Field(default=[])
    servers: list[Server] = Field(default=[])
    sites: list[Site] = Field(default=[])
    staffing: list[Staffing] = Field(default=[])
    api_offers: list[ApiOffer] = Field(default=[])


THINGS = ("providers", "gpus", "offers", "savings_plans", "servers", "sites", "staffing", "api_offers")
"""The sections whose members carry facts, in the order in which they are shown."""

Thing = Provider | Gpu | Offer | SavingsPlan | Server | Site | Staffing | ApiOffer
