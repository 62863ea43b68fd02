"""The command line as a user meets it: streams, formats, exit codes, nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import run

ROOT = Path(__file__).parent.parent.parent
EIGHT = ROOT / "examples" / "eight-a100s.yaml"


def scenario(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = EIGHT.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_breakeven_from_numbers_alone() -> None:
    # capex ÷ (cloud − owned): 833,806 ÷ (98.32 − 0.87) = 8,556.24 h; ÷ 730 = 11.72 months
    result = run("breakeven", "--capex-usd", "833806", "--owned-usd-per-hour", "0.87", "--cloud-usd-per-hour", "98.32",
                 "--format", "json")  # fmt: skip
    assert result.returncode == 0
    found = json.loads(result.stdout)
    assert found["hours"] == pytest.approx(8556.24, abs=0.005)
    assert found["months"] == pytest.approx(11.72, abs=0.005)
    assert found["discounted_months"] is None
    assert found["utilization_fraction"] is None


def test_breakeven_from_numbers_refuses_what_is_no_number_of_hours() -> None:
    result = run("breakeven", "--capex-usd", "-1", "--owned-usd-per-hour", "0.87", "--cloud-usd-per-hour", "98.32")
    assert result.returncode == 3
    assert "--capex-usd: should be a finite number, 0 or more\n    found: -1.0" in result.stderr
    assert result.stdout == ""


def breakeven(cloud: float, *more: str) -> subprocess.CompletedProcess[str]:
    """Run it for a server of 100,000 USD that costs 1 USD an hour."""
    numbers = ("--capex-usd", "100000", "--owned-usd-per-hour", "1", "--cloud-usd-per-hour", str(cloud))
    return run("breakeven", *numbers, *more, "--format", "json")


@pytest.mark.parametrize(
    ("option", "number"),
    [("--wacc", "8"), ("--wacc", "-1"), ("--wacc", "nan"), ("--utilization", "2"), ("--life-months", "0")],
)
def test_breakeven_names_the_option_that_is_out_of_range(option: str, number: str) -> None:
    refused = breakeven(2, option, number)
    assert refused.returncode == 3
    assert f"{option}: should be" in refused.stderr
    assert refused.stdout == ""


def test_breakeven_says_why_there_is_none() -> None:
    dearer = breakeven(0.5)
    assert (dearer.returncode, json.loads(dearer.stdout)["hours"]) == (0, None)
    assert dearer.stderr == "Owning never breaks even: an hour in the cloud is not dearer than one owned.\n"
    # a month saves 730 USD; for ever, at 10 % a year, that is worth 730 ÷ 0.797 % = 91,547 USD
    never = breakeven(2, "--wacc", "0.1")
    assert json.loads(never.stdout)["discounted_months"] is None
    assert "Discounted at 0.1 a year" in never.stderr
    assert breakeven(0.5, "--quiet").stderr == breakeven(3, "--wacc", "0.1").stderr == ""


def test_breakeven_says_when_it_comes_after_the_useful_life() -> None:
    # 100,000 ÷ (3 − 1) ÷ 730 = 68.5 months; at 5 % a year, 0.4074 % a month, the first n months' savings are worth
    # 1,460 × (1 − 1.004074^−n) ÷ 0.004074 = 100,000 at n = 80.5
    late = breakeven(3, "--life-months", "60", "--wacc", "0.05")
    assert "Owning breaks even only after 68.5 months, beyond --life-months 60." in late.stderr
    assert "Discounted, owning breaks even only after 80.5 months" in late.stderr
    assert breakeven(3, "--life-months", "69").stderr == ""


@pytest.mark.parametrize("option", ["--capex-usd", "--wacc", "--life-months", "--utilization", "--hours-per-month"])
def test_breakeven_takes_a_scenario_or_numbers(option: str) -> None:
    refused = run("breakeven", EIGHT, option, "0.5")
    assert refused.returncode == 2
    assert f"not both: {option}" in refused.stderr


def test_breakeven_without_numbers_or_scenario_is_a_usage_error() -> None:
    assert run("breakeven", "--capex-usd", "1").returncode == 2


def test_plan_writes_three_files_and_a_summary(tmp_path: Path) -> None:
    result = run("plan", EIGHT, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "out" / "eight-a100s"
    assert {path.name for path in folder.iterdir()} == {"plan.json", "ledger.csv", "report.html"}
    assert result.stdout.startswith("Buy 1 server.\n")
    assert "Self-hosted" in result.stdout
    assert result.stderr == f"Written: {Path('out') / 'eight-a100s'}/report.html, plan.json, ledger.csv\n"
    assert "Traceback" not in result.stderr


def test_plan_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "planner", "plan", str(EIGHT), "--format", "json", "--quiet", "--out"]
    first, second = (
        subprocess.run([*command, name], capture_output=True, text=True, cwd=tmp_path, check=True,
                       env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed})
        for name, seed in (("a", "1"), ("b", "2"))
    )  # fmt: skip
    assert first.stdout == second.stdout
    assert first.stderr == ""
    for name in ("plan.json", "ledger.csv", "report.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert json.loads(first.stdout) == json.loads((tmp_path / "a" / "plan.json").read_text(encoding="utf-8"))


def test_no_report_leaves_the_report_out_and_report_writes_it_again(tmp_path: Path) -> None:
    assert run("plan", EIGHT, "--out", tmp_path, "--no-report", "--quiet").returncode == 0
    assert not (tmp_path / "report.html").exists()
    assert run("report", tmp_path / "plan.json").returncode == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_every_problem_is_named_at_once_with_its_place(tmp_path: Path) -> None:
    path = scenario(
        tmp_path, ("horizon_months: 36", "horizon_monhts: 36"), ("work_per_month: 5256", "work_per_month: -5"),
        ("room-virginia", "room-virgina"),
    )  # fmt: skip
    result = run("plan", path, cwd=tmp_path)
    assert result.returncode == 3
    assert "scenario.yaml:" in result.stderr
    assert "horizon_months" in result.stderr
    assert "work_per_month" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "just text", "[1, 2", "name: &a [*a]", "name: !!python/object:os.system x"])
def test_what_is_no_scenario_is_refused_in_one_breath(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("plan", path, cwd=tmp_path)
    assert result.returncode == 3
    assert "bad.yaml" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    result = run("plan", "nowhere.yaml", cwd=tmp_path)
    assert result.returncode == 3
    assert "nowhere.yaml" in result.stderr


def test_an_unwritable_place_is_said_before_the_work_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("plan", EIGHT, "--out", tmp_path / "file" / "out")
    assert result.returncode == 3
    assert "cannot be written" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "call",
    [
        *(
            [verb, "nowhere.yaml", "--to", "html", "-o"]
            for verb in ("alternatives", "risk", "sensitivity", "switch", "finetune")
        ),
        ["compare", "nowhere.yaml", "nowhere.json", "--to", "html", "-o"],
        ["track", "nowhere.json", "--actuals", "nowhere.duckdb", "--to", "html", "-o"],
        ["replan", "nowhere.json", "nowhere.yaml", "--at", "2027-01", "--out"],
        ["sweep", "nowhere.yaml", "--vary", "demand=1:2:2", "--out"],
        ["plan", "nowhere.yaml", "--write-lp"],
    ],
)
def test_every_place_is_tried_before_anything_is_read(call: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    place = tmp_path / "file" / "x.html"
    result = run(*call, place, cwd=tmp_path)
    assert result.returncode == 3
    assert f"{call[-1]}: cannot be written" in result.stderr
    assert "cure: " in result.stderr
    assert "nowhere" not in result.stderr
    assert run(*call, tmp_path / "new" / "x.html", cwd=tmp_path).returncode == 3
    assert [path.name for path in tmp_path.iterdir()] == ["file"], "trying leaves nothing behind"


def test_an_unknown_option_is_a_usage_error() -> None:
    assert run("plan", EIGHT, "--no-such-option").returncode == 2


def test_a_scenario_that_no_plan_obeys_ends_with_4(tmp_path: Path) -> None:
    # nobody may rent and no server fits into 0 kW
    path = scenario(tmp_path, ("{id: room-virginia}", "{id: room-virginia, power_limit_kw: 0}"),
                    ("speed_source: assumption", "allowed_on: [owned]\n    speed_source: assumption"))  # fmt: skip
    result = run("plan", path, cwd=tmp_path)
    assert result.returncode == 4, result.stderr
    assert not (tmp_path / "out").exists()


def test_an_answer_that_is_not_proven_is_written_and_ends_with_5(tmp_path: Path) -> None:
    # two whole-number plans within a hair of each other cannot be told apart in no time and to no gap
    path = scenario(tmp_path, ("work_per_month: 5256", "work_per_month: 31536"), ("  order_until", "  #"))
    result = run("plan", path, "--out", tmp_path / "o", "--gap", "0", "--time-limit", "0.01", "--format", "json")
    assert result.returncode == 5, result.stderr
    assert "Not proven" in result.stderr
    assert json.loads(result.stdout)["solver"]["status"] == "not proven"
    assert (tmp_path / "o" / "plan.json").exists()


def test_old_prices_end_with_6_when_an_age_is_asked_for(tmp_path: Path) -> None:
    result = run("plan", EIGHT, "--out", tmp_path, "--max-price-age", "30", "--quiet")
    assert result.returncode == 6
    assert "days old" in result.stderr


def test_set_overrides_and_as_of_are_applied(tmp_path: Path) -> None:
    result = run(
        *("plan", EIGHT, "--out", tmp_path, "--format", "json", "--quiet", "--no-report", "--as-of", "2026-11-22"),
        *("--set", "prices.server-8xa100-80gb/gpu_usd_per_gpu=20000", "--set", "staff=[]"),
    )
    found = json.loads(result.stdout)
    assert found["as_of"] == "2026-11-22"
    assert found["verdict"]["choice"] == "rent"
    assert "staff" not in found["tco"]["buy"]["by_component"]
    assert "staff=[]" in found["command"]


def test_another_solver_agrees_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    ours = run("plan", EIGHT, "--out", tmp_path / "a", "--format", "json", "--quiet", "--no-report")
    theirs = run(
        "plan", EIGHT, "--out", tmp_path / "b", "--format", "json", "--quiet", "--no-report", "--solver", "HiGHS"
    )
    costs = [json.loads(one.stdout)["tco"]["plan"]["present_usd"] for one in (ours, theirs)]
    assert costs[0] == pytest.approx(costs[1], rel=1e-3)
    refused = run("plan", EIGHT, "--out", tmp_path / "c", "--solver", "HIGS")
    assert refused.returncode == 3
    assert "HiGHS" in refused.stderr


def test_the_written_lp_file_is_readable_and_has_the_same_optimum(tmp_path: Path) -> None:
    import highspy

    result = run("plan", EIGHT, "--out", tmp_path, "--quiet", "--no-report", "--format", "json", "--gap", "1e-9",
                 "--write-lp", tmp_path / "plan.lp")  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "batch_work_is_finished(" in (tmp_path / "plan.lp").read_text(encoding="utf-8")
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 1e-9)
    assert highs.readModel(str(tmp_path / "plan.lp")) != highspy.HighsStatus.kError
    highs.run()
    assert highs.getObjectiveValue() == pytest.approx(json.loads(result.stdout)["proof"]["objective_usd"], rel=1e-6)


def test_catalog_show_lists_rows_with_their_evidence() -> None:
    result = run("catalog", "show", "--format", "json")
    rows = json.loads(result.stdout)
    assert len(rows) > 300
    for row in rows:
        assert {"id", "kind", "provider", "date", "source", "currency", "basis", "confidence"} <= row.keys()
    assert run("catalog", "check").stdout.startswith("sound")


def test_catalog_show_as_csv_and_markdown_marks_formulas_as_text() -> None:
    from planner.cli.output import safe_cell

    assert run("catalog", "show", "a100", "--format", "csv").stdout.startswith("id,kind,provider")
    assert run("catalog", "show", "a100", "--format", "md").stdout.startswith("| id | value |")
    assert [safe_cell(text) for text in ("=1+1", "-x", "@a", "+1", "ok", -1.5)] == [
        "'=1+1",
        "'-x",
        "'@a",
        "'+1",
        "ok",
        -1.5,
    ]


def test_init_writes_a_scenario_that_plans_and_never_overwrites(tmp_path: Path) -> None:
    made = run("init", tmp_path)
    assert made.returncode == 0
    assert f"planner plan {tmp_path / 'scenario.yaml'}" in made.stderr
    assert json.loads((tmp_path / "scenario.schema.json").read_text(encoding="utf-8"))["title"] == "Scenario"
    assert run("plan", tmp_path / "scenario.yaml", "--out", tmp_path / "o", "--quiet").returncode == 0
    (tmp_path / "scenario.yaml").write_text("name: mine", encoding="utf-8")
    again = run("init", tmp_path)
    assert again.returncode == 3
    assert again.stderr.count("exists already") == 2
    assert (tmp_path / "scenario.yaml").read_text(encoding="utf-8") == "name: mine"


def test_what_init_says_to_try_next_changes_the_answer(tmp_path: Path) -> None:
    import re
    import shlex

    commands = re.findall(r"planner (plan .*?)(?:   |$)", run("init", "a b/c d", cwd=tmp_path).stderr, re.MULTILINE)
    assert len(commands) == 2
    answers = [run(*shlex.split(one), "--format", "json", "--quiet", cwd=tmp_path).stdout for one in commands]
    assert [json.loads(one)["verdict"]["choice"] for one in answers] == ["rent", "mix"]


MISTAKES = [
    ("horizon_months:", "horizon_month:", ["horizon_month: is not a known field", "did you mean 'horizon_months'?"]),
    ("[server-8xh100]", "[server-8xh10]", ["names none of the catalog's servers", "did you mean 'server-8xh100'?"]),
    ("lambda-h100-sxm", "lambda-h100-smx", ["names none of the catalog's offers", "did you mean 'lambda-h100-sxm'?"]),
    ("start: 2027-01 ", "start: 2027-13 ", ["found: '2027-13'", "a month, such as 2027-01"]),
    ("wacc_fraction: 0.08", "wacc_fraction: 8%", ["must be a number", "write it without quotes, units and separators"]),
    ("kind: serving", "kind: serve", ["is not one of the choices", "did you mean 'serving'?"]),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES, ids=[wrong for _, wrong, _ in MISTAKES])
def test_a_newcomer_is_told_what_is_wrong_where_and_what_was_meant(
    right: str, wrong: str, said: list[str], tmp_path: Path
) -> None:
    text = (ROOT / "templates" / "scenario.yaml").read_text(encoding="utf-8")
    assert text.count(right) == 1
    (tmp_path / "scenario.yaml").write_text(text.replace(right, wrong), encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    result = run("plan", tmp_path / "scenario.yaml", cwd=tmp_path)
    assert result.returncode == 3
    assert f"scenario.yaml:{line}:" in result.stderr
    for words in said:
        assert words in result.stderr


def test_the_limits_that_the_starter_offers_can_be_taken() -> None:
    """What stands there behind a # is a part of a scenario, too."""
    from planner.documents import parse_document

    text = (ROOT / "templates" / "scenario.yaml").read_text(encoding="utf-8")
    more = text.partition("take away the # in front.\n#\n")[2]
    whole = text + "".join(line.removeprefix("# ") for line in more.splitlines(keepends=True))
    assert {"budgets", "limits", "prices"} <= parse_document(whole, "").value.keys()


@pytest.mark.parametrize(
    ("kind", "title"),
    [("scenario", "Scenario"), ("catalog", "CatalogFile"), ("series", "SeriesFile"), ("plan", "PlanDocument")],
)
def test_schema_is_json(kind: str, title: str) -> None:
    assert json.loads(run("schema", kind).stdout)["title"] == title


def test_schema_of_nothing_is_a_usage_error() -> None:
    assert run("schema", "nothing").returncode == 2


def test_catalog_show_says_when_nothing_is_found() -> None:
    result = run("catalog", "show", "h100", "abacus", "--format", "json")
    assert json.loads(result.stdout) == []
    assert "h100 and abacus" in result.stderr


def test_the_version_is_told() -> None:
    from planner import __version__

    assert run("--version").stdout == f"planner {__version__}\n"


@pytest.mark.parametrize("command", [("plan", EIGHT, "--format", "xml"), ("catalog", "show", "--format", "xml")])
def test_a_wrong_word_is_refused_in_our_words(command: tuple[str | Path, ...]) -> None:
    refused = run(*command)
    assert refused.returncode == 2
    assert "'--format': 'xml' is not one of 'table', 'json', 'csv', 'md'." in refused.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("residency: []", "needs at least 1 item\n    found: a list of 0\n    cure: leave the field out, or set it to"
                          " null, to lift the restriction"),
        ("allowed_on: []", "needs at least 1 item\n    found: a list of 0\n    cure: leave the field out to lift"),
    ],
)  # fmt: skip
def test_an_empty_restriction_is_refused_with_its_cure(wrong: str, said: str, tmp_path: Path) -> None:
    path = scenario(tmp_path, ("speed_source: assumption", f"{wrong}\n    speed_source: assumption"))
    assert said in run("plan", path, cwd=tmp_path).stderr


def test_a_required_list_has_no_such_cure(tmp_path: Path) -> None:
    told = run("plan", scenario(tmp_path, ("workloads:", "workloads: []\nwork:")), cwd=tmp_path).stderr
    assert "workloads: needs at least 1 item\n" in told
    assert "lift the restriction" not in told


def test_a_day_that_no_month_has_is_refused_in_our_words(tmp_path: Path) -> None:
    text = EIGHT.read_text(encoding="utf-8")
    assert "as_of: 2026-11-21" in text
    told = run("plan", scenario(tmp_path, ("as_of: 2026-11-21", "as_of: 2026-02-30")), cwd=tmp_path).stderr
    assert "as_of: is no day of the calendar\n    found: '2026-02-30'" in told


def test_the_ledger_puts_what_ends_the_horizon_into_its_last_month_and_names_those_after_it() -> None:
    import pandas as pd

    from planner.ledger import dated

    ledger = pd.DataFrame({"month": [0, 1, 2, 2, 5], "timing": ["start", "running", "horizon", "running", "start"]})
    months = dated(ledger, ["2027-01", "2027-02"])["month"].tolist()
    assert months == ["2027-01", "2027-02", "2027-02", "2027-03", "2027-06"]


@pytest.mark.skipif(os.name != "posix", reason="asks for pipes of POSIX")
@pytest.mark.parametrize("command", [("catalog", "show"), ("catalog", "show", "--format", "json"), ("schema", "plan")])
def test_a_reader_that_goes_away_is_no_failure_of_ours(command: tuple[str, ...]) -> None:
    import signal

    process = subprocess.Popen(
        [sys.executable, "-m", "planner", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == -signal.SIGPIPE
    process.stderr.close()
