"""Reads files of other tools a row or a member at a time, within limits."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, TextIO

from planner.importers.common import refuse

MAX_LINE = 1_000_000
MAX_ITEM = 4_000_000
MAX_TEXT = 20_000_000_000
MAX_MEMBERS = 200
MAX_UNPACKED = 1_000_000_000


def csv_members(path: Path) -> list[str]:
    """Return the names of the CSV files in a zip archive, "" alone for any other file; none is ever unpacked.

    Raises
    ------
    InputError
        when there is none, or too much.
    """
    try:
        with path.open("rb") as raw:
            if raw.read(4) != b"PK\3\4":
                return [""]
        with zipfile.ZipFile(path) as archive:
            found = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        refuse(path, f"cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}")
    if not found:
        refuse(path, "is a zip archive without a CSV file")
    if len(found) > MAX_MEMBERS or sum(one.file_size for one in found) > MAX_UNPACKED:
        refuse(path, f"holds more than {MAX_MEMBERS} files or {MAX_UNPACKED:,} bytes of CSV")
    return [one.filename for one in found]


@contextmanager
def opened(path: Path, member: str = "") -> Iterator[TextIO]:
    """Open a text file, or one that gzip or zip packed; bytes that are no UTF-8 become the mark of replacement.

    Parameters
    ----------
    member : which file of a zip archive, the first of its CSV files when it is not said
    """
    member = member or csv_members(path)[0]
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with (
                zipfile.ZipFile(raw).open(member) if member else gzip.open(raw) if packed else raw as plain,
                io.TextIOWrapper(plain, encoding="utf-8-sig", errors="replace", newline="") as stream,
            ):
                yield stream
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        refuse(path, f"cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}")


def csv_rows(
    path: Path, required: Collection[str], skip: int = 0, member: str = ""
) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield number and cells of every row below the header; None for a row that does not fit under it.

    Parameters
    ----------
    member : which file of a zip archive, the first of its CSV files when it is not said

    Raises
    ------
    InputError
        when the header, `skip` lines below the top, lacks one of `required`.
    """
    with opened(path, member) as stream:
        for _ in range(skip):
            stream.readline(MAX_LINE)
        reader = csv.reader(_lines(path, stream))
        header = [name.strip() for name in _next(reader) or ()]
        if missing := [name for name in required if name not in header]:
            refuse(path, f"has no column {', '.join(missing)}")
        number = 1
        while (cells := _next(reader)) is not None:
            if cells:
                number += 1
                yield number, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    """Return the next row, ['' …] with no fitting length where the reader gives one up, None at the end."""
    try:
        return next(reader, None)
    except csv.Error:
        return [""]


def _lines(path: Path, stream: TextIO) -> Iterator[str]:
    total = 0
    while line := stream.readline(MAX_LINE):
        total += len(line)
        _check_length(path, total)
        yield line.replace("\0", "�")


def _check_length(path: Path, total: int) -> None:
    if total > MAX_TEXT:
        refuse(path, f"is longer than {MAX_TEXT:,} characters")


_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\]]', re.DOTALL)


def json_items(path: Path, key: str, chunk: int = 65_536) -> Iterator[Any]:
    """Yield the members of every list `key` of a JSON file, one at a time; None for one that is not JSON.

    Raises
    ------
    InputError
        when a member is longer than MAX_ITEM characters, or the file ends within one.
    """
    start = re.compile(rf'"{re.escape(key)}"\s*:\s*\[')
    with opened(path) as stream:
        text = _Window(path, stream, chunk)
        while text.seek(start):
            depth = begin = at = 0
            while depth >= 0:
                found = _TOKEN.search(text.held, at)
                if found is None or found[0] == '"':
                    needed = begin if depth else at
                    text.drop(needed)
                    at, begin = at - needed, 0
                    if len(text.held) > MAX_ITEM or not text.more():
                        refuse(path, f"ends or runs on within a member of '{key}'")
                    continue
                at = found.end()
                if found[0] in "{[":
                    begin, depth = (begin if depth else found.start()), depth + 1
                elif found[0] in "}]":
                    depth -= 1
                    if depth == 0:
                        yield _parsed(text.held[begin:at])
            text.drop(at)


class _Window:
    """The part of a stream that is still needed."""

    def __init__(self, path: Path, stream: TextIO, chunk: int) -> None:
        self.path, self.stream, self.chunk = path, stream, chunk
        self.held, self.total = "", 0

    def more(self) -> bool:
        piece = self.stream.read(self.chunk)
        self.held += piece
        self.total += len(piece)
        _check_length(self.path, self.total)
        return bool(piece)

    def drop(self, upto: int) -> None:
        self.held = self.held[upto:]

    def seek(self, pattern: re.Pattern[str]) -> bool:
        """Go behind the next match of `pattern`; say whether there is one."""
        while (found := pattern.search(self.held)) is None:
            self.drop(max(0, len(self.held) - 1000))
            if not self.more():
                return False
        self.drop(found.end())
        return True


def _parsed(text: str) -> Any:
    def refused(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refused)
    except (ValueError, RecursionError):
        return None
