"""The report as one CSV file for a spreadsheet.

Blocks are parted by empty lines, and the first line of each begins with its section. A table follows as a line with its
caption, its heads, its rows and its totals; a remark is a line of its own. Numbers are plain: 1,234,567 is 1234567, a
true minus is a hyphen, 14.9 % is 0.149. What stands below or beside the text of a cell is in a last column, Note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from planner.plaintext import csv_text
from planner.report import contents
from planner.report.formatting import MINUS, SUPERSCRIPTS
from planner.report.parts import Block, Cell, Facts, Figure, Fold, Section, Table, filled, written_out
from planner.report.summary import Head, head

_DIGITS = {up: chr(digit) for digit, up in SUPERSCRIPTS.items()}
_NUMBER = re.compile(rf"([{MINUS}+]?)([0-9]{{1,3}}(?:,[0-9]{{3}})*(?:\.[0-9]+)?)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?( %)?")

Line = Sequence[Any]


def render_csv(document: dict[str, Any]) -> str:
    """Return every table and remark of the report of a plan as CSV.

    Parameters
    ----------
    document : plan.json as an object
    """
    return csv_text(_head(head(document))) + csv_of(contents.sections(document))


def csv_of(sections: Sequence[Section]) -> str:
    """Return the tables and remarks of `sections` as CSV."""
    lines: list[Line] = []
    for section in sections:
        lines += _remark(section.title, section.lead) if section.lead else []
        lines += chain.from_iterable(_block(section.title, block) for block in written_out(section.blocks))
    return csv_text(lines[:-1])


def _head(top: Head) -> list[Line]:
    """Return the lines of the first page."""
    said = (top.description, top.verdict, top.because, *top.answer, *top.warnings)
    remarks = chain.from_iterable(_remark(top.title, text) for text in said if text)
    return [*remarks, *_facts(top.title, top.figures), *_facts(top.title, top.facts)]


def _block(section: str, block: Block) -> list[Line]:
    if isinstance(block, Table):
        return _table(section, block)
    if isinstance(block, Figure):
        return [*_remark(section, block.caption), *(_table(section, block.data) if block.data else [])]
    if isinstance(block, Fold):
        return [*_remark(section, block.summary), *_table(section, block.table)]
    if isinstance(block, Facts):
        return _facts(section, block)
    return _remark(section, block.text)


def _remark(section: str, text: str) -> list[Line]:
    return [(section, text), ()]


def _facts(section: str, facts: Facts) -> list[Line]:
    return [(section,), *((term, _value(cell, number=True), cell.note) for term, cell in facts.pairs), ()]


def _table(section: str, table: Table) -> list[Line]:
    rows = [filled(row, len(table.columns)) for row in (*table.rows, *table.totals)]
    titles = [column.title for column in table.columns]
    notes = [_notes(titles, row) for row in rows]
    noted = any(notes)
    lines = [
        [
            *(_value(cell, number=column.number) for cell, column in zip(row, table.columns, strict=True)),
            *([note] if noted else []),
        ]
        for row, note in zip(rows, notes, strict=True)
    ]
    return [(section, table.caption), [*titles, *(["Note"] if noted else [])], *lines, ()]


def _value(cell: Cell, *, number: bool) -> Any:
    """Return what a cell says: a number as such, a mark where there is no text."""
    return plain(cell.text) if number else cell.text or cell.mark


def _notes(titles: Sequence[str], row: Sequence[Cell]) -> str:
    """Return the notes, links and marks of a row, each after the title of its column."""
    found = []
    for title, cell in zip(titles, row, strict=True):
        said = "; ".join(filter(None, (cell.mark if cell.text else "", cell.note, cell.href)))
        found.append(f"{title}: {said}" if said else "")
    return ". ".join(filter(None, found))


def plain(text: str) -> Decimal | str:
    """Return the number that a text of `formatting` shows, percent as a fraction; a text that shows none stays.

    >>> plain("−1,234.50"), plain("14.9 %"), plain("1.9 × 10⁻¹⁶"), plain("– never")
    (Decimal('-1234.50'), Decimal('0.149'), Decimal('1.9E-16'), '– never')
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    sign, digits, power, share = found.groups()
    exponent = int((power or "0").translate(_DIGITS)) - (2 if share else 0)
    value = Decimal(digits.replace(",", "")).scaleb(exponent)
    return -value if sign == MINUS else value
