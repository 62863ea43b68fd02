"""Studies in the report and the memo of their plan: shown in every form, and refused where they are another's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.cli.main import app
from planner.errors import InputError
from planner.plaintext import json_text
from planner.report.contents import sections
from planner.report.memo.contents import memo
from planner.report.whatif.attached import KINDS
from planner.report.whatif.reader import with_studies
from planner.report.whatif.risk_words import decides
from planner.scenario.load import load_scenario
from planner.whatif.alternatives import alternatives
from planner.whatif.base import Base
from planner.whatif.risk.answer import How, answer
from tests.shipped import shipped_catalog
from tests.test_examples import planned

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "eight-a100s.yaml"
TITLE = "What else was considered"


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    catalog = shipped_catalog()
    return json.loads(json_text(alternatives(Base(catalog, load_scenario(EXAMPLE, catalog)))))  # type: ignore[no-any-return]


def written(folder: Path, study: dict[str, Any], name: str = "alternatives.json") -> Path:
    path = folder / name
    path.write_text(json_text(study), encoding="utf-8")
    return path


def test_the_section_stands_in_report_and_memo(study: dict[str, Any], tmp_path: Path) -> None:
    plan = planned("eight-a100s")
    more = with_studies(plan, [written(tmp_path, study)])
    assert {one.id for one in sections(more)} - {one.id for one in sections(plan)} == {"considered"}
    assert {one.id for one in memo(more).sections} - {one.id for one in memo(plan).sections} == {"considered"}
    assert "considered" not in {one.id for one in sections(with_studies(plan, []))}


@pytest.mark.parametrize(("verb", "form"), [("memo", "html"), ("memo", "md"), ("report", "html"), ("report", "csv")])
def test_every_form_shows_it(verb: str, form: str, study: dict[str, Any], tmp_path: Path) -> None:
    plan = written(tmp_path, planned("eight-a100s"), "plan.json")
    call = [verb, str(plan), "--with", str(written(tmp_path, study)), "--to", form, "-o", "-"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert TITLE in done.stdout
    assert TITLE not in CliRunner().invoke(app, [verb, str(plan), "--to", form, "-o", "-"]).stdout


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scenario_digest": "0" * 64}, "is of another scenario than the plan"),
        ({"catalog_digest": "0" * 64}, "was made with other prices than the plan"),
        ({"kind": "horoscope"}, "cannot be shown with a plan"),
        ({"kind": ["alternatives"]}, "cannot be shown with a plan"),
        ({"schema_version": 2}, "is not of the version"),
        ({"alternatives": [{"name": 1}]}, "alternatives.0.name"),
        ({"plan": {}}, "plan.present_usd: is missing"),
    ],
)
def test_a_study_that_does_not_fit_is_refused(
    changes: dict[str, Any], said: str, study: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        with_studies(planned("eight-a100s"), [written(tmp_path, study | changes)])


def test_all_files_are_complained_about_at_once(study: dict[str, Any], tmp_path: Path) -> None:
    twice = [written(tmp_path, study), written(tmp_path, study, "again.json")]
    text = tmp_path / "text.json"
    text.write_text("[1]", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        with_studies(planned("eight-a100s"), [*twice, text, tmp_path / "nowhere.json"])
    said = str(raised.value)
    assert len(raised.value.complaints) == 3
    for part in ("is the second of its kind", "is not the document of a study", "cannot be read"):
        assert part in said


def test_text_of_a_study_is_text(study: dict[str, Any], tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    changed = study | {"carbon_unknown": [evil], "plan": study["plan"] | {"providers": [evil]}}
    plan = written(tmp_path, planned("eight-a100s"), "plan.json")
    call = ["report", str(plan), "--with", str(written(tmp_path, changed)), "-o", "-"]
    page = CliRunner().invoke(app, call).stdout
    assert TITLE in page
    assert "<script>" not in page


def test_a_workbook_takes_none(study: dict[str, Any], tmp_path: Path) -> None:
    plan = written(tmp_path, planned("eight-a100s"), "plan.json")
    call = ["report", str(plan), "--with", str(written(tmp_path, study)), "--to", "xlsx"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 2
    assert "--with is for html, md and csv" in done.output


def test_studies_of_every_kind_stand_together_in_one_report(study: dict[str, Any], tmp_path: Path) -> None:
    plan = written(tmp_path, planned("eight-a100s"), "plan.json")
    files = {"alternatives": written(tmp_path, study)}
    asked = {
        "sensitivity": ["--driver", "purchase", "--map", "purchase,wacc", "--steps", "2"],
        "switch": ["--driver", "wacc", "--scan", "2", "--reach", "0.1"],
        "risk": ["--futures", "2", "--relaxed"],
    }
    for verb, options in asked.items():
        files[verb] = tmp_path / f"{verb}.json"
        call = [verb, str(EXAMPLE), *options, "--to", "json", "-o", str(files[verb]), "--quiet"]
        assert CliRunner().invoke(app, call).exit_code == 0
    files["sweep"] = tmp_path / "sweep.json"
    swept = CliRunner().invoke(
        app, ["sweep", str(EXAMPLE), "--vary", "wacc=0.05,0.1", "--workers", "1", "--out", str(tmp_path / "sweep"),
              "--format", "json", "--quiet"]
    )  # fmt: skip
    files["sweep"].write_text(swept.stdout, encoding="utf-8")
    assert set(files) == set(KINDS) - {"track", "replan"}  # which need actuals, or an older plan: tests/actuals
    ids = [one.id for one in sections(with_studies(planned("eight-a100s"), [*files.values()]))]
    assert len(set(ids)) == len(ids)
    for verb, form in (("report", "html"), ("memo", "md")):
        given = [part for path in files.values() for part in ("--with", str(path))]
        done = CliRunner().invoke(app, [verb, str(plan), *given, "--to", form, "-o", "-"])
        assert done.exit_code == 0, done.output
        for title in (
            TITLE,
            "Where the decision flips",
            "What moves the answer",
            "What was varied",
            "Risk of eight-a100s",
        ):
            assert title in done.stdout


@pytest.fixture(scope="module")
def risk() -> dict[str, Any]:
    catalog = shipped_catalog()
    found = answer(Base(catalog, load_scenario(EXAMPLE, catalog)), How(futures=4, whole=False))
    return json.loads(json_text(found))  # type: ignore[no-any-return]


def advising(risk: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the study with this choice as the best over all futures."""
    return risk | {"stochastic": risk["stochastic"] | {"choice": name}}


def test_the_memo_says_where_the_study_of_risk_advises_otherwise(risk: dict[str, Any], tmp_path: Path) -> None:
    plan, other = planned("eight-a100s"), decides(next(one for one in risk["choices"] if one["choice"] == "wait"))
    found = memo(with_studies(plan, [written(tmp_path, advising(risk, "wait"))])).section
    for part in ("decision", "summary", "risks"):
        assert other in str(found[part]), part
    assert "buying now wins in" in str(found["summary"]) and "not buying at all" in str(found["summary"])
    assert "advises otherwise" in str(found["decision"])
    assert "(as relaxations: what is ordered later may be fractions of servers)." in str(found["decision"])
    whole = written(tmp_path, advising(risk, "wait") | {"whole": True})
    assert "fractions of servers" not in str(memo(with_studies(plan, [whole])).section["decision"])


def test_the_memo_says_where_the_study_of_risk_agrees(risk: dict[str, Any], tmp_path: Path) -> None:
    plan = next(one for one in risk["choices"] if one["choice"] == "plan")
    agreed = [one | {"decides": plan["decides"]} if one["choice"] == "buy" else one for one in risk["choices"]]
    study = advising(risk, "buy") | {"choices": agreed}
    found = memo(with_studies(planned("eight-a100s"), [written(tmp_path, study)])).section
    assert "what is asked is also the best to decide now" in str(found["summary"])
    assert "advises otherwise" not in str(found["decision"])
    without = memo(planned("eight-a100s")).section
    assert "buying now wins" not in str(without["summary"])
