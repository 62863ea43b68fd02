"""A project's GPU work as workloads: a scenario takes them, and they ask for the same hours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import planner
from planner.finetune.answer import after_levers, chosen_levers
from planner.finetune.load import load_project
from planner.finetune.workload import as_yaml, remarks, workloads
from planner.scenario.load import load_scenario
from planner.scenario.schema import Batch, Serving
from planner.units import HOURS_PER_MONTH
from tests.command import run
from tests.finetune.given import ROOT, answered, catalog, loaded, project

HYBRID = ROOT / "examples" / "rag-or-fine-tune.yaml"


def test_a_scenario_takes_the_workloads(tmp_path: Path) -> None:
    one = load_project(HYBRID, catalog())
    text = as_yaml(workloads(one, after_levers(one, chosen_levers(one))))
    rest = {"name": "both", "start": "2027-01", "as_of": "2026-11-21", "horizon_months": 12,
            "finance": {"wacc_fraction": 0.08, "source": "s"}}  # fmt: skip
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(rest) + text, encoding="utf-8")
    training, serving = load_scenario(path, catalog()).scenario.workloads
    assert isinstance(training, Batch)
    assert isinstance(serving, Serving)
    assert serving.api is not None


def test_workloads_ask_for_the_hours_that_the_project_pays(tmp_path: Path) -> None:
    content = project()
    content["training"]["runs"][0] |= {"gpu": "h100-sxm-80gb"}
    content["inference"].append(
        {"name": "own", "kind": "self_hosted", "requests": 1000000, "per_months": 1, "input_tokens": 100,
         "output_tokens": 200, "gpu": "l40s-48gb", "usd_per_gpu_hour": 1, "source": "s", "minimum_gpus": 0,
         "output_tokens_per_s_per_gpu": 500, "speed_source": "s", "utilization_fraction": 0.5, "billing": "hours"}
    )  # fmt: skip
    one = loaded(tmp_path, content)
    training, serving = workloads(one, after_levers(one, ()))
    assert training["work_per_month"] * sum(training["growth"]["monthly_factors"]) == pytest.approx(300 / (1 - 0.2))
    assert "headroom_fraction" not in serving
    hours = serving["demand"]["average_per_hour"] * HOURS_PER_MONTH / serving["speed"]["l40s-48gb"]
    assert hours == pytest.approx(1e6 * 200 / 500 / 3600 / 0.5)


def test_input_that_is_cached_is_read_once(tmp_path: Path) -> None:
    own = OWN | {"rag_tokens": 300, "cached_fraction": 0.25, "against": {"api_offer": "openai-gpt-5"}}
    one = loaded(tmp_path, project(training=None, inference=[own]))
    (block,) = workloads(one, after_levers(one, ()))
    assert block["api"] == {
        "offers": ["openai-gpt-5"], "input_mtok_per_unit": 300e-6, "cached_input_mtok_per_unit": 100e-6,
        "output_mtok_per_unit": 200e-6,
    }  # fmt: skip


def test_what_has_no_work_is_no_workload() -> None:
    one = load_project(HYBRID, catalog(), ["inference.large-api.requests=500000"])
    assert chosen_levers(one) == ("shorter-retrieval",)
    with pytest.raises(Exception, match="has no work for GPUs"):
        workloads(one, after_levers(one, chosen_levers(one)))


L40S, A100 = "aws-g6e-xlarge-us-east-1", "gcp-a2-highgpu-1g-us-central1"
RUN = {"name": "run", "runs": 3, "gpu_hours": 1000, "gpu": "l40s-48gb", "offer": L40S}
OWN = {"name": "own", "kind": "self_hosted", "requests": 3_000_000, "per_months": 1, "input_tokens": 100,
       "output_tokens": 200, "gpu": "l40s-48gb", "offer": L40S, "output_tokens_per_s_per_gpu": 500, "speed_source": "s",
       "utilization_fraction": 0.3}  # fmt: skip


def planned(tmp_path: Path, content: dict[str, Any], months: int, more: int) -> dict[str, Any]:
    """Plan the blocks alone, on demand or spot, for `months`, of which `more` lie after the project's end."""
    one = loaded(tmp_path, content)
    blocks = workloads(one, after_levers(one, ()))
    for block in blocks:
        for told in (block.get("growth", {}).get("monthly_factors"), block.get("demand", {}).get("work_per_month")):
            if told is not None:
                told += [0] * more
    rest = {"name": "both", "start": "2027-01", "as_of": "2026-11-21", "horizon_months": months,
            "finance": {"wacc_fraction": 0.08, "source": "s"},
            "offers": {"consider": [L40S, A100], "kinds": ["on_demand", "spot"]}}  # fmt: skip
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(rest) + as_yaml(blocks), encoding="utf-8")
    document: dict[str, Any] = planner.plan(planner.load_scenario(path, catalog()), catalog()).document
    return document


@pytest.mark.parametrize(("run_", "own", "more"), [
    ({}, {"minimum_gpus": 2, "gpus_per_replica": 2}, 0),
    ({"loss_fraction": 0.2}, {"billing": "hours"}, 0),
    ({}, {"minimum_gpus": 9, "per_months": None}, 2),
    ({"gpu": "a100-sxm-40gb", "offer": A100, "rented": "spot", "loss_fraction": 0.25}, {}, 0),
])  # fmt: skip
def test_a_plan_of_the_workloads_costs_what_the_project_says(
    tmp_path: Path, run_: dict[str, Any], own: dict[str, Any], more: int
) -> None:
    content = project(horizon_months=3, training={"runs": [RUN | run_]}, inference=[OWN | own])
    terms = answered(tmp_path, content)["terms"]
    found = planned(tmp_path, content, 3 + more, more)
    assert found["tco"]["plan"]["total_usd"] == pytest.approx(terms["training_compute"] + terms["inference"])


def test_a_scenario_of_another_horizon_refuses_training_that_would_go_on(tmp_path: Path) -> None:
    content = project(horizon_months=3, training={"runs": [RUN]}, inference=[OWN])
    with pytest.raises(planner.InputError, match="needs one factor for each month of the horizon"):
        planned(tmp_path, content, 12, 0)


def test_what_is_left_out_stands_in_comments(tmp_path: Path) -> None:
    own = OWN | {"minimum_gpus": 9, "fixed_usd_per_month": 500, "fixed_source": "s"}
    one = loaded(tmp_path, project(training={"runs": [RUN | {"loss_fraction": 0.2}]}, inference=[own]))
    tree = after_levers(one, ())
    blocks = workloads(one, tree)
    said = " ".join(remarks(one, tree, blocks, ()))
    for words in ("levers pulled: none", "each of 6 months", "run is not rented: spot", "without growth",
                  "headroom_fraction holds", "500.00 USD a month", "work together"):  # fmt: skip
        assert words in said
    plain = loaded(tmp_path, project(training=None, inference=[OWN | {"billing": "hours", "minimum_gpus": 0}]))
    tree = after_levers(plain, ())
    said = " ".join(remarks(plain, tree, workloads(plain, tree), ()))
    assert not any(words in said for words in ("each of", "headroom", "run", "fixed"))
    lines = run("finetune", HYBRID, "--as-workload").stdout.splitlines()
    assert lines[0].startswith("# GPU work of the fine-tuning project rag-or-fine-tune, levers pulled: hybrid")
    assert all(line.startswith("# ") for line in lines[: lines.index("workloads:")])
