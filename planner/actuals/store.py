"""What was used and billed, in one DuckDB file: each file goes in whole and once, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from planner.actuals.coverage import DAY, WHOLE, doubled, settle
from planner.actuals.coverage import How as How
from planner.actuals.duck import MEMORY, answer, connect, first_line, refuse, text_literal
from planner.actuals.formats import FORMATS, Format, Name, recognise
from planner.actuals.gpus import load_gpus
from planner.actuals.imported import Imported as Imported
from planner.actuals.imported import Money
from planner.actuals.mapping import LEFT_OUT
from planner.actuals.reading import check_rejected, digest, literal, read_table
from planner.actuals.table import NOTHING, Columns, Table
from planner.actuals.table import Told as Told
from planner.actuals.usage_mapping import NOT_COUNTED
from planner.errors import Complaint, InputError, Place, nearest
from planner.resources import shipped

if TYPE_CHECKING:
    import pandas as pd

    from planner.catalog.load import Catalog

VERSION = 1
_MONEY = "DECIMAL(38, 12)"
_TABLES = f"""
CREATE TABLE IF NOT EXISTS planner_actuals (version INTEGER);
CREATE TABLE IF NOT EXISTS files (digest VARCHAR PRIMARY KEY, name VARCHAR, format VARCHAR, rows BIGINT,
    first_day DATE, last_day DATE, whole BOOLEAN DEFAULT true);
CREATE TABLE IF NOT EXISTS charges (file VARCHAR, line BIGINT, provider VARCHAR, account VARCHAR,
    charge_start TIMESTAMP, charge_end TIMESTAMP, billing_month VARCHAR, category VARCHAR, correction BOOLEAN,
    pricing VARCHAR, unused BOOLEAN, service VARCHAR, description VARCHAR, region VARCHAR, instance_type VARCHAR,
    gpu VARCHAR, gpus DECIMAL(18, 6), hours DECIMAL(38, 9), gpu_hours DECIMAL(38, 9), list_cost {_MONEY},
    contracted_cost {_MONEY}, effective_cost {_MONEY}, billed_cost {_MONEY}, currency VARCHAR, resource VARCHAR,
    tags VARCHAR, component VARCHAR, doubt VARCHAR);
CREATE TABLE IF NOT EXISTS usage (file VARCHAR, line BIGINT, source VARCHAR, cluster VARCHAR, start TIMESTAMP,
    "end" TIMESTAMP, team VARCHAR, workload VARCHAR, region VARCHAR, gpu VARCHAR, gpus DECIMAL(18, 6),
    gpu_hours DECIMAL(38, 9), utilization_fraction DOUBLE, kind VARCHAR, doubt VARCHAR,
    queued_gpu_hours DECIMAL(38, 9), run VARCHAR);
ALTER TABLE files ADD COLUMN IF NOT EXISTS whole BOOLEAN DEFAULT true;
ALTER TABLE usage ADD COLUMN IF NOT EXISTS run VARCHAR;
DROP TABLE IF EXISTS coverage;
"""
"""Of usage, gpu_hours of the kind `used` are the time that was measured, of which utilization_fraction is the use."""


class Store:
    """A DuckDB file of charges and usage; a context manager.

    Parameters
    ----------
    path : of the file, made when it is not there; ":memory:" for one that is not kept
    read_only : it must be there, and several may read it at once
    catalog : whose offers say which GPUs an instance type has, beside the shipped table

    Raises
    ------
    InputError
        when DuckDB is missing, or the file is no store, or of a newer version.
    """

    def __init__(
        self, path: Path | str, *, read_only: bool = False, catalog: Catalog | None = None, memory: str = MEMORY
    ) -> None:
        self.path = path
        if read_only and not Path(path).is_file():
            refuse(path, "does not exist", f"planner actuals import auto FILE --into {path}")
        self._is_new = not read_only and path != ":memory:" and not Path(path).exists()
        self.base = connect(path, read_only, memory)
        try:
            self._check()
            if not read_only:
                self.base.execute(_TABLES)
                self.base.execute("INSERT INTO planner_actuals SELECT ? WHERE NOT EXISTS "
                                  "(FROM planner_actuals)", [VERSION])  # fmt: skip
                load_gpus(self.base, shipped("data/instances"), catalog)
        except BaseException:
            self.base.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        bare = self._is_new and not self.rows("SELECT digest FROM files LIMIT 1")
        self.base.close()
        if bare:
            Path(self.path).unlink(missing_ok=True)

    def _check(self) -> None:
        tables = {
            name
            for (name,) in self.base.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        }
        if tables and "planner_actuals" not in tables:
            refuse(self.path, "is a DuckDB file, but no store of actuals", "name another file")
        found = self.rows("SELECT max(version) AS version FROM planner_actuals") if tables else []
        if found and (found[0]["version"] or 0) > VERSION:
            refuse(self.path, f"was written by a newer planner (version {found[0]['version']} of the store)")

    def frame(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the answer to a query."""
        return self.base.execute(query, list(parameters)).df()

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the answer to a query, row by row; amounts are exact."""
        return answer(self.base, query, parameters)

    def add(self, name: str, paths: Sequence[Path], how: How = WHOLE, told: Told = NOTHING) -> Iterator[Imported]:
        """Import files of the format `name`, or each of the one that it is of ("auto"); each in a transaction.

        With `how.replace` the files of one call do not replace each other. `told` is what the files do not say.

        Raises
        ------
        InputError
            at the end, when files are not of the format, do not fit, or cover what another does; the others are in.
        """
        if name != "auto" and name not in FORMATS:
            known = ", ".join(["auto", *FORMATS])
            raise InputError([Complaint(Place(name), "", "is no format", allowed=known, cure=nearest(name, FORMATS))])
        together = _digests(paths)
        wrong: list[Complaint] = []
        refused = 0
        for path in paths:
            try:
                done = self._add(name, path, how, together, told)
            except InputError as error:
                refused += 1
                wrong += error.complaints
            else:
                yield done
        if wrong:
            kept = f"{refused} of {len(paths)} files refused, the others imported"
            raise InputError(wrong, "nothing was written" if refused == len(paths) else kept)

    def _add(self, name: str, path: Path, how: How, together: Collection[str], told: Told) -> Imported:
        content = digest(path)
        found = self.rows("SELECT format, whole FROM files WHERE digest = ?", [content])
        if found and found[0]["whole"]:
            return Imported(str(path), found[0]["format"], unchanged=True)
        table = read_table(self.base, path)
        form_name = _format(name, table)
        form = FORMATS[form_name]
        with self._zone(path, form, told), self._transaction():
            for one in ("charges", "usage", "files"):
                self.base.execute(f"DELETE FROM {one} WHERE {'digest' if one == 'files' else 'file'} = ?", [content])
            replaced: Counter[str] = Counter()
            filled = self._insert(content, form, table, told)
            left = self.base.execute("DELETE FROM charges WHERE file = ? AND doubt = ?", [content, LEFT_OUT]).fetchone()
            for one in filled:
                replaced.update(settle(self.base, content, path, one, how, together))
            result = self._finish(content, form_name, path, filled)
            twice = doubled(self.base, content) if how.add and "charges" in filled else {}
            note = form.note(table, told, partial(self._count, content)) if form.note else None
        return replace(result, replaced=dict(replaced), doubled=twice, left_out=left[0] if left else 0, note=note)

    def _count(self, content: str, condition: str) -> int:
        """Return how many charges of a file meet a condition of SQL."""
        query = f"SELECT count(*) AS n FROM charges WHERE file = ? AND ({condition})"
        return int(self.rows(query, [content])[0]["n"])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.base.begin()
        try:
            yield
            self.base.commit()
        except BaseException:
            self.base.rollback()
            raise

    @contextmanager
    def _zone(self, path: Path, form: Format, told: Told) -> Iterator[None]:
        """Take times that say no zone as of the one that is told."""
        import duckdb

        if told.time_zone and not form.local:
            refuse(path, "says its times in UTC", "leave --time-zone out")
        try:
            self.base.execute(f"SET TimeZone = {text_literal(told.time_zone or 'UTC')}")
        except duckdb.Error as error:
            refuse(path, first_line(error))
        try:
            yield
        finally:
            self.base.execute("SET TimeZone = 'UTC'")

    @contextmanager
    def _streamed(self) -> Iterator[None]:
        """Read a file past the tables of GPUs, never hold it in memory to join them, whatever its size is guessed."""
        self.base.execute("SET disabled_optimizers = 'build_side_probe_side'")
        yield
        self.base.execute("RESET disabled_optimizers")  # after a file that fails the next one sets it again

    def _insert(self, content: str, form: Format, table: Table, told: Told) -> list[Name]:
        """Write the rows of a file, and return the tables that they went to."""
        import duckdb

        filled: list[Name] = []
        try:
            with literal(table.path) as name, self._streamed():
                given = [] if table.kind == "json" else [name]
                if form.check and (wrong := [*form.check(self.base, table, name)]):
                    raise InputError(wrong)
                for one, query in form.queries(table, told):
                    self.base.execute(f"INSERT INTO {one} SELECT ?, * FROM ({query})", [content, *given])
                    filled.append(one)
        except duckdb.Error as error:
            mixed = "state machine" in str(error)
            refuse(table.path, "is no CSV, or mixes line ends" if mixed else f"cannot be read: {first_line(error)}")
        if table.kind == "csv":
            check_rejected(self.base, table.path)
        return filled

    def _finish(self, content: str, form: str, path: Path, filled: Sequence[Name]) -> Imported:
        table = filled[0]
        day = DAY[table]
        self.base.execute(
            "INSERT INTO files (digest, name, format, rows, first_day, last_day) "
            f"SELECT ?, ?, ?, count(*), min({day}), max({day}) FROM {table} WHERE file = ?",
            [content, str(path), form, content],
        )
        counts = self.rows(
            f"SELECT count(*) AS rows, coalesce(sum(gpu_hours), 0) AS gpu_hours FROM {table} WHERE file = ?", [content]
        )[0]
        doubts: Counter[bool] = Counter()
        for one in filled:
            query = (
                f"SELECT starts_with(doubt, ?) AS known, count(*) AS n FROM {one} WHERE file = ? AND doubt IS NOT NULL"
            )
            doubts.update(
                {row["known"]: row["n"] for row in self.rows(f"{query} GROUP BY ALL", [NOT_COUNTED, content])}
            )
        money = self.money(content) if "charges" in filled else ()
        return Imported(str(path), form, counts["rows"], counts["gpu_hours"], money, doubts[False], doubts[True])

    def money(self, file: str) -> tuple[Money, ...]:
        """Return the sums of a file's charges, one for each currency."""
        found = self.rows(
            "SELECT currency, sum(list_cost) AS list_cost, sum(effective_cost) AS effective_cost, sum(billed_cost) AS "
            "billed_cost FROM charges WHERE file = ? GROUP BY currency ORDER BY currency", [file],
        )  # fmt: skip
        return tuple(Money(**one) for one in found)

    def unknown(self) -> list[dict[str, Any]]:
        """Return what was not understood: by file and reason, how many rows, the first of them, and their money."""
        charges = (
            "SELECT files.name AS file, doubt AS reason, count(*) AS rows, min(line) AS first_line, currency, "
            "sum(effective_cost) AS effective_cost, sum(billed_cost) AS billed_cost FROM charges JOIN files ON "
            "digest = charges.file WHERE doubt IS NOT NULL GROUP BY ALL"
        )
        usage = (
            "SELECT files.name, doubt, count(*), min(line), NULL, NULL, NULL FROM usage JOIN files ON digest = "
            "usage.file WHERE doubt IS NOT NULL GROUP BY ALL"
        )
        return self.rows(f"SELECT * FROM ({charges} UNION ALL {usage}) ORDER BY rows DESC, file, reason, currency")


def _digests(paths: Sequence[Path]) -> set[str]:
    """Return the digests of files; one that cannot be read is told when its turn comes."""
    found = set()
    for path in paths:
        with suppress(InputError):
            found.add(digest(path))
    return found


def _format(name: str, table: Table) -> str:
    """Return the format to read a file by. Raises InputError when it is of another, of none or of several."""
    likely = recognise(table.names)
    if name in likely:
        return name
    if name == "auto" and len(likely) == 1:
        return likely[0]
    if name == "auto":
        message = f"may be {' or '.join(likely)}" if likely else "is of no format that is known by its columns"
        return refuse(table.path, message, "name its format" if likely else f"known are {', '.join(FORMATS)}", 1)
    seen = f"; it looks like {' or '.join(likely)}" if likely else ""
    missing = [" or ".join(group) for group in FORMATS[name].marks if not Columns(table).has(*group)]
    cure = f"planner actuals import {likely[0]} {table.path} …" if likely else None
    return refuse(table.path, f"is no {FORMATS[name].about}: it has no column {', '.join(missing)}{seen}", cure, 1)
