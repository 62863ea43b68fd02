"""The memo, looked at in Chromium by the checks of the report: light on every screen, and on paper as printed there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.report.memo.html import render_html
from tests.browser.checks import drawings, noise, opened, overflow, violations
from tests.browser.conftest import everything
from tests.browser.test_report import ON_PAPER
from tests.report.memos import renting, rich

ON_SCREEN = (noise, overflow, drawings, violations)
MADE = {"rich": rich, "renting": renting, "everything": everything}


@pytest.fixture(scope="session")
def memos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("memos")
    files = {name: folder / f"{name}.html" for name in MADE}
    for name, file in files.items():
        file.write_text(render_html(MADE[name]()), encoding="utf-8")
    return files


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", MADE)
def test_the_memo_on_a_screen(browser: Any, memos: dict[str, Path], name: str, width: int) -> None:
    with opened(browser, memos[name], "dark", width) as one:
        assert {check.__name__: check(one) for check in ON_SCREEN} == {check.__name__: [] for check in ON_SCREEN}
        assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", MADE)
def test_the_memo_on_paper(browser: Any, memos: dict[str, Path], name: str) -> None:
    with opened(browser, memos[name]) as one:
        assert {check.__name__: check(one) for check in ON_PAPER} == {check.__name__: [] for check in ON_PAPER}
