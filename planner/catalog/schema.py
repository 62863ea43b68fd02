"""What a pricing catalog holds: things (offers, servers, sites …) and, on each, dated facts with their evidence.

A fact's field name says its unit: `on_demand_usd_per_gpu_hour`. A fact is a mapping, or a list of them with
different dates; the newest one not after the day asked for is in force. A fact without a value is *unknown* and
says why: it can never become a number.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from planner.catalog.facts import Fact, Facts, From, GpuId, Id, Name, ProviderId, Until, optional
from planner.records import Age, AnyCountry, Country, Flag, Fraction, PositiveWhole, Record, Slug, Text, unique

__all__ = ["SECTIONS", "THINGS", "CatalogFile", "Fact", "Thing"]

Dated = TypeVar("Dated", "Offer", "Server")


class Source(Record):
    """Where facts were read."""

    id: Id
    title: Text = Field(description="what it is, as a reader would look for it")
    url: Text | None = Field(default=None, description="where it is")
    revision: Text | None = Field(default=None, description="commit, edition or day of reading")


class Provider(Record):
    """A cloud provider: what is priced by provider rather than by instance."""

    id: Id
    name: Name
    pue: Facts | None = optional("energy into the data centre ÷ energy into its computers")
    egress_usd_per_gb: Facts | None = optional("USD per GB sent to the internet")
    storage_usd_per_gb_month: Facts | None = optional("USD per GB stored for a month")


class Gpu(Record):
    """A GPU model, as offers and servers name it."""

    id: Id
    name: Name
    memory_gb: PositiveWhole = Field(description="GB, as the maker rates it")
    power_kw_per_gpu: Facts | None = optional("IT power of one rented GPU with its host share")
    peak_16bit_tflops: Facts | None = optional(
        "10^12 FLOP/s of dense matrix products in BF16 (FP16 where a GPU lacks BF16), without sparsity"
    )
    memory_bandwidth_gb_per_s: Facts | None = optional("GB/s between its memory and its cores")


def _checked_period(thing: Dated) -> Dated:
    if thing.available_from and thing.available_until and thing.available_from > thing.available_until:
        raise ValueError("needs available_from ≤ available_until")
    return thing


class Commitment(Record):
    """A promise to pay for an offer over a term. The rate is all-in: upfront and hourly parts together."""

    id: Slug = Field(description="term and payment: 36m-no-upfront, 12m-all-upfront; stands once in its offer")
    term_months: PositiveWhole = Field(description="length in months")
    upfront_fraction: Fraction = Field(description="of the whole price, paid on the first day")
    hourly_billed: Literal["term", "used"] = Field(default="term", description="every hour, or those that are used")
    usd_per_gpu_hour: Facts = Field(description="USD per GPU and hour of the term, upfront part included")


class Offer(Record):
    """One instance type of one provider in one region, or an index over several of them."""

    id: Id
    provider: ProviderId
    region: Text = Field(description="as the provider names it; `index` for a figure over several offers")
    country: AnyCountry = Field(description="ISO 3166 code, for residency; `any` where it is not said")
    instance_type: Text | None = Field(default=None, description="as the provider names it")
    gpu: GpuId
    gpus: PositiveWhole = Field(description="GPUs in an instance")
    available_from: From = None
    available_until: Until = None
    on_demand_usd_per_gpu_hour: Facts = Field(description="USD per GPU-hour without a promise; not per instance")
    spot_usd_per_gpu_hour: Facts | None = optional("USD per GPU-hour of capacity that may be taken back")
    interruption_fraction_per_month: Facts | None = optional(
        "share of spot instances taken back in a month; low and high are the published band"
    )
    commitments: Annotated[list[Commitment], unique("id")] = Field(default=[], description="promises on this offer")
    carbon_kg_per_kwh: Facts | None = optional("kg CO2e per kWh of the region's grid")

    @model_validator(mode="after")
    def _period(self) -> Offer:
        return _checked_period(self)


class SavingsPlan(Record):
    """A commitment to spend USD per hour; use of the offers in scope is charged against it at the plan's rates."""

    id: Id
    provider: ProviderId
    term_months: PositiveWhole = Field(description="length in months")
    upfront_fraction: Fraction = Field(description="of the promised spend, paid on the first day")
    usd_per_gpu_hour: dict[Slug, Facts] = Field(description="the plan's rate for each offer in scope")


class Server(Record):
    """A server type that can be bought. Its price is given whole, or as GPU price × server-to-GPU cost ratio."""

    id: Id
    name: Name
    gpu: GpuId
    gpus: PositiveWhole = Field(description="GPUs in a server")
    condition: Literal["new", "refurbished"] = Field(default="new", description="in which it is sold")
    available_from: From = None
    available_until: Until = None
    purchase_usd_per_server: Facts | None = optional("USD for the whole server with its GPUs")
    gpu_usd_per_gpu: Facts | None = optional("USD for one GPU alone")
    server_to_gpu_cost_ratio: Facts | None = optional("price of a server ÷ price of its GPUs")
    network_usd_per_server: Facts = Field(description="USD for switches, optics and cables of one server")
    storage_usd_per_server: Facts = Field(description="USD for storage that comes with one server")
    installation_usd_per_server: Facts = Field(description="USD for delivery, racking and first tests")
    decommissioning_usd_per_server: Facts = Field(description="USD for taking it out and erasing it")
    spare_parts_fraction: Facts = Field(description="of the purchase price, bought with the server")
    support_fraction_per_year: Facts = Field(description="of the purchase price")
    licence_usd_per_gpu_year: Facts = Field(description="USD per GPU and year for software")
    power_active_kw: Facts = Field(description="kW at the plug when all its GPUs work")
    power_idle_kw: Facts = Field(description="kW at the plug when none works")
    rack_units: Facts = Field(description="height in the rack, U of 44.45 mm")
    availability_fraction: Facts = Field(description="share of the hours in which it can work")
    failure_fraction_per_gpu_year: Facts | None = optional(
        "share of its GPUs that fail in a year; not priced by itself"
    )
    lead_time_months: Facts = Field(description="months from order to service")
    useful_life_months: Facts = Field(description="months in service before it must leave")
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


class Network(Record):
    """What joining servers costs, by kind and size: for reference beside network_usd_per_server of a server."""

    id: Id
    name: Name
    gpus: PositiveWhole | None = Field(default=None, description="size of the cluster that the figures hold for")
    total_usd_per_gpu: Facts | None = optional("USD per GPU for everything: switches, optics, cables")
    switches_usd_per_gpu: Facts | None = optional("USD per GPU for switches")
    cables_usd_per_gpu: Facts | None = optional("USD per GPU for cables and optics")
    total_usd_per_server: Facts | None = optional("USD per server for everything")
    usd_per_switch: Facts | None = optional("USD for one switch")


class Place(Record):
    """A country, a state, or a kind of site: what sites there pay and draw. A site takes them with `place:`."""

    id: Id
    name: Name
    country: AnyCountry = Field(description="ISO 3166 code (EU for the union); `any` for a kind of site")
    electricity_commercial_usd_per_kwh: Facts | None = optional("USD per kWh for offices and small halls")
    electricity_industrial_usd_per_kwh: Facts | None = optional("USD per kWh for factories and large halls")
    carbon_kg_per_kwh: Facts | None = optional("kg CO2e per kWh of the grid")
    pue: Facts | None = optional("energy into the building ÷ energy into its computers")
    colocation_usd_per_kw_month: Facts | None = optional("USD per kW of rented power and month")


class Site(Record):
    """A place where owned servers can stand; its limits are in the scenario."""

    id: Id
    name: Name
    country: Country = Field(description="ISO 3166 code, for residency")
    ownership: Literal["own_room", "colocation"] = Field(description="whose building it is")
    place: Slug | None = Field(default=None, description="an id of places: for electricity and carbon not given here")
    tariff: Literal["commercial", "industrial"] = Field(
        default="commercial", description="which electricity price of its place it pays"
    )
    pue: Facts = Field(description="energy into the building ÷ energy into its computers")
    electricity_usd_per_kwh: Facts | None = optional("USD per kWh, all charges; without it, its place's by tariff")
    space_usd_per_kw_month: Facts = Field(description="USD per kW of server power and month")
    space_includes_electricity: Flag = Field(default=False, description="whether that price pays for electricity too")
    carbon_kg_per_kwh: Facts | None = optional("kg CO2e per kWh; without it, its place's")

    @model_validator(mode="after")
    def _has_electricity(self) -> Site:
        if self.electricity_usd_per_kwh is None and self.place is None:
            raise ValueError("needs electricity_usd_per_kwh, or a place that has a price of electricity")
        return self


class Staffing(Record):
    """What people cost and how much hardware one of them looks after."""

    id: Id
    name: Name
    salary_usd_per_year: Facts = Field(description="USD per year before what the employer adds")
    burden_multiplier: Facts = Field(description="fully loaded cost ÷ salary")
    servers_per_fte: Facts = Field(description="owned servers that one person looks after")
    rented_gpus_per_fte: Facts = Field(description="rented GPUs that one person looks after")


class ApiOffer(Record):
    """A model served by somebody else and paid by the token."""

    id: Id
    provider: ProviderId
    model: Text = Field(description="as the provider names it")
    country: AnyCountry = Field(description="ISO 3166 code, for residency; `any` where it is not said")
    input_usd_per_mtok: Facts = Field(description="USD per million tokens read")
    cached_input_usd_per_mtok: Facts = Field(description="USD per million tokens read that the provider still holds")
    output_usd_per_mtok: Facts = Field(description="USD per million tokens written")


class Throughput(Record):
    """How many tokens a GPU writes in a benchmark: for reference when a scenario states its speeds."""

    id: Id
    gpu: GpuId
    model: Text = Field(description="the model that ran")
    scenario: Text = Field(description="offline, server, interactive … as the benchmark names it")
    gpus: PositiveWhole | None = Field(default=None, description="GPUs that worked together")
    tokens_per_s_per_gpu: Facts = Field(description="output tokens per second and GPU")


class CatalogFile(Record):
    """One file of the catalog; every section may stand in any file."""

    sources: list[Source] = Field(default=[])
    providers: list[Provider] = Field(default=[])
    gpus: list[Gpu] = Field(default=[])
    offers: list[Offer] = Field(default=[])
    savings_plans: list[SavingsPlan] = Field(default=[])
    servers: list[Server] = Field(default=[])
    networks: list[Network] = Field(default=[])
    sites: list[Site] = Field(default=[])
    places: list[Place] = Field(default=[])
    staffing: list[Staffing] = Field(default=[])
    api_offers: list[ApiOffer] = Field(default=[])
    throughput: list[Throughput] = Field(default=[])


Thing = Provider | Gpu | Offer | SavingsPlan | Server | Network | Site | Place | Staffing | ApiOffer | Throughput

SECTIONS: dict[str, type[Record]] = {
    "providers": Provider, "gpus": Gpu, "offers": Offer, "savings_plans": SavingsPlan, "servers": Server,
    "networks": Network, "sites": Site, "places": Place, "staffing": Staffing, "api_offers": ApiOffer,
    "throughput": Throughput,
}  # fmt: skip
"""What the members of each section are; only members that carry facts."""

THINGS = tuple(SECTIONS)
"""The sections whose members carry facts, in the order in which they are shown."""
