"""Refreshes a catalog from price feeds: fetch, map, check, show what is new, write; feed after feed.

Facts are appended with their date and never edited. Each feed has one CSV file in `refreshed/`, written whole to a
temporary file, synced and renamed; so the catalog is sound at every moment, whatever is interrupted. A feed that fails
keeps the file it has.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from planner.catalog.difference import Change, differences
from planner.catalog.fact_rows import read_rows, write_rows
from planner.catalog.load import Catalog, Row, load_catalog
from planner.documents import write_atomically
from planner.errors import Complaint, InputError, Place
from planner.importers import Imported
from planner.importers.common import Settings
from planner.importers.feeds import Feed
from planner.importers.fetch import on_network, without_secrets
from planner.importers.filing import locked, publish, sweep, trial_of
from planner.importers.news import News
from planner.importers.pages import fetch_pages
from planner.importers.registry import format_of, import_file

FOLDER = "refreshed"
"""Where in the catalog the files of feeds stand."""

Fetch = Callable[[str, Path], Path]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Refreshed:
    """What became of one feed.

    Attributes
    ----------
    failed : why nothing of it was taken, or empty
    imported : rows read, mapped and skipped
    changes : prices that are added, or that differ from the ones in force before, largest change first
    facts : number of facts appended
    unchanged : number of facts that say what the catalog says
    refused : why facts were not taken, and how many
    doubtful : new facts that a check doubts: written, but not published
    not_listed : ids of rows of its file that the feed no longer lists; they keep their last price and its date
    """

    name: str
    failed: str = ""
    imported: Imported = field(default_factory=Imported)
    changes: tuple[Change, ...] = ()
    facts: int = 0
    unchanged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    doubtful: tuple[Row, ...] = ()
    not_listed: tuple[str, ...] = ()


def refresh(
    feeds: Sequence[Feed], folder: Path, day: date, fetch: Fetch, write: bool, say: Say = lambda text: None
) -> list[Refreshed]:
    """Bring the prices of `feeds` into the catalog in `folder`.

    Parameters
    ----------
    day : of the prices, where a feed does not say
    fetch : returns the file at an address; it may put it into the folder that it is given
    write : whether the files are written, or only what would be new is found

    Raises
    ------
    InputError
        when the catalog itself is not sound, or cannot be written.
    """
    with TemporaryDirectory() as scratch, locked(folder) if write else nullcontext():
        trial = trial_of(folder, Path(scratch))
        if write:
            sweep(folder / FOLDER)
        catalog, results = _loaded(trial, folder), []
        for number, feed in enumerate(feeds):
            say(f"refreshing {feed.name} ({number + 1} of {len(feeds)})")
            inbox = Path(scratch) / str(number) / feed.name
            inbox.mkdir(parents=True)
            try:
                imported = _imported(feed, catalog, day, fetch, inbox)
                source = trial / FOLDER / f"{feed.source}.yaml", _source(feed)
                result, catalog = _append(feed.name, imported, catalog, trial / FOLDER / f"{feed.name}.csv", source)
            except InputError as error:
                result = Refreshed(feed.name, str(error).replace(f"{scratch}{os.sep}", ""))
            if write and result.facts:
                _publish(trial, folder, f"{FOLDER}/{feed.source}.yaml", f"{FOLDER}/{feed.name}.csv")
            results.append(result)
            shutil.rmtree(inbox.parent)
    return results


def add(imported: Imported, folder: Path, file: Path, source: str, title: str) -> Refreshed:
    """Append what was imported to `file`, a CSV file of the catalog in `folder`.

    Parameters
    ----------
    file : its path in the catalog; it need not be there yet
    source, title : the source that the facts name; written beside the file when the catalog does not have it

    Raises
    ------
    InputError
        when the catalog is not sound, would not be with the facts, or cannot be written.
    """
    with TemporaryDirectory() as scratch, locked(folder):
        trial = trial_of(folder, Path(scratch))
        catalog = _loaded(trial, folder)
        about = file.with_name(f"{source}.yaml")
        try:
            result, _ = _append(file.stem, imported, catalog, trial / file, (trial / about, _yaml(source, title, None)))
        except InputError as error:
            raise InputError([_of_the_original(one, trial, folder) for one in error.complaints]) from None
        if result.facts:
            _publish(trial, folder, str(about), str(file))
    return result


def _loaded(trial: Path, folder: Path) -> Catalog:
    """Load the copy of a catalog; what is wrong with it is told of the original."""
    try:
        return load_catalog(trial)
    except InputError:
        return load_catalog(folder)


def _of_the_original(complaint: Complaint, trial: Path, folder: Path) -> Complaint:
    """Tell a complaint about the copy of a catalog as one about the catalog."""
    place = replace(complaint.place, file=complaint.place.file.replace(str(trial), str(folder)))
    return replace(complaint, place=place, message=complaint.message.replace(str(trial), str(folder)))


def _publish(trial: Path, folder: Path, source: str, file: str) -> None:
    for name in (source, file):  # the source before the facts that name it
        if (trial / name).is_file():
            publish(trial / name, folder / name)


def _imported(feed: Feed, catalog: Catalog, day: date, fetch: Fetch, inbox: Path) -> Imported:
    """Fetch and map a feed. Raises InputError when it has no price."""
    settings = Settings(
        source=feed.source, date=day.isoformat(), provider=feed.provider_in(catalog), region=feed.region,
        currency=feed.currency, providers=tuple(catalog.section("providers")),
    )  # fmt: skip
    path = fetch_pages(feed.address, inbox, fetch, format_of(feed.format).next_page)
    imported = import_file(feed.format, path, settings)
    if not imported.rows:
        raise InputError([Complaint(Place(without_secrets(feed.address)), "", nothing_in(imported))])
    return imported


def nothing_in(imported: Imported) -> str:
    """Say that an import has no facts, and why."""
    if imported.mapped and not imported.rows:
        return f"is of a format without prices ({imported.read} rows read)"
    why = ", ".join(f"{count} × {reason}" for reason, count in imported.skipped.most_common(3))
    return f"holds no price that can be taken ({imported.read} rows read{': ' + why if why else ''})"


def _append(
    name: str, imported: Imported, catalog: Catalog, file: Path, source: tuple[Path, str]
) -> tuple[Refreshed, Catalog]:
    """Write the news of an import into the catalog and load it; the catalog is as before when that fails.

    Parameters
    ----------
    source : the file of the source that the facts name, and its content; written when the catalog does not have it
    """
    own = read_rows(file) if file.is_file() else []
    news = News(catalog, own, imported.rows, again=False)
    new = news.taken()
    gone = tuple(sorted({row.row_id for row in own} - news.listed))
    result = Refreshed(name, "", imported, (), len(new), news.unchanged, news.refused, (), gone)
    if not new:
        return result, catalog
    about, text = source
    before = {path: path.read_bytes() for path in (file, about) if path.is_file()}
    try:
        write_rows(file, [*own, *new])
        if new[0].source not in catalog.sources:
            write_atomically(about, text)
        after = load_catalog(catalog.folder)
    except InputError:
        for path in (file, about):
            path.write_bytes(before[path]) if path in before else path.unlink(missing_ok=True)
        raise
    added = {(row.row_id, row.date) for row in new}
    rows = [row for dated in after.rows.values() for row in dated if (row.id, row.fact.date.isoformat()) in added]
    appended = {row_id for row_id, _ in added}
    changes = differences(catalog, after, chosen=lambda row: row.id in appended)
    return replace(result, changes=tuple(changes), doubtful=tuple(one for one in rows if one.quarantined)), after


def _source(feed: Feed) -> str:
    where = without_secrets(feed.address) if on_network(feed.address) else Path(feed.address).name
    return _yaml(feed.source, f"{feed.name}: prices in the format {feed.format}", where)


def _yaml(source: str, title: str, url: str | None) -> str:
    """Return the YAML of a source; texts of JSON are texts of YAML."""
    found = {"id": source, "title": title} | ({"url": url} if url else {})
    return json.dumps({"sources": [found]}, ensure_ascii=False, indent=1) + "\n"
