"""What a document of a study begins with: whose it is, so that it can stand beside the plan of the same scenario."""

from __future__ import annotations

from typing import Any, Literal

from planner.model.solve import Effort
from planner.planschema.types import STUDY_VERSION
from planner.whatif.base import Base

Solved = Literal["relaxation", "whole numbers"]


def solved(effort: Effort | None) -> Solved:
    """Return how scenarios are solved with `effort`."""
    return "relaxation" if effort is None else "whole numbers"


def heading(base: Base, kind: str, how: Solved) -> dict[str, Any]:
    """Return the first fields of a study's document; digests are as in the plan.json of the same scenario.

    Parameters
    ----------
    kind : the verb that writes it
    how : scenarios are solved
    """
    return {
        "kind": kind,
        "schema_version": STUDY_VERSION,
        "scenario": base.loaded.scenario.name,
        "scenario_digest": base.loaded.digest,
        "catalog_digest": base.catalog.digest,
        "solved": how,
    }
