"""Prints tables in the columns of a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Column, Table

_LEAST = 12
"""Columns that text is folded into at least."""
_BETWEEN = 3
_ANY = 1_000_000


def print_table(console: Console, table: Table) -> None:
    """Print a table: where it is too wide its texts are folded, but no number, which half would be another number.

    Where the numbers alone are too wide, lines run on.
    """
    own, unbounded = console.width, console.options.update(max_width=_ANY)
    if console.measure(table, options=unbounded).maximum > own:
        for column in filter(_of_numbers, table.columns):
            column.width = max(console.measure(cell).minimum for cell in (column.header, *column.cells))
        console.width = max(own, sum((column.width or _LEAST) + _BETWEEN for column in table.columns))
    console.print(table)
    console.width = own


def _of_numbers(column: Column) -> bool:
    return column.justify == "right"
