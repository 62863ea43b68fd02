"""Levers of the library: they work where their own words hold, and cost nothing where they reach nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.finetune.load import library
from tests.finetune import given
from tests.finetune.given import answered, project


def test_levers_that_change_nothing_are_not_chosen_and_said_to(tmp_path: Path) -> None:
    content = project(levers={"library": ["lora", "retire-unused"]}, inference=[])
    found = answered(tmp_path, content)
    assert found["optimized"]["levers"] == ["lora"]
    assert any("retire-unused changes nothing here" in note for note in found["notes"])


HOSTED = {"name": "own", "kind": "self_hosted", "requests": 50_000_000, "input_tokens": 100, "output_tokens": 100,
          "per_months": 1, "usd_per_gpu_hour": 2, "output_tokens_per_s_per_gpu": 500, "speed_source": "s",
          "source": "s"}  # fmt: skip


def test_every_lever_of_the_library_works_and_says_what_it_rests_on(tmp_path: Path) -> None:
    content = project(levers={"library": [lever.name for lever in library()]},
                      inference=[*given.PROJECT["inference"], HOSTED])  # fmt: skip
    content["training"]["runs"][0] |= {"method": "full", "rented": "on_demand"}
    content["inference"][0]["serves"] = "other"
    found = answered(tmp_path, content)
    assert found["notes"] == []
    assert all(one["source"] and one["description"] for one in found["levers"])
    assert found["range_saved"]["high"] > found["range_saved"]["low"]


WORKS: list[tuple[str, dict[str, tuple[float, float]], dict[str, float]]] = [
    ("lora", {"run": (300 * 0.75, 2), "run: lost": (75 * 0.75, 2)}, {}),
    (
        "spot-checkpointing",
        {"run": (300, 2 * 0.52), "run: lost": (300 * 0.05 / 0.95, 2 * 0.52)},
        {"checkpointing": 1500},
    ),
    ("warm-start", {"run": (300 * 0.75, 2), "run: lost": (75 * 0.75, 2)}, {}),
    ("ci-gates", {"run": (300 * 0.7, 2), "run: lost": (75 * 0.7, 2)}, {"gates": 3000}),
    ("active-learning", {"labels": (5, 40)}, {"selection-loop": 2500}),
    ("synthetic-data", {"labels": (8, 40)}, {"generation": 800}),
    ("quantization", {"box": (3000 / 1.4, 0.5), "own": (3 * 730 * 6, 2)}, {"evaluation": 1500}),
    ("compilation", {"box": (3000 / 1.4, 0.5)}, {"evaluation": 1000}),
    ("distillation", {"box": (3000 / 1.6, 0.5), "own": (3 * 730 * 6, 2)}, {"student": 2000, "evaluation": 5000}),
    ("retire-unused", {"box": (2700, 0.5)}, {"review": 6 * 100}),
]
"""Lines that each lever changes, with their quantity and unit price after it, and what it costs over six months."""


@pytest.mark.parametrize(("name", "changes", "costs"), WORKS, ids=[name for name, *_ in WORKS])
def test_a_lever_of_the_library_changes_these_lines_and_no_others(
    tmp_path: Path, name: str, changes: dict[str, tuple[float, float]], costs: dict[str, float]
) -> None:
    # 50 million requests of 100 tokens at 500 a second are 3.81 GPUs a month: 4, then 3
    levers = {"library": [name], "choose": "all"}
    content = project(levers=levers, inference=[*given.PROJECT["inference"], HOSTED])
    found = answered(tmp_path, content)
    own = {one["name"]: (one["quantity"], one["unit_usd"]) for one in found["lines"]}
    after = {one["name"]: (one["quantity"], one["unit_usd"]) for one in found["optimized"]["lines"]}
    paid = {key.partition(": ")[2]: usd * times for key, (times, usd) in after.items() if key.startswith("lever ")}
    assert paid == pytest.approx(costs)
    moved = {key: pair for key, pair in after.items() if key in own and own[key] != pytest.approx(pair)}
    again = {"contingency", "again"}  # the first is a share of the rest, the second repeats training
    assert {key for key in moved if key not in again} == changes.keys()
    assert all(moved[key] == pytest.approx(pair) for key, pair in changes.items()), moved


def test_every_lever_of_the_library_has_its_figures_here() -> None:
    assert {name for name, *_ in WORKS} == {lever.name for lever in library()}


def of_library(tmp_path: Path, name: str, **fields: Any) -> dict[str, Any]:
    """The answer with one lever of the library pulled, on a run, an instance or both with more fields."""
    content = project(levers={"library": [name], "choose": "all"}, inference=given.PROJECT["inference"][:1])
    part = content["inference"][0] if "serves" in fields else content["training"]["runs"][0]
    part |= fields
    return answered(tmp_path, content)


@pytest.mark.parametrize(("name", "fields", "says"), [
    ("lora", {"method": "lora"}, "training.runs.run alone: its method is lora, not full."),
    ("lora", {"method": "qlora"}, "training.runs.run alone: its method is qlora, not full."),
    ("spot-checkpointing", {"rented": "spot"}, "training.runs.run alone: its rented is spot, not on_demand."),
    ("compilation", {"serves": "language-model"}, "inference.box alone: its serves is language-model, not other."),
])  # fmt: skip
def test_a_lever_of_the_library_keeps_off_what_its_words_rule_out_and_then_costs_nothing(
    tmp_path: Path, name: str, fields: dict[str, str], says: str
) -> None:
    found = of_library(tmp_path, name, **fields)
    assert found["optimized"]["total_usd"] == found["naive"]["total_usd"]
    assert found["optimized"]["one_off_usd"] == 0
    assert f"Lever {name} leaves {says}" in found["notes"]
    assert f"Lever {name} changes nothing here and costs nothing." in found["notes"]


@pytest.mark.parametrize(("name", "fields"), [
    ("lora", {"method": "full"}), ("spot-checkpointing", {"rented": "on_demand"}), ("compilation", {"serves": "other"}),
])  # fmt: skip
def test_a_lever_of_the_library_works_where_its_words_hold_and_where_nobody_says(
    tmp_path: Path, name: str, fields: dict[str, str]
) -> None:
    said = of_library(tmp_path, name, **fields)
    silent = of_library(tmp_path, name, **dict.fromkeys(fields))
    assert said["optimized"]["terms"] == silent["optimized"]["terms"]
    assert said["optimized"]["terms"] != said["naive"]["terms"]
    ((field, value),) = fields.items()
    assert said["notes"] == []
    assert any(f"Lever {name} takes {field} of" in note and f"to be {value}" in note for note in silent["notes"])


def test_a_lever_changes_one_run_and_leaves_the_other(tmp_path: Path) -> None:
    runs = [{"name": name, "gpu_hours": 100, "usd_per_gpu_hour": 2, "source": "s", "method": method}
            for name, method in (("whole", "full"), ("adapter", "lora"))]  # fmt: skip
    found = answered(tmp_path, project(training={"runs": runs}, levers={"library": ["lora"]}))
    lines = {one["name"]: one["usd"] for one in found["optimized"]["lines"]}
    assert (lines["whole"], lines["adapter"]) == pytest.approx((150, 200))
    assert [note for note in found["notes"] if "alone" in note] == [
        "Lever lora leaves training.runs.adapter alone: its method is lora, not full."
    ]


def test_an_estimated_run_and_an_offer_of_the_catalog_say_what_they_are(tmp_path: Path) -> None:
    run = {"name": "run", "offer": "gcp-a2-highgpu-1g-us-central1",
           "estimate": {"parameters_b": 7, "tokens_m": 100, "method": "full", "gpus": 8, "mfu_fraction": 0.4,
                        "mfu_basis": "assumed", "mfu_source": "s"}}  # fmt: skip
    content = project(training={"runs": [run]}, levers={"library": ["lora", "spot-checkpointing"], "choose": "all"})
    found = answered(tmp_path, content)
    assert not any("takes" in note or "alone" in note for note in found["notes"])
    assert all(step["by_term"]["training_compute"] < 0 for step in found["waterfall"])
