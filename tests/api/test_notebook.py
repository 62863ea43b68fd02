"""The notebook of the examples runs from top to bottom, and what it says is what it shows."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parent.parent.parent / "examples" / "notebook.ipynb"


def run(names: dict[str, Any], source: str) -> Any:
    """Run a cell as a notebook does, and return the value of its last expression."""
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


def test_the_notebook_runs_and_its_words_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name for path in NOTEBOOK.parent.iterdir()}
    monkeypatch.chdir(NOTEBOOK.parent)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    shown = [run(names, "".join(cell["source"])) for cell in cells]
    assert sum(hasattr(value, "_repr_html_") for value in shown) >= 9
    assert all(value._repr_html_() for value in shown if hasattr(value, "_repr_html_"))
    assert names["plan"].verdict["choice"] == "buy"
    assert names["plan"].by_month["owned_gpus"].tolist()[:5] == [0, 0, 0, 0, 8]
    assert names["reserved"].idxmin() == 7  # "are eight too many?"
    verdicts = names["sweep"]["verdict"]
    assert verdicts[10_000] == verdicts[15_000] == "buy"
    assert verdicts[20_000] == names["dear"].verdict["choice"] == "rent"
    assert names["sweep"]["buy"][15_000] == pytest.approx(names["plan"].present_usd, rel=1e-6)
    assert names["sweep"]["rent"][20_000] == pytest.approx(names["dear"].present_usd, rel=1e-6)
    assert names["page"].startswith("<!doctype html>")
    assert {path.name for path in NOTEBOOK.parent.iterdir()} == before


def test_the_notebook_is_kept_without_outputs() -> None:
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
