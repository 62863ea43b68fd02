"""A price over several offers serves only work that asks neither where it runs nor for whole instances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.case import Case
from planner.eligibility import eligible
from tests.oracles.own import made, offer, term, workload
from tests.small import fact, solved

WORK = workload("serving", demand={"average_per_hour": 8, "shape": "flat", "growth": {"annual_rate": 0}})
AT_HOME = WORK | {"name": "resident", "residency": ["US"]}


def index(**facts: Any) -> dict[str, Any]:
    """An offer at an index of 1 USD; it says US, so that only its basis can keep work off it."""
    return offer("index", 1, 1) | {
        "country": "US", "on_demand_usd_per_gpu_hour": fact(1) | {"basis": "index"}, **facts}  # fmt: skip


def case(tmp_path: Path, works: list[dict[str, Any]], *offers: dict[str, Any], **scenario: Any) -> Case:
    scenario = {"sites": [], "whole": {"instances": False}} | scenario
    return made(tmp_path, [], [offer("listed", 1, 4) | {"country": "US"}, *offers], works, 3, **scenario)


def reasons(found: Case) -> list[str]:
    return [why for name, why in found.left_out if name == "index"]


def test_an_index_serves_work_that_asks_for_neither(tmp_path: Path) -> None:
    found = case(tmp_path, [WORK], index())
    assert solved(found).answer.objective == pytest.approx(8 * 1 * 730 * 3)
    assert reasons(found) == []


def test_an_index_serves_no_work_that_must_stay_somewhere(tmp_path: Path) -> None:
    found = case(tmp_path, [AT_HOME], index())
    assert solved(found).answer.objective == pytest.approx(8 * 4 * 730 * 3)
    assert reasons(found) == ["its price is an index over several offers, and resident asks where it runs"]
    both = case(tmp_path, [AT_HOME, WORK], index())
    assert solved(both).answer.objective == pytest.approx(8 * (4 + 1) * 730 * 3)
    assert reasons(both) == []


def test_an_index_serves_nothing_by_whole_instances(tmp_path: Path) -> None:
    found = case(tmp_path, [WORK], index(), whole={"instances": True})
    assert {o for o, _ in eligible(found).rentable} == {0}
    assert reasons(found) == [
        "its price is an index over several offers, of which none can be rented in whole instances"
    ]
    listed = index(on_demand_usd_per_gpu_hour=fact(1))
    assert {o for o, _ in eligible(case(tmp_path, [WORK], listed, whole={"instances": True})).rentable} == {0, 1}


def test_the_fact_in_force_counts(tmp_path: Path) -> None:
    facts = [fact(1) | {"basis": "index"}, fact(2) | {"date": "2026-06-01"}]
    assert reasons(case(tmp_path, [AT_HOME], index(on_demand_usd_per_gpu_hour=facts))) == []
    later = [fact(2), fact(1) | {"date": "2026-06-01", "basis": "index"}]
    found = case(tmp_path, [AT_HOME], index(on_demand_usd_per_gpu_hour=later))
    eligible(found)
    assert len(reasons(found)) == 1
    early = case(tmp_path, [AT_HOME], index(on_demand_usd_per_gpu_hour=later), as_of="2026-05-31")
    eligible(early)
    assert reasons(early) == []


def test_a_price_of_ones_own_takes_the_place_of_an_index(tmp_path: Path) -> None:
    found = case(tmp_path, [AT_HOME], index(), prices={"index/on_demand_usd_per_gpu_hour": 2})
    assert solved(found).answer.objective == pytest.approx(8 * 2 * 730 * 3)


def test_commitments_at_an_index_are_one_too(tmp_path: Path) -> None:
    promise = term("12m", 12, 1)
    promise["usd_per_gpu_hour"]["basis"] = "index"
    rented = index(on_demand_usd_per_gpu_hour=fact(9), commitments=[promise])
    found = case(tmp_path, [AT_HOME], rented)
    assert {o for o, _ in eligible(found).rentable} == {0}
