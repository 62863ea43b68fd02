"""The report as one HTML file: no script, no request, everything inline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from planner.plaintext import readable
from planner.report import contents
from planner.report.parts import Section
from planner.report.summary import Head, head
from planner.resources import shipped

_ID = re.compile(r'( id| aria-labelledby)="([^"]+)"')
_ABOUT_PAGE = re.compile(r"(?m)^( *)(?::root|html|body)(?= \{)")
_PAPER = re.compile(r"@page \{[^}]*\}")


def render_html(document: dict[str, Any]) -> str:
    """Return the report of a plan.

    Parameters
    ----------
    document : plan.json as an object
    """
    shown = readable(document)
    return page_of(head(shown), contents.sections(shown))


def page_of(top: Head, sections: Sequence[Section]) -> str:
    """Return a page of its own with `sections` below the verdict and the figures of `top`."""
    return _environment().get_template("report.html").render(head=top, sections=sections, style=_style())


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


def html_of(sections: Sequence[Section], top: Head | None = None) -> str:
    """Return `sections`, below the verdict of `top` if given, for a place inside another page, such as a notebook.

    Style and ids are its own: neither this page nor another part of that one changes the other's look or names.
    """
    text = _environment().get_template("notebook.html").render(sections=sections, head=top, style=_inner_style())
    key = sha256(text.encode()).hexdigest()[:8]
    return _ID.sub(lambda found: f'{found[1]}="{" ".join(f"{one}-{key}" for one in found[2].split())}"', text)


def _inner_style() -> Markup:
    """Return the style to be nested in a rule: what it says of the page holds for that rule's element."""
    return Markup(_ABOUT_PAGE.sub(r"\1&", _PAPER.sub("", _style())))
