"""A Case: what catalog and scenario say together, in model units. Sets are tuples; their order is the index.

The sets carry the letters of docs/model.md: k servers, s sites, o offers, c commitment terms, v savings plans,
a API offers, w workloads, p staff pools, t months, g hour groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.negotiated import Entry
from planner.prices import Evidence, Floats, Series
from planner.scenario.demand import Demand
from planner.scenario.finance_schema import CASH, Way
from planner.scenario.schema import Scenario
from planner.scenario.slots import Ints
from planner.units import fiscal_year, hours_in, month_label

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Server:
    """A server type; `resale_fraction[age]` is of the price paid, `orderable[t]` says when it can be ordered."""

    id: str
    gpu: str
    gpus: int
    usable_gpus: float
    active_kw: float
    idle_kw: float
    rack_units: float
    lead_months: int
    life_months: int
    purchase: Series
    network: Series
    storage: Series
    installation: Series
    decommissioning: Series
    spare_parts_fraction: Series
    support_fraction: Series
    licence_per_gpu_year: Series
    resale_fraction: Floats
    resale_rows: tuple[str, ...]
    orderable: Bools


@dataclass(frozen=True)
class Site:
    """A site with its limits; a limit of infinity does not exist."""

    id: str
    country: str
    pue: float
    electricity: Series
    space_per_kw_month: Series
    space_includes_electricity: bool
    carbon_kg_per_kwh: float | None
    power_limit_kw: float
    rack_limit_units: float
    opens: int
    rows: tuple[str, ...]
    carbon_rows: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """A cloud offer; prices are USD per GPU-hour by month, None where it may not or cannot be used.

    `carbon_rows` are those of energy and carbon; what they make is None where one of them is not known.
    """

    id: str
    provider: str
    region: str
    country: str
    gpu: str
    gpus: int
    on_demand: Series | None
    spot: Series | None
    egress_per_gb: Series | None
    storage_per_gb_month: Series | None
    kwh_per_gpu_hour: float | None
    carbon_kg_per_gpu_hour: float | None
    carbon_rows: tuple[str, ...]
    open: Bools
    quota_gpus: float
    depth_gpus: float


@dataclass(frozen=True)
class Term:
    """A commitment on offer `offer` (index o); `rate` is the all-in USD per GPU-hour by month of start."""

    id: str
    offer: int
    months: int
    upfront_fraction: float
    billed: Literal["term", "used"]
    rate: Series


@dataclass(frozen=True)
class SavingsPlan:
    """A spend commitment; `rates` are USD per GPU-hour by offer index o. One that is not `open` only runs already."""

    id: str
    provider: str
    months: int
    upfront_fraction: float
    rates: dict[int, Series]
    open: bool = True


@dataclass(frozen=True)
class Api:
    """A token API; prices are USD per million tokens by month, None when unknown."""

    id: str
    provider: str
    country: str
    input: Series | None
    cached_input: Series | None
    output: Series | None


@dataclass(frozen=True)
class Pool:
    """A staff pool; `sites` are indices s, `usd_per_month` is fully loaded by month."""

    name: str
    sites: tuple[int, ...]
    usd_per_month: Series
    servers_per_fte: float
    rented_gpus_per_fte: float
    covers_rented: bool
    minimum_team_fte: float
    always_fte: float
    whole: bool


@dataclass(frozen=True)
class Held:
    """What is owned or committed already: index of server and site or offer, how many, and since which month.

    Attributes
    ----------
    way, ordered : of servers, how they are paid, and the month of their order
    used : of commitments, the hourly rate is paid for hours of use only
    """

    item: int
    site: int
    count: int
    since: int
    months: int
    usd: float
    way: int = 0
    ordered: int = 0
    used: bool = False


@dataclass(frozen=True)
class HeldSpend:
    """A savings plan that runs already, by index v, since a month before the first."""

    plan: int
    since: int
    usd_per_hour: float


@dataclass
class Case:
    """Everything the program needs, in floats and indices.

    `given_servers[k, s]` are new servers that somebody else decided: they may be more than can be of use.
    """

    scenario: Scenario
    catalog_digest: str
    scenario_digest: str
    demand: Demand
    months: tuple[str, ...]
    servers: tuple[Server, ...]
    sites: tuple[Site, ...]
    offers: tuple[Offer, ...]
    terms: tuple[Term, ...]
    savings_plans: tuple[SavingsPlan, ...]
    apis: tuple[Api, ...]
    pools: tuple[Pool, ...]
    existing_servers: tuple[Held, ...]
    existing_commitments: tuple[Held, ...]
    evidence: tuple[Evidence, ...]
    agreements: tuple[Entry, ...] = ()
    left_out: list[tuple[str, str]] = field(default_factory=list)
    given_servers: dict[tuple[int, int], float] = field(default_factory=dict)
    existing_savings_plans: tuple[HeldSpend, ...] = ()

    @property
    def horizon(self) -> int:
        """Number of months H."""
        return self.scenario.horizon_months

    @property
    def fiscal_years(self) -> Ints:
        """Fiscal year of every month, array [t]."""
        return np.array([fiscal_year(label, self.scenario.fiscal_year_starts) for label in self.months], np.int64)

    @property
    def wacc(self) -> float:
        """Nominal annual discount rate, after tax where there is one: r · (1 − tax rate) if r is before tax."""
        finance = self.scenario.finance
        rate = float(finance.wacc_fraction)
        return rate * (1 - float(finance.tax.rate_fraction)) if finance.tax and finance.wacc_is == "pre_tax" else rate

    @property
    def carbon_usd_per_tonne(self) -> Floats | None:
        """Price of carbon, array [t]; None where it has none."""
        carbon = self.scenario.carbon
        return None if carbon is None else np.array([float(carbon.usd_per_tonne_in(month)) for month in self.months])

    @property
    def ways(self) -> tuple[Way | None, ...]:
        """Ways to pay for servers; the first, None, is cash, whether new servers may be paid so or not."""
        return None, *self.scenario.financing

    def way_name(self, way: int) -> str:
        """Return what way number `way` is called."""
        terms = self.ways[way]
        return CASH if terms is None else terms.name

    def hours_in(self, t: int) -> float:
        """Hours of month t, also after the horizon."""
        return hours_in(month_label(self.scenario.start, t), self.scenario.hours_per_month)

    def speed(self, w: int, gpu: str) -> float:
        """Work units per GPU-hour of workload w on `gpu`, 0 where it cannot run."""
        return float(self.scenario.workloads[w].speed.get(gpu, 0))


PRICED = ("servers", "sites", "offers", "terms", "savings_plans", "apis", "pools")
"""Parts of a case that hold prices."""


def all_series(case: Case) -> Iterator[tuple[str, str, Series]]:
    """Yield every price of `case`, after the names of the thing and of the field that it is of."""
    for thing in (thing for part in PRICED for thing in getattr(case, part)):
        label = thing.name if isinstance(thing, Pool) else thing.id
        for name, value in vars(thing).items():
            if isinstance(value, Series):
                yield label, name, value
            elif isinstance(value, dict):  # a savings plan's rates by offer
                yield from ((label, f"{name} {case.offers[o].id}", series) for o, series in value.items())


def carbon_counts(scenario: Scenario) -> Literal["", "capped", "priced"]:
    """Say why the carbon of whatever is used must be known; nothing where it need not be."""
    return "capped" if scenario.limits.carbon_kg_per_year is not None else "priced" if scenario.carbon else ""
