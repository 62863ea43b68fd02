"""`planner memo`: a procurement memo from a plan.json."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples
from planner.cli.report import INSTALL, STDOUT

PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
EXAMPLES = examples(
    "planner memo out/starter/plan.json                                    a page",
    "planner memo out/starter/plan.json --to pdf                           tagged, to be sent around and signed",
    "planner memo out/starter/plan.json --with alternatives.json           with what else was considered",
    "planner memo out/starter/plan.json --to docx --template ours.docx     on the letterhead of the house",
)


class To(StrEnum):
    """Forms of the memo."""

    html = "html"
    md = "md"
    pdf = "pdf"
    docx = "docx"


def memo(
    plan: Annotated[Path, typer.Argument(help="A plan.json that `planner plan` wrote.")],
    to: Annotated[To, typer.Option(help="The form.")] = To.html,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file, - for stdout; default: beside the plan.")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="A template of your own: Jinja2 for html and pdf, a Word file for docx.")
    ] = None,
    studies: options.Studies = None,
) -> None:
    """Write the memo on which a purchase is decided: what is asked, why, what it rests on, who signs."""
    from planner.documents import write_atomically
    from planner.planreader import read_plan
    from planner.report.whatif.reader import with_studies

    if template is not None and to is To.md:
        raise typer.BadParameter("--template is for html, pdf and docx; Markdown has no look of its own")
    document = with_studies(read_plan(plan), studies or [])
    content = _rendered(document, to, template)
    if output == STDOUT:
        sys.stdout.buffer.write(content)
        return
    target = output if output is not None else plan.with_name(f"memo.{to.value}")
    write_atomically(target, content)
    typer.echo(f"Written: {target}", err=True)


def _rendered(document: dict[str, Any], to: To, template: Path | None) -> bytes:
    if to is To.md:
        from planner.report.memo.markdown import render_markdown

        return render_markdown(document).encode()
    if to is To.html:
        from planner.report.memo.html import render_html

        return render_html(document, template).encode()
    _require(to)
    if to is To.pdf:
        from planner.report.memo.pdf import render_pdf

        return render_pdf(document, template)
    from planner.report.memo.docx import render_docx

    return render_docx(document, template)


def _require(to: To) -> None:
    """Ask for what a form needs beyond the planner itself, in a message that says how to get it."""
    package = "weasyprint" if to is To.pdf else "docxtpl"
    try:
        __import__(package)
    except ImportError:
        raise typer.BadParameter(f"--to {to.value} needs {package}: {INSTALL}") from None
    except OSError:
        raise typer.BadParameter(f"--to {to.value} needs Pango, which {package} does not find: {PANGO}") from None
