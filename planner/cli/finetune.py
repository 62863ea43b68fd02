"""`planner finetune`: what a fine-tuning project costs, and what each lever saves."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog, read_day, scenario_files
from planner.cli.output import Format
from planner.cli.report import need_workbooks
from planner.cli.whatif import Shown, need_both, show, write

EXAMPLES = examples(
    "planner finetune project.yaml",
    "planner finetune project.yaml --months 12 --set labor.engineers.months=3",
    "planner finetune project.yaml --set 'levers.choose=[lora, warm-start]' --format json",
    "planner finetune project.yaml --to html -o finetune.html",
    "planner finetune project.yaml --to xlsx -o finetune.xlsx         with live formulas",
    "planner finetune project.yaml --as-workload > workloads.yaml     its GPU work, for a scenario",
)


class To(StrEnum):
    """Forms of a file of its own."""

    html = "html"
    md = "md"
    csv = "csv"
    xlsx = "xlsx"


def finetune(
    project: Annotated[Path, typer.Argument(help="The project, a YAML file.", autocompletion=scenario_files)],
    form: options.Form = Format.table,
    to: Annotated[To | None, typer.Option(help="Write a file in place of text; needs -o.")] = None,
    output: options.Output = None,
    months: Annotated[
        int | None, typer.Option(metavar="N", help="Horizon in months.", show_default="the project's")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day of the prices, YYYY-MM-DD.", show_default="the project's"),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE",
                     help="Override one field of the project, as contingency_fraction=0.2; list items by name. "
                          "Repeatable."),
    ] = None,
    as_workload: Annotated[
        bool, typer.Option("--as-workload", help="Print its GPU work as workloads of a scenario, levers pulled.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws behind ranges.")] = 1,
    catalog: options.CatalogFolder = None, quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Say what a fine-tuning project costs over its horizon, line by line, and what each lever saves.

    TCO = training compute + data + labor + infrastructure + inference + operations + depreciation + risk + contingency.
    Levers are priced together, from the project as it stands to the one with levers; ranges of inputs give a range of
    the total. Ends with a checklist and warns of what is missing.
    """
    need_both(to, output)
    if as_workload and to is not None:
        raise typer.BadParameter("--as-workload prints to stdout; leave out --to")
    if as_workload and form is not Format.table:
        raise typer.BadParameter("--as-workload prints YAML; leave out --format")
    from planner.finetune.answer import after_levers, answer, chosen_levers, drawn_with_levers
    from planner.finetune.load import load_project

    loaded = load_project(project, read_catalog(catalog), assignments or (), months, read_day(as_of))
    if as_workload:
        from planner.finetune.workload import as_yaml, remarks, workloads

        chosen = chosen_levers(loaded)
        drawn_with_levers(loaded, seed, chosen)  # a project that is refused hands nothing on
        tree = after_levers(loaded, chosen)
        blocks = workloads(loaded, tree)
        sys.stdout.write(as_yaml(blocks, remarks(loaded, tree, blocks, chosen)))
        return
    found = answer(loaded, seed)
    if to is To.xlsx and output is not None:
        write(_workbook(found), to, output, quiet)
        return
    from planner.report.finetune import head, sections

    show(found, Shown(head, sections), form, to, output, quiet)


def _workbook(found: dict[str, Any]) -> bytes:
    need_workbooks()
    from planner.report.finetune_workbook import render_finetune_workbook

    return render_finetune_workbook(found)
