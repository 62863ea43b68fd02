"""Facts as rows of a CSV file: what programs write, beside the YAML that people keep. One row is one dated fact.

A thing (an offer, a place …) is all rows with one section and id: their attribute columns say what it is and must
agree, their `field` says which of its facts the row holds, named as in a row id (`on_demand_usd_per_gpu_hour`,
`36m-no-upfront/usd_per_gpu_hour`, `resale_fraction/24`). Empty cells are absent.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path

from planner.catalog.table import Line, guarded, read_lines
from planner.documents import write_atomically
from planner.errors import Complaint, InputError, shown
from planner.numerals import plain_number

FACT_COLUMNS = (
    "section", "id", "field", "value", "low", "high", "currency", "date", "source", "basis", "confidence", "note",
    "unknown",
)  # fmt: skip


@dataclass(frozen=True)
class FactRow:
    """One dated fact.

    Attributes
    ----------
    section, id : the thing that it is about
    field : which of its facts, named as in a row id
    value : in the unit that the field's name says; None when unknown, with the reason in `unknown`
    attributes : what the thing is, by the names of its fields: provider, region, country, instance_type, gpu, gpus …;
        of a commitment also term_months, upfront_fraction, hourly_billed
    """

    section: str
    id: str
    field: str
    value: Decimal | None
    date: str
    source: str
    basis: str
    confidence: str
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str = "USD"
    note: str = ""
    unknown: str = ""
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def row_id(self) -> str:
        """The id of the catalog row that it belongs to."""
        return f"{self.id}/{self.field}"

    def cells(self) -> dict[str, str]:
        """Return the row's cells by column."""
        given = {name: getattr(self, name) for name in FACT_COLUMNS}
        return {name: "" if value is None else str(value) for name, value in given.items()} | self.attributes


assert {one.name for one in fields(FactRow)} == {*FACT_COLUMNS, "attributes"}

NEEDED = ("section", "id", "field", "value", "date", "source", "basis", "confidence")
"""Columns that a file cannot do without."""

_NUMBERS = ("value", "low", "high")


def read_rows(path: Path) -> list[FactRow]:
    """Read the facts of the CSV file `path`, in its order.

    Raises
    ------
    InputError
        with a complaint, and its file:line:column, for every row that is no fact.
    """
    complaints: list[Complaint] = []
    rows = [row for line in read_lines(path, NEEDED) if (row := _row(line, complaints))]
    if complaints:
        raise InputError(complaints)
    return rows


def write_rows(path: Path, rows: Iterable[FactRow]) -> None:
    """Write `rows` to the CSV file `path` as a whole or not at all, sorted, so that equal facts make equal files.

    Raises
    ------
    InputError
        when the file cannot be written.
    """
    cells = [row.cells() for row in sorted(rows, key=_order)]
    attributes = sorted({name for row in cells for name, value in row.items() if value} - set(FACT_COLUMNS))
    columns = (*FACT_COLUMNS, *attributes)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([guarded(row.get(name, "").strip()) for name in columns] for row in cells)
    write_atomically(path, stream.getvalue())


def _order(row: FactRow) -> tuple[str, ...]:
    return row.section, row.id, row.field, row.date, *row.cells().values()


def _row(line: Line, complaints: list[Complaint]) -> FactRow | None:
    """Return the fact of `line`; add a complaint for each of its cells that does not fit."""
    name = f"{line.get('id')}/{line.get('field')}"
    problems = [
        Complaint(line.place(column), name, f"{column} is missing") for column in NEEDED
        if column != "value" and not line.get(column)
    ]  # fmt: skip
    numbers: dict[str, Decimal | None] = {}
    for column in _NUMBERS:
        try:
            numbers[column] = _number(line.get(column))
        except ValueError as error:
            found = shown(line.get(column))
            problems.append(Complaint(line.place(column), name, f"{column} {error}", found=found))
    if (numbers.get("value") is None) == (not line.get("unknown")) and "value" in numbers:
        message = "needs either a value, or in `unknown` the reason why there is none"
        problems.append(Complaint(line.place("value"), name, message))
    if problems:
        complaints += problems
        return None
    texts = {column: line.get(column) for column in FACT_COLUMNS if column not in _NUMBERS}
    texts["currency"] = texts["currency"] or "USD"
    others = {
        column: line.cells[at] for column, at in line.table.columns.items()
        if column not in FACT_COLUMNS and line.cells[at]
    }  # fmt: skip
    return FactRow(**texts, **numbers, attributes=others)  # type: ignore[arg-type]


def _number(text: str) -> Decimal | None:
    if not text:
        return None
    number = plain_number(text)
    if number is None:
        raise ValueError("must be a number")
    return Decimal(number)
