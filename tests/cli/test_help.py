"""Help and completion: every command and option is explained, with examples that work, and nothing heavy is loaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from planner.cli.main import EXIT_CODES
from tests.cli.test_cli import ROOT
from tests.command import run
from tests.test_examples import planned

COMMANDS = (
    "init",
    "plan",
    "replan",
    "report",
    "memo",
    "explain",
    "compare",
    "alternatives",
    "breakeven",
    "sweep",
    "sensitivity",
    "switch",
    "track",
    "finetune",
    "risk",
    "schema",
    "catalog show",
    "catalog check",
    "catalog import",
    "catalog diff",
    "catalog refresh",
    "actuals focus",
    "actuals demand",
    "actuals import",
    "actuals show",
)
HEAVY = {"pandas", "numpy", "pulp", "highspy", "jinja2", "yaml", "rich.table", "planner.records", "duckdb"}


def test_help_says_where_to_start_and_what_exit_codes_mean() -> None:
    text = run("--help").stdout
    assert "planner plan scenario.yaml" in text
    for code, meaning in EXIT_CODES.items():
        assert f"    {code:<4}{meaning}\n" in text
    assert set(EXIT_CODES) == {0, 1, 2, 3, 4, 5, 6, 70, 130}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_explains_each_of_its_options_and_gives_examples(command: str) -> None:
    text = run(*command.split(), "--help").stdout
    assert f"planner {command}" in text.partition("Examples:")[2]
    options = re.search(r"Options:\n(.*?)(\n\n|\Z)", text, re.DOTALL)
    assert options is not None
    entries = re.split(r"\n(?=  -)", options[1])
    assert all(len(re.sub(r"\s+", " ", entry).split(" ", 3)[-1]) > 8 for entry in entries), entries


def test_every_command_is_tested_here() -> None:
    from planner.cli.main import app

    groups = {group.name: group.typer_instance for group in app.registered_groups}
    names = [one.name for one in app.registered_commands]
    names += [f"{name} {one.name}" for name, group in groups.items() for one in group.registered_commands]
    assert sorted(map(str, names)) == sorted(COMMANDS)


def test_help_loads_nothing_heavy() -> None:
    """One process shows the help of all commands; the first that loads something is named."""
    code = f"""
import sys
from planner.cli.main import main

for command in {["", *COMMANDS]}:
    sys.argv = ["planner", *command.split(), "--help"]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, command
    loaded = {HEAVY} & set(sys.modules)
    assert not loaded, f"planner {{command}} --help loads {{loaded}}"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: planner") == len(COMMANDS) + 1


def completed(words: str, cwd: Path = ROOT) -> list[str]:
    """Return what a shell offers after `words`, of which the last is incomplete."""
    env = {"_PLANNER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    return run(env=env, cwd=cwd).stdout.split()


def test_completion_can_be_installed() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "planner", "--show-completion", "bash"], capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}, check=True,  # no shell above it in CI
    )  # fmt: skip
    assert "_PLANNER_COMPLETE=complete_bash" in result.stdout
    assert "planner" in result.stdout.splitlines()[-1] or "complete" in result.stdout


def test_commands_options_and_choices_are_completed() -> None:
    assert completed("planner pl") == ["plan"]
    assert completed("planner plan x --ti") == ["--time-limit"]
    assert completed("planner plan x --format ") == ["table", "json", "csv", "md"]
    assert completed("planner schema s") == ["scenario", "series"]


def test_scenarios_are_completed_and_folders_left_to_the_shell(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("one.yaml", "other.txt", ".hidden.yaml", "inner/two.yaml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert completed("planner plan ", tmp_path) == ["inner/", "one.yaml"]
    assert completed("planner plan inner/", tmp_path) == ["inner/two.yaml"]
    assert completed("planner plan inn", tmp_path) == []
    assert completed("planner plan nowhere/", tmp_path) == []


def test_names_of_the_plan_are_completed(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(planned("eight-a100s")), encoding="utf-8")
    assert completed("planner explain plan.json obj", tmp_path) == ["objective"]
    assert completed("planner explain plan.json on_", tmp_path) == ["on_demand"]
    assert "server-8xa100-80gb" in completed("planner explain plan.json server-", tmp_path)
    rows = completed("planner explain plan.json server-8xa100-80gb/lead", tmp_path)
    assert rows == ["server-8xa100-80gb/lead_time_months"]
    assert completed("planner explain nowhere.json ob", tmp_path) == []


def test_ids_of_the_catalog_are_completed() -> None:
    assert completed("planner catalog show server-8xh1") == ["server-8xh100"]
    assert completed("planner catalog show server-8xh100/pur") == ["server-8xh100/purchase_usd_per_server"]
