"""SkyPilot's catalog, `<cloud>/vms.csv`: a row per instance type and zone, priced per instance-hour.

Columns differ by cloud and version and are read by name. Google's rows are halves: hosts without their GPUs, and GPUs
without a host (no instance type); a machine is priced where the file has both in one zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from planner.importers import Imported
from planner.importers.common import Settings, count, day, gpu_named, tally
from planner.importers.common import number as amount
from planner.importers.common import provider as provider_of
from planner.importers.machines import MACHINES, Machine
from planner.importers.offers import ON_DEMAND, SPOT, OfferKey, Offers
from planner.importers.reading import csv_rows

COLUMNS = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")

Prices = dict[str, Decimal | None]
_Zone = tuple[str, str]


def read(path: Path, settings: Settings) -> Imported:
    """Map a `vms.csv`. The provider is the folder's name, or of old files the file's."""
    provider = provider_of(path, settings, path.parent.name if path.stem == "vms" else path.stem)
    what = {"source": settings.source, "basis": "list, from the SkyPilot catalog", "confidence": "medium"}
    offers = Offers(day(path, settings), what | {"currency": settings.currency})
    halves = _Halves()
    result = Imported()
    for _, row in csv_rows(path, COLUMNS):
        result.read += 1
        if row is not None and provider == "gcp" and halves.take(row):
            continue
        tally(result, _map(row, provider, settings, offers))
    if provider == "gcp":
        halves.join(offers, result)
    result.rows = list(offers.rows())
    return result


def _map(row: Mapping[str, str] | None, provider: str, settings: Settings, offers: Offers) -> str | None:
    """Note the prices of one row; return why it is skipped, or None."""
    prices = _prices(row) if row is not None else None
    if row is None or prices is None:
        return "malformed row"
    name, instance = row["AcceleratorName"].strip(), row["InstanceType"].strip()
    if not name:
        return "no GPU"
    if name.lower().startswith("tpu"):
        return "TPU"
    if not instance:
        return "GPU without its host"
    gpus = count(row["AcceleratorCount"])
    if gpus is None:
        return "not a whole number of GPUs"
    gpu = gpu_named(name, "", instance, provider)
    if gpu is None:
        return f"unknown GPU: {name}"
    region = row["Region"].strip() or settings.region
    if not region:
        return "no region"
    if not any(prices.values()):
        return "no price, or 0"
    return offers.add(OfferKey(provider, region, instance, gpu, gpus), prices)


def _prices(row: Mapping[str, str]) -> Prices | None:
    """Return the two prices of a row, None for what is blank; None when one of them is no price."""
    cells = {ON_DEMAND: row["Price"].strip(), SPOT: row.get("SpotPrice", "").strip()}
    prices = {name: amount(cell) for name, cell in cells.items()}
    return None if any(cell and prices[name] is None for name, cell in cells.items()) else prices


class _Halves:
    """Hosts and GPUs of Google's machines, until the file ends."""

    def __init__(self) -> None:
        self.hosts: dict[tuple[str, _Zone], Prices] = {}
        self.gpus: dict[tuple[str, int, _Zone], Prices] = {}

    def take(self, row: Mapping[str, str]) -> bool:
        """Keep the row when it may be half of a machine; say whether it was kept."""
        prices, zone = _prices(row), (row["Region"].strip(), row.get("AvailabilityZone", "").strip())
        name, instance = row["AcceleratorName"].strip(), row["InstanceType"].strip()
        if prices is None or not zone[0]:
            return False
        if not name and instance in MACHINES:
            return self.hosts.setdefault((instance, zone), prices) is prices
        gpus = count(row["AcceleratorCount"])
        if not instance and gpus is not None and any(one.skypilot == name for one in MACHINES.values()):
            return self.gpus.setdefault((name, gpus, zone), prices) is prices
        return False

    def join(self, offers: Offers, result: Imported) -> None:
        """Price every machine of which both halves are there, and count the rest as skipped."""
        used: set[tuple[str, int, _Zone]] = set()
        why: dict[tuple[str, int, _Zone], str] = {}
        for (instance, zone), host in self.hosts.items():
            machine = MACHINES[instance]
            key = (machine.skypilot, machine.gpus, zone)
            reason = self._join(instance, machine, host, self.gpus.get(key), zone[0], offers)
            tally(result, reason)
            if reason is None:
                used.add(key)
            else:
                why.setdefault(key, reason)
        for key in self.gpus:
            tally(result, None if key in used else why.get(key, "GPU without its host"))

    @staticmethod
    def _join(
        instance: str, machine: Machine, host: Prices, cards: Prices | None, region: str, offers: Offers
    ) -> str | None:
        if machine.ssd_gib:
            return "part of a GCP machine with local disks, whose price the file lacks"
        if cards is None:
            return "host without its GPUs"
        whole: Prices = {
            name: price + cards[name] if (price := host[name]) and cards[name] else None  # type: ignore[operator]
            for name in (ON_DEMAND, SPOT)
        }
        if not any(whole.values()):
            return "no price, or 0"
        gpu = gpu_named(machine.gpu, "", instance, "gcp")
        assert gpu is not None
        return offers.add(OfferKey("gcp", region, instance, gpu, machine.gpus), whole)
