"""Many scenarios solved by several workers: the same bits whoever solves them, and whoever dies on the way."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError, SolverError
from planner.model.solve import Effort
from planner.scenario.load import load_scenario
from planner.whatif import job, runner
from planner.whatif.base import Base, Settings
from planner.whatif.executors import Crew, _Here
from planner.whatif.points import Points, measures
from planner.whatif.runner import How, run
from tests.shipped import shipped_catalog

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ASKED: list[Settings] = [(f"scale.demand={0.6 + step / 20}", "finance.wacc_fraction=0.1") for step in range(16)]


@pytest.fixture(scope="module")
def base() -> Base:
    catalog = shipped_catalog()
    return Base(catalog, load_scenario(EXAMPLES / "eight-a100s.yaml", catalog))


@pytest.fixture(scope="module")
def alone(base: Base) -> list[dict[str, Any]]:
    return run(base, ASKED, How(workers=1))


def test_the_number_of_workers_changes_no_bit(base: Base, alone: list[dict[str, Any]]) -> None:
    assert alone == [Points(base).point(settings) for settings in ASKED]
    warned_of = [*sys.warnoptions]
    assert run(base, ASKED, How(workers=2)) == alone
    assert sys.warnoptions == warned_of  # of the caller's own processes too
    assert run(base, ASKED[::-1], How(workers=1)) == alone[::-1]


def test_the_size_of_batches_changes_no_bit(
    base: Base, alone: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH", 1)
    assert run(base, ASKED, How(workers=1)) == alone


def test_what_is_asked_twice_is_solved_once_and_none_is_asked_of_nobody(
    base: Base, alone: list[dict[str, Any]]
) -> None:
    counted: list[tuple[int, int]] = []
    found = run(base, [ASKED[0], ASKED[1], ASKED[0]], How(workers=1), count=lambda *given: counted.append(given))
    assert found == [alone[0], alone[1], alone[0]]
    assert counted[-1] == (2, 2)
    assert run(base, [], How()) == []


def test_a_worker_that_is_killed_is_replaced(base: Base, alone: list[dict[str, Any]]) -> None:
    killed: list[int] = []

    def kill(done: int, of: int) -> None:
        if 0 < done < of and not killed:
            child = multiprocessing.active_children()[0]
            killed.append(child.pid or 0)
            child.kill()

    assert run(base, ASKED, How(workers=2), count=kill) == alone
    assert killed


class _Deadly(Executor):
    """Ends the worker of a batch that holds a certain scenario, and all that are asked beside it."""

    def __init__(self, deadly: Settings, log: list[Any]) -> None:
        self.deadly, self.log, self.broken = deadly, log, False

    def submit(self, work: Any, /, digest: str, batch: Any) -> Future[Any]:  # type: ignore[override]
        self.log.append(batch)
        self.broken = self.broken or self.deadly in batch
        if not self.broken:
            return _Here().submit(work, digest, batch)
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool())
        return future


def test_a_scenario_that_ends_every_worker_is_found_and_named(base: Base) -> None:
    asked, log = ASKED[:6], []
    task = job.Job(base, ("cloud",), None)
    job.prepare(task)
    them = Crew(_Deadly(asked[2], log), lambda: 2, (BrokenProcessPool,), anew=lambda: _Deadly(asked[2], log))
    found: dict[Settings, Any] = {}

    def ask() -> None:
        for points in runner._Asked(them, task, job.batches(asked, 2)).answers():
            found.update(points)

    with pytest.raises(SolverError, match=r"3 times a worker died over the scenario scale\.demand=0\.7 finance"):
        ask()
    assert asked[2] not in found
    assert {asked[0], asked[1]} <= found.keys()
    assert log.count((asked[2],)) == 3


def test_a_setting_that_leads_nowhere_is_told_from_another_process_with_its_complaints(base: Base) -> None:
    wrong = [("scale.demand=0",), ("scale.demand=1.1",)]
    with pytest.raises(InputError) as caught:
        run(base, wrong, How(workers=2))
    assert caught.value.complaints[0].field == "scale.demand"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.complaints, str(again)) == (caught.value.complaints, str(caught.value))


def test_whole_numbers_are_solved_in_the_same_way(base: Base) -> None:
    effort = Effort(gap=1e-9)
    found = run(base, ASKED[:2], How(effort=effort, workers=2))
    assert found == [Points(base, effort=effort).point(settings) for settings in ASKED[:2]]
    assert found[0]["servers_bought"] == round(found[0]["servers_bought"])


def test_a_scenario_that_the_solver_gives_up_is_said_to_be_unsolved(
    base: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def given_up(self: Points, settings: Settings) -> dict[str, Any]:
        raise SolverError("stopped")

    with monkeypatch.context() as patched:
        patched.setattr(Points, "point", given_up)
        found = run(base, ASKED[:1], How(workers=1, store=tmp_path / "store"))
    assert found == [measures(None) | {"status": "unsolved"}]
    assert run(base, ASKED[:1], How(workers=1, store=tmp_path / "store"))[0]["status"] == "ok"


def test_an_executor_that_does_not_exist_is_refused(base: Base) -> None:
    with pytest.raises(InputError, match=r"local, dask://HOST:PORT"):
        run(base, ASKED, How(executor="slurm"))


def test_a_worker_of_another_version_is_refused(base: Base) -> None:
    with pytest.raises(SolverError, match="install the same one"):
        job.prepare(job.Job(base, (), None, "0.0.0"))
