"""SkyPilot's vms.csv: prices of whole instances; Google's rows are halves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.importers.skypilot import read
from tests.importers.given import SETTINGS, values, write

HEAD = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice\n"
INFO = "\"{'Gpus': [{'Name': 'H100', 'Count': 8.0}], 'TotalGpuMemoryInMiB': 16384}\""
GOOGLE = (
    "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice\n"
)


def test_prices_are_of_whole_instances(tmp_path: Path) -> None:
    rows = f"gpu-h100-sxm_8gpu-128vcpu-1600gb,H100,8.0,128,1600,23.60,eu-north1,{INFO},10.00\n"
    found = read(write(tmp_path / "nebius" / "vms.csv", HEAD + rows), SETTINGS)
    offer = "nebius-gpu-h100-sxm-8gpu-128vcpu-1600gb-eu-north1"
    assert values(found) == {
        f"{offer}/on_demand_usd_per_gpu_hour": Decimal("2.95"),
        f"{offer}/spot_usd_per_gpu_hour": Decimal("1.25"),
    }
    [first, _] = found.rows
    assert first.attributes == {
        "provider": "nebius", "region": "eu-north1", "country": "any", "gpu": "h100-sxm-80gb", "gpus": "8",
        "instance_type": "gpu-h100-sxm_8gpu-128vcpu-1600gb",
    }  # fmt: skip
    assert (first.date, first.source, first.currency) == ("2026-11-20", "test-source", "USD")


def test_a_blank_on_demand_price_is_unknown_and_never_0(tmp_path: Path) -> None:
    rows = "2B200.60V,B200,2.0,60,368,,FIN-03,,3.423\n1B200.30V,B200,1.0,30,184,0,FIN-03,,1.5\n"
    found = read(write(tmp_path / "verda" / "vms.csv", HEAD + rows), SETTINGS)
    assert values(found)["verda-2b200-60v-fin-03/on_demand_usd_per_gpu_hour"] is None
    assert values(found)["verda-1b200-30v-fin-03/on_demand_usd_per_gpu_hour"] is None
    assert all(row.unknown for row in found.rows if row.value is None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("cpu_4x,,,4.0,16.0,0.2,us-east-1,,", "no GPU"),
        ("gpu_1x_h100,H100,1.0,26,200,2.0,us-east-1,,", "unknown GPU: H100"),
        ("v6e,tpu-v6e-8,1,,,21.6,us-east-1,,", "TPU"),
        ("nv6,A10,0.167,6,55,0.5,us-east-1,,", "not a whole number of GPUs"),
        ("free,V100-SXM2-16GB,1,6,55,0,us-east-1,,0.0", "no price, or 0"),
        ("blank,V100-SXM2-16GB,1,6,55,,us-east-1,,", "no price, or 0"),
        ("below,V100-SXM2-16GB,1,6,55,-1,us-east-1,,", "malformed row"),
        ("nan,V100-SXM2-16GB,1,6,55,nan,us-east-1,,", "malformed row"),
        ("huge,V100-SXM2-16GB,1,6,55,1e999,us-east-1,,", "malformed row"),
        ("formula,V100-SXM2-16GB,1,6,55,=1+1,us-east-1,,", "malformed row"),
        ("ab\u202ecd,V100-SXM2-16GB,1,6,55,1,us-east-1,,", "malformed row"),
        ("short,V100-SXM2-16GB,1", "malformed row"),
        (",V100-SXM2-16GB,1,6,55,1,us-east-1,,", "GPU without its host"),
        ("nowhere,V100-SXM2-16GB,1,6,55,1,,,", "no region"),
    ],
)
def test_what_makes_no_price_is_skipped_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    good = "good,V100-SXM2-16GB,8,92,448,6.32,us-east-1,,\n"
    found = read(write(tmp_path / "lambda" / "vms.csv", HEAD + row + "\n" + good), SETTINGS)
    assert list(values(found)) == ["lambda-good-us-east-1/on_demand_usd_per_gpu_hour"]
    assert dict(found.skipped) == {reason: 1}


def test_zones_make_one_offer_with_the_middle_price(tmp_path: Path) -> None:
    head = "InstanceType,AcceleratorName,AcceleratorCount,Price,SpotPrice,Region,AvailabilityZone\n"
    rows = "".join(f"p5.48xlarge,H100,8,55.04,{spot},us-east-1,use1-az{spot}\n" for spot in (24, 16, 32, 40))
    found = read(write(tmp_path / "aws" / "vms.csv", head + rows), SETTINGS)
    made = values(found)
    assert made["aws-p5-48xlarge-us-east-1/on_demand_usd_per_gpu_hour"] == Decimal("6.88")
    spot = found.rows[-1]
    assert (spot.low, spot.value, spot.high) == (2, 3, 5)
    assert "4 prices" in spot.note
    assert found.mapped == 4
    assert spot.attributes["country"] == "US"


def test_google_machines_are_hosts_and_gpus_together(tmp_path: Path) -> None:
    rows = """a2-highgpu-8g,96.0,680.0,,,,us-central1,us-central1-a,5.91582,2.958
,,,A100,8,A100,us-central1,us-central1-a,23.47126,12.46616
,,,A100,4,A100,us-central1,us-central1-a,11.73563,6.23308
a3-highgpu-8g,208.0,1872.0,,,,us-central1,us-central1-a,9.46006,2.88933
,,,H100,8,H100,us-central1,us-central1-a,78.37240,47.0
a2-highgpu-1g,12.0,85.0,,,,us-west1,us-west1-b,0.73948,0.36975
n1-highmem-8,8.0,52.0,,,,us-central1,us-central1-a,0.47321,0.09962
,,,V100,1,V100,us-central1,us-central1-a,2.48,0.74
,,,tpu-v6e-8,1,tpu-v6e-8,us-west1,us-west1-c,21.6,4.35366
"""
    found = read(write(tmp_path / "gcp" / "vms.csv", GOOGLE + rows), SETTINGS)
    offer = "gcp-a2-highgpu-8g-us-central1"
    assert values(found) == {
        f"{offer}/on_demand_usd_per_gpu_hour": Decimal("3.673385"),
        f"{offer}/spot_usd_per_gpu_hour": Decimal("1.92802"),
    }
    assert found.mapped == 2
    assert dict(found.skipped) == {
        "GPU without its host": 2, "part of a GCP machine with local disks, whose price the file lacks": 2,
        "host without its GPUs": 1, "no GPU": 1, "TPU": 1,
    }  # fmt: skip


def test_one_instance_type_with_two_counts_keeps_the_first(tmp_path: Path) -> None:
    rows = "vm,L40S,1,8,32,1,us-east-1,,\nvm,L40S,8,8,32,8,us-east-1,,\n"
    found = read(write(tmp_path / "lambda" / "vms.csv", HEAD + rows), SETTINGS)
    assert len(values(found)) == 1
    assert dict(found.skipped) == {"another GPU or number of GPUs under the same instance type and region": 1}


def test_old_files_name_the_provider_and_lack_columns(tmp_path: Path) -> None:
    head = "InstanceType,AcceleratorName,AcceleratorCount,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone\n"
    row = "p4d.24xlarge,A100,8.0,1152.0,,32.7726,9.83,us-east-1,us-east-1a\n"
    found = read(write(tmp_path / "v3" / "aws.csv", head + row), SETTINGS)
    assert values(found)["aws-p4d-24xlarge-us-east-1/on_demand_usd_per_gpu_hour"] == Decimal("4.096575")


def test_a_broken_quote_costs_rows_and_not_the_file(tmp_path: Path) -> None:
    rows = 'a,L40S,1,8,32,1,us-east-1,"{unclosed,\n' + "b,L40S,1,8,32,1,us-east-1,,\n" * 3
    found = read(write(tmp_path / "lambda" / "vms.csv", HEAD + rows), SETTINGS)
    assert values(found) == {}
    assert dict(found.skipped) == {"malformed row": 1}


def test_the_provider_and_the_day_must_be_told(tmp_path: Path) -> None:
    path = write(tmp_path / "downloads" / "vms.csv", HEAD)
    with pytest.raises(InputError, match="--provider"):
        read(path, SETTINGS)
    with pytest.raises(InputError, match="--date"):
        read(path, type(SETTINGS)("test-source", provider="lambda"))
