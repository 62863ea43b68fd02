"""What is not found within the effort is left out with its reason; the plan stands all the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.analysis import study
from planner.model.solve import Effort, NotFoundError
from tests.small import SERVER, SITE, serving, small

LATE = "no whole-number plan was found in 1 s"


def solved_but_for(monkeypatch: pytest.MonkeyPatch, folder: Path, late: Callable[[int, bool], bool]) -> study.Study:
    """Solve a case that rents; `late` says by number, and whether a purchase is asked for, what takes too long."""
    real, count = study.solve, itertools.count()

    def solve(built: Any, live: Any, *given: Any) -> Any:
        buying = live.arrays.row_lower[built.model.program.rules["something_is_bought"].start] > 0
        if late(next(count), bool(buying)):
            raise NotFoundError(LATE)
        return real(built, live, *given)

    monkeypatch.setattr(study, "solve", solve)
    dear = {f"{SERVER}/purchase_usd_per_server": 900_000}
    return study.solve_case(small(folder, sites=[{"id": SITE}], prices=dear), Effort(gap=1e-9))


def test_a_baseline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = solved_but_for(monkeypatch, tmp_path, lambda number, buying: number == 0)
    assert found.outcomes["on_demand"] is None
    assert found.reasons["on_demand"] == LATE
    assert found.plan.answer.objective > 0


def test_the_purchase(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = solved_but_for(monkeypatch, tmp_path, lambda number, buying: buying or number == 2)
    assert not study.buys(found.built, found.plan.answer.x)
    assert found.outcomes["buy"] is None
    assert found.reasons["buy"] == LATE
    row = found.built.model.program.rules["something_is_bought"].start
    assert found.live.arrays.row_lower[row] == 0  # as it was before the question


def test_no_option_is_thought_cheaper_than_what_the_plan_is_proven_to_cost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is only said of one option holds for it as well as what is proven of all of them."""
    monkeypatch.setattr(study, "SEARCHED_UP_TO_NONZEROS", 0)  # baselines rest on relaxations
    part = small(tmp_path, sites=[{"id": SITE}], workloads=[serving(5)],
                 prices={f"{SERVER}/purchase_usd_per_server": 30_000})  # fmt: skip
    found = study.solve_case(part, Effort(gap=1e-9))
    plan = found.plan.answer
    assert plan.solver_bound > plan.relaxation_bound
    for outcome in found.outcomes.values():
        assert outcome is None or outcome.answer.solver_bound >= plan.solver_bound
