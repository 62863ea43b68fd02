"""Whether to keep to a plan or to change it, and why."""

from __future__ import annotations

from dataclasses import dataclass

from planner.actuals.remaining import Remaining
from planner.analysis.study import Study

_NOTHING = 1e-6
"""Of what the new plan costs: less is no saving, but the rounding of its search."""


@dataclass(frozen=True)
class Compared:
    """The best plan of the remaining months, and what is left of the old one; `why_not` says why that cannot be."""

    rest: Remaining
    study: Study
    kept: Study | None
    why_not: str
    band: float

    @property
    def saves(self) -> float | None:
        """By how many USD, present value, the new plan is cheaper."""
        return None if self.old is None else max(0.0, self.old - self.new)

    @property
    def share(self) -> float | None:
        """What it saves of what is left of the old plan."""
        return None if self.saves is None or not self.old else self.saves / abs(self.old)

    @property
    def old(self) -> float | None:
        """USD of what is left of the old plan, present value."""
        return None if self.kept is None else self.kept.plan.answer.objective

    @property
    def new(self) -> float:
        """USD of the new plan, present value."""
        return self.study.plan.answer.objective

    @property
    def advice(self) -> str:
        """Keep within the band, else change."""
        return "keep" if self.saves is not None and self.saves <= self.band * abs(self.old or 0.0) else "change"

    @property
    def reason(self) -> str:
        """Say why."""
        saves = self.saves
        if saves is None:
            return f"Change the plan: what is left of it cannot be carried out ({self.why_not})"
        amount = f"{saves:,.0f} USD" + ("" if self.share is None else f" ({self.share:.1%})")
        if self.advice == "change":
            return f"Change the plan: planned again it costs {amount} less, more than the band of {self.band:.1%}"
        if saves <= _NOTHING * max(1.0, abs(self.new)):
            cheaper = "no other costs less"
        else:
            cheaper = f"planned again it would cost {amount} less, within the band of {self.band:.1%}"
        return "; ".join(filter(None, (f"Keep to the plan: {cheaper}", self.rest.not_asked)))
