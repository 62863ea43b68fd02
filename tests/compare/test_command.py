"""`planner compare` as a user meets it: forms, errors, exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pandas as pd
import pytest

from planner.plaintext import json_text
from tests import command
from tests.report.documents import document

Plans = Callable[[str], dict[str, Any]]


def run(*arguments: str | Path) -> CompletedProcess[str]:
    return command.run("compare", *arguments)


@pytest.fixture
def files(plans: Plans, tmp_path: Path) -> list[Path]:
    names = ("before", "more", "longer")
    paths = [tmp_path / f"{name}.json" for name in names]
    for path, name in zip(paths, names, strict=True):
        path.write_text(json_text(plans(name)), encoding="utf-8")
    return paths


def test_two_plans_as_a_table_start_with_the_change(files: list[Path]) -> None:
    done = run(*files[:2])
    assert (done.returncode, done.stderr) == (0, "")
    assert "B costs 4,380 USD, 6.2 % less than A over 3 months" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110


@pytest.mark.parametrize("form", ["table", "md", "json"])
def test_every_form_holds_three_plans(files: list[Path], form: str) -> None:
    done = run(*files, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The horizons differ (A 3 months, B 3 months, C 6 months)" in " ".join(done.stdout.split())
    if form == "json":
        assert [plan["horizon_months"] for plan in json.loads(done.stdout)["plans"]] == [3, 3, 6]


def test_csv_is_one_table_with_a_column_for_each_plan(files: list[Path]) -> None:
    found = json.loads(run(*files, "--format", "json").stdout)
    table = pd.read_csv(io.StringIO(run(*files, "--format", "csv").stdout))
    assert [*table.columns] == ["part", "option", "against", "name", "unit", *map(str, files)]
    figures = table[table["part"] == "figure"]
    assert [*figures["name"]] == [one["figure"] for one in found["figures"]]
    for number, file in enumerate(map(str, files)):
        told = [None if pd.isna(value) else value for value in figures[file]]
        assert told == [one["values"][number] for one in found["figures"]]
    assert {*table["part"]} >= {"figure", "cost", "decision"}


def test_a_page_of_its_own(files: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "change.html"
    done = run(*files[:2], "--to", "html", "-o", page)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"Written: {page}\n"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run(*files[:2], "--to", "html", "-o", "-").stdout == page.read_text(encoding="utf-8")


def test_markdown_in_a_file_is_what_is_printed(files: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "change.md"
    assert run(*files[:2], "--to", "md", "-o", text).returncode == 0
    assert text.read_text(encoding="utf-8") == run(*files[:2], "--format", "md").stdout
    assert text.read_text(encoding="utf-8").startswith("## Plans compared")


def test_every_file_that_is_no_plan_is_named_at_once(files: list[Path], tmp_path: Path) -> None:
    old, scenario, text = tmp_path / "old.json", tmp_path / "scenario.yaml", tmp_path / "text.json"
    old.write_text(json.dumps(document(schema_version=0)), encoding="utf-8")
    scenario.write_text("name: x\n", encoding="utf-8")
    text.write_text("no JSON", encoding="utf-8")
    done = run(files[0], old, scenario, text, tmp_path / "nowhere.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "old.json: schema_version: is not of the version" in done.stderr
    assert "start: is missing" in done.stderr
    assert "text.json: is not JSON" in done.stderr
    assert "nowhere.json: cannot be read: no such file" in done.stderr
    assert done.stderr.count("scenario.yaml") == 5
    assert "8 problems found" in done.stderr


@pytest.mark.parametrize("options", [["--to", "html"], ["-o", "x.html"]])
def test_a_page_needs_its_file(files: list[Path], options: list[str]) -> None:
    done = run(*files[:2], *options)
    assert done.returncode == 2
    assert "--to and -o go together" in done.stderr


@pytest.mark.parametrize("count", [1, 9])
def test_too_few_or_too_many_plans(files: list[Path], count: int) -> None:
    done = run(*[files[0]] * count)
    assert done.returncode == 2
    assert f"give 2 to 8 plans, scenarios and cases, not {count}" in done.stderr
