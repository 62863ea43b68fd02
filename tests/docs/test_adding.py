"""docs/adding.md is followed to the letter: its samples go into a copy of the project, where its commands are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
CHAPTERS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"(?:`([\w/.-]+)`, ([^\n]*):\n\n)?```(\w+)\n(.*?)```", re.DOTALL)
"""A sample with the file and the place that the line above it names, its language and its text."""


def place(project: Path, file: str, where: str, text: str) -> None:
    """Put a sample where the page says."""
    path = project / file
    if where == "new":
        assert not path.exists()
        path.write_text(text, encoding="utf-8")
        return
    old = path.read_text(encoding="utf-8")
    if where == "at the end":
        new = old + text
    elif where.startswith("after "):
        anchor = where.removeprefix("after ").strip("`")
        lines = old.splitlines(keepends=True)
        found = [n for n, line in enumerate(lines) if line.strip().startswith(anchor)]
        assert len(found) == 1, f"{file}: {anchor!r} starts {len(found)} lines"
        new = "".join([*lines[: found[0] + 1], text, *lines[found[0] + 1 :]])
    else:
        before = where.removesuffix(" becomes").strip("`")
        assert old.count(before) == 1, f"{file}: {before!r} stands {old.count(before)} times"
        new = old.replace(before, text.strip())
    path.write_text(new, encoding="utf-8")


def follow(chapter: str, project: Path) -> str:
    """Follow a chapter of the page in a copy of the project; returns what its commands printed."""
    for name in ("planner", "data", "templates", "tests", "docs", "examples", "pyproject.toml"):
        source = ROOT / name
        # what is compiled goes along: it belongs to the same text of the same day
        _ = shutil.copytree(source, project / name) if source.is_dir() else shutil.copy(source, project)
    printed = []
    for file, where, language, text in BLOCK.findall(CHAPTERS[chapter]):
        if language == "sh":
            printed += [run(command, project) for command in text.splitlines()]
        else:
            place(project, file, where, text)
    return "".join(printed)


def run(command: str, project: Path) -> str:
    """Run a command of the page in `project`, with this Python."""
    tools = project / "tools"
    tools.mkdir(exist_ok=True)
    for name, call in {"python": "", "planner": "-m planner", "make": "docs/generate.py #"}.items():
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {call} "$@"\n'.replace('# "$@"', ""))
        (tools / name).chmod(0o755)
    env = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(project)}
    done = subprocess.run(["bash", "-c", command], cwd=project, env=env, capture_output=True, text=True, timeout=600,
                          check=False)  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def planned(project: Path, name: str) -> dict[str, object]:
    return json.loads((project / "out" / name / "plan.json").read_text(encoding="utf-8"))


def test_a_cost_component(tmp_path: Path) -> None:
    assert "passed" in follow("A cost component", tmp_path)
    assert "### `insurance` · insurance.py" in (tmp_path / "docs" / "model.md").read_text(encoding="utf-8")
    paid = planned(tmp_path, "eight-a100s")["tco"]["buy"]["by_component"]
    # 2 % a year of the price, of which support is a fraction too, month by month
    assert paid["insurance"] / paid["support"] == pytest.approx(0.02 / support_fraction(), rel=1e-9)


def support_fraction() -> float:
    import yaml

    servers = yaml.safe_load((ROOT / "data" / "pricing" / "servers.yaml").read_text(encoding="utf-8"))["servers"]
    return next(one for one in servers if one["id"] == "server-8xa100-80gb")["support_fraction_per_year"]["value"]


def test_a_rule(tmp_path: Path) -> None:
    assert "passed" in follow("A rule", tmp_path)
    assert "### `servers_are_within_count` · count.py" in (tmp_path / "docs" / "model.md").read_text(encoding="utf-8")
    plan = planned(tmp_path, "eight-a100s")
    assert plan["verdict"]["choice"] == "rent"
    assert plan["proof"]["violation_by_rule"]["servers_are_within_count"] == 0


def test_a_quote_or_a_discount(tmp_path: Path) -> None:
    printed = follow("A quote or a discount", tmp_path)
    assert "EDP-2026" in printed
    plan = planned(tmp_path, "starter")
    found = {one["agreement"]: one for one in plan["agreements"]}
    assert (found["Q-10492"]["usd"], found["Q-10492"]["last_month"]) == (205000, "2027-03")
    servers = sum(one["servers"] for one in plan["decisions"]["purchases"])
    listed = plan["tco"]["plan"]["by_component"]["servers"] / servers
    assert found["Q-10492"]["cost_usd"] == pytest.approx(servers * (205000 - listed))
    assert found["EDP-2026"]["discount_fraction"] == 0.09


def test_a_month_of_the_own_fleet(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    printed = follow("A month of the own fleet", tmp_path)
    assert printed.count("owned") >= 4 and "electricity" in printed and "h100-sxm-80gb" in printed


def test_an_offer(tmp_path: Path) -> None:
    printed = follow("An offer", tmp_path)
    assert "sound" in printed
    assert "lambda-8xh100-texas/12m-no-upfront/usd_per_gpu_hour" in printed
    assert {one["offer"] for one in planned(tmp_path, "starter")["decisions"]["rentals"]} == {"lambda-8xh100-texas"}


def test_a_provider(tmp_path: Path) -> None:
    assert "sound" in follow("A provider", tmp_path)
    rentals = planned(tmp_path, "starter")["decisions"]["rentals"]
    assert {one["offer"] for one in rentals} == {"rhine-gpu-h100"}
    assert sum(one["usd"] for one in rentals) == pytest.approx(1.8 * 1.15 * sum(one["gpu_hours"] for one in rentals))


def test_a_server(tmp_path: Path) -> None:
    assert "sound" in follow("A server", tmp_path)
    plan = planned(tmp_path, "starter")
    assert plan["tco"]["buy"] is not None
    assert "buy server-4xh100" in {one["option"] for one in plan["prices_that_change_the_answer"]}


def test_a_lever_of_fine_tuning(tmp_path: Path) -> None:
    printed = follow("A lever of fine-tuning", tmp_path)
    assert "2 passed" in printed
    # 1.15 × (30 % of 20 × 200 hours at 2.50 USD, less 1,000 USD)
    assert "sequence-packing (2,300.00 USD)" in printed


def test_a_report_section(tmp_path: Path) -> None:
    follow("A report section", tmp_path)
    text = (tmp_path / "people.md").read_text(encoding="utf-8")
    assert "People by pool" in text
    assert "platform" in text.partition("People by pool")[2]
    assert 'id="people"' in (tmp_path / "out" / "eight-a100s" / "report.html").read_text(encoding="utf-8")


def test_every_chapter_is_followed() -> None:
    told = {
        name.removeprefix("test_").replace("_", " ").replace("fine tuning", "fine-tuning")
        for name in globals()
        if name.startswith(("test_a_", "test_an_"))
    }
    assert told == {chapter.lower() for chapter in CHAPTERS}
