"""One writer at a time: a second refresh is refused, one that died holds nobody up."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.importers.filing import locked
from tests.refresh.given import FIRST, brought, catalog, rows, skypilot
from tests.refresh.test_refresh import state

_FORK = multiprocessing.get_context("fork")


def _hold(folder: Path, holding: Any, enough: Any) -> None:
    with locked(folder):
        holding.set()
        enough.wait(60)


def test_a_second_refresh_waits_for_its_turn_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48))
    feed, before = ("aws", "skypilot", str(file)), state(folder)
    holding, enough = _FORK.Event(), _FORK.Event()
    other = _FORK.Process(target=_hold, args=(folder, holding, enough))
    other.start()
    assert holding.wait(60)
    with pytest.raises(InputError, match="is being written by another refresh or import"):
        brought(folder, FIRST, feed)
    assert state(folder) == before
    (looked,) = brought(folder, FIRST, feed, write=False)  # reading disturbs nobody
    assert looked.facts == 1
    other.kill()
    other.join()
    brought(folder, FIRST, feed)
    assert len(rows(folder, "aws")) == 1


def test_a_lock_ends_with_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path), pytest.raises(InputError, match="being written"), locked(tmp_path):
            pass


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    for write in (True, False):
        with pytest.raises(InputError, match="is no folder"):
            brought(tmp_path / "none", FIRST, ("aws", "skypilot", "vms.csv"), write=write)
