"""YAML is read strictly: what could be misread is refused, and everything keeps its place."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planner import documents
from planner.documents import MAX_BYTES, load_document, parse_document
from planner.errors import MAX_COMPLAINTS, Complaint, Place
from planner.numerals import plain_number

from .given import complaint, complaints

LOADERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__, autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with the loader of libyaml and with the one in pure Python."""
    monkeypatch.setattr(documents, "_LOADER", request.param)


def read(text: str) -> Any:
    return parse_document(text, "f").value


def refused(text: str) -> Complaint:
    return complaint(parse_document, text, "f")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("36", 36), ("-5", -5), ("+5", 5), ("0", 0), ("-0", 0), ("0.10", Decimal("0.10")), (".5", Decimal("0.5")),
        ("1.", Decimal(1)), ("1e3", Decimal(1000)), ("1E-3", Decimal("0.001")), ("0e9999999999", Decimal(0)),
        ("12:30", "12:30"), ("1:20:30.5", "1:20:30.5"), ("1_000", "1_000"), ("1,000", "1,000"), ("1 000", "1 000"),
        ("0x1F", "0x1F"), ("0o17", "0o17"), ("0b1", "0b1"), ("1e3_0", "1e3_0"), ("NaN", "NaN"), ("inf", "inf"),
        ("١٢", "١٢"), ("2027-01", "2027-01"), ("2027-01-31", "2027-01-31"), ("=", "="), ("1.2.3", "1.2.3"),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("'null'", "null"),
        ("'36'", "36"), ('"NO"', "NO"), ("'yes'", "yes"), ("'.inf'", ".inf"), ("'010'", "010"), ("''", ""),
        ("|\n  two\n  lines", "two\nlines"), (">-\n  two\n  lines", "two lines"), ("two\n  lines", "two lines"),
        ("[]", []), ("{}", {}), ("[1, [2]]", [1, [2]]), ("{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)  # fmt: skip
def test_plain_values(text: str, value: Any) -> None:
    found = read(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("word", ["NO", "no", "yes", "Yes", "on", "Off", "y", "N", "True", "FALSE", "Null", "NULL"])
def test_words_that_yaml_1_1_reads_differently_are_refused_with_a_cure(word: str) -> None:
    found = refused(f"a: {word}")
    assert found.place == Place("f", 1, 4)
    assert (found.field, found.found) == ("a", word)
    assert f"'{word}' in quotes" in str(found.cure)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".nan", "is not a finite number"), (".NaN", "finite"), (".inf", "finite"), ("-.inf", "finite"),
        ("+.INF", "finite"), ("010", "must not start with 0"), ("-08", "must not start with 0"),
        ("9" * 41, "more than 40 characters"), ("0." + "3" * 50, "more than 40 characters"),
        ("1" * 5000, "more than 40 characters"), ("1e999", "too large or too small"),
        ("-1e999", "too large or too small"), ("1e-999", "too large or too small"),
        ("1e99999999999999999999999", "too large or too small"), ("1" * 40, "too large or too small"),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_calculated_with_are_refused(text: str, message: str) -> None:
    found = refused(f"first: 1\na: {text}")
    assert found.place == Place("f", 2, 4)
    assert message in found.message
    assert str(found.found).startswith(text[:20])


@given(st.text("0123456789+-._eE:x", max_size=50))
def test_a_number_is_exactly_what_its_text_says_and_a_float_can_hold_it(text: str) -> None:
    try:
        number = plain_number(text)
    except ValueError:
        return
    if number is not None:
        assert number == Decimal(text)
        assert (float(number) == 0) == (number == 0)
        assert abs(float(number)) <= 1e30


@pytest.mark.parametrize("text", ["1" * 1_000_000 + "x", "0" * 1_000_000 + "x", "1." * 500_000, "1" * 1_000_000 + "e"])
def test_long_text_that_looks_like_a_number_is_read_in_linear_time(text: str) -> None:
    start = time.perf_counter()
    assert plain_number(text) is None
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "tagged",
    ["!!python/object:os.system x", "!!python/object/apply:os.system [ls]", "!foo x", "!!binary aGk=", '!!float "1"',
     "!!float 1", "!!str 1", "!!set {x}", "!!omap [x: 1]", "!!timestamp 2020-01-01", "! x", "!<tag:foo> x"],
)  # fmt: skip
def test_tags_are_refused(tagged: str) -> None:
    found = refused(f"a: {tagged}")
    assert (found.place, found.field, found.message) == (Place("f", 1, 4), "a", "tags are not allowed")


def test_tags_of_keys_lists_and_of_the_whole_file_are_refused() -> None:
    assert refused("!foo a: 1").field == "a"
    assert refused("!!map\na: 1").place == Place("f", 1, 1)
    assert [one.place.column for one in complaints(parse_document, "a: !x [!y 1, !z {}]", "f")] == [4, 8, 14]


def test_keys_are_text_and_stand_once() -> None:
    assert read("1: a\n2027: b\nNO: c\n010: d\n12:30: e\ntrue: f") == {
        "1": "a", "2027": "b", "NO": "c", "010": "d", "12:30": "e", "true": "f"}  # fmt: skip
    again = refused("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3")
    assert (again.place, again.field) == (Place("f", 5, 3), "b.c")
    assert "first in line 3" in again.message
    assert refused("1: a\n'1': b").place.line == 2


@pytest.mark.parametrize("key", ["[a, b]", "{a: 1}", "k" * 201, '"a\\0b"'])
def test_keys_that_are_no_plain_text_are_refused(key: str) -> None:
    assert "a key must be plain text" in refused(f"? {key}\n: 1").message


def test_merge_keys_are_refused() -> None:
    found = refused("x: &x {a: 1}\ny:\n  <<: *x\n  b: 2")
    assert (found.place, found.field) == (Place("f", 3, 3), "y.<<")
    assert "merge keys" in found.message


def test_aliases_are_copied_and_keep_the_place_of_the_anchor() -> None:
    document = parse_document("x: &x\n  a: 1\ny: *x", "f")
    assert document.value == {"x": {"a": 1}, "y": {"a": 1}}
    assert document.value["x"] is not document.value["y"]
    assert document.place(("y",)).line == 3
    assert document.place(("y", "a")).line == 2


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: &x {b: *x}", "a: &x [[1, {b: *x}]]", "a: &x {b: *x, c: *x}"])
def test_cycles_are_refused(text: str) -> None:
    assert "refers to itself" in complaints(parse_document, text, "f")[0].message


def bomb(levels: int, row: Callable[[str], str]) -> str:
    return "a0: &a0 1\n" + "".join(f"a{i}: &a{i} {row(f'*a{i - 1}')}\n" for i in range(1, levels))


@pytest.mark.parametrize(
    "text",
    [
        bomb(30, lambda alias: f"[{', '.join([alias] * 9)}]"),
        bomb(30, lambda alias: "{" + ", ".join(f"k{i}: {alias}" for i in range(9)) + "}"),
        "a: &a [" + "1, " * 1000 + "]\nb: [" + "*a, " * 1000 + "]",
    ],
    ids=["lists", "mappings", "wide"],
)
def test_alias_bombs_are_refused_quickly_and_with_little_memory(text: str) -> None:
    tracemalloc.start()
    start = time.perf_counter()
    found = refused(text)
    seconds, (_, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "expands to more than 200,000 values" in found.message
    assert seconds < 10
    assert peak < 20_000_000


def test_files_of_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_NODES", 1000)
    assert len(read("a: [" + "1," * 990 + "]")["a"]) == 990
    assert "expands to more than 1,000 values" in refused("a: [" + "1," * 1001 + "]").message


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_quickly(piece: str) -> None:
    start = time.perf_counter()
    found = refused(piece * 100_000)
    assert found.message == "is nested more than 40 levels deep"
    assert found.place.line == 1
    assert time.perf_counter() - start < 10


def test_forty_levels_are_read_and_aliases_do_not_nest_deeper() -> None:
    assert read("[" * 40 + "]" * 40) is not None
    assert "40 levels" in refused("[" * 41 + "]" * 41).message
    deep = bomb(100, lambda alias: "[" * 38 + alias + "]" * 38)
    assert "40 levels" in refused(deep).message


@pytest.mark.parametrize(
    ("text", "line"), [("---\na: 1\n---\nb: 2\n", 3), ("a: 1\n...\n---\nb: 2\n", 3), ("a: 1\n---\n---\n", 2)]
)
def test_a_second_document_is_refused(text: str, line: int) -> None:
    found = refused(text)
    assert found.message.startswith("starts a second document")
    assert found.place.line == line


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: [1, 2\nc: 3", 3), ("a: 1\n b: 2", 2), ("a: 'x", 1), ("a: @x", 1), ("a: *x", 1), ("a: 1\n- b", 2),
     ("&a x: &a y", 1), ("%YAML 2.0\n---\na: 1", 1)],
)  # fmt: skip
def test_malformed_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    found = refused(text)
    assert found.message.startswith("is not YAML: ")
    assert found.place.line == line


@pytest.mark.parametrize("text", ["a: 1\nb: x\0", "a: 1\nb: \x07", 'a: 1\nb: "\\0"', 'a: 1\nb: "\\e[31m"'])
def test_control_characters_are_refused(text: str) -> None:
    found = refused(text)
    assert "holds a control character" in found.message
    assert found.place.line == 2
    assert str(found).isprintable() or "\n    found" in str(found)


@pytest.mark.parametrize("text", ['a: "\\ud800"', 'a: "\\U00110000"', "a: \ud800"])
def test_impossible_characters_are_refused(text: str) -> None:
    assert refused(text)


def test_every_problem_of_a_file_is_reported() -> None:
    found = complaints(parse_document, "a: NO\nb: .inf\nb: 1\nc: !x 1\nd: [010, on]", "f")
    assert [(one.place.line, one.field) for one in found] == [
        (1, "a"), (2, "b"), (3, "b"), (4, "c"), (5, "d.0"), (5, "d.1")]  # fmt: skip


def test_a_flood_of_problems_is_cut_with_a_note() -> None:
    found = complaints(parse_document, "a: [" + "NO, " * 500 + "]", "f")
    assert len(found) == MAX_COMPLAINTS + 1
    assert "more problems" in found[-1].message


def test_places_are_those_of_keys_and_items() -> None:
    document = parse_document("a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n", "f")
    places = {path: (place.line, place.column) for path, place in document.places.items()}
    assert places == {(): (1, 1), ("a",): (1, 1), ("a", "b"): (2, 3), ("a", "c"): (3, 3), ("a", "c", 0): (4, 7),
                      ("a", "c", 1): (5, 7), ("a", "c", 1, "d"): (5, 8)}  # fmt: skip
    assert document.place(("a", "c", 7, "e")) == Place("f", 3, 3)


def test_a_real_file_is_read_alike_by_every_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(__file__).parent.parent.parent / "examples" / "llm-platform.yaml"
    found = load_document(path)
    monkeypatch.setattr(documents, "_LOADER", yaml.SafeLoader)
    assert load_document(path) == found


def test_files_are_read_with_and_without_byte_order_mark_and_with_any_line_end(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes("\ufeffa: é\r\nb: [1,\r\n  2]\r\n".encode())
    document = load_document(path)
    assert document.value == {"a": "é", "b": [1, 2]}
    assert document.place(("b", 1)) == Place(str(path), 3, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"# only\n# comments\n", "is empty"), (b"---\n", "is empty"), (b"\xef\xbb\xbf", "is empty"),
     (b"a: 1\nb: \xff", "is not UTF-8"), ("a: é".encode("latin-1"), "is not UTF-8"), ("a: 1".encode("utf-16"), "UTF-8"),
     (b"#" * (MAX_BYTES + 1), "is larger than 8,000,000 bytes")],
    ids=["nothing", "comments", "dashes", "mark", "byte", "latin", "utf-16", "huge"],
)  # fmt: skip
def test_files_without_usable_text_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    found = complaint(load_document, path)
    assert message in found.message
    assert found.place.file == str(path)
    assert found.place.line == (2 if b"\xff" in content[2:] else found.place.line)


def test_missing_files_folders_and_endless_files_are_refused(tmp_path: Path) -> None:
    assert complaint(load_document, tmp_path / "no.yaml").message == "cannot be read: no such file or directory"
    assert complaint(load_document, tmp_path).message == "cannot be read: is a directory"
    assert "cannot be read" in complaint(load_document, tmp_path / "a\0b").message
    if os.path.exists("/dev/zero"):
        assert "is larger" in complaint(load_document, Path("/dev/zero")).message
