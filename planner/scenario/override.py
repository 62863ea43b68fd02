"""Loads a document that is asked for, with `--set path=value` and the day of prices applied over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from planner.documents import Document, Path_, load_document, parse_document
from planner.errors import Complaint, InputError, Place, nearest


def override(document: Document, assignment: str) -> None:
    """Apply one `--set path=value` to `document`.

    The path is dotted; an item of a list is named by its `name`, `id` or index. The value is read as YAML.

    Raises
    ------
    InputError
        when the assignment has no `=`, or its path does not lead to a field.
    """
    path_text, equals, value_text = assignment.partition("=")
    path_text = path_text.strip()
    steps = path_text.split(".")
    origin = placed("--set", assignment)
    if not equals or not all(step and step.isprintable() for step in steps):
        raise InputError([Complaint(origin, "", "needs the form path=value", cure="--set finance.wacc_fraction=0.1")])
    try:
        value = parse_document(value_text, "").value
    except InputError as error:
        moved = (replace(one, place=origin, field=".".join(filter(None, (path_text, one.field))))
                 for one in error.complaints)  # fmt: skip
        raise InputError(moved) from None
    path: Path_ = ()
    parent = document.value
    for step in steps:
        key = _step_into(parent, step, origin)
        path = (*path, key)
        parent = parent.get(key, {}) if isinstance(parent, dict) else {} if parent is None else parent[key]
    document.put(path, value, origin)


def placed(option: str, text: str) -> Place:
    """Return the place of what was typed behind an option, cut where it is long."""
    return Place(f"{option} {text if len(text) <= 80 else text[:79] + '…'}")


def _step_into(parent: Any, step: str, origin: Place) -> str | int:
    if parent is None or isinstance(parent, dict):
        return step
    if isinstance(parent, list):
        names = [item.get("name", item.get("id")) if isinstance(item, dict) else None for item in parent]
        if step in names:
            return names.index(step)
        if step in (indices := [str(index) for index in range(len(parent))]):
            return int(step)
        known = [name for name in names if isinstance(name, str)]
        raise InputError([Complaint(origin, step[:80], "names no item of the list",
                                    allowed=", ".join(known or indices), cure=nearest(step, known))])  # fmt: skip
    raise InputError([Complaint(origin, step, "cannot be set: its parent is a single value")])


def load_overridden(path: Path, assignments: Sequence[str], as_of: date | None) -> Document:
    """Load the file at `path` with `path=value` assignments, then the day of prices, applied over it.

    Raises
    ------
    InputError
        with every complaint about the assignments.
    """
    document = load_document(path)
    complaints: list[Complaint] = []
    for assignment in assignments:
        try:
            override(document, assignment)
        except InputError as error:
            complaints.extend(error.complaints)
    if complaints:
        raise InputError(complaints)
    if as_of is not None and isinstance(document.value, dict):
        document.put(("as_of",), as_of.isoformat(), Place("--as-of"))
    return document
