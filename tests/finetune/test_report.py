"""Every form of the answer: whole, equal in its figures, and safe whatever a text says."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from planner.cli.main import app
from planner.finetune.answer import answer
from planner.report.finetune import head, sections
from planner.report.html import page_of
from planner.report.markdown import markdown_of
from planner.report.tables import csv_of
from tests.finetune import given
from tests.finetune.given import ROOT, answered, example, loaded, project, written
from tests.hostile.test_texts import FORMULA, active
from tests.hostile.texts import ALONE, UNSEEN, unseen
from tests.report.pages import Page

RUNNER = CliRunner()
LEVERS = ROOT / "examples" / "fine-tune-levers.yaml"


def run(*arguments: str | Path) -> Any:
    return RUNNER.invoke(app, [str(one) for one in arguments])


@pytest.mark.parametrize("name", ["fine-tune", "fine-tune-levers", "rag-or-fine-tune"])
def test_every_form_says_the_total(name: str) -> None:
    found = example(name)
    total = f"{found['total_usd']:,.2f}"
    assert total in page_of(*head(found))
    assert total in markdown_of(sections(found))
    rows = list(csv.reader(io.StringIO(csv_of(sections(found)))))
    assert any(row[:1] == ["Total"] and f"{found['total_usd']:.2f}" in row for row in rows)


def test_the_command_writes_what_it_says(tmp_path: Path) -> None:
    found = json.loads(run("finetune", LEVERS, "--format", "json").stdout)
    assert found["optimized"]["total_usd"] == pytest.approx(14720)
    for form in ("table", "md", "csv"):
        assert "14,720.00" in (text := run("finetune", LEVERS, "--format", form).stdout) or "14720.00" in text
    for form in ("html", "md", "csv"):
        result = run("finetune", LEVERS, "--to", form, "-o", tmp_path / f"a.{form}")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "Written:" in result.stderr
        assert (tmp_path / f"a.{form}").stat().st_size > 1000
    assert run("finetune", LEVERS, "--to", "md", "-o", "-").stdout == run("finetune", LEVERS, "--format", "md").stdout


def test_the_same_project_gives_the_same_bytes() -> None:
    path = ROOT / "examples" / "rag-or-fine-tune.yaml"
    first, second, other = (run("finetune", path, "--format", "json", "--seed", seed).stdout for seed in "778")
    assert first == second
    assert first != other


def test_the_waterfall_draws_every_step_from_where_the_last_one_ended(tmp_path: Path) -> None:
    page = page_of(*head(example("fine-tune-levers")))
    wide = re.search(r'<svg class="chart wide".*?</svg>', page, re.S)
    assert wide is not None
    bars = [
        (float(x), float(width)) for x, width in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', wide[0])
    ]
    found = example("fine-tune-levers")
    assert len(bars) == len(found["waterfall"]) + 2
    left, whole = bars[0]
    for (x, width), step in zip(bars[1:], found["waterfall"], strict=False):
        assert (x - left) / whole == pytest.approx(step["after_usd"] / found["total_usd"], abs=2e-3)
        assert (x + width - left) / whole == pytest.approx(step["before_usd"] / found["total_usd"], abs=2e-3)


def test_a_lever_that_costs_more_than_it_saves_is_drawn_and_said(tmp_path: Path) -> None:
    found = answered(tmp_path, given.with_levers(choose=["useless"]))
    assert "more." in " ".join(block.text for block in sections(found)[0].blocks if hasattr(block, "text"))
    assert "s-self_hosted" in page_of(*head(found))


def with_text(text: str) -> dict[str, Any]:
    content = given.with_levers()
    content["description"] = text
    for part in (content["labor"][0], content["risk"][0], content["inference"][2], content["levers"]["own"][0]):
        part["source"] = text
    content["levers"]["own"][0]["description"] = text
    content["infra"][0]["unit"] = text
    content["published"] = {"source": text, "figures": [{"usd": 1, "because": text}]}
    return content


@pytest.mark.parametrize("text", [*ALONE, *UNSEEN])
def test_free_texts_stay_texts(tmp_path: Path, text: str) -> None:
    found, plain = (answer(loaded(tmp_path, with_text(one))) for one in (text, "plain"))
    html, markdown = page_of(*head(found)), markdown_of(sections(found))
    assert active(Page(html)) == active(Page(page_of(*head(plain))))
    assert not any(map(unseen, html.replace("\n", "")))
    set_, expected = (MarkdownIt("commonmark").enable("table").render(one)
                      for one in (markdown, markdown_of(sections(plain))))  # fmt: skip
    assert active(Page(set_)) == active(Page(expected))
    for row in csv.reader(io.StringIO(csv_of(sections(found)))):
        assert not any(cell.startswith(FORMULA) and not re.fullmatch(r"-?[\d.]+", cell) for cell in row)


def test_nothing_unseen_leaves_by_the_terminal(tmp_path: Path) -> None:
    path = written(tmp_path, project(description="left\u202eright"))
    assert "\u202e" not in run("finetune", path).stdout
