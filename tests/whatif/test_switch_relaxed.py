"""Switching values of relaxations: what is solved in whole numbers all the same."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from planner.analysis.study import solve_case
from planner.analysis.switching import prices_that_change_the_answer
from planner.assemble import build_case
from planner.report.formatting import percent
from planner.report.markdown import markdown_of
from planner.report.whatif.rows import switching
from planner.report.whatif.switch import sections
from planner.scenario.load import load_scenario
from planner.whatif import answer
from planner.whatif.answer import switch
from planner.whatif.base import Base, Settings
from planner.whatif.basis import EXACT
from planner.whatif.confirm import confirm, flips_for
from planner.whatif.drivers import Driver, Move
from planner.whatif.points import Point
from planner.whatif.question import DECIDING, asking, question
from planner.whatif.runner import How
from planner.whatif.switch import switching_values
from tests.shipped import shipped_catalog
from tests.small import SERVER, SITE
from tests.whatif.tiny import EXAMPLES, tiny


@cache
def relaxed() -> dict[str, Any]:
    """Return the eight A100s with their staff as relaxations, which say that buying loses."""
    shipped_ones = shipped_catalog()
    base = Base(shipped_ones, load_scenario(EXAMPLES / "eight-a100s.yaml", shipped_ones))
    asked = question(base, whole=False)
    assert asked.effort is None
    return switch(asked, asking(asked, How(DECIDING, workers=1)), ["purchase", "wacc"], scan=2, flips=1)


def test_today_is_in_whole_numbers_also_among_relaxations() -> None:
    found = relaxed()
    assert found["now"]["buying_saves_usd"] == pytest.approx(5_674, abs=1)
    assert found["now"]["decision"] == "buy"
    assert found["now_relaxed"]["buying_saves_usd"] < 0
    assert found["solved"] == "relaxation"
    text = markdown_of(sections(found))
    assert "Buying saves 5,674 USD" in text
    assert "its own says that buying saves" in text


def test_relaxations_are_searched_half_as_far_as_today() -> None:
    assert relaxed()["drivers"][0]["searched"] == {"least": 0.5, "most": 1.5, "values": 7}


def test_whole_numbers_are_asked_about_the_nearest_flip_of_relaxations() -> None:
    nearest = relaxed()["nearest"]
    assert nearest["driver"] == "purchase"
    assert nearest["at"] < 1  # buying loses today, the relaxation says
    assert (nearest["whole"]["low"], nearest["whole"]["high"]) == ("buy", "buy")
    assert nearest["whole"]["low_at"] <= nearest["low"] < nearest["high"] <= nearest["whole"]["high_at"]
    assert "In whole numbers the decision stands at" in markdown_of(sections(relaxed()))


def test_the_nearest_is_told_by_what_drivers_are_compared_by() -> None:
    text = markdown_of(sections(relaxed()))
    shares = [flip["ranges"] for row in relaxed()["drivers"] for flip in row["flips"]]
    assert f"{percent(shares[0], 1)} of the way to the end of its own range: the least of all drivers." in text
    assert shares[0] == min(shares) and all(f"| {percent(one, 1)} |" in text for one in shares if one < 1)


def test_flips_beyond_the_budget_are_said_not_to_be_asked() -> None:
    flips = [flip for row in relaxed()["drivers"] for flip in row["flips"]]
    assert [flip["whole"] is None for flip in flips].count(True) == len(flips) - 1 == relaxed()["flips_unasked"]


def test_walk_away_prices_are_those_of_the_plan() -> None:
    shipped_ones = shipped_catalog()
    case = build_case(shipped_ones, load_scenario(EXAMPLES / "eight-a100s.yaml", shipped_ones))
    planned = prices_that_change_the_answer(solve_case(case, EXACT))
    assert relaxed()["prices_that_change_the_answer"] == planned


def asked_in_whole_numbers(shift: float, most: int, jumps: bool = False) -> tuple[list[dict[str, Any]], int]:
    """Ask about two flips of a driver, 100,000 USD steep; whole numbers save `shift` more, and may err by 1,000 USD."""
    driver = Driver(
        "rent", "Rent", "×", 1.0, 0.8, 1.2, 0.5, 1.5, "a test", (Move("scale.demand", Decimal(1), "times"),)
    )
    flips = [
        {"low": at - 1e-5, "high": at + 1e-5, "buying_saves_usd_at_low": 1.0, "buying_saves_usd_at_high": -1.0,
         "ranges": abs(at - 1) / 0.2, "distance": at - 1, "jumps": jumps}
        for at in (0.6, 0.9)
    ]  # fmt: skip

    def ask(settings: Sequence[Settings]) -> list[Point]:
        values = [float(one[0].partition("=")[2]) for one in settings]
        return [{"buying_saves_usd": 1e5 * (0.9 - value) + shift} for value in values]

    return flips, confirm([{"driver": "rent", "flips": flips}], [driver], ask, most, 1_000.0)


@pytest.mark.parametrize(
    ("shift", "sides"), [(0.0, ("buy", "rent")), (1_500.0, ("buy", None)), (5_000.0, ("buy", "buy"))]
)
def test_whole_numbers_are_asked_where_their_gap_does_not_count(shift: float, sides: tuple[str, str | None]) -> None:
    (far, near), unasked = asked_in_whole_numbers(shift, 1)
    assert (far["whole"], unasked) == (None, 1)
    assert (near["whole"]["low"], near["whole"]["high"]) == sides
    assert (near["whole"]["low_at"], near["whole"]["high_at"]) == pytest.approx((0.88, 0.92), abs=2e-5)


def test_on_both_sides_of_a_leap_whole_numbers_are_asked_at_once() -> None:
    (_, near), _ = asked_in_whole_numbers(0.0, 1, jumps=True)
    assert (near["whole"]["low_at"], near["whole"]["high_at"]) == (near["low"], near["high"])


def test_what_is_told_as_nearest_is_what_whole_numbers_are_asked_about() -> None:
    """A flip at half of a wide range is nearer than one at twice a narrow range."""
    wide = Driver("v", "V", "×", 1.0, 0.9, 3.0, 0.1, 4.0, "a test", (Move("v", Decimal(1), "times"),))

    def ask(settings: Sequence[Settings]) -> list[Point]:
        values = [float(one[0].partition("=")[2]) if one else 1.0 for one in settings]
        return [{"buying_saves_usd": (value - 0.8) * (1.5 - value)} for value in values]

    rows = switching_values([wide], ask)
    assert confirm(rows, [wide], ask, 1, 0.0) == 1
    (near, far) = rows[0]["flips"]
    assert (near["ranges"], far["ranges"]) == pytest.approx((0.25, 2.0), rel=1e-3)
    assert rows[0]["switches_at"] == near["at"]
    assert (near["whole"]["low"], near["whole"]["high"], far["whole"]) == ("buy", "rent", None)


@pytest.mark.parametrize("asked", [True, False])
def test_a_row_tells_what_whole_numbers_say_of_its_own_flip_or_nothing(asked: bool) -> None:
    rows = list(csv.DictReader(StringIO(switching(relaxed() if asked else unasked(relaxed())))))
    told = {row["driver"]: (row["whole_at_low"], row["whole_at_high"]) for row in rows}
    assert told == {"purchase": ("buy", "buy") if asked else ("", ""), "wacc": ("", "")}


def unasked(found: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of which no flip was asked in whole numbers."""
    rows = [row | {"flips": [flip | {"whole": None} for flip in row["flips"]]} for row in found["drivers"]]
    return found | {"drivers": rows, "nearest": found["nearest"] | {"whole": None}, "flips_unasked": 1}


def test_a_plan_that_brings_money_leaves_as_much_in_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doubts: list[float] = []
    monkeypatch.setattr(answer, "confirm", lambda rows, found, ask, most, doubt: doubts.append(doubt) or 0)
    old = {"server": SERVER, "site": SITE, "servers": 40, "in_service": "2026-01", "paid_usd_per_server": 100_000}
    base = tiny(tmp_path, existing_servers=[old])
    asked = question(base, whole=False)
    found = switch(asked, asking(asked, How(DECIDING, workers=1)), ["purchase"], scan=2)
    assert found["now"]["present_usd"] < 0
    assert doubts == [pytest.approx(-EXACT.gap * found["now"]["present_usd"])]


def test_every_flip_within_the_budget_is_asked() -> None:
    flips, unasked = asked_in_whole_numbers(0.0, 2)
    assert unasked == 0
    assert flips[0]["whole"]["low"] == "buy" and flips[0]["whole"]["high"] == "buy"
    assert (flips_for(319_309), flips_for(2_042)) == (4, 734)
