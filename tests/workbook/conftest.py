from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from planner.report.workbook import render_workbook
from tests.command import run

ROOT = Path(__file__).parent.parent.parent
AFTER_TAX = (
    "finance.wacc_is=after_tax", "finance.tax.rate_fraction=0.25", "finance.tax.depreciation.method=macrs_5",
    "finance.tax.bonus_fraction=0.4", "finance.tax.source=policy", "fiscal_year_starts=7",
)  # fmt: skip
Recalculate = Callable[[bytes, Mapping[str, float]], Any]


def planned(out: Path, *settings: str) -> dict[str, Any]:
    """Return the plan of a server against on-demand capacity and reservations, as the command writes it."""
    options = [part for setting in settings for part in ("--set", setting)]
    done = run("plan", "examples/eight-a100s.yaml", "--no-report", "--out", out, *options, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return dict(json.loads((out / "plan.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return planned(tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="session")
def content(plan: dict[str, Any]) -> bytes:
    return render_workbook(plan)


@pytest.fixture(scope="session")
def recalculate(tmp_path_factory: pytest.TempPathFactory) -> Recalculate:
    """Return what LibreOffice computes from a workbook with other inputs, none of whose formulas keeps its value."""
    if shutil.which("soffice") is None:
        pytest.skip("soffice is not installed: nothing here recalculates a workbook")
    folder = tmp_path_factory.mktemp("office")
    made = iter(range(1000))

    def computed(content: bytes, changes: Mapping[str, float]) -> Any:
        name = f"book-{next(made)}.xlsx"
        given = folder / name
        given.write_bytes(content)
        book = openpyxl.load_workbook(given)  # formulas only: what is saved from it holds no values of theirs
        for cell, value in changes.items():
            ((sheet, address),) = book.defined_names[cell].destinations
            assert not str(book[sheet][address].value).startswith("="), f"{cell} is no input"
            book[sheet][address] = value
        book.save(given)
        assert openpyxl.load_workbook(given, data_only=True)["Checks"]["C3"].value is None
        out = folder / "out"
        subprocess.run(
            ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to",
             "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(given)],
            capture_output=True, timeout=300, check=True,
        )  # fmt: skip
        return openpyxl.load_workbook(out / name, data_only=True)

    return computed
