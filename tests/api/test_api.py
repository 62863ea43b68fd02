"""The Python API: the same plan as the command line's, shown in a notebook, and no file written."""

from __future__ import annotations

import ast
import csv
import doctest
import json
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from inspect import getdoc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import planner
from planner import Catalog, Explanation, InfeasibleError, InputError, Plan, Scenario
from planner.planfile import command_line
from tests.command import run
from tests.hostile.texts import ALONE, UNSEEN, shown
from tests.report.pages import Page

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "eight-a100s.yaml"
NAMES = {
    "Catalog", "Effort", "Explanation", "InfeasibleError", "InputError", "Plan", "Priced", "Scenario", "explain",
    "load_catalog", "load_scenario", "plan", "price", "price_finetuning", "read_plan", "render",
}  # fmt: skip
USER = """
import planner

catalog = planner.load_catalog()
scenario = planner.load_scenario("x.yaml", catalog, {"finance.wacc_fraction": 0.1})
plan: planner.Plan = planner.plan(scenario, catalog, planner.Effort(gap=0.01), say=print)
priced: planner.Priced = planner.price(plan.decisions, scenario, catalog)
usd: float = priced.present_usd - plan.present_usd
total: float = planner.price_finetuning("project.yaml", catalog, {"contingency_fraction": 0.2}, months=12)["total_usd"]
worst = priced.compared_with(plan)["difference_usd"].max()
why: planner.Explanation = planner.explain(plan, "cloud")
try:
    page: str = planner.render(planner.read_plan("plan.json"), "md")
except planner.InputError as error:
    print(error.complaints[0].place)
reveal_type(planner.plan)
"""
written: list[str] = []
watching = False


def watch(event: str, given: tuple[Any, ...]) -> None:
    if watching and event == "open" and (set(str(given[1] or "")) & set("wax+")):
        written.append(str(given[0]))


sys.addaudithook(watch)


def python(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def test_the_command_line_writes_the_same_bytes(plan: Plan, tmp_path: Path) -> None:
    done = python("-m", "planner", "plan", str(EXAMPLE), "--no-report", "--quiet", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "plan.json").read_text(encoding="utf-8") == plan.to_json()
    rows = list(csv.DictReader((tmp_path / "ledger.csv").open(encoding="utf-8")))
    assert [row["month"] for row in rows] == plan.ledger["month"].tolist()
    assert [float(row["cost_usd"]) for row in rows] == plan.ledger["cost_usd"].tolist()


def test_a_plan_read_back_is_the_same_plan(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(plan.to_json(), encoding="utf-8")
    again = planner.read_plan(path)
    assert again.document == plan.document
    assert again.to_json() == plan.to_json()
    assert [planner.render(again, to) for to in ("html", "md", "csv")] == [
        planner.render(plan, to) for to in ("html", "md", "csv")
    ]
    assert again.lines["present_usd"].sum() == pytest.approx(plan.ledger["present_usd"].sum(), rel=1e-9)
    with pytest.raises(LookupError, match=r"ledger\.csv"):
        _ = again.ledger
    with pytest.raises(InputError):
        planner.read_plan(EXAMPLE)


def test_the_tables_are_the_document_s(plan: Plan) -> None:
    document = plan.document
    assert plan.proven
    assert plan.tco.index.tolist() == list(document["tco"])
    assert plan.tco.loc["cloud", "present_usd"] == document["tco"]["cloud"]["present_usd"]
    assert np.isnan(plan.tco.loc["api", "total_usd"])
    assert "token API" in plan.tco.loc["api", "note"]
    row = plan.breakeven.loc[("buy", "on_demand")]
    assert row["months"] == document["breakeven"]["buy"]["on_demand"]["months"]
    assert row["npv_usd"] == document["finance"]["buy"]["on_demand"]["npv_usd"]
    assert plan.by_month["cost_usd"].sum() == pytest.approx(plan.total_usd, rel=1e-9)
    plan.verdict["choice"] = "changed"
    plan.ledger.insert(0, "mine", 0)
    assert plan.verdict["choice"] == "buy"
    assert "mine" not in plan.ledger


def test_overrides_are_those_of_the_command_line(catalog: Catalog, tmp_path: Path) -> None:
    overrides = {"horizon_months": np.int64(24), "finance.wacc_fraction": Decimal("0.1"), "name": "it's",
                 "sites": [{"id": "room-virginia"}], "limits.on_demand_quota_gpus": {}}  # fmt: skip
    with pytest.raises(InputError, match="name: is not written as it should be"):
        planner.load_scenario(EXAMPLE, catalog, overrides)
    changed = planner.load_scenario(str(EXAMPLE), catalog, overrides | {"name": "other"}, date(2026, 11, 22))
    assert changed.scenario.horizon_months == 24
    assert changed.scenario.finance.wacc_fraction == Decimal("0.1")
    assert changed.scenario.as_of == date(2026, 11, 22)
    assert repr(changed) == "<Scenario other: 24 months from 2027-01, prices of 2026-11-22>"
    command = command_line(changed, planner.Effort(seconds=20))
    assert command.startswith("planner plan eight-a100s.yaml --set horizon_months=24 --set finance.wacc")
    assert command.endswith(" --as-of 2026-11-22 --time-limit 20")


def test_errors_of_loading_say_where(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    lines = EXAMPLE.read_text(encoding="utf-8").replace("horizon_months: 36", "horizon_month: 36")
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        planner.load_scenario(path, catalog)
    wrong = 1 + next(n for n, line in enumerate(lines.splitlines()) if line.startswith("horizon_month:"))
    assert {str(one.place) for one in raised.value.complaints if one.field == "horizon_month"} == {f"{path}:{wrong}:1"}
    with pytest.raises(InputError, match="holds no catalog"):
        planner.load_catalog(str(tmp_path / "nowhere"))


def test_where_no_plan_exists_ways_out_are_tried_without_the_file(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    scenario = planner.load_scenario(path, catalog, {"offers.kinds": []})
    path.unlink()
    with pytest.raises(InfeasibleError) as raised:
        planner.plan(scenario, catalog)
    assert raised.value.diagnosis.shortages
    assert "--set 'offers.kinds=[on_demand]'" in str(raised.value)


def test_nothing_writes_a_file_or_prints(
    scenario: Scenario, catalog: Catalog, plan: Plan, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    global watching
    said: list[str] = []
    quick = planner.load_scenario(EXAMPLE, catalog, {"horizon_months": 12, "offers.kinds": ["on_demand"]})
    watching = True
    try:
        planner.price(plan.decisions, scenario, catalog, say=said.append)._repr_html_()
        planner.plan(quick, catalog, planner.Effort(0.01), said.append)._repr_html_()
        planner.render(plan), planner.render(plan, "md"), planner.render(plan, "csv"), str(planner.explain(plan))
    finally:
        watching = False
    assert written == []
    assert capfd.readouterr() == ("", "")
    assert "solving the rest" in said and "solving the plan" in said
    watching = True
    (tmp_path / "file").open("a").close()
    watching = False
    assert len(written) == 1  # the watch sees what is written


def test_render_refuses_other_forms(plan: Plan) -> None:
    with pytest.raises(InputError, match="did you mean 'html'"):
        planner.render(plan, "htm")  # type: ignore[arg-type]


def test_explain_answers_as_a_page_and_lists_what_it_may_mean(plan: Plan) -> None:
    answer = planner.explain(plan, "server-8xa100-80gb")
    assert isinstance(answer, Explanation)
    assert "Why server-8xa100-80gb?" in Page(answer._repr_html_()).text
    with pytest.raises(InputError, match="could mean several things"):
        planner.explain(plan, "usd")


def test_a_notebook_shows_the_verdict_the_options_and_the_price(
    plan: Plan, scenario: Scenario, catalog: Catalog
) -> None:
    page = Page(plan._repr_html_())
    assert "Buy 1 server" in page.lines
    assert any(tag == "svg" for tag, _ in page.tags)
    cells = {row[0].text: row[1].text for row in page.tables[0].rows if len(row) > 2}
    assert cells["Plan"] == f"{plan.present_usd:,.0f}"
    priced = planner.price({}, scenario, catalog)
    page = Page(priced._repr_html_())
    assert f"{priced.present_usd:,.0f} USD" in page.text
    assert {row[0].text for row in page.tables[0].rows} >= {"On-demand", "Staff"}
    assert repr(plan).startswith("<Plan eight-a100s: Buy 1 server") and "\n" not in repr(plan)
    assert repr(priced).startswith("<Priced plan for eight-a100s: 634,659 USD")


def test_what_a_notebook_shows_changes_nothing_else_on_the_page(
    plan: Plan, scenario: Scenario, catalog: Catalog
) -> None:
    other = planner.Plan(
        plan.document | {"description": "other", "verdict": plan.document["verdict"] | {"reason": "x"}}
    )
    shown_twice = plan._repr_html_() + other._repr_html_()
    ids = [given["id"] for _, given in Page(shown_twice).tags if "id" in given]
    assert len(ids) == len(set(ids)) > 0
    labels = [one for _, given in Page(shown_twice).tags for one in (given.get("aria-labelledby") or "").split()]
    assert set(labels) <= set(ids)
    for style in re.findall("<style>(.*?)</style>", shown_twice, re.DOTALL):
        assert outside_of_braces(style).split() == [".gpu-plan"]
        assert not re.search(r":root|@page|(?<![\w-])(html|body)\s*[,{]|<|@import|url\(", style)
    assert "<script" not in shown_twice


def outside_of_braces(style: str) -> str:
    depth, found = 0, []
    for one in re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL):
        depth -= one == "}"
        assert depth >= 0
        found += [one] if depth == 0 and one not in "{}" else []
        depth += one == "{"
    assert depth == 0
    return "".join(found)


@pytest.mark.parametrize("text", [*ALONE, *UNSEEN])
def test_hostile_text_is_text_in_a_notebook(text: str, plan: Plan) -> None:
    document = json.loads(json.dumps(plan.document))
    document["scenario"] = document["description"] = text
    document["verdict"]["reason"] = f"Buy: {text}"
    document["left_out"] = [{"option": option, "reason": text} for option in ("api", "existing")]
    bad = planner.Plan(document)
    page, fair = Page(bad._repr_html_()), Page(plan._repr_html_())
    assert shown(text).strip() in page.text
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in fair.tags}
    assert {name for _, given in page.tags for name in given} <= {name for _, given in fair.tags for name in given}
    assert "\n" not in repr(bad) and shown(text).strip() in repr(bad)
    priced = planner.Priced(text, plan.document["tco"]["plan"], plan.decisions, plan.ledger)
    page = Page(priced._repr_html_())
    assert shown(text).strip() in page.text
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in fair.tags} | {"dl", "dt", "dd", "div"}
    assert "\n" not in repr(priced)


def test_the_names_are_known_to_all_and_loaded_late() -> None:
    code = "import sys, planner; assert not {'pandas', 'planner.api'} & {*sys.modules}; print(dir(planner))"
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert set(ast.literal_eval(done.stdout)) >= NAMES
    assert {*planner.__all__} == NAMES | {"__version__"}
    for name in NAMES:
        assert getdoc(getattr(planner, name)), name
    with pytest.raises(AttributeError, match="no attribute 'plans'"):
        _ = planner.plans


def test_a_strict_type_checker_accepts_a_user_s_script(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed, which checks the types")
    script = tmp_path / "user.py"
    script.write_text(USER + "planner.plan(catalog, scenario)\n", encoding="utf-8")
    cache = ROOT / ".mypy_cache"
    done = python("-m", "mypy", "--strict", "--cache-dir", str(cache), "--config-file", "pyproject.toml", str(script))
    problems = [line for line in done.stdout.splitlines() if "user.py" in line and "error" in line]
    assert len(problems) == 2, done.stdout  # only the arguments that are swapped
    last = len(script.read_text(encoding="utf-8").splitlines())
    assert all(f"user.py:{last}" in line and "arg-type" in line for line in problems)
    assert "def (scenario: planner.scenario.load.LoadedScenario" in done.stdout


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "planner" / "py.typed").exists()


def test_the_examples_of_the_docstring_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(planner)
    assert found.attempted >= 6
    assert found.failed == 0


def test_a_fine_tuning_project_costs_what_the_command_line_says() -> None:
    path = ROOT / "examples" / "rag-or-fine-tune.yaml"
    done = run("finetune", path, "--months", "6", "--set", "contingency_fraction=0.2", "--as-of", "2026-11-20",
               "--seed", "7", "--format", "json")  # fmt: skip
    found = planner.price_finetuning(
        str(path), planner.load_catalog(), {"contingency_fraction": Decimal("0.2")}, 6, date(2026, 11, 20), seed=7
    )
    assert found == json.loads(done.stdout)


def test_a_fine_tuning_project_that_cannot_be_is_refused() -> None:
    path = ROOT / "examples" / "fine-tune.yaml"
    with pytest.raises(InputError) as caught:
        planner.price_finetuning(path, planner.load_catalog(), {"labor.engineers.months": -1}, months=0)
    assert {one.field for one in caught.value.complaints} == {"labor.0.months", "horizon_months"}
