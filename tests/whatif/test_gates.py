"""Gates: what they say, what they do without a figure, and that results are written all the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.whatif.basis import EXACT
from planner.whatif.gates import MEASURES, failures, of_point, of_switch, parse
from planner.whatif.points import Points
from tests.cli.test_cli import EIGHT
from tests.command import run
from tests.whatif.tiny import eight


@pytest.mark.parametrize(
    ("text", "value", "fails"),
    [
        ("npv<0", -1.0, True),
        ("npv<0", 0.0, False),
        ("npv <= 0", 0.0, True),
        ("breakeven>24", 24.1, True),
        ("breakeven>=24", 24.0, True),
        ("breakeven>24", 24.0, False),
        ("flip<10%", 0.099, True),
        ("flip<10%", 0.1, False),
        ("gap>1e-3", 2e-3, True),
        ("total>.5", 0.6, True),
        ("buy_npv<-5", -6.0, True),
    ],
)
def test_a_gate_fails_where_it_holds(text: str, value: float, fails: bool) -> None:
    gate = parse(text)
    assert bool(failures([gate], {gate.name: value})) == fails


@pytest.mark.parametrize(
    ("text", "fails", "said"),
    [
        ("npv<0", True, "there is no baseline"),  # nobody can say that it is not
        ("buying_saves<0", True, "there is no plan with"),
        ("breakeven>24", True, "never breaks even"),
        ("breakeven<6", False, ""),  # never is not early
        ("flip<10%", False, ""),  # nowhere is not near
    ],
)
def test_a_figure_that_does_not_exist(text: str, fails: bool, said: str) -> None:
    gate = parse(text)
    sentences = failures([gate], {gate.name: None})
    assert bool(sentences) == fails
    assert all(said in sentence for sentence in sentences)


@pytest.mark.parametrize("text", ["", "npv", "npv<", "npv=0", "npv<0 or 1", "npv<nan", "<0", "npv<0%%"])
def test_what_is_no_gate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no gate"):
        parse(text)


@pytest.mark.parametrize("text", ["variance_pct>10", "flip<-5", "gap>1.5"])
def test_a_fraction_above_1_is_written_in_percent(text: str) -> None:
    with pytest.raises(ValueError, match=rf"write {text}%, or"):
        parse(text)
    assert abs(parse(f"{text}%").limit) <= 0.1


def test_an_unknown_measure_is_refused_with_all_that_are_known() -> None:
    with pytest.raises(ValueError, match="none of these") as error:
        parse("roi<0")
    assert all(name in str(error.value) for name in MEASURES)


def test_a_gate_of_a_measure_that_was_not_taken_says_so() -> None:
    with pytest.raises(ValueError, match="not known here"):
        parse("flip<10%").failed({"npv": 1.0})


def test_plan_writes_its_results_and_ends_with_1(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("plan", EIGHT, "--out", out, "--no-report", "--quiet", "--fail-on", "breakeven>24", "--fail-on",
                 "buying_saves<5000", "--fail-on", "gap>0.5%")  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.startswith("Gate breakeven>24 failed: it never breaks even within the horizon")
    assert result.stderr.count("Gate ") == 1
    assert (out / "plan.json").exists()
    capex = json.loads((out / "plan.json").read_text(encoding="utf-8"))["tco"]["plan"]["capex_usd"]
    again = run("plan", EIGHT, "--out", out, "--no-report", "--quiet", "--fail-on", "buying_saves<6000", "--fail-on",
                f"capex>{capex + 1}")  # fmt: skip
    assert again.returncode == 1
    assert "Gate buying_saves<6000 failed: buying_saves is 5,67" in again.stderr
    assert f"Gate capex>{capex + 1} failed" in again.stderr  # before resale


def test_the_capex_of_a_gate_is_what_a_budget_counts() -> None:
    point = Points(eight(), effort=EXACT).point(())
    assert point["outlay_usd"] > point["capex_usd"] > 0
    assert of_point(point)["capex"] == point["outlay_usd"]
    enough, short = (Points(eight(), effort=EXACT).point((f"budgets.capex_usd={{2027: {usd}}}",))
                     for usd in (point["outlay_usd"] + 1, point["outlay_usd"] - 1))  # fmt: skip
    assert enough["servers_bought"] == point["servers_bought"]
    assert short["servers_bought"] < point["servers_bought"]


def switched(flips: list[float], unknown: float | None = None, whole: dict[str, str] | None = None) -> dict[str, Any]:
    nearest = {"distance": flips[0]} | ({"whole": whole} if whole else {}) if flips else None
    rows = [{"flips": [{"distance": one} for one in flips], "unknown_from": unknown}]
    return {"drivers": rows, "nearest": nearest, "now": Points(eight(), effort=EXACT).point(()) | {"decision": "buy"}}


@pytest.mark.parametrize(
    ("flips", "unknown", "whole", "fails"),
    [
        ([-0.09, 0.3], None, None, True),
        ([0.3], None, None, False),
        ([0.3], 0.05, None, True),  # no plan, or none solved, nearer than the flip
        ([], 0.05, None, True),
        ([], None, None, False),
        ([0.3], None, {"low": "buy", "high": "rent"}, False),
        ([0.3], None, {"low": "buy", "high": "buy"}, False),  # it flips farther away
        ([0.3], None, {"low": "rent", "high": "rent"}, True),  # it has flipped before
    ],
)
def test_what_is_not_known_fails(
    flips: list[float], unknown: float | None, whole: dict[str, str] | None, fails: bool
) -> None:
    assert bool(failures([parse("flip<10%")], of_switch(switched(flips, unknown, whole)))) == fails


def test_a_gate_beyond_the_search_is_refused(tmp_path: Path) -> None:
    result = run("switch", EIGHT, "--reach", "0.05", "--fail-on", "flip<10%")
    assert result.returncode == 3
    assert "beyond the search" in result.stderr


def test_a_figure_is_told_as_its_gate_is_written() -> None:
    assert "flip is 15.6%" in str(parse("flip<20%").failed({"flip": 0.156}))
    assert "flip is 0.156" in str(parse("flip<.2").failed({"flip": 0.156}))
    with pytest.raises(ValueError, match="is no fraction"):
        parse("npv<0%")


def test_a_wrong_gate_ends_before_anything_is_solved(tmp_path: Path) -> None:
    for verb, gate, said in (("plan", "flip<10%", "none of these: npv"), ("switch", "npv", "is no gate")):
        result = run(verb, EIGHT, "--fail-on", gate, cwd=tmp_path)
        assert result.returncode == 2
        assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
