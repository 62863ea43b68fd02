"""The memo as Markdown: its words and tables, without pictures."""

from __future__ import annotations

from typing import Any

from planner.plaintext import markdown_line, markdown_text
from planner.report.markdown import markdown_of
from planner.report.memo.contents import memo, without_pictures


def render_markdown(document: dict[str, Any]) -> str:
    """Return the memo of a plan as GitHub Markdown.

    Parameters
    ----------
    document : plan.json as an object
    """
    made = memo(document)
    head = [
        f"# {markdown_text(made.title)}",
        f"{made.kind}, prices as of {made.written}",
        markdown_line(made.description),
    ]
    return "\n\n".join([*filter(None, head), markdown_of(without_pictures(made.sections))])
