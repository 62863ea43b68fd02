"""`planner report`: a report from a plan.json."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

STDOUT = Path("-")
BOM = "\ufeff"
"""Without this mark at the start of a file, Excel takes CSV for the old encoding of its country."""


class To(StrEnum):
    """Forms of the report."""

    html = "html"
    md = "md"
    csv = "csv"


def report(
    plan: Annotated[Path, typer.Argument(help="A plan.json that `planner plan` wrote.")],
    to: Annotated[To, typer.Option(help="The form.")] = To.html,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file, - for stdout; default: beside the plan.")
    ] = None,
) -> None:
    """Write the report of a plan again, as a page, as Markdown, or as tables for a spreadsheet."""
    from planner.documents import write_atomically
    from planner.planreader import read_plan

    text = _renderer(to)(read_plan(plan))
    if output == STDOUT:
        sys.stdout.write(text)
        return
    target = output if output is not None else plan.with_name(f"report.{to.value}")
    write_atomically(target, BOM + text if to is To.csv else text)
    typer.echo(f"Written: {target}", err=True)


def _renderer(to: To) -> Callable[[dict[str, Any]], str]:
    if to is To.html:
        from planner.report.html import render_html

        return render_html
    if to is To.md:
        from planner.report.markdown import render_markdown

        return render_markdown
    from planner.report.tables import render_csv

    return render_csv
