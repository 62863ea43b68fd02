"""`planner explain`: why this mix, why not that, and where a number comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.options import examples
from planner.cli.output import Format, as_json
from planner.cli.sections import print_sections
from planner.errors import PlannerError

EXAMPLES = examples(
    "planner explain out/starter/plan.json                                  why this mix",
    "planner explain out/starter/plan.json cloud                            why not the cloud alone",
    "planner explain out/starter/plan.json lambda-h100-sxm                  why, or why not, this offer",
    "planner explain out/starter/plan.json server-8xh100/lead_time_months   the life of one number",
    "planner explain out/starter/plan.json objective                        what is minimised, line by line",
    "planner explain out/starter/plan.json limits                           what binds, and every rule",
)


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
    form: options.Form = Format.table,
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
        print_sections(found.sections)
