"""Small scenarios, planned."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from planner.analysis.study import solve_case
from planner.assemble import build_case
from planner.model.solve import Effort
from planner.planfile import command_line, plan_document
from planner.scenario.load import LoadedScenario, load_scenario
from tests.small import HALF_TERM, HALF_USED, PRICES, SCENARIO, catalog, serving

EXACT = Effort(gap=1e-9)


class Planned(NamedTuple):
    """A scenario, its plan, and the file of the scenario."""

    loaded: LoadedScenario
    plan: dict[str, Any]
    path: Path


def written(path: Path, **changes: Any) -> Path:
    """Write the scenario of tests/small.py with some keys changed; `prices` are added."""
    document = deepcopy(SCENARIO) | {"workloads": [serving()]} | changes
    document["prices"] = PRICES | changes.get("prices", {})
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def planned(folder: Path, *settings: str, **changes: Any) -> Planned:
    prices = {HALF_TERM: 100, HALF_USED: 100} | changes.pop("prices", {})
    path = written(folder / "small.yaml", prices=prices, **changes)
    loaded = load_scenario(path, catalog(), settings)
    study = solve_case(build_case(catalog(), loaded), EXACT)
    plan = plan_document(study, catalog(), EXACT) | {"command": command_line(loaded, EXACT)}
    return Planned(loaded, plan, path)
