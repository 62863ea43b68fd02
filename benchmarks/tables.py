"""Tables of measurements in Markdown, and the page that holds them."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

NAMES = {
    "ours": "the planner", "linopy_arrays": "linopy", "pulp_by_hand": "PuLP by hand", "pypsa_network": "PyPSA",
    "merged": "hours merged", "hour_by_hour": "hour by hour",
}  # fmt: skip
TIMES = ("build", "solve", "cpu", "wall")


def without_outliers(rows: Sequence[Row]) -> Row:
    """Return medians of the numbers of like measurements; one that says why it failed stands for all."""
    for row in rows:
        if "missing" in row or "wrong" in row:
            return row
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def section_table(title: str, rows: Sequence[Row]) -> str:
    """Return the table of one question: models by size, with the ratio of each to the first that answered."""
    cells = []
    sizes: list[str] = []
    for row in rows:
        asked = next(
            (f"{other['nonzeros']:,.0f}" for other in rows if other["size"] == row["size"] and "nonzeros" in other), ""
        )
        head = ["", ""] if row["size"] in sizes else [row["size"], asked]
        sizes.append(row["size"])
        cells.append([*head, NAMES.get(row["model"], row["model"]), *_figures(row)])
    header = [
        "size",
        "nonzeros",
        "model",
        "build, s",
        "solve, s",
        "both, s",
        "ratio",
        "wall, s",
        "peak, MB",
        "difference",
    ]
    return f"**{title}**\n\n" + _table(header, cells, left=(0, 2))


def _figures(row: Row) -> list[str]:
    if why := row.get("wrong") or row.get("missing"):
        return [why, "", "", "", "", "", ""]
    times = [_seconds(row[name]) for name in TIMES]
    return [*times[:3], f"{row['ratio']:.2f}", times[3], f"{row['peak_mb']:.0f}", f"{row['difference']:.0e}"]


def growth_table(rows: Sequence[Row], base: dict[str, int]) -> str:
    """Return how cost grows with each number of the question, and the power of that number it grows with."""
    cells = []
    for what in base:
        mine = [row for row in rows if row["what"] == what]
        for row in mine:
            first = row is mine[0]
            powers = [f"{_power(mine, key):.1f}" if first else "" for key in ("nonzeros", "build", "solve", "peak_mb")]
            if "wrong" in row or "missing" in row:
                cells.append(["", f"{row['size']:,}", row.get("wrong") or row["missing"], *[""] * 6])
                continue
            cells.append([what if first else "", f"{row['size']:,}", f"{row['nonzeros']:,.0f}", _seconds(row["build"]),
                          _seconds(row["solve"]), f"{row['peak_mb']:.0f}", *powers[:3]])  # fmt: skip
    about = ", ".join(f"{size} {what}" for what, size in base.items())
    header = ["what", "how many", "nonzeros", "build, s", "solve, s", "peak, MB", "nonzeros ~", "build ~", "solve ~"]
    return f"**How cost grows around {about}**\n\n" + _table(header, cells, left=(0,))


def _power(rows: Sequence[Row], key: str) -> float:
    """Return the slope of the logarithm of `key` against that of the size."""
    points = [(math.log(row["size"]), math.log(row[key])) for row in rows if row.get(key, 0) > 0]
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 1 else math.nan


def other_table(name: str, results: dict[str, Row]) -> str:
    """Return whatever a benchmark with figures of its own says, one line a size."""
    keys = list(dict.fromkeys(key for row in results.values() for key in row))
    cells = [[size, *(_plain(row.get(key, "")) for key in keys)] for size, row in results.items()]
    return f"**{name}**\n\n" + _table(["size", *keys], cells, left=(0,))


def machine_lines(run: dict[str, Any]) -> str:
    """Return the machine and the versions in words."""
    facts, parts = run["machine"], [f"{run['machine']['cores']} cores"]
    if "processor" in facts:
        parts.append(facts["processor"])
    if "mhz" in facts:
        parts.append(f"{facts['mhz'] / 1000:.1f} GHz")
    if "memory_gb" in facts:
        parts.append(f"{facts['memory_gb']} GB of memory")
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    return f"{', '.join([*parts, facts['system']])}; {versions}; {run['date'][:10]}."


def write_page(page: Path, parts: dict[str, str]) -> None:
    """Write the parts between the marks of their names, `<!-- name -->` and `<!-- /name -->`; leave all else alone."""
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        marks = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = marks.sub(lambda found, part=part: f"{found[1]}{part}\n{found[2]}", text)
    page.write_text(text, encoding="utf-8")


def _table(header: Sequence[str], cells: Sequence[Sequence[str]], left: Sequence[int]) -> str:
    """Return a Markdown table, aligned so that it reads well as text too."""
    widths = [max(len(row[i]) for row in (header, *cells)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(
            text.ljust(width) if i in left else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ) + " |"  # fmt: skip

    rule = "| " + " | ".join("-" * width if i in left else "-" * (width - 1) + ":" for i, width in enumerate(widths))
    return "\n".join([line(header), rule + " |", *(line(row) for row in cells)])


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _plain(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
