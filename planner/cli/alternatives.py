"""`planner alternatives`: plans that cost hardly more than the cheapest and differ most from it."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli.interrupt import interruptible
from planner.cli.options import (
    AsOfOption,
    CatalogOption,
    FormatOption,
    QuietOption,
    ScenarioArgument,
    SetOption,
    examples,
)
from planner.cli.output import Format, as_json, say
from planner.cli.progress import Say, progress
from planner.cli.report import BOM, STDOUT, print_content

EXAMPLES = examples(
    "planner alternatives scenario.yaml",
    "planner alternatives scenario.yaml --within 0.05             up to 5 % dearer than the cheapest",
    "planner alternatives scenario.yaml --to html -o alternatives.html",
    "planner alternatives scenario.yaml --to json -o alternatives.json",
    "planner memo plan.json --with alternatives.json              what else was considered, in the memo",
)


class To(StrEnum):
    """Forms of a file of its own."""

    html = "html"
    md = "md"
    csv = "csv"
    json = "json"


def alternatives(
    scenario: ScenarioArgument,
    within: Annotated[
        float, typer.Option(min=0, max=1, help="How much dearer than the cheapest they may be, as a fraction.")
    ] = 0.02,
    form: FormatOption = Format.table,
    to: Annotated[To | None, typer.Option(help="Write a file in place of text; needs -o.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file, - for stdout.")] = None,
    assignments: SetOption = None, as_of: AsOfOption = None, catalog: CatalogOption = None, quiet: QuietOption = False,
    seed: Annotated[int, typer.Option(help="Accepted everywhere; this command draws nothing at random.")] = 0,
) -> None:  # fmt: skip
    """Look for plans that are nearly as cheap and otherwise better: what else was considered.

    Fewest providers, least capital outlay, least carbon, nothing bought, most on owned servers, simplest to run, and
    most different from the plan: each the cheapest that is best so, among all within the band. What exists only
    outside it is told with its cost. Small scenarios are solved in whole numbers, large ones as relaxations; the answer
    says so.
    """
    if (to is None) != (output is None):
        raise typer.BadParameter("--to and -o go together")
    from planner.cli.plan import read
    from planner.whatif.alternatives import alternatives as sought
    from planner.whatif.base import Base

    def work(tell: Say) -> dict[str, Any]:
        prices, loaded = read(scenario, assignments, as_of, catalog)
        return sought(Base(prices, loaded), within, tell)

    with progress(quiet) as tell:
        found = interruptible(lambda: work(tell))
    if to is not None and output is not None:
        _write(found, to, output, quiet)
    elif form is Format.table:
        from planner.cli.sections import print_sections
        from planner.report.whatif.alternatives import sections

        print_sections(sections(found))
    else:
        sys.stdout.write(_text(found, To(form.value)))


def _text(found: dict[str, Any], to: To) -> str:
    if to is To.json:
        return as_json(found)
    from planner.report.whatif.alternatives import head, sections

    if to is To.html:
        from planner.report.html import page_of

        return page_of(*head(found))
    if to is To.md:
        from planner.report.markdown import markdown_of

        return markdown_of(sections(found))
    from planner.report.tables import csv_of

    return csv_of(sections(found))


def _write(found: dict[str, Any], to: To, output: Path, quiet: bool) -> None:
    from planner.documents import write_atomically

    content = _text(found, to)
    if output == STDOUT:
        print_content(content)
        return
    write_atomically(output, BOM + content if to is To.csv else content)
    say(f"Written: {output}", quiet)
