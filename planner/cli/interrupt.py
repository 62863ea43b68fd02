"""Lets Ctrl-C stop work that does not listen to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

STOPPED = 130
_SECONDS = 0.1

Found = TypeVar("Found")


class StoppedError(Exception):
    """Ctrl-C was pressed. The work goes on until the process is ended, which must not wait for it."""


def interruptible(work: Callable[[], Found], kept: str = "nothing was written.") -> Found:
    """Return what `work` returns, or raise what it raises; Ctrl-C is answered at once.

    A solver that runs outside Python holds up the thread it is called from: the work has one of its own.

    Raises
    ------
    StoppedError
        when Ctrl-C was pressed.
    """
    found: Future[Found] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:
            found.set_exception(error)

    thread = Thread(target=run, daemon=True)
    try:
        thread.start()
        while thread.is_alive():
            thread.join(_SECONDS)
    except KeyboardInterrupt:
        raise StoppedError(f"Stopped; {kept}") from None
    return found.result()
