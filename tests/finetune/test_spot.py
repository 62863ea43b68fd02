"""Levers that rent at spot: the offer's own spot price is taken, said as the source, and handed on to a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.finetune.answer import after_levers
from planner.finetune.load import library
from planner.finetune.workload import remarks, workloads
from tests.finetune.given import answered, catalog, loaded, project
from tests.finetune.test_computing import ESTIMATE

OWN = {"gpu": "h100-sxm-80gb", "usd_per_gpu_hour": 4, "source": "quote", "rented": "on_demand"}
SPOT = "spot-checkpointing"


def content(**run: Any) -> dict[str, Any]:
    runs = [{"name": "run", "gpu_hours": 100, **run}]
    return project(training={"runs": runs}, levers={"library": [SPOT], "choose": "all"})


@pytest.mark.parametrize(("offer", "usd"), [
    ("runpod-h100-sxm", 2.69), ("azure-nd96isr-h100-v5-us", 2.49), ("gcp-a2-highgpu-1g-us-central1", 1.92802),
])  # fmt: skip
def test_the_spot_price_is_that_of_the_offer(tmp_path: Path, offer: str, usd: float) -> None:
    found = answered(tmp_path, content(offer=offer))
    line = next(one for one in found["optimized"]["lines"] if one["name"] == "run")
    assert line["unit_usd"] == usd
    assert line["source"].startswith(f"catalog {offer}/spot_usd_per_gpu_hour")
    assert line["source"].endswith(f"; changed by lever {SPOT}")
    assert "on_demand" in found["lines"][0]["source"]
    assert "lever" not in found["lines"][0]["source"]
    direct = answered(tmp_path, content(offer=offer, rented="spot", loss_fraction=0.05))
    assert found["optimized"]["terms"]["training_compute"] == pytest.approx(direct["terms"]["training_compute"])


def test_an_offer_without_a_spot_price_is_left_alone(tmp_path: Path) -> None:
    found = answered(tmp_path, content(offer="aws-p4d-24xlarge-us-east-1"))
    assert found["optimized"]["total_usd"] == found["total_usd"]
    assert found["optimized"]["one_off_usd"] == 0
    assert any("knows no spot price of its offer aws-p4d-24xlarge-us-east-1" in note for note in found["notes"])


def test_a_price_of_ones_own_falls_by_the_factor_and_its_source_says_so(tmp_path: Path) -> None:
    found = answered(tmp_path, content(**OWN))
    line = found["optimized"]["lines"][0]
    assert line["unit_usd"] == pytest.approx(4 * 0.52)
    assert line["source"] == f"quote; changed by lever {SPOT}"


def test_a_workload_is_rented_as_its_levers_have_it(tmp_path: Path) -> None:
    one = loaded(tmp_path, content(offer="runpod-h100-sxm"))
    for levers, spot in (((), None), ((SPOT,), {"share_fraction": 1, "loss_fraction": 0.05})):
        tree = after_levers(one, levers)
        (block,) = workloads(one, tree)
        assert block.get("spot") == spot
        assert block["work_per_month"] * 6 == pytest.approx(100)
        assert block["speed"] == {"h100-sxm-80gb": 1}
        assert not any("is not rented: spot" in text for text in remarks(one, tree, [block], levers))


def test_an_offer_is_enough_to_estimate_hours_on(tmp_path: Path) -> None:
    runs = [{"name": "run", "estimate": ESTIMATE, "offer": "runpod-h100-sxm"}]
    named = [runs[0] | {"gpu": "h100-sxm-80gb"}]
    first, second = (answered(tmp_path, project(training={"runs": one})) for one in (runs, named))
    assert first["training"] == second["training"]


def test_every_lever_that_moved_a_line_is_in_its_source(tmp_path: Path) -> None:
    more = content(offer="runpod-h100-sxm")
    more["levers"]["library"] = ["warm-start", SPOT, "ci-gates", "quantization"]
    lines = {one["name"]: one["source"] for one in answered(tmp_path, more)["optimized"]["lines"]}
    assert lines["run"].split("; changed by lever ")[1:] == ["warm-start", SPOT, "ci-gates"]
    assert lines["box"] == "s; changed by lever quantization"
    assert lines["calls"] == "s"


def test_the_factor_of_the_library_is_that_of_the_catalog() -> None:
    def last(offer: str, kind: str) -> float | None:
        rows = catalog().rows.get(f"{offer}/{kind}_usd_per_gpu_hour", ())
        return float(rows[-1].fact.value) if rows and rows[-1].fact.value and not rows[-1].quarantined else None

    pairs = [(last(one, "spot"), last(one, "on_demand")) for one in catalog().section("offers")]
    shares = [spot / usd for spot, usd in pairs if spot and usd]
    (lever,) = (one for one in library() if one.name == SPOT)
    factor: Any = lever.changes[0].factor
    said = [float(one) for one in (factor.low, factor.likely, factor.high)]
    assert said == pytest.approx(np.quantile(shares, [0.25, 0.5, 0.75]).tolist(), abs=0.02)
