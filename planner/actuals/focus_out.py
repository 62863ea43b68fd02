"""Plan and actuals, owned and rented, as one FOCUS-shaped table: forecast stacked on spend.

Of the plan BilledCost is what is paid and adds up to its ledger. EffectiveCost spreads, of the plan and of what was
spent alike, capital outlay in a straight line over the useful life of its server from its service on, and fit-out and
the like over the rest of the horizon: of what was spent as far as actuals reach. The plan's commitments paid upfront
are spread over their term, as bills have them. What servers are worth at the horizon's end is in BilledCost alone, as
it stands for the months that are not spread yet. A cost that is not known is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from planner.actuals.billed import ANY
from planner.actuals.mapping import OWN
from planner.actuals.monthly import NO_MONTH, charges_by_month, records
from planner.actuals.spreading import life_from, months_of, outlay
from planner.actuals.store import Store
from planner.catalog.load import Catalog
from planner.components import listed
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
_COMPONENTS = {"on_demand": "on_demand", "spot": "spot", "committed": "commitments"}
_COSTS = {"BilledCost": "billed_cost", "EffectiveCost": "effective_cost", "ListCost": "list_cost",
          "ContractedCost": "contracted_cost"}  # fmt: skip
_HOURS = {"owned": "owned_gpu_hours", "committed": "committed_gpu_hours"}
Row = dict[str, Any]


class Amount(Decimal):
    """A number that is written with all its digits, never with a power of ten."""

    def __str__(self) -> str:
        return format(Decimal(self), ".12f")


def amount(value: float | None) -> Amount | None:
    """Return a float as an amount of twelve decimals; what is not known stays so."""
    return None if value is None else Amount(repr(float(value)))


def focus_rows(plan: Mapping[str, Any], catalog: Catalog, store: Store | None = None) -> list[Row]:
    """Return the plan's rows, then those of `store`: by month of the charge and all else that tells them apart.

    Parameters
    ----------
    plan : plan.json with its ledgers
    catalog : which GPU an offer has, and whose it is
    """
    return [*_planned(plan, catalog), *(_spent(store, plan) if store is not None else ())]


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
        for t, quantity, each in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            at_end, usd, spread = line["timing"] == "horizon", quantity * each, months_of(plan, line, t)
            fields = _fields(line, catalog, quantity)
            month = month_label(start, horizon - 1 if at_end else t)
            once = {"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time"} if spread else {}
            yield _row("plan", name, month, **fields | once | _costs(usd, 0.0 if spread or at_end else usd))
            yield from _spread("plan", plan, spread, horizon, usd, fields) if spread else ()
    for row in plan["decisions"]["by_month"]:
        for pricing, key in _HOURS.items():
            if row[key]:
                yield _row(
                    "plan", name, row["month"], provider=OWN if pricing == "owned" else "unknown", hours=row[key],
                    x_Component="gpu_hours", x_Pricing=pricing, x_Gpu=_gpu(plan, pricing, catalog),
                    ChargeCategory="Usage", ChargeDescription=f"GPU-hours at work, {pricing}", ResourceId=pricing,
                    **_costs(0.0, 0.0),
                )  # fmt: skip


def _fields(line: Mapping[str, Any], catalog: Catalog, quantity: float) -> Row:
    """Return what the rows of a payment say besides their month and costs."""
    component, item = line["component"], line["item"].split(" @ ")[0]
    offer = catalog.section("offers").get(item.split("@")[0].split("/")[0])
    pricing = _RENTED.get(listed(component), "owned" if offer is None else "other")
    timed = component in ("on_demand", "spot") and offer is not None
    category = "Adjustment" if line["category"] in ("tax", "financing") else "Usage"
    if category == "Usage" and quantity < 0:
        category = "Credit"
    return {
        "provider": OWN if offer is None else offer.provider, "hours": quantity if timed else None,
        "x_Component": component, "x_Pricing": pricing, "x_Gpu": offer.gpu if timed and offer else None,
        "RegionId": None if offer is None else _region(offer.region), "ResourceId": line["item"],
        "ChargeCategory": category,
        "ChargeDescription": f"{component.replace('_', ' ')}: {line['item']}, {line['unit']}",
    }  # fmt: skip


def _region(named: str) -> str | None:
    """Return a region as bills write its id, where the catalog says East US; none where an offer holds anywhere.

    >>> _region("East US"), _region("us-east-1"), _region("any")
    ('eastus', 'us-east-1', None)
    """
    return None if named == ANY else named.replace(" ", "").lower()


def _spread(
    record: str, plan: Mapping[str, Any], over: tuple[int, int], until: int, usd: float, fields: Row
) -> Iterator[Row]:
    """Yield the months that a payment is spread over, as far as they lie before the month `until`."""
    first, months = over
    for month in range(first, min(first + months, until)):
        told = {
            "ChargeCategory": "Usage", "hours": None,
            "ChargeDescription": f"{fields['ChargeDescription']}, month {month - first + 1} of {months}",
        }  # fmt: skip
        label = month_label(str(plan["start"]), month)
        yield _row(record, str(plan["scenario"]), label, **fields | told | _costs(0.0, usd / months))


def _gpu(plan: Mapping[str, Any], pricing: str, catalog: Catalog) -> str:
    """Return the GPU of owned or committed capacity, `mixed` where there are several."""
    made = plan["decisions"]
    section, key, rows = ("servers", "server", made["purchases"]) if pricing == "owned" else (
        "offers", "offer", made["commitments"])  # fmt: skip
    things = catalog.section(section)
    found = {things[row[key]].gpu for row in rows if row[key] in things}
    return found.pop() if len(found) == 1 else "mixed"


def _spent(store: Store, plan: Mapping[str, Any]) -> Iterator[Row]:
    """Yield what was used and billed; money stays in its currency."""
    frame, capital = charges_by_month(store, ("category",), missing=None), outlay(plan)
    until = max((months_between(plan["start"], one) for one in frame["month"] if one != NO_MONTH), default=0) + 1
    for one in records(frame):
        timed = one["gpu"] is not None and one["category"] == "usage" and not one["correction"] and not one["unused"]
        owned, spent = one["pricing"] == "owned", one["effective_cost"]
        fields = {
            "provider": one["provider"], "x_Component": one["component"] or _COMPONENTS.get(one["pricing"]),
            "hours": one["gpu_hours"] if timed else None, "x_Pricing": one["pricing"], "x_Gpu": one["gpu"],
            "RegionId": one["region"], "BillingCurrency": one["currency"],
            "ChargeCategory": one["category"].capitalize(), "ResourceId": one["gpu"],
            "ChargeClass": "Correction" if one["correction"] else None,
            "CommitmentDiscountStatus": "Unused" if one["unused"] else None,
            "ChargeDescription": f"{one['pricing'].replace('_', ' ')}: {one['gpu'] or 'other than GPUs'}",
        }  # fmt: skip
        costs = {column: amount(one[key]) for column, key in _COSTS.items()}
        if not (owned and one["component"] in capital and spent and one["month"] != NO_MONTH):
            yield _row("actual", str(plan["scenario"]), one["month"], **fields | costs)
            continue
        once = {"ChargeCategory": "Purchase", "EffectiveCost": amount(0.0)}
        yield _row("actual", str(plan["scenario"]), one["month"], **fields | costs | once)
        over = life_from(plan, capital[one["component"]], months_between(plan["start"], one["month"]))
        unknown = {"ListCost": None, "ContractedCost": None}
        yield from (row | unknown for row in _spread("actual", plan, over, until, spent, fields))
