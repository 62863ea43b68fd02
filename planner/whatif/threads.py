"""Work dealt to threads: HiGHS lets go of the interpreter while it solves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
"""Always as many: who does what must not hang on the machine."""
T = TypeVar("T")


def in_threads(work: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """Return what `work` makes of each part from 0 to `threads` − 1, each in a thread of its own."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(threads)))
