"""What stands at a month of a plan: servers owned or on order and commitments that run, as a scenario holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from planner.actuals.variance import LEAST_HOURS
from planner.catalog.load import Catalog
from planner.components import listed
from planner.errors import Complaint, InputError, Place
from planner.scenario.finance_schema import CASH, OperatingLease
from planner.scenario.schema import Scenario
from planner.units import months_between

WHOLE = 1e-6
"""By how much a count may miss a whole number."""
CURE = "say what there is with --fleet"

Fleet = dict[str, list[dict[str, Any]]]
"""`existing_servers`, `existing_commitments` and `existing_savings_plans` of a scenario."""


def exact(value: float) -> Decimal:
    """Return a float as the shortest number that reads back as it."""
    return Decimal(repr(float(value)))


def standing(plan: Mapping[str, Any], scenario: Scenario, catalog: Catalog, at: str) -> Fleet:
    """Return what the plan has bought and committed before the month `at`, and what was there before it.

    Parameters
    ----------
    plan : plan.json of `scenario`

    Servers that were sold are the oldest of their type and site. Of a commitment what is yet paid by the hour counts:
    its upfront part is sunk.

    Raises
    ------
    InputError
        when the plan made promises that no scenario can hold as existing: it names all of them.
    """
    if complaints := [*_not_held(plan, scenario, catalog, at)]:
        raise InputError(complaints)
    made, leases = plan["decisions"], _leases(scenario)
    servers = [one.model_dump(exclude_none=True) for one in scenario.existing_servers]
    servers += [_bought(row) for row in made["purchases"] if row["month"] < at]
    servers = [
        one for one in servers
        if one.get("financing") not in leases or months_between(one["in_service"], at) < leases[one["financing"]]
    ]  # fmt: skip
    for row in made["sales"]:
        if row["month"] < at:
            _sell([one for one in servers if one.get("financing") not in leases], row)
    commitments = [
        one.model_dump() for one in scenario.existing_commitments
        if months_between(one.start, at) < one.term_months
    ]  # fmt: skip
    for row in made["commitments"]:
        if not row["existing"] and _runs(row, at):
            billed = _term(row["offer"], row["term"], catalog).hourly_billed
            hourly = _hourly(plan, row, catalog, at) if billed == "term" else _rates_as_used(plan, row).pop()
            commitments.append({
                "offer": row["offer"], "instances": round(row["instances"]), "start": row["month"],
                "term_months": row["term_months"], "hourly_usd_per_gpu": exact(hourly), "hourly_billed": billed,
            })  # fmt: skip
    terms = catalog.section("savings_plans")
    plans = [
        one.model_dump() for one in scenario.existing_savings_plans
        if months_between(one.start, at) < terms[one.plan].term_months
    ]  # fmt: skip
    plans += [
        {"plan": row["plan"], "usd_per_hour": exact(row["usd_per_hour"]), "start": row["month"]}
        for row in made["savings_plans"] if _runs(row, at)
    ]  # fmt: skip
    return {
        "existing_servers": [one for one in servers if one["servers"]], "existing_commitments": commitments,
        "existing_savings_plans": plans,
    }  # fmt: skip


def _bought(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a purchase of the plan as servers that exist; what is not paid at once says since when it is paid."""
    way = row.get("financing", CASH)
    return {
        "server": row["server"], "site": row["site"], "servers": round(row["servers"]),
        "in_service": row["in_service"], "paid_usd_per_server": exact(row["usd_per_server"]),
    } | ({} if way == CASH else {"financing": way, "ordered": row["month"]})  # fmt: skip


def _leases(scenario: Scenario) -> dict[str, int]:
    """Return the months of every lease at whose end servers are given back, by its name."""
    return {way.name: way.term_months for way in scenario.financing if isinstance(way, OperatingLease)}


def _runs(row: Mapping[str, Any], at: str) -> bool:
    """Say whether a promise was made before `at` and holds then."""
    return bool(row["month"] < at and months_between(row["month"], at) < row["term_months"])


def _sell(servers: list[dict[str, Any]], sale: Mapping[str, Any]) -> None:
    left = round(sale["servers"])
    mine = [one for one in servers if (one["server"], one["site"]) == (sale["server"], sale["site"])]
    for one in sorted(mine, key=lambda one: one["in_service"]):
        gone = min(left, one["servers"])
        one["servers"], left = one["servers"] - gone, left - gone


def _hourly(plan: Mapping[str, Any], row: Mapping[str, Any], catalog: Catalog, at: str) -> float:
    """Return the USD per GPU-hour that a running commitment still costs: of the plan's own ledger, in the month `at`.

    What is paid in a month is divided by the hours of its GPUs, so that the upfront part is left out.
    """
    item, t = f"{row['term']}@{row['month']}", months_between(plan["start"], at)
    hours, paid = _paid(plan, item).get(t, (0.0, 0.0))
    if not hours:
        return 0.0
    upfront = float(_term(row["offer"], row["term"], catalog).upfront_fraction)
    return paid / hours * (1 - upfront)


def _paid(plan: Mapping[str, Any], item: str) -> dict[int, tuple[float, float]]:
    """Return GPU-hours and USD by month of an item of the ledger's commitments, with what was negotiated on them."""
    found: dict[int, tuple[float, float]] = {}
    for line in plan["ledgers"]["plan"]:
        counts = line["component"] == "commitments"
        if (listed(line["component"]), line["item"]) == ("commitments", item) and line["timing"] != "start":
            for t, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
                hours, paid = found.get(t, (0.0, 0.0))
                found[t] = hours + quantity * counts, paid + quantity * usd
    return found


def _rates_as_used(plan: Mapping[str, Any], row: Mapping[str, Any]) -> set[float]:
    """Return at how many USD per GPU-hour the plan pays a commitment that is billed as used."""
    return {float(f"{usd / hours:.12g}") for hours, usd in _paid(plan, row["term"]).values() if hours > LEAST_HOURS}


def _term(offer: str, term: str, catalog: Catalog) -> Any:
    found = catalog.section("offers").get(offer)
    return next((one for one in (found.commitments if found else ()) if term == f"{offer}/{one.id}"), None)


def _not_held(plan: Mapping[str, Any], scenario: Scenario, catalog: Catalog, at: str) -> Iterator[Complaint]:
    """Yield what no scenario can hold as existing."""
    made, ways = plan["decisions"], [CASH, *(way.name for way in scenario.financing)]
    if (plan.get("ledgers") or {}).get("plan") is None:
        yield _complaint("ledgers", "is missing", "the plan", "run planner plan again")
    for n, row in enumerate(made["purchases"]):
        if row["month"] >= at:
            continue
        if (way := row.get("financing", CASH)) not in ways:
            yield _complaint(f"decisions.purchases.{n}", "was paid in a way that the scenario no longer has", way)
        yield from _parts(f"decisions.purchases.{n}.servers", row["servers"])
    for n, row in enumerate(made["sales"]):
        if row["month"] < at:
            yield from _parts(f"decisions.sales.{n}.servers", row["servers"])
    for n, row in enumerate(made["commitments"]):
        if row["existing"] or not _runs(row, at):
            continue
        term = _term(row["offer"], row["term"], catalog)
        if term is None:
            yield _complaint(f"decisions.commitments.{n}", "is in no catalog", row["term"])
        elif term.hourly_billed == "used" and len(_rates_as_used(plan, row)) != 1:
            yield _complaint(f"decisions.commitments.{n}", "is billed as used, and the plan tells not at which rate",
                             row["term"])  # fmt: skip
        yield from _parts(f"decisions.commitments.{n}.instances", row["instances"])
    for n, row in enumerate(made["savings_plans"]):
        if _runs(row, at) and row["plan"] not in catalog.section("savings_plans"):
            yield _complaint(f"decisions.savings_plans.{n}", "is in no catalog", row["plan"])


def _parts(field: str, count: float) -> Iterator[Complaint]:
    if abs(count - round(count)) > WHOLE:
        yield _complaint(field, "is no whole number, as what exists must be", f"{count:g}")


def _complaint(field: str, message: str, found: str, cure: str = CURE) -> Complaint:
    return Complaint(Place("plan.json"), field, message, found, cure=cure)
