"""`planner init`: a starter scenario to edit."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.options import examples
from planner.cli.output import as_json
from planner.errors import Complaint, InputError, Place
from planner.resources import shipped

EXAMPLES = examples("planner init", "planner init capacity-2027")


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write.", show_default="here")] = Path(),
) -> None:
    """Write a starter scenario to edit, with its schema for editors.

    The scenario plans as it stands. Files that exist are left alone.
    """
    from planner.cli.schema import Kind, schema_of
    from planner.documents import write_atomically

    target, schema = folder / "scenario.yaml", folder / "scenario.schema.json"
    cure = f"name another folder, as planner init {shlex.quote(str(folder / 'starter'))}, or move the file away"
    if found := [Complaint(Place(str(path)), "", "exists already", cure=cure) for path in (target, schema)
                 if path.exists()]:  # fmt: skip
        raise InputError(found)
    write_atomically(target, (shipped("templates") / "scenario.yaml").read_text(encoding="utf-8"))
    write_atomically(schema, as_json(schema_of(Kind.scenario)))
    typer.echo(f"Written: {target}, and {schema.name} beside it for editors.\n{_next(target)}", err=True)


def _next(target: Path) -> str:
    """Return what a newcomer may try next."""
    command = f"planner plan {shlex.quote(str(target))}"
    steps = {
        command: "answers it, with a report in out/starter/",
        "planner catalog show h100": "the ids and prices that a scenario can use",
    }
    width = max(map(len, steps))
    lines = [f"  {step:<{width}}   {what}" for step, what in steps.items()]
    tried = f"  {command} --set prices.server-8xh100/purchase_usd_per_server=200000"
    return "\n".join(["Next:", *lines, "What if a server cost 200,000 USD? One change, without editing:", tried])
