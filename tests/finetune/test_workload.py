"""A project's GPU work as workloads: a scenario takes them, and they ask for the same hours."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from planner.finetune.answer import after_levers, chosen_levers
from planner.finetune.load import load_project
from planner.finetune.workload import as_yaml, workloads
from planner.scenario.load import load_scenario
from planner.scenario.schema import Batch, Serving
from planner.units import HOURS_PER_MONTH
from tests.finetune.given import ROOT, catalog, loaded, project

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
    assert training["work_per_month"] * 6 == pytest.approx(300)
    assert training["spot"] == {"share_fraction": 1, "loss_fraction": 0.2}
    hours = serving["demand"]["average_per_hour"] * HOURS_PER_MONTH / serving["speed"]["l40s-48gb"]
    assert hours == pytest.approx(1e6 * 200 / 500 / 3600 / 0.5)


def test_what_has_no_work_is_no_workload() -> None:
    one = load_project(HYBRID, catalog(), ["inference.large-api.requests=500000"])
    assert chosen_levers(one) == ("shorter-retrieval",)
    with pytest.raises(Exception, match="has no work for GPUs"):
        workloads(one, after_levers(one, chosen_levers(one)))
