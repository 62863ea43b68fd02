"""The wheel carries prices, levers and templates: installed elsewhere, it plans outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_plans_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    wheel = next(tmp_path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    scenario = ROOT / "examples" / "eight-a100s.yaml"
    command = [sys.executable, "-m", "planner", "plan", str(scenario), "--quiet"]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out" / "eight-a100s" / "report.html").exists()
    project = tmp_path / "project.yaml"
    library = "levers: {library: [spot-checkpointing], choose: all}"
    example = (ROOT / "examples" / "fine-tune.yaml").read_text(encoding="utf-8")
    project.write_text(f"{example}\n{library}\n", encoding="utf-8")
    command = [sys.executable, "-m", "planner", "finetune", str(project), "--format", "json"]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["optimized"]["levers"] == ["spot-checkpointing"]
    code = "import planner; print(planner.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert str(tmp_path) in found.stdout
