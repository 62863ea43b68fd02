"""gpuhunt's CSV: a row per kind of price, of whole instances."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.importers import reading
from planner.importers.gpuhunt import read
from planner.importers.registry import import_file
from tests.importers.given import SETTINGS, values, write

V3 = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,flags,cpu_arch,"
    "provider_data\n"
)
OLD = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size\n"


def test_two_rows_make_one_offer(tmp_path: Path) -> None:
    rows = (
        'gpu-h100-sxm,eu-north1,23.6,128,1600.0,8,H100,80.0,False,,nvidia,,x86,"{""a"": 1}"\n'
        "gpu-h100-sxm,eu-north1,10.0,128,1600.0,8,H100,80.0,True,,nvidia,nebius-spot,x86,\n"
    )
    found = read(write(tmp_path / "nebius.csv", V3 + rows), SETTINGS)
    offer = "nebius-gpu-h100-sxm-eu-north1"
    assert values(found) == {
        f"{offer}/on_demand_usd_per_gpu_hour": Decimal("2.95"),
        f"{offer}/spot_usd_per_gpu_hour": Decimal("1.25"),
    }


def test_files_without_vendor_are_read(tmp_path: Path) -> None:
    rows = (
        "a2-highgpu-2g,us-central1-a,7.34677,24,170.0,2,A100,40.0,False,\nv5,us-central1-a,9,1,1,1,tpu-v5,16,False,\n"
    )
    found = read(write(tmp_path / "gcp.csv", OLD + rows), SETTINGS)
    assert values(found) == {"gcp-a2-highgpu-2g-us-central1/on_demand_usd_per_gpu_hour": Decimal("3.673385")}
    assert dict(found.skipped) == {"TPU": 1}


def test_the_memory_tells_variants_apart(tmp_path: Path) -> None:
    rows = (
        "x-sxm,us-1,1,8,32,1,A100,40.0,False,\ny-sxm,us-1,1,8,32,1,A100,80.0,False,\nz,us-1,1,8,32,1,A100,80,False,\n"
    )
    found = read(write(tmp_path / "runpod.csv", OLD + rows), SETTINGS)
    values(found)
    assert [row.attributes["gpu"] for row in found.rows] == ["a100-sxm-40gb", "a100-sxm-80gb"]
    assert dict(found.skipped) == {"unknown GPU: A100": 1}


def test_hosts_with_gpus_of_choice_are_offers_of_their_own(tmp_path: Path) -> None:
    rows = "".join(f"n1-standard-8,us-central1-a,{n},8,30,{n},T4,16,False,\n" for n in (1, 2))
    found = read(write(tmp_path / "gcp.csv", OLD + rows), SETTINGS)
    assert {row.id: row.attributes["gpus"] for row in found.rows} == {
        "gcp-n1-standard-8-1-t4-us-central1": "1", "gcp-n1-standard-8-2-t4-us-central1": "2",
    }  # fmt: skip
    assert set(values(found).values()) == {Decimal(1)}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("cpu,us-1,0.1,8,32,0,,,False,", "no GPU"),
        ("m,us-1,0,8,32,1,L40S,48,False,", "no price, or 0"),
        ("m,us-1,,8,32,1,L40S,48,False,", "no price, or 0"),
        ("m,us-1,1.0,8,32,1,L40S,48,maybe,", "malformed row"),
        ("m,us-1,1.0.0,8,32,1,L40S,48,True,", "malformed row"),
        ("m,us-1,1.0,8,32,0.5,L40S,48,True,", "not a whole number of GPUs"),
        (",us-1,1.0,8,32,1,L40S,48,True,", "no instance type"),
        ("m,,1.0,8,32,1,L40S,48,True,", "no region"),
        ("m,us-1,1.0,8,32,1,Voodoo2,0.01,True,", "unknown GPU: Voodoo2"),
    ],
)
def test_what_makes_no_price_is_skipped_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    found = read(write(tmp_path / "runpod.csv", f"{OLD}{row}\ngood,us-1,1.5,8,32,1,L40S,48,False,\n"), SETTINGS)
    assert list(values(found)) == ["runpod-good-us-1/on_demand_usd_per_gpu_hour"]
    assert dict(found.skipped) == {reason: 1}


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def one(price: str) -> str:
    return f"{OLD}good,us-1,{price},8,32,1,L40S,48,False,\n"


def test_a_zip_of_one_or_several_providers(tmp_path: Path) -> None:
    single = zipped(tmp_path / "catalog.zip", {"runpod.csv": one("1.5"), "version": "20261120"})
    assert values(import_file("gpuhunt", single, SETTINGS)) == {
        "runpod-good-us-1/on_demand_usd_per_gpu_hour": Decimal("1.5")
    }
    assert import_file("gpuhunt", single, replace(SETTINGS, provider="lambda")).rows[0].id == "lambda-good-us-1"
    members = {"v/runpod.csv": one("1.5"), "v/datacrunch.csv": one("2"), "v/elsewhere.csv": one("3")}
    several = zipped(tmp_path / "all.zip", members)
    found = read(several, SETTINGS)
    assert set(values(found)) == {f"{name}-good-us-1/on_demand_usd_per_gpu_hour" for name in ("runpod", "verda")}
    assert found.skipped == {"a provider that the catalog does not have: elsewhere": 1}
    found = read(several, replace(SETTINGS, provider="verda"))
    assert set(values(found).values()) == {Decimal(2)}
    assert found.skipped == {"another provider's": 2}


def test_paths_in_a_zip_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in" / "catalog.zip", {"../../runpod.csv": one("1.5")})
    before = sorted(tmp_path.rglob("*"))
    assert set(values(read(path, SETTINGS))) == {"runpod-good-us-1/on_demand_usd_per_gpu_hour"}
    assert sorted(tmp_path.rglob("*")) == before


def _flipped(data: bytes) -> bytes:
    """Change a byte of the packed content."""
    return data[:60] + bytes([data[60] ^ 0xFF]) + data[61:]


def test_zips_that_are_broken_empty_or_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = zipped(tmp_path / "catalog.zip", {"runpod.csv": one("1.5")})
    whole = good.read_bytes()
    for data in (
        whole[:40],
        whole[:-10],
        whole.replace(b"\x14\x00\x00\x00\x08", b"\x14\x00\x01\x00\x08"),
        _flipped(whole),
    ):
        assert data != whole
        (tmp_path / "bad.zip").write_bytes(data)
        with pytest.raises(InputError, match="cannot be read"):
            import_file("gpuhunt", tmp_path / "bad.zip", replace(SETTINGS, provider="runpod"))
    with pytest.raises(InputError, match="without a CSV file"):
        read(zipped(tmp_path / "none.zip", {"runpod.json": "{}"}), SETTINGS)
    bomb = zipped(tmp_path / "bomb.zip", {"runpod.csv": one("1.5") + "\n" * 5_000_000})
    assert bomb.stat().st_size < 10_000
    monkeypatch.setattr(reading, "MAX_UNPACKED", 1_000_000)
    with pytest.raises(InputError, match="holds more than"):
        read(bomb, SETTINGS)
    with pytest.raises(InputError, match="holds more than"):
        read(zipped(tmp_path / "many.zip", {f"{n}.csv": "" for n in range(reading.MAX_MEMBERS + 1)}), SETTINGS)
