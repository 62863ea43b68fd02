"""A small catalog with one offer kept by hand, and two quarters of price files in several formats."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from planner.catalog.fact_rows import FactRow, read_rows
from planner.importers.feeds import Feed
from planner.importers.fetch import fetch
from planner.importers.refresh import Refreshed, refresh
from tests.importers import test_aws_price_list, test_aws_savings_plans, test_aws_spot_advisor, test_azure, test_gcp
from tests.input.given import fact, write_catalog

P5 = "aws-p5-48xlarge-us-east-1"
ON_DEMAND, SPOT = "on_demand_usd_per_gpu_hour", "spot_usd_per_gpu_hour"
FIRST, SECOND = date(2026, 9, 30), date(2026, 12, 31)

HISTORY = [fact(12.29, confidence="medium"), fact(6.88, date="2026-06-01", confidence="medium")]
CATALOG: dict[str, Any] = {
    "sources": [{"id": "invoice", "title": "an invoice"}],
    "providers": [{"id": name, "name": name} for name in ("aws", "azure", "gcp", "nebius", "own-cloud")],
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


def azure(price: float, **page: Any) -> bytes:
    return test_azure.pages(
        [test_azure.ITEM | {"retailPrice": price, "effectiveStartDate": "2026-01-01"} | page]
    ).encode()


def gcp(price: float) -> bytes:
    # 26 cores, 234 GiB and 750 GiB of disk go with a GPU: 0.26 + 0.234 + 0.075 an hour
    parts = [
        test_gcp.sku("Nvidia H100 80GB GPU running in Iowa", round((price / 8 - 0.569) * 10**9)),
        test_gcp.sku("A3 Instance Core running in Iowa", 10_000_000),
        test_gcp.sku("A3 Instance Ram running in Iowa", 1_000_000, "GiBy.h"),
        test_gcp.sku("SSD backed Local Storage in Iowa", 73_000_000, "GiBy.mo", family="Storage"),
    ]
    return json.dumps({"skus": parts, "nextPageToken": ""}).encode()


def aws(price: float) -> bytes:
    rows = [
        test_aws_price_list.PREAMBLE,
        test_aws_price_list.ROW,
        test_aws_price_list.row(str(price), EffectiveDate="2026-01-01"),
    ]
    head = "".join(f'"{name}","{cell}"\n' for name, cell in rows[0].items())
    return (head + ",".join(rows[1]) + "\n" + ",".join(rows[2].values()) + "\n").encode()


def savings_plan(price: float) -> bytes:
    row = test_aws_savings_plans.ROW | {
        "DiscountedRate": str(price), "DiscountedRegionCode": "us-east-1",
        "DiscountedUsageType": "BoxUsage:p5.48xlarge",
    }  # fmt: skip
    head = test_aws_savings_plans.PREAMBLE.format(day="2026-09-11", code="AmazonEC2InstanceSavingsPlan")
    return (head + ",".join(row) + "\n" + ",".join(row.values()) + "\n").encode()


def spot_advisor(price: float) -> bytes:
    """A band whose middle is `price` / 8 in per cent."""
    middle = round(price / 8)
    ranges = [{"index": 0, "label": f"{middle - 1}-{middle + 1}%", "dots": 0, "max": middle + 1}]
    return test_aws_spot_advisor.advice({"p5.48xlarge": {"s": 50, "r": 0}}, ranges=ranges).encode()


FORMATS = {
    "skypilot": ("aws", skypilot), "gpuhunt": ("nebius", gpuhunt), "opencost": ("own-cloud", opencost),
    "azure": ("azure", azure), "gcp": ("gcp", gcp), "aws": ("aws", aws), "aws-savings-plans": ("aws", savings_plan),
    "aws-spot-advisor": ("aws", spot_advisor),
}  # fmt: skip
"""By format: a provider, and a file in which eight H100 cost so much an hour."""


def brought(folder: Path, day: date, *feeds: tuple[str, str, str], write: bool = True) -> list[Refreshed]:
    """Refresh the catalog in `folder` from (name, format, address), over the network where an address says so."""
    listed = [Feed(name=name, format=form, address=address) for name, form, address in feeds]
    return refresh(listed, folder, day, lambda address, to: fetch(address, to, online=True), write)


def rows(folder: Path, name: str) -> list[FactRow]:
    return read_rows(folder / "refreshed" / f"{name}.csv")
