"""Reads CSV files of the catalog strictly, and knows the place of every cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planner.errors import MAX_COMPLAINTS, Complaint, InputError, Place, nearest, shown

MAX_BYTES = 64_000_000
MAX_ROWS = 250_000
MAX_COLUMNS = 60
MAX_CELL = 2000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_GUARDED = re.compile("'+[=+@-]")
_FORMULA = re.compile("'*[=+@-]")
_CELL = re.compile(r'"(?:[^"]|"")*"[^,]*|[^,"]*')


@dataclass(frozen=True, slots=True)
class Table:
    """A file's name and text, and its columns by name with their numbers."""

    file: str
    text: str
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file: its cells, the number of its first line, and where in the text it starts."""

    table: Table
    cells: list[str]
    number: int
    start: int

    def get(self, column: str) -> str:
        """Return the text of a cell, empty where there is no such column."""
        at = self.table.columns.get(column)
        return "" if at is None else self.cells[at]

    def place(self, column: str = "") -> Place:
        """Return the place of a cell, or of the row where there is no such column."""
        text, at = self.table.text, self.start
        for _ in range(self.table.columns.get(column, 0)):
            cell = _CELL.match(text, at)
            at = cell.end() + 1 if cell else at
        line_start = max(text.rfind("\n", self.start, at) + 1, self.start)
        return Place(self.table.file, self.number + text.count("\n", self.start, at), at - line_start + 1)


def read_lines(path: Path, needed: tuple[str, ...]) -> list[Line]:
    """Read the rows of the CSV file `path`: UTF-8, commas, a header with the columns `needed` in any order.

    Cells are stripped; an apostrophe that keeps a spreadsheet from taking text for a formula is taken off. Rows
    without any text are passed over.

    Raises
    ------
    InputError
        with a complaint for every wrong row, or for the file.
    """
    complaints: list[Complaint] = []
    lines: list[Line] = []
    try:
        for line in _lines(str(path), _read_text(path), needed):
            if len(lines) >= MAX_ROWS:
                raise _refused(path, f"holds more than {MAX_ROWS:,} rows", cure="split it into several catalogs")
            if complaint := _wrong(line):
                complaints.append(complaint)
                if len(complaints) > MAX_COMPLAINTS:
                    break
            lines.append(line)
    except csv.Error as error:
        raise _refused(path, f"is not CSV: {error}") from None
    if complaints:
        raise InputError(complaints)
    return lines


def guarded(text: str) -> str:
    """Return `text` for a cell that no spreadsheet takes for a formula; `read_lines` gives the same text back.

    >>> guarded("=1+1"), guarded("list")
    ("'=1+1", 'list')
    """
    return "'" + text if _FORMULA.match(text) else text


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _refused(path, f"is larger than {MAX_BYTES:,} bytes", cure="split it")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(str(path), data.count(b"\n", 0, error.start) + 1)
        raise InputError([Complaint(place, "", f"is not UTF-8 text: {error.reason}")]) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise _refused(path, f"cannot be read: {reason}") from None
    if not text.strip():
        raise _refused(path, "is empty")
    if found := _CONTROL.search(text):
        place = Place(str(path), text.count("\n", 0, found.start()) + 1)
        raise InputError([Complaint(place, "", "holds a control character", found=shown(found[0]))])
    return text


def _refused(path: Path, message: str, cure: str | None = None) -> InputError:
    return InputError([Complaint(Place(str(path)), "", message, cure=cure)])


def _lines(file: str, text: str, needed: tuple[str, ...]) -> Iterator[Line]:
    """Yield every row below the header that holds any text."""
    plain = _Plain()
    taken = [0]

    def counted() -> Iterator[str]:
        for raw in io.StringIO(text, newline=""):
            taken[0] += len(raw)
            yield raw

    reader = csv.reader(counted(), strict=True)
    header = [plain[cell] for cell in next(reader)]
    if problems := list(_of_header(Place(file, 1), header, needed)):
        raise InputError(problems)
    table = Table(file, text, {name: at for at, name in enumerate(header)})
    start, number = taken[0], reader.line_num + 1
    for cells in reader:
        stripped = [plain[cell] for cell in cells]
        if any(stripped):
            yield Line(table, stripped, number, start)
        start, number = taken[0], reader.line_num + 1


class _Plain(dict[str, str]):
    """The text of cells, each kept once, since most repeat."""

    def __missing__(self, cell: str) -> str:
        text = cell.strip()
        self[cell] = text[1:] if _GUARDED.match(text) else text
        return self[cell]


def _wrong(line: Line) -> Complaint | None:
    width = len(line.table.columns)
    if len(line.cells) != width:
        message = f"has {len(line.cells)} cells where the header has {width}"
        return Complaint(line.place(), "", message, cure="put a text that holds commas in double quotes")
    long = next((at for at, cell in enumerate(line.cells) if len(cell) > MAX_CELL), None)
    if long is not None:
        return Complaint(line.place(), "", f"holds a cell of more than {MAX_CELL:,} characters")
    return None


def _of_header(place: Place, header: list[str], needed: tuple[str, ...]) -> Iterator[Complaint]:
    if len(header) > MAX_COLUMNS:
        yield Complaint(place, "", f"has more than {MAX_COLUMNS} columns")
        return
    if "" in header:
        yield Complaint(place, "", "has a column without a name")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        yield Complaint(place, name, "is a column twice")
    for column in needed:
        if column not in header:
            yield Complaint(place, column, "is a column that the file lacks", cure=nearest(column, header))
