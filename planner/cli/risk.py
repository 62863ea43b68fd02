"""`planner risk`: what deciding now costs over many futures, and what allows for all of them."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib.util import find_spec
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

INSTALL = "pip install 'gpu-capacity-planner[analysis]'"
EXAMPLES = examples(
    "planner risk scenario.yaml",
    "planner risk scenario.yaml --futures 200 --relaxed --aversion 0.5 --alpha 0.9",
    "planner risk scenario.yaml --set 'risk={source: our forecast, drivers: {demand: {low: 0.6, high: 1.5}}}'",
    "planner risk scenario.yaml --to html -o risk.html",
)
MOST = 4096


class Method(StrEnum):
    """Ways to solve for all futures at once."""

    auto = "auto"
    extensive = "extensive"
    benders = "benders"


class To(StrEnum):
    """Forms of a file of its own."""

    html = "html"
    md = "md"
    csv = "csv"
    json = "json"


def risk(
    scenario: ScenarioArgument,
    futures: Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="How many futures are drawn.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Of the futures.")] = 1,
    aversion: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Weight of CVaR beside the mean.", show_default="the scenario's, or 0"),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(min=0, max=0.999999, help="CVaR is the mean of the dearest 1 − alpha of the futures.",
                     show_default="the scenario's, or 0.95"),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="For all futures at once: as one program, or decomposed; auto goes by size.")
    ] = Method.auto,
    whole: Annotated[
        bool | None,
        typer.Option("--whole/--relaxed", help="In whole numbers, or with fractions.", show_default="by size"),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.01, help="Seconds of the search for the stochastic plan in whole numbers.")
    ] = 60.0,
    form: FormatOption = Format.table,
    to: Annotated[To | None, typer.Option(help="Write a file in place of text; needs -o.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file, - for stdout.")] = None,
    assignments: SetOption = None, as_of: AsOfOption = None, catalog: CatalogOption = None, quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Say what deciding now costs when demand, prices and delivery come otherwise: of the plan, of each baseline.

    Draws futures, fixes what is ordered and committed before they are known (three months, or risk.decide_until), and
    lets everything later adapt. Says how likely it is that buying wins, which decisions are best over all futures,
    what it is worth to know more, and whether to wait.
    """
    if (to is None) != (output is None):
        raise typer.BadParameter("--to and -o go together")
    if whole and method is Method.benders:
        raise typer.BadParameter("--method benders decomposes relaxations; leave out --whole")
    if find_spec("scipy") is None:
        raise typer.BadParameter(f"futures need scipy: {INSTALL}")
    from planner.cli.plan import read
    from planner.whatif.base import Base
    from planner.whatif.risk.answer import How, answer

    how = How(futures, seed, method.value, aversion, alpha, whole, time_limit)

    def work(tell: Say) -> dict[str, Any]:
        prices, loaded = read(scenario, assignments, as_of, catalog)
        return answer(Base(prices, loaded), how, tell)

    with progress(quiet) as tell:
        found = interruptible(lambda: work(tell))
    if to is not None and output is not None:
        _write(_text(found, to), to, output, quiet)
    elif form is Format.table:
        from planner.cli.sections import print_sections
        from planner.report.whatif.risk import sections

        print_sections(sections(found))
    else:
        sys.stdout.write(_text(found, To(form.value)))


def _text(found: dict[str, Any], to: To) -> str:
    if to is To.json:
        return as_json(found)
    from planner.report.whatif.risk import head, sections

    if to is To.html:
        from planner.report.html import page_of

        return page_of(*head(found))
    if to is To.md:
        from planner.report.markdown import markdown_of

        return markdown_of(sections(found))
    from planner.report.tables import csv_of

    return csv_of(sections(found))


def _write(content: str, to: To, output: Path, quiet: bool) -> None:
    from planner.cli.report import BOM, STDOUT, print_content
    from planner.documents import write_atomically

    if output == STDOUT:
        print_content(content)
        return
    write_atomically(output, BOM + content if to is To.csv else content)
    say(f"Written: {output}", quiet)
