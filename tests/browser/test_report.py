"""The report, looked at in Chromium; and each check, shown to see the fault that it is there for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.checks import (
    Opened,
    clipped,
    dead_ends,
    drawings,
    noise,
    opened,
    overflow,
    unprinted,
    violations,
    wasted_paper,
)

Check = Callable[[Opened], list[str]]
REPORTS = ("eight-a100s", "self-hosted-llm", "everything")
ON_SCREEN: tuple[Check, ...] = (noise, dead_ends, overflow, clipped, drawings, violations)
ON_PAPER: tuple[Check, ...] = (noise, unprinted, wasted_paper)
FAULTS: list[tuple[Check, str, str]] = [
    (noise, "<main", '<img src="https://example.org/a.png" alt=""><main'),
    (noise, "<main", "<script>throw 1</script><main"),
    (violations, '<html lang="en">', "<html>"),
    (violations, "--soft: #57606a", "--soft: #a7b0ba"),
    (violations, "<h2 id", "<h4 id"),
    (violations, ' role="region" tabindex="0"', ' role="region" tabindex="2"'),
    (overflow, ".scroll { overflow-x: auto;", ".scroll {"),
    (overflow, "overflow-wrap: anywhere;", ""),
    (clipped, "#answer {", "#answer h2 { overflow: hidden; height: 2rem; } #answer {"),
    (clipped, "#answer {", "#answer h2 { white-space: nowrap; } #answer {"),
    (dead_ends, 'href="#course"', 'href="#curse"'),
    (dead_ends, '-title"', '-tilte"'),
    (drawings, ".chart.small { display: block; }", ""),
    (drawings, ".chart text { fill: var(--ink);", ".chart text { fill: var(--rule);"),
    (drawings, "font-size: 12px", "font-size: 7px"),
    (drawings, "font-size: 12px", "font-size: 19px"),
    (unprinted, "details:not([open])::details-content", "details:not([open])::no-content"),
    (unprinted, "@media print {", "@media print { .chart.wide { display: none; }"),
    (wasted_paper, "@media print {", "@media print { section, figure, table { break-before: page; }"),
    (wasted_paper, "@media print {", "@media print { table { min-width: 60rem; }"),
]
"""A check, and what to replace in the page so that it must complain."""


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", REPORTS)
def test_the_report_on_a_screen(browser: Any, reports: dict[str, Path], name: str, scheme: str, width: int) -> None:
    with opened(browser, reports[name], scheme, width) as one:
        assert {check.__name__: check(one) for check in ON_SCREEN} == {check.__name__: [] for check in ON_SCREEN}


@pytest.mark.parametrize("name", REPORTS)
def test_the_report_on_paper(browser: Any, reports: dict[str, Path], name: str) -> None:
    with opened(browser, reports[name]) as one:
        assert {check.__name__: check(one) for check in ON_PAPER} == {check.__name__: [] for check in ON_PAPER}


def test_dark_is_dark_and_paper_is_white(browser: Any, reports: dict[str, Path]) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, reports["everything"], "dark") as one:
        assert one.page.evaluate(ground) == "rgb(20, 24, 29)"
        one.page.emulate_media(media="print")
        assert one.page.evaluate(ground) == "rgb(255, 255, 255)"


@pytest.mark.parametrize(("check", "sound", "faulty"), FAULTS, ids=lambda value: getattr(value, "__name__", value)[:40])
def test_every_check_sees_its_fault(
    browser: Any, reports: dict[str, Path], tmp_path: Path, check: Check, sound: str, faulty: str
) -> None:
    page = reports["eight-a100s" if check is violations else "everything"].read_text(encoding="utf-8")
    assert sound in page
    broken = tmp_path / "broken.html"
    broken.write_text(page.replace(sound, faulty), encoding="utf-8")
    with opened(browser, broken, width=375) as one:
        assert check(one)
