"""Puts the rows of CSV files together into things, as YAML would have written them, beside those that YAML holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_origin

from planner.catalog.facts import Fact
from planner.catalog.schema import SECTIONS
from planner.catalog.table import Line
from planner.documents import Document, Path_
from planner.errors import MAX_COMPLAINTS, Complaint, InputError, Place, nearest, shown
from planner.numerals import plain_number
from planner.records import Record

FACT_FIELDS = tuple(Fact.model_fields)


class Cells(dict[str, Any]):
    """A mapping made from rows, that knows from which row each of its fields came."""

    __slots__ = ("lines", "origin")

    def __init__(self, origin: Line) -> None:
        super().__init__()
        self.origin = origin
        self.lines: dict[str, Line] | None = None

    def put(self, key: str, value: Any, line: Line) -> None:
        """Set a field that `line` gives."""
        self[key] = value
        if line is not self.origin:
            self.lines = (self.lines or {}) | {key: line}

    def place(self, key: str = "") -> Place:
        """Return the place of a field, or of the first row."""
        return (self.lines or {}).get(key, self.origin).place(key)


class Drafts(Document):
    """A file of the catalog with what CSV adds to it, or all things that only CSV holds."""

    def cells(self, path: Path_) -> tuple[Cells | None, str]:
        """Return the innermost mapping on the way to `path` that was made from rows, and the field it leads to."""
        found, field, value = None, "", self.value
        for step in path:
            if isinstance(value, Cells):
                found, field = value, str(step)
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return found, field
        return (value, "") if isinstance(value, Cells) else (found, field)

    def place(self, path: Path_) -> Place:
        """Return the place of `path`, in the file or in the row that it came from."""
        cells, field = self.cells(path)
        return cells.place(field) if cells is not None else super().place(path)

    def named(self, complaint: Complaint) -> Complaint:
        """Return a complaint about a thing with the thing's id in its field, where there was a number in no file."""
        section, index, *rest = [*complaint.field.split("."), ""]
        if self.file or not index.isdecimal():
            return complaint
        return replace(complaint, field=".".join([section, self.value[section][int(index)]["id"], *rest[:-1]]))


@dataclass(frozen=True)
class _Shape:
    """Which fields of a record hold facts, facts by key, records or something that it is."""

    facts: frozenset[str]
    by_key: frozenset[str]
    inner: dict[str, type[Record]]
    attributes: dict[str, type[Any]]


def merge(lines: Iterable[Line], drafts: list[Drafts]) -> Drafts:
    """Add the facts of `lines` to the things of `drafts`; return the things that none of them holds.

    Raises
    ------
    InputError
        with a complaint for every row that names no section or fact, or contradicts what is there.
    """
    found = _Merger(drafts)
    complaints: list[Complaint] = []
    for line in lines:
        complaints += found.add(line)
        if len(complaints) > MAX_COMPLAINTS:
            break
    if complaints:
        raise InputError(complaints)
    return found.new


class _Merger:
    def __init__(self, drafts: list[Drafts]) -> None:
        self.new = Drafts("", {})
        self.things: dict[tuple[str, str], dict[str, Any]] = {}
        for draft in drafts:
            for section in SECTIONS:
                held = draft.value.get(section) if isinstance(draft.value, dict) else None
                things = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
                self.things |= {(section, one["id"]): one for one in things if isinstance(one.get("id"), str)}

    def add(self, line: Line) -> Iterator[Complaint]:
        """Add the fact of `line` and what it says of its thing."""
        section, name, field = line.get("section"), line.get("id"), line.get("field")
        if section not in SECTIONS:
            allowed = ", ".join(SECTIONS)
            yield Complaint(line.place("section"), "section", "is no section", shown(section), allowed,
                            nearest(section, SECTIONS))  # fmt: skip
            return
        if not name:
            yield Complaint(line.place("id"), "id", "is missing")
            return
        shape = _shape(SECTIONS[section])
        thing = self.things.get((section, name))
        if thing is None:
            thing = self.things[section, name] = Cells(line)
            thing["id"] = name
            self.new.value.setdefault(section, []).append(thing)
        head, _, rest = field.partition("/")
        inner_field, inner = next(iter(shape.inner.items()), ("", None))
        inside: dict[str, Any] | None = None
        if head in shape.facts and not rest:
            _append(thing, head, _fact(line))
        elif head in shape.by_key and rest:
            by_key = thing.setdefault(head, {})
            if isinstance(by_key, dict):
                _append(by_key, rest, _fact(line))
        elif inner and head and rest in _shape(inner).facts:
            inside = _inside(thing, inner_field, head, line)
            _append(inside, rest, _fact(line))
        else:
            known = sorted(shape.facts) + [f"{one}/…" for one in sorted(shape.by_key)]
            known += [f"…/{one}" for one in sorted(_shape(inner).facts)] if inner else []
            yield Complaint(line.place("field"), f"{section}.{name}", "is no fact of such a thing", shown(field),
                            ", ".join(known), nearest(field, known))  # fmt: skip
            return
        yield from _describe(line, f"{section}.{name}", thing, shape, inside, _shape(inner) if inner else None)


def _describe(
    line: Line, name: str, thing: dict[str, Any], shape: _Shape, inside: dict[str, Any] | None, inner: _Shape | None
) -> Iterator[Complaint]:
    """Give a thing the fields that a row states; those that it has already must agree."""
    for column, at in _others(tuple(line.table.columns)):
        text = line.cells[at]
        if not text:
            continue
        of_inner = inner is not None and column in inner.attributes
        owner, kind = (
            (inside, inner.attributes[column]) if of_inner and inner else (thing, shape.attributes.get(column))
        )
        if kind is None or owner is None:
            known = [*shape.attributes, *(inner.attributes if inside is not None and inner else ())]
            yield Complaint(line.place(column), f"{name}.{column}", "is not a known field of such a thing", shown(text),
                            ", ".join(sorted(known)), nearest(column, known))  # fmt: skip
            continue
        value = _value(text, kind)
        if column not in owner and isinstance(owner, Cells):
            owner.put(column, value, line)
        elif column not in owner or owner[column] != value:
            before = shown(owner[column]) if column in owner else "nothing"
            yield Complaint(line.place(column), f"{name}.{column}", f"contradicts what stands elsewhere, {before}",
                            found=shown(value), cure="leave it empty in rows that only add a fact")  # fmt: skip


def _append(owner: dict[str, Any], field: str, fact: Cells) -> None:
    held = owner.get(field)
    if isinstance(held, list):
        held.append(fact)
    else:
        owner[field] = [fact] if held is None else [held, fact]


def _inside(thing: dict[str, Any], field: str, name: str, line: Line) -> dict[str, Any]:
    """Return the record `name` in the list `field` of `thing`, a new one where there is none."""
    held = thing.setdefault(field, [])
    records = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    found = next((one for one in records if one.get("id") == name), None)
    if found is None:
        found = Cells(line)
        found["id"] = name
        if isinstance(held, list):
            held.append(found)
    return found


def _fact(line: Line) -> Cells:
    fact = Cells(line)
    for name in FACT_FIELDS:
        if text := line.get(name):
            fact[name] = _value(text, Decimal if name in ("value", "low", "high") else str)
    return fact


def _value(text: str, kind: type) -> Any:
    """Return a cell as YAML would read it; what is not of its kind stays text, of which the schema complains."""
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind is str:
        return text
    try:
        number = plain_number(text)
    except ValueError:
        return text
    return text if number is None else number


@cache
def _others(columns: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((name, at) for at, name in enumerate(columns) if name not in {"section", "id", "field", *FACT_FIELDS})


@cache
def _shape(record: type[Record]) -> _Shape:
    facts: set[str] = set()
    by_key: set[str] = set()
    inner: dict[str, type[Record]] = {}
    attributes: dict[str, type[Any]] = {}
    for name, info in record.model_fields.items():
        kinds = _kinds(info.annotation)
        records = [one for one in kinds if isinstance(one, type) and issubclass(one, Record)]
        if Fact in records:
            (by_key if dict in kinds else facts).add(name)
        elif records:
            inner[name] = records[0]
        elif name != "id":
            attributes[name] = next(one for one in (bool, int, Decimal, str) if one in kinds or one is str)
    return _Shape(frozenset(facts), frozenset(by_key), inner, attributes)


def _kinds(annotation: Any) -> set[Any]:
    """Return the types that an annotation is made of."""
    parts = get_args(annotation)
    made: set[Any] = {get_origin(annotation) or annotation}
    return made.union(*(_kinds(part) for part in parts)) if parts else made
