"""Options that several verbs share, and what they turn into."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli.output import FileFormat, Format
from planner.errors import Complaint, InputError, Place
from planner.resources import shipped
from planner.units import MONTH

if TYPE_CHECKING:
    from planner.catalog.load import Catalog
    from planner.scenario.load import LoadedScenario


def examples(*commands: str) -> str:
    """Return the lines below a command's help; the mark in front keeps them from being wrapped together."""
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])


def scenario_files(incomplete: str) -> list[str]:
    """Complete a path to a YAML file; where there is none, the shell completes folders by itself, and better."""
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    try:
        found = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    except OSError:
        return []
    if not any(path.suffix == ".yaml" and str(path).startswith(incomplete) for path in found):
        return []
    names = (f"{path}/" if path.is_dir() else str(path) for path in found if path.is_dir() or path.suffix == ".yaml")
    return [name for name in names if name.startswith(incomplete)]


ScenarioFile = Annotated[Path, typer.Argument(help="The scenario, a YAML file.", autocompletion=scenario_files)]
Form = Annotated[Format, typer.Option("--format", help="How stdout is written.")]
To = Annotated[FileFormat | None, typer.Option(help="Write a file in place of text; needs -o.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="The file, - for stdout.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override one field of the scenario, as finance.wacc_fraction=0.1; list items by name or id. Repeatable.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Day of the prices, YYYY-MM-DD.", show_default="the scenario's"),
]
CatalogFolder = Annotated[
    Path | None, typer.Option("--catalog", metavar="DIR", help="Folder of prices.", show_default="the shipped one")
]
Studies = Annotated[
    list[Path] | None,
    typer.Option("--with", metavar="FILE", help="Also show a study of the same scenario, such as planner alternatives "
                                                "wrote with --to json. Repeatable."),
]  # fmt: skip
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on", metavar="GATE", help="Exit 1 when it holds, as 'buying_saves<0' or 'breakeven>24'. Repeatable."
    ),
]
Drivers = Annotated[
    list[str] | None,
    typer.Option("--driver", metavar="NAME", help="Only this one: demand, purchase, …, or a catalog row. Repeatable."),
]
Gap = Annotated[
    float, typer.Option(min=0, max=1, help="How much cheaper another plan may be, as a fraction; exit 5 if more.")
]
TimeLimit = Annotated[float, typer.Option(min=0.01, help="Seconds for each search in whole numbers.")]
Whole = Annotated[
    bool | None,
    typer.Option(
        "--whole/--relaxed",
        show_default="whole numbers for small programs, relaxations for large ones",
        help="In whole numbers, or as relaxations: quicker, but in doubt of the sign of small savings.",
    ),
]
Workers = Annotated[
    int, typer.Option(min=1, max=256, metavar="N", help="Processes that solve; no answer depends on it.")
]
Executor = Annotated[str, typer.Option(metavar="WHERE", help="local, or dask://host:port of a scheduler.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No messages on stderr but errors.")]
Seed = Annotated[int, typer.Option(help="Accepted everywhere; this command draws nothing at random.")]


def read_month(text: str) -> str:
    """Return the month that an option names."""
    if not re.fullmatch(MONTH, text):
        raise typer.BadParameter(f"{text!r} is no month: write it as 2027-01")
    return text


def read_catalog(folder: Path | None) -> Catalog:
    """Load the catalog in `folder`, or the one that ships with the planner."""
    from planner.catalog.load import load_catalog

    return load_catalog(folder if folder is not None else shipped("data/pricing"))


def read_scenario(
    scenario: Path, assignments: list[str] | None, as_of: str | None, catalog: Path | None
) -> tuple[Catalog, LoadedScenario]:
    """Read the catalog, and the scenario with its settings on the day of `--as-of`."""
    from planner.scenario.load import load_scenario

    day, prices = read_day(as_of), read_catalog(catalog)
    return prices, load_scenario(scenario, prices, assignments or (), day)


def read_day(text: str | None) -> date | None:
    """Read the day of `--as-of`. Raises InputError when it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        complaint = Complaint(Place("--as-of"), "", "is not a day", found=text, allowed="YYYY-MM-DD")
        raise InputError([complaint]) from None
