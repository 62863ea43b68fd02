"""Reads the hourly load of a CSV file beside a scenario."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from planner.documents import Document, Path_
from planner.errors import Complaint, InputError, nearest, shown
from planner.numerals import plain_number
from planner.scenario.beside import file_beside
from planner.scenario.demand_schema import SeriesFile

MAX_BYTES = 4_000_000
LENGTHS = (168, 8760)


def read_series(folder: Path, series: SeriesFile, document: Document, at: Path_) -> list[float]:
    """Read the relative load of `series` from a CSV file inside `folder`; 168 or 8,760 finite values ≥ 0.

    Parameters
    ----------
    folder : where the scenario stands; a file outside of it is refused
    series : the file's name and the column to read
    document, at : the scenario, and where it names the file

    Raises
    ------
    InputError
        with a complaint for every wrong cell.
    """
    place, field = document.place((*at, "csv")), ".".join(map(str, (*at, "csv")))

    def refuse(message: str, found: str = series.csv) -> InputError:
        return InputError([Complaint(place, field, message, found=found)])

    file = file_beside(folder, series.csv, document, (*at, "csv"))
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise refuse(f"is larger than {MAX_BYTES:,} bytes")
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        raise refuse(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if header.count(series.column) != 1:
        message = "stands twice in the header" if series.column in header else "is not a column of the file"
        raise InputError([Complaint(document.place((*at, "column")), ".".join(map(str, (*at, "column"))), message,
                                    found=series.column, allowed=", ".join(filter(None, header)),
                                    cure=nearest(series.column, header))])  # fmt: skip
    while rows and not any(rows[-1][1]):
        rows.pop()
    if len(rows) not in LENGTHS:
        raise refuse("must have 168 rows (a week) or 8,760 (a year)", f"{len(rows)} rows in {series.csv}")
    values: list[float] = []
    problems = (
        Complaint(place, field, f"line {line} of {series.csv} {message}", found=found)
        for line, message, found in _numbers(rows, header.index(series.column), len(header), values)
    )
    if complaints := list(problems):
        raise InputError(complaints)
    if max(values) == 0:
        raise refuse("is 0 in every hour")
    return values


def _numbers(
    rows: list[tuple[int, list[str]]], column: int, width: int, values: list[float]
) -> Iterator[tuple[int, str, str]]:
    """Append the numbers of `column` to `values`; yield line, message and text of every row that has none."""
    for line, row in rows:
        text = row[column] if column < len(row) else ""
        if row and len(row) != width:  # a decimal comma, for one, makes two cells of one number
            yield line, f"has {len(row)} cells where the header has {width}", shown(",".join(row))
            continue
        try:
            number = plain_number(text)
        except ValueError as error:
            yield line, str(error), shown(text)
            continue
        if number is None or number < 0:
            yield line, "must hold a number ≥ 0", shown(text)
        else:
            values.append(float(number))
