"""A refresh that is killed: whatever the moment, the catalog is whole, and the next run completes the work."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.load import load_catalog
from tests.refresh.given import FIRST, SECOND, brought, catalog, skypilot

FEEDS = ("aws", "aws-eu", "aws-us")
REGIONS = {"aws": "us-east-1", "aws-eu": "eu-west-1", "aws-us": "us-west-2"}
_FORK = multiprocessing.get_context("fork")


def feeds(tmp_path: Path, price: float) -> list[tuple[str, str, str]]:
    made = []
    for name in FEEDS:
        folder = tmp_path / f"{name}-{price}"
        folder.mkdir(exist_ok=True)
        text = skypilot(price, region=REGIONS[name])
        row = text.split(b"\n")[1]
        zones = [row.replace(REGIONS[name].encode(), f"eu-{name}-{n}".encode()) for n in range(40)]
        (folder / "aws.csv").write_bytes(text + b"\n".join(zones) + b"\n")
        made.append((name, "skypilot", str(folder / "aws.csv")))
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "refreshed").iterdir()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of a catalog after one quarter, and after the next."""
    folder = tmp_path_factory.mktemp("finished")
    pricing = catalog(folder)
    brought(pricing, FIRST, *feeds(folder, 48))
    before = files(pricing)
    brought(pricing, SECOND, *feeds(folder, 40))
    after = files(pricing)
    assert before.keys() == after.keys()
    assert all(before[f"{name}.csv"] != after[f"{name}.csv"] for name in FEEDS)
    return before, after


@pytest.fixture
def quarters(tmp_path: Path, finished: Any) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """A catalog after one quarter, its files, and what they are to be after the next."""
    folder = catalog(tmp_path)
    (folder / "refreshed").mkdir()
    put(folder, finished[0])
    return folder, *finished


def put(folder: Path, data: dict[str, bytes]) -> None:
    for name, content in data.items():
        (folder / "refreshed" / name).write_bytes(content)


def interrupted(work: Callable[[], Any], delay: float | None = None) -> int:
    """Run `work` in a process of its own, kill it after `delay` seconds if it still runs; return its exit code."""
    process = _FORK.Process(target=work)
    process.start()
    if delay is not None:
        time.sleep(delay)
        process.kill()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def is_whole(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> int:
    """Every file is the old one or the new one; return how many are new."""
    load_catalog(folder)
    found = {name: data for name, data in files(folder).items() if not name.startswith(".")}
    assert found.keys() == before.keys()
    assert all(data in (before[name], after[name]) for name, data in found.items())
    return sum(found[f"{name}.csv"] == after[f"{name}.csv"] for name in FEEDS)


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.write_bytes", "shutil.rmtree"])
@pytest.mark.parametrize("number", [1, 2, 5])
def test_killed_at_every_step_of_writing(
    call: str, number: int, quarters: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    folder, before, after = quarters

    def work() -> None:
        patch, count = pytest.MonkeyPatch(), [0]
        module, _, name = call.rpartition(".")
        original: Any = getattr(__import__(module), name) if "Path" not in call else getattr(Path, name)

        def deadly(*arguments: Any, **named: Any) -> Any:
            count[0] += 1
            if count[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **named)

        patch.setattr(call, deadly)
        brought(folder, SECOND, *feeds(tmp_path, 40))

    code = interrupted(work)
    assert code in (-signal.SIGKILL, 0)
    new = is_whole(folder, before, after)
    if call == "os.fsync":
        assert code == -signal.SIGKILL
        assert new < len(FEEDS)
    brought(folder, SECOND, *feeds(tmp_path, 40))
    assert files(folder) == after  # and nothing is left lying about


def test_killed_at_random(quarters: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path) -> None:
    folder, before, after = quarters
    began = time.monotonic()
    brought(folder, SECOND, *feeds(tmp_path, 40), write=False)
    whole, dice = 1.5 * (time.monotonic() - began), random.Random(2026)
    seen = set()
    for _ in range(20):
        put(folder, before)
        interrupted(lambda: brought(folder, SECOND, *feeds(tmp_path, 40)), dice.uniform(0, whole))
        seen.add(is_whole(folder, before, after))
    assert len(seen) > 1, "every kill came at the same moment"
    brought(folder, SECOND, *feeds(tmp_path, 40))
    assert files(folder) == after
