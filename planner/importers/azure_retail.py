"""Azure's Retail Prices API, JSON pages one after another: pay as you go, spot, reservations and savings plans.

Windows shares size and meter names with Linux and differs in productName only; Spot and Low Priority stand in skuName
or meterName. The price of a reservation is for its whole term, whatever unitOfMeasure says; it costs the same paid
monthly, so it counts as not paid upfront. Items name no GPU: that follows from the size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from planner.catalog.fact_rows import FactRow
from planner.importers import Imported
from planner.importers.common import CURRENCIES, Settings, gpu_named, is_day, refuse, tally
from planner.importers.common import number as amount
from planner.importers.offers import ON_DEMAND, SPOT, OfferKey, per_gpu
from planner.importers.reading import json_items
from planner.importers.terms import Gathered, Term, in_force, months_of

_SIZES: tuple[tuple[str, str, dict[int, int]], ...] = (
    (r"NC(\d+)r?", "K80", {6: 1, 12: 2, 24: 4}),
    (r"NC(\d+)r?s_v2", "P100 PCIe 16GB", {6: 1, 12: 2, 24: 4}),
    (r"NC(\d+)r?s_v3", "V100 PCIe 16GB", {6: 1, 12: 2, 24: 4}),
    (r"NC(\d+)as_T4_v3", "T4", {4: 1, 8: 1, 16: 1, 64: 4}),
    (r"NC(\d+)ads_A100_v4", "A100 PCIe 80GB", {24: 1, 48: 2, 96: 4}),
    (r"NCC?(\d+)adi?s_H100_v5", "H100 NVL 94GB", {40: 1, 80: 2}),
    (r"ND(\d+)r?s", "P40", {6: 1, 12: 2, 24: 4}),
    (r"ND(\d+)rs_v2", "V100 SXM 32GB", {40: 8}),
    (r"ND(\d+)asr_(?:A100_)?v4", "A100 SXM 40GB", {96: 8}),
    (r"ND(\d+)amsr_A100_v4", "A100 SXM 80GB", {96: 8}),
    (r"ND(\d+)isr?_H100_v5", "H100 SXM 80GB", {96: 8}),
    (r"ND(\d+)isr?_H200_v5", "H200 SXM 141GB", {96: 8}),
    (r"ND(\d+)isr?_MI300X_v5", "MI300X", {96: 8}),
    (r"ND(\d+)isr_(?:NDR_)?GB200_v6", "GB200", {128: 4}),
    (r"ND(\d+)isr_(?:NDR_)?GB300_v6", "GB300", {128: 4}),
    (r"NV(\d+)(?:s_v2)?", "M60", {6: 1, 12: 2, 24: 4}),
    (r"NV(\d+)s_v3", "M60", {12: 1, 24: 2, 48: 4}),
    (r"NV(\d+)adm?s_A10_v5", "A10", {6: 0, 12: 0, 18: 0, 36: 1, 72: 2}),
    (r"NV(\d+)as_v4", "Radeon MI25", {4: 0, 8: 0, 16: 0, 32: 1}),
    (r"NG(\d+)adm?s_V620_v1", "Radeon Pro V620", {8: 0, 16: 0, 32: 1}),
)
"""Sizes with GPUs: pattern, GPU, number of GPUs by the number in the name; 0 is a part of one."""

_GPU_SIZE = re.compile(r"Standard_N[CDGV]\w*")
_PARTS = (("Windows", re.compile(r"\bWin(dows)?\b")), ("Cloud Services", re.compile(r"\bCloud ?Services\b")))


def gpus_of(size: str) -> tuple[str, int] | str:
    """Return GPU and number of GPUs of an Azure size, or why it cannot be taken.

    >>> gpus_of("Standard_ND96isr_H100_v5"), gpus_of("Standard_NV6ads_A10_v5"), gpus_of("Standard_D2s_v3")
    (('h100-sxm-80gb', 8), 'part of a GPU', 'no GPU')
    """
    if not _GPU_SIZE.fullmatch(size):
        return "no GPU"
    for pattern, model, counts in _SIZES:
        found = re.fullmatch(f"Standard_{pattern}", size)
        gpus = counts.get(int(found[1])) if found else None
        if gpus == 0:
            return "part of a GPU"
        if gpus:
            gpu = gpu_named(model, "", size, "azure")
            return (gpu, gpus) if gpu else f"unknown GPU: {model}"
    return f"unknown GPU of {size}"


def read(path: Path, settings: Settings) -> Imported:
    """Map pages of the API. The day is --date, or else that from which an item's price holds."""
    result = Imported()
    gathered = Gathered(result)
    for item in json_items(path, "Items"):
        result.read += 1
        if (reason := _take(item, settings, gathered)) is not None:
            tally(result, reason)
    if not result.read:
        refuse(path, "holds no Items of Azure's Retail Prices")
    result.rows = list(gathered.rows())
    return result


def _take(item: Any, settings: Settings, gathered: Gathered) -> str | None:
    """Take an item; return why it is skipped, or None."""
    if not isinstance(item, dict):
        return "malformed item"
    words = {name: str(item.get(name) or "") for name in (
        "serviceName", "armSkuName", "productName", "skuName", "meterName", "type", "currencyCode", "armRegionName",
        "effectiveStartDate", "effectiveEndDate", "reservationTerm",
    )}  # fmt: skip
    if words["serviceName"] != "Virtual Machines":
        return "no virtual machine"
    gpus = gpus_of(words["armSkuName"])
    if isinstance(gpus, str):
        return gpus
    if (reason := _unwanted(item, words, settings)) is not None:
        return reason
    price, day = _price(item.get("retailPrice")), in_force(settings.date or "", words["effectiveStartDate"])
    if price is None or day is None:
        return "malformed item"
    if not price:
        return "no price, or 0"
    offer = OfferKey("azure", words["armRegionName"], words["armSkuName"], *gpus)
    if (reason := gathered.refused(offer)) is not None:
        return reason
    facts = list(_facts(item, words, price, day, offer, settings))
    for at, fact in enumerate(facts):
        gathered.add(fact, words["effectiveStartDate"], rows=0 if at else 1)
    return None if facts else "reservation for no term of years"


def _unwanted(item: dict[str, Any], words: dict[str, str], settings: Settings) -> str | None:
    """Return why an item with GPUs does not count, or None."""
    for what, pattern in _PARTS:
        if pattern.search(words["productName"]):
            return what
    if words["type"] not in ("Consumption", "Reservation"):
        return f"type {words['type']}"
    if "Low Priority" in words["skuName"] + words["meterName"]:
        return "low priority"
    if words["type"] == "Consumption" and item.get("unitOfMeasure") != "1 Hour":
        return "in another unit than 1 Hour"
    if item.get("isPrimaryMeterRegion") is False:
        return "not the primary meter"
    if item.get("tierMinimumUnits"):
        return "price of a higher tier"
    if words["currencyCode"] not in CURRENCIES:
        return f"currency {words['currencyCode']}"
    end = words["effectiveEndDate"][:10]
    return "no longer in force" if is_day(end) and end <= (settings.date or "9999") else None


def _facts(
    item: dict[str, Any], words: dict[str, str], price: Decimal, day: str, offer: OfferKey, settings: Settings
) -> Iterator[FactRow]:
    """Yield what an item says: a price, and the rates of savings plans that may stand on it."""
    usd = words["currencyCode"] == "USD"
    what: dict[str, Any] = {
        "date": day, "source": settings.source, "basis": "list", "confidence": "high" if usd else "medium",
        "currency": words["currencyCode"], "note": "" if usd else "Azure converts its prices in USD: indicative only",
    }  # fmt: skip
    if words["type"] == "Reservation":
        if (months := months_of(words["reservationTerm"])) is not None:
            term = Term(months, "no-upfront", total=price, upfront=Decimal(0))
            attributes = offer.attributes | term.attributes
            yield FactRow("offers", offer.id, term.field, term.rate(offer.gpus), attributes=attributes, **what)
        return
    name = SPOT if "Spot" in words["skuName"] + words["meterName"] else ON_DEMAND
    yield FactRow("offers", offer.id, name, per_gpu(price, offer.gpus), attributes=offer.attributes, **what)
    plans = item.get("savingsPlan") if name == ON_DEMAND else None
    for plan in plans if isinstance(plans, list) else ():
        if not isinstance(plan, dict):
            continue
        rate, months = _price(plan.get("retailPrice")), months_of(str(plan.get("term")))
        if rate and months:
            yield FactRow(
                "savings_plans", f"azure-savings-plan-{months}m", f"usd_per_gpu_hour/{offer.id}",
                per_gpu(rate, offer.gpus), **what,
                attributes={"provider": "azure", "term_months": str(months), "upfront_fraction": "0"},
            )  # fmt: skip


def _price(value: Any) -> Decimal | None:
    return amount(str(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
