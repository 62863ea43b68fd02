"""Scenarios and cases of them in a comparison: as if each had been planned by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from planner.cli.cases import Case, read_cases
from planner.cli.main import app
from planner.errors import InfeasibleError, InputError
from planner.plaintext import json_text
from planner.report.compare import compare
from tests.test_examples import planned

EXAMPLE = str(Path(__file__).parent.parent.parent / "examples" / "eight-a100s.yaml")
DEAR = "dear power: scale.rows.*electricity*=1.3"
LATER = "longer and dearer: horizon_months=48; finance.wacc_fraction=0.1"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def compared(*arguments: str | Path) -> dict[str, Any]:
    done = run(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def present(found: dict[str, Any]) -> list[float]:
    wanted = ("plan", None, "present_usd")
    return next(one["values"] for one in found["figures"] if (one["option"], one["against"], one["figure"]) == wanted)


def test_cases_of_a_scenario_are_as_if_each_were_planned_by_itself() -> None:
    found = compared(EXAMPLE, "--case", DEAR, "--case", LATER)
    alone = [
        planned("eight-a100s"),
        planned("eight-a100s", "scale.rows.*electricity*=1.3"),
        planned("eight-a100s", "horizon_months=48", "finance.wacc_fraction=0.1"),
    ]
    assert [plan["file"] for plan in found["plans"]] == [
        EXAMPLE, f"{EXAMPLE}: dear power", f"{EXAMPLE}: longer and dearer",
    ]  # fmt: skip
    assert present(found) == [one["tco"]["plan"]["present_usd"] for one in alone]
    assert [plan["scenario_digest"] for plan in found["plans"]] == [one["scenario_digest"] for one in alone]
    assert [one["choice"] for one in found["advice"]] == [one["verdict"]["choice"] for one in alone]
    command = "planner plan eight-a100s.yaml --set horizon_months=48 --set finance.wacc_fraction=0.1"
    assert found["proofs"][2]["command"] == command


def test_a_plan_and_a_scenario_with_settings_mix(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json_text(planned("eight-a100s")), encoding="utf-8")
    found = compared(plan, EXAMPLE, "--set", "staff=[]")
    assert [one["file"] for one in found["plans"]] == [str(plan), EXAMPLE]
    assert present(found)[1] == planned("eight-a100s", "staff=[]")["tco"]["plan"]["present_usd"] < present(found)[0]


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("a: b=1", Case("a", ("b=1",))),
        (" no staff :staff=[] ; ", Case("no staff", ("staff=[]",))),
        ("a: b=1;c.d=2 ; e={f: 1}", Case("a", ("b=1", "c.d=2", "e={f: 1}"))),
        ("a: b=x;y", Case("a", ("b=x;y",))),
        ("b=1; c=2", Case("b=1; c=2", ("b=1", "c=2"))),
        ("b={c: 1}", Case("b={c: 1}", ("b={c: 1}",))),
    ],
)
def test_a_case_is_a_name_and_settings(text: str, case: Case) -> None:
    assert read_cases([text]) == [case]


def test_every_case_that_is_none_is_told() -> None:
    with pytest.raises(InputError) as raised:
        read_cases(["a: b=1", "a: c=2", "only words", "name:", ": b=1", ""])
    assert len(raised.value.complaints) == 5


def test_every_problem_of_all_scenarios_and_cases_is_told_at_once(tmp_path: Path) -> None:
    bad = ("--case", "one: stff=[]", "--case", "two: horizon_months=foo; finance.wacc_fraction=9")
    done = run(EXAMPLE, tmp_path / "nowhere.json", *bad)
    assert isinstance(done.exception, InputError)
    said = str(done.exception)
    assert len(done.exception.complaints) == 4
    for part in ("--case one: stff=[]", "--case two: horizon_months=foo", "nowhere.json: cannot be read"):
        assert part in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([EXAMPLE], "give 2 to 8 plans, scenarios and cases, not 1"),
        ([EXAMPLE, EXAMPLE, "--case", DEAR], "--case is of one scenario, and 2 of the files is one"),
        (["a.json", "b.json", "--case", DEAR], "--case is of one scenario, and none of the files is one"),
        (["a.json", "b.json", "--set", "staff=[]"], "--set, --as-of and --catalog are for scenarios"),
        ([EXAMPLE, *(part for n in range(8) for part in ("--case", f"{n}: a={n}"))], "not 9"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_work_starts(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


def test_a_case_without_a_plan_is_named() -> None:
    done = run(EXAMPLE, "--case", "no room: limits.on_demand_quota_gpus={azure-nc24ads-a100-v4-eastus: 0}", "--case",
               "no money: budgets.cash_usd={2027: 1}")  # fmt: skip
    assert isinstance(done.exception, InfeasibleError)
    assert str(done.exception).startswith(f"{EXAMPLE}: no money:\n")


def test_what_is_not_proven_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.planfile.proven", lambda document, effort: "no staff" not in str(document["command"]))
    assert run(EXAMPLE, "--case", DEAR).exit_code == 0
    monkeypatch.setattr("planner.planfile.proven", lambda document, effort: "1.3" not in str(document["command"]))
    done = run(EXAMPLE, "--case", DEAR)
    assert done.exit_code == 5
    assert "Plans compared" in done.output
    assert "Not every scenario is proven" in done.output


def test_a_price_is_compared_as_the_what_if_has_it() -> None:
    row = "server-8xa100-80gb/gpu_usd_per_gpu"
    first, cheap = planned("eight-a100s"), planned("eight-a100s", "scale.rows.*gpu_usd_per_gpu=0.9")
    found = compare([first, cheap], ["first", "cheap"])
    price = next(one for one in found.prices if one.row == row)
    assert price.values == pytest.approx((15_000, 13_500))
    assert price.changes[1] == pytest.approx(-0.1)
    assert "factor" not in next(one for one in first["evidence"] if one["row"] == row)
