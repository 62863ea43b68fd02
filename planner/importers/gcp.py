"""Google's Cloud Billing catalog (`services/6F81-5844-456A/skus`, JSON pages): parts, of which machines are summed.

GPU, core, RAM and local disk are SKUs of their own. A machine has a price in a region where every part that it has is
there once, in one currency, for the same way of paying. Disks are priced per GiB-month of 730 hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from planner.importers import Imported
from planner.importers.common import CURRENCIES, Settings, gpu_named, is_day, refuse, tally
from planner.importers.machines import MACHINES, Machine
from planner.importers.offers import ON_DEMAND, SPOT, OfferKey, Offers
from planner.importers.reading import json_items

HOURS_PER_MONTH = 730

_DEAREST = 10**9

_IN = r"(?: (?:running )?in .+)?"
_SPOT = "(?: attached to Spot Preemptible VMs)?"
_GPU = re.compile(rf"(?:Commitment v1: )?Nvidia (?P<model>.+?) GPU{_SPOT}{_IN}")
_HOST = re.compile(
    rf"(?:Commitment v1: |Spot Preemptible )?(?P<series>A2|A3|A3Plus|G2) (?:Instance )?(?P<part>Core|Cpu|Ram){_IN}"
)
_DISK = re.compile(rf"(?:Commitment v1: Local SSD|SSD backed Local Storage{_SPOT}){_IN}", re.IGNORECASE)
_UNITS = {"GPU": "h", "Core": "h", "Ram": "GiBy.h", "SSD": "GiBy.mo"}
_FIELDS = {
    "OnDemand": ON_DEMAND, "Preemptible": SPOT, "Commit1Yr": "12m-no-upfront/usd_per_gpu_hour",
    "Commit3Yr": "36m-no-upfront/usd_per_gpu_hour",
}  # fmt: skip
_TERMS = {
    _FIELDS[usage]: {"term_months": months, "upfront_fraction": "0"}
    for usage, months in (("Commit1Yr", "12"), ("Commit3Yr", "36"))
}
_MODELS = {machine.model for machine in MACHINES.values()}
_OTHER = "no part of a machine with GPUs, or one on special terms"


@dataclass(frozen=True)
class _Part:
    """What a SKU prices: `GPU` of a model, `Core` or `Ram` of a series, `SSD`; and how it is paid."""

    kind: str
    of: str
    usage: str


@dataclass
class _Price:
    """The price of a part in a region, per hour or of a disk per month, and the numbers of the SKUs that give it."""

    amount: Decimal
    skus: set[int]
    doubtful: bool = False


@dataclass
class _Parts:
    """The parts that a file prices, by region; its currency and newest day."""

    prices: dict[tuple[_Part, str], _Price] = field(default_factory=dict)
    currency: str = ""
    day: str = ""


def read(path: Path, settings: Settings) -> Imported:
    """Map the pages of the price list. The day is --date, or else that of the newest price of a part."""
    result, parts, taken = Imported(), _Parts(), set[int]()
    for at, sku in enumerate(json_items(path, "skus")):
        result.read += 1
        if (reason := _take(at, sku, parts)) is None:
            taken.add(at)
        else:
            tally(result, reason)
    date = settings.date or parts.day
    if taken and not is_day(date):
        refuse(path, "carries no date of its prices", "give it with --date YYYY-MM-DD")
    what = {"source": settings.source, "basis": "list", "confidence": "high", "currency": parts.currency}
    offers, used = Offers(date, what, _TERMS), set[int]()
    for region in dict.fromkeys(region for _, region in parts.prices):
        used |= _sum_up(region, parts.prices, offers)
    doubtful = {at for price in parts.prices.values() if price.doubtful for at in price.skus} - used
    tally(result, None, len(used))
    tally(result, "another price for the same part in its regions", len(doubtful))
    tally(result, "part of no machine that is complete in its regions", len(taken - used - doubtful))
    result.rows = list(offers.rows())
    return result


def _take(at: int, sku: Any, parts: _Parts) -> str | None:
    """Note what SKU number `at` prices; return why it is skipped, or None."""
    try:
        category, info = sku["category"], sku["pricingInfo"][-1]
        part = _part(category["resourceFamily"], category["usageType"], sku["description"].strip())
        if part is None:
            return _OTHER
        expression, day, regions = info["pricingExpression"], info.get("effectiveTime", "")[:10], sku["serviceRegions"]
        rates = [rate["unitPrice"] for rate in expression["tieredRates"]]
        amounts = {Decimal(str(rate.get("units") or 0)) + Decimal(rate.get("nanos") or 0) / 10**9 for rate in rates}
        amount, currency, unit = amounts.pop(), rates[0]["currencyCode"], expression["usageUnit"]
        sound = 0 <= amount <= _DEAREST and all(isinstance(text, str) for text in (currency, *regions))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return "malformed SKU"
    if not sound:
        return "malformed SKU"
    if amounts:
        return "price in tiers"
    if amount == 0:
        return "no price, or 0"
    if unit != _UNITS[part.kind]:
        return "priced in another unit"
    if currency not in CURRENCIES:
        return "in a currency that the catalog does not know"
    parts.currency = parts.currency or currency
    if currency != parts.currency:
        return f"in {currency}, not {parts.currency} as those before"
    parts.day = max(parts.day, day)
    for region in regions:
        held = parts.prices.setdefault((part, region), _Price(amount, set()))
        held.skus.add(at)
        held.doubtful |= held.amount != amount
    return None


def _part(family: str, usage: str, text: str) -> _Part | None:
    """Return the part that a SKU's description names, None where no machine of ours has it."""
    if usage not in _FIELDS or ("Commitment" in text) != usage.startswith("Commit"):
        return None
    if family == "Storage" or "Local SSD" in text:
        if not _DISK.fullmatch(text):
            return None
        return _Part("SSD", "", "Preemptible" if "Preemptible" in text else usage)
    if ("Preemptible" in text) != (usage == "Preemptible"):
        return None
    if (found := _GPU.fullmatch(text)) is not None:
        model = found["model"].replace("80GB Mega", "80GB Plus")
        return _Part("GPU", model, usage) if model in _MODELS else None
    if (found := _HOST.fullmatch(text)) is not None:
        return _Part("Ram" if found["part"] == "Ram" else "Core", found["series"], usage)
    return None


def _sum_up(region: str, prices: dict[tuple[_Part, str], _Price], offers: Offers) -> set[int]:
    """Price every machine of a region that is complete; return the numbers of the SKUs that it took."""
    used: set[int] = set()
    for name, machine in MACHINES.items():
        gpu = gpu_named(machine.gpu, "", name, "gcp")
        assert gpu is not None
        key = OfferKey("gcp", region, name, gpu, machine.gpus)
        for usage, fact in _FIELDS.items():
            needed = _parts(machine, usage)
            found = [price for part in needed if (price := prices.get((part, region))) and not price.doubtful]
            if len(found) == len(needed):
                total = sum(
                    (price.amount * much for price, much in zip(found, needed.values(), strict=True)), Decimal(0)
                )
                if offers.add(key, {fact: total}) is None:
                    used |= {at for price in found for at in price.skus}
    return used


def _parts(machine: Machine, usage: str) -> dict[_Part, Decimal]:
    """Return what a machine is made of, and how much of it; disks by the hour."""
    parts = {
        _Part("GPU", machine.model, usage): Decimal(machine.gpus),
        _Part("Core", machine.series, usage): Decimal(machine.cores),
        _Part("Ram", machine.series, usage): Decimal(machine.ram_gib),
    }
    disk = {_Part("SSD", "", usage): Decimal(machine.ssd_gib) / HOURS_PER_MONTH} if machine.ssd_gib else {}
    return parts | disk
