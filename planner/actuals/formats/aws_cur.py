"""AWS Cost and Usage Report: legacy CSV (`lineItem/UsageAmount`), Athena's names, and CUR 2.0 in CSV or Parquet.

The accrued cost depends on the type of the line: what a reservation or savings plan covered costs its amortised part,
its recurring fee only what stood unused, and its upfront fee nothing. A file without these columns is cash alone, which
tells nothing of what stood unused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner.actuals.duck import text_literal
from planner.actuals.formats.focus import USAGE_TYPE
from planner.actuals.table import Columns, Count, Table, Told

_CATEGORIES = {
    "Usage": "usage", "DiscountedUsage": "usage", "SavingsPlanCoveredUsage": "usage", "Fee": "purchase",
    "RIFee": "purchase", "SavingsPlanRecurringFee": "purchase", "SavingsPlanUpfrontFee": "purchase", "Tax": "tax",
    "Credit": "credit", "Refund": "adjustment", "SavingsPlanNegation": "adjustment", "EdpDiscount": "adjustment",
    "BundledDiscount": "adjustment", "PrivateRateDiscount": "adjustment", "RiVolumeDiscount": "adjustment",
    "SppDiscount": "adjustment", "Discount": "adjustment", "Rounding": "adjustment",
}  # fmt: skip

_FEES = {"RIFee": "reservation/EffectiveCost", "SavingsPlanRecurringFee": "savingsPlan/SavingsPlanEffectiveCost"}
"""Fees of commitments, of which only what stood unused is accrued, and the column that says so."""
_OF_TYPE = r":([a-z0-9-]+\.[a-z0-9-]+)$"
_NO_TIME = "(?i)EBSOptimized|Unused(Box|Ded)|CPUCredits|HeavyUsage"
"""What names an instance type besides its own time."""


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says."""
    text = columns.text
    kind, usage_type = text("lineItem/LineItemType"), text("lineItem/UsageType")
    categories = " ".join(f"WHEN '{name}' THEN '{category}'" for name, category in _CATEGORIES.items())
    product, code = text("product"), text("lineItem/ProductCode")
    instance = (
        f"coalesce({text('product/instanceType')}, member({product}, 'instance_type'), "
        f"nullif(regexp_extract({usage_type}, '{USAGE_TYPE}', 1), ''), "
        f"nullif(regexp_extract({usage_type}, '{_OF_TYPE}', 1), ''))"
    )
    ours = f"coalesce({code} IN ('AmazonEC2', 'AmazonSageMaker'), true)"
    fees = [name for name, column in _FEES.items() if columns.has(column)]
    return {
        "provider": "'aws'",
        "account": text("lineItem/UsageAccountId", "bill/PayerAccountId"),
        "starts": text("lineItem/UsageStartDate"),
        "ends": text("lineItem/UsageEndDate"),
        "bills": text("bill/BillingPeriodStartDate"),
        "category": f"CASE {kind} {categories} END",
        "correction": f"({kind} = 'Refund' OR {text('bill/BillType')} = 'Refund') IS TRUE",
        "pricing": f"CASE WHEN {usage_type} LIKE '%SpotUsage%' THEN 'spot' WHEN {kind} IN ('DiscountedUsage', 'RIFee') "
        f"OR {kind} LIKE 'SavingsPlan%' THEN 'committed' WHEN {kind} = 'Usage' THEN 'on_demand' ELSE 'other' END",
        "unused": f"({kind} IN ({', '.join(map(text_literal, fees)) or 'NULL'}) "
        f"OR regexp_matches({usage_type}, '(?i)Unused(Box|Ded)')) IS TRUE",
        "counts": f"regexp_matches({usage_type}, '{USAGE_TYPE}') AND {ours}",
        "service": text("product/ProductName", "product/servicename", "lineItem/ProductCode"),
        "description": text("lineItem/LineItemDescription"),
        "region": f"coalesce({text('product/regionCode', 'product/region')}, member({product}, 'region'))",
        "instance_type": instance,
        "quantity": text("lineItem/UsageAmount"),
        "unit": f"coalesce({text('pricing/unit')}, 'Hrs')",
        "list_cost": text("pricing/publicOnDemandCost"),
        "effective_cost": _accrued(columns, kind),
        "billed_cost": text("lineItem/UnblendedCost"),
        "currency": text("lineItem/CurrencyCode"),
        "resource": text("lineItem/ResourceId"),
        "tags": _tags(columns),
        "doubt": f"CASE WHEN {kind} = 'Usage' AND {ours} AND regexp_matches({usage_type}, '{_OF_TYPE}') AND NOT "
        f"regexp_matches({usage_type}, '{USAGE_TYPE}|{_NO_TIME}') AND bare_type({instance}) IN (SELECT instance_type "
        f"FROM gpu_types WHERE provider = 'aws') THEN 'not known whether this is time of a node: ' || {usage_type} END",
    }


def note(table: Table, told: Told, count: Count) -> str | None:
    """Return what the accrual lacks."""
    columns = Columns(table)
    if any(columns.has(one) for one in ("reservation/EffectiveCost", "savingsPlan/SavingsPlanEffectiveCost")):
        return None
    bought = count("pricing = 'committed'")
    return (
        "cash alone: the file says nothing of amortised costs, so commitments accrue as they are paid"
        if bought
        else None
    )


def _accrued(columns: Columns, kind: str) -> str:
    """Return the amortised cost as text; a number that cannot be read stays as it is written."""
    text, cash = columns.text, columns.text("lineItem/UnblendedCost")
    cases = ""
    if columns.has("reservation/EffectiveCost"):
        upfront = text("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")
        cases += f"""
            WHEN {kind} = 'DiscountedUsage' THEN coalesce({text("reservation/EffectiveCost")}, {cash})
            WHEN {kind} = 'RIFee' THEN {_sum(upfront, text("reservation/UnusedRecurringFee"))}
            WHEN {kind} = 'Fee' AND {text("reservation/ReservationARN")} IS NOT NULL THEN '0'"""
    if columns.has("savingsPlan/SavingsPlanEffectiveCost"):
        used = text("savingsPlan/UsedCommitment")
        cases += f"""
            WHEN {kind} = 'SavingsPlanCoveredUsage' THEN {text("savingsPlan/SavingsPlanEffectiveCost")}
            WHEN {kind} = 'SavingsPlanRecurringFee' THEN {_sum(text("savingsPlan/TotalCommitmentToDate"), used, "-")}
            WHEN {kind} IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') THEN '0'"""
    return f"CASE {cases} ELSE {cash} END" if cases else cash


def _sum(one: str, other: str, sign: str = "+") -> str:
    return (
        f"CASE WHEN number(coalesce({one}, '0')) IS NULL THEN {one} WHEN number(coalesce({other}, '0')) IS NULL THEN "
        f"{other} ELSE CAST(number(coalesce({one}, '0')) {sign} number(coalesce({other}, '0')) AS VARCHAR) END"
    )


def _tags(columns: Columns) -> str:
    found = columns.prefixed("resourceTags/", "resource_tags_")
    if not found:
        return f"""object(regexp_replace({columns.text("resource_tags")}, '([{{,]\\s*")user[:_]', '\\1', 'g'))"""
    members = ", ".join(f"{text_literal(re.sub('^user[:_]', '', name))}, {text}" for name, text in found)
    return f"json_merge_patch('{{}}', json_object({members}))"
