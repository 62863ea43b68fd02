"""Clouds that rent GPUs by themselves: a row that names one counts or is in doubt, never of no hours in silence."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.store import Store
from tests.actuals.small import add, focus, write
from tests.shipped import shipped_catalog

ROW = {"ServiceName": "Compute Cloud", "ServiceCategory": "Compute", "PricingQuantity": "24", "PricingUnit": "Hours",
       "EffectiveCost": "51.6", "ChargeDescription": "", "SkuPriceDetails": "", "ResourceType": ""}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Iterator[Store]:
    with Store(":memory:", catalog=shipped_catalog()) as opened:
        yield opened


def one(store: Store, tmp_path: Path, **changes: str) -> dict[str, Any]:
    store.base.execute("DELETE FROM charges; DELETE FROM files")
    add(store, write(tmp_path / "a.csv", [focus(**ROW | changes)]))
    (found,) = store.rows("SELECT * FROM charges")
    assert found["effective_cost"] == Decimal("51.6")
    return found


@pytest.mark.parametrize(
    ("provider", "changes", "gpu", "gpu_hours"),
    [
        ("Nebius", {"SkuPriceDetails": '{"InstanceType": "gpu-h100-sxm"}'}, "h100-sxm-80gb", 24),
        ("Nebius B.V.", {"SkuPriceDetails": '{"GpuModel": "nebius-h100-sxm"}'}, "h100-sxm-80gb", 24),
        ("Nebius", {"SkuPriceDetails": '{"InstanceType": "gpu-h100-sxm_8gpu-128vcpu-1600gb"}'}, "h100-sxm-80gb", 192),
        ("Nebius", {"ChargeDescription": "NVIDIA H100 NVLink GPU hour"}, "h100-sxm-80gb", 24),
        ("Nebius", {"ChargeDescription": "NVIDIA® L40S", "PricingUnit": "GPU*hour"}, "l40s-48gb", 24),
        ("Lambda", {"ResourceType": "gpu_8x_h100_sxm5"}, "h100-sxm-80gb", 192),
        ("Lambda Labs, Inc.", {"ChargeDescription": "gpu_1x_a10"}, "a10-24gb", 24),
        ("CoreWeave", {"SkuPriceDetails": '{"InstanceType": "gd-8xh100ib-i128"}'}, "h100-sxm-80gb", 192),
        ("CoreWeave", {"SkuPriceDetails": '{"InstanceType": "gd-8xh100ib-i128", "GpuCount": 4}'}, "h100-sxm-80gb", 96),
        ("DigitalOcean", {"SkuPriceDetails": '{"InstanceType": "gpu-h100x8-640gb"}'}, "h100-sxm-80gb", 192),
        ("Crusoe", {"SkuPriceDetails": '{"InstanceType": "h100-80gb-sxm-ib.8x"}'}, "h100-sxm-80gb", 192),
        ("Together AI", {"ChargeDescription": "8x NVIDIA A100 SXM 80GB"}, "a100-sxm-80gb", 192),
        ("A Colo", {"ChargeDescription": "H200 SXM, 4 GPUs"}, "h200-sxm-141gb", 96),
    ],
)
def test_a_row_that_names_a_gpu_and_how_many_counts(
    known: Store, tmp_path: Path, provider: str, changes: dict[str, str], gpu: str, gpu_hours: int
) -> None:
    found = one(known, tmp_path, ProviderName=provider, **changes)
    assert (found["gpu"], found["gpu_hours"], found["doubt"]) == (gpu, gpu_hours, None)


@pytest.mark.parametrize(
    ("provider", "changes", "doubt"),
    [
        ("Nebius", {"ChargeDescription": "NVIDIA H100 SXM"}, "number of GPUs not known: NVIDIA H100 SXM"),
        ("Nebius", {"ChargeDescription": "Platform 7"}, "no GPU named, though its provider rents them: Platform 7"),
        ("A Colo", {"ChargeDescription": "GPU server"}, "GPU not known: GPU server"),
        ("A Colo", {"SkuPriceDetails": '{"GpuCount": 8}'}, "GPU not known: "),
        ("Lambda", {"ResourceType": "gpu_8x_h100_sxm5", "PricingUnit": "Nodes"}, "unit is no time: Nodes"),
    ],
)
def test_a_row_that_leaves_something_open_is_in_doubt_with_its_money(
    known: Store, tmp_path: Path, provider: str, changes: dict[str, str], doubt: str
) -> None:
    found = one(known, tmp_path, ProviderName=provider, **changes)
    assert (found["gpu_hours"], found["doubt"]) == (None, doubt)


@pytest.mark.parametrize(
    ("provider", "changes"),
    [
        ("Nebius", {"ChargeDescription": "Intel Ice Lake vCPU"}),
        ("Nebius", {"ChargeDescription": "Network SSD disk", "PricingUnit": "GB-hours"}),
        ("Together AI", {"ChargeDescription": "Llama 70B", "PricingUnit": "Tokens",
                         "ServiceCategory": "AI and Machine Learning"}),
        ("A Colo", {"ChargeDescription": "NVIDIA AI Enterprise licence"}),
        ("A Colo", {"ChargeDescription": "Remote hands"}),
    ],
)  # fmt: skip
def test_what_is_of_no_gpu_is_understood(known: Store, tmp_path: Path, provider: str, changes: dict[str, str]) -> None:
    found = one(known, tmp_path, ProviderName=provider, **changes)
    assert (found["gpu"], found["gpu_hours"], found["doubt"]) == (None, None, None)
