"""The report of a plan that is made again: of the new plan, with what changes at its top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from planner.plaintext import readable
from planner.report.contents import sections as plan_sections
from planner.report.formatting import fixed
from planner.report.parts import Section
from planner.report.replan import Answer, sections
from planner.report.summary import Head
from planner.report.summary import head as plan_head


def page(answer: Answer, plan: Mapping[str, Any]) -> tuple[Head, list[Section]]:
    """Return the report of the new plan, with what changes at its top."""
    found, shown = readable(dict(answer)), readable(dict(plan))
    said, _, because = found["reason"].partition(": ")
    top = replace(
        plan_head(shown), title=f"{found['scenario']}, planned again from {found['at']}", verdict=said,
        because=because[:1].upper() + because[1:], eyebrow="Planned again: what changes?", question="what changes?",
        answer=(_yet_to_pay(found),),
    )  # fmt: skip
    return top, [*sections(answer), *plan_sections(shown)]


def _yet_to_pay(found: Answer) -> str:
    new = f"{fixed(found['change']['present_usd'])} USD by the new plan"
    if found["keep"] is None:
        return f"Yet to pay, present value: {new}."
    return (
        f"Yet to pay, present value: {fixed(found['keep']['present_usd'])} USD by what is left of the old plan, {new}."
    )
