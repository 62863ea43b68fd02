"""CSV files of hourly load: read strictly, and only from the scenario's folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from .given import complaint, complaints, load, with_line

SHAPE = "shape: {csv: load.csv, column: load}"


def series(tmp_path: Path, content: str | bytes, shape: str = SHAPE) -> list[float]:
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "load.csv").write_bytes(data)
    return load(tmp_path, with_line("shape: flat", shape)).series["chat"]


def rows(*cells: str, count: int = 168) -> str:
    return "load\n" + "\n".join([*cells, *["0.5"] * (count - len(cells))]) + "\n"


def test_series_are_read_by_column(tmp_path: Path) -> None:
    table = "hour, load ,other\r\n" + "".join(f"{hour},{hour / 4},x\r\n" for hour in range(168)) + "\r\n,,\r\n"
    assert series(tmp_path, "\ufeff" + table) == [hour / 4 for hour in range(168)]
    assert len(series(tmp_path, rows(count=8760))) == 8760
    assert series(tmp_path, rows("1e1", '"2"', " 3 "))[:4] == [10, 2, 3, 0.5]


@pytest.mark.parametrize("cell", ["nan", "inf", "-1", "x", "", "1_000", "010", ".inf", "1e999", "١", "1 000", "true"])
def test_cells_that_are_no_numbers_are_told_by_line(tmp_path: Path, cell: str) -> None:
    found = complaints(series, tmp_path, rows("1", cell, "2", cell))
    assert ["line 3 of load.csv" in one.message or "line 5 of load.csv" in one.message for one in found] == [True, True]
    assert {one.field for one in found} == {"workloads.0.demand.shape.csv"}
    assert {one.place.line for one in found} == {14}
    assert found[0].found == repr(cell)


def test_decimal_commas_and_broken_rows_are_not_cut_to_numbers(tmp_path: Path) -> None:
    told = complaint(series, tmp_path, rows("0,5"))
    assert told.message == "line 2 of load.csv has 2 cells where the header has 1"
    assert "line 2" in complaint(series, tmp_path, rows("5").replace("load", "hour,load").replace("0.5", "1,1")).message
    assert "cannot be read" in complaint(series, tmp_path, rows('"1" 2')).message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (rows(count=167), "must have 168 rows"), (rows(count=169), "must have 168 rows"), ("load\n", "168 rows"),
        ("", "is not a column"), (rows().replace("0.5", "0"), "is 0 in every hour"),
        (b"load\n\xff\n", "cannot be read"),
        (b"load\n" + b"1" * 16_000_001, "is larger than 16,000,000 bytes"),
        (rows(count=262_993), "has more than 262,992 rows"), (rows().encode("utf-16"), "cannot be read"),
        (rows().replace("load", "load,load").replace("0.5", "1,2"), "stands twice in the header"),
    ],
    ids=["short", "long", "header", "empty", "zero", "byte", "large", "endless", "utf-16", "twice"],
)  # fmt: skip
def test_files_without_a_usable_series_are_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    told = complaint(series, tmp_path, content)
    assert told.message.startswith(message) or message in told.message
    assert told.place.line == 14


def test_a_misspelt_column_names_the_nearest(tmp_path: Path) -> None:
    told = complaint(series, tmp_path, rows(), SHAPE.replace("column: load", "column: laod"))
    assert (told.field, told.allowed, told.cure) == (
        "workloads.0.demand.shape.column", "load", "did you mean 'load'?")  # fmt: skip


@pytest.mark.parametrize(
    "name", ["../x.csv", "sub/../../x.csv", "{outside}/x.csv", "{inside}/load.csv", "link.csv", "up/x.csv"]
)
def test_series_stay_inside_the_folder_of_the_scenario(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.csv").write_text(rows())
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.csv").symlink_to(tmp_path / "x.csv")
    (inside / "up").symlink_to(tmp_path)
    name = name.format(outside=tmp_path, inside=inside)
    told = complaint(series, inside, rows(), SHAPE.replace("load.csv", name))
    assert told.message == "must stay inside the folder of this file"
    assert told.found == name


def test_series_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("no.csv", "folder.csv", "loop.csv"):
        told = complaint(series, tmp_path, rows(), SHAPE.replace("load.csv", name))
        assert told.message.startswith("cannot be read: "), name


def test_problems_of_files_and_references_are_told_together(tmp_path: Path) -> None:
    text = with_line("shape: flat", SHAPE).replace("consider: [rent]", "consider: [rant]")
    assert [one.field for one in complaints(load, tmp_path, text)] == ["workloads.0.demand.shape.csv",
                                                                       "offers.consider.0"]  # fmt: skip


HOURLY = "shape: {csv: load.csv, column: load, time: hour}"
LEVEL = "      peak_per_hour: 8\n"
GROWTH = "      growth: {annual_rate: 0}\n"
FIRST = datetime(2027, 1, 1)  # of three months: 2,160 hours


def asking(shape: str, *left_out: str) -> str:
    """The scenario with a file for its shape, without some lines."""
    text = with_line("shape: flat", shape)
    for line in left_out:
        assert text.count(line) == 1
        text = text.replace(line, "")
    return text


def table(hours: list[str]) -> str:
    return "hour,load\n" + "".join(f"{hour},{1 + n % 24}\n" for n, hour in enumerate(hours))


def stamps(count: int = 2160, first: datetime = FIRST, form: str = "%Y-%m-%dT%H:%MZ") -> list[str]:
    return [(first + timedelta(hours=n)).strftime(form) for n in range(count)]


def read(tmp_path: Path, content: str, text: str) -> list[float]:
    (tmp_path / "load.csv").write_text(content, encoding="utf-8")
    return load(tmp_path, text).series["chat"]


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%dT%H:%MZ",
        "%Y-%m-%d %H:%M:%S+00:00",
        "%Y-%m-%d %H:00",
        "%Y-%m-%dT%H:00:00.000-0500",
        "%Y-%m-%d %H:00 UTC",
    ],
)
def test_every_hour_of_the_horizon_is_read_with_its_time(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, table(stamps(form=form)), asking(HOURLY, LEVEL, GROWTH))
    assert found == [1.0 + n % 24 for n in range(2160)]
    assert read(tmp_path, table(["", *stamps()][:1] * 2160), asking(SHAPE, LEVEL, GROWTH)) == found, "times unread"


def test_leap_days_have_their_hours(tmp_path: Path) -> None:
    text = asking(HOURLY, LEVEL, GROWTH).replace("start: 2027-01", "start: 2028-01")
    assert len(read(tmp_path, table(stamps(2184, datetime(2028, 1, 1))), text)) == 2184
    gone = [hour for hour in stamps(2184, datetime(2028, 1, 1)) if "-02-29" not in hour]
    length, jump = complaints(read, tmp_path, table(gone), text)
    assert length.message == (
        "must have 168 rows (a week), 8,760 rows (a year) or 2,184 rows (every hour from 2028-01 to 2028-03)"
    )
    assert length.found == "2,160 rows"
    assert jump.message == f"line {2 + 59 * 24} of load.csv leaves out 24 hours"


def wrong(*changes: tuple[int, str]) -> Callable[[list[str]], list[str]]:
    def change(hours: list[str]) -> list[str]:
        for index, text in changes:
            hours[index] = text
        return hours

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (wrong((5, "soon")), ["line 7 of load.csv must hold an hour, such as 2028-01-01T00:00Z"]),
        (wrong((5, "2027-01-01T05:30Z")), ["line 7 of load.csv must hold an hour, such as 2028-01-01T00:00Z"]),
        (wrong((5, "2027-01-01T05:00+01:00")), [
            "line 7 of load.csv changes its offset from UTC, as daylight saving does: write all hours in one",
            "line 8 of load.csv changes its offset from UTC, as daylight saving does: write all hours in one"]),
        (wrong((5, "2027-01-01T04:00Z")), [
            "line 7 of load.csv repeats the hour before; where daylight saving ends, write the hours in UTC",
            "line 8 of load.csv leaves out 1 hour; where daylight saving begins, write the hours in UTC"]),
        (wrong((5, "2027-01-01T01:00Z")), [
            "line 7 of load.csv goes back to an hour before", "line 8 of load.csv leaves out 4 hours"]),
        (lambda hours: [*hours[1:], "2027-04-01T00:00Z"], [
            "line 2 of load.csv must hold the first hour, 2027-01-01T00:00"]),
        (wrong((2159, "2027-04-01T00:00Z")), ["line 2161 of load.csv lies beyond the last hour, 2027-03-31T23:00"]),
        (wrong((0, "2027-02-30T00:00Z")), ["line 2 of load.csv must hold the first hour, 2027-01-01T00:00"]),
    ],
    ids=["text", "half", "offset", "repeated", "back", "late", "beyond", "no day"],
)  # fmt: skip
def test_each_row_is_the_next_hour(tmp_path: Path, change: Callable[[list[str]], list[str]], told: list[str]) -> None:
    found = complaints(read, tmp_path, table(change(stamps())), asking(HOURLY, LEVEL, GROWTH))
    assert [one.message for one in found] == told
    assert {one.field for one in found} == {"workloads.0.demand.shape.csv"}


def test_local_time_of_the_right_length_is_told_by_its_daylight_saving(tmp_path: Path) -> None:
    """A year in Berlin: an hour missing in March, one twice in October, 8,760 rows all the same."""
    hours = stamps(8760, form="%Y-%m-%d %H:00")
    spring, autumn = hours.index("2027-03-28 02:00"), hours.index("2027-10-31 02:00")
    local = hours[:spring] + hours[spring + 1 : autumn + 1] + ["2027-10-31 02:00"] + hours[autumn + 1 :]
    assert len(local) == 8760
    said = asking(HOURLY.replace("}", ", covers: horizon}"), GROWTH).replace("horizon_months: 3", "horizon_months: 12")
    for text in (asking(HOURLY), said):
        gap, again = complaints(read, tmp_path, table(local), text)
        assert gap.message.startswith(f"line {spring + 2} of load.csv leaves out 1 hour; where daylight saving begins")
        assert again.message.startswith(f"line {autumn + 2} of load.csv repeats the hour before; where daylight saving")


@pytest.mark.parametrize(
    ("hours", "first"),
    [(stamps(168, datetime(2024, 2, 26)), None), (stamps(168, datetime(2024, 2, 27)), "2024-02-26T00:00"),
     (stamps(8760, datetime(2025, 1, 1)), None), (stamps(8760, datetime(2025, 4, 1)), "2025-01-01T00:00"),
     ([hour for hour in stamps(8784, datetime(2024, 1, 1)) if "-02-29" not in hour], None)],
    ids=["Monday", "Tuesday", "a year", "April", "a leap year without its day"],
)  # fmt: skip
def test_a_week_or_a_year_may_be_any_from_its_beginning(tmp_path: Path, hours: list[str], first: str | None) -> None:
    if first is None:
        assert len(read(tmp_path, table(hours), asking(HOURLY))) == len(hours)
        return
    assert complaint(read, tmp_path, table(hours), asking(HOURLY)).message == (
        f"line 2 of load.csv must hold the first hour, {first}"
    )


def test_growth_is_told_once(tmp_path: Path) -> None:
    whole, year = rows(count=2160), rows(count=8760)
    told = complaint(series, tmp_path, whole)
    assert (told.field, told.place.line) == ("workloads.0.demand.growth", 15)
    assert told.message == "is in the rows of load.csv already: they cover the horizon"
    for content, covers in ((year, "year"), (rows(), "week")):
        told = complaint(read, tmp_path, content, asking(SHAPE, GROWTH))
        assert (told.field, told.message) == ("workloads.0.demand", f"needs growth: load.csv covers a {covers} only")
    for left_out in ((GROWTH,), (GROWTH, LEVEL)):
        assert len(read(tmp_path, whole, asking(SHAPE, *left_out))) == 2160
    assert len(read(tmp_path, year, asking(SHAPE, LEVEL))) == 8760, "work units per hour at the start"


def test_a_year_of_rows_is_the_horizon_when_told_so(tmp_path: Path) -> None:
    year = rows(count=8760)
    said = asking(SHAPE.replace("}", ", covers: horizon}"), GROWTH).replace("horizon_months: 3", "horizon_months: 12")
    assert len(read(tmp_path, year, said)) == 8760
    short = complaint(read, tmp_path, year, said.replace("2027-01", "2028-01"))
    assert short.message == "must have 8,784 rows (every hour from 2028-01 to 2028-12)"
    assert "168 rows (a week)" in complaint(read, tmp_path, year, asking(SHAPE.replace("}", ", covers: week}"))).message


def test_months_that_ask_for_work_have_hours_to_do_it_in(tmp_path: Path) -> None:
    idle = "load\n" + "1\n" * 744 + "0\n" * 672 + "1\n" * 744
    text = asking(SHAPE, GROWTH).replace("peak_per_hour: 8", "work_per_month: [9, 5, 9]")
    told = complaint(read, tmp_path, idle, text)
    assert (told.field, told.found) == ("workloads.0.demand.work_per_month.1", "5")
    assert told.message == "asks for work in 2027-02, where load.csv is 0 in every hour"
    assert complaint(read, tmp_path, "load\n" + "1\n" * 744 + "0\n" * 672 + "1\n" * 7344, text).message == told.message
    assert read(tmp_path, idle, text.replace("5", "0"))


def test_a_misspelt_column_of_times_is_told_as_such(tmp_path: Path) -> None:
    told = complaint(read, tmp_path, table(stamps()), asking(HOURLY.replace("time: hour", "time: hours")))
    assert (told.field, told.cure) == ("workloads.0.demand.shape.time", "did you mean 'hour'?")
