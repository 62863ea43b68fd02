"""`planner explain`: why this mix, why not that, and where a number comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli.options import FormatOption, examples
from planner.cli.output import Format, as_json
from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.report.explain import Explanation
    from planner.report.parts import Block

EXAMPLES = examples(
    "planner explain out/starter/plan.json                                  why this mix",
    "planner explain out/starter/plan.json cloud                            why not the cloud alone",
    "planner explain out/starter/plan.json lambda-h100-sxm                  why, or why not, this offer",
    "planner explain out/starter/plan.json server-8xh100/lead_time_months   the life of one number",
    "planner explain out/starter/plan.json objective                        what is minimised, line by line",
    "planner explain out/starter/plan.json limits                           what binds, and every rule",
)
WIDTH = 110


def askable(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete a name that the plan given before it knows; a row of the catalog after its slash."""
    from planner.planreader import read_plan
    from planner.report.explain.ask import known_names

    try:
        document = read_plan(Path(ctx.params["plan"]))
    except (KeyError, TypeError, PlannerError):
        return []
    names = dict.fromkeys(name for name, _ in known_names(document) if "/" in incomplete or "/" not in name)
    return [name for name in names if name.startswith(incomplete)]


def explain(
    plan: Annotated[Path, typer.Argument(help="A plan.json that `planner plan` wrote.")],
    what: Annotated[
        str,
        typer.Argument(help="An option, offer, server, API, workload, catalog row, cost component or rule; "
                            "`objective` or `limits`. Part of a name will do. Nothing: why this mix.",
                       autocompletion=askable),
    ] = "",
    form: FormatOption = Format.table,
) -> None:  # fmt: skip
    """Say why: why this mix, why not another, where a number comes from, what a rule says in numbers."""
    from planner.planreader import read_plan
    from planner.report.explain import explain as answer

    found = answer(read_plan(plan), what)
    if form is Format.json:
        sys.stdout.write(as_json(found.as_data()))
    elif form is Format.md:
        sys.stdout.write(str(found))
    elif form is Format.csv:
        from planner.report.tables import csv_of

        sys.stdout.write(csv_of(found.sections))
    else:
        _print(found)


def _print(found: Explanation) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=WIDTH)
    for number, section in enumerate(found.sections):
        console.print(Text(f"{'' if number == 0 else chr(10)}{section.title}", style="bold"))
        if section.lead:
            console.print(Text(section.lead, style="dim"))
        for block in section.blocks:
            console.print()
            console.print(_drawn(block))


def _drawn(block: Block) -> Any:
    """Return a block as rich shows it."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    from planner.report.parts import Facts, Table, filled
    from planner.report.parts import Text as Paragraph

    if isinstance(block, Facts):
        table = RichTable.grid(padding=(0, 2, 0, 0))
        for term, cell in block.pairs:
            table.add_row(Text(term, style="dim"), _cell(cell))
        return table
    if not isinstance(block, Table):
        assert isinstance(block, Paragraph)  # explanations have no pictures
        return Text(block.text, style="bold" if block.strong else "")
    table = RichTable(title=Text(block.caption, style="bold"), title_justify="left", box=box.SIMPLE_HEAD,
                      show_edge=False, pad_edge=False, show_footer=False)  # fmt: skip
    for column in block.columns:
        table.add_column(column.title, justify="right" if column.number else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(_cell(cell) for cell in filled(row)))
    if block.totals:
        table.add_section()
    for row in block.totals:
        table.add_row(*(_cell(cell) for cell in filled(row)), style="bold")
    return table


def _cell(cell: Any) -> Any:
    from rich.text import Text

    text = Text(cell.text or cell.mark)
    if cell.text and cell.mark:
        text.append(f" [{cell.mark}]", style="yellow")
    return text.append(f" ({cell.note})", style="dim") if cell.note else text
