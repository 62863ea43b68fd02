"""EC2 instance types: GPUs, whole and in parts."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.importers.ec2_types import GPUS, gpus_of, read
from tests.importers.given import SAMPLES, SETTINGS, balanced, write


def kind(name: str, model: str = "", count: int = 0, part: float = 1.0, **more: Any) -> dict[str, Any]:
    gpus = {"Gpus": [{"Name": model, "Count": count, "GpuPartitionSize": part, "MemoryInfo": {"SizeInMiB": 81920}}]}
    return {"InstanceType": name, "VCpuInfo": {"DefaultVCpus": 8}, **({"GpuInfo": gpus} if model else {}), **more}


TYPES = [kind("p5.48xlarge", "H100", 8), kind("c6i.large"), kind("g6f.large", "L4", 0, 0.125)]


def test_types_are_counted_whichever_way_they_are_written(tmp_path: Path) -> None:
    by_name = json.dumps({one["InstanceType"]: one for one in TYPES})
    packed = tmp_path / "types.json.gz"
    packed.write_bytes(gzip.compress(by_name.encode()))
    listed = write(tmp_path / "types.json", json.dumps({"InstanceTypes": TYPES}))
    for path in (packed, listed):
        found = read(path, SETTINGS)
        balanced(found)
        assert (found.read, found.mapped, found.rows) == (3, 1, [])
        assert found.skipped == {"no GPU": 1, "part of a GPU": 1}


def test_part_of_a_gpu_is_known_as_such() -> None:
    assert (GPUS["g6f.large"].count, GPUS["g6f.large"].part) == (0, Decimal("0.125"))
    assert gpus_of("g6f.large") == gpus_of("gr6f.4xlarge", "1") == "part of a GPU"


@pytest.mark.parametrize(
    ("one", "why"),
    [(kind("p5.48xlarge", "H100", 4), "other GPUs than known of p5.48xlarge"),
     (kind("g6f.large", "L4", 1), "other GPUs than known of g6f.large"),
     (kind("g5g.xlarge", "T4g", 1), "unknown GPU: T4g"), (kind("q9.large", "Q9", 1), "unknown GPU of q9.large"),
     (kind("p5.48xlarge", "H100", 8, GpuInfo={"Gpus": [{}]}), "malformed instance type"),
     (kind("p5.48xlarge", GpuInfo=[1]), "malformed instance type"),
     (kind("q9.large", GpuInfo={"Gpus": kind("", "A", 1)["GpuInfo"]["Gpus"] * 2}), "more than one model of GPU")],
)  # fmt: skip
def test_doubtful_types_are_skipped_with_their_reason(tmp_path: Path, one: dict[str, Any], why: str) -> None:
    found = read(write(tmp_path / "types.json", json.dumps({"InstanceTypes": [one]})), SETTINGS)
    assert (found.mapped, found.skipped) == (0, {why: 1})


def test_other_files_are_refused(tmp_path: Path) -> None:
    for text in ("[]", "{}", '{"a": 1}', "3", '{"InstanceTypes": 3}', "", "{"):
        with pytest.raises(InputError):
            read(write(tmp_path / "types.json", text), SETTINGS)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the real files beside the checkout")
def test_what_is_known_is_what_ec2_says() -> None:
    found = read(SAMPLES / "ec2-instance-types" / "ec2_instance_types.json.gz", SETTINGS)
    balanced(found)
    assert (found.read, found.skipped["no GPU"], found.skipped["part of a GPU"]) == (1_395, 1_330, 5)
    assert not [reason for reason in found.skipped if "other GPUs than known" in reason or "unknown GPU of" in reason]
