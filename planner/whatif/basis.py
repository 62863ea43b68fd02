"""Whether scenarios of a study are asked in whole numbers or as relaxations, and what their answers decide."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from planner.analysis.by_hour import group_hours
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.case import Case
from planner.model.build import build
from planner.model.solve import Effort
from planner.whatif.base import Settings
from planner.whatif.points import Point

EXACT = Effort(gap=1e-9)
"""In whole numbers: where buying begins to pay is found no closer than its two plans are known."""
LARGE = Effort(gap=1e-3)
"""Of large programs in whole numbers, for which a proof as close as EXACT can take hours."""
LARGE_FROM_NONZEROS = 100_000
"""From here on less is asked where nobody says how much: a scenario takes a second as a relaxation."""
WORK = 50_000_000
"""Nodes × nonzeros of a search in whole numbers, after which it ends: not seconds, which no two machines share."""
BUY, RENT = "buy", "rent"
Ask = Callable[[Sequence[Settings]], Sequence[Point]]
"""Returns the measures of scenarios, in the order in which they are asked for."""


def nonzeros(case: Case) -> int:
    """Return how large the program of a case is."""
    hours = group_hours(case)
    return len(build(case if hours is None else hours.of(case)).arrays.values)


def effort_for(size: int, whole: bool | None = None) -> Effort | None:
    """Return the effort for a program with `size` nonzeros; None asks for its relaxation.

    Parameters
    ----------
    whole : whether in whole numbers; None: where the program is small, since relaxations misjudge small fleets
    """
    small = size <= WHOLE_UP_TO_NONZEROS
    return whole_numbers(size) if (small if whole is None else whole) else None


def whole_numbers(size: int) -> Effort:
    """Return the effort in whole numbers for a program with `size` nonzeros."""
    effort = EXACT if size <= WHOLE_UP_TO_NONZEROS else LARGE
    return replace(effort, seconds=math.inf, nodes=nodes_for(size))


def nodes_for(size: int) -> int:
    """Return after how many nodes a search in whole numbers ends in a program with `size` nonzeros."""
    return max(1, WORK // max(1, size))


def saves(point: Mapping[str, Any]) -> float:
    """Return what buying saves: infinite where a purchase must be, or cannot be; NaN where there is no plan."""
    if point["buying_saves_usd"] is not None:
        return float(point["buying_saves_usd"])
    buy, without = point["buy_usd"] is not None, point["without_a_purchase_usd"] is not None
    return math.nan if buy == without else math.inf if buy else -math.inf


def decision(point: Mapping[str, Any]) -> str | None:
    """Return `buy` where buying saves money or there is no other way, else `rent`; None where there is no plan."""
    found = saves(point)
    return None if math.isnan(found) else BUY if found > 0 else RENT
