"""Loads a catalog folder, checks it as a whole and lists its facts as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from pathlib import Path

from planner.catalog.catalog import Catalog as Catalog
from planner.catalog.catalog import Row as Row
from planner.catalog.checks import quarantined
from planner.catalog.drafts import Drafts, merge
from planner.catalog.schema import THINGS, CatalogFile, Fact, Server, Source, Thing
from planner.catalog.table import MAX_ROWS, Line, read_lines
from planner.documents import Path_, load_document
from planner.errors import MAX_COMPLAINTS, Complaint, InputError, Place, nearest
from planner.records import Record, validate

MAX_FILES = 500


def load_catalog(folder: Path) -> Catalog:
    """Load every `*.yaml` and `*.csv` file under `folder`.

    Raises
    ------
    InputError
        with all complaints of all files: schema errors, things that stand twice, references to nothing,
        equal dates, unknown sources, resale curves that rise.
    """
    paths = sorted((*folder.rglob("*.yaml"), *folder.rglob("*.csv"))) if folder.is_dir() else []
    if not paths:
        cure = "name a folder with --catalog, or leave the option out to use the shipped catalog"
        raise InputError([Complaint(Place(str(folder)), "", "holds no catalog (*.yaml, *.csv)", cure=cure)])
    if len(paths) > MAX_FILES:
        raise InputError([Complaint(Place(str(folder)), "", f"holds more than {MAX_FILES} files")])
    drafts: list[Drafts] = []
    lines: list[Line] = []
    complaints = [
        Complaint(Place(str(path)), "", "is not read", cure="let its name end in .yaml")
        for path in sorted(folder.rglob("*.yml"))
    ]
    digest = hashlib.sha256()
    for path in paths:
        try:
            if path.suffix == ".csv":
                lines += read_lines(path, ("section", "id", "field"))
            else:
                document = load_document(path)
                drafts.append(Drafts(document.file, document.value, document.places))
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        except InputError as error:
            complaints.extend(error.complaints)
    if len(lines) > MAX_ROWS:
        complaints.append(Complaint(Place(str(folder)), "", f"holds more than {MAX_ROWS:,} rows of CSV"))
    files = _checked(drafts, [] if complaints else lines, complaints)
    if complaints:
        raise InputError(complaints)
    return quarantined(_assemble(files, digest.hexdigest(), folder))


def _checked(drafts: list[Drafts], lines: list[Line], complaints: list[Complaint]) -> list[tuple[Drafts, CatalogFile]]:
    """Return the content of every file, and of all rows together; add what is wrong with them to `complaints`."""
    try:
        drafts = [*drafts, merge(lines, drafts)]
    except InputError as error:
        complaints.extend(error.complaints)
    files = []
    for draft in drafts:
        try:
            files.append((draft, validate(CatalogFile, draft)))
        except InputError as error:
            complaints.extend(draft.named(one) for one in error.complaints)
    return files


def _assemble(files: list[tuple[Drafts, CatalogFile]], digest: str, folder: Path) -> Catalog:
    things: dict[str, dict[str, Thing]] = {section: {} for section in THINGS}
    sources: dict[str, Source] = {}
    origins: dict[str, _Origin] = {}
    rows: dict[str, tuple[Row, ...]] = {}
    complaints: list[Complaint] = []
    for document, content in files:
        for section in ("sources", *THINGS):
            for index, thing in enumerate(getattr(content, section)):
                origin = _Origin(document, (section, index))
                if thing.id in origins:
                    first = origins[thing.id].place("id")
                    complaints.append(Complaint(origin.place("id"), thing.id, f"stands twice, first at {first}"))
                    continue
                origins[thing.id] = origin
                if section == "sources":
                    sources[thing.id] = thing
                else:
                    things[section][thing.id] = thing
                    rows |= _rows_of(thing, section, origin)
    catalog = Catalog(things, rows, sources, digest, folder)
    found = chain(complaints, _check_rows(catalog), _check_references(catalog, origins))
    if problems := list(islice(found, MAX_COMPLAINTS + 1)):
        raise InputError(problems)
    return catalog


@dataclass(frozen=True)
class _Origin:
    """Where a thing stands."""

    document: Drafts
    path: Path_

    def place(self, *steps: str | int) -> Place:
        return self.document.place((*self.path, *steps))

    def of_fact(self, *steps: str | int) -> Place:
        """Place of the value of a fact in a list, or of the only one; of the fact where its value is unknown."""
        cells, _ = self.document.cells((*self.path, *steps))
        if cells is not None:
            return cells.place("value")
        paths = ((*self.path, *steps, "value"), (*self.path, *steps[:-1], "value"))
        return self.document.place(next((path for path in paths if path in self.document.places), (*self.path, *steps)))


def _rows_of(thing: Thing, section: str, origin: _Origin) -> dict[str, tuple[Row, ...]]:
    provider = thing.id if section == "providers" else getattr(thing, "provider", None)
    rows = {}
    for name, unit, at, facts in _facts_in(thing, ()):
        row_id = f"{thing.id}/{name}"
        found = [
            Row(row_id, section.removesuffix("s"), provider, unit, fact, origin.of_fact(*at, index))
            for index, fact in enumerate(facts)
        ]
        rows[row_id] = tuple(sorted(found, key=lambda row: row.fact.date))
    return rows


def _facts_in(record: Record, at: Path_) -> Iterator[tuple[str, str, Path_, list[Fact]]]:
    """Yield name, unit, path and facts of every fact field of `record`, of its records and of its mappings."""
    for field in type(record).model_fields:
        value = getattr(record, field)
        if isinstance(value, dict):
            for key, facts in value.items():
                yield f"{field}/{key}", field, (*at, field, key), facts
        elif isinstance(value, list) and value and isinstance(value[0], Fact):
            yield field, field, (*at, field), value
        elif isinstance(value, list) and value and isinstance(value[0], Record):
            for index, inner in enumerate(value):
                for name, unit, path, facts in _facts_in(inner, (*at, field, index)):
                    yield f"{inner.id}/{name}", unit, path, facts


def _check_rows(catalog: Catalog) -> Iterator[Complaint]:
    for row_id, dated in catalog.rows.items():
        for older, newer in pairwise(dated):
            if older.fact.date == newer.fact.date:
                yield Complaint(newer.place, row_id, f"has two facts of {newer.fact.date}, the other at {older.place}")
        for row in dated:
            fact = row.fact
            if fact.source not in catalog.sources:
                yield Complaint(row.place, row_id, "names no source of sources.yaml", found=fact.source,
                                cure=nearest(fact.source, catalog.sources))  # fmt: skip
            if "fraction" in row.unit:
                for name, number in (("value", fact.value), ("low", fact.low), ("high", fact.high)):
                    if number is not None and number > 1:
                        message = f"is a fraction: {name} must not exceed 1"
                        yield Complaint(row.place, row_id, message, found=str(number))


def _check_references(catalog: Catalog, origins: dict[str, _Origin]) -> Iterator[Complaint]:
    def check(owner: str, path: Path_, name: str, section: str) -> Iterator[Complaint]:
        known = catalog.things[section]
        if name not in known:
            field = ".".join(map(str, (owner, *path)))
            yield Complaint(origins[owner].place(*path), field, f"names none of the {section}", found=name,
                            cure=nearest(name, known))  # fmt: skip

    for section in THINGS:
        for thing in catalog.section(section).values():
            for field in ("gpu", "provider", "place"):
                if getattr(thing, field, None) is not None:
                    yield from check(thing.id, (field,), getattr(thing, field), f"{field}s")
    for plan in catalog.section("savings_plans").values():
        for offer in plan.usd_per_gpu_hour:
            yield from check(plan.id, ("usd_per_gpu_hour", offer), offer, "offers")
    for server in catalog.section("servers").values():
        yield from _check_resale(catalog, server, origins[server.id].place("resale_fraction"))


def _check_resale(catalog: Catalog, server: Server, place: Place) -> Iterator[Complaint]:
    """A resale value that rises with age would make buying to resell pay; checked on every day that has a new fact."""
    days = sorted({fact.date for facts in server.resale_fraction.values() for fact in facts})
    for day in days:
        rows = {int(age): catalog.in_force(f"{server.id}/resale_fraction/{age}", day) for age in server.resale_fraction}
        known = [(age, row.fact.value) for age, row in sorted(rows.items()) if row and row.fact.value is not None]
        for (young, before), (old, after) in pairwise(known):
            if after > before:
                message = f"rises from month {young} to month {old} on {day}"
                yield Complaint(place, f"{server.id}.resale_fraction", message, found=f"{before} → {after}")
