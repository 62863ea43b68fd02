"""Limits hold for ranges and levers as for single numbers, and for numbers that belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.errors import Complaint, InputError
from planner.finetune.answer import answer
from planner.finetune.serving import ApiPrice, Hosting, Request, api_usd_per_request, breakeven
from tests.command import run
from tests.finetune import given
from tests.finetune.given import ROOT, answered, loaded, project, written
from tests.finetune.test_computing import ESTIMATE, HOSTED

API = {"name": "api", "kind": "tokens", "requests": 1_000_000, "input_tokens": 1000, "output_tokens": 100,
       "per_months": 1, "api_offer": "openai-gpt-5"}  # fmt: skip
OWN_PRICES = {"api_offer": None, "input_usd_per_mtok": 2, "output_usd_per_mtok": 8, "source": "s"}
RUN = {"name": "run", "gpu": "a100-sxm-80gb", "estimate": ESTIMATE, "usd_per_gpu_hour": 2, "source": "s"}


def lever(path: str, **by: Any) -> dict[str, Any]:
    own = {"name": "one", "changes": [{"path": path, **by}], "basis": "assumption", "source": "s"}
    return {"own": [own], "choose": "all"}


def refused(tmp_path: Path, content: dict[str, Any]) -> Complaint:
    with pytest.raises(InputError) as caught:
        answer(loaded(tmp_path, content))
    (said,) = caught.value.complaints
    return said


def test_a_lever_may_cache_what_nobody_did(tmp_path: Path) -> None:
    cached = lever("inference.api.cached_fraction", to=0.6)
    found = answered(tmp_path, project(inference=[API], levers=cached))["optimized"]["terms"]["inference"]
    assert found == pytest.approx(answered(tmp_path, project(inference=[API | {"cached_fraction": 0.6}]))
                                  ["terms"]["inference"])  # fmt: skip
    # 1.25, 0.125 and 10 USD a million tokens
    assert found == pytest.approx(6 * (1000 * 0.4 * 1.25 + 1000 * 0.6 * 0.125 + 100 * 10))


def test_self_hosting_is_held_against_the_cached_price_that_a_lever_asks_for(tmp_path: Path) -> None:
    own = HOSTED | {"cached_fraction": 0, "against": {"api_offer": "openai-gpt-5"}}
    found = answered(tmp_path, project(inference=[own], levers=lever("inference.own.cached_fraction", to=0.6)))
    request, price = Request(300, 200, 200, 0.6), ApiPrice(1.25, 10, 0.125)
    said = found["serving"][0]
    assert said["api_usd"] == pytest.approx(30e6 * api_usd_per_request(request, price))
    hosting = Hosting(2, 1000, 20_000, 0.5, 2)
    assert said["breakeven"]["requests_per_month"] == breakeven(request, price, hosting).requests_per_month


@pytest.mark.parametrize("item", [
    API | OWN_PRICES,
    HOSTED | {"name": "api", "cached_fraction": 0, "against": {k: v for k, v in OWN_PRICES.items() if v}},
])  # fmt: skip
def test_cached_input_needs_a_price(tmp_path: Path, item: dict[str, Any]) -> None:
    assert answered(tmp_path, project(inference=[item]))
    said = refused(tmp_path, project(inference=[item | {"cached_fraction": 0.5}]))
    assert (said.field, said.message, said.found) == ("inference.0.cached_fraction", "is beyond its limit", "0.5")
    assert str(said.allowed).startswith("0, as there is no price of cached input")
    assert said.place.line is not None
    said = refused(tmp_path, project(inference=[item], levers=lever("inference.api.cached_fraction", to=0.5)))
    assert (said.field, said.found) == ("levers.own.0.changes.0", "0.5 with one")


def test_no_mfu_leaves_more_than_recomputation_allows(tmp_path: Path) -> None:
    one = RUN | {
        "estimate": ESTIMATE | {"recomputation": "full", "mfu_fraction": {"low": 0.3, "likely": 0.4, "high": 0.9}}
    }
    said = refused(tmp_path, project(training={"runs": [one]}))
    assert (said.field, said.found) == ("training.runs.0.estimate.mfu_fraction", "0.9")
    assert said.allowed == "at most 0.750 with full recomputation"
    one["estimate"] |= {"mfu_fraction": 0.4}
    content = project(training={"runs": [one]}, levers=lever("training.runs.run.estimate.mfu_fraction", factor=2))
    assert refused(tmp_path, content).found == "0.8 with one"
    assert answered(tmp_path, content, "training.runs.run.estimate.recomputation=selective")


def test_requests_of_one_volume_are_answered_once(tmp_path: Path) -> None:
    other = API | {"name": "other", "requests": None, "requests_of": "api", "per_months": None, "share_fraction": 0.3}
    said = refused(tmp_path, project(inference=[API | {"share_fraction": 0.8}, other]))
    assert (said.field, said.found) == ("inference.1.share_fraction", "1.1")
    assert said.allowed == "at most 1 for api, other together, who answer the same requests"
    items = [API | {"share_fraction": 0.7}, other]
    content = project(inference=items, levers=lever("inference.api.share_fraction", to=0.75))
    said = refused(tmp_path, content)
    assert (said.field, said.found) == ("levers.own.0.changes.0", "1.05 with one")
    content["levers"]["own"][0]["changes"].append({"path": "inference.other.share_fraction", "to": 0.25})
    assert answered(tmp_path, content)


def test_burden_is_a_share_of_pay(tmp_path: Path) -> None:
    said = refused(tmp_path, project(levers=lever("labor.engineer.burden_fraction", to=25)))
    assert said.allowed == "at most 3: 0.25 is 25 % of pay"
    content = project()
    content["labor"][0]["burden_fraction"] = {"low": 0.2, "likely": 0.3, "high": 25}
    assert refused(tmp_path, content).field == "labor.0.burden_fraction"


def test_a_cost_without_a_source_is_none_that_a_lever_may_bring(tmp_path: Path) -> None:
    content = project(inference=[HOSTED], levers=lever("inference.own.fixed_usd_per_month", to=600))
    assert refused(tmp_path, content).message == "changes a cost that has no source"
    content["inference"] = [HOSTED | {"fixed_source": "on-call"}]
    assert answered(tmp_path, content)["optimized"]["lines"]


@pytest.mark.parametrize("of", ["training", "inference"])
def test_an_offer_has_the_gpu_that_is_named_or_names_it(tmp_path: Path, of: str) -> None:
    own = {key: value for key, value in HOSTED.items() if key != "usd_per_gpu_hour"} | {"source": None}
    offer = {"offer": "aws-g6e-xlarge-us-east-1", "gpu": "h100-sxm-80gb"}
    one = {"name": "run", "gpu_hours": 100, **offer}
    content = project(inference=[own | offer]) if of == "inference" else project(training={"runs": [one]})
    said = refused(tmp_path, content)
    assert said.message == "is h100-sxm-80gb, and offer aws-g6e-xlarge-us-east-1 has l40s-48gb"
    assert said.field.endswith("0.gpu")
    assert said.place.line is not None


def test_gpus_come_whole_whatever_the_rounding_of_a_factor(tmp_path: Path) -> None:
    own = HOSTED | {"minimum_gpus": 100, "requests": 1}
    found = answered(tmp_path, project(inference=[own], levers=lever("inference.own.minimum_gpus", factor=0.07)))
    assert found["serving"][0]["hosted"]["gpus"] == 7
    found = answered(tmp_path, project(inference=[own], levers=lever("inference.own.minimum_gpus", factor=0.071)))
    assert found["serving"][0]["hosted"]["gpus"] == 8


def test_levers_on_draws_are_refused_in_workloads_as_well(tmp_path: Path) -> None:
    """Either end of all ranges is within the limit, as one falls when the other rises."""
    levers = lever("training.runs.run.loss_fraction", factor={"low": 1, "likely": 1, "high": 5})
    levers["own"][0]["changes"].append(
        {"path": "training.runs.run.loss_fraction", "divide_by": {"low": 1, "likely": 1, "high": 5}}
    )
    content = project(levers=levers)
    content["training"]["runs"][0] |= {"loss_fraction": 0.3, "gpu": "h100-sxm-80gb"}
    assert "moves training.runs.run.loss_fraction" in refused(tmp_path, content).message
    result = run("finetune", written(tmp_path, content), "--as-workload")
    assert (result.returncode, result.stdout) == (3, "")
    assert "moves training.runs.run.loss_fraction beyond its limit" in result.stderr


@pytest.mark.parametrize(("path", "by"), [("published.figures.0.usd", {"factor": 0.5}), ("*.*.*.*", {"factor": 0.5})])
def test_what_was_published_is_no_input(tmp_path: Path, path: str, by: dict[str, Any]) -> None:
    figures = {"source": "p", "figures": [{"usd": 5, "because": "b"}]}
    content = {key: part for key, part in project(published=figures, levers=lever(path, **by)).items()
               if key not in ("training", "data")}  # fmt: skip
    assert refused(tmp_path, content).message == "leads to no number of the project"


def test_a_figure_with_levers_needs_levers(tmp_path: Path) -> None:
    figures = {"source": "p", "figures": [{"usd": 5, "because": "b"}, {"of": "optimized", "usd": 5, "because": "b"}]}
    said = refused(tmp_path, project(published=figures))
    assert (said.field, said.allowed) == ("published.figures.1.of", "naive")
    notes = answered(tmp_path, given.with_levers() | {"published": figures})["notes"]
    assert len([one for one in notes if one.startswith("p prints")]) == 2


@pytest.mark.parametrize(("budget", "warned"), [(199, True), (200, False), (None, False)])
def test_levers_that_cost_more_at_once_than_there_is_are_warned_of(
    tmp_path: Path, budget: int | None, warned: bool
) -> None:
    found = answered(tmp_path, given.with_levers(choose=["small-box"], one_off_budget_usd=budget))
    assert [one["text"] for one in found["warnings"] if one["pitfall"] == "over_budget"] == [
        "The levers that are pulled cost 200.00 USD once, more than the one_off_budget_usd of 199.00 USD; choose: best "
        "keeps to it."
    ] * warned


@pytest.mark.parametrize(("part", "change", "says"), [
    ("risk", {"repeats": []}, "needs at least 1 item"), ("risk", {"repeats": ["data", "data"]}, "holds data twice"),
    ("risk", {"usd": 5}, "needs usd or repeats, not both"), ("infra", {"covers": ["ci", "ci"]}, "holds ci twice"),
    ("operations", {"covers": ["audits", "audits"]}, "holds audits twice"),
])  # fmt: skip
def test_a_list_of_words_holds_each_once(tmp_path: Path, part: str, change: dict[str, Any], says: str) -> None:
    content = project()
    content[part][0] |= change
    assert says in refused(tmp_path, content).message


@pytest.mark.parametrize(("ramp", "per_months", "noted"), [(3, None, True), (2, None, False), (3, 1, False)])
def test_who_learns_longer_than_works_is_noted(
    tmp_path: Path, ramp: float, per_months: int | None, noted: bool
) -> None:
    content = project()
    content["labor"][0] |= {"ramp_months": ramp, "per_months": per_months}
    notes = [one for one in answered(tmp_path, content)["notes"] if "learns" in one]
    said = "Role engineer learns for 3 person-months and then works for 2: ramp_months are paid on top of months."
    assert notes == [said] * noted


@pytest.mark.parametrize("months", [1e-300, 0, 5000])
def test_the_period_of_a_levers_cost_is_limited_like_every_other(tmp_path: Path, months: float) -> None:
    content = given.with_levers()
    content["levers"]["own"][2]["costs"][0]["per_months"] = months
    assert refused(tmp_path, content).field == "levers.own.2.costs.0.per_months"


def test_workloads_have_one_form() -> None:
    result = run("finetune", ROOT / "examples" / "rag-or-fine-tune.yaml", "--as-workload", "--format", "json")
    assert (result.returncode, result.stdout) == (2, "")
