"""docs/months.md: its samples are imported as it says, and its gates are known."""

from __future__ import annotations

import re
from pathlib import Path

from planner.actuals.store import Store
from planner.cli.track import GATES
from planner.whatif.gates import parse

PAGE = (Path(__file__).parent.parent.parent / "docs" / "months.md").read_text(encoding="utf-8")


def test_the_samples_are_understood(tmp_path: Path) -> None:
    samples = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    paths = [tmp_path / f"{n}.csv" for n in range(len(samples))]
    for path, text in zip(paths, samples, strict=True):
        path.write_text(text, encoding="utf-8")
    with Store(tmp_path / "actuals.duckdb") as store:
        done = list(store.add("auto", paths))
    assert [(one.format, one.rows, float(one.gpu_hours), one.unknown) for one in done] == [
        ("owned", 3, 5100, 0), ("demand", 1, 5100, 0),
    ]  # fmt: skip
    assert float(done[0].money[0].effective_cost or 0) == 812.40 + 4100


def test_the_gates_are_known() -> None:
    gates = [parse(text) for text in re.findall(r"`(\w+[<>][^` ]+)`", PAGE.partition("--fail-on` ends")[2])]
    assert len(gates) == 8 and {gate.name for gate in gates} == set(GATES)
