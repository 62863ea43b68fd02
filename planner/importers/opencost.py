"""OpenCost's price CSV: one's own prices of nodes, GPUs and volumes, per hour; GPUs are rows of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.importers import Imported
from planner.importers.common import Settings, gpu_named, is_day, refuse, tally
from planner.importers.common import number as amount
from planner.importers.offers import ANYWHERE, ON_DEMAND, OfferKey, Offers
from planner.importers.reading import csv_rows

COLUMNS = ("EndTimestamp", "InstanceID", "Region", "AssetClass", "MarketPriceHourly")

_NOTE = "price of the GPU; OpenCost prices its host apart"


def read(path: Path, settings: Settings) -> Imported:
    """Map a price CSV. The day is --date, or else the day on which a row's period ends."""
    if settings.provider is None:
        refuse(path, "does not say whose prices they are", "give it with --provider ID")
    what = {
        "source": settings.source, "basis": "own price list", "confidence": "medium", "currency": settings.currency,
        "note": _NOTE,
    }  # fmt: skip
    by_day: dict[str, Offers] = {}
    result = Imported()
    for _, row in csv_rows(path, COLUMNS):
        result.read += 1
        day = settings.date or (row["EndTimestamp"].strip()[:10] if row else "")
        if row is None or not is_day(day):
            tally(result, "malformed row")
        else:
            tally(result, _map(row, settings.provider, settings, by_day.setdefault(day, Offers(day, what))))
    result.rows = [fact for offers in by_day.values() for fact in offers.rows()]
    return result


def _map(row: Mapping[str, str], provider: str, settings: Settings, offers: Offers) -> str | None:
    """Note the price of one row; return why it is skipped, or None."""
    kind, name, price = row["AssetClass"].strip().lower(), row["InstanceID"].strip(), amount(row["MarketPriceHourly"])
    if kind == "node":
        return "node, whose price is without its GPUs"
    if kind != "gpu":
        return "neither GPU nor node"
    if price is None:
        return "malformed row"
    if not price:
        return "no price, or 0"
    gpu = gpu_named(name.replace("_", " "), "", "", provider)
    if gpu is None:
        return f"unknown GPU: {name}"
    region = row["Region"].strip() or settings.region or ANYWHERE
    return offers.add(OfferKey(provider, region, row.get("InstanceType", "").strip(), gpu, 1), {ON_DEMAND: price})
