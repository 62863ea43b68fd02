"""Makes rows of text out of the answers of Prometheus and of `sacct --json`, read one series or job at a time."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from planner.actuals.duck import refuse
from planner.actuals.table import Table

if TYPE_CHECKING:
    import duckdb

HEAD = 1_000_000
MAX_OBJECT = 64_000_000
MAX_ROWS = 100_000_000
_BATCH = 50_000
_GAP = re.compile(r"[\s,]*")
SAMPLES = ("metric", "labels", "sample_time", "sample_value", "step")
JOBS = (
    "JobIDRaw", "Cluster", "User", "Account", "Partition", "State", "Submit", "Start", "End", "ElapsedRaw", "AllocTRES",
)  # fmt: skip
Row = tuple[str | None, ...]


def read_json(base: duckdb.DuckDBPyConnection, path: Path) -> Table:
    """Load the rows of a JSON file, plain or gzip, into a table of the connection and return it.

    Raises
    ------
    InputError
        when it is of neither kind, is cut off, or has an object that is too large.
    """
    try:
        with _opened(path) as stream:
            head = stream.read(HEAD)
            names, first, rows_of = _kind(path, head)
            _load(base, path, names, chain.from_iterable(map(rows_of, elements(path, stream, head, first))))
    except UnicodeDecodeError:
        refuse(path, "is no text in UTF-8")
    except (OSError, EOFError, zlib.error) as error:
        refuse(path, f"cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}")
    columns = ", ".join(f"c{place}" for place in range(len(names)))
    return Table(path, names, f"SELECT line, {columns} FROM json_rows", kind="json")


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return io.TextIOWrapper(gzip.open(path) if packed else path.open("rb"), encoding="utf-8-sig")


def _kind(path: Path, head: str) -> tuple[tuple[str, ...], int, Callable[[Mapping[str, Any]], Iterable[Row]]]:
    """Return the names of the columns, where the array begins, and how an element of it becomes rows."""
    if said := re.search(r'"resultType"\s*:\s*"(\w+)"', head):
        if said[1] != "matrix":
            refuse(path, f"is the answer to an instant query ({said[1]})", "ask /api/v1/query_range")
        if found := re.search(r'"result"\s*:\s*\[', head):
            return SAMPLES, found.end(), _samples
    if re.search(r'"status"\s*:\s*"error"', head):
        said = re.search(r'"error"\s*:\s*"([^"]*)"', head)
        refuse(
            path, f"is an error of Prometheus: {said[1] if said else 'of no kind'}", "ask again for less, or mend it"
        )
    if found := re.search(r'"jobs"\s*:\s*\[', head):
        return JOBS, found.end(), _job
    return refuse(
        path, "is JSON, but no answer of Prometheus' query_range and none of sacct --json",
        "export it as CSV, or ask Prometheus with /api/v1/query_range",
    )  # fmt: skip


def elements(path: Path, stream: IO[str], buffer: str, at: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the array that begins at `at` of `buffer`, on which `stream` follows."""
    decoder = json.JSONDecoder()
    while True:
        at = _GAP.match(buffer, at).end()  # type: ignore[union-attr]
        if buffer[at : at + 1] == "]":
            return
        if buffer[at : at + 1] not in ("{", ""):
            refuse(path, "has something in its list that is no object")
        try:
            found, at = decoder.raw_decode(buffer, at)
        except (ValueError, RecursionError):
            rest = len(buffer) - at
            more = (
                stream.read(max(HEAD, rest)) if rest < MAX_OBJECT else refuse(path, "has an object that is too large")
            )
            if not more:
                refuse(path, "is no JSON, or is cut off", "save it again, whole")
            buffer, at = buffer[at:] + more, 0
            continue
        yield found


def _load(base: duckdb.DuckDBPyConnection, path: Path, names: tuple[str, ...], rows: Iterator[Row]) -> None:
    """Write the rows to the temporary table json_rows, a batch at a time."""
    import pandas as pd

    columns = [f"c{place}" for place in range(len(names))]
    base.execute(f"CREATE OR REPLACE TEMP TABLE json_rows (line BIGINT, {', '.join(f'{c} VARCHAR' for c in columns)})")
    loaded = 0
    while batch := list(islice(rows, _BATCH)):
        frame = pd.DataFrame(batch, columns=columns, dtype="object")
        frame.insert(0, "line", range(loaded + 1, loaded + len(batch) + 1))
        base.register("json_batch", frame)
        base.execute(f"INSERT INTO json_rows SELECT line, {', '.join(columns)} FROM json_batch")
        base.unregister("json_batch")
        loaded += len(batch)
        if loaded > MAX_ROWS:
            refuse(path, f"has more than {MAX_ROWS:,} rows")


def _samples(series: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the samples of a series with its metric, its other labels, and the least step between two of them."""
    labels, values = dict(_part(series, "metric")), series.get("values")
    metric = _text(labels.pop("__name__", None))
    points = [
        point if isinstance(point, list) and len(point) == 2 else (None, None)
        for point in (values if isinstance(values, list) else ())
    ]
    times = sorted({time for time, _ in points if isinstance(time, int | float)})
    step = _text(min((after - before for before, after in pairwise(times)), default=None))
    said = json.dumps(labels, sort_keys=True)
    for time, value in points:
        yield metric, said, _text(time), _text(value), step


def _job(job: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a job as `sacct -P` writes it; its steps, which stand in it, are not read."""
    time = _part(job, "time")
    state = job.get("state")
    current = state.get("current") if isinstance(state, dict) else state
    resources = _part(job, "tres").get("allocated")
    counted = [
        f"{one.get('type')}{'/' + str(one['name']) if one.get('name') else ''}={_number(one.get('count'))}"
        for one in (resources if isinstance(resources, list) else ()) if isinstance(one, dict)
    ]  # fmt: skip
    yield (
        _number(job.get("job_id")), _text(job.get("cluster")), _text(job.get("user")), _text(job.get("account")),
        _text(job.get("partition")), " ".join(map(str, current)) if isinstance(current, list) else _text(current),
        _moment(time.get("submission")), _moment(time.get("start")), _moment(time.get("end")),
        _number(time.get("elapsed")), ",".join(counted),
    )  # fmt: skip


def _part(one: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = one.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> str | None:
    """Return a number as text; newer versions of Slurm say whether it is set."""
    if isinstance(value, dict):
        return _text(value.get("number")) if value.get("set") else None
    return _text(value)


def _moment(value: Any) -> str | None:
    """Return seconds since 1970; 0 is not yet."""
    said = _number(value)
    return None if said == "0" else said


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
