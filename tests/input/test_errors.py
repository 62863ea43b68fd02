"""What is told when something is wrong; and files that are written whole or not at all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from planner.documents import write_atomically
from planner.errors import MAX_COMPLAINTS, Complaint, InputError, Place, nearest, shown

from .given import complaint


def test_files_are_written_whole_with_their_folder(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "f.txt"
    write_atomically(path, "one")
    write_atomically(path, "zwölf")
    assert path.read_bytes() == "zwölf".encode()
    assert [one.name for one in path.parent.iterdir()] == ["f.txt"]
    write_atomically(path, b"\0\1")
    assert path.read_bytes() == b"\0\1"


def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    assert "cannot be written" in complaint(write_atomically, tmp_path / "file" / "f.txt", "x").message
    (tmp_path / "folder").mkdir()
    assert "cannot be written" in complaint(write_atomically, tmp_path / "folder", "x").message

    def fail(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    (tmp_path / "kept").write_text("before")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "kept", "after")
    assert (tmp_path / "kept").read_text() == "before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder", "kept"]


def test_complaints_say_where_what_and_how_to_cure() -> None:
    one = Complaint(Place("f", 2, 4), "a.b", "is wrong", found="x", allowed="y, z", cure="write y")
    assert str(one) == "f:2:4: a.b: is wrong\n    found: x\n    allowed: y, z\n    cure: write y"
    assert str(Complaint(Place("f"), "", "is empty")) == "f: is empty"
    assert str(InputError([one, one])).count("is wrong") == 2
    assert len(InputError(one for _ in range(10_000)).complaints) == MAX_COMPLAINTS + 1


def test_names_and_values_are_shown_in_short_words() -> None:
    assert nearest("headrom", ["headroom", "demand"]) == "did you mean 'headroom'?"
    assert nearest("zzz", ["headroom", "demand"]) is None
    values = [None, True, 36, Decimal("0.10"), "36", {"a": 1}, [1, 2], "a\nb\x1b"]
    words = ["nothing", "true", "36", "0.10", "'36'", "a mapping of 1", "a list of 2", r"'a\nb\x1b'"]
    assert [shown(value) for value in values] == words
    assert len(shown("x" * 10_000)) <= 60
