"""Documents of studies in the report and the memo of the plan that they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from planner.actuals.replan_schema import ReplanDocument
from planner.actuals.track_schema import TrackDocument
from planner.report import replan, track
from planner.report.parts import Section
from planner.report.whatif import alternatives, risk, sweep, switch, tornado
from planner.whatif.alternatives_schema import AlternativesDocument
from planner.whatif.decision_schema import SensitivityDocument, SweepDocument, SwitchDocument
from planner.whatif.risk.document_schema import RiskDocument

ATTACHED = "attached"
"""Key under which a plan that is reported holds them; plan.json itself has none."""


class Kind(NamedTuple):
    """How a document of a kind is shown, the types by which it is checked when read, and where its plan is from."""

    sections: Callable[[dict[str, Any]], list[Section]]
    types: Any
    cure: str = "run it with the scenario and the settings of the plan"


KINDS = {
    "sensitivity": Kind(tornado.sections, SensitivityDocument),
    "switch": Kind(switch.sections, SwitchDocument),
    "sweep": Kind(sweep.sections, SweepDocument),
    "alternatives": Kind(alternatives.sections, AlternativesDocument),
    "risk": Kind(risk.sections, RiskDocument),
    "track": Kind(track.sections, TrackDocument),
    "replan": Kind(replan.sections, ReplanDocument, "give the plan.json that planner replan wrote beside it"),
}


def attached(document: dict[str, Any]) -> list[Section]:
    """Return the sections of every study that is attached to a plan."""
    return [section for study in document.get(ATTACHED, ()) for section in KINDS[study["kind"]].sections(study)]
