"""Writes rows to stdout as a table, JSON, CSV or Markdown."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Format(StrEnum):
    """How data is written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


def as_json(value: Any) -> str:
    """Return JSON text; the same value gives the same bytes."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return CSV text; text that a spreadsheet would run as a formula is marked as text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(row.get(column)) for column in columns])
    return stream.getvalue()


def safe_cell(value: Any) -> Any:
    """Return `value` for a CSV or workbook cell: text that starts like a formula gets a leading apostrophe."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value


def write_rows(rows: Sequence[Mapping[str, Any]], form: Format, columns: Sequence[str] | None = None) -> None:
    """Write `rows` to stdout."""
    names = list(columns or (rows[0] if rows else []))
    if form is Format.json:
        sys.stdout.write(as_json([dict(row) for row in rows]))
    elif form is Format.csv:
        sys.stdout.write(as_csv(rows, names))
    elif form is Format.md:
        lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
        lines += ["| " + " | ".join(_text(row.get(name)).replace("|", "\\|") for name in names) + " |" for row in rows]
        sys.stdout.write("\n".join(lines) + "\n")
    else:
        _write_table(rows, names)


def _write_table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in names:
        numeric = all(isinstance(row.get(name), (int, float)) or row.get(name) is None for row in rows)
        table.add_column(name, justify="right" if numeric and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(row.get(name))) for name in names))
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=200)
    console.print(table)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"
    return str(value)


def say(text: str, quiet: bool) -> None:
    """Write a message to stderr."""
    if not quiet:
        print(text, file=sys.stderr)
