"""Where the report shows a number, and what the number there belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from planner.report.contents import sections
from planner.report.formatting import DASH, MINUS, name, plural
from planner.report.parts import Block, Cell, Facts, Figure, Fold, Section, Table, columns, filled, written_out
from planner.report.summary import OPTIONS, head

Document = dict[str, Any]
_LISTED = 30
_NUMBER = re.compile(
    rf"(?<![\w.,/-])(?P<sign>[{MINUS}+-]?)(?P<digits>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>[M%](?!\w))?(?![\w/-]|[.,]\d|:\d)"
)


@dataclass(frozen=True)
class Place:
    """A cell of the report.

    Attributes
    ----------
    subject : what explains it: ("component", its key), ("option", its key), ("objective", ""); None for what has no
        explanation of its own
    """

    section: str
    table: str
    row: str
    column: str
    shown: str
    subject: tuple[str, str] | None


def places(document: Document, asked: str) -> list[Place]:
    """Return the cells that show the number `asked`; none if it is no number."""
    wanted = value(asked)
    if wanted is None:
        return []
    top = head(document)
    blocks: list[tuple[str, str, Block]] = [("", "Summary", top.figures), ("", "Summary", top.facts)]
    blocks += [(part.id, part.title, block) for part in sections(document) for block in written_out(part.blocks)]
    components = {name(one["component"]): one["component"] for one in document["components"]}
    return [
        Place(title, table, row, column, cell.text, _subject(components, section, table, row, column))
        for section, title, block in blocks
        for table, row, column, cell in _cells(block)
        if any(_value(found) == wanted for text in _texts(cell) for found in _NUMBER.finditer(text))
    ]


def value(asked: str) -> tuple[Decimal, str] | None:
    """Return a number that stands alone with what it counts: M, % or nothing; None for all other text."""
    found = _NUMBER.fullmatch(asked.strip().strip("'").removesuffix("USD").strip())
    return found and _value(found)


def _value(found: re.Match[str]) -> tuple[Decimal, str]:
    size = Decimal(found["digits"].replace(",", ""))
    return -size if found["sign"] in ("-", MINUS) else size, found["scale"] or ""


def _texts(cell: Cell) -> tuple[str, ...]:
    return (cell.note,) if cell.code else (cell.text, cell.note)


def _cells(block: Block) -> Iterator[tuple[str, str, str, Cell]]:
    """Yield table, row, column and cell of everything in a block that is not a sentence."""
    if isinstance(block, Facts):
        yield from ((DASH, term, DASH, cell) for term, cell in block.pairs)
        return
    table = block.data if isinstance(block, Figure) else block.table if isinstance(block, Fold) else block
    if isinstance(table, Table):
        for row in (*table.rows, *table.totals):
            for column, cell in zip(table.columns, filled(row, len(table.columns)), strict=True):
                yield table.caption, row[0].text, column.title, cell


def _subject(components: dict[str, str], section: str, table: str, row: str, column: str) -> tuple[str, str] | None:
    """Say what explains a cell: its component, or for totals the option, which for the plan is the objective."""
    options = {name(key): key for key in OPTIONS}
    named = (options.get(text) for text in (row, column, re.split("[:,]", table if section else row)[0]))
    option = next(filter(None, named), None)
    if section == "costs" and row in components and option in (None, "plan"):
        return "component", components[row]
    if option is None or section not in ("", "costs", "options"):
        return None
    return ("objective", "") if option == "plan" else ("option", option)


def where(asked: str, found: list[Place]) -> Section:
    """List the places of a number."""
    body = tuple(
        tuple(map(Cell, (place.section, place.table, place.row, place.column, place.shown)))
        for place in found[:_LISTED]
    )
    titles = ("Section", "Table", "Row", "Column", "Shown")
    lead = f"{plural(len(found), 'cell')} of the report show{'s' if len(found) == 1 else ''} it."
    more = f", the first {_LISTED}" if len(found) > _LISTED else ""
    table = Table(f"Where it stands{more}", columns(*titles, words=titles[1:-1]), body)
    return Section("number", f"Where is {asked.strip()}?", lead, (table,))
