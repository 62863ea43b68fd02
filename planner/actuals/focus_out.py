"""Plan and actuals, owned and rented, as one FOCUS-shaped table: forecast stacked on spend.

Of the plan BilledCost is what is paid and adds up to its ledger. EffectiveCost spreads capital outlay in a straight
line over the useful life of its server from its service on, and fit-out and the like over the rest of the horizon; what
servers are worth at the horizon's end is in BilledCost alone, as it stands for the months that are not spread yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from planner.actuals.mapping import OWN
from planner.actuals.monthly import NO_MONTH, charges_by_month, records
from planner.actuals.store import Store
from planner.catalog.load import Catalog
from planner.units import month_label, months_between

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "CommitmentDiscountStatus", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "ResourceId",
    "ServiceCategory", "ServiceName", "ServiceProviderName", "SubAccountId", "Tags", "x_Record", "x_Component",
    "x_Pricing", "x_Gpu", "x_GpuHours",
)  # fmt: skip
"""What FOCUS 1.2 demands of every row, what BI tools stack by, and what is ours."""
_CATEGORIES = {"on_demand": "Standard", "spot": "Dynamic", "committed": "Committed"}
_RENTED = {"on_demand": "on_demand", "spot": "spot", "commitments": "committed", "savings_plans": "committed"}
"""How the components of rent are priced."""
_HOURS = {"owned": "owned_gpu_hours", "committed": "committed_gpu_hours"}
Row = dict[str, Any]


class Amount(Decimal):
    """A number that is written with all its digits, never with a power of ten."""

    def __str__(self) -> str:
        return format(Decimal(self), ".12f")


def amount(value: float) -> Amount:
    """Return a float as an amount of twelve decimals."""
    return Amount(repr(float(value)))


def focus_rows(plan: Mapping[str, Any], catalog: Catalog, store: Store | None = None) -> list[Row]:
    """Return the plan's rows, then those of `store`: by month of the charge and all else that tells them apart.

    Parameters
    ----------
    plan : plan.json with its ledgers
    catalog : which GPU an offer has, and whose it is
    """
    return [*_planned(plan, catalog), *(_spent(store, str(plan["scenario"])) if store is not None else ())]


def _row(record: str, account: str, month: str, **fields: Any) -> Row:
    """Return a row with what every row has."""
    known = month != NO_MONTH
    start, end = (f"{one}-01T00:00:00Z" for one in (month, month_label(month, 1))) if known else ("", "")
    period = {f"{kind}Period{side}": day for kind in ("Billing", "Charge") for side, day in
              (("Start", start), ("End", end))}  # fmt: skip
    provider, hours = fields.pop("provider"), fields.pop("hours")
    timed = {} if hours is None else {"PricingQuantity": amount(hours), "PricingUnit": "GPU-Hours"}
    tags = {"x_record": record, "x_component": fields["x_Component"] or "", "x_gpu": fields.get("x_Gpu") or ""}
    return dict.fromkeys(COLUMNS) | period | timed | {
        "BillingAccountId": account, "BillingAccountName": account, "SubAccountId": f"{record}/{account}",
        "BillingCurrency": "USD", "ChargeFrequency": "Recurring", "ServiceCategory": "Compute",
        "ServiceName": "GPU capacity", "ProviderName": provider, "ServiceProviderName": provider,
        "PublisherName": provider, "InvoiceIssuerName": provider,
        "PricingCategory": _CATEGORIES.get(fields["x_Pricing"], "Other"),
        "Tags": json.dumps({key: one for key, one in tags.items() if one}, sort_keys=True),
        "x_Record": record, "x_GpuHours": amount(hours or 0.0),
    } | fields  # fmt: skip


def _costs(billed: float, effective: float) -> Row:
    """Return the four costs of a planned row: a plan knows no list prices beside those that it pays."""
    return {"BilledCost": amount(billed), "EffectiveCost": amount(effective), "ListCost": amount(effective),
            "ContractedCost": amount(effective)}  # fmt: skip


def _planned(plan: Mapping[str, Any], catalog: Catalog) -> Iterator[Row]:
    name, start, horizon = str(plan["scenario"]), str(plan["start"]), int(plan["horizon_months"])
    for line in plan["ledgers"]["plan"]:
        for t, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            at_end = line["timing"] == "horizon"
            month = month_label(start, horizon - 1 if at_end else t)
            yield _paid(name, line, month, quantity, quantity * usd, at_end, catalog)
            if _is_outlay(line):
                yield from _spread(plan, name, line, t, quantity * usd)
    for row in plan["decisions"]["by_month"]:
        for pricing, key in _HOURS.items():
            if row[key]:
                yield _row(
                    "plan", name, row["month"], provider=OWN if pricing == "owned" else "unknown", hours=row[key],
                    x_Component="gpu_hours", x_Pricing=pricing, x_Gpu=_gpu(plan, pricing, catalog),
                    ChargeCategory="Usage", ChargeDescription=f"GPU-hours at work, {pricing}", ResourceId=pricing,
                    **_costs(0.0, 0.0),
                )  # fmt: skip


def _is_outlay(line: Mapping[str, Any]) -> bool:
    return bool(line["category"] == "capex" and line["component"] != "resale")


def _paid(
    name: str, line: Mapping[str, Any], month: str, quantity: float, usd: float, at_end: bool, catalog: Catalog
) -> Row:
    """Return the row of a payment."""
    component, item = line["component"], line["item"].split(" @ ")[0]
    offer = catalog.section("offers").get(item.split("@")[0].split("/")[0])
    pricing = _RENTED.get(component, "owned" if offer is None else "other")
    timed = component in ("on_demand", "spot") and offer is not None
    outlay, category = _is_outlay(line), "Usage"
    if outlay or (component == "commitments" and line["timing"] == "start"):
        category = "Purchase"
    elif line["category"] in ("tax", "financing"):
        category = "Adjustment"
    elif usd < 0:
        category = "Credit"
    return _row(
        "plan", name, month, provider=OWN if offer is None else offer.provider, hours=quantity if timed else None,
        x_Component=component, x_Pricing=pricing, x_Gpu=offer.gpu if timed and offer else None,
        RegionId=None if offer is None else offer.region, ResourceId=line["item"], ChargeCategory=category,
        ChargeFrequency="One-Time" if category == "Purchase" else "Recurring",
        ChargeDescription=f"{component.replace('_', ' ')}: {line['item']}, {line['unit']}",
        **_costs(usd, 0.0 if outlay or at_end else usd),
    )  # fmt: skip


def _spread(plan: Mapping[str, Any], name: str, line: Mapping[str, Any], t: int, usd: float) -> Iterator[Row]:
    """Yield the months that a capital outlay is spread over, as far as they lie inside the horizon."""
    horizon = int(plan["horizon_months"])
    first, months = spread_over(plan, line["item"].split(" @ ")[0], t)
    for month in range(first, min(first + months, horizon)):
        yield _row(
            "plan", name, month_label(plan["start"], month), provider=OWN, hours=None, x_Component=line["component"],
            x_Pricing="owned", ResourceId=line["item"], ChargeCategory="Usage",
            ChargeDescription=f"{line['component'].replace('_', ' ')}: {line['item']}, month {month - first + 1} of "
            f"{months}", **_costs(0.0, usd / months),
        )  # fmt: skip


def spread_over(plan: Mapping[str, Any], item: str, t: int) -> tuple[int, int]:
    """Return the first month, and how many, that an outlay for `item` in month t is spread over."""
    life = next((one["value"] for one in plan["evidence"] if one["row"] == f"{item}/useful_life_months"), None)
    if life is None:
        return t, max(1, int(plan["horizon_months"]) - t)
    ordered = month_label(plan["start"], t)
    waits = [
        months_between(one["month"], one["in_service"]) for one in plan["decisions"]["purchases"]
        if (one["server"], one["month"]) == (item, ordered)
    ]  # fmt: skip
    return t + (waits[0] if waits else 0), max(1, round(life))


def _gpu(plan: Mapping[str, Any], pricing: str, catalog: Catalog) -> str:
    """Return the GPU of owned or committed capacity, `mixed` where there are several."""
    made = plan["decisions"]
    section, key, rows = ("servers", "server", made["purchases"]) if pricing == "owned" else (
        "offers", "offer", made["commitments"])  # fmt: skip
    things = catalog.section(section)
    found = {things[row[key]].gpu for row in rows if row[key] in things}
    return found.pop() if len(found) == 1 else "mixed"


def _spent(store: Store, name: str) -> Iterator[Row]:
    """Yield what was used and billed; money stays in its currency."""
    for one in records(charges_by_month(store, ("category",))):
        hours = one["gpu_hours"] if one["gpu"] is not None and one["category"] == "usage" else None
        yield _row(
            "actual", name, one["month"], provider=one["provider"], x_Component=one["component"],
            hours=None if one["correction"] or one["unused"] else hours, x_Pricing=one["pricing"], x_Gpu=one["gpu"],
            RegionId=one["region"], BillingCurrency=one["currency"], ChargeCategory=one["category"].capitalize(),
            ChargeClass="Correction" if one["correction"] else None, ResourceId=one["gpu"],
            CommitmentDiscountStatus="Unused" if one["unused"] else None,
            ChargeDescription=f"{one['pricing'].replace('_', ' ')}: {one['gpu'] or 'other than GPUs'}",
            **{column: amount(one[key]) for column, key in
               (("BilledCost", "billed_cost"), ("EffectiveCost", "effective_cost"), ("ListCost", "list_cost"),
                ("ContractedCost", "contracted_cost"))},
        )  # fmt: skip
