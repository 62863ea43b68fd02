"""`planner report`: a report from a plan.json."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli import options

STDOUT = Path("-")
INSTALL = "pip install 'gpu-capacity-planner[office]'"
BOM = "\ufeff"
"""Without this mark at the start of a file, Excel takes CSV for the old encoding of its country."""


class To(StrEnum):
    """Forms of the report."""

    html = "html"
    md = "md"
    csv = "csv"
    xlsx = "xlsx"


def report(
    plan: Annotated[Path, typer.Argument(help="A plan.json that `planner plan` wrote.")],
    to: Annotated[To, typer.Option(help="The form.")] = To.html,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file, - for stdout; default: beside the plan.")
    ] = None,
    studies: options.Studies = None,
) -> None:
    """Write the report of a plan again: a page, Markdown, tables for a spreadsheet, or a workbook with formulas."""
    from planner.documents import write_atomically
    from planner.planreader import read_plan
    from planner.report.whatif.reader import with_studies

    if studies and to is To.xlsx:
        raise typer.BadParameter("--with is for html, md and csv; a workbook holds the plan alone")
    content = _workbook(plan) if to is To.xlsx else _renderer(to)(with_studies(read_plan(plan), studies or []))
    if output == STDOUT:
        print_content(content)
        return
    target = output if output is not None else plan.with_name(f"report.{to.value}")
    write_atomically(target, BOM + content if isinstance(content, str) and to is To.csv else content)
    typer.echo(f"Written: {target}", err=True)


def print_content(content: str | bytes) -> None:
    """Print what is written as it is."""
    if isinstance(content, str):
        sys.stdout.write(content)
    else:
        sys.stdout.buffer.write(content)


def need_workbooks() -> None:
    """Stop with a cure where the package for workbooks is not installed."""
    if find_spec("xlsxwriter") is None:
        typer.echo(f"--to xlsx needs a package that is not installed: {INSTALL}", err=True)
        raise typer.Exit(2)


def _workbook(plan: Path) -> bytes:
    """Return the workbook of the plan; it needs a package that the others do not, and the ledger by month."""
    from planner.errors import Complaint, InputError, Place
    from planner.planreader import CURE, read_plan

    need_workbooks()
    from planner.report.workbook import render_workbook

    document = read_plan(plan)
    if "ledgers" not in document:
        raise InputError([Complaint(Place(str(plan)), "ledgers", "is missing: a workbook adds up from it", cure=CURE)])
    return render_workbook(document)


def _renderer(to: To) -> Callable[[dict[str, Any]], str]:
    if to is To.html:
        from planner.report.html import render_html

        return render_html
    if to is To.md:
        from planner.report.markdown import render_markdown

        return render_markdown
    from planner.report.tables import render_csv

    return render_csv
