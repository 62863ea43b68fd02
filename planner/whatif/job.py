"""What a worker needs to solve scenarios of a study, and the solving: the same here, in a process and on a cluster."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import planner
from planner.errors import SolverError
from planner.model.solve import Effort
from planner.whatif.base import Base, Settings
from planner.whatif.points import Point, Points, unsolved

Batch = tuple[Settings, ...]


@dataclass(frozen=True)
class Job:
    """All that the answers of a study have in common; it travels once to each worker, scenarios as plain text after it.

    Attributes
    ----------
    options, effort : as in Points
    version : of the planner that asks; workers with another one would answer otherwise
    """

    base: Base
    options: tuple[str, ...]
    effort: Effort | None
    version: str = planner.__version__

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that an answer depends on, but for settings."""
        asked = (self.version, self.base.digest, self.options, self.effort)
        return hashlib.sha256(repr(asked).encode()).hexdigest()


_jobs: dict[str, Job] = {}
_kept = threading.local()  # a program in the solver is for one thread


def prepare(job: Job) -> None:
    """Remember `job` in this process, in place of those before it.

    Raises
    ------
    SolverError
        when this process runs another version of the planner.
    """
    if job.version != planner.__version__:
        raise SolverError(f"a worker runs planner {planner.__version__}, asked by {job.version}: install the same one")
    _jobs.clear()
    _jobs[job.digest] = job


def solve(digest: str, batch: Batch) -> list[Point]:
    """Return the measures of scenarios of the job with this digest; the program is kept alive for the next batch."""
    if getattr(_kept, "digest", None) != digest:
        job = _jobs[digest]
        _kept.points, _kept.digest = Points(job.base, job.options, job.effort), digest
    return [answered(_kept.points, settings) for settings in batch]


def forget() -> None:
    """Give back the memory of what was solved in this thread."""
    _jobs.clear()
    _kept.__dict__.clear()


def answered(points: Points, settings: Settings) -> Point:
    """Return the measures of a scenario, also of one that the solver gave up."""
    try:
        return points.point(settings)
    except SolverError:
        return unsolved()


def batches(asked: Sequence[Settings], size: int) -> list[Batch]:
    """Return `asked` in batches."""
    return [tuple(asked[at : at + size]) for at in range(0, len(asked), size)]
