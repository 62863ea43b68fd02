"""CSV of an answer: one table that pandas reads as it is, the numbers those of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from planner.cli.main import app
from tests.cli.test_cli import EIGHT

ASKED = {
    "sensitivity": ["--driver", "purchase", "--driver", "growth", "--no-maps"],
    "switch": ["--driver", "growth", "--driver", "wacc", "--scan", "2", "--reach", "0.1"],
    "risk": ["--futures", "2", "--relaxed"],
    "alternatives": [],
}


def answer(verb: str, folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table and the data of an answer."""
    files = {form: folder / f"answer.{form}" for form in ("csv", "json")}
    for form, file in files.items():
        call = [verb, str(EIGHT), *ASKED[verb], "--quiet", "--to", form, "-o", str(file)]
        assert CliRunner().invoke(app, call).exit_code == 0
    return pd.read_csv(files["csv"]), json.loads(files["json"].read_text(encoding="utf-8"))


@pytest.mark.parametrize(("verb", "key", "column", "field"), [
    ("risk", "choices", "mean_usd", "mean_usd"), ("switch", "drivers", "switches_at", "switches_at"),
])  # fmt: skip
def test_a_row_holds_what_json_holds(verb: str, key: str, column: str, field: str, tmp_path: Path) -> None:
    table, data = answer(verb, tmp_path)
    assert not table.columns.str.startswith("Unnamed").any()
    told = [None if pd.isna(value) else value for value in table[column]]
    assert told == [row[field] for row in data[key]]
    if verb == "switch":
        assert [*table["unit"]] == [row["unit"].replace("+", "'+") for row in data[key]]  # text to a spreadsheet
        assert [*table["searched_least"]] == [row["searched"]["least"] for row in data[key]]


def test_sensitivity_has_a_row_for_each_end(tmp_path: Path) -> None:
    table, data = answer("sensitivity", tmp_path)
    assert [*zip(table["driver"], table["end"], table["buying_saves_usd"], strict=True)] == [
        (bar["driver"], end, bar[end]["buying_saves_usd"]) for bar in data["bars"] for end in ("low", "high")
    ]
    assert table["flips"].dtype == bool


def test_alternatives_begin_with_the_plan(tmp_path: Path) -> None:
    table, data = answer("alternatives", tmp_path)
    assert [*table["name"]] == ["plan", *(one["name"] for one in data["alternatives"])]
    assert table["present_usd"][0] == data["plan"]["present_usd"]
