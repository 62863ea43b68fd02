"""Puts files of prices into a catalog: each whole or not at all, by one process at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from planner.errors import Complaint, InputError, Place


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other writers out of the catalog in `folder`.

    The system holds the lock on the folder itself and drops it with the process, however that ends: nothing is left
    behind that could go stale. Systems without such locks (Windows) do without.

    Raises
    ------
    InputError
        when another process is writing there.
    """
    _check_folder(folder)
    try:
        import fcntl
    except ImportError:  # pragma: no cover
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        _refuse(folder, f"cannot be read: {(error.strerror or str(error)).lower()}")
    try:
        with suppress(OSError):  # some network file systems know no locks
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _refuse(folder, "is being written by another refresh or import", "try again when that has ended")
        yield
    finally:
        os.close(handle)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        _refuse(folder, "is no folder", "copy the shipped catalog there first, or name one that exists")


def trial_of(folder: Path, scratch: Path) -> Path:
    """Copy the catalog in `folder` to try new files in. Raises InputError when there is none."""
    _check_folder(folder)
    trial = scratch / "pricing"
    shutil.copytree(folder, trial, ignore=_only_prices)
    return trial


def publish(made: Path, target: Path) -> None:
    """Put a file in its place: what stands there is the old one or the new one, also when the power fails.

    Raises
    ------
    InputError
        when it cannot be written.
    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            stream.write(made.read_bytes())
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
        with suppress(OSError):  # not every system syncs folders
            handle = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except OSError as error:
        _refuse(target, f"cannot be written: {(error.strerror or str(error)).lower()}")


def sweep(folder: Path) -> None:
    """Remove what an interrupted run left behind; no catalog reads it."""
    for partial in folder.glob(".*.partial"):
        with suppress(OSError):
            partial.unlink()


def _only_prices(folder: str, names: list[str]) -> set[str]:
    kept = (".yaml", ".yml", ".csv")
    return {name for name in names if not name.endswith(kept) and not (Path(folder) / name).is_dir()}


def _refuse(path: Path, message: str, cure: str | None = None) -> NoReturn:
    raise InputError([Complaint(Place(str(path)), "", message, cure=cure)])
