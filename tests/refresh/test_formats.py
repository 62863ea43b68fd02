"""Every format through two quarters: the history grows, a bad answer and a kill leave the catalog whole."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.difference import differences
from planner.catalog.load import load_catalog
from planner.importers.registry import FORMATS as ALL
from tests.refresh.conftest import Prices
from tests.refresh.given import FIRST, FORMATS, SECOND, brought, catalog, gpuhunt, rows, skypilot
from tests.refresh.test_killed import interrupted
from tests.refresh.test_refresh import state

ON_LAST, ON_NEXT = {"aws-spot-advisor": (0.06, 0.05)}, (6, 5)


def test_no_format_is_left_out() -> None:
    assert {*FORMATS, "ec2-types"} == {*ALL}  # instance types have no prices


@pytest.mark.parametrize("form", FORMATS)
def test_two_quarters(form: str, served: Prices, tmp_path: Path) -> None:
    folder, (provider, made) = catalog(tmp_path), FORMATS[form]
    old, new = ON_LAST.get(form, ON_NEXT)
    feed = (provider, form, served("/prices", made(48)))
    (first,) = brought(folder, FIRST, feed)
    assert (first.failed, first.doubtful, first.refused) == ("", (), {})
    before = rows(folder, provider)
    assert len(before) == first.facts > 0
    (same,) = brought(folder, FIRST + timedelta(days=60), feed)
    assert (same.facts, same.unchanged) == (0, first.facts)
    assert rows(folder, provider) == before

    served("/prices", made(40))
    (second,) = brought(folder, SECOND, feed)
    assert {(one.kind, round(one.fraction or 0, 9)) for one in second.changes} == {("changed", round(-1 / 6, 9))}
    after = rows(folder, provider)
    assert {(row.date, float(row.value or 0)) for row in after} == {("2026-09-30", old), ("2026-12-31", new)}
    assert all(row in after for row in before)
    loaded = load_catalog(folder)
    for row_id in {row.row_id for row in after}:
        assert [float(row.fact.value or 0) for row in loaded.rows[row_id]][-2:] == [old, new]
        found = loaded.in_force(row_id, SECOND)
        assert found is not None
        assert (float(found.fact.value or 0), found.fact.source) == (new, f"{provider}-{form}")
    named = {change.row.id for change in differences(loaded, loaded, FIRST, SECOND)}
    assert named == {row.row_id for row in after}


@pytest.mark.parametrize("form", FORMATS)
def test_a_price_that_stood_for_a_quarter_is_said_again(form: str, served: Prices, tmp_path: Path) -> None:
    """Its age is then that of the last reading, and history knows that it did not move."""
    folder, (provider, made) = catalog(tmp_path), FORMATS[form]
    feed = (provider, form, served("/prices", made(48)))
    (first,) = brought(folder, FIRST, feed)
    (second,) = brought(folder, SECOND, feed)
    assert (second.facts, second.unchanged, second.changes) == (first.facts, 0, ())
    dated = {row.row_id: [one.date for one in rows(folder, provider) if one.row_id == row.row_id]
             for row in rows(folder, provider)}  # fmt: skip
    assert all(days == ["2026-09-30", "2026-12-31"] for days in dated.values())


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "500000")
    request.end_headers()
    request.wfile.write(skypilot(1))


BAD: dict[str, Any] = {
    "500": (lambda request: request.send_error(500), "answered 500"),
    "cut off": (_cut, "was cut off"),
    "a page": (b"<html><body>Please sign in</body></html>", "is no "),
    "nothing": (b"", "is no "),
    "another format": (b"", "looks like "),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("how", BAD)
def test_a_bad_answer_leaves_the_last_good_file(how: str, form: str, served: Prices, tmp_path: Path) -> None:
    folder, (_, made) = catalog(tmp_path), FORMATS[form]
    answer, message = BAD[how]
    if how == "another format":
        answer = skypilot(40) if form == "gpuhunt" else gpuhunt(40)
    feeds = [("own-cloud", form, served("/one", made(48))), ("nebius", "gpuhunt", served("/two", gpuhunt(48)))]
    assert [one.failed for one in brought(folder, FIRST, *feeds)] == ["", ""]
    good = (folder / "refreshed" / "own-cloud.csv").read_bytes()
    served("/one", answer)
    served("/two", gpuhunt(40))
    failed, fine = brought(folder, SECOND, *feeds)
    # what comes in pages is seen to be JSON before its format is looked at
    assert message in failed.failed or "is no JSON, or is broken off" in failed.failed
    assert (failed.facts, fine.failed, fine.facts) == (0, "", 1)
    assert (folder / "refreshed" / "own-cloud.csv").read_bytes() == good
    load_catalog(folder)


@pytest.mark.parametrize("form", [form for form in FORMATS if form in ("azure", "gcp", "aws-spot-advisor")])
def test_half_a_document_is_no_document(form: str, served: Prices, tmp_path: Path) -> None:
    folder, (provider, made) = catalog(tmp_path), FORMATS[form]
    (result,) = brought(folder, FIRST, (provider, form, served("/prices", made(48)[:-40])))
    assert "is no JSON" in result.failed
    assert not (folder / "refreshed").exists()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("form", FORMATS)
def test_killed_between_two_writes(form: str, number: int, tmp_path: Path) -> None:
    folder, (provider, made) = catalog(tmp_path), FORMATS[form]
    file = tmp_path / "prices"
    file.write_bytes(made(48))
    brought(folder, FIRST, (provider, form, str(file)))
    before = state(folder)
    file.write_bytes(made(40))

    def work() -> None:
        original, count = os.fsync, [0]

        def deadly(handle: int) -> None:
            count[0] += 1
            if count[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)
            original(handle)

        os.fsync = deadly
        brought(folder, SECOND, (provider, form, str(file)))

    assert interrupted(work) == -signal.SIGKILL
    load_catalog(folder)
    left = {name: data for name, data in state(folder).items() if not name.endswith(".partial")}
    table = f"refreshed/{provider}.csv"
    assert (left.pop(table) == before.pop(table)) == (number < 4)  # a file and its folder, of source and of facts
    assert left == before
    brought(folder, SECOND, (provider, form, str(file)))
    assert {row.date for row in rows(folder, provider)} == {"2026-09-30", "2026-12-31"}
    assert not any(name.endswith(".partial") for name in state(folder))


def test_a_format_without_prices_is_told(served: Prices, tmp_path: Path) -> None:
    types = b'{"InstanceTypes": [{"InstanceType": "p5.48xlarge", "VCpuInfo": {}, "GpuInfo": {"Gpus": [' \
        b'{"Name": "H100", "Count": 8}]}}]}'  # fmt: skip
    (result,) = brought(catalog(tmp_path), FIRST, ("aws", "ec2-types", served("/types", types)))
    assert "is of a format without prices (1 rows read)" in result.failed
