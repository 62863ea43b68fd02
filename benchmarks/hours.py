"""Hours of the calendar of which no two are alike: every hour a group of its own, and hours merged with a proof."""

from __future__ import annotations

from typing import Any

from benchmarks.ours import solved
from planner.case import Case


def hour_by_hour(case: Case) -> dict[str, Any]:
    """Build and solve the relaxation of a case with each of its groups as it is."""
    return solved(case)


def merged(case: Case) -> dict[str, Any]:
    """Solve the same relaxation with like hours merged until the gap is closed."""
    raise NotImplementedError
