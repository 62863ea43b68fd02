"""Checked records: pydantic models whose errors say file:line:col, what was found and the nearest known name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from planner.documents import Document, Path_
from planner.errors import MAX_COMPLAINTS, Complaint, InputError, Place, nearest, shown
from planner.units import MONTH

MAX_WHOLE = 1_000_000_000

_SLUG = r"^[a-z0-9][a-z0-9-]*$"
_COUNTRY = r"^[A-Z]{2}$"
_ANY_COUNTRY = r"^[A-Z]{2}$|^any$"
_AGE = r"^[1-9][0-9]{0,2}$"
_OF_THE_YEAR = r"^(0[1-9]|1[0-2])$"
_NUMBER = r"^[A-Za-z0-9][A-Za-z0-9 ._/#-]*$"
_NOT_BLANK = r"\S"

_IN_WORDS = {
    _SLUG: "lower-case letters, digits and hyphens",
    MONTH: "a month, such as 2027-01",
    _COUNTRY: "two capital letters, such as US",
    _ANY_COUNTRY: "two capital letters, such as US, or any",
    _AGE: "months, from 1 to 999",
    _OF_THE_YEAR: "a month of the year, from 01 to 12",
    _NUMBER: "letters, digits, spaces and . _ / # -",
    _NOT_BLANK: "text that is not blank",
}
_PERCENT = 100
_MESSAGES = {
    "model_type": "must be a mapping of fields",
    "dict_type": "must be a mapping",
    "list_type": "must be a list",
    "literal_error": "is not one of the choices",
    "string_pattern_mismatch": "is not written as it should be",
}


class Record(BaseModel):
    """A mapping of a file: unknown keys are errors, values never change after loading."""

    # Deferred: most records are only parts of others, which build what they need of them.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class WholeFile(Record):
    """A record that is a file: it may begin with a line that names its schema, for editors."""

    @model_validator(mode="before")
    @classmethod
    def _without_schema_line(cls, value: Any) -> Any:
        return {key: item for key, item in value.items() if key != "$schema"} if isinstance(value, dict) else value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError("must be a number")
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be text; put it in quotes")
    return value


def _flag(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _day(value: Any) -> Any:
    """Refuse what pydantic would take for a day: timestamps, times of day, numbers in quotes."""
    if not isinstance(value, str) or not re.fullmatch("[12][0-9]{3}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a day, YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _year(value: Any) -> Any:
    """Turn the text of a key into a year; pydantic would take 2027.0 and 2_027 for the same year."""
    if isinstance(value, str) and re.fullmatch("[12][0-9]{3}", value):
        return int(value)
    raise ValueError("must be a year, such as 2027")


Number = Annotated[Decimal, BeforeValidator(_number)]
NonNegative = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
AnnualRate = Annotated[Number, Field(gt=-1, le=10)]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=MAX_WHOLE)]
PositiveWhole = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=MAX_WHOLE)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]
Year = Annotated[int, BeforeValidator(_year)]
Text = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_NOT_BLANK, max_length=2000)]
Slug = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_SLUG, max_length=80)]
"""A name for files, rows and paths: lower-case letters, digits and hyphens."""

ContractNumber = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_NUMBER, max_length=80)]
"""A number as quotes and contracts have it: Q-10492, EDP/2026 #3."""

MonthLabel = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=MONTH)]
MonthOfYear = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_OF_THE_YEAR)]
Age = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_AGE)]
Country = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_COUNTRY)]
"""ISO 3166 code."""

AnyCountry = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=_ANY_COUNTRY)]

Model = TypeVar("Model", bound=Record)


def number_or_word(value: Any) -> str:
    """Name the member of a union of numbers and words that `value` is meant for."""
    return "word or number" if isinstance(value, str) else "number"


def unique(key: str) -> AfterValidator:
    """Return a validator of lists: no two items may share the attribute `key`."""

    def check(items: list[Any]) -> list[Any]:
        first: dict[str, int] = {}
        again = []
        for index, item in enumerate(items):
            name = getattr(item, key)
            if first.setdefault(name, index) != index:
                again.append((name, first[name], index))
        if again:
            raise PydanticCustomError("stands_twice", "stands twice", {"key": key, "again": again})
        return items

    return AfterValidator(check)


def ordered(*numbers: Decimal | None) -> bool:
    """Say whether those of `numbers` that are given never fall: low ≤ value ≤ high."""
    given = [number for number in numbers if number is not None]
    return given == sorted(given)


def validate(model: type[Model], document: Document, path: Path_ = ()) -> Model:
    """Check the value of `document` at `path` against `model`.

    Raises
    ------
    InputError
        with a complaint for every wrong field.
    """
    value = document.value
    for step in path:
        value = value[step]
    if not isinstance(value, dict):
        message = "must be a mapping of fields"
        raise InputError([Complaint(document.place(path), "", message, found=shown(value))])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    found = (complaint for one in details for complaint in _complaints(model, document, path, value, one))
    raise InputError(in_order(found))


def in_order(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Sort the first complaints by line and column, as many as an InputError takes."""
    first = islice(complaints, MAX_COMPLAINTS + 1)
    return sorted(first, key=lambda one: (one.place.line or 0, one.place.column or 0))


def _complaints(
    model: type[Record], document: Document, base: Path_, value: Any, error: ErrorDetails
) -> Iterator[Complaint]:
    kind, location, context = error["type"], error["loc"], error.get("ctx", {})
    path = base + _path_in(value, location)
    if kind == "missing":
        path = (*path, location[-1])
    elif kind.startswith("union_tag"):
        path = (*path, context["discriminator"].strip("'"))
    place, field = document.place(path), _dotted(path)
    if kind == "missing" or kind == "union_tag_not_found":
        yield Complaint(place, field, "is missing")
    elif kind == "extra_forbidden":
        known = _fields_at(model, location[:-1])
        cure = nearest(str(location[-1]), known)
        yield Complaint(place, field, "is not a known field", allowed=", ".join(sorted(known)), cure=cure)
    elif kind == "stands_twice":
        for name, first, second in context["again"]:
            before, at = ((*path, index, context["key"]) for index in (first, second))
            yield Complaint(document.place(at), _dotted(at), f"stands twice, first at {document.place(before)}",
                            found=shown(name))  # fmt: skip
    else:
        declared = _fields_at(model, location[:-1]).get(str(location[-1])) if location else None
        yield _about_value(place, field, error, declared)


def _about_value(place: Place, field: str, error: ErrorDetails, declared: FieldInfo | None) -> Complaint:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = _MESSAGES.get(kind, message[:1].lower() + message[1:])
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        part, number = "character" if isinstance(value, str) else "item", least if kind == "too_short" else most
        verb = "needs at least" if kind == "too_short" else "takes at most"
        message = f"{verb} {number} {part}{'' if number == 1 else 's'}"
    allowed = cure = None
    if kind == "too_short" and not value and declared is not None and not declared.is_required():
        null = ", or set it to null," if NoneType in get_args(declared.annotation) else ""
        cure = f"leave the field out{null} to lift the restriction"
    if kind in ("literal_error", "union_tag_invalid"):
        message = _MESSAGES["literal_error"]
        allowed = str(context["expected" if kind == "literal_error" else "expected_tags"])
        if kind == "union_tag_invalid":
            value = value[field.rpartition(".")[2]]
        if isinstance(value, str):
            cure = nearest(value, re.findall("'([^']*)'", allowed))
        if "word or number" in error["loc"]:
            allowed += " or a number without quotes"
    elif kind == "string_pattern_mismatch":
        allowed = _IN_WORDS.get(context["pattern"], context["pattern"])
    elif message.endswith("number") and isinstance(value, str):
        cure = "write it without quotes, units and separators"
    elif kind in ("less_than", "less_than_equal") and field.endswith("_fraction") and 1 < value <= _PERCENT:
        cure = f"{value / _PERCENT} is {value} %"
    about_fields = kind == "value_error" and isinstance(value, (dict, list)) and not message.startswith("must be")
    return Complaint(place, field, message, None if about_fields else shown(value), allowed, cure)


def _dotted(path: Path_) -> str:
    return ".".join(str(step) for step in path)


def _path_in(value: Any, location: Path_) -> Path_:
    """Keep the steps of a pydantic location that exist in the file; the others name union members."""
    path: Path_ = ()
    for step in location:
        inside = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
        if step in inside:
            path, value = (*path, step), inside[step]
    return path


def _fields_at(model: type[Record], location: Path_) -> dict[str, FieldInfo]:
    """Fields of the record at `location`, of which some steps name union members, by name."""
    models = {model}
    for step in location:
        found: set[type[Record]] = set()
        for one in models:
            if str(step) in one.model_fields:
                found |= _records_in(one.model_fields[str(step)].annotation)
        kinds = {one for one in models if _is_tagged(one, str(step))}
        models = found or kinds or models
    return {name: field for one in models for name, field in one.model_fields.items()}


def _records_in(annotation: Any) -> set[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return {annotation}
    return {record for part in get_args(annotation) for record in _records_in(part)}


def _is_tagged(model: type[Record], tag: str) -> bool:
    kind = model.model_fields.get("kind")
    return model.__name__ == tag or (kind is not None and tag in get_args(kind.annotation))
