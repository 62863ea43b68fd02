"""Workers of a Dask cluster. It runs what it is sent, and so do its workers: connect only to one that is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

import distributed

from planner.errors import Complaint, InputError, Place
from planner.whatif import job as jobs
from planner.whatif.job import Job

_SECONDS = 10
"""For the scheduler and its first worker to answer."""


class _Prepared(distributed.WorkerPlugin):  # type: ignore[misc]
    """Prepares every worker for a job, also those that come later or in place of one that died."""

    def __init__(self, job: Job) -> None:
        self.job, self.name = job, f"planner-{job.digest}"

    def setup(self, worker: Any) -> None:
        jobs.prepare(self.job)


@contextmanager
def connected(address: str, job: Job) -> Iterator[tuple[Executor, Callable[[], int], tuple[type[BaseException], ...]]]:
    """Yield an executor on the cluster at `address`, how many batches it takes at a time, and what a death looks like.

    Raises
    ------
    InputError
        when nobody answers there, or there are no workers.
    """
    try:
        client = distributed.Client(f"tcp://{address}", timeout=_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        cure = f"start one: dask scheduler; dask worker {address}"
        reason = f"no Dask cluster with a worker answers there within {_SECONDS} s"
        raise InputError([Complaint(Place("--executor"), "", reason, found=address, cure=cure)]) from error
    plugin = _Prepared(job)
    try:
        client.register_plugin(plugin)
        yield (
            client.get_executor(pure=False),
            lambda: 2 * sum(client.ncores().values()) or 1,
            (distributed.KilledWorker,),
        )
        client.unregister_worker_plugin(plugin.name)
    finally:
        client.close()
