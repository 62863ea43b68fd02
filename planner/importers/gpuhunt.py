"""gpuhunt's catalog, `<provider>.csv` or a zip archive of such files: whole instances, priced per hour.

A row is an instance type, a location and a kind of price. Old files lack gpu_vendor (all is NVIDIA but names that start
with `tpu-`), flags and cpu_arch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.importers import Imported
from planner.importers.common import Settings, count, day, gpu_named, named, tally
from planner.importers.common import number as amount
from planner.importers.common import provider as provider_of
from planner.importers.offers import ON_DEMAND, SPOT, OfferKey, Offers
from planner.importers.reading import csv_members, csv_rows

COLUMNS = ("instance_name", "location", "price", "gpu_count", "gpu_name", "gpu_memory", "spot")

_KINDS = {"true": SPOT, "false": ON_DEMAND}


def read(path: Path, settings: Settings) -> Imported:
    """Map a `<provider>.csv`, or a zip archive of them; of several those of the provider that is asked for."""
    what = {"source": settings.source, "basis": "list, from the gpuhunt catalog", "confidence": "medium"}
    offers = Offers(day(path, settings), what | {"currency": settings.currency})
    result = Imported()
    members = csv_members(path)
    for member in members:
        name = (member.rpartition("/")[2] or path.name).split(".")[0]
        reason, found = None, provider_of(path, settings, name) if len(members) == 1 else named(name)
        if settings.provider not in (None, found):
            reason = "another provider's"
        elif len(members) > 1 and found not in settings.providers:
            reason = f"a provider that the catalog does not have: {found}"
        for _, row in csv_rows(path, COLUMNS, member=member):
            result.read += 1
            tally(result, reason or _map(row, found, settings, offers))
    result.rows = list(offers.rows())
    return result


def _map(row: Mapping[str, str] | None, provider: str, settings: Settings, offers: Offers) -> str | None:
    """Note the price of one row; return why it is skipped, or None."""
    kind = _KINDS.get(row["spot"].strip().lower()) if row is not None else None
    if row is None or kind is None:
        return "malformed row"
    name, instance, gpus = row["gpu_name"].strip(), row["instance_name"].strip(), row["gpu_count"].strip()
    if not name or gpus in ("", "0"):
        return "no GPU"
    if name.lower().startswith("tpu-") or row.get("gpu_vendor", "").strip() == "google":
        return "TPU"
    whole, price = count(gpus), amount(row["price"])
    if whole is None:
        return "not a whole number of GPUs"
    if row["price"].strip() and price is None:
        return "malformed row"
    if not price:
        return "no price, or 0"
    gpu = gpu_named(name, row["gpu_memory"].strip(), instance, provider)
    if gpu is None:
        return f"unknown GPU: {name}"
    region = _region(provider, row["location"].strip()) or settings.region
    if not region or not instance:
        return "no region" if instance else "no instance type"
    if provider == "gcp" and instance.startswith("n1-"):
        instance += f" + {whole} {name}"
    return offers.add(OfferKey(provider, region, instance, gpu, whole), {kind: price})


def _region(provider: str, location: str) -> str:
    """Return the region of a location, which for Google is a zone, as us-central1-a."""
    zone = provider == "gcp" and location.count("-") == 2 and len(location.rpartition("-")[2]) == 1
    return location.rpartition("-")[0] if zone else location
