"""What the report holds, in its order; it knows nothing of the form in which it is written."""

from __future__ import annotations

from typing import Any

from planner.report.actions import actions
from planner.report.carbon import carbon
from planner.report.costs import costs
from planner.report.course import course
from planner.report.financing import financing
from planner.report.load import load
from planner.report.options import options
from planner.report.parts import Section
from planner.report.reasons import left_out, prices, worth
from planner.report.returns import returns
from planner.report.service import service
from planner.report.showback import showback
from planner.report.statements import cash_flow, profit_and_loss
from planner.report.trust import assumptions, conventions, proof
from planner.report.whatif.attached import attached

_ANSWER = (
    options, course, load, service, returns, financing, cash_flow, profit_and_loss, costs, actions, showback, carbon,
    prices, worth,
)  # fmt: skip
_GROUNDS = (left_out, assumptions, proof, conventions)


def sections(document: dict[str, Any]) -> list[Section]:
    """Return the sections of the report of a plan that it has something for, and of the studies attached to it."""
    answer, grounds = (
        [found for section in part if (found := section(document)) is not None] for part in (_ANSWER, _GROUNDS)
    )
    return [*answer, *attached(document), *grounds]
