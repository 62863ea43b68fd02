"""Keeps solved scenarios in a file, so that work which was stopped goes on from there.

A row is found by all that its answer depends on: scenario, catalog, options, effort, version and settings. So nothing
of another scenario or of older prices is taken for an answer; it stays beside, and is found again when they return.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from planner.errors import Complaint, InputError, Place
from planner.whatif.base import Settings
from planner.whatif.points import Point

ANEW, ELSEWHERE = "--fresh begins anew, without what the file holds", "--out names another folder"
_WAIT = 60.0
"""Seconds for another run to finish writing its batch."""
_OF_WHAT_IT_HOLDS = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR", "SQLITE_SCHEMA", "SQLITE_MISMATCH")
_CHUNK = 500
"""Rows that are looked up at a time: SQLite takes a thousand names in a question."""


class Store:
    """Solved scenarios of one job in a file that others may use at the same time."""

    def __init__(self, database: sqlite3.Connection, job: str) -> None:
        self._database, self._job = database, job

    def known(self, asked: Sequence[Settings]) -> dict[Settings, Point]:
        """Return those of the scenarios that are solved already."""
        by_key = {self._key(settings): settings for settings in asked}
        keys, found = list(by_key), {}
        for first in range(0, len(keys), _CHUNK):
            some = keys[first : first + _CHUNK]
            marks = ", ".join("?" * len(some))
            for key, text in self._database.execute(f"SELECT key, point FROM points WHERE key IN ({marks})", some):
                found[by_key[key]] = json.loads(text)
        return found

    def keep(self, points: Mapping[Settings, Point]) -> None:
        """Write solved scenarios, all of them or none."""
        rows = [(self._key(settings), json.dumps(settings), json.dumps(point)) for settings, point in points.items()]
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO points VALUES (?, ?, ?)", rows)

    def _key(self, settings: Settings) -> str:
        return hashlib.sha256(json.dumps([self._job, *settings]).encode()).hexdigest()


@contextmanager
def opened(path: Path, job: str) -> Iterator[Store]:
    """Yield the store in the file at `path`, made where there is none, for the job with this digest.

    Raises
    ------
    InputError
        when the file cannot be read or written, or is no store.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=_WAIT)) as database:
            with database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS points (key TEXT PRIMARY KEY, settings TEXT, point TEXT) WITHOUT ROWID"
                )
            yield Store(database, job)
    except (OSError, sqlite3.Error, json.JSONDecodeError) as error:
        raise _unusable(path, error) from None


def remove(path: Path) -> None:
    """Remove the file at `path`, if there is one.

    Raises
    ------
    InputError
        when it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: Exception) -> InputError:
    """Return the complaint about a file that cannot be used: the fault of what it holds, or of where it is."""
    message = f"cannot be used to keep solved scenarios: {getattr(error, 'strerror', None) or error}"
    held = isinstance(error, json.JSONDecodeError) or getattr(error, "sqlite_errorname", "") in _OF_WHAT_IT_HOLDS
    return InputError([Complaint(Place(str(path)), "", message, cure=ANEW if held else ELSEWHERE)])
