"""CSV files of hourly load: read strictly, and only from the scenario's folder."""

from __future__ import annotations

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
        (b"load\n" + b"1\n" * 2_000_001, "is larger than 4,000,000 bytes"), (rows().encode("utf-16"), "cannot be read"),
        (rows().replace("load", "load,load").replace("0.5", "1,2"), "stands twice in the header"),
    ],
    ids=["short", "long", "header", "empty", "zero", "byte", "large", "utf-16", "twice"],
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
    assert told.message == "must stay inside the scenario's folder"
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
