"""Writes docs/model.md from docstrings: `make docs`. A test holds it fresh."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planner.analysis.options import RESTRICTIONS
from planner.costs import COMPONENTS, contingency
from planner.model.constraints import BUDGETS, RULES

TARGET = Path(__file__).with_name("model.md")
INTRO = Path(__file__).with_name("model-intro.md")


def generate() -> str:
    """Return the text of docs/model.md."""
    parts = [
        "<!-- Written by docs/generate.py: edit docstrings or docs/model-intro.md, then run `make docs`. -->",
        INTRO.read_text(encoding="utf-8").rstrip(),
        "## Rules\n\nEach is one function in `planner/model/constraints/`; its rows carry its name in LP files.",
        *(_section(rule) for rule in (*RULES, *BUDGETS)),
        "## Cost components\n\nEach is a file in `planner/costs/`; objective, ledger and budgets read the same lines.",
        *(_section(component) for component in (*COMPONENTS, contingency)),
        "## Baselines\n\nThe same program with some columns closed (`planner/analysis/options.py`).",
        *(_section(restriction) for restriction in RESTRICTIONS.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _section(function: Callable[..., Any]) -> str:
    first, _, rest = inspect.getdoc(function).partition("\n")
    file = Path(inspect.getsourcefile(function)).name
    text = f"### `{function.__name__}` · {file}\n\n{first}"
    return f"{text}\n\n{rest.strip()}" if rest.strip() else text


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
