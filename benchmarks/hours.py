"""Hours of the calendar of which no two are alike: every hour a group of its own, and hours merged with a proof."""

from __future__ import annotations

from typing import Any

from benchmarks.clock import Clock
from benchmarks.ours import solved
from planner.analysis.by_hour import group_hours
from planner.case import Case


def hour_by_hour(case: Case) -> dict[str, Any]:
    """Build and solve the relaxation of a case with each of its groups as it is."""
    return solved(case)


def merged(case: Case) -> dict[str, Any]:
    """Solve the same relaxation with like hours merged until what holds on average holds in each hour."""
    clock = Clock()
    hours = group_hours(case)
    clock.lap("solve")
    assert hours is not None, "enough hours to merge"
    return clock.stages | {
        "objective": hours.relaxation_usd, "groups": hours.groups, "gap": hours.relative_gap, "build": 0.0,
    }  # fmt: skip
