"""Switching values of relaxations: what is solved in whole numbers all the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from planner.analysis.study import solve_case
from planner.analysis.switching import prices_that_change_the_answer
from planner.assemble import build_case
from planner.report.markdown import markdown_of
from planner.report.whatif.switch import sections
from planner.scenario.load import load_scenario
from planner.whatif.answer import switch
from planner.whatif.base import Base
from planner.whatif.basis import EXACT
from planner.whatif.question import DECIDING, asking, question
from planner.whatif.runner import How
from tests.shipped import shipped_catalog
from tests.whatif.tiny import EXAMPLES


@cache
def relaxed() -> dict[str, Any]:
    """Return the eight A100s with their staff as relaxations, which say that buying loses."""
    shipped_ones = shipped_catalog()
    base = Base(shipped_ones, load_scenario(EXAMPLES / "eight-a100s.yaml", shipped_ones))
    asked = question(base, whole=False)
    assert asked.effort is None
    return switch(asked, asking(asked, How(DECIDING, workers=1)), ["purchase", "wacc"], scan=2)


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
    assert nearest["whole"] == {"low": "buy", "high": "buy"}
    assert "In whole numbers the decision stands on both sides of it" in markdown_of(sections(relaxed()))


def test_walk_away_prices_are_those_of_the_plan() -> None:
    shipped_ones = shipped_catalog()
    case = build_case(shipped_ones, load_scenario(EXAMPLES / "eight-a100s.yaml", shipped_ones))
    planned = prices_that_change_the_answer(solve_case(case, EXACT))
    assert relaxed()["prices_that_change_the_answer"] == planned
