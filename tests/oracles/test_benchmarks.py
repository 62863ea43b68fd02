"""What the benchmarks measure: the same question in other hands costs the same, and only then does a time count."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ours, pulp_by_hand
from benchmarks.hourly_load import load
from benchmarks.question import Question, every_hour, question
from benchmarks.run import _compared, _measure_here
from benchmarks.tables import growth_table, section_table, write_page
from tests.small import solved

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = {
    "plan": question(months=30, hours=4),
    "wider": question(months=13, servers=3, offers=5, workloads=3, hours=4),
    "once": question(months=12, hours=8, once=True),
    "calendar": every_hour(months=3, workloads=2, every=12),
}
asked_of_all = pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS)


@asked_of_all
def test_pulp_by_hand_finds_the_same_cost(asked: Question) -> None:
    assert pulp_by_hand.measure(asked)["objective"] == pytest.approx(ours.measure(asked)["objective"], rel=1e-9)


@asked_of_all
def test_linopy_finds_the_same_cost(asked: Question) -> None:
    pytest.importorskip("linopy")
    from benchmarks import linopy_arrays

    assert linopy_arrays.measure(asked)["objective"] == pytest.approx(ours.measure(asked)["objective"], rel=1e-6)


def test_pypsa_finds_the_same_cost() -> None:
    pytest.importorskip("pypsa")
    from benchmarks import pypsa_network

    asked = QUESTIONS["once"]
    assert pypsa_network.measure(asked)["objective"] == pytest.approx(ours.measure(asked)["objective"], rel=1e-6)


@asked_of_all
def test_no_option_of_a_question_is_left_out(asked: Question) -> None:
    case = ours.case_of(asked)
    ours.solved(case)
    assert case.left_out == []


def test_a_question_leaves_something_to_decide() -> None:
    plan = solved(ours.case_of(question(months=30, hours=6)))
    costs = plan.ledger.groupby("component")["cost_usd"].sum()
    kinds = {"servers", "electricity", "support", "resale", "decommissioning", "commitments", "on_demand", "spot"}
    assert kinds <= set(costs[costs != 0].index)
    assert plan.built.model.program.rules.keys() >= {"power_is_within_site_limit", "spot_share_is_limited"}


def test_no_two_hours_of_the_calendar_are_alike() -> None:
    asked = every_hour(months=36)
    assert asked.demand.shape == (1, 26_304)
    assert len(np.unique(asked.demand)) == 26_304
    assert asked.month_hours[:3].tolist() == [744, 672, 744]
    assert load("2027-01", 12, 0).mean() == pytest.approx(load("2027-01", 24, 0).mean(), rel=0.01)
    assert not np.allclose(load("2027-01", 1, 0), load("2027-01", 1, 1))


def test_times_of_another_answer_do_not_count() -> None:
    stages = {"build": 1.0, "solve": 1.0, "cpu": 2.0, "wall": 2.0, "peak_mb": 50.0}
    found = {"ours": {"objective": 100.0, **stages}, "near": {"objective": 100.00001, **stages},
             "far": {"objective": 100.001, **stages}, "none": {"missing": "x is not installed"}}  # fmt: skip
    rows = {row["model"]: row for row in _compared("small", found, 1e-6)}
    assert rows["near"]["ratio"] == 1
    assert [name for name, row in rows.items() if "wrong" in row] == ["far"]
    far, none = section_table("t", list(rows.values())).splitlines()[-2:]
    assert "differs by 1.0e-05" in far and "2.00" not in far
    assert "x is not installed" in none


def test_a_peer_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "linopy", None)
    monkeypatch.delitem(sys.modules, "benchmarks.linopy_arrays", raising=False)
    found = _measure_here("linopy_arrays.measure", {"ask": "question", "months": 2})
    assert found == {"missing": "linopy is not installed"}


def test_the_power_of_growth_is_that_of_the_sizes() -> None:
    rows = [{"what": "months", "size": n, "nonzeros": 7 * n, "build": n**2 / 1e3, "solve": 0.1, "peak_mb": 50.0}
            for n in (1, 2, 4)]  # fmt: skip
    first = growth_table(rows, {"months": 2}).splitlines()[4]
    assert [cell.strip() for cell in first.split("|")][7:10] == ["1.0", "2.0", "0.0"]


def test_only_the_marked_part_of_a_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\nkept\n<!-- /y -->\n", encoding="utf-8")
    write_page(page, {"x": r"new \1"})
    assert page.read_text(encoding="utf-8") == (
        "a\n<!-- x -->\nnew \\1\n<!-- /x -->\nb\n<!-- y -->\nkept\n<!-- /y -->\n"
    )


def test_a_run_prints_its_table_and_adds_a_line_to_the_history(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    command = [sys.executable, "-m", "benchmarks.run", "--only", "plan", "--size", "small", "--repeat", "1",
               "--date", "2026-11-22", "--history", str(history)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    run = json.loads(history.read_text(encoding="utf-8"))
    assert run["date"] == "2026-11-22" and run["machine"]["cores"] > 0 and "highspy" in run["versions"]
    rows = {row["model"]: row for row in run["tables"]["plan"]}
    assert rows["ours"]["ratio"] == 1 and rows["pulp_by_hand"]["difference"] < 1e-9
    assert all(row["cpu"] > 0 for row in rows.values() if "missing" not in row)
    assert "PuLP by hand" in done.stdout
