"""The report as one HTML file: no script, no request, everything inline."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from planner.report.actions import actions
from planner.report.costs import costs
from planner.report.course import course
from planner.report.parts import Section
from planner.report.reasons import left_out, prices, worth
from planner.report.returns import returns
from planner.report.summary import head, options
from planner.report.trust import assumptions, conventions, proof
from planner.resources import shipped

_SECTIONS = (options, course, returns, costs, actions, prices, worth, left_out, assumptions, proof, conventions)


def render_html(document: dict[str, Any]) -> str:
    """Return the report of a plan.

    Parameters
    ----------
    document : plan.json as an object
    """
    page = _environment().get_template("report.html")
    return page.render(head=head(document), sections=sections(document), style=_style())


def sections(document: dict[str, Any]) -> list[Section]:
    """Return the sections of the report in their order; they know nothing of HTML."""
    return [section(document) for section in _SECTIONS]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _style() -> Markup:
    return Markup((shipped("templates") / "style.css").read_text(encoding="utf-8"))
