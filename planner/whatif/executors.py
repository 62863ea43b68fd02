"""Who solves: this process, processes beside it, or the workers of a Dask cluster; all are asked in the same way."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from typing import Any

from planner.errors import Complaint, InputError, Place
from planner.whatif import job as jobs
from planner.whatif.job import Job

LOCAL, DASK = "local", "dask://"
INSTALL = "pip install 'gpu-capacity-planner[cluster]'"
_QUIET = "ignore:resource_tracker:UserWarning"
"""Who is stopped leaves semaphores to the process that tracks them: it removes them, and need not warn of it."""


@dataclass
class Crew:
    """Workers that know the job.

    Attributes
    ----------
    executor : takes batches
    room : says how many batches should be asked at a time
    died : what the answer is to a batch whose worker died
    patience : deaths of workers over one scenario after which it is asked no more
    anew : returns an executor in place of one whose worker died
    """

    executor: Executor
    room: Callable[[], int]
    died: tuple[type[BaseException], ...] = ()
    patience: int = 3
    anew: Callable[[], Executor] | None = None

    def replace(self) -> None:
        """Replace workers that died."""
        if self.anew is not None:
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor = self.anew()


@contextmanager
def crew(executor: str, workers: int, job: Job) -> Iterator[Crew]:
    """Yield workers that know `job`; they go when the work is done.

    Raises
    ------
    InputError
        when there is no such executor.
    """
    if executor.startswith(DASK):
        if find_spec("distributed") is None:
            message = f"{executor} needs a package that is not installed"
            raise InputError([Complaint(Place("--executor"), "", message, cure=INSTALL)])
        from planner.whatif.cluster import connected

        with connected(executor.removeprefix(DASK), job) as (pool, room, died):
            yield Crew(pool, room, died, patience=1)  # the scheduler has tried again by itself
        return
    if executor != LOCAL:
        allowed = f"{LOCAL}, {DASK}HOST:PORT"
        raise InputError([Complaint(Place("--executor"), "", "is unknown", found=executor, allowed=allowed)])
    if workers == 1:
        jobs.prepare(job)
        try:
            yield Crew(_Here(), lambda: 1)
        finally:
            jobs.forget()
        return

    def anew() -> Executor:
        return ProcessPoolExecutor(workers, _context(), _begin, (job,))

    found = Crew(anew(), lambda: workers + 1, (BrokenProcessPool,), anew=anew)
    try:
        yield found
    finally:
        found.executor.shutdown(wait=False, cancel_futures=True)


class _Here(Executor):
    """Works at once, in the thread that asks."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Return the finished work."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*given, **named))
        except Exception as error:
            done.set_exception(error)
        return done


def _context() -> BaseContext:
    """Return how processes are started: never as a copy of this one, which may hold threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    _track_quietly()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["planner.whatif.job"])
    return context


def _track_quietly() -> None:
    """Start the process that tracks semaphores so that it does not warn; other processes are as they would be."""
    sys.warnoptions.append(_QUIET)
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.remove(_QUIET)


def _begin(job: Job) -> None:
    """Make a process a worker: Ctrl-C is for the process that asks, and the worker ends when that one has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    jobs.prepare(job)
    gc.freeze()  # catalog and scenario stay as long as the process


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
