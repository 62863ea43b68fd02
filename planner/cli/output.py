"""Writes rows to stdout as a table, JSON, CSV or Markdown."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from planner.errors import Complaint, InputError, Place
from planner.plaintext import csv_text, json_text, markdown_table, markdown_text, visible
from planner.plaintext import safe_cell as safe_cell


class Format(StrEnum):
    """How data is written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


class FileFormat(StrEnum):
    """Forms of a file of its own."""

    html = "html"
    md = "md"
    csv = "csv"
    json = "json"


def as_json(value: Any) -> str:
    """Return JSON text; the same value gives the same bytes."""
    return json_text(value)


def as_csv(rows: Sequence[Mapping[Any, Any]], columns: Sequence[str]) -> str:
    """Return CSV text; text that a spreadsheet would run as a formula is marked as text."""
    return csv_text([columns, *([row.get(column) for column in columns] for row in rows)])


def write_rows(rows: Sequence[Mapping[str, Any]], form: Format, columns: Sequence[str] | None = None) -> None:
    """Write `rows` to stdout."""
    names = list(columns or (rows[0] if rows else []))
    if form is Format.json:
        sys.stdout.write(as_json([dict(row) for row in rows]))
    elif form is Format.csv:
        sys.stdout.write(as_csv(rows, names))
    elif form is Format.md:
        body = [[markdown_text(_text(row.get(name))) for name in names] for row in rows]
        heads = [markdown_text(name) for name in names]
        sys.stdout.write(markdown_table(heads, body, [_is_numeric(rows, name) for name in names]))
    else:
        _write_table(rows, names)


def _write_table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from planner.cli.columns import print_table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in names:
        table.add_column(Text(visible(name)), justify="right" if _is_numeric(rows, name) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(_text(row.get(name)))) for name in names))
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=200)
    print_table(console, table)


def _is_numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Say whether a column holds numbers, which are set flush right."""
    found = [row[name] for row in rows if row.get(name) is not None]
    return bool(found) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in found)


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
        print(visible(text), file=sys.stderr)


def try_place(option: str, path: Path) -> None:
    """Refuse before the work starts a file that could not be written after it; leave nothing behind.

    Raises
    ------
    InputError
        when its folder cannot be made or written, or when it is a folder itself.
    """
    made = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(0, "is a folder")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        complaint = Complaint(Place(str(path)), option, f"cannot be written: {reason}",
                              cure="name a place in a folder that you may write")  # fmt: skip
        raise InputError([complaint]) from None
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
