from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from planner.actuals.store import Store
from planner.catalog.load import Catalog
from tests.actuals.tracked import TINY, planned
from tests.cli.test_cli import EIGHT, ROOT
from tests.shipped import shipped_catalog


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield opened


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return shipped_catalog()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plan that rents 1,000 GPU-hours a month on demand."""
    return planned(tmp_path_factory.mktemp("tiny"), TINY)


@pytest.fixture(scope="session")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plan that rents 5,256 GPU-hours a month until its server is delivered in May."""
    return planned(tmp_path_factory.mktemp("eight"), EIGHT)


@pytest.fixture(scope="session")
def llm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plan that commits to two nodes for three years, paid upfront."""
    return planned(tmp_path_factory.mktemp("llm"), ROOT / "examples" / "self-hosted-llm.yaml")
