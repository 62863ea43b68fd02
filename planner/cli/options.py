"""Options that several verbs share, and what they turn into."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from planner.catalog.load import Catalog, load_catalog
from planner.cli.output import Format
from planner.errors import Complaint, InputError, Place
from planner.resources import shipped

FormatOption = Annotated[Format, typer.Option("--format", help="How stdout is written.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="path=value: override one field of the scenario.")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Day of the prices, YYYY-MM-DD; default: the scenario's.")
]
CatalogOption = Annotated[Path | None, typer.Option("--catalog", help="Folder of prices; default: the shipped one.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No messages on stderr but errors.")]


def read_catalog(folder: Path | None) -> Catalog:
    """Load the catalog in `folder`, or the one that ships with the planner."""
    return load_catalog(folder if folder is not None else shipped("data/pricing"))


def read_day(text: str | None) -> date | None:
    """Read the day of `--as-of`. Raises InputError when it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        complaint = Complaint(Place("--as-of"), "", "is not a day", found=text, allowed="YYYY-MM-DD")
        raise InputError([complaint]) from None
