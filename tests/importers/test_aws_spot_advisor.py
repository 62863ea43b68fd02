"""The AWS Spot Advisor: bands of interruptions per month."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.importers import Imported
from planner.importers.aws_spot_advisor import read
from planner.importers.common import Settings
from tests.importers.given import SAMPLES, SETTINGS, balanced, values, write

RANGES = [
    {"index": index, "label": label, "dots": index, "max": 100}
    for index, label in enumerate(("<5%", "5-10%", "10-15%", "15-20%", ">20%"))
]


def advice(types: dict[str, Any], system: str = "Linux", **more: Any) -> str:
    content = {
        "global_rate": "<10%",
        "instance_types": {},
        "ranges": RANGES,
        "spot_advisor": {"us-east-1": {system: types}},
    }
    return json.dumps(content | more)


def imported(folder: Path, types: dict[str, Any], system: str = "Linux") -> Imported:
    return read(write(folder / "spot.json", advice(types, system)), SETTINGS)


def test_class_becomes_a_band_with_its_middle(tmp_path: Path) -> None:
    found = imported(tmp_path, {"p4d.24xlarge": {"s": 67, "r": 2}})
    assert values(found) == {"aws-p4d-24xlarge-us-east-1/interruption_fraction_per_month": Decimal("0.125")}
    fact = found.rows[0]
    assert (fact.low, fact.high, fact.date) == (Decimal("0.10"), Decimal("0.15"), "2026-11-20")
    assert fact.note == "the band's middle; 67 % saved against on-demand in the month before"


def test_ends_of_the_outer_bands(tmp_path: Path) -> None:
    found = imported(tmp_path, {"p5.48xlarge": {"s": 52, "r": 4}, "g5.xlarge": {"s": 59, "r": 0}})
    assert [(one.low, one.value, one.high) for one in found.rows] == [
        (Decimal("0.20"), Decimal("0.20"), Decimal(1)), (0, Decimal("0.025"), Decimal("0.05")),
    ]  # fmt: skip
    assert "open above" in found.rows[0].note


@pytest.mark.parametrize(
    ("name", "cells", "system", "why"),
    [("p5.48xlarge", {"r": 1}, "Windows", "system Windows"), ("c6i.large", {"r": 1}, "Linux", "no GPU"),
     ("g6f.large", {"r": 1}, "Linux", "part of a GPU"), ("g5g.metal", {"r": 1}, "Linux", "unknown GPU: T4g"),
     ("p5.48xlarge", {"r": 9}, "Linux", "malformed row"), ("p5.48xlarge", {"r": True}, "Linux", "malformed row"),
     ("p5.48xlarge", {"s": 5}, "Linux", "malformed row"), ("p5.48xlarge", 3, "Linux", "malformed row")],
)  # fmt: skip
def test_other_rows_are_skipped_with_their_reason(tmp_path: Path, name: str, cells: Any, system: str, why: str) -> None:
    found = imported(tmp_path, {name: cells}, system)
    assert (values(found), found.skipped) == ({}, {why: 1})


def test_other_files_are_refused(tmp_path: Path) -> None:
    for text in ("[1]", "{}", advice({}, ranges=[{"index": 0, "label": "often"}]), advice({}, spot_advisor=3), "{"):
        with pytest.raises(InputError):
            read(write(tmp_path / "spot.json", text), SETTINGS)
    with pytest.raises(InputError, match="carries no date"):
        read(write(tmp_path / "spot.json", advice({})), Settings("test-source"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the real files beside the checkout")
def test_real_advice() -> None:
    found = read(SAMPLES / "aws-spot-advisor" / "spot-advisor-data.json", SETTINGS)
    balanced(found)
    made = {one.id: (one.low, one.high) for one in found.rows}
    assert made["aws-p5-48xlarge-us-east-1"] == (Decimal("0.20"), Decimal(1))
    assert made["aws-p4d-24xlarge-us-east-1"] == (Decimal("0.10"), Decimal("0.15"))
    assert (found.read, found.skipped["system Windows"], found.skipped["no GPU"]) == (25_323, 10_361, 14_280)
    assert len(made) == found.mapped >= 600
