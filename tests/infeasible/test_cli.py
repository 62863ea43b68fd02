"""The command line on a scenario without a plan: exit code 4, the reason, nothing written."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests import command
from tests.infeasible.given import SCENARIOS, given


def run(folder: Path, *arguments: str) -> CompletedProcess[str]:
    return command.run("plan", "infeasible.yaml", "--out", "out", *arguments, cwd=folder)


def test_it_says_what_is_short_and_what_would_help_and_writes_nothing(tmp_path: Path) -> None:
    given(tmp_path, **SCENARIOS["power"].changes)
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert "No plan obeys every rule of the scenario." in done.stderr
    assert "colo-texas needs 30 kW in 2027-01 to 2027-03 and has 20 kW: 10 kW short" in done.stderr
    assert "--set sites.colo-texas.power_limit_kw=30" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", [["--format", "json"], ["--format=json"]])
def test_json_is_the_diagnosis(tmp_path: Path, form: list[str]) -> None:
    given(tmp_path, **SCENARIOS["power"].changes)
    done = run(tmp_path, *form)
    assert done.returncode == 4
    found = json.loads(done.stdout)
    power = next(one for one in found["shortages"] if one["limit"] == "power")
    assert (power["where"], power["needed"], power["has"], power["unit"]) == ("colo-texas", 30, 20, "kW")
    assert found["ways_out"][0]["set"] == ["sites.colo-texas.power_limit_kw=30"]
    assert found["ways_out"][0]["present_usd"] == pytest.approx(150_000)
    assert not (tmp_path / "out").exists()


def test_a_way_out_can_be_pasted_behind_the_command(tmp_path: Path) -> None:
    """Also beside settings that were given already: the ways out hold on top of them."""
    given(tmp_path, **SCENARIOS["quota"].changes)
    before = ["--set", "workloads.chat.demand.average_per_hour=9"]
    stuck = run(tmp_path, *before)
    lines = [line for line in stuck.stderr.splitlines() if line.lstrip().startswith("--set limits")]
    assert [line.strip() for line in lines] == ["--set limits.on_demand_quota_gpus.lambda-h100-sxm=9"]
    assert run(tmp_path, *before, *shlex.split(lines[0]), "--no-report").returncode == 0
    assert (tmp_path / "out" / "plan.json").exists()
