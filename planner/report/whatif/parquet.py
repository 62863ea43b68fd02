"""A sweep as a Parquet file: the rows of sweep.csv with their types, and how they were solved."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pyarrow
from pyarrow import parquet


def parquet_of(document: dict[str, Any]) -> bytes:
    """Return the rows of a sweep; all else that it says is in the file's metadata."""
    rows = document["rows"]
    columns = {name: _column([row[name] for row in rows]) for name in rows[0]}
    said = {f"planner.{key}": str(value) for key, value in document.items() if key not in ("rows", "variables")}
    table = pyarrow.table(columns).replace_schema_metadata(said)
    target = BytesIO()
    parquet.write_table(table, target)
    return target.getvalue()


def _column(values: list[Any]) -> Any:
    """Return a column; one without any value is of numbers, as it is in other sweeps."""
    found = pyarrow.array(values)
    return found.cast(pyarrow.float64()) if pyarrow.types.is_null(found.type) else found
