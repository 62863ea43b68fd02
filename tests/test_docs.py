"""Pages made from code are fresh."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_model_page_is_what_the_docstrings_say() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generate"]()
    assert (ROOT / "docs" / "model.md").read_text(encoding="utf-8") == made, "run `make docs`"
