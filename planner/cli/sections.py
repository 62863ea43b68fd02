"""Prints sections of a report on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.report.parts import Block, Section

WIDTH = 110
"""Of what is piped away."""


def print_sections(sections: Iterable[Section]) -> None:
    """Print `sections` to stdout; of a table to unfold only its name."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from planner.cli.columns import print_table
    from planner.report.parts import Figure

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=WIDTH)
    for number, section in enumerate(sections):
        console.print(Text(f"{'' if number == 0 else chr(10)}{section.title}", style="bold"))
        if section.lead:
            console.print(Text(section.lead, style="dim"))
        for block in section.blocks:
            shown = block.data if isinstance(block, Figure) else block  # or the tables beside it have its numbers
            if shown is not None:
                console.print()
                drawn = _drawn(shown)
                if isinstance(drawn, Table):
                    print_table(console, drawn)
                else:
                    console.print(drawn)


def _drawn(block: Block) -> Any:
    """Return a block as rich shows it."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    from planner.report.parts import Facts, Fold, Table, filled
    from planner.report.parts import Text as Paragraph

    if isinstance(block, Facts):
        table = RichTable.grid(padding=(0, 2, 0, 0))
        for term, cell in block.pairs:
            table.add_row(Text(term, style="dim"), _cell(cell))
        return table
    if isinstance(block, Fold):
        return Text(f"… {block.summary}: in the other forms", style="dim")
    if not isinstance(block, Table):
        assert isinstance(block, Paragraph)  # these sections have no pictures
        return Text(block.text, style="bold" if block.strong else "")
    table = RichTable(title=Text(block.caption, style="bold"), title_justify="left", box=box.SIMPLE_HEAD,
                      show_edge=False, pad_edge=False, show_footer=False)  # fmt: skip
    for column in block.columns:
        table.add_column(column.title, justify="right" if column.number else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(_cell(cell) for cell in filled(row)))
    if block.totals:
        table.add_section()
    for row in block.totals:
        table.add_row(*(_cell(cell) for cell in filled(row)), style="bold")
    return table


def _cell(cell: Any) -> Any:
    from rich.text import Text

    text = Text(cell.text or cell.mark)
    if cell.text and cell.mark:
        text.append(f" [{cell.mark}]", style="yellow")
    return text.append(f" ({cell.note})", style="dim") if cell.note else text
