"""What differs for good: what is worth saying, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.actuals.causes import Parted, Uses, causes
from planner.actuals.variance import Item, Use, of_hours

OD, SPOT, HELD = Item("on_demand", "aws", "h100"), Item("spot", "aws", "h100"), Item("committed", "aws", "h100")
SERVERS = Item("servers")


def told(plan: Uses, actual: Uses, band: float, outlay: float = 0.0) -> list[dict[str, Any]]:
    """Return the causes of a month in which servers are paid as planned."""
    months = range(1)
    hours, nothing = Parted(of_hours(plan, actual, months), plan, actual), Parted({}, {}, {})
    return causes(hours, nothing, {SERVERS: ([outlay], [outlay])}, {"servers"}, months, ["2027-01"], band)


@pytest.mark.parametrize(("band", "said"), [(0.05, []), (0.03, [("utilization", 40)])])
def test_idle_capacity_is_told_beyond_the_band_of_all_that_it_costs(band: float, said: list[tuple[str, float]]) -> None:
    found = told({HELD: [Use(80, 800, 200)]}, {HELD: [Use(80, 800, 240)]}, band)  # 40 more of 1,000
    assert [(one["part"], one["usd"]) for one in found] == said


def test_hours_that_moved_are_told_where_they_save_too() -> None:
    (moved,) = told({OD: [Use(100, 1000)], SPOT: [Use(100, 400)]}, {OD: [Use(50, 500)], SPOT: [Use(150, 600)]}, 0.05)
    assert (moved["part"], moved["kind"], moved["instead_of"], moved["usd"]) == ("mix", "spot", "on_demand", -300)


def test_what_lasts_is_held_against_what_runs_and_not_against_an_outlay() -> None:
    plan, actual = {OD: [Use(100, 1000)]}, {OD: [Use(100, 1060)]}
    (dearer,) = told(plan, actual, 0.05, outlay=1_000_000)  # 60 are 6 % of what runs, and 0.006 % of all
    assert (dearer["part"], dearer["since"], dearer["usd"]) == ("price", "2027-01", pytest.approx(60))
