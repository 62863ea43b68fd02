"""`planner compare`: plans side by side, money and decisions."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli.options import FormatOption, examples
from planner.cli.output import Format, as_json
from planner.cli.sections import print_sections
from planner.errors import Complaint, InputError, Place

if TYPE_CHECKING:
    from planner.report.compare import Comparison

EXAMPLES = examples(
    "planner compare last-quarter/plan.json out/starter/plan.json     what changed, and of what it came",
    "planner compare out/*/plan.json --format csv > plans.csv         any number of plans, against the first",
    "planner compare a/plan.json b/plan.json --to html -o change.html",
)
STDOUT = Path("-")
FEWEST, MOST = 2, 8
_SCENARIO = (".yaml", ".yml")


class To(StrEnum):
    """Forms of a file of its own."""

    html = "html"
    md = "md"


def compare(
    plans: Annotated[
        list[Path],
        typer.Argument(metavar="PLAN.json", help="Two or more that `planner plan` wrote, the earlier one first."),
    ],
    form: FormatOption = Format.table,
    to: Annotated[To | None, typer.Option(help="Write a file in place of text; needs -o.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file, - for stdout.")] = None,
) -> None:
    """Hold plans against the first of them: what was asked, prices, money, decisions, advice and proof.

    The change of cost is split line by line into what came of prices and what of quantities and mix.
    """
    from planner.report.compare import compare as compared

    if not FEWEST <= len(plans) <= MOST:
        raise typer.BadParameter(f"give {FEWEST} to {MOST} plans, not {len(plans)}")
    if (to is None) != (output is None):
        raise typer.BadParameter("--to and -o go together")
    found = compared(_read(plans), [str(path) for path in plans])
    if to is None or output is None:
        _print(found, form)
    else:
        _write(_page(found) if to is To.html else _markdown(found), output)


def _read(paths: list[Path]) -> list[dict[str, Any]]:
    """Read every plan, or name every one that cannot be read."""
    documents: list[tuple[Path, dict[str, Any]]] = []
    complaints: list[Complaint] = []
    for path in dict.fromkeys(paths):
        try:
            documents.append((path, _plan(path)))
        except InputError as error:
            complaints += error.complaints
    if complaints:
        raise InputError(complaints)
    by_path = dict(documents)
    return [by_path[path] for path in paths]


def _plan(path: Path) -> dict[str, Any]:
    """Return the plan at `path`; a scenario has to be planned before."""
    from planner.planreader import read_plan

    if path.suffix.lower() in _SCENARIO:
        cure = f"plan it first: planner plan {path}, then give the plan.json that it writes"
        raise InputError([Complaint(Place(str(path)), "", "is a scenario, not a plan", cure=cure)])
    return read_plan(path)


def _print(found: Comparison, form: Format) -> None:
    from planner.report.compare.sections import sections

    if form is Format.json:
        from planner.report.compare.words import summary, warnings

        said = {"summary": summary(found), "warnings": warnings(found)}
        sys.stdout.write(as_json(said | found.as_data()))
    elif form is Format.md:
        sys.stdout.write(_markdown(found))
    elif form is Format.csv:
        from planner.report.tables import csv_of

        sys.stdout.write(csv_of(sections(found)))
    else:
        print_sections(sections(found))


def _page(found: Comparison) -> str:
    from planner.report.compare.sections import head
    from planner.report.html import page_of

    return page_of(*head(found))


def _markdown(found: Comparison) -> str:
    from planner.report.compare.sections import sections
    from planner.report.markdown import markdown_of

    return markdown_of(sections(found))


def _write(content: str, output: Path) -> None:
    from planner.documents import write_atomically

    if output == STDOUT:
        sys.stdout.write(content)
        return
    write_atomically(output, content)
    typer.echo(f"Written: {output}", err=True)
