from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The plan of the starter scenario, as the command writes it."""
    out = tmp_path_factory.mktemp("starter")
    command = [sys.executable, "-m", "planner", "plan", "templates/scenario.yaml", "--no-report", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "plan.json").read_text(encoding="utf-8"))
