"""`planner catalog import`: prices from files of other tools, as rows of the catalog."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog
from planner.cli.output import Format, say, write_rows
from planner.errors import Complaint, InputError, Place, shown

if TYPE_CHECKING:
    from planner.catalog.load import Catalog
    from planner.importers import Imported

EXAMPLES = examples(
    "planner catalog import skypilot lambda/vms.csv --date 2026-11-20",
    "planner catalog import gpuhunt nebius.csv --date 2026-11-20 --catalog prices -o prices/cloud/nebius.csv",
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
    file: Annotated[Path, typer.Argument(help="The file; it may be packed with gzip, CSV also with zip.")],
    out: Annotated[str, typer.Option("-o", "--out", metavar="FILE", help="CSV file to write, - for stdout.")] = "-",
    form: options.Form = Format.csv,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="Day of the prices, YYYY-MM-DD.", show_default="the file's"),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="ID", help="Source that the facts name.", show_default="FORMAT-import"),
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="ID", help="Whose prices they are.", show_default="the file's")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Region of rows that name none.", show_default=False)
    ] = None,
    currency: Annotated[str, typer.Option("--currency", help="Currency of a file that names none.")] = "USD",
    catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
) -> None:
    """Map a price file of another tool to rows of the catalog; nothing is fetched. Counts go to stderr.

    Rows are those that the catalog can take: an offer that it has keeps its id, and a price of a day that it knows is
    left out. Into a CSV file of the catalog (-o in its folder) new prices are appended; any other file is replaced.
    """
    from planner.importers.common import Settings
    from planner.importers.registry import FORMATS, import_file

    _check({"--source": source, "--provider": provider}, date, currency)
    known = read_catalog(catalog)
    settings = Settings(source or f"{name}-import", date, provider, region, currency, known.section("providers"))
    found = import_file(name, file, settings)
    inside = _inside(out, known)
    if inside is not None:
        refused, unchanged = _append(found, known, inside, settings.source, FORMATS[name].about, file)
    else:
        refused, unchanged = _write(found, known, out, form, file)
    say(counts(found, file), quiet)
    for reason, rows in sorted(found.skipped.items(), key=lambda one: (-one[1], one[0])):
        say(f"  {rows:>9,}  {reason}", quiet)
    for reason, facts in (refused + Counter({"the catalog says so already": unchanged})).most_common():
        say(f"  {facts:>9,}  facts not taken: {reason}", quiet)
    if found.rows and inside is None and settings.source not in known.sources:
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


def _inside(out: str, known: Catalog) -> Path | None:
    """Return the path in the catalog of the file to write, None when it is none of the catalog's."""
    path, folder = Path(out).resolve(), known.folder.resolve()
    return path.relative_to(folder) if out != "-" and path.is_relative_to(folder) and path.suffix == ".csv" else None


def _append(
    found: Imported, known: Catalog, target: Path, source: str, title: str, file: Path
) -> tuple[Counter[str], int]:
    from planner.importers.refresh import add, nothing_in

    if not found.rows:
        raise InputError([Complaint(Place(str(file)), "", nothing_in(found))])
    result = add(found, known.folder, target, source, title)
    return result.refused, result.unchanged


def _write(found: Imported, known: Catalog, out: str, form: Format, file: Path) -> tuple[Counter[str], int]:
    from planner.catalog.fact_rows import write_rows as write_facts
    from planner.importers.news import News
    from planner.importers.refresh import nothing_in

    news = News(known, (), found.rows, again=True)
    rows = news.taken()
    if out != "-":
        if not rows:
            found.skipped.update(news.refused)
            raise InputError([Complaint(Place(str(file)), "", nothing_in(found))])
        write_facts(Path(out), rows)
    elif form is Format.csv:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "rows.csv"
            write_facts(written, rows)
            sys.stdout.write(written.read_text(encoding="utf-8"))
    else:
        write_rows([row.cells() for row in rows], form)
    return news.refused, news.unchanged
