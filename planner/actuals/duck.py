"""Opens a DuckDB file within limits: bounded memory, no extensions fetched, no clock of the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from planner.errors import Complaint, InputError, Place

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
_MACROS = """
CREATE OR REPLACE TEMP MACRO number(x) AS CASE WHEN contains(x, '_') THEN NULL ELSE TRY_CAST(x AS DECIMAL(38, 12)) END;
CREATE OR REPLACE TEMP MACRO moment(x) AS CASE
    WHEN regexp_matches(x, '^\\d{4}-\\d\\d-\\d\\d')
        THEN TRY_CAST(regexp_replace(x, '( [+-]\\d{4})? UTC$', 'Z') AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
    WHEN contains(x, '/')
        THEN try_strptime(x, ['%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%y'])
    WHEN regexp_matches(x, '^\\d{6}$') THEN try_strptime(x, '%Y%m')
    WHEN regexp_matches(x, '^\\d{8}$') THEN try_strptime(x, '%Y%m%d') END;
CREATE OR REPLACE TEMP MACRO instant(x) AS CASE
    WHEN regexp_matches(x, '^\\d{9,11}(\\.\\d+)?$') THEN make_timestamp(CAST(CAST(x AS DOUBLE) * 1000000 AS BIGINT))
    WHEN regexp_matches(x, '^\\d{4}-\\d\\d$') THEN try_strptime(x, '%Y-%m')
    ELSE moment(x) END;
CREATE OR REPLACE TEMP MACRO mig_part(x) AS
    TRY_CAST(nullif(regexp_extract(lower(x), '^([1-7])g\\.\\d+gb(\\+[a-z.]+)?$', 1), '') AS DOUBLE)
    / CASE WHEN regexp_matches(lower(x), '^(1g\\.6gb|2g\\.12gb|4g\\.24gb|1g\\.24gb|2g\\.48gb|4g\\.96gb)')
           THEN 4 ELSE 7 END;
CREATE OR REPLACE TEMP MACRO slug(x) AS trim(regexp_replace(lower(x), '[^a-z0-9]+', '-', 'g'), '-');
CREATE OR REPLACE TEMP MACRO bare_type(x) AS slug(regexp_replace(regexp_replace(lower(x),
    '^ml\\.([a-z0-9-]+\\.[a-z0-9]+)-.*$', '\\1'), '^(standard[_ ]|ml\\.)|[_ ]promo$', '', 'g'));
CREATE OR REPLACE TEMP MACRO object(x) AS CASE
    WHEN x LIKE '{%' THEN CASE WHEN json_valid(x) THEN x END
    WHEN x LIKE '"%' AND json_valid('{' || x || '}') THEN '{' || x || '}' END;
CREATE OR REPLACE TEMP MACRO member(x, name) AS json_extract_string(object(x), '$.' || name);
CREATE OR REPLACE TEMP MACRO unit_word(x) AS regexp_replace(lower(x), '^(\\d+(\\.\\d+)?\\s*)?/?\\s*', '');
CREATE OR REPLACE TEMP MACRO unit_size(x) AS
    COALESCE(TRY_CAST(regexp_extract(x, '^(\\d+(\\.\\d+)?)', 1) AS DECIMAL(12, 3)), 1);
CREATE OR REPLACE TEMP MACRO of_gpu(x) AS
    coalesce(regexp_matches(unit_word(x), '^gpus?[ *_/-]*(per )?(hours?|hrs?|h)$'), false);
CREATE OR REPLACE TEMP MACRO firm(x) AS
    regexp_replace(lower(trim(x)), ',? (labs|inc|llc|ltd|limited|gmbh|corp|corporation|b\\.?v|sas|plc)\\.?$', '');
CREATE OR REPLACE TEMP MACRO per_hour(x) AS CASE
    WHEN unit_word(x) IN ('hour', 'hours', 'hr', 'hrs', 'h', 'hora', 'horas', 'stunde', 'stunden', 'heure', 'heures',
                          'ora', 'ore', 'uur', 'hours/hour', 'instance hours', 'instance-hours') OR of_gpu(x) THEN 1
    WHEN unit_word(x) IN ('minute', 'minutes', 'min') THEN 60
    WHEN unit_word(x) IN ('second', 'seconds', 'sec', 's') THEN 3600 END;
"""
"""What the formats share; `number` is exact, `moment` is UTC, `object` is JSON with or without its braces, `of_gpu`
says whether a unit is time of one GPU, `firm` is a company's name without its legal form, `bare_type` an instance type
without what bills put around it (`Standard_`, `_Promo`, `ml.g5.xlarge-Hosting` of SageMaker), `mig_part` the part of a
GPU's slices in a MIG profile: an A30 and an RTX PRO 6000 have four, others seven."""


def connect(path: Path | str, read_only: bool = False, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """Open the DuckDB file `path`, or ":memory:".

    Raises
    ------
    InputError
        when DuckDB is missing, the file is none of its own, or another process writes to it.
    """
    try:
        import duckdb
    except ImportError:
        cure = "pip install 'gpu-capacity-planner[actuals]'"
        raise InputError([Complaint(Place(str(path)), "", "needs duckdb, which is not installed", cure=cure)]) from None
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory, "autoinstall_known_extensions": False, "autoload_known_extensions": False,
    }  # fmt: skip
    try:
        base = duckdb.connect(str(path), read_only=read_only, config=settings)
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            refuse(path, "is open for writing elsewhere", "wait for the other import to end, and try again")
        refuse(path, f"cannot be opened: {first_line(error)}")
    base.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    base.execute(_MACROS)
    return base


def answer(
    base: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """Return the answer to a query, row by row; amounts are exact."""
    asked = base.execute(query, parameters if isinstance(parameters, Mapping) else list(parameters))
    names = [column[0] for column in asked.description or ()]
    return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]


def first_line(error: Exception) -> str:
    """Return the first line of what DuckDB says, without the name of its kind of error."""
    return str(error).strip().split("\n")[0].partition(" Error: ")[2] or str(error).strip().split("\n")[0]


def refuse(path: Path | str, message: str, cure: str | None = None, line: int | None = None) -> NoReturn:
    """Raise InputError about the file `path`."""
    raise InputError([Complaint(Place(str(path), line), "", message, cure=cure)])


def quoted(name: str) -> str:
    """Return `name` as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """Return `text` as a literal of SQL."""
    return "'" + text.replace("'", "''").replace("\0", "") + "'"
