"""Reads the hourly load of a CSV file beside a scenario."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path

from planner.documents import Document, Path_
from planner.errors import MAX_COMPLAINTS, Complaint, InputError, nearest, shown
from planner.numerals import plain_number
from planner.scenario.beside import file_beside
from planner.scenario.demand_schema import Cover, SeriesFile
from planner.units import HOURS_PER_DAY, HOURS_PER_WEEK, HOURS_PER_YEAR, month_label

MAX_BYTES = 16_000_000
MAX_ROWS = 262_992
"""Hours of 360 months, the longest horizon, with eight leap days."""

_COMMON_YEAR = 2027

_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?\Z")
"""Numbers that need no second look: most cells."""
_HOUR = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2})(?::00){1,2}(?:\.0+)?(Z| ?UTC|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
_OF_THE_DAY = [f"T{hour:02d}" for hour in range(HOURS_PER_DAY)]

Row = tuple[int, list[str]]
_Problem = tuple[int, str, str]
"""Line, message and text of a row."""


def read_series(
    folder: Path, series: SeriesFile, document: Document, at: Path_, start: str, months: int
) -> list[float]:
    """Read the load of `series` from a CSV file inside `folder`: finite values ≥ 0 of a week, a year or the horizon.

    Parameters
    ----------
    folder : where the scenario stands; a file outside of it is refused
    series : the file's name and the columns to read
    document, at : the scenario, and where it names the file
    start, months : first month and length of the horizon

    Raises
    ------
    InputError
        with a complaint for every wrong cell.
    """
    place, field = document.place((*at, "csv")), ".".join(map(str, (*at, "csv")))

    def refuse(message: str, found: str = series.csv) -> Complaint:
        return Complaint(place, field, message, found=found)

    header, rows = _table(file_beside(folder, series.csv, document, (*at, "csv")), refuse)
    columns = [_column(header, name, document, (*at, key)) for key, name in
               (("column", series.column), ("time", series.time)) if name is not None]  # fmt: skip
    covers = cover(series, len(rows), start, months)
    problems = [] if covers else [refuse(f"must have {_lengths(series, start, months)}", f"{len(rows):,} rows")]
    if series.time is not None and rows:
        hours = _hours(covers, _cell(rows[0][1], columns[1]), start, months)
        told = islice(_times(rows, columns[1], hours), MAX_COMPLAINTS + 1)
        problems += [refuse(f"line {line} of {series.csv} {message}", found) for line, message, found in told]
    if not covers:
        raise InputError(problems)
    values: list[float] = []
    told = islice(_numbers(rows, columns[0], len(header), values), MAX_COMPLAINTS + 1)
    problems += [refuse(f"line {line} of {series.csv} {message}", found) for line, message, found in told]
    if problems:
        raise InputError(problems)
    if max(values) == 0:
        raise InputError([refuse("is 0 in every hour")])
    return values


def cover(series: SeriesFile, rows: int, start: str, months: int) -> Cover | None:
    """Say what so many rows cover, or None where they fit nothing that `series` may cover."""
    lengths = _rows_of(series, start, months)
    return next((covers for covers, length in lengths.items() if length == rows), None)


def rows_of_month(covers: Cover | None, start: str, t: int) -> slice:
    """Return where month t of the horizon stands in rows of the horizon, or of a year without 29 February."""
    label = month_label(start, t)
    if covers == "year":
        start, label = f"{_COMMON_YEAR}-01", f"{_COMMON_YEAR}-{label[5:]}"
    months = (start, label, month_label(label, 1))
    zero, first, last = (date.fromisoformat(f"{month}-01").toordinal() for month in months)
    return slice((first - zero) * HOURS_PER_DAY, (last - zero) * HOURS_PER_DAY)


def _rows_of(series: SeriesFile, start: str, months: int) -> dict[Cover, int]:
    first, after = _span(start, months)
    lengths: dict[Cover, int] = {
        "week": HOURS_PER_WEEK, "year": HOURS_PER_YEAR, "horizon": (after - first).days * HOURS_PER_DAY,
    }  # fmt: skip
    return lengths if series.covers is None else {series.covers: lengths[series.covers]}


def _span(start: str, months: int) -> tuple[date, date]:
    """Return the first day of the horizon, and the first one after it."""
    return date.fromisoformat(f"{start}-01"), date.fromisoformat(f"{month_label(start, months)}-01")


def _lengths(series: SeriesFile, start: str, months: int) -> str:
    """Return in words which numbers of rows are right."""
    names = {"week": "a week", "year": "a year",
             "horizon": f"every hour from {start} to {month_label(start, months - 1)}"}  # fmt: skip
    said = [f"{rows:,} rows ({names[covers]})" for covers, rows in _rows_of(series, start, months).items()]
    return " or ".join(filter(None, (", ".join(said[:-1]), said[-1])))


def _table(file: Path, refuse: Callable[..., Complaint]) -> tuple[list[str], list[Row]]:
    """Return the header and the rows of a CSV file, without blank rows at its end."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InputError([refuse(f"is larger than {MAX_BYTES:,} bytes")])
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in islice(reader, MAX_ROWS + 1)]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError([refuse(f"cannot be read: {getattr(error, 'strerror', None) or error}")]) from None
    if len(rows) > MAX_ROWS:
        raise InputError([refuse(f"has more than {MAX_ROWS:,} rows")])
    while rows and not any(map(str.strip, rows[-1][1])):
        rows.pop()
    return header, rows


def _column(header: list[str], name: str, document: Document, at: Path_) -> int:
    if header.count(name) != 1:
        message = "stands twice in the header" if name in header else "is not a column of the file"
        raise InputError([Complaint(document.place(at), ".".join(map(str, at)), message, found=name,
                                    allowed=", ".join(filter(None, header)), cure=nearest(name, header))])  # fmt: skip
    return header.index(name)


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _numbers(rows: list[Row], column: int, width: int, values: list[float]) -> Iterator[_Problem]:
    """Append the numbers of `column` to `values`; yield line, message and text of every row that has none."""
    for line, row in rows:
        text = _cell(row, column)
        if row and len(row) != width:  # a decimal comma, for one, makes two cells of one number
            yield line, f"has {len(row)} cells where the header has {width}", shown(",".join(map(str.strip, row)))
            continue
        if _PLAIN.match(text):
            values.append(float(text))
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


def _hours(covers: Cover | None, first: str, start: str, months: int) -> list[str]:
    """Return the hours that the rows must have; a week or a year may be any, so that its `first` hour says which."""
    begin, after = _span(start, months)
    days = range(begin.toordinal(), after.toordinal())
    if covers in ("week", "year"):
        with suppress(ValueError):  # is complained of as no hour
            begin = date.fromisoformat(_HOUR.sub(r"\1", first))
        if covers == "week":
            monday = begin.toordinal() - begin.weekday()
            days = range(monday, monday + 7)
        else:
            days = range(date(begin.year, 1, 1).toordinal(), date(begin.year, 12, 31).toordinal() + 1)
    named = [date.fromordinal(day).isoformat() for day in days]
    return [day + hour for day in named if covers != "year" or day[5:] != "02-29" for hour in _OF_THE_DAY]


def _times(rows: list[Row], column: int, hours: Sequence[str]) -> Iterator[_Problem]:
    """Yield line, message and text of every row that is not the next of `hours`, and go on from there."""
    places = {hour: place for place, hour in enumerate(hours)}
    due, style, zone = 0, ("", ""), None
    for line, row in rows:
        text = _cell(row, column)
        hour = f"{text[:10]}T{text[11:13]}"
        if due < len(hours) and hour == hours[due] and (text[10], text[13:]) == style:
            due += 1
            continue
        match = _HOUR.match(text)
        if not match:
            yield line, "must hold an hour, such as 2028-01-01T00:00Z", shown(text)
            due += 1
            continue
        style, before, zone = (text[10], text[13:]), zone, match[3] or ""
        if before not in (None, zone):
            yield line, "changes its offset from UTC, as daylight saving does: write all hours in one", shown(text)
        place = places.get(hour, len(hours))
        if due == 0 and place != 0:
            yield line, f"must hold the first hour, {hours[0]}:00", shown(text)
            return
        if place == len(hours):
            yield line, f"lies beyond the last hour, {hours[-1]}:00", shown(text)
            return
        if place != due:
            yield line, _jump(place - due), shown(text)
        due = place + 1


def _jump(hours: int) -> str:
    """Say how far a row lies from the hour that is due."""
    if hours == -1:
        return "repeats the hour before; where daylight saving ends, write the hours in UTC"
    if hours < 0:
        return "goes back to an hour before"
    return (
        f"leaves out {hours} hours"
        if hours > 1
        else "leaves out 1 hour; where daylight saving begins, write the hours in UTC"
    )
