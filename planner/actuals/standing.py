"""What stands at a month of a plan: servers owned or on order and commitments that run, as a scenario holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from planner.catalog.load import Catalog
from planner.errors import Complaint, InputError, Place
from planner.scenario.finance_schema import CASH
from planner.scenario.schema import Scenario
from planner.units import month_label, months_between

WHOLE = 1e-6
"""By how much a count may miss a whole number."""
CURE = "say what there is with --fleet"
_NOTHING = 1e-9

Fleet = dict[str, list[dict[str, Any]]]
"""`existing_servers` and `existing_commitments` of a scenario."""


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
    servers = [one.model_dump() for one in scenario.existing_servers]
    servers += [
        {"server": row["server"], "site": row["site"], "servers": round(row["servers"]),
         "in_service": row["in_service"], "paid_usd_per_server": exact(row["usd_per_server"])}
        for row in plan["decisions"]["purchases"] if row["month"] < at
    ]  # fmt: skip
    for row in plan["decisions"]["sales"]:
        if row["month"] < at:
            _sell(servers, row)
    commitments = [
        one.model_dump() for one in scenario.existing_commitments
        if months_between(one.start, at) < one.term_months
    ]  # fmt: skip
    commitments += [
        {"offer": row["offer"], "instances": round(row["instances"]), "start": row["month"],
         "term_months": row["term_months"], "hourly_usd_per_gpu": exact(_hourly(plan, row, catalog, at))}
        for row in plan["decisions"]["commitments"] if not row["existing"] and _runs(row, at)
    ]  # fmt: skip
    return {"existing_servers": [one for one in servers if one["servers"]], "existing_commitments": commitments}


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
    paid = hours = 0.0
    for line in plan["ledgers"]["plan"]:
        if line["component"] == "commitments" and line["item"] == item and line["timing"] != "start":
            for month, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
                paid += quantity * usd if month == t else 0.0
                hours += quantity if month == t else 0.0
    if not hours:
        return 0.0
    upfront = float(_term(row["offer"], row["term"], catalog).upfront_fraction)
    return paid / hours * (1 - upfront)


def _term(offer: str, term: str, catalog: Catalog) -> Any:
    found = catalog.section("offers").get(offer)
    return next((one for one in (found.commitments if found else ()) if term == f"{offer}/{one.id}"), None)


def _not_held(plan: Mapping[str, Any], scenario: Scenario, catalog: Catalog, at: str) -> Iterator[Complaint]:
    """Yield what no scenario can hold as existing."""
    made = plan["decisions"]
    if (plan.get("ledgers") or {}).get("plan") is None:
        yield _complaint("ledgers", "is missing", "the plan", "run planner plan again")
    for n, row in enumerate(made["purchases"]):
        if row["month"] >= at:
            continue
        if (way := row.get("financing", CASH)) != CASH:
            message = "was not paid at once: payments that go on cannot be told of existing servers"
            yield _complaint(f"decisions.purchases.{n}", message, way)
        yield from _parts(f"decisions.purchases.{n}.servers", row["servers"])
    for n, row in enumerate(made["commitments"]):
        if row["existing"] or not _runs(row, at):
            continue
        term = _term(row["offer"], row["term"], catalog)
        if term is None or term.hourly_billed == "used":
            message = "is in no catalog" if term is None else "is billed as used, which no existing commitment is"
            yield _complaint(f"decisions.commitments.{n}", message, row["term"])
        yield from _parts(f"decisions.commitments.{n}.instances", row["instances"])
    for n, row in enumerate(made["savings_plans"]):
        if row["usd_per_hour"] > _NOTHING and _runs(row, at):
            message = f"runs until {month_label(row['month'], row['term_months'])}: no scenario holds one that exists"
            yield _complaint(f"decisions.savings_plans.{n}", message, row["plan"])


def _parts(field: str, count: float) -> Iterator[Complaint]:
    if abs(count - round(count)) > WHOLE:
        yield _complaint(field, "is no whole number, as what exists must be", f"{count:g}")


def _complaint(field: str, message: str, found: str, cure: str = CURE) -> Complaint:
    return Complaint(Place("plan.json"), field, message, found, cure=cure)
