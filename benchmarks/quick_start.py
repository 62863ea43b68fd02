"""How quickly a command answers: processor time of whole processes, beside that of importing the libraries it needs.

    python benchmarks/quick_start.py [RUNS]

A command and its yardstick run in turn, after one run of each that is not counted (it fills the caches of the file
system and of compiled modules); medians and their ratio are printed. Processor time is user and system time of the
process as the operating system counts it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PLAN = ("-m", "planner", "plan", str(ROOT / "examples" / "eight-a100s.yaml"), "--quiet")
COMMANDS = ("-c", "import typer, rich.console")
LIBRARIES = ("-c", "import pandas, pulp, highspy, jinja2, yaml")

CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...], float]] = {
    "planner --help": (("-m", "planner", "--help"), COMMANDS, 1.5),
    "planner plan --no-report": ((*PLAN, "--no-report"), LIBRARIES, 1.6),
    "planner plan": (PLAN, LIBRARIES, 2.5),
}
"""By name: the arguments of Python, those of the yardstick, and the ratio that is aimed at."""


def measure(runs: int = 7) -> dict[str, dict[str, float]]:
    """Return, by case, the median seconds of processor of the command and of its yardstick, and their ratio."""
    return {name: _compared(command, yardstick, runs) | {"aim": aim}
            for name, (command, yardstick, aim) in CASES.items()}  # fmt: skip


def _compared(command: tuple[str, ...], yardstick: tuple[str, ...], runs: int) -> dict[str, float]:
    seconds = [(_seconds(command), _seconds(yardstick)) for _ in range(runs + 1)][1:]
    mine, other = (median(one) for one in zip(*seconds, strict=True))
    return {"seconds": mine, "yardstick_seconds": other, "ratio": mine / other}


def _seconds(arguments: tuple[str, ...]) -> float:
    """Run Python with `arguments` in an empty folder; return its seconds of processor."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    print(f"{'':26}{'seconds':>10}{'yardstick':>11}{'ratio':>8}{'aim':>6}")
    for name, found in measure(runs).items():
        print(
            f"{name:26}{found['seconds']:10.3f}{found['yardstick_seconds']:11.3f}{found['ratio']:8.2f}{found['aim']:6}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
