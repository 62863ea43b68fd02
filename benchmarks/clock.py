"""Seconds of processor and of the clock on the wall, stage by stage."""

from __future__ import annotations

import time


class Clock:
    """Measures from its making on; `lap` ends a stage."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        self._first = self._cpu, self._wall

    def lap(self, stage: str) -> None:
        """Note the seconds of processor since the last lap as those of `stage`, and the sums since the start."""
        now = time.process_time()
        self.stages[stage] = now - self._cpu
        self.stages["cpu"], self.stages["wall"] = now - self._first[0], time.perf_counter() - self._first[1]
        self._cpu = now
