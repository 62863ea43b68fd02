"""`planner catalog refresh`: bring new prices into a catalog, feed by feed."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples, read_day
from planner.cli.output import Format, as_json, say, write_rows
from planner.cli.progress import progress
from planner.errors import Complaint, InputError, Place

if TYPE_CHECKING:
    from planner.importers.feeds import Feed
    from planner.importers.refresh import Refreshed

GATE_FAILED = 1
EXAMPLES = examples(
    "planner catalog refresh --source aws=skypilot:downloads/aws/vms.csv",
    "planner catalog refresh --feeds refresh.yaml --online --into our-prices/",
)


class Gate(StrEnum):
    """What ends in exit 1."""

    failure = "failure"
    doubt = "doubt"


def refresh(
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="NAME=FORMAT:ADDRESS", help="A file or URL of prices. Repeatable."),
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--feeds", metavar="FILE", help="YAML: feeds: [{name, format, address}, …].")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Catalog to write into.", show_default="nothing is written, only shown"),
    ] = None,
    catalog: options.CatalogFolder = None,
    online: Annotated[
        bool, typer.Option("--online", help="Fetch addresses; without it the network is not used.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day of prices in files that do not say.", show_default="today"),
    ] = None,
    fail_on: Annotated[
        Gate | None, typer.Option("--fail-on", help="Exit 1 when a source fails, or when a new price is in doubt.")
    ] = None,
    form: options.Form = Format.table, quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Bring new prices into a catalog: fetch, map, check, show the difference, write.

    Each source has one CSV file in DIR/refreshed. Prices are appended with their date, never edited; a source that
    fails keeps the file it has, and is reported. Fetching honours the environment's proxies and certificates.
    """
    from planner.importers.fetch import fetch
    from planner.importers.refresh import refresh as refreshed
    from planner.resources import shipped

    folder = into or catalog or shipped("data/pricing")
    day = read_day(as_of) or date.today()
    with progress(quiet) as tell:
        results = refreshed(
            _feeds(sources or [], listed), folder, day, lambda address, to: fetch(address, to, online),
            into is not None, tell,
        )  # fmt: skip
    _write(results, form, quiet)
    failed, doubtful = any(one.failed for one in results), any(one.doubtful for one in results)
    if into is None and any(one.facts for one in results):
        say("Nothing was written: name the catalog to write into with --into DIR.", quiet)
    if (fail_on is Gate.failure and failed) or (fail_on is Gate.doubt and (failed or doubtful)):
        raise typer.Exit(GATE_FAILED)


def _feeds(sources: list[str], listed: Path | None) -> list[Feed]:
    from planner.importers.feeds import feed_of, read_feeds

    feeds = [*(read_feeds(listed) if listed else ()), *(feed_of(text) for text in sources)]
    names = [feed.name for feed in feeds]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError([Complaint(Place("--source"), name, "stands twice", cure="give each a name of its own")
                          for name in twice])  # fmt: skip
    if not feeds:
        cure = "--source NAME=FORMAT:ADDRESS, or --feeds FILE"
        raise InputError([Complaint(Place("--source"), "", "is missing: nothing to refresh from", cure=cure)])
    return feeds


def _write(results: list[Refreshed], form: Format, quiet: bool) -> None:
    from planner.cli.catalog.diff import price

    if form is Format.json:
        sys.stdout.write(as_json([_summary(one) | {
            "changes": [price(change) for change in one.changes],
            "doubtful": [{"id": row.id, "reason": row.quarantined} for row in one.doubtful],
            "not_listed": list(one.not_listed), "skipped_because": dict(one.imported.skipped),
            "refused_because": dict(one.refused),
        } for one in results]))  # fmt: skip
    else:
        changes = [{"feed": one.name} | price(change) for one in results for change in one.changes]
        if changes:
            write_rows(changes, form, ["feed", "change", "id", "old", "new", "percent", "currency", "new_date"])
    for one in results:
        if one.failed:
            print(f"{one.name}: failed, what it has is kept: {one.failed}", file=sys.stderr)
            continue
        numbers = ", ".join(f"{value} {name}" for name, value in _summary(one).items() if isinstance(value, int))
        say(f"{one.name}: {numbers}", quiet)
        for reason, count in (one.imported.skipped + one.refused).most_common():
            say(f"  {count} × {reason}", quiet)
        for row in one.doubtful:
            print(f"  in doubt, not published: {row.id}: {row.quarantined}", file=sys.stderr)


def _summary(one: Refreshed) -> dict[str, Any]:
    kinds = [change.kind for change in one.changes]
    return {
        "feed": one.name, "failed": one.failed or None, "read": one.imported.read, "mapped": one.imported.mapped,
        "facts": one.facts, "added": kinds.count("added"), "changed": kinds.count("changed"),
        "unchanged": one.unchanged, "refused": one.refused.total(), "doubtful": len(one.doubtful),
        "not_listed": len(one.not_listed),
    }  # fmt: skip
