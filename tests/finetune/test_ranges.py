"""Ranges: drawn by Latin hypercube, the same for the same seed, whatever the order."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.finetune.answer import answer
from planner.finetune.ranges import draws
from planner.report.finetune import sections
from tests.finetune import given
from tests.finetune.given import answered, loaded, project

HOURS = {"low": 50, "likely": 100, "high": 300}
RATE = {"low": 8000, "likely": 10000, "high": 15000}


def ranged() -> dict[str, Any]:
    content = project()
    content["training"]["runs"][0]["gpu_hours"] = HOURS
    content["labor"][0]["usd_per_month"] = RATE
    return content


def test_a_range_leaves_the_likely_total_alone(tmp_path: Path) -> None:
    found = answered(tmp_path, ranged())
    assert found["total_usd"] == answered(tmp_path, project())["total_usd"]
    assert "range" not in answered(tmp_path, project())
    usd = found["range"]
    assert usd["low"] < usd["p10"] < usd["p50"] < usd["p90"] < usd["high"]


def test_a_range_lies_between_its_ends_and_has_the_mean_of_a_triangle(tmp_path: Path) -> None:
    # the total is linear in the hours: 1.1 × 1.5 × 3 × 2 ÷ 0.8 USD for each
    content = project()
    content["training"]["runs"][0]["gpu_hours"] = HOURS
    found = answered(tmp_path, content)
    low, high = (one for one in (found["swings"][0]["usd_at_low"], found["swings"][0]["usd_at_high"]))
    slope = 1.1 * 1.5 * 6 / 0.8
    assert high - low == pytest.approx(250 * slope)
    assert low <= found["range"]["low"] < low + 20 * slope
    assert high - 20 * slope < found["range"]["high"] <= high
    # the median of a triangle: high − √((high − low)(high − likely) ÷ 2)
    median = 300 - (250 * 200 / 2) ** 0.5
    assert found["range"]["p50"] == pytest.approx(low + (median - 50) * slope, abs=slope)


def test_every_slice_of_probability_is_drawn_from_once() -> None:
    span = (0.0, 0.5, 1.0)
    values = draws({"a": span}, 7, 500)["a"]
    shares = np.where(values < 0.5, 2 * values**2, 1 - 2 * (1 - values) ** 2)
    assert sorted(np.floor(shares * 500 + 1e-9).astype(int).tolist()) == list(range(500))


def test_draws_follow_from_the_seed_and_the_path_alone() -> None:
    spans = {"a": (0.0, 1.0, 2.0), "b": (0.0, 1.0, 2.0)}
    first, turned = draws(spans, 3), draws(dict(reversed(list(spans.items()))), 3)
    assert all((first[path] == turned[path]).all() for path in spans)
    assert (draws({"a": spans["a"]}, 3)["a"] == first["a"]).all()
    assert (draws(spans, 4)["a"] != first["a"]).any()
    assert abs(float(np.corrcoef(first["a"], first["b"])[0, 1])) < 0.1


def test_the_order_of_the_file_changes_no_bit(tmp_path: Path) -> None:
    content = given.with_levers(choose=["half", "labels"])
    content["training"]["runs"][0]["gpu_hours"] = HOURS
    content["labor"] = [{"name": name, "months": n / 7, "usd_per_month": RATE, "source": "s"}
                        for n, name in enumerate("dbca", 1)]  # fmt: skip
    content["risk"][0]["repeats"] = ["training_compute", "data", "labor"]
    turned = deepcopy(content)
    for part in (turned["labor"], turned["inference"], turned["risk"], turned["risk"][0]["repeats"]):
        part.reverse()
    first, second = answered(tmp_path, content), answered(tmp_path, turned)
    for key in ("total_usd", "terms", "range", "range_optimized", "range_saved", "swings", "swings_optimized"):
        assert first[key] == second[key], key
    assert first["optimized"]["total_usd"] == second["optimized"]["total_usd"]


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    one = loaded(tmp_path, ranged())
    assert answer(one, 5) == answer(one, 5)
    assert answer(one, 5)["range"] != answer(one, 6)["range"]


def test_every_case_has_its_own_row_in_the_report(tmp_path: Path) -> None:
    content = given.with_levers(choose=["half"])
    content["training"]["runs"][0]["gpu_hours"] = HOURS
    found = answered(tmp_path, content)
    (section,) = (one for one in sections(found) if one.id == "range")
    shown = {row[0].text: [cell.text for cell in row[1:]] for row in section.blocks[0].rows}
    for title, case in (("As it stands", "range"), ("With levers", "range_optimized"),
                        ("Saved by levers", "range_saved")):  # fmt: skip
        assert shown[title] == [f"{found[case][key]:,.2f}" for key in ("low", "p10", "p50", "p90", "high")]
    assert len({tuple(row) for row in shown.values()}) == 3


def test_ranges_of_levers_make_a_range_of_what_they_save(tmp_path: Path) -> None:
    content = given.with_levers(choose=["half"])
    content["levers"]["own"][0]["changes"][0]["factor"] = {"low": 0.3, "likely": 0.5, "high": 0.9}
    found = answered(tmp_path, content)
    full = 1.1 * 1.5 * 750
    assert found["optimized"]["saved_usd"] == pytest.approx(full * 0.5)
    assert full * 0.1 <= found["range_saved"]["low"] < full * 0.2
    assert full * 0.6 < found["range_saved"]["high"] <= full * 0.7
    assert "range" not in found
    assert found["optimized"]["total_usd"] < found["range_optimized"]["high"] < found["total_usd"]
