from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("duckdb")

from planner.actuals.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield opened
