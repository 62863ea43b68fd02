"""Tries changes of the scenario: builds the changed case and solves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from planner.case import Case
from planner.errors import InputError, SolverError
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.solve import SEARCHED_UP_TO_NONZEROS, Answer, Effort, solve
from planner.program import Floats

Rebuild = Callable[[Sequence[str]], Case]
"""Builds the case of the same scenario with some more `path=value` applied over it."""
_SECONDS = 5.0


class Trials:
    """Changes of one scenario, tried."""

    def __init__(self, rebuild: Rebuild) -> None:
        self._rebuild = rebuild

    def possible(self, settings: Sequence[str]) -> bool:
        """Say whether the relaxation of the changed case obeys every rule: quick, and a no is final."""
        built = self._built(settings)
        if built is None:
            return False
        cost = np.zeros(built.arrays.shape[1])
        return Live(replace(built.arrays, cost=cost)).solve() is not None

    def relaxed(self, settings: Sequence[str]) -> tuple[Built, Floats] | None:
        """Return the program of the changed case and the optimum of its relaxation."""
        built = self._built(settings)
        solution = Live(built.arrays).solve() if built is not None else None
        return (built, solution.x) if built is not None and solution is not None else None

    def solved(self, settings: Sequence[str]) -> tuple[Built, Answer] | None:
        """Return the program of the changed case and a plan of it, None when there is none."""
        built = self._built(settings)
        if built is None:
            return None
        search = len(built.arrays.values) <= SEARCHED_UP_TO_NONZEROS
        try:
            answer = solve(built, Live(built.arrays), built.arrays.lower, built.arrays.upper,
                           Effort(seconds=_SECONDS, search=search))  # fmt: skip
        except SolverError:
            return None
        return None if answer is None else (built, answer)

    def needed(self, settings: Sequence[str]) -> list[str]:
        """Return those of `settings` that are needed together, none when not even all of them suffice.

        The first are left out first.
        """
        if not settings or not self.possible(settings):
            return []
        left = list(settings)
        for one in settings:
            rest = [other for other in left if other != one]
            if rest and self.possible(rest):
                left = rest
        return left

    def _built(self, settings: Sequence[str]) -> Built | None:
        try:
            return build(self._rebuild(settings))
        except InputError:
            return None


def largest(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the largest number from `low` to `high` that holds, when all below hold too; None when `low` does not."""
    if high < low or not holds(low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
