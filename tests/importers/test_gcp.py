"""Google's price list sells machines in parts; a machine has a price where all its parts have one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.names import gpu_id
from planner.errors import InputError
from planner.importers import reading
from planner.importers.gcp import read
from planner.importers.machines import MACHINES
from tests.importers.given import SAMPLES, SETTINGS, balanced, values, write


def sku(
    text: str, nanos: int, unit: str = "h", usage: str = "OnDemand", family: str = "Compute",
    regions: tuple[str, ...] = ("us-central1",), **more: Any,
) -> dict[str, Any]:  # fmt: skip
    price = {"currencyCode": "USD", "units": str(nanos // 10**9), "nanos": nanos % 10**9} | more
    expression = {"usageUnit": unit, "tieredRates": [{"startUsageAmount": 0, "unitPrice": price}]}
    return {
        "skuId": "0000", "description": text, "serviceRegions": list(regions),
        "category": {"resourceFamily": family, "resourceGroup": "x", "usageType": usage},
        "pricingInfo": [{"pricingExpression": expression, "effectiveTime": "2026-07-30T10:00:00Z"}],
    }  # fmt: skip


A2 = [
    sku("Nvidia Tesla A100 GPU running in Americas", 2_933_908_000),
    sku("A2 Instance Core running in Americas", 31_611_000),
    sku("A2 Instance Ram running in Americas", 4_237_000, "GiBy.h"),
]
A2_YEAR = [
    sku("Commitment v1: Nvidia Tesla A100 GPU running in Iowa for 1 Year", 1_848_364_000, usage="Commit1Yr"),
    sku("Commitment v1: A2 Cpu in Americas for 1 Year", 19_915_000, usage="Commit1Yr"),
    sku("Commitment v1: A2 Ram in Americas for 1 Year", 2_669_000, "GiBy.h", usage="Commit1Yr"),
]
A3_SPOT = [
    sku("Nvidia H100 80GB GPU attached to Spot Preemptible VMs running in Tokyo", 2_000_000_000, usage="Preemptible"),
    sku("Spot Preemptible A3 Instance Core running in Tokyo", 10_000_000, usage="Preemptible"),
    sku("Spot Preemptible A3 Instance Ram running in Tokyo", 1_000_000, "GiBy.h", usage="Preemptible"),
    sku("SSD backed Local Storage attached to Spot Preemptible VMs in Tokyo", 73_000_000, "GiBy.mo", family="Storage"),
]


def pages(path: Path, *pages: Iterable[Any]) -> Path:
    return write(path / "skus.json", "\n".join(json.dumps({"skus": list(page), "nextPageToken": ""}) for page in pages))


def test_a_machine_is_the_sum_of_its_parts(tmp_path: Path) -> None:
    found = read(pages(tmp_path, A2), SETTINGS)
    made = values(found)
    # 96 cores, 680 GiB and 8 GPUs: 29.38708 an hour.
    assert made["gcp-a2-highgpu-8g-us-central1/on_demand_usd_per_gpu_hour"] == Decimal("3.673385")
    assert made["gcp-a2-megagpu-16g-us-central1/on_demand_usd_per_gpu_hour"] == Decimal("3.483719")
    assert len(made) == 5
    assert (found.read, found.mapped) == (3, 3)
    assert {(row.basis, row.confidence, row.currency) for row in found.rows} == {("list", "high", "USD")}


@pytest.mark.parametrize("left_out", range(3))
def test_no_part_may_lack(tmp_path: Path, left_out: int) -> None:
    found = read(pages(tmp_path, [part for at, part in enumerate(A2) if at != left_out]), SETTINGS)
    assert values(found) == {}
    assert dict(found.skipped) == {"part of no machine that is complete in its regions": 2}


def test_parts_of_different_regions_make_no_machine(tmp_path: Path) -> None:
    parts = [*A2[:2], A2[2] | {"serviceRegions": ["us-west1"]}]
    assert values(read(pages(tmp_path, parts), SETTINGS)) == {}


def test_commitments_are_terms_of_the_offer(tmp_path: Path) -> None:
    found = read(pages(tmp_path, A2, A2_YEAR), SETTINGS)
    made = values(found)
    name = "gcp-a2-highgpu-8g-us-central1/12m-no-upfront/usd_per_gpu_hour"
    assert made[name] == Decimal("2.314209")
    [row] = [row for row in found.rows if row.row_id == name]
    terms = {"term_months": "12", "upfront_fraction": "0"}
    assert terms.items() <= row.attributes.items()
    assert not terms.keys() & found.rows[0].attributes.keys()


def test_local_disks_are_part_of_the_machine_and_spot_by_their_name(tmp_path: Path) -> None:
    found = read(pages(tmp_path, A3_SPOT), SETTINGS)
    made = values(found)
    # 8 x 2 + 208 x 0.01 + 1872 x 0.001 + 6000 GiB x 0.073 / 730 h = 20.552
    assert made["gcp-a3-highgpu-8g-us-central1/spot_usd_per_gpu_hour"] == Decimal("2.569")
    assert made["gcp-a3-highgpu-8g-us-central1/on_demand_usd_per_gpu_hour"] is None
    assert values(read(pages(tmp_path, A3_SPOT[:3]), SETTINGS)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "Nvidia H100 80GB GPU attached to DWS Defined Duration VMs running in Americas",
        "Reserved Nvidia Tesla A100 GPU in Americas in Calendar Mode",
        "A2 Custom Instance Core running in Americas",
        "A2 Sole Tenancy Instance Core running in Americas",
        "N1 Predefined Instance Core running in Americas",
        "Commitment v1: A2 Cpu in Americas for 1 Year",
        "Network Vpn Internet Egress from Americas to Africa",
    ],
)
def test_special_terms_never_stand_for_the_list_price(tmp_path: Path, text: str) -> None:
    found = read(pages(tmp_path, [sku(text, 1_000_000), *A2]), SETTINGS)
    assert values(found)["gcp-a2-highgpu-8g-us-central1/on_demand_usd_per_gpu_hour"] == Decimal("3.673385")
    assert dict(found.skipped) == {"no part of a machine with GPUs, or one on special terms": 1}


def broken(**changes: Any) -> dict[str, Any]:
    return A2[0] | changes


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("text", "malformed SKU"),
        (None, "malformed SKU"),
        (broken(pricingInfo=[]), "malformed SKU"),
        (broken(serviceRegions=[1]), "malformed SKU"),
        (broken(description=1), "malformed SKU"),
        (sku(A2[0]["description"], 0), "no price, or 0"),
        (sku(A2[0]["description"], 1, units="1e999999"), "malformed SKU"),
        (sku(A2[0]["description"], 1, units="-5"), "malformed SKU"),
        (sku(A2[0]["description"], 1, units=[]) | {"category": []}, "malformed SKU"),
        (sku(A2[0]["description"], 1, "mo"), "priced in another unit"),
        (sku(A2[0]["description"], 1, currencyCode="XAU"), "in a currency that the catalog does not know"),
        (sku(A2[0]["description"], 1, currencyCode="EUR"), "in EUR, not USD as those before"),
    ],
)
def test_what_is_no_price_is_skipped_with_its_reason(tmp_path: Path, wrong: Any, reason: str) -> None:
    found = read(pages(tmp_path, [*A2, *([wrong] if isinstance(wrong, dict) else [{"skuId": wrong}])]), SETTINGS)
    assert values(found)["gcp-a2-highgpu-8g-us-central1/on_demand_usd_per_gpu_hour"] == Decimal("3.673385")
    assert dict(found.skipped) == {reason: 1}


def test_two_prices_for_one_part_are_none(tmp_path: Path) -> None:
    found = read(pages(tmp_path, [*A2, sku(A2[0]["description"], 1_000_000_000)]), SETTINGS)
    assert values(found) == {}
    assert found.skipped["another price for the same part in its regions"] == 2


def test_tiers_are_no_one_price(tmp_path: Path) -> None:
    tiered = sku(A2[0]["description"], 5)
    tiered["pricingInfo"][0]["pricingExpression"]["tieredRates"] += sku("", 4)["pricingInfo"][0]["pricingExpression"][
        "tieredRates"
    ]
    assert dict(read(pages(tmp_path, [tiered]), SETTINGS).skipped) == {"price in tiers": 1}


def test_the_day_is_the_files_unless_told(tmp_path: Path) -> None:
    path = pages(tmp_path, A2)
    assert {row.date for row in read(path, replace(SETTINGS, date=None)).rows} == {"2026-07-30"}
    assert {row.date for row in read(path, SETTINGS).rows} == {"2026-11-20"}


@pytest.mark.parametrize("chunk", [1, 7, 64, 65_536])
def test_members_are_found_wherever_the_stream_is_cut(tmp_path: Path, chunk: int) -> None:
    odd = [{"a": 'quote " brace } \\', "b": [1.10, {"c": "]"}]}, {"d": 2}]
    path = write(tmp_path / "odd.json", json.dumps({"x": [3], "skus": odd}) + json.dumps({"skus": [{"e": {}}]}))
    assert list(reading.json_items(path, "skus", chunk)) == [
        {"a": 'quote " brace } \\', "b": [Decimal("1.1"), {"c": "]"}]}, {"d": 2}, {"e": {}},
    ]  # fmt: skip


def test_a_file_that_ends_early_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pages(tmp_path, A2).read_text(encoding="utf-8")
    with pytest.raises(InputError, match="ends or runs on"):
        read(write(tmp_path / "half.json", whole[: len(whole) // 2]), SETTINGS)
    monkeypatch.setattr(reading, "MAX_ITEM", 1000)
    with pytest.raises(InputError, match="ends or runs on"):
        read(write(tmp_path / "long.json", '{"skus": [{"a": "' + "b" * 200_000 + '"}]}'), SETTINGS)


def test_every_machine_names_a_gpu_of_the_catalog() -> None:
    for name, machine in MACHINES.items():
        assert gpu_id(machine.gpu, instance_type=name, provider="gcp"), name


def test_the_published_example_is_read() -> None:
    path = SAMPLES / "gcp" / "cloudbilling_v1_skus_example.json"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    found = read(path, SETTINGS)
    balanced(found)
    assert dict(found.skipped) == {
        "malformed SKU": 1, "no part of a machine with GPUs, or one on special terms": 1,
    }  # fmt: skip
