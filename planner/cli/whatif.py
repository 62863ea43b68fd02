"""What commands about what-ifs share: the forms of their answer, and gates."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from planner.cli.output import FileFormat, Format, as_json, say, try_place
from planner.cli.report import BOM, STDOUT, print_content

if TYPE_CHECKING:
    from planner.report.parts import Section
    from planner.report.summary import Head
    from planner.whatif.gates import Gate, Values

GATE_FAILED = 1


def read_gates(texts: Sequence[str] | None, known: Sequence[str]) -> list[Gate]:
    """Read `--fail-on`, before anything is solved. Raises BadParameter for what is no gate of this command."""
    from planner.whatif.gates import parse

    gates = []
    for text in texts or ():
        try:
            gates.append(parse(text, known))
        except ValueError as error:
            raise typer.BadParameter(f"--fail-on: {error}") from None
    return gates


def gates_failed(gates: Sequence[Gate], values: Values, solved: str = "whole numbers") -> bool:
    """Say on stderr, --quiet or not, which gates failed, and which rest on relaxations; return whether any failed."""
    from planner.whatif.gates import failures

    for gate in gates:
        if solved == "relaxation" and gate.name in ("flip", "flips"):
            print(f"Gate {gate.text} rests on relaxations; --whole asks in whole numbers.", file=sys.stderr)
    found = failures(gates, values)
    for sentence in found:
        print(sentence, file=sys.stderr)
    return bool(found)


def need_both(to: StrEnum | None, output: Path | None) -> None:
    """Refuse one of --to and -o without the other, and a file that cannot be written."""
    if (to is None) != (output is None):
        raise typer.BadParameter("--to and -o go together")
    if output is not None and output != STDOUT:
        try_place("-o", output)


class Shown(NamedTuple):
    """How an answer is shown.

    Attributes
    ----------
    head : its page: the top and the sections below
    sections : all of it, for forms without a top
    table : CSV of one table; None writes every table of the sections
    data : JSON has it so
    """

    head: Callable[[Any], tuple[Head, list[Section]]]
    sections: Callable[[Any], list[Section]]
    table: Callable[[Any], str] | None = None
    data: Callable[[Any], Any] = dict


def show(found: Any, how: Shown, form: Format, to: StrEnum | None, output: Path | None, quiet: bool) -> None:
    """Print an answer, or write it to a file."""
    if to is not None and output is not None:
        write(_text(found, how, to.value), to, output, quiet)
    elif form is Format.table:
        from planner.cli.sections import print_sections

        print_sections(how.sections(found))
    else:
        sys.stdout.write(_text(found, how, form.value))


def _text(found: Any, how: Shown, form: str) -> str:
    if form == FileFormat.json:
        return as_json(how.data(found))
    if form == FileFormat.html:
        from planner.report.html import page_of

        return page_of(*how.head(found))
    if form == FileFormat.md:
        from planner.report.markdown import markdown_of

        return markdown_of(how.sections(found))
    if how.table is not None:
        return how.table(found)
    from planner.report.tables import csv_of

    return csv_of(how.sections(found))


def write(content: str | bytes, to: StrEnum, output: Path, quiet: bool) -> None:
    """Write a form of an answer to a file, or print it for `-`."""
    from planner.documents import write_atomically

    if output == STDOUT:
        print_content(content)
        return
    write_atomically(output, BOM + content if isinstance(content, str) and to == FileFormat.csv else content)
    say(f"Written: {output}", quiet)
