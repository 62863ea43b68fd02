"""How time and memory of an import grow with the rows of the file: prints seconds of processor, peak memory and ratios.

    python benchmarks/import_rows.py [ROWS …]

Each measurement runs in a process of its own, on generated rows: distinct offers (the worst case: every row stays) and
rows that repeat the same thousand offers, as zones do. Memory is how far the peak of the process rises.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from planner.importers.common import Settings
from planner.importers.registry import import_file

SETTINGS = Settings("benchmark", "2026-11-20", provider="benchmark")
KB = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of ru_maxrss."""

TYPES = 500
"""Instance types; offers are types in regions."""


def skypilot(path: Path, rows: int, offers: int) -> None:
    info = "\"{'Gpus': [{'Name': 'L40S', 'Count': 8.0, 'MemoryInfo': {'SizeInMiB': 49152}}]}\""
    with path.open("w", encoding="utf-8") as file:
        file.write("InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice\n")
        for row in range(rows):
            price, region = f"{8 + row % 97 / 100:.2f}", f"us-{row % offers // TYPES}"
            file.write(f"vm-{row % TYPES},L40S,8.0,128,1600,{price},{region},{info},4.00\n")


def gpuhunt(path: Path, rows: int, offers: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor\n")
        for row in range(rows):
            price, region = f"{8 + row % 97 / 100:.2f}", f"us-{row % offers // TYPES}"
            file.write(f"vm-{row % TYPES},{region},{price},128,1600.0,8,L40S,48.0,False,,nvidia\n")


def gcp(path: Path, rows: int, offers: int) -> None:
    """Write SKUs: one in a hundred is a part of an A2 machine, in one of many regions."""
    parts = [("Nvidia Tesla A100 GPU", "h"), ("A2 Instance Core", "h"), ("A2 Instance Ram", "GiBy.h")]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"skus": [')
        for row in range(rows):
            at, rest = divmod(row, 100)
            name, unit = parts[at % 3] if rest == 0 else ("Network Internet Egress", "GiBy")
            price = {"currencyCode": "USD", "units": "1", "nanos": 500000000}
            expression = {"usageUnit": unit, "tieredRates": [{"startUsageAmount": 0, "unitPrice": price}]}
            sku = {
                "skuId": f"{row:012}", "description": f"{name} running in Region",
                "category": {"resourceFamily": "Compute", "resourceGroup": "GPU", "usageType": "OnDemand"},
                "serviceRegions": [f"region-{at // 3 % offers}"],
                "pricingInfo": [{"pricingExpression": expression, "effectiveTime": "2026-07-30T10:00:00Z"}],
            }  # fmt: skip
            file.write(("," if row else "") + json.dumps(sku))
        file.write("]}")


def measure(name: str, path: Path) -> tuple[int, float, float]:
    """Import the file; return the facts, the seconds of processor and by how many MB the peak of memory rose."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = import_file(name, path, SETTINGS)
    seconds = time.process_time() - started
    return len(found.rows), seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * KB / 1e6


def main(sizes: list[int]) -> None:
    cases: list[tuple[str, str, Callable[[Path, int, int], None], int]] = [
        ("skypilot, distinct offers", "skypilot", skypilot, sizes[-1]),
        ("skypilot, 1,000 offers", "skypilot", skypilot, 1000),
        ("gpuhunt, distinct offers", "gpuhunt", gpuhunt, sizes[-1]),
        ("gcp, 1 % parts", "gcp", gcp, 300),
    ]
    print(f"{'':28}{'rows':>10}{'facts':>10}{'seconds':>10}{'ratio':>8}{'peak MB':>10}{'ratio':>8}")
    context = multiprocessing.get_context("spawn")
    for label, name, write, offers in cases:
        before: tuple[float, float] | None = None
        for rows in sizes:
            with tempfile.TemporaryDirectory() as folder, context.Pool(1, maxtasksperchild=1) as pool:
                path = Path(folder) / "file"
                write(path, rows, offers)
                facts, seconds, peak = pool.apply(measure, (name, path))
            ratios = [f"{now / then:.1f}" for now, then in zip((seconds, peak), before or (), strict=False)] or ["", ""]
            print(f"{label:28}{rows:>10,}{facts:>10,}{seconds:>10.2f}{ratios[0]:>8}{peak:>10.1f}{ratios[1]:>8}")
            before = seconds, peak


if __name__ == "__main__":
    main(sorted(int(text) for text in sys.argv[1:]) or [10_000, 100_000])
