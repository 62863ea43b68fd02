"""OpenCost's price CSV: one's own prices per GPU-hour."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.importers.opencost import read
from tests.importers.given import SAMPLES, SETTINGS, balanced, values, write

HEAD = "EndTimestamp,InstanceID,Region,AssetClass,InstanceIDField,InstanceType,MarketPriceHourly,Version\n"
ROWS = """2026-04-17 23:34:22 UTC,gke-pool-1,,node,metadata.name,,0.1337,
2026-04-17 23:34:22 UTC,NVIDIA-H100-80GB-HBM3,,gpu,nvidia.com/gpu_type,,2.10,
2026-04-17 23:34:22 UTC,NVIDIA_L40S,berlin,gpu,nvidia.com/gpu_type,,0.75,
2026-04-17 23:34:22 UTC,pvc-1,,pv,metadata.name,,0.01,
2026-04-17 23:34:22 UTC,NVIDIA-L40S,bonn,gpu,nvidia.com/gpu_type,,0.0,
yesterday,NVIDIA-L40S,bonn,gpu,nvidia.com/gpu_type,,0.8,
"""
OWN = replace(SETTINGS, provider="own-cloud", date=None, currency="EUR")


def test_gpus_are_priced_each(tmp_path: Path) -> None:
    found = read(write(tmp_path / "prices.csv", HEAD + ROWS), OWN)
    assert values(found) == {
        "own-cloud-h100-sxm-80gb/on_demand_usd_per_gpu_hour": Decimal("2.10"),
        "own-cloud-l40s-48gb-berlin/on_demand_usd_per_gpu_hour": Decimal("0.75"),
    }
    assert {(row.date, row.currency) for row in found.rows} == {("2026-04-17", "EUR")}
    assert dict(found.skipped) == {
        "node, whose price is without its GPUs": 1, "neither GPU nor node": 1, "no price, or 0": 1, "malformed row": 1,
    }  # fmt: skip


def test_whose_prices_they_are_must_be_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--provider"):
        read(write(tmp_path / "prices.csv", HEAD + ROWS), SETTINGS)


@pytest.mark.parametrize(
    ("name", "rows"),
    [("pricing_schema", 3), ("pricing_schema_mixed_gpu_ondemand", 4), ("pricing_schema_region", 3)],
)
def test_the_projects_own_fixtures_are_read(name: str, rows: int) -> None:
    path = SAMPLES / "opencost" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    found = read(path, OWN)
    balanced(found)
    assert (found.read, found.mapped) == (rows, 0)
