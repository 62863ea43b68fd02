"""Makes one relation of text out of a CSV or Parquet file: every column by its place, strict about ragged lines."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from planner.actuals.duck import first_line, quoted, refuse
from planner.actuals.jsonfile import read_json
from planner.actuals.table import Table
from planner.errors import Complaint, InputError, Place, shown

if TYPE_CHECKING:
    import duckdb

MAX_HEADER = 1_000_000
MAX_COLUMNS = 5_000
MAX_LINE = 4_000_000
MOST_LINES = 10
"""That are told of a file whose lines do not fit."""
READ = "import reads CSV with a header, plain or gzip, Parquet, and JSON of Prometheus and of sacct"
_DELIMITERS = (",", ";", "\t", "|")
_GLOB = re.compile(r"[*?\[\]{}]")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        refuse(path, f"cannot be read: {(error.strerror or str(error)).lower()}")


def magic(path: Path) -> bytes:
    """Return the first bytes of a file. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(4)
    except OSError as error:
        refuse(path, f"cannot be read: {(error.strerror or str(error)).lower()}")


def read_table(base: duckdb.DuckDBPyConnection, path: Path) -> Table:
    """Return the header of a CSV file, plain or packed with gzip, the columns of a Parquet file, or rows of JSON.

    Raises
    ------
    InputError
        when it is none of these.
    """
    start = magic(path)
    if start == b"PAR1":
        return _parquet(base, path)
    if start == b"PK\3\4":
        refuse(path, "is a zip archive", "unpack it, and import the files in it")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        refuse(path, "is UTF-16", "save it as UTF-8")
    packed = start[:2] == b"\x1f\x8b"
    if _is_json(path, packed):
        return read_json(base, path)
    names, delimiter = _header(path, packed)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(names)))
    quote = "" if delimiter == "|" else '"'  # sacct quotes nothing
    source = (
        f"SELECT row_number() OVER () + 1 AS line, * FROM read_csv(?, columns = {{{columns}}}, header = true, "
        f"auto_detect = false, delim = '{delimiter}', quote = '{quote}', escape = '{quote}', strict_mode = true, "
        f"nullstr = '', compression = '{'gzip' if packed else 'none'}', null_padding = false, "
        f"max_line_size = {MAX_LINE}, store_rejects = true, rejects_limit = 101)"
    )
    return Table(path, tuple(names), source, "csv")


def _is_json(path: Path, packed: bool) -> bool:
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            return stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    except (OSError, EOFError, zlib.error):
        return False


def _header(path: Path, packed: bool) -> tuple[list[str], str]:
    """Return the names in the first line, and what stands between them."""
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            line = stream.readline(MAX_HEADER).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        refuse(path, f"cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}")
    except UnicodeDecodeError:
        refuse(path, "is no text in UTF-8", "save it as UTF-8 CSV" if path.suffix != ".gz" else
               "it is not packed with gzip, as its name says: pack it again", 1)  # fmt: skip
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        names = next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        refuse(path, f"has a header that is no CSV: {error}", READ, 1)
    if len(names) < 2 or len(names) > MAX_COLUMNS:
        refuse(path, "is no CSV file with a header", READ, 1)
    return [name.strip() for name in names], delimiter


def _parquet(base: duckdb.DuckDBPyConnection, path: Path) -> Table:
    import duckdb

    try:
        with literal(path) as name:
            found = base.execute("DESCRIBE SELECT * FROM read_parquet(?)", [name]).fetchall()
    except duckdb.Error as error:
        refuse(path, f"is no Parquet file that can be read: {first_line(error)}", "export it again, whole")
    nested = ("MAP", "STRUCT", "JSON")
    texts = [
        f"CAST({f'to_json({quoted(name)})' if kind.startswith(nested) or kind.endswith(']') else quoted(name)} "
        f"AS VARCHAR) AS c{place}"
        for place, (name, kind, *_) in enumerate(found)
    ]
    source = f"SELECT file_row_number + 1 AS line, {', '.join(texts)} FROM read_parquet(?, file_row_number = true)"
    return Table(path, tuple(name for name, *_ in found), source, "parquet")


@contextmanager
def literal(path: Path) -> Iterator[str]:
    """Yield a name of the file in which DuckDB sees no pattern."""
    whole = str(path.resolve())
    if not _GLOB.search(whole):
        yield whole
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "file"
        link.symlink_to(whole)
        yield str(link)


def check_rejected(base: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise InputError with the lines that did not fit under the header, the first of many; forget them."""
    rows: Sequence[tuple[int, str, str]] = base.execute(
        "SELECT line, min(error_message), min(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    base.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    if rows:
        cure = "export it again: it is cut off there, or a cell holds what stands between cells"
        wrong = [
            Complaint(Place(str(path), line), "", message[:1].lower() + message[1:], found=shown(text), cure=cure)
            for line, message, text in rows[:MOST_LINES]
        ]
        if more := len(rows) - len(wrong):
            wrong.append(Complaint(Place(str(path)), "", f"has {more:,} more lines that do not fit"))
        raise InputError(wrong)
