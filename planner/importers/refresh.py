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
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from planner.catalog.difference import Change, differences
from planner.catalog.fact_rows import FactRow, read_rows, write_rows
from planner.catalog.load import Catalog, Row, load_catalog
from planner.documents import write_atomically
from planner.errors import Complaint, InputError, Place
from planner.importers import Imported
from planner.importers.common import Settings
from planner.importers.feeds import Feed
from planner.importers.fetch import on_network, without_secrets
from planner.importers.registry import import_file

FOLDER = "refreshed"
"""Where in the catalog the files of feeds stand."""
_OF_THE_TERM = ("term_months", "upfront_fraction", "hourly_billed")
_THING = ("gpu", "gpus")
_NEEDED = "on_demand_usd_per_gpu_hour"

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
    if write:
        _sweep(folder / FOLDER)
    with TemporaryDirectory() as scratch:
        trial = Path(scratch) / "pricing"
        shutil.copytree(folder, trial, ignore=_only_prices)
        catalog, results = load_catalog(trial) if trial.is_dir() else load_catalog(folder), []
        for number, feed in enumerate(feeds):
            say(f"refreshing {feed.name} ({number + 1} of {len(feeds)})")
            inbox = Path(scratch) / str(number) / feed.name
            inbox.mkdir(parents=True)
            try:
                result, catalog = _refresh(feed, catalog, trial, day, fetch, inbox)
            except InputError as error:
                result = Refreshed(feed.name, str(error).replace(f"{scratch}{os.sep}", ""))
            if write and result.facts:
                for name in (f"{feed.source}.yaml", f"{feed.name}.csv"):  # the source before the facts that name it
                    if (made := trial / FOLDER / name).is_file():
                        publish(made, folder / FOLDER / name)
            results.append(result)
            shutil.rmtree(inbox.parent)
    return results


def publish(made: Path, target: Path) -> None:
    """Put a file in its place: what stands there is the old one or the new one, also when the power fails.

    Raises
    ------
    InputError
        when it cannot be written.
    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            stream.write(made.read_bytes())
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
        with suppress(OSError):  # not every system syncs folders
            handle = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError([Complaint(Place(str(target)), "", f"cannot be written: {reason}")]) from None


def _sweep(folder: Path) -> None:
    """Remove what an interrupted run left behind; no catalog reads it."""
    for partial in folder.glob(".*.partial"):
        with suppress(OSError):
            partial.unlink()


def _only_prices(folder: str, names: list[str]) -> set[str]:
    kept = (".yaml", ".yml", ".csv")
    return {name for name in names if not name.endswith(kept) and not (Path(folder) / name).is_dir()}


def _refresh(
    feed: Feed, catalog: Catalog, trial: Path, day: date, fetch: Fetch, inbox: Path
) -> tuple[Refreshed, Catalog]:
    """Write one feed's news into the catalog `trial` and load it; the trial is as before when that fails."""
    settings = Settings(
        source=feed.source, date=day.isoformat(), provider=feed.provider_in(catalog), region=feed.region,
        currency=feed.currency, providers=tuple(catalog.section("providers")),
    )  # fmt: skip
    imported = import_file(feed.format, fetch(feed.address, inbox), settings)
    if not imported.rows:
        why = ", ".join(f"{count} × {reason}" for reason, count in imported.skipped.most_common(3))
        message = f"holds no price that can be taken ({imported.read} rows read{': ' + why if why else ''})"
        raise InputError([Complaint(Place(without_secrets(feed.address)), "", message)])
    file = trial / FOLDER / f"{feed.name}.csv"
    own = read_rows(file) if file.is_file() else []
    listed = {row.row_id for row in imported.rows}
    news = _News(catalog, own, listed)
    new = [row for one in sorted(imported.rows, key=lambda row: row.date) if (row := news.take(one))]
    gone = tuple(sorted({row.row_id for row in own} - listed))
    result = Refreshed(feed.name, "", imported, (), len(new), news.unchanged, news.refused, (), gone)
    if not new:
        return result, catalog
    source = trial / FOLDER / f"{feed.source}.yaml"
    before = {path: path.read_bytes() for path in (file, source) if path.is_file()}
    try:
        write_rows(file, [*own, *new])
        if feed.source not in catalog.sources:
            write_atomically(source, _source(feed))
        after = load_catalog(trial)
    except InputError:
        for path in (file, source):
            path.write_bytes(before[path]) if path in before else path.unlink(missing_ok=True)
        raise
    added = {(row.row_id, row.date) for row in new}
    rows = [row for dated in after.rows.values() for row in dated if (row.id, row.fact.date.isoformat()) in added]
    appended = {row_id for row_id, _ in added}
    changes = differences(catalog, after, chosen=lambda row: row.id in appended)
    return replace(result, changes=tuple(changes), doubtful=tuple(one for one in rows if one.quarantined)), after


class _News:
    """Tells which facts say something that the catalog does not say yet."""

    def __init__(self, catalog: Catalog, own: Iterable[FactRow], listed: Container[str]) -> None:
        self.catalog = catalog
        self.listed = listed
        self.attributes = {row.row_id: row.attributes for row in own}
        self.known: dict[str, dict[str, tuple[Decimal | None, str]]] = {
            row_id: {row.fact.date.isoformat(): (row.fact.value, row.fact.currency) for row in dated}
            for row_id, dated in catalog.rows.items()
        }  # fmt: skip
        self.unchanged = 0
        self.refused: Counter[str] = Counter()

    def take(self, row: FactRow) -> FactRow | None:
        """Return `row` as it is appended, or None: unchanged, or refused for a reason that is counted."""
        if reason := self._why_not(row):
            self.refused[reason] += 1
            return None
        known = self.known.setdefault(row.row_id, {})
        earlier = [day for day in known if day <= row.date]
        said = (row.value, row.currency)
        # a price that a feed leaves out is not known to be gone
        if (earlier and known[max(earlier)] == said) or (known and row.value is None):
            self.unchanged += 1
            return None
        if row.date in known:
            self.refused["another price of the same day is known already"] += 1
            return None
        known[row.date] = said
        return replace(row, attributes=self._attributes(row))

    def _why_not(self, row: FactRow) -> str:
        """Return why the catalog cannot take `row`, which would spoil all that comes with it, or nothing."""
        thing = self.catalog.things.get(row.section, {}).get(row.id)
        given = row.attributes
        for name in ("gpu", "provider"):
            if name in given and given[name] not in self.catalog.section(f"{name}s"):
                return f"a {name} that the catalog does not have: {given[name]}"
        if thing is not None:
            if any(str(getattr(thing, name)) != given[name] for name in _THING if name in given):
                return "another GPU, or another number of them, than the catalog's offer of that name"
        elif row.section == "offers" and f"{row.id}/{_NEEDED}" not in self.listed:
            return "an offer that the catalog does not have, without its on-demand price"
        offer = row.field.partition("/")[2]
        if row.section == "savings_plans" and offer not in self.catalog.section("offers"):
            return "rates of an offer that the catalog does not have"
        return ""

    def _attributes(self, row: FactRow) -> dict[str, str]:
        """What a thing is stands with it once; later facts of it need not repeat it, and so cannot contradict it."""
        if row.row_id in self.attributes:
            return self.attributes[row.row_id]
        if row.id not in self.catalog.things.get(row.section, {}):
            return row.attributes
        if row.row_id in self.catalog.rows:
            return {}
        of_the_term = _OF_THE_TERM if row.section == "offers" else ()
        return {name: row.attributes[name] for name in of_the_term if name in row.attributes}


def _source(feed: Feed) -> str:
    """Return the YAML of the source that a feed's facts name; texts of JSON are texts of YAML."""
    where = without_secrets(feed.address) if on_network(feed.address) else Path(feed.address).name
    source = {"id": feed.source, "title": f"{feed.name}: prices in the format {feed.format}", "url": where}
    return json.dumps({"sources": [source]}, ensure_ascii=False, indent=1) + "\n"
