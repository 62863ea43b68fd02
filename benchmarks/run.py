"""Measures the planner beside its peers, prints tables of ratios and keeps a history.

    python -m benchmarks.run [--quick] [--only NAME] [--growth] [--page docs/performance.md] [--history FILE]

Every measurement is a process of its own; models take turns, and medians are shown. A time counts only when the
objective is that of the others. Peers are optional: `pip install -e .[bench]`; one that is missing is named.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.tables import Row, growth_table, machine_lines, other_table, section_table, without_outliers, write_page

HISTORY = Path(__file__).parent / "history.jsonl"
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Section:
    """A question in several sizes, and the models that answer it; times are compared with those of the first.

    Attributes
    ----------
    ask : the function of benchmarks/question.py that makes the question
    models : `module.function`
    sizes, quick : arguments of `ask` by the name of the size; names of those that are measured in a hurry
    agree : relative difference of objectives up to which they are the same
    """

    title: str
    ask: str
    models: tuple[str, ...]
    sizes: dict[str, dict[str, Any]]
    quick: tuple[str, ...]
    agree: float = 1e-6


SIZES: dict[str, dict[str, Any]] = {
    "small": {"months": 12, "hours": 12},
    "medium": {"months": 24, "hours": 24},
    "large": {"months": 36, "hours": 48},
    "huge": {"months": 36, "hours": 168},
}
SECTIONS = {
    "plan": Section(
        "The same plan in other frameworks", "question",
        ("ours.measure", "linopy_arrays.measure", "pulp_by_hand.measure"), SIZES, ("small", "medium"),
    ),
    "once": Section(
        "The same plan as a network", "question",
        ("ours.measure", "pulp_by_hand.measure", "pypsa_network.measure"),
        {name: {**size, "once": True} for name, size in SIZES.items() if name != "huge"}, ("small", "medium"),
    ),
    "hours": Section(
        "Every hour of the calendar", "every_hour", ("hours.merged", "hours.hour_by_hour"),
        {f"{months} months, {works} workload{'s' * (works > 1)}": {"months": months, "workloads": works}
         for works in (1, 2) for months in (3, 12, 36)},
        ("3 months, 1 workload", "12 months, 1 workload", "3 months, 2 workloads"), 1e-9,
    ),
}  # fmt: skip
OTHERS: dict[str, dict[str, list[Any]]] = {
    "build_program": {"10,000 nonzeros": [10_000], "100,000 nonzeros": [100_000], "1,000,000 nonzeros": [1_000_000]},
    "quick_start": {"three runs": [3]},
    "stochastic": {
        f"{example}, {futures} futures": [example, futures]
        for example in ("eight-a100s", "part-time-h100", "self-hosted-llm")
        for futures in (50, 200)
    },
    "three_years": {
        "3 months, 1 product": [3, 1, True],
        "36 months, 2 products": [36, 2, False],
        "36 months, 1 product": [36, 1, True],
    },
    "sweep": {
        "eight-a100s, 200 scenarios": ["eight-a100s", 200, 20],
        "llm-platform, 60 scenarios": ["llm-platform", 60, 6],
        "llm-platform, 1,000 scenarios": ["llm-platform", 1_000, 20],
    },
    "import_charges": {"1,000,000 rows": [1_000_000], "10,000,000 rows": [10_000_000]},
}
"""Benchmarks with figures of their own, one row or several: arguments of `measure` by the name of the size."""

BASE = {"months": 24, "servers": 2, "offers": 4, "workloads": 2, "hours": 24}
FACTORS = (0.5, 1, 2, 4)
"""Around which cost is measured as it grows, and by what each number is multiplied."""

LONG = 5.0
"""Seconds on the wall above which one measurement must do."""


def main() -> int:
    """Measure what is asked for; return 1 when objectives differ or a measurement fails."""
    asked = _arguments()
    if asked.measure:
        print(json.dumps(_measure_here(asked.measure, json.loads(asked.given))))
        return 0
    run: dict[str, Any] = {
        "date": asked.date or datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.described(), "versions": machine.versions(), "tables": {},
    }  # fmt: skip
    pages = {"machine": machine_lines(run)}
    for name, rows, table in _tables(asked):
        run["tables"][name], pages[name] = rows, table
        print(f"\n{table}", flush=True)
    with asked.history.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")
    if asked.page:
        write_page(asked.page, pages)
    wrong = [row for rows in run["tables"].values() for row in rows if row.get("wrong")]
    for row in wrong:
        print(f"{row['size']}, {row['model']}: {row['wrong']}", file=sys.stderr)
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=(__doc__ or "").partition("\n")[0])
    names = [*SECTIONS, "growth", *OTHERS]
    parser.add_argument("--quick", action="store_true", help="small sizes only, within five minutes")
    parser.add_argument("--only", choices=names, action="append", help="this table; may be repeated")
    parser.add_argument("--size", action="append", help="this size; may be repeated")
    parser.add_argument("--growth", action="store_true", help="how cost grows, with --quick too")
    parser.add_argument("--repeat", type=int, default=3, help="measurements of each model and size")
    parser.add_argument("--patience", type=float, default=900, help="seconds for one measurement")
    parser.add_argument("--history", type=Path, default=HISTORY, help="file to which a line of JSON is added")
    parser.add_argument("--page", type=Path, help="page whose tables of the same names are written anew")
    parser.add_argument("--date", help="of this run in the history; unset: now")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--given", help=argparse.SUPPRESS)
    return parser.parse_args()


def _tables(asked: argparse.Namespace) -> Iterator[tuple[str, list[Row], str]]:
    """Yield the name, the rows and the table of whatever is asked for."""
    wanted = asked.only or [*SECTIONS, *OTHERS, *(["growth"] if asked.growth or not asked.quick else [])]

    def chosen(sizes: dict[str, Any], quick: tuple[str, ...]) -> dict[str, Any]:
        names = asked.size or (quick if asked.quick else sizes)
        return {name: size for name, size in sizes.items() if name in names}

    for name, section in SECTIONS.items():
        if name in wanted:
            rows = []
            for size, given in chosen(section.sizes, section.quick).items():
                ask = {"ask": section.ask, **given}
                rows += _compared(size, _in_turn(section.models, ask, asked), section.agree)
            yield name, rows, section_table(section.title, rows)
    for name, sizes in OTHERS.items():
        if name in wanted and (Path(__file__).parent / f"{name}.py").exists():
            results: dict[str, Row] = {}
            for size, given in chosen(sizes, tuple(list(sizes)[:2])).items():
                found = _measure(f"{name}.measure", {"given": given}, asked.patience)
                results |= found if all(isinstance(row, dict) for row in found.values()) else {size: found}
            rows = [{"size": size, "model": name, **row} for size, row in results.items()]
            yield name, rows, other_table(name, results)
    if "growth" in wanted:
        rows = list(_growth(asked))
        yield "growth", rows, growth_table(rows, BASE)


def _growth(asked: argparse.Namespace) -> Iterator[Row]:
    """Measure our own program around a base, one number of it at a time."""
    for what, base in BASE.items():
        for factor in FACTORS:
            size = int(base * factor)
            found = _in_turn(("ours.measure",), {"ask": "question", **BASE, what: size}, asked)
            yield {"what": what, "factor": factor, "size": size, "model": "ours", **found["ours"]}


def _in_turn(models: tuple[str, ...], given: dict[str, Any], asked: argparse.Namespace) -> dict[str, Row]:
    """Measure models one after the other, several times over; return the medians by model.

    A model that failed, or that takes more than `LONG` seconds, is measured once.
    """
    found: dict[str, list[Row]] = {model: [] for model in models}
    for _ in range(asked.repeat):
        for model, rows in found.items():
            if not rows or rows[0].get("wall", math.inf) < LONG:
                rows.append(_measure(model, given, asked.patience))
    names = {model: model.removesuffix(".measure").rpartition(".")[2] for model in models}
    return {names[model]: without_outliers(rows) for model, rows in found.items()}


def _compared(size: str, found: dict[str, Row], agree: float) -> list[Row]:
    """Return the rows of a size; times of a model whose objective differs from the first one's do not count."""
    rows: list[Row] = [{"size": size, "model": model, **row} for model, row in found.items()]
    first = next((row for row in rows if "objective" in row), None)
    for row in rows:
        if first and "objective" in row:
            row["difference"] = abs(row["objective"] / first["objective"] - 1)
            row["ratio"] = row["cpu"] / first["cpu"]
            if not row["difference"] <= agree:
                row["wrong"] = f"the objective differs by {row['difference']:.1e}"
    return rows


def _measure(model: str, given: dict[str, Any], patience: float) -> Row:
    """Measure in a process of its own; what cannot be measured says why."""
    command = [sys.executable, "-m", "benchmarks.run", "--measure", model, "--given", json.dumps(given)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return {"missing": f"more than {patience:.0f} s"}
    if done.returncode:
        return {"wrong": done.stderr.strip().rpartition("\n")[2] or f"ended with {done.returncode}"}
    row: Row = json.loads(done.stdout.rstrip().rpartition("\n")[2])
    return row


def _measure_here(model: str, given: dict[str, Any]) -> Row:
    """Measure in this process: answer the question, or call a benchmark with a table of its own."""
    module, _, function = model.partition(".")
    try:
        measure: Callable[..., Row] = getattr(__import__(f"benchmarks.{module}", fromlist=[function]), function)
        if "ask" not in given:
            return dict(measure(*given["given"]))
        from benchmarks import ours, question

        asked = getattr(question, given.pop("ask"))(**given)
        row = measure(ours.case_of(asked) if module == "hours" else asked)
    except ModuleNotFoundError as error:
        return {"missing": f"{error.name} is not installed"}
    except NotImplementedError:
        return {"missing": "not written yet"}
    return row | {"peak_mb": machine.peak_mb()}


if __name__ == "__main__":
    sys.exit(main())
