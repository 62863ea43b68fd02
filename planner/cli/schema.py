"""`planner schema`: the JSON Schema of a kind of file, for editors and scripts."""

from __future__ import annotations

from enum import StrEnum
from inspect import getdoc
from typing import Annotated, Any

import typer

from planner.cli.options import examples
from planner.cli.output import as_json
from planner.units import HOURS_PER_DAY, HOURS_PER_WEEK

EXAMPLES = examples(
    "planner schema scenario > scenario.schema.json",
    "  then, first in the scenario:  # yaml-language-server: $schema=scenario.schema.json",
)
_SHORTEST_MONTH = 28 * HOURS_PER_DAY
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Kind(StrEnum):
    """Kinds of files that have a schema."""

    scenario = "scenario"
    catalog = "catalog"
    price_book = "price-book"
    series = "series"
    plan = "plan"
    finetune = "finetune"
    levers = "levers"


def schema(name: Annotated[Kind, typer.Argument(help="The kind of file.")]) -> None:
    """Print the JSON Schema of a kind of file.

    A scenario, a file of the catalog, a price book, an hourly series (a CSV file, read as a list of rows), plan.json,
    a fine-tuning project or a list of levers. With it an editor completes and explains every field.
    """
    typer.echo(as_json(schema_of(name)), nl=False)


def schema_of(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, made from the types that read or write it."""
    if kind is Kind.series:
        return {"$schema": _DIALECT, **_series()}
    from pydantic import TypeAdapter

    from planner.catalog.schema import CatalogFile
    from planner.cli.aswritten import AsWritten
    from planner.finetune.lever_schema import LeverLibrary
    from planner.finetune.schema import Project
    from planner.planschema import PlanDocument
    from planner.scenario.price_book import PriceBook
    from planner.scenario.schema import Scenario

    models = {
        Kind.scenario: Scenario,
        Kind.catalog: CatalogFile,
        Kind.price_book: PriceBook,
        Kind.plan: PlanDocument,
        Kind.finetune: Project,
        Kind.levers: LeverLibrary,
    }
    model: Any = models[kind]
    made = TypeAdapter(model).json_schema(schema_generator=AsWritten)
    if kind in (Kind.scenario, Kind.finetune, Kind.levers):
        made["properties"]["$schema"] = {"type": "string", "description": "where this schema is, for an editor"}
    return {"$schema": _DIALECT, **made}


def _series() -> dict[str, Any]:
    """Return the schema of an hourly series as `csv.DictReader` reads it: a list of mappings from column to text."""
    from planner.scenario.demand_schema import SeriesFile
    from planner.scenario.series import MAX_ROWS

    number = {"type": "string", "pattern": r"^\s*\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$"}
    return {
        "title": "SeriesFile",
        "description": getdoc(SeriesFile),
        "type": "array",
        "items": {
            "description": "an hour; the scenario names the column of the load, a number ≥ 0, and that of times if any",
            "type": "object",
            "additionalProperties": {"type": "string"},
            "not": {"additionalProperties": {"not": number}},
        },
        "anyOf": [
            {"minItems": least, "maxItems": most, "description": covers}
            for least, most, covers in (
                (HOURS_PER_WEEK, HOURS_PER_WEEK, "a week"),
                (_SHORTEST_MONTH, MAX_ROWS, "8,760: a year; else every hour of the horizon, from 1 month to 360"),
            )
        ],
    }
