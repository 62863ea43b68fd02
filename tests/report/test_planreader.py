"""A plan.json that is damaged or was made by somebody else is refused in one clear line, or its report is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.planreader import parse_plan, read_plan
from planner.report.html import render_html
from planner.report.markdown import render_markdown
from planner.report.tables import render_csv
from tests.report.documents import document

FORMS = (render_html, render_markdown, render_csv)
WHOLE = json.dumps(document())


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_plan(path)
    (complaint,) = caught.value.complaints
    assert complaint.place.file == str(path)
    assert complaint.cure
    assert all(len(line) < 300 for line in str(complaint).splitlines())
    return complaint.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (WHOLE[:-1].encode(), "not JSON"),
        (WHOLE[: len(WHOLE) // 2].encode(), "not JSON"),
        (WHOLE.replace("198000.0", "NaN").encode(), "NaN is no number"),
        (WHOLE.replace("198000.0", "-Infinity").encode(), "-Infinity is no number"),
        (WHOLE.replace("198000.0", "9" * 5000).encode(), "not JSON"),
        (b"[" * 10**6, "nested too deeply"),
        (b'{"a":' * 10**6, "nested too deeply"),
        (WHOLE.replace('"small"', "[" * 60 + "]" * 60).encode(), "not a plan.json"),
        (b"[]", "not a plan.json"),
        (b"null", "not a plan.json"),
        (b'"plan"', "not a plan.json"),
        (b"{}", "version"),
        (b'{"schema_version": "1"}', "version"),
        (b'{"schema_version": 999}', "version"),
        (b'{"schema_version": 1}', "is missing"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    assert message in refused(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no such file" in refused(tmp_path / "nowhere.json")
    assert "cannot be read" in refused(tmp_path)
    assert "cannot be read" in refused(tmp_path / "nul\0")
    monkeypatch.setattr("planner.planreader.MAX_BYTES", 100)
    path = tmp_path / "plan.json"
    path.write_text(WHOLE, encoding="utf-8")
    assert "larger than 100 bytes" in refused(path)


def test_what_planner_plan_writes_is_read(starter: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    for made in (document(), starter, document() | {"another_key": {"of": "a later version"}}):
        path.write_text(json.dumps(made), encoding="utf-8")
        assert read_plan(path) == made


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, key)
        yield from paths(one, (*at, key))


PLACES = list(paths(document()))
WRONG = [None, True, "", "text", "12", -1, 0, 0.5, 1e15, -1e15, 1e300, 10**30, [], [[]], {}, {"a": 1}, "DROP"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(WRONG)), min_size=1, max_size=3))
def test_a_damaged_plan_is_refused_or_reported(damages: list[tuple[tuple[str | int, ...], Any]]) -> None:
    made = document()
    for path, wrong in damages:
        damage(made, path, wrong)
    try:
        parse_plan(json.dumps(made).encode())
    except InputError:
        return
    for form in FORMS:
        form(made)


@pytest.mark.parametrize("wrong", [None, "12", [], {}, "DROP", 1e300])
def test_every_place_may_be_damaged(wrong: Any) -> None:
    """Of lists of alike rows the first stands for all."""
    alone = [path for path in PLACES if not any(isinstance(step, int) and step > 0 for step in path)]
    passed = 0
    for path in alone:
        made = document()
        damage(made, path, wrong)
        try:
            parse_plan(json.dumps(made).encode())
        except InputError:
            continue
        passed += 1
        render_markdown(made)
    assert passed < len(alone) / 2, "the check lets nearly everything through"


def damage(made: Any, path: tuple[str | int, ...], wrong: Any) -> None:
    """Put something wrong at a place, or take away what is there; nothing when the place is gone already."""
    *above, last = path
    try:
        for step in above:
            made = made[step]
        if wrong == "DROP":
            del made[last]
        else:
            made[last] = wrong
    except (KeyError, IndexError, TypeError):
        return
