"""Estimated runs and self-hosted models inside a project: the same figures as from the formulas alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.finetune.answer import after_levers
from planner.finetune.lines import by_term, lines_of
from planner.finetune.ranges import draws
from planner.finetune.serving import ApiPrice, Hosting, Request, api_usd, breakeven, hosted
from planner.finetune.workload import workloads
from planner.report.finetune import sections
from planner.report.markdown import markdown_of
from tests.finetune.given import answered, loaded, project

ESTIMATE = {"parameters_b": 7, "tokens_m": 100, "method": "full", "gpus": 8, "mfu_fraction": 0.4,
            "mfu_basis": "assumed", "mfu_source": "s"}  # fmt: skip
HOSTED = {"name": "own", "kind": "self_hosted", "requests": 30_000_000, "per_months": 1, "input_tokens": 300,
          "rag_tokens": 200, "output_tokens": 200, "cached_fraction": 0.25, "usd_per_gpu_hour": 2, "source": "s",
          "output_tokens_per_s_per_gpu": 1000, "input_tokens_per_s_per_gpu": 20000, "speed_source": "s",
          "utilization_fraction": 0.5, "minimum_gpus": 2,
          "against": {"input_usd_per_mtok": 1, "cached_input_usd_per_mtok": 0.1, "output_usd_per_mtok": 4,
                      "source": "s"}}  # fmt: skip


def estimated(tmp_path: Path, *assignments: str, **changes: Any) -> dict[str, Any]:
    run = {"name": "run", "runs": 2, "gpu": "a100-sxm-80gb", "estimate": ESTIMATE | changes, "usd_per_gpu_hour": 2,
           "source": "s"}  # fmt: skip
    return answered(tmp_path, project(training={"runs": [run]}), *assignments)


def test_hours_are_estimated_from_compute(tmp_path: Path) -> None:
    # 6 × 7·10⁹ × 100·10⁶ FLOPs ÷ (312·10¹² × 0.4 × 3600)
    hours = 6 * 7e9 * 100e6 / (312e12 * 0.4 * 3600)
    found = estimated(tmp_path)
    assert found["lines"][0]["quantity"] == pytest.approx(2 * hours)
    assert found["training"][0]["gpu_hours"] == pytest.approx(hours)
    assert estimated(tmp_path, epochs=3)["terms"]["training_compute"] == pytest.approx(3 * 2 * 2 * hours)
    assert estimated(tmp_path, mfu_fraction=0.2)["terms"]["training_compute"] == pytest.approx(2 * 2 * 2 * hours)


@pytest.mark.parametrize(("path", "by", "refused"), [
    ("estimate.parameters_b", {"to": 1}, True), ("estimate.gpus", {"to": 1}, True), ("gpu_hours", {"to": 80}, True),
    ("estimate.epochs", {"to": 1}, False), ("gpu_hours", {"factor": 0.5}, False),
])  # fmt: skip
def test_a_lever_changes_what_hours_are_in_proportion_to(
    path: str, by: dict[str, Any], refused: bool, tmp_path: Path
) -> None:
    """Hours are estimated before levers are pulled: a smaller model would change nothing."""
    own = {"name": "one", "changes": [{"path": f"training.runs.run.{path}"} | by], "basis": "assumption", "source": "s"}
    run = {"name": "run", "runs": 2, "gpu": "a100-sxm-80gb", "estimate": ESTIMATE | {"epochs": 2},
           "usd_per_gpu_hour": 2, "source": "s"}  # fmt: skip
    content = project(training={"runs": [run]}, levers={"own": [own], "choose": "all"})
    if refused:
        with pytest.raises(InputError, match="worked out before levers are pulled"):
            answered(tmp_path, content)
    else:
        found = answered(tmp_path, content)
        half = found["terms"]["training_compute"] / 2
        assert found["optimized"]["terms"]["training_compute"] == pytest.approx(half)


def test_ranges_of_an_estimate_move_the_hours(tmp_path: Path) -> None:
    found = estimated(tmp_path, mfu_fraction={"low": 0.2, "likely": 0.4, "high": 0.5})
    swing = found["swings"][0]
    assert swing["input"] == "training.runs.run.estimate.mfu_fraction"
    training = found["terms"]["training_compute"]
    rise = swing["usd_at_low"] - found["total_usd"]
    assert rise == pytest.approx(1.1 * 1.5 * training)  # twice the hours, half of them once more by risk, contingency


@pytest.mark.parametrize(("changes", "says"), [
    ({"gpus": 1}, "run run, method full, needs"), ({"method": "lora"}, "needs rank with lora"),
    ({"rank": 8}, "needs rank with lora"),
    ({"recomputation": "full", "mfu_fraction": 0.9}, "mfu_fraction"), ({"mfu_fraction": 0}, "greater than 0"),
])  # fmt: skip
def test_runs_that_cannot_be_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        estimated(tmp_path, **changes)
    assert says in str(caught.value)


def test_self_hosting_is_paid_by_whole_gpus_and_held_against_an_api(tmp_path: Path) -> None:
    found = answered(tmp_path, project(inference=[HOSTED]))
    request, hosting = Request(300, 200, 200, 0.25), Hosting(2, 1000, 20000, 0.5, minimum_gpus=2)
    month = hosted(30_000_000, request, hosting)
    assert month.gpus > 2
    assert found["terms"]["inference"] == pytest.approx(6 * month.usd)
    said = found["serving"][0]
    assert said["hosted"]["usd"] == month.usd
    price = ApiPrice(1, 4, 0.1)
    assert said["api_usd"] == api_usd(30_000_000, request, price)
    assert said["breakeven"]["requests_per_month"] == breakeven(request, price, hosting).requests_per_month


def test_self_hosting_under_uncertainty_steps_by_whole_gpus(tmp_path: Path) -> None:
    item = HOSTED | {"requests": {"low": 1e6, "likely": 30e6, "high": 90e6}}
    inputs = loaded(tmp_path, project(inference=[item])).inputs
    drawn = draws(inputs.spans, 1, 200)
    together = by_term(lines_of(inputs.at(dict(drawn))))["inference"]
    alone = [by_term(lines_of(inputs.at({"inference.own.requests": float(one)})))["inference"]
             for one in drawn["inference.own.requests"]]  # fmt: skip
    assert together == pytest.approx(alone)
    assert len({round(float(usd), 2) for usd in alone}) < 20


def test_one_volume_serves_two_items(tmp_path: Path) -> None:
    api = {"name": "api", "kind": "tokens", "requests_of": "own", "share_fraction": 0.1, "input_tokens": 500,
           "output_tokens": 100, "input_usd_per_mtok": 2, "output_usd_per_mtok": 8, "source": "s"}  # fmt: skip
    own = HOSTED | {"share_fraction": 0.9}
    found = answered(tmp_path, project(inference=[own, api]))
    lines = {one["name"]: one["usd"] for one in found["lines"]}
    assert lines["api: input"] == pytest.approx(6 * 0.1 * 30 * 500 * 2)
    moved = answered(tmp_path, project(inference=[own, api]), "inference.own.requests=60000000")
    assert {one["name"]: one["usd"] for one in moved["lines"]}["api: input"] == pytest.approx(2 * lines["api: input"])


def test_self_hosting_is_held_against_the_item_whose_requests_it_takes(tmp_path: Path) -> None:
    api = {"name": "api", "kind": "tokens", "requests": 30_000_000, "per_months": 1, "share_fraction": 0.4,
           "input_tokens": 500, "output_tokens": 100, "api_offer": "openai-gpt-5"}  # fmt: skip
    own = {key: value for key, value in HOSTED.items() if key not in ("requests", "per_months", "against")}
    own |= {"requests_of": "api", "share_fraction": 0.6}
    said = own | {"against": {"api_offer": "openai-gpt-5"}}
    first, second = (answered(tmp_path, project(inference=[api, one]))["serving"] for one in (own, said))
    assert first == second
    assert first[0]["breakeven"]["requests_per_month"]
    mini = answered(tmp_path, project(inference=[api, own]), "inference.api.api_offer=openai-gpt-5-mini")["serving"]
    assert mini[0]["api_source"].startswith("catalog openai-gpt-5-mini,")
    assert mini[0]["api_usd"] < first[0]["api_usd"]
    idle = answered(tmp_path, project(inference=[api, own | {"share_fraction": 0}]))["serving"]
    assert "breakeven" not in idle[0]
    one = loaded(tmp_path, project(training=None, inference=[api, own | {"gpu": "l40s-48gb"}]))
    (block,) = workloads(one, after_levers(one, ()))
    assert block["api"]["offers"] == ["openai-gpt-5"]


def test_what_is_fixed_is_paid_and_moves_the_breakeven(tmp_path: Path) -> None:
    fixed = {"fixed_usd_per_month": 3000, "fixed_source": "on-call"}
    without, found = (answered(tmp_path, project(inference=[HOSTED | more])) for more in ({}, fixed))
    assert found["terms"]["inference"] - without["terms"]["inference"] == pytest.approx(6 * 3000)
    before, said = without["serving"][0], found["serving"][0]
    assert said["hosted"]["usd"] == before["hosted"]["usd"] + 3000
    request, hosting = Request(300, 200, 200, 0.25), Hosting(2, 1000, 20000, 0.5, 2, fixed_usd_per_month=3000)
    least = said["breakeven"]["requests_per_month"]
    assert before["breakeven"]["requests_per_month"] < least
    assert least == breakeven(request, ApiPrice(1, 4, 0.1), hosting).requests_per_month
    assert "3,000.00 USD a month of fixed_usd_per_month; the project's training, labor" in said["counted"]
    assert "fixed_usd_per_month being 0" in markdown_of(sections(without)).replace("\\", "")
    with pytest.raises(InputError, match="needs the fixed_source"):
        answered(tmp_path, project(inference=[HOSTED | {"fixed_usd_per_month": 1}]))


@pytest.mark.parametrize(("changes", "allowed", "cure"), [
    ({"gpus": 1}, "2 or more",
     "take 2 GPUs, or larger GPUs, or shorter sequences, or full recomputation, or lora or qlora"),
    ({"gpus": 2, "sharding": "none"}, "no number fits",
     "take larger GPUs, or shorter sequences, or full recomputation, or lora or qlora, or sharding: full"),
    ({"parameters_b": 400, "method": "qlora", "rank": 8, "gpus": 1, "micro_batch": 64, "recomputation": "full",
      "sequence_tokens": 32768}, "no number fits",
     "take larger GPUs, or shorter sequences, or fewer sequences at a time (micro_batch)"),
])  # fmt: skip
def test_only_what_can_help_a_run_that_does_not_fit_is_advised(
    tmp_path: Path, changes: dict[str, Any], allowed: str, cure: str
) -> None:
    with pytest.raises(InputError) as caught:
        estimated(tmp_path, **changes)
    assert (caught.value.complaints[0].allowed, caught.value.complaints[0].cure) == (allowed, cure)


@pytest.mark.parametrize(("changes", "says"), [
    ({"mfu_fraction": 1}, "supposes 100 % of the peak"), ({"mfu_fraction": 0.6}, None), ({"gpus": 8}, None),
    ({"sequence_tokens": 4096}, "has sequences of 4,096 tokens"),
])  # fmt: skip
def test_hours_that_are_likely_too_few_are_noted(tmp_path: Path, changes: dict[str, Any], says: str | None) -> None:
    notes = [one for one in estimated(tmp_path, **changes)["notes"] if "Run run" in one]
    assert len(notes) == (says is not None)
    assert says is None or says in notes[0]


def test_storage_beyond_the_horizon_is_noted(tmp_path: Path) -> None:
    def notes(months: int) -> list[str]:
        found = answered(tmp_path, project(), f"data.storage.disk.months={months}")
        return [one for one in found["notes"] if "Storage" in one]

    assert notes(6) == []
    assert notes(24) == ["Storage disk is paid for 24 months, more than the horizon of 6."]
