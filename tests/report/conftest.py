from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import run

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The plan of the starter scenario, as the command writes it."""
    out = tmp_path_factory.mktemp("starter")
    done = run("plan", "templates/scenario.yaml", "--no-report", "--out", out, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "plan.json").read_text(encoding="utf-8"))
