"""What the memo holds, in its order; it knows nothing of the form in which it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from planner.plaintext import readable
from planner.report.formatting import day
from planner.report.memo.alternatives import alternatives, instead
from planner.report.memo.asked import decision, summary
from planner.report.memo.cash import cash_flow, financing
from planner.report.memo.orders import quotation, residual_value, schedule
from planner.report.memo.register import carbon, contingency, proven, register, sign_off
from planner.report.memo.risks import risks
from planner.report.memo.sensitivity import moves, sensitivities
from planner.report.parts import Block, Figure, Fold, Section, written_out
from planner.report.whatif.attached import attached

_SECTIONS = (
    decision, summary, alternatives, cash_flow, moves, financing, sensitivities, risks, residual_value, schedule,
    quotation, instead, contingency, carbon, proven, sign_off, register,
)  # fmt: skip
_STUDIES_AT = _SECTIONS.index(residual_value)
"""What was studied stands behind the risks.

The register comes last: it is long, and those who sign read what stands before it."""


@dataclass(frozen=True)
class Memo:
    """A memo.

    Attributes
    ----------
    kind : what it asks for, in a word or two
    date : of the prices, as a day
    digest : of the scenario
    """

    kind: str
    title: str
    description: str
    date: str
    written: str
    digest: str
    sections: tuple[Section, ...]

    @property
    def section(self) -> dict[str, Section]:
        """Return the sections by their ids."""
        return {one.id: one for one in self.sections}


def memo(document: dict[str, Any]) -> Memo:
    """Return the memo of a plan; sections that have nothing to say are left out.

    Parameters
    ----------
    document : plan.json as an object
    """
    shown = readable(document)
    made = [section(shown) for section in _SECTIONS]
    made[_STUDIES_AT:_STUDIES_AT] = attached(shown)
    return Memo(
        kind=_kind(shown),
        title=shown["scenario"],
        description=shown["description"],
        date=shown["as_of"],
        written=day(shown["as_of"]),
        digest=shown["scenario_digest"],
        sections=tuple(replace(one, blocks=unfolded(one.blocks)) for one in made if one.blocks),
    )


def unfolded(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return `blocks` with every table open: paper does not unfold."""
    return tuple(one.table if isinstance(one, Fold) else one for one in written_out(blocks))


def without_pictures(sections: Iterable[Section]) -> list[Section]:
    """Return `sections` for forms that show no drawings; what these draw stands in tables beside them."""
    return [replace(one, blocks=tuple(b for b in one.blocks if not isinstance(b, Figure))) for one in sections]


def _kind(document: dict[str, Any]) -> str:
    decided = document["decisions"]
    if decided["purchases"]:
        return "Request for capital"
    new = [one for one in decided["commitments"] if not one["existing"]]
    return "Request to commit" if new or decided["savings_plans"] else "Decision to rent"
