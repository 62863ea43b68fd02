"""Pages made from code are fresh, and what they link to exists."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MADE = runpy.run_path(str(DOCS / "generate.py"))["pages"]()


@pytest.mark.parametrize("name", MADE)
def test_a_page_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == MADE[name], "run `make docs`"


def test_nothing_that_was_made_is_left_behind() -> None:
    assert {f"schema/{path.name}" for path in (DOCS / "schema").iterdir()} == {
        name for name in MADE if name.startswith("schema/")
    }


def test_the_page_of_commands_holds_no_markup_of_the_terminal() -> None:
    assert not re.search("\x1b|\\[/?(bold|red|dim)|\b", MADE["cli.md"])


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)#:]+)", text)}
    assert [link for link in links if not (page.parent / link).exists()] == []
    if page.name != "adding.md":  # it names files that are yet to be made
        named = set(re.findall(r"`((?:planner|data|templates|tests|docs|examples)/[\w./-]+)`", text))
        assert [name for name in named if not (ROOT / name).exists()] == []
