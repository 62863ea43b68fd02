"""Azure cost exports that are not FOCUS: EA, MCA and pay as you go, in English and German names, with all their cases.

Quantity is in single units: "100 Hours" tells how its price is quoted, and 24 of them are 24 hours, as Microsoft's
conversion to FOCUS has it. Where the price of a block times the quantity is the cost, the quantity may be of blocks
instead, and stays in doubt. An export of amortised cost has the accrued cost of covered usage, whose cash is 0; one of
actual cost has the cash of purchases, and nothing for what they cover: the amortised one is to be imported, alone, as
both hold the same usage. Slashed dates are month first.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.table import Columns, Count, Table, Told

DATE = ("Date", "UsageDateTime", "UsageDate")
COST = ("CostInBillingCurrency", "PreTaxCost", "Cost")
_MACHINES = (
    "(?i)^(virtual machines|virtuelle (computer|maschinen)|machines virtuelles|m[áa]quinas virtua(les|is)"
    "|cloud services)$"
)
_LICENCE = "licen[cs]|lizenz"
_SERIES = "(?i)^standard_n[cdgv]+[0-9]"


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says."""
    text = columns.text
    kind = f"lower(coalesce({text('ChargeType')}, 'usage'))"
    model, date, cost = f"lower({text('PricingModel')})", text(*DATE), text(*COST)
    category, unit = text("MeterCategory"), text("UnitOfMeasure")
    instance = f"member({text('AdditionalInfo')}, 'ServiceType')"
    reserved = f"{kind} = 'usage' AND {model} IS NULL AND {text('ReservationId')} IS NOT NULL"
    committed = f"({model} IN ('reservation', 'savingsplan') OR ({reserved}))"
    unclear = f"{kind} = 'usage' AND per_hour({unit}) = 1 AND NOT regexp_matches({category}, '{_MACHINES}|{_LICENCE}')"
    bought = f"{kind} IN ('purchase', 'refund') AND {committed}"
    meter = f"coalesce({text('MeterName')}, '') || ' ' || coalesce({text('ProductName', 'Product')}, '')"
    return {
        "provider": "'azure'",
        "account": text("SubscriptionId", "SubscriptionGuid", "BillingAccountId"),
        "starts": date,
        "ends": f"coalesce(strftime(moment({date}) + INTERVAL 1 DAY, '%Y-%m-%d %H:%M:%S'), {date})",
        "bills": text("BillingPeriodStartDate"),
        "category": f"CASE WHEN {kind} IN ('usage', 'purchase', 'tax', 'credit') THEN {kind} "
        f"WHEN {kind} LIKE 'unused%' THEN 'usage' WHEN {kind} = 'refund' THEN 'purchase' "
        f"WHEN {kind} IN ('roundingadjustment', 'adjustment') THEN 'adjustment' END",
        "correction": f"{kind} = 'refund'",
        "pricing": f"CASE WHEN {committed} OR {kind} LIKE 'unused%' THEN 'committed' WHEN {model} = 'spot' OR "
        f"regexp_matches({meter}, '(?i)\\b(spot|low priority)\\b') THEN 'spot' "
        f"WHEN {kind} = 'usage' THEN 'on_demand' ELSE 'other' END",
        "unused": f"{kind} LIKE 'unused%'",
        "counts": f"regexp_matches({category}, '{_MACHINES}')",
        "service": f"coalesce({category}, {text('ConsumedService')})",
        "description": f"coalesce({text('ProductName', 'Product')}, {text('MeterName')})",
        "region": text("ResourceLocation", "Location", "MeterRegion"),
        "instance_type": instance,
        "quantity": text("Quantity", "UsageQuantity"),
        "unit": f"CASE WHEN per_hour({unit}) IS NOT NULL THEN unit_word({unit}) ELSE {unit} END",
        "list_cost": text("PaygCostInBillingCurrency"),
        "effective_cost": f"CASE WHEN {bought} THEN '0' ELSE {cost} END",
        "billed_cost": f"CASE WHEN {kind} LIKE 'unused%' OR ({kind} = 'usage' AND {committed}) THEN '0' "
        f"ELSE {cost} END",
        "currency": text("BillingCurrency", "BillingCurrencyCode", "Currency"),
        "resource": text("ResourceId", "InstanceId", "InstanceName"),
        "tags": f"object({text('Tags')})",
        "doubt": f"CASE WHEN regexp_matches({instance}, '{_SERIES}') IS NOT TRUE THEN NULL "
        f"WHEN {unclear} THEN 'not known whether this category is machines: ' || {category} "
        f"WHEN {kind} = 'usage' AND per_hour({unit}) = 1 AND {_of_blocks(columns, cost)} "
        f"THEN 'not known whether the quantity is of hours or of blocks of them: ' || {unit} END",
    }


def note(table: Table, told: Told, count: Count) -> str | None:
    """Return what an export of actual cost lacks."""
    covered = count("pricing = 'committed' AND gpu_hours > 0 AND coalesce(effective_cost, 0) = 0")
    if not covered:
        return None
    return (
        f"actual cost: what a commitment covers accrues 0 ({covered:,} rows); import the amortised export instead, and "
        "not both, as they hold the same usage"
    )


def _of_blocks(columns: Columns, cost: str) -> str:
    """Return SQL that says whether a quantity times the price of a block of units is the cost."""
    price, quantity, paid = (
        f"TRY_CAST({one} AS DOUBLE)"
        for one in (columns.text("UnitPrice"), columns.text("Quantity", "UsageQuantity"), cost)
    )
    return (
        f"unit_size({columns.text('UnitOfMeasure')}) > 1 AND {paid} <> 0 "
        f"AND abs({price} * {quantity} - {paid}) <= 0.001 * abs({paid})"
    )
