"""Sections of a report as sheets: their tables with plain numbers, facts and texts in cells that wrap."""

from __future__ import annotations

from collections.abc import Sequence

from planner.report.parts import Block, Cell, Facts, Figure, Fold, Section, Table, Text, filled
from planner.report.tables import plain
from planner.report.workbook.book import Book, Sheet

_NUMBER = "#,##0.##########"
_FIRST, _WIDE, _OTHER = 40.0, 60.0, 17.0
_NO_TABLE = (20.0, 110.0)


def write_section(book: Book, section: Section) -> None:
    """Write a section as a sheet of its own; figures are written as the numbers behind them."""
    tables = [table for block in section.blocks if (table := _table_of(block)) is not None]
    sheet = Sheet(book, section.title, section.title, section.lead, _widths(tables))
    row = 3
    for block in section.blocks:
        if (table := _table_of(block)) is not None:
            row = _write_table(sheet, row, table) + 1
        elif isinstance(block, Facts):
            for term, cell in block.pairs:
                sheet.put(row, 0, term, "plain")
                row = sheet.text(row, cell.text, first=1)
        elif isinstance(block, Text):
            row = sheet.text(row, block.text)


def _table_of(block: Block) -> Table | None:
    if isinstance(block, Fold):
        return block.table
    if isinstance(block, Figure):
        return block.data
    return block if isinstance(block, Table) else None


def _widths(tables: Sequence[Table]) -> tuple[float, ...]:
    """Return widths that suit every table: the first column has names, a wide one sentences."""
    if not tables:
        return _NO_TABLE
    count = max(len(table.columns) for table in tables)
    wide = {n for table in tables for n, column in enumerate(table.columns) if column.wide}
    return (_FIRST, *(_WIDE if n in wide else _OTHER for n in range(1, count)))


def _write_table(sheet: Sheet, row: int, table: Table) -> int:
    sheet.put(row, 0, table.caption, "head")
    for n, column in enumerate(table.columns):
        sheet.put(row + 1, n, column.title, "head right" if column.number and n else "head")
    row += 2
    for kind, cells in [*(("wrapped", one) for one in table.rows), *(("total", one) for one in table.totals)]:
        for n, (cell, column) in enumerate(zip(filled(cells), table.columns, strict=True)):
            _write_cell(sheet, row, n, cell, kind, is_number=column.number and n > 0)
        sheet.fit(row, [(n, _said(cell)) for n, cell in enumerate(cells)])
        row += 1
    return row


def _write_cell(sheet: Sheet, row: int, column: int, cell: Cell, kind: str, *, is_number: bool) -> None:
    value = plain(cell.text) if is_number else _said(cell)
    if isinstance(value, str):
        sheet.put(row, column, value, kind)
    else:
        sheet.put(row, column, float(value), kind, _NUMBER)


def _said(cell: Cell) -> str:
    return f"{cell.text or cell.mark}{f' ({cell.note})' if cell.note else ''}"
