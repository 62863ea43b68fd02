"""What a report is made of: sections of text, tables, figures and facts, all of it already text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from markupsafe import Markup

from planner.report.formatting import DASH, name

FOLD_ABOVE = 15
"""Rows of a table that are shown at once; the others can be unfolded."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    note : a smaller line below the text
    mark : a word that stands out, such as "assumption"
    href : where the text links to
    code : set as an id of a file or of the catalog
    span : columns that it covers
    """

    text: str
    note: str = ""
    mark: str = ""
    href: str = ""
    code: bool = False
    span: int = 1


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers are set flush right, wide text may wrap."""

    title: str
    number: bool = True
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption and the numbers behind it, where no table beside it has them."""

    kind: ClassVar[str] = "figure"
    drawing: Markup
    caption: str
    data: Table | None = None


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` sets it apart as something to mind."""

    kind: ClassVar[str] = "text"
    text: str
    strong: bool = False


@dataclass(frozen=True)
class Fold:
    """A table that is unfolded on demand."""

    kind: ClassVar[str] = "fold"
    summary: str
    table: Table


@dataclass(frozen=True)
class Facts:
    """Pairs of a term and what it is: short facts side by side, figures to remember, or a list of terms."""

    kind: ClassVar[str] = "facts"
    pairs: tuple[tuple[str, Cell], ...]
    look: Literal["facts", "figures", "terms"] = "facts"


Block = Table | Figure | Text | Fold | Facts


@dataclass(frozen=True)
class Section:
    """A section with the line that says what it answers."""

    id: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


def code(text: str, note: str = "") -> Cell:
    """Return a cell with an id."""
    return Cell(text, note=note, code=True)


def cells(*texts: str) -> tuple[Cell, ...]:
    """Return plain cells."""
    return tuple(Cell(text) for text in texts)


def nothing(reason: str, span: int = 1) -> Cell:
    """Return a cell for what does not exist, with the reason why."""
    return Cell(f"{DASH} {reason}" if reason else DASH, span=span)


def folded(table: Table, summary: str) -> tuple[Block, ...]:
    """Return the first rows of `table`, and all others to unfold."""
    if len(table.rows) <= FOLD_ABOVE + 3:
        return (table,)
    shown = Table(table.caption, table.columns, table.rows[:FOLD_ABOVE])
    rest = Table(table.caption, table.columns, table.rows[FOLD_ABOVE:], table.totals)
    return (shown, Fold(f"{len(rest.rows)} more {summary}", rest))


def written_out(blocks: Sequence[Block]) -> list[Block]:
    """Return `blocks` with every table that was cut by `folded` whole again, for forms that do not unfold."""
    found: list[Block] = []
    for block in blocks:
        before = found[-1] if found else None
        if isinstance(block, Fold) and isinstance(before, Table) and before.caption == block.table.caption:
            found[-1] = replace(block.table, rows=before.rows + block.table.rows)
        else:
            found.append(block)
    return found


def filled(row: Sequence[Cell], width: int = 0) -> list[Cell]:
    """Return the cells of a row with an empty one for each further column that a cell covers, `width` at least."""
    cells = [part for cell in row for part in (cell, *(Cell("") for _ in range(cell.span - 1)))]
    return cells + [Cell("")] * (width - len(cells))


def columns(*titles: str, words: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return columns: the first and those in `words` hold words, the others numbers."""
    return tuple(Column(title, number=n > 0 and title not in words) for n, title in enumerate(titles))


def reason(document: dict[str, object], option: str) -> str:
    """Return why an option or baseline does not exist, from left_out."""
    left_out = document["left_out"]
    assert isinstance(left_out, list)
    found = next((one["reason"] for one in left_out if one["option"] == option), "")
    return str(found) or f"{name(option).lower()} is not possible"
