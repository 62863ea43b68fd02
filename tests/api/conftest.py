from __future__ import annotations

from pathlib import Path

import pytest

import planner
from planner import Catalog, Plan, Scenario

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return planner.load_catalog()


@pytest.fixture(scope="session")
def scenario(catalog: Catalog) -> Scenario:
    return planner.load_scenario(ROOT / "examples" / "eight-a100s.yaml", catalog)


@pytest.fixture(scope="session")
def plan(scenario: Scenario, catalog: Catalog) -> Plan:
    return planner.plan(scenario, catalog)
