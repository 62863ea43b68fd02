"""Facts in CSV: what is written comes back, what is not a fact is refused with its place."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import table
from planner.catalog.fact_rows import FACT_COLUMNS, FactRow, read_rows, write_rows

from .given import complaint, complaints

ROW = FactRow("offers", "rent", "spot_usd_per_gpu_hour", Decimal("1.5"), "2026-01-01", "invoice", "list", "high",
              attributes={"region": "here", "gpus": "8"})  # fmt: skip
HEADER = "section,id,field,value,date,source,basis,confidence,note,unknown"
GOOD = "offers,rent,spot_usd_per_gpu_hour,1.5,2026-01-01,invoice,list,high,,"

texts = (
    st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=20).map(str.strip).filter(bool)
)
starts = st.sampled_from(["", "=", "+", "-", "@", "'", "'=", "''-", '"', ",", "two\nlines"])
words = st.builds(lambda start, text: (start + text).strip(), starts, texts)
numbers = st.decimals(0, 10**9, places=6).map(Decimal.normalize) | st.just(Decimal("1E+3"))
fact_rows = st.builds(
    FactRow, section=words, id=words, field=words, value=numbers, date=words, source=words, basis=words,
    confidence=words, low=st.none() | numbers, high=st.none() | numbers, currency=words, note=words,
    unknown=st.just(""),    attributes=st.dictionaries(st.sampled_from(["region", "gpus", "provider"]), words),
)  # fmt: skip


def told(row: FactRow) -> list[tuple[str, str]]:
    return sorted(row.cells().items())


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "facts.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@given(rows=st.lists(fact_rows, min_size=1, max_size=5))
def test_what_is_written_comes_back_in_order(rows: list[FactRow], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("facts") / "facts.csv"
    write_rows(path, rows)
    back = read_rows(path)
    assert sorted(map(told, back)) == sorted(map(told, rows))
    assert [(one.section, one.id, one.field, one.date) for one in back] == sorted(
        (one.section, one.id, one.field, one.date) for one in rows
    )
    first = path.read_bytes()
    write_rows(path, back[::-1])
    assert path.read_bytes() == first


def test_no_cell_that_is_written_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    write_rows(path, [replace(ROW, note=text) for text in ("=1+1", "+1", "-1", "@A1", " =1", "'=1")])
    with path.open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", " "))]
    assert {row.note for row in read_rows(path)} == {"=1+1", "+1", "-1", "@A1", "=1", "'=1"}


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "facts.csv"
    write_rows(path, [ROW])
    before = path.read_bytes()

    def broken(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", broken)
        assert "cannot be written" in complaint(write_rows, path, []).message
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_other_ends_of_lines_marks_and_orders_of_columns_are_read(tmp_path: Path, ends: str) -> None:
    lines = [f"gpus,{HEADER}", f"8,{GOOD}", "", ",,,,,,,,,,", f" 8 ,{GOOD}"]
    path = written(tmp_path, "\ufeff" + ends.join(lines))
    rows = read_rows(path)
    assert rows == [replace(ROW, attributes={"gpus": "8"})] * 2


@pytest.mark.parametrize(
    ("old", "new", "column", "message"),
    [
        ("offers,", ",", 1, "section is missing"),
        ("rent", "", 8, "id is missing"),
        ("1.5", "1,5", 1, "has 11 cells where the header has 10"),
        ("1.5", '"1,5"', 35, "value must be a number"),
        ("1.5", "007", 35, "value a number must not start with 0"),
        ("1.5", "1e99", 35, "value is too large or too small"),
        ("1.5", "$1.5", 35, "value must be a number"),
        ("1.5", "", 35, "needs either a value, or in `unknown` the reason"),
        ("high,,", "high,,nobody says", 35, "needs either a value, or in `unknown` the reason"),
        ("2026-01-01", "", 39, "date is missing"),
        ("list", "x" * 2001, 1, "holds a cell of more than 2,000 characters"),
    ],
)
def test_rows_that_are_no_facts_are_refused_with_their_place(
    tmp_path: Path, old: str, new: str, column: int, message: str
) -> None:
    found = complaint(read_rows, written(tmp_path, f"{HEADER}\n{GOOD}\n{GOOD.replace(old, new)}\n"))
    assert found.message.startswith(message)
    assert (found.place.line, found.place.column) == (3, column)


def test_places_count_lines_and_columns_behind_quotes(tmp_path: Path) -> None:
    text = "note,x," + HEADER.replace(",note", "") + '\n"a ""b"", c\nd", 1 ,' + GOOD.replace("1.5", "?")[:-1]
    found = complaint(read_rows, written(tmp_path, text))
    assert (found.place.line, found.place.column) == (3, len('d", 1 ,offers,rent,spot_usd_per_gpu_hour,') + 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (b"\xff", "is not UTF-8 text"),
        (f"{HEADER}\n{GOOD}\x00", "holds a control character"),
        (f'{HEADER}\n"{GOOD}', "is not CSV"),
        (f'{HEADER}\n{GOOD}"x"y', "is not CSV"),
        (f"{HEADER},note\n{GOOD},", "is a column twice"),
        (f"{HEADER},\n{GOOD},", "has a column without a name"),
        ("a," * 60 + "b\n", "has more than 60 columns"),
        (f"{HEADER},a\n{GOOD},{'x' * 140_000}", "is not CSV"),
    ],
)  # fmt: skip
def test_files_that_hold_no_facts_are_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert complaints(read_rows, written(tmp_path, text))[0].message.startswith(message)


def test_columns_that_lack_are_named(tmp_path: Path) -> None:
    found = complaints(read_rows, written(tmp_path, "section,id\noffers,rent\n"))
    assert {one.field for one in found} == {"field", "value", "date", "source", "basis", "confidence"}


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, f"{HEADER}\n" + f"{GOOD}\n" * 3)
    monkeypatch.setattr(table, "MAX_ROWS", 4)
    assert len(read_rows(path)) == 3
    monkeypatch.setattr(table, "MAX_ROWS", 2)
    assert "holds more than 2 rows" in complaint(read_rows, path).message
    monkeypatch.setattr(table, "MAX_BYTES", 10)
    assert "is larger than 10 bytes" in complaint(read_rows, path).message
    assert "cannot be read" in complaint(read_rows, tmp_path / "missing.csv").message


def test_every_wrong_row_is_told_up_to_a_hundred(tmp_path: Path) -> None:
    bad = GOOD.replace("1.5", "?")
    assert len(complaints(read_rows, written(tmp_path, f"{HEADER}\n" + f"{bad}\n" * 7))) == 7
    assert (
        len(complaints(read_rows, written(tmp_path, f"{HEADER}\n" + f"{bad}\n" * 700))) == 101
    )  # the last says that there are more


def test_attributes_are_columns_after_those_of_facts(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    write_rows(path, [ROW, replace(ROW, date="2026-02-01", attributes={"country": "US"})])
    header = path.read_text().splitlines()[0].split(",")
    assert header == [*FACT_COLUMNS, "country", "gpus", "region"]
    assert ROW.row_id == "rent/spot_usd_per_gpu_hour"
