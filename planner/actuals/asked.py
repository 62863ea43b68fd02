"""What is asked when a plan is made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from planner.actuals.standing import Fleet

BAND = 0.02
"""By how much of what is left of the old plan a new one must be cheaper for the advice to change."""


@dataclass(frozen=True)
class Asked:
    """What is asked again.

    Attributes
    ----------
    at : first month to plan again
    horizon : months from `at` on, in place of those that remain
    as_of : day of the new prices, in place of the scenario's
    settings : `path=value` over all of it
    fleet : what there really is, in place of what the plan has bought and committed
    band : the advice is to keep to the plan while a new one saves no more than this fraction of what is left of it
    """

    at: str
    horizon: int | None = None
    as_of: date | None = None
    settings: Sequence[str] = ()
    fleet: Fleet | None = None
    band: float = BAND
