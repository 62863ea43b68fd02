"""Reads plan.json back, and checks it so that whatever is written from it finds what it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from planner.documents import MAX_DEPTH
from planner.errors import Complaint, InputError, Place, shown
from planner.planfile import SCHEMA_VERSION
from planner.planschema import PlanDocument

MAX_BYTES = 50_000_000
MOST = 1e30
"""Nothing that is planned comes to more; rounding larger numbers would take for ever."""

CURE = "give the plan.json that planner plan wrote, or run planner plan again"


def read_plan(path: Path) -> dict[str, Any]:
    """Read the plan.json at `path`.

    Raises
    ------
    InputError
        when it cannot be read, is no plan.json of this version, or lacks what a report needs.
    """
    return parse_plan(file_bytes(path, CURE), str(path))


def parse_plan(data: bytes, file: str = "plan.json") -> dict[str, Any]:
    """Read the plan.json that `data` is; `file` is the name that complaints carry.

    Raises
    ------
    InputError
        as `read_plan` does.
    """
    document = json_object(data, file, "a plan.json", CURE)
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        message = "is not of the version that this planner writes"
        refuse(file, message, "schema_version", found=shown(version), allowed=str(SCHEMA_VERSION))
    _check(document, file)
    return document


def file_bytes(path: Path, cure: str) -> bytes:
    """Return what stands in the file at `path`. Raises InputError when it cannot be read or is too large."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        refuse(file, f"cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}", cure=cure)
    if len(data) > MAX_BYTES:
        refuse(file, f"is larger than {MAX_BYTES:,} bytes", cure=cure)
    return data


def json_object(data: bytes, file: str, what: str, cure: str) -> dict[str, Any]:
    """Return the JSON object that `data` is. Raises InputError when it is none, or too odd to be `what`."""
    try:
        document = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        message = f"is not JSON: {'nested too deeply' if isinstance(error, RecursionError) else error}"
        refuse(file, message, cure=cure)
    if not isinstance(document, dict) or _is_odd(document, MAX_DEPTH):
        refuse(file, f"is not {what}", cure=cure)
    return document


def _check(document: dict[str, Any], file: str) -> None:
    """Refuse a document with the first thing that a report would miss in it."""
    check_types(_types(), document, file, CURE)
    for field, message in _misfits(document):
        refuse(file, message, field)


def check_types(types: TypeAdapter[Any], document: dict[str, Any], file: str, cure: str) -> None:
    """Refuse a document with the first thing in it that is not of `types`."""
    try:
        types.validate_python(document, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = "is missing" if first["type"] == "missing" else first["msg"].removeprefix("Input ").lower()
        found = None if first["type"] == "missing" else shown(first["input"])
        refuse(file, message, ".".join(map(str, first["loc"])), found=found, cure=cure)


@cache
def _types() -> TypeAdapter[PlanDocument]:
    return TypeAdapter(PlanDocument)


def _misfits(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what types alone do not say: field and message."""
    try:
        date.fromisoformat(document["as_of"])
    except ValueError:
        yield "as_of", "is no day"
    exists = {name for name, total in document["tco"].items() if total is not None}
    if not document["finance"]["cash_flow"]:
        yield "finance.cash_flow", "has no month"
    for t, row in enumerate(document["finance"]["cash_flow"]):
        for name in exists:
            if f"{name}_usd" not in row:
                yield f"finance.cash_flow.{t}.{name}_usd", "is missing"
    for part in ("breakeven", "finance"):
        for option in ("plan", "buy", "self_hosted"):
            for baseline, figures in (document[part][option] or {}).items():
                if figures is not None and not {option, baseline} <= exists:
                    yield f"{part}.{option}.{baseline}", "compares what tco does not hold"
    for name, lines in (document.get("ledgers") or {}).items():
        if (lines is not None) != (name in exists):
            yield f"ledgers.{name}", "does not go with tco"
        for n, line in enumerate(lines or ()):
            if not len(line["month"]) == len(line["quantity"]) == len(line["unit_cost_usd"]):
                yield f"ledgers.{name}.{n}", "has not a month, quantity and unit cost for each payment"
    for n, year in enumerate(document["load"]):
        if len(year["months"]) != 2 or sum(step["hours"] for step in year["steps"]) <= 0:
            yield f"load.{n}", "has no hours, or not its first and last month"


def refuse(file: str, message: str, field: str = "", *, cure: str = CURE, **more: Any) -> NoReturn:
    """Raise an InputError with one complaint."""
    raise InputError([Complaint(Place(file), field, message, cure=cure, **more)])


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _is_odd(value: Any, levels: int) -> bool:
    """Say whether a value is nested deeper than `levels`, or holds a number that nothing here amounts to."""
    if isinstance(value, int | float):
        return abs(value) > MOST
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inside) and (levels == 0 or any(_is_odd(one, levels - 1) for one in inside))
