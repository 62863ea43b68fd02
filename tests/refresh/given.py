"""A small catalog with one offer kept by hand, and two quarters of price files in several formats."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from planner.catalog.fact_rows import FactRow, read_rows
from planner.importers.feeds import Feed
from planner.importers.fetch import fetch
from planner.importers.refresh import Refreshed, refresh
from tests.input.given import fact, write_catalog

P5 = "aws-p5-48xlarge-us-east-1"
ON_DEMAND, SPOT = "on_demand_usd_per_gpu_hour", "spot_usd_per_gpu_hour"
FIRST, SECOND = date(2026, 9, 30), date(2026, 12, 31)

HISTORY = [fact(12.29, confidence="medium"), fact(6.88, date="2026-06-01", confidence="medium")]
CATALOG: dict[str, Any] = {
    "sources": [{"id": "invoice", "title": "an invoice"}],
    "providers": [{"id": name, "name": name} for name in ("aws", "azure", "nebius", "own-cloud")],
    "gpus": [{"id": "h100-sxm-80gb", "name": "H100", "memory_gb": 80}],
    "offers": [
        {"id": P5, "provider": "aws", "region": "us-east-1", "country": "US", "instance_type": "p5.48xlarge",
         "gpu": "h100-sxm-80gb", "gpus": 8, ON_DEMAND: HISTORY},
    ],
}  # fmt: skip


def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "pricing", CATALOG)


def skypilot(price: float, instance: str = "p5.48xlarge", region: str = "us-east-1", spot: str = "") -> bytes:
    head = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice"
    return f"{head}\n{instance},H100,8,192,2048,{price},{region},,{spot}\n".encode()


def gpuhunt(price: float) -> bytes:
    head = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size"
    return f"{head}\ngpu-h100-sxm_8gpu,eu-north1,{price},128,1600,8,H100 SXM,80,False,\n".encode()


def opencost(price: float) -> bytes:
    head = "EndTimestamp,InstanceID,Region,AssetClass,InstanceIDField,InstanceType,MarketPriceHourly,Version"
    row = f"2026-01-01 00:00:00 UTC,H100-SXM-80GB,here,gpu,gpu,,{price / 8},"
    return f"{head}\n{row}\n".encode()


def azure(price: float) -> bytes:
    import json

    item = {
        "currencyCode": "USD", "tierMinimumUnits": 0, "retailPrice": price, "unitPrice": price,
        "armRegionName": "eastus", "location": "US East", "effectiveStartDate": "2026-01-01T00:00:00Z",
        "meterId": "m", "meterName": "ND96isr H100 v5", "productId": "p", "skuId": "p/s", "availabilityId": None,
        "productName": "Virtual Machines NDsr H100 v5 Series Linux", "skuName": "ND96isr H100 v5",
        "serviceName": "Virtual Machines", "serviceId": "v", "serviceFamily": "Compute", "unitOfMeasure": "1 Hour",
        "type": "Consumption", "isPrimaryMeterRegion": True, "armSkuName": "Standard_ND96isr_H100_v5",
    }  # fmt: skip
    page = {"BillingCurrency": "USD", "Items": [item], "NextPageLink": None, "Count": 1}
    return json.dumps(page).encode()


FORMATS = {
    "skypilot": ("aws", skypilot), "gpuhunt": ("nebius", gpuhunt), "opencost": ("own-cloud", opencost),
    "azure": ("azure", azure),
}  # fmt: skip
"""By format: a provider, and a file in which eight H100 cost so much an hour."""


def brought(folder: Path, day: date, *feeds: tuple[str, str, str], write: bool = True) -> list[Refreshed]:
    """Refresh the catalog in `folder` from (name, format, address), over the network where an address says so."""
    listed = [Feed(name=name, format=form, address=address) for name, form, address in feeds]
    return refresh(listed, folder, day, lambda address, to: fetch(address, to, online=True), write)


def rows(folder: Path, name: str) -> list[FactRow]:
    return read_rows(folder / "refreshed" / f"{name}.csv")
