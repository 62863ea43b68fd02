"""A Dask cluster on this machine: the same code path, the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.scenario.load import load_scenario
from planner.whatif import cluster as dask_cluster
from planner.whatif.base import Base, Settings
from planner.whatif.runner import How, run
from tests.shipped import shipped_catalog

distributed = pytest.importorskip("distributed")
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ASKED: list[Settings] = [(f"scale.demand={0.6 + step / 20}",) for step in range(16)]


@pytest.fixture(scope="module")
def base() -> Base:
    catalog = shipped_catalog()
    return Base(catalog, load_scenario(EXAMPLES / "eight-a100s.yaml", catalog))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as found:
        yield found


def address(cluster: Any) -> str:
    return f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"


def test_two_workers_of_a_cluster_give_the_same_bits(base: Base, cluster: Any, tmp_path: Path) -> None:
    alone = run(base, ASKED, How(workers=1))
    assert run(base, ASKED, How(executor=address(cluster), store=tmp_path / "store")) == alone
    assert run(base, ASKED, How(workers=1, store=tmp_path / "store")) == alone


def test_a_worker_of_a_cluster_that_dies_is_replaced(base: Base, cluster: Any) -> None:
    killed: list[Any] = []

    def kill(done: int, of: int) -> None:
        if 0 < done < of and not killed:
            killed.append(next(iter(cluster.workers.values())))
            killed[0].process.process.kill()

    assert run(base, ASKED, How(executor=address(cluster)), count=kill) == run(base, ASKED, How(workers=1))
    assert killed


def test_a_cluster_that_is_not_there_is_told_with_a_cure(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "_SECONDS", 1)
    with pytest.raises(InputError, match=r"(?s)no Dask cluster.*cure: start one"):
        run(base, ASKED, How(executor="dask://127.0.0.1:9"))


def test_a_package_that_is_missing_is_told_with_a_cure(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.whatif.executors.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"cure: pip install 'gpu-capacity-planner\[cluster\]'"):
        run(base, ASKED, How(executor="dask://127.0.0.1:9"))
