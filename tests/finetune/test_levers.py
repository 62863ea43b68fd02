"""Levers: they work one after another, the waterfall sums, and the best set is the best of all that may be pulled."""

from __future__ import annotations

import math
from itertools import chain, combinations, permutations
from pathlib import Path
from typing import Any

import pytest

from planner.finetune.levers import best_set, with_levers
from planner.finetune.lines import TERMS, total
from planner.report.finetune import sections
from planner.report.markdown import markdown_of
from tests.finetune import given
from tests.finetune.given import LEVERS, answered, example, loaded, project

NAMES = [lever["name"] for lever in LEVERS]


def priced(tmp_path: Path, *names: str) -> float:
    return float(total(with_levers(loaded(tmp_path, given.with_levers()).inputs.tree, names)))


def test_the_printed_table_of_the_worked_example() -> None:
    found = example("fine-tune-levers")
    rows = {one["name"]: (one["naive_usd"], one["optimized_usd"]) for one in found["rows"]}
    printed = {
        "experiments": (2000, 600), "labeling": (4500, 2000), "storage": (150, 150), "engineers": (13500, 9000),
        "ci-monitoring-drift": (1200, 900), "inference": (200, 150), "contingency": (3232.5, 1920),
    }  # fmt: skip
    assert rows.keys() == printed.keys()
    assert all(rows[name] == pytest.approx(pair) for name, pair in printed.items())
    assert (found["naive"]["total_usd"], found["optimized"]["total_usd"]) == pytest.approx((24782.5, 14720))
    notes = " ".join(found["notes"])
    assert all(figure in notes for figure in ("24,650.00", "14,450.00", "3,100.00", "1,800.00"))
    assert found["total_usd"] == found["naive"]["total_usd"]


@pytest.mark.parametrize("choose", ["best", "[half, cheap, labels]", "[tiny-box]", "none"])
def test_the_waterfall_leads_from_the_one_total_to_the_other(tmp_path: Path, choose: str) -> None:
    found = answered(tmp_path, given.with_levers(), f"levers.choose={choose}")
    level = found["naive"]["total_usd"]
    for step in found["waterfall"]:
        assert step["before_usd"] == level
        assert math.fsum(step["by_term"].values()) == pytest.approx(step["usd"])
        level = step["after_usd"]
    assert level == found["optimized"]["total_usd"]
    assert [step["lever"] for step in found["waterfall"]] == found["optimized"]["levers"]
    assert math.fsum(one["optimized_usd"] for one in found["rows"]) == pytest.approx(level)
    assert math.fsum(one["usd"] for one in found["optimized"]["lines"]) == pytest.approx(level)
    order = [TERMS.index(one["term"]) for one in found["optimized"]["lines"]]
    assert order == sorted(order)


def test_savings_do_not_simply_add(tmp_path: Path) -> None:
    # 1.1 × 1.5 (training and half of it again) × 300 h × 2 USD ÷ (1 − loss); contingency and one-off cost on top
    assert priced(tmp_path) - priced(tmp_path, "half") == pytest.approx(1.1 * 1.5 * (750 - 375))
    cheap = priced(tmp_path) - priced(tmp_path, "cheap")
    assert cheap == pytest.approx(1.1 * (1.5 * (750 - 500) - 50))
    both = priced(tmp_path) - priced(tmp_path, "half", "cheap")
    assert both == pytest.approx(1.1 * (1.5 * (750 - 250) - 50))
    assert both < 1.1 * 1.5 * (750 - 375) + cheap


def test_what_a_lever_costs_by_the_month_is_paid_every_month_and_once_more_where_a_risk_repeats_its_term(
    tmp_path: Path,
) -> None:
    content = given.with_levers(choose=["labels"])
    content["risk"][0]["repeats"] = ["data"]
    found = answered(tmp_path, content)
    lines = {one["name"]: one for one in found["optimized"]["lines"]}
    tool = lines["lever labels: tool"]
    assert (tool["term"], tool["quantity"], tool["usd"]) == ("data", 6, 60)
    data = given.BY_HAND["data"] - 10 * 40 / 2 + 6 * 10
    assert found["optimized"]["terms"]["data"] == pytest.approx(data)
    assert lines["again"]["unit_usd"] == pytest.approx(data)


def allowed(names: tuple[str, ...], budget: float) -> bool:
    for lever in LEVERS:
        if lever["name"] in names and (
            any(one not in names for one in lever.get("needs", ()))
            or any(one in names for one in lever.get("excludes", ()))
        ):
            return False
    once = sum(cost["usd"] for lever in LEVERS if lever["name"] in names for cost in lever.get("costs", ())
               if "per_months" not in cost)  # fmt: skip
    return once <= budget


@pytest.mark.parametrize("budget", [math.inf, 300, 250, 50, 0])
def test_the_best_set_is_the_best_of_all_that_may_be_pulled(tmp_path: Path, budget: float) -> None:
    tree = loaded(tmp_path, given.with_levers()).inputs.tree
    every = chain.from_iterable(combinations(NAMES, size) for size in range(len(NAMES) + 1))
    best = min((names for names in every if allowed(names, budget)),
               key=lambda names: (round(float(total(with_levers(tree, names))), 6), len(names)))  # fmt: skip
    found = best_set(tree, None if math.isinf(budget) else budget)
    assert found == best
    assert "useless" not in found
    assert allowed(found, budget)


def best_of(tmp_path: Path, *levers: dict[str, Any]) -> tuple[str, ...]:
    own = [{"basis": "assumption", "source": "s", **lever} for lever in levers]
    return best_set(loaded(tmp_path, project(levers={"own": own})).inputs.tree, None)


def test_a_lever_is_not_pulled_when_what_it_needs_costs_more_than_it_saves(tmp_path: Path) -> None:
    watch = {"path": "infra.watch.usd", "factor": 0.5}  # 300 USD over the horizon
    gain = {"name": "gain", "changes": [watch], "needs": ["tool"]}
    for usd, best in ((299, ("gain", "tool")), (301, ())):
        tool = {"name": "tool", "changes": [watch | {"factor": 1}], "costs": [{"name": "t", "usd": usd, "source": "s"}]}
        assert best_of(tmp_path, gain, tool) == best


def test_of_sets_that_cost_the_same_the_one_with_the_fewest_levers_is_taken(tmp_path: Path) -> None:
    nothing = {"name": "nothing", "changes": [{"path": "infra.watch.usd", "factor": 1}]}
    same = {"name": "same", "changes": [{"path": "infra.watch.usd", "to": 50}]}
    first = {"name": "first", "changes": [{"path": "infra.watch.usd", "to": 50}]}
    assert best_of(tmp_path, nothing, first, same) == ("first",)


def test_exclusions_hold_from_either_side(tmp_path: Path) -> None:
    found = set(best_set(loaded(tmp_path, given.with_levers()).inputs.tree, None))
    assert len(found & {"small-box", "tiny-box"}) == 1


def with_needs(*names: str) -> list[str]:
    """Levers with what they need: of LEVERS only after-half needs one, half."""
    return [*names, *(["half"] if "after-half" in names and "half" not in names else [])]


def test_shares_sum_to_what_all_save_and_average_over_the_orders_that_can_be(tmp_path: Path) -> None:
    chosen = ["half", "cheap", "after-half", "labels"]
    found = answered(tmp_path, given.with_levers(choose=chosen))
    shares = {one["lever"]: one["share_usd"] for one in found["levers"] if one["chosen"]}
    assert math.fsum(shares.values()) == pytest.approx(found["optimized"]["saved_usd"])
    orders = [order for order in permutations(chosen) if order.index("half") < order.index("after-half")]
    for name in chosen:
        gains = []
        for order in orders:
            before = order[: order.index(name)]
            gains.append(priced(tmp_path, *before) - priced(tmp_path, *before, name))
        assert shares[name] == pytest.approx(sum(gains) / len(gains)), name


@pytest.mark.parametrize("choose", ["best", ["labels"], ["half", "after-half", "small-box"], "none"])
def test_levers_are_ranked_with_what_each_saves_alone_in_last_place_and_beside_the_others(
    tmp_path: Path, choose: str | list[str]
) -> None:
    found = answered(tmp_path, given.with_levers(choose=choose))
    chosen = found["optimized"]["levers"]
    for one in found["levers"]:
        name = one["lever"]
        assert one["alone_usd"] == pytest.approx(priced(tmp_path) - priced(tmp_path, *with_needs(name)))
        assert (one["share_usd"] is None) == (one["last_usd"] is None) == (name not in chosen)
        if one["chosen"]:
            others = [other for other in chosen if name not in with_needs(other)]
            assert one["last_usd"] == pytest.approx(priced(tmp_path, *others) - priced(tmp_path, *chosen), abs=1e-6)
        if one["chosen"] or {name, *chosen} >= {"small-box", "tiny-box"}:
            assert one["more_usd"] is None
        else:
            gain = priced(tmp_path, *chosen) - priced(tmp_path, *chosen, *with_needs(name))
            assert one["more_usd"] == pytest.approx(gain, abs=1e-6)
    shares = [one["share_usd"] for one in found["levers"] if one["chosen"]]
    assert shares == sorted(shares, reverse=True)
    assert [one["chosen"] for one in found["levers"]] == sorted(
        (one["chosen"] for one in found["levers"]), reverse=True
    )


def test_the_checklist_names_only_levers_that_save_and_a_warning_those_that_do_not(tmp_path: Path) -> None:
    found = answered(tmp_path, given.with_levers(choose=["half", "useless"]))
    said = {one["step"]: one["says"] for one in found["checklist"]}["levers"]
    assert said.startswith("Top three: half (")
    assert "useless" not in said
    losing = [one["text"] for one in found["warnings"] if one["pitfall"] == "losing_lever"]
    assert losing == ["Lever useless costs more than it saves: without it the total is 1.10 USD less."]


def test_a_lever_that_others_need_does_not_lose_what_they_save(tmp_path: Path) -> None:
    watch = {"path": "infra.watch.usd", "factor": 0.5}
    tool = {"name": "tool", "changes": [watch | {"factor": 1}], "costs": [{"name": "t", "usd": 299, "source": "s"}]}
    levers = [{"name": "gain", "changes": [watch], "needs": ["tool"]}, tool]
    own = [{"basis": "assumption", "source": "s", **lever} for lever in levers]
    found = answered(tmp_path, project(levers={"own": own, "choose": "all"}))
    ranked = {one["lever"]: one for one in found["levers"]}
    assert ranked["gain"]["alone_usd"] == pytest.approx(1.1)
    assert ranked["tool"]["last_usd"] == pytest.approx(1.1)
    assert not [one for one in found["warnings"] if one["pitfall"] == "losing_lever"]


def test_what_is_advised_is_the_project_with_its_levers(tmp_path: Path) -> None:
    content = given.with_levers(choose=["labels", "small-box"])
    content["labor"][0]["usd_per_month"] = {"low": 8000, "likely": 10000, "high": 15000}
    content["levers"]["own"][2]["changes"][0]["divide_by"] = {"low": 1, "likely": 2, "high": 4}
    content["levers"]["own"][0]["changes"][0]["factor"] = {"low": 0.1, "likely": 0.5, "high": 1}  # not pulled
    found = answered(tmp_path, content)
    said = {one["step"]: one["says"] for one in found["checklist"]}
    after = found["optimized"]
    assert f"{after['terms']['contingency']:,.2f} USD with the levers" in said["contingency"]
    assert said["inventory"].startswith(f"{len(after['lines']) - 1} lines")
    assert len(after["lines"]) > len(found["lines"])
    swings = {one["input"]: one for one in found["swings_optimized"]}
    assert swings.keys() == {"labor.engineer.usd_per_month", "levers.labels.changes.0.divide_by"}
    end = answered(tmp_path, content, "levers.own.labels.changes.0.divide_by=4", "labor.engineer.usd_per_month=10000")
    moved = swings["levers.labels.changes.0.divide_by"]
    assert moved["usd_at_high"] == pytest.approx(end["optimized"]["total_usd"])
    assert moved["means"] == "labels, data.labeling.*.hours"
    assert "levers.labels.changes.0.divide_by (labels, data.labeling.*.hours)" in said["track"]
    assert [one["input"] for one in found["swings"]] == ["labor.engineer.usd_per_month"]
    text = markdown_of(sections(found))
    assert f"{moved['usd_at_high']:,.2f}" in text
    assert f"{found['swings'][0]['usd_at_high']:,.2f}" not in text


def test_what_is_tracked_is_largest_with_the_levers(tmp_path: Path) -> None:
    cut = {"name": "cut", "changes": [{"path": "labor.engineer.months", "to": 0},
                                      {"path": "labor.engineer.ramp_months", "to": 0}]}  # fmt: skip
    own = [{"basis": "assumption", "source": "s", **cut}]
    found = answered(tmp_path, project(levers={"own": own}))
    track = {one["step"]: one["says"] for one in found["checklist"]}["track"]
    assert "engineer" not in track
    assert "server (3,000 USD, by month of use)" in track


@pytest.mark.parametrize("choose", ["all", "none"])
def test_estimated_runs_are_said_as_they_stand_and_with_levers(tmp_path: Path, choose: str) -> None:
    run = {"name": "run", "runs": 3, "gpu": "a100-sxm-80gb", "usd_per_gpu_hour": 4, "source": "s",
           "estimate": {"parameters_b": 7, "tokens_m": 100, "method": "full", "gpus": 8, "mfu_fraction": 0.4,
                        "mfu_basis": "assumed", "mfu_source": "s"}}  # fmt: skip
    names = ["lora", "spot-checkpointing", "ci-gates"]
    found = answered(tmp_path, project(training={"runs": [run]}, levers={"library": names, "choose": choose}))
    said = found["training"][0]
    lines = found["optimized"]["lines"]
    paid = next(one for one in lines if one["name"] == "run")
    assert said["optimized"]["runs"] * said["optimized"]["gpu_hours"] == pytest.approx(paid["quantity"])
    assert said["optimized"]["usd_per_gpu_hour"] == paid["unit_usd"]
    assert said["optimized"]["wall_hours"] == pytest.approx(said["optimized"]["gpu_hours"] / 8)
    text = markdown_of(sections(found))
    arrows = ("3 → 2.1", "4 → 2.08", f"{said['gpu_hours']:.4g} → {said['gpu_hours'] * 0.75:.4g}")
    assert all((one in text) is (choose == "all") for one in arrows), text
    assert ("with the levers pulled" in text) is (choose == "all")
