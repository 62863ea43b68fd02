"""Bad projects: every mistake is named with its place, the exit code is 3, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.errors import Complaint, InputError
from planner.finetune.answer import answer
from tests.command import run
from tests.finetune import given
from tests.finetune.given import ROOT, loaded, project, written
from tests.finetune.test_computing import HOSTED

EXAMPLE = ROOT / "examples" / "fine-tune.yaml"


def complaints(tmp_path: Path, content: dict[str, Any], *assignments: str, **more: Any) -> list[Complaint]:
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, content, *assignments, **more)
    return list(caught.value.complaints)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "project.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(("old", "new", "place", "says"), [
    ("hours: 150", "hours: -150", "20:24", "data.labeling.0.hours: should be greater than or equal to 0"),
    ("usd_per_gpu_hour: 2.50, ", "", "16:7", "needs one price: usd_per_gpu_hour, offer or owned_plan"),
    (", usd_per_hour: 30", "", "20:7", "data.labeling.0.usd_per_hour: is missing"),
    ("gpu_hours: 200", "gpu_hours: 200, gpu: h100-sxm-81gb", "16:52", "did you mean 'h100-sxm-80gb'?"),
    ("horizon_months: 6", "horizon_months: 0", "12:1", "should be greater than or equal to 1"),
    ("gpu_hours: 200", "gpu_hours: 200, gpu: tpu", "16:52", "allowed: a10-24gb, a100-pcie-40gb, "),
    ("hours: 150", "hours: 1e60", "20:31", "is too large or too small"),
    ("hours: 150", "hours: 1e13", "20:24", "should be less than or equal to 1000000000000"),
    ("hours: 150", "hours: {low: 1, likely: 2, high: 1e13}", "20:51", "should be less than or equal to 1000000000000"),
    ("runs: 4", "runs: {low: 5, likely: 4, high: 6}", "16:27", "needs low ≤ likely ≤ high"),
    ("runs: 4", "runs: many", "16:27", "must be a number"),
    ("contingency_fraction: 0.15", "contingency_fraction: 15", "34:1", "should be less than or equal to 1"),
    ("contingency_fraction: 0.15", "contingency: 0.15", "34:1", "did you mean 'contingency_fraction'?"),
    ("kind: hours", "kind: days", "32:23", "is not one of the choices"),
    ("covers: [ci, monitoring", "covers: [cI, monitoring", "28:42", "is not one of the choices"),
])  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_nothing_is_written(
    tmp_path: Path, old: str, new: str, place: str, says: str
) -> None:
    path, page = changed(tmp_path, old, new), tmp_path / "page.html"
    result = run("finetune", path, "--to", "html", "-o", page)
    assert result.returncode == 3
    assert result.stdout == ""
    assert f"{path}:{place}" in result.stderr
    assert says in result.stderr
    assert "nothing was written" in result.stderr
    assert not page.exists()


@pytest.mark.parametrize("months", ["0", "-3", "1000"])
def test_months_of_the_command_line_are_checked_like_those_of_the_file(months: str) -> None:
    result = run("finetune", EXAMPLE, "--months", months)
    assert (result.returncode, result.stdout) == (3, "")
    assert "--months: horizon_months: should be" in result.stderr


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    content = project(horizon_months=0, contingency_fraction=2)
    content["data"]["labeling"][0]["hours"] = -1
    content["training"]["runs"][0]["gpu"] = "h100"
    fields = {one.field for one in complaints(tmp_path, content)}
    assert fields == {"horizon_months", "contingency_fraction", "data.labeling.0.hours", "training.runs.0.gpu"}


@pytest.mark.parametrize(("fields", "says"), [
    ({"choose": ["small-box", "tiny-box"]}, "holds levers that exclude each other"),
    ({"choose": "all"}, "holds levers that exclude each other"),
    ({"choose": ["after-half"]}, "holds after-half without half, which it needs"),
    ({"choose": ["halve"]}, "is no lever of this project"),
    ({"library": ["lorra"]}, "is no lever of the library"),
    ({"library": ["lora", "lora"]}, "stands twice"),
    ({"choose": "most"}, "is not one of the choices"),
])  # fmt: skip
def test_levers_that_do_not_go_together_are_refused(tmp_path: Path, fields: dict[str, Any], says: str) -> None:
    found = complaints(tmp_path, given.with_levers(**fields))
    assert any(says in one.message for one in found), found
    assert all(one.place.line is not None and one.field.startswith("levers") for one in found)


def three(**fields: dict[str, list[str]]) -> dict[str, Any]:
    """A project with levers a, b and c, each of which may need and exclude others."""
    own = [{"name": name, "changes": [{"path": "infra.watch.usd", "factor": 0.5}], "basis": "assumption", "source": "s",
            **fields.get(name, {})} for name in "abc"]  # fmt: skip
    return project(levers={"own": own})


@pytest.mark.parametrize(("fields", "at", "says", "found", "allowed"), [
    ({"b": {"needs": ["b"]}}, "own.1.needs.0", "is the lever itself", "b", "a, c"),
    ({"b": {"excludes": ["a", "b"]}}, "own.1.excludes.1", "is the lever itself", "b", "a, c"),
    ({"b": {"needs": ["a"], "excludes": ["a"]}}, "own.1.excludes.0", "is needed and excluded", "a", None),
    ({"b": {"needs": ["a", "a"]}}, "own.1.needs.1", "stands twice", "a", None),
    ({"b": {"needs": ["d"]}}, "own.1.needs.0", "is no lever of this project", "d", "a, c"),
    ({"a": {"needs": ["b"]}, "b": {"needs": ["a"]}}, "own.0.needs", "leads back to the lever itself", "a, b", None),
    ({"a": {"needs": ["b"]}, "b": {"needs": ["c"]}, "c": {"needs": ["b"]}}, "own.1.needs",
     "leads back to the lever itself", "b, c", None),
    ({"a": {"needs": ["b", "c"]}, "b": {"excludes": ["c"]}}, "own.0.needs", "can never be met", "b and c",
     "levers that do not exclude each other, nor this one"),
    ({"a": {"needs": ["b"]}, "b": {"needs": ["c"]}, "c": {"excludes": ["a"]}}, "own.0.needs", "can never be met",
     "a and c", "levers that do not exclude each other, nor this one"),
])  # fmt: skip
def test_needs_that_can_never_be_met_are_refused(
    tmp_path: Path, fields: dict[str, Any], at: str, says: str, found: str, allowed: str | None
) -> None:
    (said,) = complaints(tmp_path, three(**fields))
    assert (said.field, said.message, said.found, said.allowed) == (f"levers.{at}", says, found, allowed)
    assert None not in (said.place.line, said.place.column)


def test_a_lever_is_chosen_once(tmp_path: Path) -> None:
    content = three()
    content["levers"]["choose"] = ["a", "b", "a"]
    (said,) = complaints(tmp_path, content)
    assert (said.field, said.message, said.found) == ("levers.choose.2", "stands twice", "a")


def limited(*shares: Any, **fields: dict[str, Any]) -> dict[str, Any]:
    """A project whose levers l0, l1 … raise a share of 0.5 by these factors."""
    own = [{"name": f"l{n}", "changes": [{"path": "infra.watch.usd", "factor": 0.9},
                                        {"path": "depreciation.server.project_usage_fraction", "factor": share}],
            "basis": "assumption", "source": "s", **fields.get(f"l{n}", {})}
           for n, share in enumerate(shares)]  # fmt: skip
    return project(levers={"own": own})


def test_levers_beyond_a_limit_are_named_with_their_place(tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, limited(0.5, 1.5, 1.5))
    assert said.message == "moves depreciation.server.project_usage_fraction beyond its limit"
    assert (said.field, said.found, said.allowed) == ("levers.own.2.changes.1", "1.125 with l1 and l2", "at most 1")
    assert said.place.line == [n for n, line in enumerate((tmp_path / "project.yaml").read_text().splitlines(), 1)
                               if line.strip() == "- path: depreciation.server.project_usage_fraction"][2]  # fmt: skip


def test_levers_that_are_never_pulled_together_pass_no_limit_together(tmp_path: Path) -> None:
    assert loaded(tmp_path, limited(1.5, 1.5, l0={"excludes": ["l1"]}))


def test_a_limit_that_only_draws_pass_is_named_as_well(tmp_path: Path) -> None:
    """Either end of all ranges is within the limit, as one falls when the other rises."""
    content = limited({"low": 1, "likely": 1, "high": 1.9})
    content["levers"]["own"][0]["changes"].append(
        {"path": "depreciation.server.project_usage_fraction", "divide_by": {"low": 0.6, "likely": 1, "high": 1.9}}
    )
    content["levers"]["choose"] = "all"
    with pytest.raises(InputError) as caught:
        answer(loaded(tmp_path, content))
    (said,) = caught.value.complaints
    assert said.field == "levers.own.0.changes.2"
    assert str(said.found).endswith(" with l0")


@pytest.mark.parametrize(("change", "says"), [
    ({"path": "training.runs.other.gpu_hours", "factor": 0.5}, "leads to no number of the project"),
    ({"path": "levers.half.changes", "factor": 0.5}, "leads to no number of the project"),
    ({"path": "name", "factor": 0.5}, "leads to no number of the project"),
    ({"path": "training.runs.run.gpu_hours", "factor": 0.5, "to": 2}, "needs one of factor, divide_by and to"),
    ({"path": "training.runs.run.gpu_hours"}, "needs one of factor, divide_by and to"),
    ({"path": "training.runs.run.gpu_hours", "divide_by": 0}, "should be greater than 0"),
    ({"path": "training.runs.run.loss_fraction", "to": 1}, "moves training.runs.run.loss_fraction beyond its limit"),
    ({"path": "depreciation.server.useful_years", "to": 0}, "moves depreciation.server.useful_years beyond its limit"),
    ({"path": "inference.own.output_tokens", "factor": 0}, "moves inference.own.output_tokens beyond its limit"),
    ({"path": "depreciation.server.project_usage_fraction", "factor": {"low": 1, "likely": 1, "high": 11}},
     "beyond its limit"),
    ({"path": "contingency_fraction", "to": 0}, "is no input that a lever may change"),
    ({"path": "horizon_months", "to": 3}, "is no input that a lever may change"),
    ({"path": "infra.*.per_months", "factor": 2}, "is no input that a lever may change"),
    ({"path": "training.runs.*.gpu_hours", "where": {"methd": "full"}, "factor": 0.5}, "is no word of what holds the"),
    ({"path": "training.runs.*.gpu_hours", "where": {"runs": "3"}, "factor": 0.5}, "is no word of what holds the"),
])  # fmt: skip
def test_changes_that_lead_nowhere_or_too_far_are_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    lever = {"name": "one", "changes": [change], "basis": "assumption", "source": "s"}
    content = project(levers={"own": [lever]})
    content["inference"].append(HOSTED)
    found = complaints(tmp_path, content)
    assert [one for one in found if says in one.message], found


def test_more_levers_than_can_be_priced_in_every_set_are_refused(tmp_path: Path) -> None:
    own = [{"name": f"l{n}", "changes": [{"path": "infra.watch.usd", "factor": 0.9}], "basis": "assumption",
            "source": "s"} for n in range(16)]  # fmt: skip
    assert complaints(tmp_path, project(levers={"own": own}))[0].allowed == "15"
    assert loaded(tmp_path, project(levers={"own": own[:15]}))


@pytest.mark.parametrize(("offer", "rented", "says"), [
    ("aws-p4d-24xlarge-us-east-1", "spot", "unknown: no AWS spot price"),
    ("aws-p4d-24xlarge-us-east-9", "spot", "names none of the catalog's offers"),
])  # fmt: skip
def test_a_price_that_nobody_knows_is_refused(tmp_path: Path, offer: str, rented: str, says: str) -> None:
    run_ = {"name": "run", "gpu_hours": 10, "offer": offer, "rented": rented}
    found = complaints(tmp_path, project(training={"runs": [run_]}))
    assert [one for one in found if says in one.message], found


@pytest.mark.parametrize("name", ["../plan.json", "/etc/passwd", "missing.json"])
def test_a_plan_is_read_from_the_folder_of_the_project_only(tmp_path: Path, name: str) -> None:
    run_ = {"name": "run", "gpu_hours": 10, "owned_plan": name}
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    found = complaints(inner, project(training={"runs": [run_]}))
    assert any(word in found[0].message for word in ("inside", "cannot be read"))


def test_requests_of_another_item_must_be_there(tmp_path: Path) -> None:
    content = project()
    content["inference"][2] |= {"requests_of": "box", "requests": None, "per_months": None}
    assert complaints(tmp_path, content)[0].message == "tells no requests of its own"


def test_as_workload_needs_gpus(tmp_path: Path) -> None:
    result = run("finetune", written(tmp_path, project()), "--as-workload")
    assert result.returncode == 3
    assert "training.runs.0: needs gpu" in result.stderr
    result = run("finetune", written(tmp_path, project(training=None)), "--as-workload")
    assert "has no work for GPUs" in result.stderr


def test_to_and_the_file_go_together() -> None:
    assert run("finetune", EXAMPLE, "--to", "html").returncode == 2
    assert run("finetune", EXAMPLE, "-o", "x.html").returncode == 2
