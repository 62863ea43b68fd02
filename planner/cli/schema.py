"""`planner schema`: the JSON Schema of a file kind, for editors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from planner.cli.output import as_json


class Kind(StrEnum):
    """Kinds of files that have a schema."""

    scenario = "scenario"
    catalog = "catalog"


def schema(name: Annotated[Kind, typer.Argument(help="The kind of file.")]) -> None:
    """Print the JSON Schema of a scenario or of a catalog file."""
    from planner.catalog.schema import CatalogFile
    from planner.records import Record
    from planner.scenario.schema import Scenario

    models: dict[Kind, type[Record]] = {Kind.scenario: Scenario, Kind.catalog: CatalogFile}
    typer.echo(as_json(models[name].model_json_schema()), nl=False)
