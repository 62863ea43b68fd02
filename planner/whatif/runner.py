"""Solves many scenarios of one study with as many workers as there are, and keeps what is solved.

An answer depends on its scenario alone: neither the number of workers, nor who they are, nor what they solved before
changes a bit of it. A worker that dies is replaced and its scenarios are asked again, one at a time, so that one which
ends every worker is found and named.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from planner.errors import SolverError
from planner.model.solve import Effort
from planner.whatif import job as jobs
from planner.whatif.base import Base, Settings
from planner.whatif.executors import LOCAL, Crew, crew
from planner.whatif.job import Batch, Job, batches
from planner.whatif.points import OPTIONS, UNSOLVED, Point
from planner.whatif.store import opened

BATCH = 8
"""Scenarios that are asked, and written, at a time: few, since a batch is what an interrupted run loses."""

Say = Callable[[str], None]
Count = Callable[[int, int], None]
"""Gets how many scenarios are solved, and how many there are."""


@dataclass(frozen=True)
class How:
    """How scenarios are solved.

    Attributes
    ----------
    options, effort : as in Points
    workers : processes on this machine; 1 solves in this one
    executor : `local`, or `dask://host:port` of a scheduler
    store : file that keeps what is solved, and from which work that was stopped goes on
    """

    options: tuple[str, ...] = OPTIONS
    effort: Effort | None = None
    workers: int = 2
    executor: str = LOCAL
    store: Path | None = None


def run(
    base: Base,
    asked: Sequence[Settings],
    how: How = How(),
    say: Say = lambda text: None,
    count: Count = lambda done, all_of_them: None,
) -> list[Point]:
    """Return the measures of the scenarios in the order of `asked`; one that is asked twice is solved once.

    One that the solver gave up is `unsolved`, and asked again by the next run; no other is ever solved again.

    Raises
    ------
    InputError
        when a setting is not allowed, or the executor or the store cannot be used.
    SolverError
        when a scenario ends every worker, or the cluster is gone; what was solved is kept.
    """
    job, wanted = Job(base, tuple(how.options), how.effort), list(dict.fromkeys(asked))
    with ExitStack() as stack:
        store = stack.enter_context(opened(how.store, job.digest)) if how.store is not None else None
        points = store.known(wanted) if store is not None else {}
        missing = [settings for settings in wanted if settings not in points]

        def tell() -> None:
            say(f"{len(points):,} of {len(wanted):,} scenarios")
            count(len(points), len(wanted))

        tell()
        for found in _solved(missing, how, job):
            if store is not None:
                store.keep({settings: point for settings, point in found.items() if point["status"] != UNSOLVED})
            points |= found
            tell()
    return [points[settings] for settings in asked]


def _solved(missing: Sequence[Settings], how: How, job: Job) -> Iterator[dict[Settings, Point]]:
    if not missing:
        return
    with crew(how.executor, max(1, min(how.workers, len(missing))), job) as them:
        share = -(-len(missing) // (2 * them.room()))
        size = min(BATCH, share) if how.effort is None else 1
        yield from _Asked(them, job, batches(missing, size)).answers()


class _Asked:
    """Batches that are asked of a crew until each is answered."""

    def __init__(self, them: Crew, job: Job, waiting: Sequence[Batch]) -> None:
        self._crew, self._job = them, job
        self._waiting = deque(waiting)
        self._suspects: deque[Batch] = deque()  # one of them ended a worker; each is asked alone
        self._deaths: Counter[Batch] = Counter()
        self._running: dict[Future[list[Point]], Batch] = {}

    def answers(self) -> Iterator[dict[Settings, Point]]:
        """Yield the points of each batch as they come."""
        try:
            while self._waiting or self._suspects or self._running:
                alone = self._ask()
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                if any(self._died(future) for future in done):
                    done, _ = wait(self._running)  # the others of its pool end with it
                yield from self._taken(done, alone)
        finally:
            for future in self._running:
                future.cancel()

    def _ask(self) -> bool:
        """Ask as many batches as there is room for; a suspect alone, in which case it returns true."""
        if self._suspects:  # since the death nobody else was asked
            self._submit(self._suspects.popleft())
            return True
        room = self._crew.room()
        while self._waiting and len(self._running) < room:
            self._submit(self._waiting.popleft())
        return False

    def _submit(self, batch: Batch) -> None:
        try:
            future = self._crew.executor.submit(jobs.solve, self._job.digest, batch)
        except self._crew.died as error:  # before it was asked
            future = Future()
            future.set_exception(error)
        self._running[future] = batch

    def _taken(self, done: set[Future[list[Point]]], alone: bool) -> Iterator[dict[Settings, Point]]:
        dead: list[Batch] = []
        for future in done:
            batch = self._running.pop(future)
            if self._died(future):
                dead.append(batch)
            else:
                yield dict(zip(batch, future.result(), strict=True))
        if not dead:
            return
        self._crew.replace()
        if alone:
            self._blame(dead[0])
        self._suspects.extend((settings,) for batch in dead for settings in batch)

    def _blame(self, batch: Batch) -> None:
        self._deaths[batch] += 1
        if self._deaths[batch] >= self._crew.patience:
            settings = " ".join(batch[0]) or "without settings"
            raise SolverError(
                f"{self._deaths[batch]} times a worker died over the scenario {settings}: perhaps there is too little"
                " memory, or no process can be started here (--workers 1 does without). What was solved is kept."
            )

    def _died(self, future: Future[list[Point]]) -> bool:
        """Say whether the worker died before it answered. Raises SolverError when nobody can be asked any more."""
        try:
            return isinstance(future.exception(), self._crew.died)
        except CancelledError:
            message = "the workers are gone; what was solved is kept, and the same command goes on from there"
            raise SolverError(message) from None
