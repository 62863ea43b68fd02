"""Assembles a Case: the only place where catalog and scenario meet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from planner.case import Api, Bools, Case, Offer, Pool, SavingsPlan, Server, Site, Term, carbon_counts
from planner.catalog import schema as catalog_schema
from planner.catalog.load import Catalog
from planner.errors import Complaint, InputError
from planner.existing import committed, owned, spending
from planner.prices import Floats, Prices, Series, UnknownPrice
from planner.scenario.demand import build_demand
from planner.scenario.load import LoadedScenario
from planner.scenario.schema import SiteUse, StaffPool
from planner.units import MONTHS_PER_YEAR, month_label, months_between

Part = TypeVar("Part")
Made = TypeVar("Made")


def build_case(catalog: Catalog, loaded: LoadedScenario) -> Case:
    """Bring `catalog` and a loaded scenario together.

    Raises
    ------
    InputError
        when a price that the scenario cannot do without (a site, a staff role, an existing server) is unknown.
    """
    return _Builder(catalog, loaded).build()


class _Builder:
    def __init__(self, catalog: Catalog, loaded: LoadedScenario) -> None:
        self.catalog = catalog
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.book = Prices(catalog, loaded.scenario, loaded.book)
        self.months = tuple(month_label(self.scenario.start, t) for t in range(self.scenario.horizon_months))
        self.left_out: list[tuple[str, str]] = []
        self.complaints: list[Complaint] = []

    def build(self) -> Case:
        scenario = self.scenario
        wanted = {gpu for workload in scenario.workloads for gpu in workload.speed}
        sites = tuple(self._needed(("sites", i), self._site, use) for i, use in enumerate(scenario.sites))
        servers = self._servers(wanted)
        offers = self._offers(wanted)
        terms = self._terms(offers)
        plans = self._savings_plans(offers)
        apis = self._apis()
        pools = tuple(self._needed(("staff", i), self._pool, pool) for i, pool in enumerate(scenario.staff))
        if self.complaints:
            raise InputError(self.complaints)
        return Case(
            scenario, self.catalog.digest, self.loaded.digest, build_demand(scenario, self.loaded.series), self.months,
            servers, tuple(site for site in sites if site), offers, terms, plans, apis,
            tuple(pool for pool in pools if pool), owned(scenario, servers), committed(scenario, offers),
            tuple(self.book.evidence),
            self.book.agreements, self.left_out, existing_savings_plans=spending(scenario, plans),
        )  # fmt: skip

    def _needed(self, at: tuple[str | int, ...], make: Callable[[Part], Made], part: Part) -> Made | None:
        """Make a part that the scenario names; an unknown price in it is an error, not a reason to leave it out."""
        try:
            return make(part)
        except UnknownPrice as error:
            place = self.loaded.document.place(at)
            cure = "give it under prices: in the scenario"
            self.complaints.append(Complaint(place, ".".join(map(str, at)), str(error), cure=cure))
            return None

    def _chosen(self, section: str, keep: Iterable[str] = ()) -> list[str]:
        """Ids of `section` that the scenario considers; the others are noted with their reason."""
        choice = getattr(self.scenario, section)
        ids = []
        for name in self.catalog.section(section):
            if name in keep:
                ids.append(name)
            elif name in choice.exclude:
                self.left_out.append((name, f"excluded by the scenario: {choice.exclude[name]}"))
            elif choice.consider is not None and name not in choice.consider:
                self.left_out.append((name, f"not among the {section} that the scenario considers"))
            else:
                ids.append(name)
        return ids

    def _considered(self, section: str, name: str) -> bool:
        choice = getattr(self.scenario, section)
        return name not in choice.exclude and (choice.consider is None or name in choice.consider)

    def _open(self, thing: catalog_schema.Server | catalog_schema.Offer) -> Bools:
        first, last = thing.available_from or "0000-00", thing.available_until or "9999-99"
        return np.array([first <= label <= last for label in self.months])

    def _site(self, use: SiteUse) -> Site:
        site = self.catalog.section("sites")[use.id]
        carbon = f"{(site.place if site.carbon_kg_per_kwh is None else None) or use.id}/carbon_kg_per_kwh"
        priced = site.electricity_usd_per_kwh is not None
        power = f"{use.id}/electricity_usd_per_kwh" if priced else f"{site.place}/electricity_{site.tariff}_usd_per_kwh"
        pue, space = f"{use.id}/pue", f"{use.id}/space_usd_per_kw_month"
        if (counts := carbon_counts(self.scenario)) and not self.book.known(carbon):
            raise UnknownPrice(f"{carbon}: unknown, and carbon is {counts} by the scenario")
        opens = months_between(self.scenario.start, use.open_from) if use.open_from else 0
        return Site(
            use.id, site.country, self.book.number(pue), self.book.series(power), self.book.series(space),
            site.space_includes_electricity,
            self.book.number(carbon) if self.book.known(carbon) else None,
            math.inf if use.power_limit_kw is None else float(use.power_limit_kw),
            math.inf if use.rack_limit_units is None else float(use.rack_limit_units), max(opens, 0),
            (pue, power, space), (carbon, pue),
        )  # fmt: skip

    def _servers(self, wanted: set[str]) -> tuple[Server, ...]:
        existing = {e.server for e in self.scenario.existing_servers}
        if not self.scenario.sites:
            self.left_out.append(("servers", "the scenario names no site where they could stand"))
            return ()
        servers = []
        for name in self._chosen("servers", existing):
            thing = self.catalog.section("servers")[name]
            if thing.gpu not in wanted and name not in existing:
                self.left_out.append((name, f"no workload has a speed for {thing.gpu}"))
                continue
            orderable = self._open(thing)
            choice = self.scenario.servers
            if excluded := not self._considered("servers", name):
                orderable = np.zeros_like(orderable)
            elif choice.order_until is not None:
                orderable = orderable & (np.array(self.months) <= choice.order_until)
            if not excluded and not orderable.any():
                self.left_out.append((name, "cannot be ordered within the horizon"))
                if name not in existing:
                    continue
            try:
                servers.append(self._server(thing, orderable))
            except UnknownPrice as error:
                self.left_out.append((name, str(error)))
                if name in existing:
                    place = self.loaded.document.place(("existing_servers",))
                    self.complaints.append(Complaint(place, name, str(error), cure="give it under prices:"))
        return tuple(servers)

    def _server(self, thing: catalog_schema.Server, orderable: Bools) -> Server:
        book, name = self.book, thing.id

        def series(row: str) -> Series:
            return book.series(f"{name}/{row}")

        def number(row: str) -> float:
            return book.number(f"{name}/{row}")

        if thing.purchase_usd_per_server is not None:
            purchase = series("purchase_usd_per_server")
        else:
            gpu = book.product([f"{name}/gpu_usd_per_gpu", f"{name}/server_to_gpu_cost_ratio"])
            purchase = gpu.times(thing.gpus, "GPUs in the server")
        life = max(1, round(number("useful_life_months")))
        cold = float(self.scenario.servers.cold_spare_fraction)
        resale, resale_rows = self._resale(thing, life)
        return Server(
            name, thing.gpu, thing.gpus, number("availability_fraction") * (1 - cold) * thing.gpus,
            number("power_active_kw"), number("power_idle_kw"), number("rack_units"),
            book.months(f"{name}/lead_time_months"), life, purchase, series("network_usd_per_server"),
            series("storage_usd_per_server"), series("installation_usd_per_server"),
            series("decommissioning_usd_per_server"), series("spare_parts_fraction"),
            series("support_fraction_per_year"), series("licence_usd_per_gpu_year"), resale, resale_rows, orderable,
        )  # fmt: skip

    def _resale(self, thing: catalog_schema.Server, life: int) -> tuple[Floats, tuple[str, ...]]:
        """Fraction of the price paid by age 0 … life, straight between known ages and level before and after them.

        Level before the first known age: what has been in service is second-hand, however young. Without a curve a
        server is worth nothing.
        """
        rows = tuple(f"{thing.id}/resale_fraction/{age}" for age in thing.resale_fraction)
        points = sorted((int(row.rsplit("/", 1)[1]), self.book.number(row)) for row in rows if self.book.known(row))
        ages = np.arange(life + 1)
        if not points:
            self.left_out.append((f"{thing.id} resale", "unknown: taken to be worth nothing when it leaves"))
            return np.zeros(len(ages)), ()
        known_ages, known = zip(*points, strict=True)
        curve = np.interp(ages, known_ages, known)
        return np.asarray(np.minimum.accumulate(curve)), rows

    def _offers(self, wanted: set[str]) -> tuple[Offer, ...]:
        held = {e.offer for e in self.scenario.existing_commitments}
        offers = []
        for name in self._chosen("offers", held):
            thing = self.catalog.section("offers")[name]
            reason = "" if self._open(thing).any() else "is not on offer within the horizon"
            if thing.gpu not in wanted:
                reason = f"no workload has a speed for {thing.gpu}"
            if reason:
                self.left_out.append((name, reason))
            if reason and name not in held:
                continue  # what is committed already is paid, whether it is of use or not
            offers.append(self._offer(thing))
        return tuple(offers)

    def _offer(self, thing: catalog_schema.Offer) -> Offer:
        limits = self.scenario.limits
        kinds = self.scenario.offers.kinds if self._considered("offers", thing.id) else []
        on_demand = self._rate(thing, "on_demand") if "on_demand" in kinds else None
        spot = self._rate(thing, "spot") if "spot" in kinds and thing.spot_usd_per_gpu_hour else None
        rows = [f"{thing.gpu}/power_kw_per_gpu", f"{thing.provider}/pue", f"{thing.id}/carbon_kg_per_kwh"]
        parts = (rows[:2], rows)
        energy, carbon = (self.book.product(part).now if all(map(self.book.known, part)) else None for part in parts)
        return Offer(
            thing.id, thing.provider, thing.region, thing.country, thing.gpu, thing.gpus, on_demand, spot,
            self._optional(f"{thing.provider}/egress_usd_per_gb"),
            self._optional(f"{thing.provider}/storage_usd_per_gb_month"), energy, carbon, tuple(rows),
            self._open(thing),
            float(limits.on_demand_quota_gpus.get(thing.id, math.inf)),
            float(limits.spot_depth_gpus.get(thing.id, math.inf)),
        )  # fmt: skip

    def _rate(self, thing: catalog_schema.Offer, kind: str) -> Series | None:
        try:
            return self.book.series(f"{thing.id}/{kind}_usd_per_gpu_hour")
        except UnknownPrice as error:
            self.left_out.append((f"{thing.id} {kind.replace('_', '-')}", str(error)))
            return None

    def _optional(self, row: str) -> Series | None:
        return self.book.series(row) if self.book.known(row) else None

    def _terms(self, offers: tuple[Offer, ...]) -> tuple[Term, ...]:
        if "commitments" not in self.scenario.offers.kinds:
            return ()
        terms = []
        for o, offer in enumerate(offers):
            if not self._considered("offers", offer.id):
                continue  # kept for a commitment that runs already
            for commitment in self.catalog.section("offers")[offer.id].commitments:
                name = f"{offer.id}/{commitment.id}"
                try:
                    rate = self.book.series(f"{name}/usd_per_gpu_hour")
                except UnknownPrice as error:
                    self.left_out.append((name, str(error)))
                    continue
                upfront = float(commitment.upfront_fraction)
                terms.append(Term(name, o, commitment.term_months, upfront, commitment.hourly_billed, rate))
        return tuple(terms)

    def _savings_plans(self, offers: tuple[Offer, ...]) -> tuple[SavingsPlan, ...]:
        plans, held = [], {e.plan for e in self.scenario.existing_savings_plans}
        for name, thing in self.catalog.section("savings_plans").items():
            allowed = "savings_plans" in self.scenario.offers.kinds
            if not allowed and name not in held:
                continue
            rates = {}
            for o, offer in enumerate(offers):
                if offer.id in thing.usd_per_gpu_hour and self._considered("offers", offer.id):
                    try:
                        rates[o] = self.book.series(f"{name}/usd_per_gpu_hour/{offer.id}")
                    except UnknownPrice as error:
                        self.left_out.append((f"{name} on {offer.id}", str(error)))
            if rates or name in held:
                upfront = float(thing.upfront_fraction)
                open_ = allowed and bool(rates)
                plans.append(SavingsPlan(name, thing.provider, thing.term_months, upfront, rates, open_))
            else:
                self.left_out.append((name, "none of its offers is considered at a known rate"))
        return tuple(plans)

    def _apis(self) -> tuple[Api, ...]:
        wanted = {name for w in self.scenario.workloads for name in getattr(getattr(w, "api", None), "offers", [])}
        apis = []
        for name, thing in self.catalog.section("api_offers").items():
            if name in wanted:
                prices = [self._optional(f"{name}/{part}_usd_per_mtok") for part in ("input", "cached_input", "output")]
                apis.append(Api(name, thing.provider, thing.country, *prices))
            else:
                self.left_out.append((name, "no workload allows it"))
        return tuple(apis)

    def _pool(self, pool: StaffPool) -> Pool:
        rows = [f"{pool.role}/salary_usd_per_year", f"{pool.role}/burden_multiplier"]
        for ratio in ("servers_per_fte", "rented_gpus_per_fte"):
            if self.book.number(f"{pool.role}/{ratio}") == 0:
                raise UnknownPrice(f"{pool.role}/{ratio}: must be above 0")
        site_ids = [site.id for site in self.scenario.sites]
        sites = tuple(site_ids.index(name) for name in (site_ids if pool.sites is None else pool.sites))
        return Pool(
            pool.name, sites,
            self.book.product(rows).times(1 / MONTHS_PER_YEAR, "a month's share of a year"),
            self.book.number(f"{pool.role}/servers_per_fte"), self.book.number(f"{pool.role}/rented_gpus_per_fte"),
            pool.covers_rented, float(pool.minimum_team_fte), float(pool.always_fte), pool.whole,
        )  # fmt: skip
