"""A scenario whose switching values follow from a line of arithmetic, and the eight A100s without staff."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from planner.scenario.load import load_scenario
from planner.whatif.base import Base, Settings
from planner.whatif.basis import EXACT, Ask
from planner.whatif.points import Point, Points
from tests.shipped import shipped_catalog
from tests.small import PRICES, SCENARIO, SITE, catalog, serving

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
RENT = 8 * 730 * 3 * 4.0
"""Three months of 8 GPUs, rented at 4 USD an hour."""
KEPT = 100_000 * (1 - 0.5)
"""What the server costs, sold at half its price; nothing else of it costs."""


def tiny(tmp_path: Path, **more: Any) -> Base:
    """Return a flat demand of 8 H100 for 3 months, undiscounted: rent at 4 USD an hour, or buy at 100,000 USD."""
    document = {**SCENARIO, "sites": [{"id": SITE}], "workloads": [serving()], "prices": PRICES} | more
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return Base(catalog(), load_scenario(path, catalog()))


@cache
def eight() -> Base:
    shipped_ones = shipped_catalog()
    return Base(shipped_ones, load_scenario(EXAMPLES / "eight-a100s.yaml", shipped_ones, ["staff=[]"]))


def asker(base: Base) -> Ask:
    """Return who solves scenarios here, in whole numbers."""
    points = Points(base, effort=EXACT)

    def ask(asked: Sequence[Settings]) -> list[Point]:
        return [points.point(settings) for settings in asked]

    return ask
