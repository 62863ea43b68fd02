"""`planner catalog import`: prices from files of other tools, as rows of the catalog."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli.options import CatalogOption, FormatOption, QuietOption, examples, read_catalog
from planner.cli.output import Format, say, write_rows
from planner.errors import Complaint, InputError, Place, shown

if TYPE_CHECKING:
    from planner.importers import Imported

EXAMPLES = examples(
    "planner catalog import skypilot lambda/vms.csv --date 2026-11-20",
    "planner catalog import gpuhunt nebius.csv --date 2026-11-20 -o prices/cloud/nebius.csv",
    "planner catalog import gcp skus.json --format json",
)


def format_names(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a format."""
    from planner.importers.registry import FORMATS

    return [(name, one.about) for name, one in FORMATS.items() if name.startswith(incomplete)]


def import_prices(
    name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="What the file is, as skypilot.", autocompletion=format_names)
    ],
    file: Annotated[Path, typer.Argument(help="The file; it may be packed with gzip.")],
    out: Annotated[str, typer.Option("-o", "--out", metavar="FILE", help="CSV file to write, - for stdout.")] = "-",
    form: FormatOption = Format.csv,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="Day of the prices, YYYY-MM-DD.", show_default="the file's"),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="ID", help="Source that the facts name.", show_default="the format's name"),
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="ID", help="Whose prices they are.", show_default="the file's")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Region of rows that name none.", show_default=False)
    ] = None,
    currency: Annotated[str, typer.Option("--currency", help="Currency of a file that names none.")] = "USD",
    catalog: CatalogOption = None,
    quiet: QuietOption = False,
) -> None:
    """Map a price file of another tool to rows of the catalog; nothing is fetched. Counts go to stderr."""
    from planner.importers.common import Settings
    from planner.importers.registry import import_file

    _check({"--source": source, "--provider": provider}, date, currency)
    known = read_catalog(catalog)
    settings = Settings(source or name, date, provider, region, currency, known.section("providers"))
    found = import_file(name, file, settings)
    _write(found, out, form)
    say(counts(found, file), quiet)
    for reason, rows in sorted(found.skipped.items(), key=lambda one: (-one[1], one[0])):
        say(f"  {rows:>9,}  {reason}", quiet)
    if found.rows and settings.source not in known.sources:
        say(f"The catalog has no source '{settings.source}': add it to sources.yaml, or name one with --source.", quiet)


def _check(ids: dict[str, str | None], day: str | None, currency: str) -> None:
    """Raise InputError when an option would make rows that no catalog takes."""
    from planner.catalog.names import slug
    from planner.importers.common import CURRENCIES, is_day

    complaints = [
        Complaint(Place(option), "", "is no id", found=shown(text), allowed="lower-case letters, digits and hyphens")
        for option, text in ids.items() if text is not None and slug(text) != text
    ]  # fmt: skip
    if day is not None and not is_day(day):
        complaints.append(Complaint(Place("--date"), "", "is not a day", found=shown(day), allowed="YYYY-MM-DD"))
    if currency not in CURRENCIES:
        allowed = ", ".join(CURRENCIES)
        complaints.append(Complaint(Place("--currency"), "", "is not known", found=shown(currency), allowed=allowed))
    if complaints:
        raise InputError(complaints)


def counts(found: Imported, file: Path) -> str:
    """Return in one line what became of a file."""
    skipped = sum(found.skipped.values())
    end = ":" if skipped else ""
    return (
        f"{file}: {found.read:,} read, {found.mapped:,} mapped to {len(found.rows):,} facts, {skipped:,} skipped{end}"
    )


def _write(found: Imported, out: str, form: Format) -> None:
    from planner.catalog.fact_rows import write_rows as write_facts

    if out != "-":
        write_facts(Path(out), found.rows)
    elif form is Format.csv:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "rows.csv"
            write_facts(written, found.rows)
            sys.stdout.write(written.read_text(encoding="utf-8"))
    else:
        write_rows([row.cells() for row in found.rows], form)
