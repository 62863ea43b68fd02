from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from planner.report.html import render_html
from planner.units import month_label
from tests.report.documents import document
from tests.test_examples import planned

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
MONTHS = [month_label("2027-01", t) for t in range(36)]


def _missing(what: str) -> NoReturn:
    """Skip where a person runs the tests; fail in CI, which installs everything and must not pass unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must look at the report in a browser, but {what}")
    pytest.skip(f"the report is not looked at in a browser: {what}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from axe_playwright_python import sync_playwright as _axe  # noqa: F401
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        _missing(f"{error.name} is not installed; cure: pip install -e '.[dev]'")
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        _missing("there is no Chromium; cure: apt-get install chromium, or your system's way to it")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports as files: two examples, and one made by hand in which everything is there, long and many."""
    folder = tmp_path_factory.mktemp("reports")
    documents = {name: planned(name) for name in ("eight-a100s", "self-hosted-llm")} | {"everything": everything()}
    files = {}
    for name, made in documents.items():
        files[name] = folder / f"{name}.html"
        files[name].write_text(render_html(made), encoding="utf-8")
    return files


def everything() -> dict[str, Any]:
    """Three years, every option, commitments, long names and long tables."""
    made = document(horizon_months=len(MONTHS), description="Everything at once, with one long word: " + "x" * 300)
    long = "a-very-long-offer-name-from-a-provider-with-many-regions-and-sizes-in-us-east-1"
    made["verdict"]["reason"] = f"Buy 12 servers, commit 64 GPUs for 36 months and rent {long} beside them: it saves."
    for n, option in enumerate(("api", "existing")):
        made["tco"][option] = made["tco"]["on_demand"] | {"present_usd": 2e6 + n}
        for table in ("breakeven", "finance"):
            for own in ("plan", "buy", "self_hosted"):
                made[table][own][option] = made[table][own]["cloud"]
    made["left_out"] = [{"option": f"{long}-{n}", "reason": "not considered"} for n in range(90)]
    keys = ("plan", "buy", "self_hosted", "on_demand", "cloud", "api", "existing")
    made["finance"]["cash_flow"] = [
        {"month": month} | {f"{key}_usd": 40_000.0 + 9_000 * n + 90_000 * (t == n) for n, key in enumerate(keys)}
        for t, month in enumerate(MONTHS)
    ]
    made["decisions"]["by_month"] = [
        made["decisions"]["by_month"][0]
        | {"month": month, "committed_gpu_hours": 300.0 * (t % 3), "spot_gpu_hours": 40.0}
        for t, month in enumerate(MONTHS)
    ]
    made["decisions"]["rentals"] = [made["decisions"]["rentals"][0] | {"offer": f"{long}-{n}"} for n in range(24)]
    made["prices_that_change_the_answer"] *= 11
    made["load"] = [_year(n) for n in range(5)]
    return made


def _year(n: int) -> dict[str, Any]:
    steps = [
        {"hours": 87.6, "owned": min(60.0, 160.0 - t), "committed": min(64.0, max(0.0, 100.0 - t)),
         "on_demand": max(0.0, 80.0 - 3 * t), "spot": 900.0 if t == 0 else max(0.0, 40.0 - t)}
        for t in range(100)
    ]  # fmt: skip
    return {"year": n + 1, "months": [f"{2027 + n}-01", f"{2027 + n}-12"], "owned_gpus": 60.0, "committed_gpus": 64.0,
            "alone_hours": 8.76 * 60, "steps": steps}  # fmt: skip
