"""`planner init`: a starter scenario to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli.output import as_json
from planner.documents import write_atomically
from planner.errors import Complaint, InputError, Place
from planner.resources import shipped
from planner.scenario.schema import Scenario


def init(folder: Annotated[Path, typer.Argument(help="Where to write; default: here.")] = Path()) -> None:
    """Write a starter scenario and its schema; existing files are left alone."""
    target, schema = folder / "scenario.yaml", folder / "scenario.schema.json"
    for path in (target, schema):
        if path.exists():
            cure = "name another folder, or move the file away"
            raise InputError([Complaint(Place(str(path)), "", "exists already", cure=cure)])
    write_atomically(target, (shipped("templates") / "scenario.yaml").read_text(encoding="utf-8"))
    write_atomically(schema, as_json(Scenario.model_json_schema()))
    typer.echo(f"Written: {target}. Next: planner plan {target}", err=True)
