"""`planner catalog import`: rows on stdout or in a file, counts on stderr, other formats refused by name."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.catalog.fact_rows import FactRow, read_rows
from planner.cli.catalog import app
from planner.errors import InputError
from planner.importers.registry import FORMATS, import_file, recognise
from tests.importers import test_gcp, test_gpuhunt, test_opencost, test_skypilot
from tests.importers.given import SETTINGS, balanced, write

SKYPILOT = test_skypilot.HEAD + "good,L40S,8,92,448,6.32,us-east-1,,\ncpu,,,4,16,1,us-east-1,,\n"
GPUHUNT = test_gpuhunt.OLD + "good,us-1,1.5,8,32,1,L40S,48,False,\ncpu,us-1,1,8,32,0,,,False,\n"
SMALL = {
    "skypilot": ("lambda/vms.csv", SKYPILOT),
    "gpuhunt": ("runpod.csv", GPUHUNT),
    "gcp": ("skus.json", json.dumps({"skus": [*test_gcp.A2, test_gcp.A2_YEAR[0]]})),
    "opencost": ("own.csv", test_opencost.HEAD + test_opencost.ROWS),
}
MINE = list(SMALL)


def made(tmp_path: Path, name: str) -> Path:
    file, text = SMALL[name]
    return write(tmp_path / file, text)


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


@pytest.mark.parametrize("name", MINE)
def test_every_row_is_mapped_or_skipped(tmp_path: Path, name: str) -> None:
    found = import_file(name, made(tmp_path, name), replace(SETTINGS, provider="lambda"))
    balanced(found)
    assert found.mapped
    assert found.skipped


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("other", MINE)
def test_a_file_of_another_format_is_refused_by_its_name(tmp_path: Path, name: str, other: str) -> None:
    path = made(tmp_path, other)
    assert recognise(path) == [other]
    if name != other:
        with pytest.raises(InputError, match=f"it looks like {other}"):
            import_file(name, path, SETTINGS)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\0\0\0", "{}", "[" * 100_000])
@pytest.mark.parametrize("name", MINE)
def test_what_is_of_no_format_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(InputError, match="is no "):
        import_file(name, write(tmp_path / "file", text), SETTINGS)


def test_unknown_formats_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'skypilot'"):
        import_file("skypilt", tmp_path / "vms.csv", SETTINGS)
    with pytest.raises(InputError, match="cannot be read"):
        import_file("skypilot", tmp_path / "vms.csv", SETTINGS)
    packed = tmp_path / "vms.csv.gz"
    packed.write_bytes(gzip.compress(SKYPILOT.encode())[:60])
    with pytest.raises(InputError, match="cannot be read"):
        import_file("skypilot", packed, SETTINGS)


def test_packed_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "skus.json.gz"
    path.write_bytes(gzip.compress(SMALL["gcp"][1].encode()))
    assert import_file("gcp", path, SETTINGS).mapped == 3


@pytest.mark.parametrize("name", MINE)
def test_rows_go_to_stdout_or_a_file_and_read_back(tmp_path: Path, name: str) -> None:
    path, out = made(tmp_path, name), tmp_path / "out.csv"
    options = ("--provider", "lambda", "--date", "2026-11-20", "--source", "test-source")
    shown, filed = run(name, path, *options), run(name, path, *options, "-o", out)
    assert (shown.exit_code, filed.exit_code, filed.stdout) == (0, 0, "")
    assert shown.stdout == out.read_text(encoding="utf-8")
    found = import_file(name, path, replace(SETTINGS, provider="lambda"))
    assert _said(read_rows(out)) == _said(found.rows)
    counts = re.search(r"([\d,]+) read, ([\d,]+) mapped to ([\d,]+) facts, ([\d,]+) skipped", shown.stderr)
    assert counts is not None
    assert tuple(map(int, counts.groups())) == (found.read, found.mapped, len(found.rows), found.read - found.mapped)
    assert all(f"{rows:,}  {reason}" in shown.stderr for reason, rows in found.skipped.items())
    assert "no source 'test-source'" in shown.stderr


def _said(rows: list[FactRow]) -> list[Any]:
    """All but the names of offers, which are the catalog's where it has them."""
    return sorted((row.field, row.value, row.date, row.unknown, sorted(row.attributes.items())) for row in rows)


def test_json_and_quiet(tmp_path: Path) -> None:
    done = run("gcp", made(tmp_path, "gcp"), "--format", "json", "--quiet")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert {row["date"] for row in json.loads(done.stdout)} == {"2026-07-30"}


@pytest.mark.parametrize(
    "options",
    [
        ("--date", "2026-02-30"),
        ("--date", "20261120"),
        ("--currency", "XAU"),
        ("--source", "=x"),
        ("--provider", "A B"),
    ],
)
def test_options_that_no_catalog_takes_are_refused(tmp_path: Path, options: tuple[str, str]) -> None:
    done = run("gcp", made(tmp_path, "gcp"), *options)
    assert isinstance(done.exception, InputError)
    assert options[0] in str(done.exception)
    assert done.stdout == ""


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-1", "@x", "'=x", "＝x"])
def test_hostile_cells_stay_text(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path / "lambda" / "vms.csv", test_skypilot.HEAD + f"{cell},L40S,8,92,448,6.32,{cell},,\n")
    done = run("skypilot", path, "--date", "2026-11-20")
    [row] = csv.DictReader(io.StringIO(done.stdout))
    assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in row.values())
    assert row["id"].startswith("lambda-")


def test_each_format_says_what_it_is() -> None:
    assert all(one.about and one.marks for one in FORMATS.values())
