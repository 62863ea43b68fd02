"""The memo as one HTML file, and as the page that becomes a PDF."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from markupsafe import Markup

from planner.plaintext import readable
from planner.report.memo.contents import Memo, memo
from planner.report.memo.template import blamed, environment
from planner.resources import shipped


def render_html(document: dict[str, Any], template: Path | None = None) -> str:
    """Return the memo of a plan as a page: no script, no request, everything inline.

    Parameters
    ----------
    document : plan.json as an object
    template : a Jinja2 template of the user's own
    """
    return page(memo(document), readable(document), template)


def page(
    made: Memo, shown: dict[str, Any], template: Path | None = None, drawn: Callable[[Memo], Memo] | None = None
) -> str:
    """Return a memo as a page.

    Parameters
    ----------
    drawn : changes the drawings to a form that the reader of the page understands
    """
    given = {"memo": drawn(made) if drawn else made, "plan": shown, "style": _style()}
    with nullcontext() if template is None else blamed(template):
        name = "memo.html" if template is None else str(template)
        return environment(template).get_template(name).render(given)


def _style() -> Markup:
    """Return the look of the report and what is a memo's own."""
    files = (shipped("templates") / name for name in ("style.css", "memo.css"))
    return Markup("\n".join(file.read_text(encoding="utf-8") for file in files))
