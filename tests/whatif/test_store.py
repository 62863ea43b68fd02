"""Solved scenarios kept in a file: nothing is lost, nothing is solved twice, nothing else is taken for an answer."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.model.solve import Effort
from planner.scenario.load import load_scenario
from planner.whatif.base import Base, Settings
from planner.whatif.points import Points
from planner.whatif.runner import How, run
from planner.whatif.store import opened
from tests.shipped import shipped_catalog

SCENARIO = Path(__file__).parent.parent.parent / "examples" / "part-time-h100.yaml"
ASKED: list[Settings] = [(f"scale.demand={0.8 + step / 50}",) for step in range(20)]


@pytest.fixture(scope="module")
def base() -> Base:
    catalog = shipped_catalog()
    return Base(catalog, load_scenario(SCENARIO, catalog))


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Return what is solved from now on, in this process."""
    log: list[Settings] = []
    point = Points.point

    def counted(self: Points, settings: Settings) -> dict[str, Any]:
        log.append(settings)
        return point(self, settings)

    monkeypatch.setattr(Points, "point", counted)
    return log


def test_only_what_is_missing_is_solved_and_the_rest_is_the_same_to_the_bit(
    base: Base, tmp_path: Path, solved: list[Settings]
) -> None:
    how = How(workers=1, store=tmp_path / "deep" / "store.sqlite")
    first = run(base, ASKED[5:9], how)
    assert run(base, ASKED, how)[5:9] == first
    assert sorted(solved) == sorted(ASKED)
    assert run(base, ASKED, how) == run(base, ASKED, How(workers=1))


def test_a_run_that_is_stopped_keeps_what_it_solved(base: Base, tmp_path: Path, solved: list[Settings]) -> None:
    how = How(workers=1, store=tmp_path / "store.sqlite")

    def stop(done: int, of: int) -> None:
        if done >= of // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(base, ASKED, how, count=stop)
    before = len(solved)
    assert 0 < before < len(ASKED)
    assert run(base, ASKED, how) == run(base, ASKED, How(workers=1))
    assert len(solved) == 2 * len(ASKED)


@pytest.mark.parametrize(
    "other", [How(workers=1, options=("cloud",)), How(workers=1, effort=Effort(gap=1e-9))], ids=["options", "effort"]
)
def test_answers_to_another_question_are_not_taken_for_answers(base: Base, tmp_path: Path, other: How) -> None:
    store = tmp_path / "store.sqlite"
    run(base, ASKED[:2], How(workers=1, store=store))
    kept = How(other.options, other.effort, 1, store=store)
    assert run(base, ASKED[:2], kept) == run(base, ASKED[:2], other)


def test_another_scenario_is_solved_anew_and_the_first_is_found_again(
    base: Base, tmp_path: Path, solved: list[Settings]
) -> None:
    how = How(workers=1, store=tmp_path / "store.sqlite")
    other = Base(base.catalog, load_scenario(SCENARIO, base.catalog, ["finance.wacc_fraction=0.2"]))
    first, second = run(base, ASKED[:2], how), run(other, ASKED[:2], how)
    assert first != second
    assert len(solved) == 4
    assert (run(base, ASKED[:2], how), run(other, ASKED[:2], how)) == (first, second)
    assert len(solved) == 4


def test_two_runs_share_a_store(base: Base, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with opened(path, "job") as one, opened(path, "job") as other:
        one.keep({("a=1",): {"x": 1}})
        other.keep({("a=1",): {"x": 1}, ("a=2",): {"x": 2}})
        assert one.known([("a=1",), ("a=2",), ("a=3",)]) == {("a=1",): {"x": 1}, ("a=2",): {"x": 2}}


def test_settings_that_join_to_the_same_text_are_told_apart(tmp_path: Path) -> None:
    with opened(tmp_path / "store.sqlite", "job") as store:
        store.keep({("a=1", "b=2"): {"x": 1}})
        assert store.known([("a=1b=2",)]) == store.known([("a=1 b=2",)]) == store.known([("a=1,b=2",)]) == {}
        assert store.known([("a=1", "b=2")]) == {("a=1", "b=2"): {"x": 1}}


def test_more_are_looked_up_than_a_question_may_name(tmp_path: Path) -> None:
    many = {(f"a={n}",): {"x": n} for n in range(2_500)}
    with opened(tmp_path / "store.sqlite", "job") as store:
        store.keep(many)
        assert store.known(list(many)) == many


@pytest.mark.parametrize("content", [b"no database" * 200, b""], ids=["other", "empty"])
def test_a_file_that_is_no_store_is_told_with_a_cure(base: Base, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(content)
    if not content:  # as a run leaves it that was stopped before its first word
        assert run(base, ASKED[:1], How(workers=1, store=path))[0]["status"] == "ok"
        return
    with pytest.raises(InputError, match=r"(?s)cannot be used to keep solved scenarios.*--fresh"):
        run(base, ASKED[:1], How(workers=1, store=path))
    assert path.read_bytes() == content


def test_a_database_of_somebody_else_is_told_with_a_cure(base: Base, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE points (name TEXT)")
    with pytest.raises(InputError, match=r"(?s)cannot be used to keep solved scenarios.*--fresh"):
        run(base, ASKED[:1], How(workers=1, store=path))


def test_a_folder_that_cannot_be_made_is_told(base: Base, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be used to keep solved scenarios"):
        run(base, ASKED[:1], How(workers=1, store=tmp_path / "file" / "store.sqlite"))
