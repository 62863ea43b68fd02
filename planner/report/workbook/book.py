"""A workbook under construction: sheets, styles, named cells, and formulas that carry their value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from planner.plaintext import visible
from planner.report.workbook.names import Names

LONGEST_TEXT = 32_767
_LINE, _LETTERS = 13.5, 1.15
"""Points of a line of text, and letters that go into a unit of width."""
_A4, _A3, _WIDE = 9, 8, 180
NAVY, BLUE, GREY, PALE, INPUT = "#1F3864", "#0000FF", "#6B6B6B", "#F2F5FA", "#FFF9E5"

USD, UNIT_USD, QUANTITY = '#,##0;-#,##0;"–"', "#,##0.00####", "#,##0.00"
PERCENT, MONTHS, FACTOR, WHOLE, MONTH = "0.0%", "0.0", "0.000000", "0", "mmm yyyy"
CROSSING = '0.0;-0.0;"–"'
GENERAL, TEXT = "General", "@"
_FORMS: dict[str, dict[str, Any]] = {GENERAL: {}, TEXT: {"num_format": TEXT, "align": "left", "indent": 1}}

_KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "input": {"font_color": BLUE, "bg_color": INPUT, "border": 1, "border_color": "#D9D2B0"},
    "planner": {"font_color": GREY, "italic": True, "text_wrap": True},
    "total": {"bold": True, "top": 1},
    "strong": {"bold": True},
    "key": {"bold": True, "font_size": 12},
    "title": {"bold": True, "font_size": 16, "font_color": NAVY},
    "section": {"bold": True, "font_size": 12, "font_color": NAVY, "bottom": 2, "bottom_color": NAVY},
    "note": {"font_color": GREY, "text_wrap": True},
    "wrapped": {"text_wrap": True},
    "head": {"bold": True, "font_color": "white", "bg_color": NAVY, "text_wrap": True, "valign": "vcenter"},
    "head right": {
        "bold": True, "font_color": "white", "bg_color": NAVY, "text_wrap": True, "valign": "vcenter", "align": "right",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A formula, and the value that it has."""

    text: str
    value: float | str


@dataclass(frozen=True)
class Check:
    """A figure of the workbook beside the planner's; `scale` is what its tolerance is relative to."""

    what: str
    where: str
    cell: Formula
    planner: float | str
    tolerance: float


class Sheet:
    """A sheet with a title and a line on what it is, on which cells are written by row and column from 0."""

    def __init__(self, book: Book, name: str, title: str, lead: str, widths: Sequence[float]) -> None:
        self.book, self.name, self.widths = book, name, widths
        self.cells = book.file.add_worksheet(name)
        self.cells.hide_gridlines(2)
        for column, width in enumerate(widths):
            self.cells.set_column(column, column, width)
        self.put(0, 0, title, "title")
        self.cells.set_row(0, 24)
        self.put(1, 0, lead, "plain")
        self.cells.set_landscape()
        self.cells.set_paper(_A4 if sum(widths) < _WIDE else _A3)
        self.cells.fit_to_pages(1, 0)
        self.cells.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.cells.set_footer("&L&8&F&C&8&A&R&8Page &P of &N")

    def put(
        self, row: int, column: int, value: Formula | date | float | str | None, kind: str, form: str = GENERAL
    ) -> str:
        """Write a value in a style and return the cell's address for formulas on other sheets."""
        form = TEXT if isinstance(value, str) and form == GENERAL and column else form
        style = self.book.style(kind, form)
        if isinstance(value, Formula):
            self.cells.write_formula(row, column, value.text, style, value.value)
        elif isinstance(value, date):
            self.cells.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
        elif isinstance(value, str):
            self.cells.write_string(row, column, visible(value)[:LONGEST_TEXT], style)
        elif value is None:
            self.cells.write_blank(row, column, None, style)
        else:
            self.cells.write_number(row, column, value, style)
        return f"'{self.name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def fit(self, row: int, texts: Sequence[tuple[int, str]]) -> None:
        """Make a row as high as its wrapped texts, by column, need."""
        lines = max(-(-len(text) // int(self.widths[column] * _LETTERS)) for column, text in texts)
        self.cells.set_row(row, _LINE * max(1, lines))

    def text(self, row: int, text: str, first: int = 0) -> int:
        """Write a text over all columns from `first` on, in as many lines as it needs; return the row below."""
        last = len(self.widths) - 1
        if first < last:
            self.cells.merge_range(row, first, row, last, "", self.book.style("wrapped", TEXT if first else GENERAL))
        self.put(row, first, text, "wrapped")
        self.cells.set_row(row, _LINE * max(1, -(-len(text) // int(sum(self.widths[first:]) * _LETTERS))))
        return row + 1

    def heads(self, row: int, titles: Sequence[str], texts: int, *, frozen: bool = False, height: float = 32) -> None:
        """Write a row of heads, the first `texts` of them over text; a frozen one stays in sight and on every page."""
        for column, title in enumerate(titles):
            self.put(row, column, title, "head" if column < texts else "head right")
        self.cells.set_row(row, height)
        if frozen:
            self.cells.freeze_panes(row + 1, texts)
            self.cells.repeat_rows(row)

    def result(
        self, name: str, row: int, column: int, value: Formula | float | str, kind: str, form: str = GENERAL
    ) -> str:
        """Write a cell that has a name, and return the name; `book.values` has its value."""
        self.book.values[name] = value.value if isinstance(value, Formula) else value
        return self.named(name, self.put(row, column, value, kind, form))

    def named(self, name: str, address: str) -> str:
        """Give a cell or range of this book a defined name, and return it."""
        self.book.file.define_name(name, f"={address}")
        return name

    def range(self, first_row: int, column: int, last_row: int) -> str:
        """Return the address of a part of a column for formulas on any sheet."""
        first, last = (xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True) for row in (first_row, last_row))
        return f"'{self.name}'!{first}:{last}"


class Book:
    """The workbook: its sheets in the order in which they are added, its names, styles and checks."""

    def __init__(self, title: str, subject: str, created: date) -> None:
        self._bytes = BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.file = xlsxwriter.Workbook(self._bytes, options)
        self.file.set_properties(
            {
                "title": visible(title),
                "subject": visible(subject),
                "created": datetime(created.year, created.month, created.day),
            }
        )
        self.file.set_calc_mode("auto")
        self.names = Names()
        self.checks: list[Check] = []
        self.values: dict[str, float | str] = {}
        self._styles: dict[tuple[str, str], Any] = {}

    def style(self, kind: str, form: str = GENERAL) -> Any:
        """Return the style of a kind of cell with a form of numbers."""
        if (kind, form) not in self._styles:
            made = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
            made |= _FORMS.get(form, {"num_format": form, "align": "right"}) | _KINDS[kind]
            self._styles[kind, form] = self.file.add_format(made)
        return self._styles[kind, form]

    def check(
        self, what: str, where: str, cell: Formula, planner: float | str | None, tolerance: float | None = None
    ) -> None:
        """Hold a cell to what the planner says: to 1e-9 of it unless a tolerance is given."""
        expected = NONE if planner is None else planner
        size = abs(expected) if isinstance(expected, float | int) else 0.0
        self.checks.append(Check(what, where, cell, expected, tolerance or 1e-9 * max(1.0, size)))

    def content(self) -> bytes:
        """Close the workbook and return its bytes."""
        self.file.close()
        return self._bytes.getvalue()


NONE = "none"
"""What a cell says where there is no such figure."""


def at(row: int, column: int, *, row_abs: bool = False, col_abs: bool = False) -> str:
    """Return the address of a cell for formulas on its own sheet."""
    return str(xl_rowcol_to_cell(row, column, row_abs=row_abs, col_abs=col_abs))


def row_of(address: str) -> int:
    """Return the row, from 0, of an address."""
    return int(xl_cell_to_rowcol(address)[0])
