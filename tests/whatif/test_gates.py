"""Gates: what they say, what they do without a figure, and that results are written all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.whatif.gates import MEASURES, failures, parse
from tests.cli.test_cli import EIGHT, run


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
                 "npv<0", "--fail-on", "gap>0.5%")  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.startswith("Gate breakeven>24 failed: it never breaks even within the horizon")
    assert result.stderr.count("Gate ") == 1
    assert (out / "plan.json").exists()
    assert run("plan", EIGHT, "--out", out, "--no-report", "--quiet", "--fail-on", "npv<0").returncode == 0


def test_a_wrong_gate_ends_before_anything_is_solved(tmp_path: Path) -> None:
    for verb, gate, said in (("plan", "flip<10%", "this command knows"), ("switch", "npv", "is no gate")):
        result = run(verb, EIGHT, "--fail-on", gate, cwd=tmp_path)
        assert result.returncode == 2
        assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
