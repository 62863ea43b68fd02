"""Templates of the memo, a user's own among them: no code runs in them, and what is wrong is named with its line."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

from jinja2 import FileSystemLoader, FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.loaders import BaseLoader, ChoiceLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from planner.errors import Complaint, InputError, Place
from planner.report import formatting
from planner.report.parts import Cell, Column
from planner.resources import shipped

MAX_BYTES = 5_000_000
FILTERS = ("fixed", "money", "price", "number", "percent", "count", "plural", "day", "month", "name", "sentence")
CURE = "docs/memo.md says what a template is given"


def environment(own: Path | None = None) -> ImmutableSandboxedEnvironment:
    """Return where templates are rendered: what they are given cannot be changed, nor can anything be called on it.

    Parameters
    ----------
    own : a user's template, which may use the shipped ones
    """
    loaders: list[BaseLoader] = [FileSystemLoader(shipped("templates"))]
    if own is not None:
        loaders.insert(0, FunctionLoader(lambda asked: _source(own) if asked == str(own) else None))
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["placed"] = placed
    made.filters |= {name: getattr(formatting, name) for name in FILTERS}
    return made


def placed(row: Sequence[Cell], columns: Sequence[Column]) -> list[tuple[Cell, Column]]:
    """Return the cells of a row, each with the column in which it begins."""
    starts = accumulate((cell.span for cell in row), initial=0)
    return [(cell, columns[at]) for cell, at in zip(row, starts, strict=False)]


def read_template(path: Path) -> bytes:
    """Return a user's file.

    Raises
    ------
    InputError
        when it cannot be read, or is far larger than a template.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError([Complaint(Place(str(path)), "", f"cannot be read: {reason}")]) from None
    if len(data) > MAX_BYTES:
        raise InputError([Complaint(Place(str(path)), "", f"is larger than {MAX_BYTES:,} bytes")])
    return data


def _source(path: Path) -> tuple[str, str, Callable[[], bool]]:
    try:
        text = read_template(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Complaint(Place(str(path)), "", f"is not UTF-8 text: {error.reason}")]) from None
    return text, str(path), lambda: True


@contextmanager
def blamed(path: Path, lines: bool = True) -> Iterator[None]:
    """Turn whatever goes wrong while a user's template is rendered into a complaint about that file.

    Parameters
    ----------
    lines : the file has lines of text, so that one can be named
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        line = _line(error, str(path)) if lines else None
        what = error.message if isinstance(error, TemplateError) and error.message else str(error)
        kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
        message = f"is no template that can be filled: {kind}{what}"
        raise InputError([Complaint(Place(str(path), line), "", message, cure=CURE)]) from None


def _line(error: Exception, file: str) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == file), None)
