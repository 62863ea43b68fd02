"""Loads a scenario file, applies overrides and checks it against the catalog."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path

from planner.catalog.load import Catalog
from planner.catalog.patterns import matching
from planner.catalog.price_history import learned
from planner.documents import Document, Path_
from planner.errors import MAX_COMPLAINTS, Complaint, InputError, nearest
from planner.records import in_order, validate
from planner.scenario.beside import file_beside
from planner.scenario.demand_schema import SeriesFile, Week
from planner.scenario.override import load_overridden, override
from planner.scenario.price_book import PriceBook, read_price_book
from planner.scenario.price_schema import PriceOverride
from planner.scenario.references import check_references
from planner.scenario.schema import Batch, Scenario, Serving, Training
from planner.scenario.series import cover, read_series, rows_of_month
from planner.units import MONTHS_PER_YEAR, fiscal_year, month_label, months_between

MAX_YEARS_FROM_PRICES = 50


@dataclass(frozen=True, repr=False)
class LoadedScenario:
    """A scenario that was loaded and checked.

    Attributes
    ----------
    scenario : its fields
    document : what it was read from
    series : rows of its CSV files, by workload
    book : quotes and discounts of its price book
    assignments : `path=value` that was applied over the file
    as_of : day of the prices where it was given instead of the file's
    """

    scenario: Scenario
    document: Document
    series: dict[str, list[float]]
    book: PriceBook
    assignments: tuple[str, ...] = ()
    as_of: date | None = None

    def __repr__(self) -> str:
        fields = self.scenario
        return f"<Scenario {fields.name}: {fields.horizon_months} months from {fields.start}, prices of {fields.as_of}>"

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is asked: fields with overrides and defaults, rows of series, the price book."""
        asked = self.scenario.model_dump_json(warnings=False) + json.dumps(self.series, sort_keys=True)
        asked += self.book.model_dump_json()
        return hashlib.sha256(asked.encode()).hexdigest()


def load_scenario(
    path: Path, catalog: Catalog, assignments: Sequence[str] = (), as_of: date | None = None
) -> LoadedScenario:
    """Load the scenario at `path`, with `path=value` assignments applied over it.

    Raises
    ------
    InputError
        with every complaint about the file, its series files and its references to the catalog.
    """
    document = load_overridden(path, assignments, as_of)
    try:
        scenario = validate(Scenario, document)
    except InputError as error:
        if len(error.complaints) > MAX_COMPLAINTS:
            raise
        raise InputError(in_order(chain(error.complaints, check_references(document, catalog)))) from None
    complaints: list[Complaint] = []
    series: dict[str, list[float]] = {}
    for index, workload in enumerate(scenario.workloads):
        if isinstance(workload, Serving) and isinstance(workload.demand.shape, SeriesFile):
            at: Path_ = ("workloads", index, "demand", "shape")
            try:
                series[workload.name] = read_series(
                    path.parent, workload.demand.shape, document, at, scenario.start, scenario.horizon_months
                )
            except InputError as error:
                complaints.extend(error.complaints)
    book = PriceBook()
    if scenario.price_book is not None:
        try:
            at = ("price_book",)
            book = read_price_book(file_beside(path.parent, scenario.price_book, document, at), catalog)
        except InputError as error:
            complaints.extend(error.complaints)
    found = chain(complaints, check_references(document, catalog), _check(scenario, series, catalog, document))
    if complaints := in_order(found):
        raise InputError(complaints)
    return LoadedScenario(scenario, document, series, book, tuple(assignments), as_of)


def changed(loaded: LoadedScenario, catalog: Catalog, assignments: Sequence[str]) -> LoadedScenario:
    """Return the scenario with more `path=value` applied over it and checked, without reading its files again.

    Raises
    ------
    InputError
        when an assignment leads nowhere, or its value is not allowed.
    """
    old = loaded.document
    document = replace(old, value=deepcopy(old.value), places=dict(old.places))
    for assignment in assignments:
        override(document, assignment)
    scenario = validate(Scenario, document)
    problems = chain(check_references(document, catalog), _check(scenario, loaded.series, catalog, document))
    if complaints := in_order(problems):
        raise InputError(complaints)
    return replace(loaded, scenario=scenario, document=document, assignments=(*loaded.assignments, *assignments))


def _check(
    scenario: Scenario, series: Mapping[str, Sequence[float]], catalog: Catalog, document: Document
) -> Iterator[Complaint]:
    """Check what one field alone cannot tell."""
    for path, message, found, allowed, cure in chain(
        _check_workloads(scenario),
        _check_series(scenario, series),
        _check_times(scenario),
        _check_sites(scenario),
        _check_fractions(scenario, catalog),
        _check_scale(scenario, catalog),
        _check_paths(scenario, catalog),
    ):
        yield Complaint(document.place(path), ".".join(map(str, path)), message, found, allowed, cure)


_Problem = tuple[Path_, str, str | None, str | None, str | None]
"""Path, message, found, allowed and cure of a complaint."""


def _check_workloads(scenario: Scenario) -> Iterator[_Problem]:
    horizon = scenario.horizon_months
    for index, workload in enumerate(scenario.workloads):
        at: Path_ = ("workloads", index)
        growth = None
        if isinstance(workload, Serving):
            growth, where = workload.demand.growth, (*at, "demand", "growth", "monthly_factors")
            shape = workload.demand.shape
            if isinstance(shape, Week) and max([*shape.weekday, *(shape.weekend or [])]) == 0:
                yield (*at, "demand", "shape"), "is 0 in every hour", None, None, None
            work = workload.demand.work_per_month
            if work is not None and len(work) != horizon:
                message = "needs the work of each month of the horizon"
                yield (*at, "demand", "work_per_month"), message, f"{len(work)} months", str(horizon), None
        elif isinstance(workload, Batch):
            growth, where = workload.growth, (*at, "growth", "monthly_factors")
            if workload.window != "day" and workload.window > horizon:
                yield (*at, "window"), "is longer than the horizon", str(workload.window), f"1 … {horizon}", None
        elif isinstance(workload, Training) and workload.spot and not workload.checkpoints:
            cure = "set checkpoints: true, or drop spot"
            yield (*at, "spot"), "may not use spot without checkpoints", None, None, cure
        factors = None if growth is None else growth.monthly_factors
        if factors is not None and len(factors) != horizon:
            message = "needs one factor for each month of the horizon"
            yield where, message, f"{len(factors)} factors", str(horizon), None


def _check_series(scenario: Scenario, series: Mapping[str, Sequence[float]]) -> Iterator[_Problem]:
    """Check that growth is told once: by the rows of a file that covers the horizon, or beside a week or a year."""
    for index, workload in enumerate(scenario.workloads):
        if workload.name not in series or not isinstance(workload, Serving):
            continue
        at, demand, rows = ("workloads", index, "demand"), workload.demand, series[workload.name]
        assert isinstance(demand.shape, SeriesFile)
        covers = cover(demand.shape, len(rows), scenario.start, scenario.horizon_months)
        if covers == "horizon" and demand.growth is not None:
            message = f"is in the rows of {demand.shape.csv} already: they cover the horizon"
            yield (*at, "growth"), message, None, None, "leave growth out, or give the hours of a week or a year"
        if covers != "horizon" and demand.growth is None and demand.work_per_month is None:
            message = f"needs growth: {demand.shape.csv} covers a {covers} only"
            yield at, message, None, None, "growth: {annual_rate: 0}, or covers: horizon where the rows are all of it"
        for t, work in enumerate(demand.work_per_month or [] if covers != "week" else []):
            if work and t < scenario.horizon_months and not any(rows[rows_of_month(covers, scenario.start, t)]):
                message = (
                    f"asks for work in {month_label(scenario.start, t)}, where {demand.shape.csv} is 0 in every hour"
                )
                yield (*at, "work_per_month", t), message, str(work), None, None


def _check_times(scenario: Scenario) -> Iterator[_Problem]:
    if abs(months_between(scenario.as_of.isoformat(), scenario.start)) > MAX_YEARS_FROM_PRICES * MONTHS_PER_YEAR:
        message = f"lies more than {MAX_YEARS_FROM_PRICES} years from as_of, the day of the prices"
        yield ("start",), message, scenario.start, None, None
    last = scenario.servers.order_until
    if last is not None and months_between(scenario.start, last) < 0:
        message = "lies before the plan's start, so that nothing could be bought"
        yield ("servers", "order_until"), message, last, f"{scenario.start} or later", None
    for index, owned in enumerate(scenario.existing_servers):
        if months_between(scenario.start, owned.in_service) >= scenario.horizon_months:
            message = "lies after the horizon, so that they would never work in it"
            yield ("existing_servers", index, "in_service"), message, owned.in_service, None, None
        if owned.ordered is not None and months_between(scenario.start, owned.ordered) >= 0:
            message = "must lie before the plan's start"
            yield ("existing_servers", index, "ordered"), message, owned.ordered, None, None
        ways = [way.name for way in scenario.financing]
        if owned.financing is not None and owned.financing not in ways:
            message, cure = "is no way of financing", nearest(owned.financing, ways)
            yield ("existing_servers", index, "financing"), message, owned.financing, ", ".join(ways), cure
    for index, held in enumerate(scenario.existing_commitments):
        if months_between(scenario.start, held.start) > 0:
            message = "must not start after the plan's start"
            yield ("existing_commitments", index, "start"), message, held.start, None, None
    for index, spend in enumerate(scenario.existing_savings_plans):
        if months_between(scenario.start, spend.start) >= 0:
            message = "must start before the plan"
            yield ("existing_savings_plans", index, "start"), message, spend.start, None, None
    labels = [month_label(scenario.start, t) for t in range(scenario.horizon_months)]
    for month in scenario.scale.demand_by_month:
        if month not in labels:
            allowed = f"{labels[0]} to {labels[-1]}"
            yield ("scale", "demand_by_month", month), "is no month of the plan", month, allowed, None
    years = sorted({fiscal_year(label, scenario.fiscal_year_starts) for label in labels})
    for field in ("capex_usd", "cash_usd"):
        for year in getattr(scenario.budgets, field):
            if year not in years:
                message, allowed = "is no fiscal year of the horizon", ", ".join(map(str, years))
                yield ("budgets", field, str(year)), message, str(year), allowed, None


def _check_sites(scenario: Scenario) -> Iterator[_Problem]:
    used = [site.id for site in scenario.sites]
    named: list[tuple[Path_, str]] = [
        (("staff", index, "sites", place), name)
        for index, pool in enumerate(scenario.staff)
        for place, name in enumerate(pool.sites or [])
    ]
    for index, owned in enumerate(scenario.existing_servers):
        named.append((("existing_servers", index, "site"), owned.site))
    for index, cost in enumerate(scenario.project):
        if cost.site is not None:
            named.append((("project", index, "site"), cost.site))
    for path, name in named:
        if name not in used:
            yield path, "names a site that the scenario does not use", name, ", ".join(used), nearest(name, used)


def _check_fractions(scenario: Scenario, catalog: Catalog) -> Iterator[_Problem]:
    for row_id, price in scenario.prices.items():
        rows = catalog.rows.get(row_id)
        numbers = (price.value, price.low, price.high) if isinstance(price, PriceOverride) else (price,)
        if rows and "fraction" in rows[0].unit and any(number is not None and number > 1 for number in numbers):
            yield ("prices", row_id), "is a fraction", ", ".join(map(str, filter(None, numbers))), "0 … 1", None


def _check_scale(scenario: Scenario, catalog: Catalog) -> Iterator[_Problem]:
    """Check that no fraction grows beyond 1."""
    sections = ("rows", scenario.scale.rows), ("later", scenario.scale.later)
    fractions = [row_id for row_id, rows in catalog.rows.items() if rows and "fraction" in rows[0].unit]
    for section, pattern in ((name, pattern) for name, factors in sections for pattern in factors):
        for row_id in matching(fractions, (pattern,)):
            row, factor = catalog.in_force(row_id, scenario.as_of), scenario.scale.of(row_id)
            if row and row.fact.value is not None and row.fact.value * factor > 1:
                message = f"makes the fraction {row_id} larger than 1"
                yield ("scale", section, pattern), message, f"{row.fact.value} × {factor}", "0 … 1", None


def _check_paths(scenario: Scenario, catalog: Catalog) -> Iterator[_Problem]:
    for index, path in enumerate(scenario.price_paths):
        if path.kind == "history" and matching(catalog.rows, path.learned_from):  # else it is complained of as a name
            try:
                learned(catalog, path.learned_from, scenario.as_of)
            except InputError as error:
                for one in error.complaints:
                    field = "rows" if path.like is None else "like"
                    yield ("price_paths", index, field), one.message, one.found, one.allowed, one.cure
