"""Reads a page, Markdown set as a page, or CSV back into tables and lines, so that forms can be compared."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

VOID = {"meta", "br", "hr", "img", "link", "input", "wbr"}
LINES = {"h1", "h2", "p", "figcaption", "dt", "dd", "li"}
"""Elements whose text is a line of the report."""


@dataclass
class Read:
    """A cell as it reads: its text, and what stands beside it."""

    text: str = ""
    mark: str = ""
    note: str = ""
    href: str = ""
    number: bool = False
    span: int = 1

    def __str__(self) -> str:
        return " ".join(filter(None, (self.text, self.mark, self.note and f"({self.note})")))


@dataclass
class ReadTable:
    """A table as it reads, heads first."""

    caption: str = ""
    rows: list[list[Read]] = field(default_factory=list)


class Page(HTMLParser):
    """The tables and the lines of a page, what stands in drawings and in the contents left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[ReadTable] = []
        self.lines: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def inside(self, *tags: str) -> bool:
        return any(tag in tags for tag, _ in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag in VOID:
            return
        self.open.append((tag, given.get("class") or ""))
        if tag == "table":
            self.tables.append(ReadTable())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("th", "td"):
            self.tables[-1].rows[-1].append(
                Read(number=given.get("class") == "number", span=int(given.get("colspan") or 1))
            )
        elif tag == "a" and self.inside("table"):
            self.tables[-1].rows[-1][-1].href = given["href"] or ""
        elif tag in LINES:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.inside("style", "svg", "title", "nav") or not self.open:
            return
        self.text += data
        if self.inside("th", "td"):
            cell, classes = self.tables[-1].rows[-1][-1], {look for _, look in self.open}
            part = "mark" if "mark" in classes else "note" if "note" in classes else "text"
            setattr(cell, part, getattr(cell, part) + data)
        elif self.inside("caption"):
            self.tables[-1].caption += data
        elif self.inside(*LINES) and "eyebrow" not in self.open[-1][1]:
            self.lines[-1] += f" ({data})" if self.open[-1][1] == "note" else data


def set_as_page(markdown: str) -> Page:
    """Render Markdown as GitHub does; a line before a table is its caption."""
    return Page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))


def blocks(text: str) -> list[list[list[str]]]:
    """Return the blocks of rows of a CSV file that empty lines part."""
    found: list[list[list[str]]] = [[]]
    for row in csv.reader(io.StringIO(text)):
        if row:
            found[-1].append(row)
        else:
            found.append([])
    return found
