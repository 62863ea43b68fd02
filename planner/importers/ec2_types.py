"""EC2 instance types: which GPU they have, and how many. AWS price files name no GPU, and some no number.

The file is the answer of `aws ec2 describe-instance-types`, or the same as one mapping by instance type. It holds no
prices: importing it compares it with what is known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from planner.importers import Imported
from planner.importers.common import Settings, gpu_named, number, refuse, tally
from planner.importers.terms import json_whole


@dataclass(frozen=True)
class Gpus:
    """The GPUs of an instance type.

    Attributes
    ----------
    model : as EC2 names it
    count : whole GPUs
    part : of one GPU, where the instance has no whole one (G6f: an eighth to a half of an L4)
    """

    model: str
    count: int
    part: Decimal | None = None


_SINGLE = "xlarge 2xlarge 4xlarge 8xlarge 16xlarge"
_G6 = {1: _SINGLE, 4: "12xlarge 24xlarge", 8: "48xlarge"}
_G7 = {1: "2xlarge 4xlarge 8xlarge", 2: "12xlarge", 4: "24xlarge", 8: "48xlarge"}
_FAMILIES: dict[str, tuple[str, dict[int, str]]] = {
    "p2": ("K80", {1: "xlarge", 8: "8xlarge", 16: "16xlarge"}),
    "p3": ("V100", {1: "2xlarge", 4: "8xlarge", 8: "16xlarge"}),
    "p3dn": ("V100", {8: "24xlarge"}),
    "p4d": ("A100", {8: "24xlarge"}),
    "p4de": ("A100", {8: "24xlarge"}),
    "p5": ("H100", {1: "4xlarge", 8: "48xlarge"}),
    "p5e": ("H200", {8: "48xlarge"}),
    "p5en": ("H200", {8: "48xlarge"}),
    "p6-b200": ("B200", {8: "48xlarge"}),
    "p6-b300": ("B300", {8: "48xlarge"}),
    "p6e-gb200": ("GB200", {4: "36xlarge"}),
    "g3s": ("M60", {1: "xlarge"}),
    "g3": ("M60", {1: "4xlarge", 2: "8xlarge", 4: "16xlarge"}),
    "g4ad": ("Radeon Pro V520", {1: "xlarge 2xlarge 4xlarge", 2: "8xlarge", 4: "16xlarge"}),
    "g4dn": ("T4", {1: _SINGLE, 4: "12xlarge", 8: "metal"}),
    "g5": ("A10G", _G6),
    "g5g": ("T4g", {1: "xlarge 2xlarge 4xlarge 8xlarge", 2: "16xlarge metal"}),
    "g6": ("L4", _G6),
    "gr6": ("L4", {1: "4xlarge 8xlarge"}),
    "g6e": ("L40S", _G6),
    "g7": ("RTX PRO 4500", _G7),
    "g7e": ("RTX PRO Server 6000", _G7),
}
"""By family: the GPU, and the sizes by how many they have."""

_PARTS = {
    "g6f.large": "0.125", "g6f.xlarge": "0.125", "g6f.2xlarge": "0.25", "g6f.4xlarge": "0.5", "gr6f.4xlarge": "0.5",
}  # fmt: skip
GPUS: Mapping[str, Gpus] = {
    f"{family}.{size}": Gpus(model, count)
    for family, (model, sizes) in _FAMILIES.items()
    for count, names in sizes.items()
    for size in names.split()
} | {name: Gpus("L4", 0, Decimal(part)) for name, part in _PARTS.items()}


def gpus_of(instance_type: str, listed: str = "") -> tuple[str, int] | str:
    """Return GPU and number of GPUs of an instance type, or why it cannot be taken.

    Parameters
    ----------
    listed : the number that a price list gives; it must agree with what is known, and stands alone for a new type

    >>> gpus_of("p5.48xlarge"), gpus_of("p5.48xlarge", "8"), gpus_of("c6i.large", "NA")
    (('h100-sxm-80gb', 8), ('h100-sxm-80gb', 8), 'no GPU')
    """
    known, told = GPUS.get(instance_type), number(listed)
    if known is None and not told:
        return "no GPU"
    if known is not None and known.part is not None:
        return "part of a GPU"
    if told is not None and told != told.to_integral_value():
        return "not a whole number of GPUs"
    if known is None:
        gpu, count = gpu_named("", "", instance_type, "aws"), int(told or 0)
        return (gpu, count) if gpu else f"unknown GPU of {instance_type}"
    if told not in (None, known.count):
        return "another number of GPUs than the instance type has"
    found = gpu_named(known.model, "", instance_type, "aws")
    return (found, known.count) if found else f"unknown GPU: {known.model}"


def read(path: Path, settings: Settings) -> Imported:
    """Count the instance types whose GPUs the catalog can name. They make no facts, as they have no prices."""
    del settings
    result = Imported()
    for one in _types(path):
        result.read += 1
        tally(result, _problem(one))
    if not result.read:
        refuse(path, "holds no EC2 instance types")
    return result


def _types(path: Path) -> Iterator[Any]:
    found = json_whole(path)
    types = found.get("InstanceTypes", found) if isinstance(found, dict) else None
    if isinstance(types, dict):
        types = list(types.values())
    if not isinstance(types, list) or not any(isinstance(one, dict) and "InstanceType" in one for one in types):
        refuse(path, "holds no EC2 instance types")
    yield from types


def _problem(one: Any) -> str | None:
    """Say why the GPUs of an instance type cannot be taken, None when they are as known."""
    try:
        name, groups = str(one["InstanceType"]), (one.get("GpuInfo") or {}).get("Gpus") or []
        found = [_gpus(group) for group in groups]
    except (TypeError, KeyError, AttributeError, ValueError, InvalidOperation):
        return "malformed instance type"
    if not found:
        return "no GPU"
    if len(found) > 1:
        return "more than one model of GPU"
    if name in GPUS and found[0] != GPUS[name]:
        return f"other GPUs than known of {name}"
    answer = gpus_of(name, "" if name in GPUS else str(found[0].count))
    return answer if isinstance(answer, str) else None


def _gpus(group: dict[str, Any]) -> Gpus:
    part = Decimal(str(group.get("GpuPartitionSize", 1)))
    return Gpus(str(group["Name"]), int(group["Count"]), part if part < 1 else None)
