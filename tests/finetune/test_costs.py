"""The terms of the total: by hand, by example, and what moves when one input changes."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.errors import InputError
from planner.finetune.inputs import numbers, places
from planner.finetune.lines import by_term, lines_of, total
from planner.finetune.load import load_project
from tests.finetune.given import BY_HAND, PROJECT, ROOT, answered, catalog, example, loaded, project
from tests.test_examples import planned


def test_every_term_is_what_is_calculated_by_hand(tmp_path: Path) -> None:
    found = answered(tmp_path, project())
    rest = sum(BY_HAND.values())
    assert found["terms"] == pytest.approx(BY_HAND | {"contingency": 0.1 * rest})
    assert found["total_usd"] == pytest.approx(1.1 * rest)


def test_lines_are_quantity_times_unit_price_and_sum_to_the_total(tmp_path: Path) -> None:
    found = answered(tmp_path, project())
    assert all(one["usd"] == pytest.approx(one["quantity"] * one["unit_usd"]) for one in found["lines"])
    assert math.fsum(one["usd"] for one in found["lines"]) == pytest.approx(found["total_usd"])
    for term, usd in found["terms"].items():
        assert math.fsum(one["usd"] for one in found["lines"] if one["term"] == term) == pytest.approx(usd)
    assert all(one["source"] for one in found["lines"])
    names = [(one["term"], one["name"]) for one in found["lines"]]
    assert len(set(names)) == len(names)


def test_lost_hours_ramp_and_retrieval_have_lines_of_their_own(tmp_path: Path) -> None:
    usd = {one["name"]: one["usd"] for one in answered(tmp_path, project())["lines"]}
    assert usd["run: lost"] == pytest.approx(600 * 0.25)
    assert usd["engineer: ramp"] == pytest.approx(6000)
    assert usd["api: retrieved input"] == pytest.approx(0.06 * 400 * 0.5 * 2)
    assert usd["api: cached input"] == pytest.approx(0.06 * 1000 * 0.5 * 0.5)


DEPENDS = {
    "training": {"training_compute", "risk", "contingency"},
    "data": {"data", "contingency"},
    "labor": {"labor", "contingency"},
    "infra": {"infra", "contingency"},
    "inference": {"inference", "contingency"},
    "operations": {"operations", "contingency"},
    "depreciation": {"depreciation", "contingency"},
    "risk": {"risk", "contingency"},
    "contingency_fraction": {"contingency"},
}
"""The only terms that an input of each part may move; risk repeats training compute here."""


def test_one_input_moves_only_the_terms_that_depend_on_it(tmp_path: Path) -> None:
    tree = loaded(tmp_path, project()).inputs.tree
    before = by_term(lines_of(tree))
    tried = 0
    for path, value in numbers(tree):
        part = path.partition(".")[0]
        if part not in DEPENDS or path.endswith("per_months"):
            continue
        changed = deepcopy(tree)
        for parent, key in places(changed, path):
            parent[key] = value * 0.8 + 0.01
        after = by_term(lines_of(changed))
        moved = {term for term in before if not math.isclose(before[term], after[term], rel_tol=1e-12)}
        assert moved <= DEPENDS[part], path
        assert moved, f"{path} moves nothing"
        tried += 1
    assert tried > 30


@pytest.mark.parametrize("months", [1, 3, 6, 12, 36])
def test_what_goes_on_grows_with_the_horizon_and_what_is_paid_once_does_not(tmp_path: Path, months: int) -> None:
    found, share = answered(tmp_path, project(), months=months)["terms"], months / 6
    for term in ("infra", "inference", "operations", "depreciation"):
        assert found[term] == pytest.approx(BY_HAND[term] * share), term
    for term in ("training_compute", "labor"):
        assert found[term] == pytest.approx(BY_HAND[term]), term
    assert found["data"] == pytest.approx(3550 + 300 * share)


def test_parts_that_are_left_out_cost_nothing_and_risk_is_no_term_then(tmp_path: Path) -> None:
    found = answered(tmp_path, {key: PROJECT[key] for key in ("name", "as_of", "horizon_months", "infra")})
    assert found["total_usd"] == 600
    assert {term for term, usd in found["terms"].items() if usd} == {"infra"}
    assert "risk" not in found["terms"]


def test_the_worked_example() -> None:
    found = example("fine-tune")
    assert found["total_usd"] == 24782.5
    assert found["terms"] == {
        "training_compute": 2000, "data": 4650, "labor": 13500, "infra": 1200, "inference": 200, "operations": 0,
        "depreciation": 0, "contingency": 3232.5,
    }  # fmt: skip
    assert any("3,100.00" in note and "3,232.50" in note for note in found["notes"])
    assert any("24,650.00" in note and "+132.50" in note for note in found["notes"])


@pytest.mark.parametrize(("months", "total_usd"), [(3, 23891.25), (6, 24782.5), (12, 26565.0)])
def test_the_worked_example_over_other_months(months: int, total_usd: float) -> None:
    # 1.15 × (2,000 + 4,500 + 13,500 + (150 + 1,200 + 200) × months ÷ 6)
    assert example("fine-tune", months=months)["total_usd"] == pytest.approx(total_usd)


@pytest.mark.parametrize(("assignment", "warning"), [
    ("operations=[]", "operations"), ("labor.engineer.ramp_months=0", "ramp"), ("labor=[]", "labor"),
    ("infra.watch.covers=[ci]", "monitoring"), ("contingency_fraction=0", "contingency"), ("inference=[]", "inference"),
    ("risk=[]", "risk"), ("operations.audit.usd=0", "operations"), ("labor.engineer.usd_per_month=0", "labor"),
    ("infra.watch.usd=0", "monitoring"), ("risk=[{name: r, kind: other, probability_fraction: 0, usd: 9, source: s}]",
     "risk"), ("inference=[{name: i, kind: hours, hours: 0, usd_per_hour: 1, source: s}]", "inference"),
])  # fmt: skip
def test_a_pitfall_that_the_input_shows_is_warned_of(tmp_path: Path, assignment: str, warning: str) -> None:
    def pitfalls(*assignments: str) -> set[str]:
        return {one["pitfall"] for one in answered(tmp_path, project(), *assignments)["warnings"]}

    assert pitfalls() == {"heavier_model", "one_time"}
    assert warning in pitfalls(assignment)


def test_every_role_needs_a_ramp_and_those_without_are_named(tmp_path: Path) -> None:
    def ramp(*roles: dict[str, Any], **more: Any) -> list[str]:
        labor = [{"months": 1, "usd_per_month": 10, "source": "s", **role} for role in roles]
        said = answered(tmp_path, project(labor=labor, **more))["warnings"]
        return [one["text"] for one in said if one["pitfall"] == "ramp"]

    one, other = {"name": "one", "ramp_months": 0.5}, {"name": "other"}
    assert ramp(one, other)[0].startswith("No ramp for other: ")
    assert ramp(other, {"name": "third"})[0].startswith("No ramp for other, third: ")
    assert ramp(one, other | {"months": 0}) == []
    assert ramp(one, other | {"ramp_months": {"low": 0, "likely": 0, "high": 1}}) == []
    change = {"path": "labor.other.months", "to": 2}
    hire = {"name": "hire", "changes": [change], "basis": "assumption", "source": "s"}
    levers = {"own": [hire], "choose": "all"}
    assert ramp(one, other | {"months": 0}, levers=levers)[0].startswith("No ramp for other: ")


def test_nobody_learns_who_is_not_there(tmp_path: Path) -> None:
    names = [one["name"] for one in answered(tmp_path, project(), "labor.engineer.months=0")["lines"]]
    assert "engineer" in names
    assert "engineer: ramp" not in names


@pytest.mark.parametrize(("lever", "warned"), [
    ({"path": "inference.box.hours", "factor": 0.5}, False), ({"path": "inference.box.hours", "factor": 1}, True),
    ({"path": "infra.watch.usd", "factor": 0.5}, True),
])  # fmt: skip
def test_only_a_lever_that_moves_inference_is_one_on_it(tmp_path: Path, lever: dict[str, Any], warned: bool) -> None:
    cost = {"name": "work", "term": "inference", "usd": 1, "source": "s"}
    own = [{"name": "one", "changes": [lever], "costs": [cost], "basis": "assumption", "source": "s"}]
    found = answered(tmp_path, project(levers={"own": own}))
    assert ("heavier_model" in {one["pitfall"] for one in found["warnings"]}) is warned


@pytest.mark.parametrize(("share", "noted"), [("0.05", True), ("0.1", False), ("0.2", False), ("0.3", True)])
def test_an_unusual_contingency_is_noted(tmp_path: Path, share: str, noted: bool) -> None:
    notes = answered(tmp_path, project(), f"contingency_fraction={share}")["notes"]
    assert any("is usual" in note for note in notes) == noted


def test_the_checklist_has_its_five_steps(tmp_path: Path) -> None:
    steps = [one["step"] for one in answered(tmp_path, project())["checklist"]]
    assert steps == ["horizon", "inventory", "contingency", "levers", "track"]


def priced(tmp_path: Path, **fields: Any) -> dict[str, Any]:
    run = {"name": "run", "gpu_hours": 10, **fields}
    found = answered(tmp_path, project(training={"runs": [run]}))
    return next(one for one in found["lines"] if one["name"] == "run")


def test_prices_of_the_catalog_are_taken_with_their_source(tmp_path: Path) -> None:
    offer = "aws-g6e-xlarge-us-east-1"
    line = priced(tmp_path, offer=offer)
    assert line["unit_usd"] == 1.86
    assert line["source"].startswith(f"catalog {offer}/on_demand_usd_per_gpu_hour")


def test_spot_is_priced_as_such_and_its_losses_are_asked_for(tmp_path: Path) -> None:
    spot = {"name": "run", "gpu_hours": 10, "offer": "gcp-a2-highgpu-1g-us-central1", "rented": "spot"}
    found = answered(tmp_path, project(training={"runs": [spot]}))
    assert found["lines"][0]["unit_usd"] == 1.92802
    assert any("loses nothing to interruptions" in note for note in found["notes"])
    found = answered(tmp_path, project(training={"runs": [spot | {"loss_fraction": 0.2}]}))
    assert found["terms"]["training_compute"] == pytest.approx(10 * 1.92802 / 0.8)
    assert not any("loses nothing" in note for note in found["notes"])


def test_the_day_of_the_prices_decides_which_are_in_force() -> None:
    day = "2026-07-29"  # a day before the first price of that offer
    path = ROOT / "examples" / "fine-tune.yaml"
    cut = [
        "training.runs.experiments.usd_per_gpu_hour=null",
        "training.runs.experiments.offer=gcp-a2-highgpu-1g-us-central1",
    ]
    assert load_project(path, catalog(), cut)
    with pytest.raises(InputError, match="no price in force on 2026-07-29"):
        load_project(path, catalog(), cut, as_of=date.fromisoformat(day))


def test_a_price_that_the_catalog_is_not_sure_of_is_a_range(tmp_path: Path) -> None:
    row = catalog().in_force("deepseek-v4-flash/output_usd_per_mtok", date(2026, 11, 21))
    assert row is not None
    api = {"name": "api", "kind": "tokens", "requests": 1_000_000, "input_tokens": 0, "output_tokens": 1,
           "api_offer": "deepseek-v4-flash", "source": None}  # fmt: skip
    found = answered(tmp_path, project(inference=[api]))
    assert (row.fact.low, row.fact.high) != (None, None)
    swing = next(one for one in found["swings"] if one["input"] == "inference.api.output_usd_per_mtok")
    assert (swing["low"], swing["high"]) == (float(row.fact.low or 0), float(row.fact.high or 0))
    assert found["terms"]["inference"] == pytest.approx(float(row.fact.value or 0))


def test_a_risk_that_comes_again_is_expected_again(tmp_path: Path) -> None:
    content = project()
    content["risk"][1] |= {"per_months": 3}
    usd = {one["name"]: one["usd"] for one in answered(tmp_path, content)["lines"]}
    assert usd["down"] == pytest.approx(2 * 80)


def test_owned_gpus_cost_what_they_cost_in_the_plan(tmp_path: Path) -> None:
    plan = planned("eight-a100s")
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    owned = next(one for one in plan["unit_costs"] if one["kind"] == "owned")
    costs = plan["tco"]["plan"]["by_component"]
    # one server, bought with all that it needs and sold at the end; 8 GPUs work 0.9 of 32 months of 730 hours
    usd = sum(costs.values()) - costs["staff"] - costs["on_demand"]
    assert owned["usd_per_gpu_hour"] == pytest.approx(usd / (8 * 0.9 * 730 * 32))
    line = priced(tmp_path, owned_plan="plan.json")
    assert line["unit_usd"] == owned["usd_per_gpu_hour"]
    assert line["source"] == (
        "plan plan.json of scenario eight-a100s at prices of 2026-11-21: owned a100-sxm-80gb, 168,192 GPU-hours at "
        "work, before tax, without people"
    )
    assert priced(tmp_path, owned_plan="plan.json", gpu="a100-sxm-80gb")["unit_usd"] == line["unit_usd"]
    run = {"name": "run", "gpu_hours": 10, "owned_plan": "plan.json"}
    spot = {"library": ["spot-checkpointing"], "choose": "all"}
    found = answered(tmp_path, project(training={"runs": [run]}, levers=spot))
    assert (
        "Lever spot-checkpointing leaves training.runs.run alone: its rented is owned, not on_demand." in found["notes"]
    )
    with pytest.raises(InputError, match="takes rented with an offer or a price of its own"):
        answered(tmp_path, project(training={"runs": [run | {"rented": "spot"}]}))


@pytest.mark.parametrize(("change", "says"), [
    ({"gpu": "h100-sxm-80gb"}, "whose owned servers have a100-sxm-80gb, not h100-sxm-80gb alone"),
    ({"server": "server-of-elsewhere"}, r"have unknown GPUs \(server-of-elsewhere\), not a100-sxm-80gb alone"),
    ({"unit_costs": []}, "in which no owned server works"),
    ({"usd_per_gpu_hour": -0.5}, "bring in more than they cost"),
    ({"schema_version": 2}, "is not of the version that this planner writes"),
])  # fmt: skip
def test_a_plan_that_says_no_cost_of_these_gpus_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    plan = deepcopy(planned("eight-a100s"))
    plan |= {key: value for key, value in change.items() if key in plan}
    if "usd_per_gpu_hour" in change:
        plan["unit_costs"][0] |= change
    if "server" in change:
        plan["service"][0]["option"] = f"{change['server']} @ room-virginia"
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(InputError, match=says):
        priced(tmp_path, owned_plan="plan.json", gpu=change.get("gpu", "a100-sxm-80gb"))


def test_totals_do_not_depend_on_how_many_are_priced_at_once(tmp_path: Path) -> None:
    inputs = loaded(tmp_path, project()).inputs
    hours = np.array([50.0, 100.0, 200.0])
    together = total(lines_of(inputs.at({"training.runs.run.gpu_hours": hours})))
    alone = [total(lines_of(inputs.at({"training.runs.run.gpu_hours": float(one)}))) for one in hours]
    assert together == pytest.approx(alone)


@pytest.mark.parametrize(("months", "usd"), [(6, 15_000), (12, 30_000), (24, 30_000)])
def test_hardware_is_never_charged_more_than_it_cost(months: int, usd: float, tmp_path: Path) -> None:
    item = {"name": "server", "purchase_usd": 60_000, "useful_years": 1, "project_usage_fraction": 0.5, "source": "s"}
    found = answered(tmp_path, project(depreciation=[item], horizon_months=months))
    assert found["terms"]["depreciation"] == pytest.approx(usd)
