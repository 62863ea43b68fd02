"""The report as Markdown: the words and tables of the page, without its pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from planner.plaintext import markdown_code, markdown_line, markdown_table, markdown_text
from planner.report import contents
from planner.report.parts import Block, Cell, Facts, Figure, Fold, Section, Table, filled, written_out
from planner.report.summary import Head, head

_UNSAFE_IN_ADDRESS = re.compile(r"[^A-Za-z0-9:/?#@!$&'*+,;=.~%_-]")


def render_markdown(document: dict[str, Any]) -> str:
    """Return the report of a plan as GitHub Markdown.

    Parameters
    ----------
    document : plan.json as an object
    """
    return _joined([*_head(head(document)), markdown_of(contents.sections(document))])


def markdown_of(sections: Sequence[Section], level: int = 2) -> str:
    """Return `sections` as Markdown; a figure is its caption and the table behind it.

    Parameters
    ----------
    level : the depth of their headings
    """
    paragraphs = []
    for section in sections:
        paragraphs += [f"{'#' * level} {markdown_text(section.title)}", _emphasised(section.lead)]
        paragraphs += [_block(block) for block in written_out(section.blocks)]
    return _joined(paragraphs)


def _joined(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(one.strip("\n") for one in paragraphs if one) + "\n"


def _head(top: Head) -> list[str]:
    """Return the paragraphs of the first page."""
    return [
        f"# {markdown_text(top.title)}",
        markdown_line(top.description),
        f"## {markdown_text(top.verdict)}",
        markdown_line(top.because),
        *(markdown_line(line) for line in top.answer),
        *(_warning(line) for line in top.warnings),
        _facts(top.figures),
        _facts(top.facts),
    ]


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        return _joined([_emphasised(block.caption), _table(block.data) if block.data else ""])
    if isinstance(block, Fold):
        return _joined([markdown_line(block.summary), _table(block.table)])
    if isinstance(block, Facts):
        return _facts(block)
    return _warning(block.text) if block.strong else markdown_line(block.text)


def _table(table: Table) -> str:
    heads = [markdown_text(column.title) for column in table.columns]
    rows = [[_cell(cell, in_table=True) for cell in filled(row, len(heads))] for row in (*table.rows, *table.totals)]
    body = markdown_table(heads, rows, [column.number for column in table.columns])
    return _joined([_strong(markdown_text(table.caption)), body])


def _facts(facts: Facts) -> str:
    return "\n".join(f"- **{markdown_text(term)}:** {_cell(cell)}" for term, cell in facts.pairs)


def _cell(cell: Cell, in_table: bool = False) -> str:
    """Return text, mark and note of a cell in the order in which the page shows them."""
    text = markdown_code(cell.text, in_table) if cell.code else markdown_text(cell.text)
    if cell.href:
        text = f"[{text}]({_UNSAFE_IN_ADDRESS.sub(_percent_encoded, cell.href)})"
    note = f"({markdown_text(cell.note)})" if cell.note else ""
    return " ".join(filter(None, (text, _strong(markdown_text(cell.mark)), note)))


def _percent_encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _strong(text: str) -> str:
    return f"**{text}**" if text else ""


def _emphasised(text: str) -> str:
    return f"*{markdown_text(text)}*" if text else ""


def _warning(text: str) -> str:
    return f"> {markdown_line(text)}"
