"""The memo as a Word file, filled into a template: the shipped one, or one of the user's own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from planner.errors import Complaint, InputError, Place
from planner.plaintext import readable
from planner.report.memo.contents import Memo, memo, without_pictures
from planner.report.memo.template import blamed, environment, read_template
from planner.resources import shipped

MOST_UNPACKED = 50_000_000
TABLE_STYLE = "MemoTable"
"""Tables of this style are set to widths that fit their words; all others stay as their template has them."""
_TITLE = 255
_LETTER, _PADDING = 96, 150
"""Width of a letter and of a cell's edges, in twentieths of a point."""
_WORD, _WISHED = 22, 42
"""Letters after which a word may be broken, and after which a column need not grow."""
_LINE = 640
"""Height of a line to sign on."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def render_docx(document: dict[str, Any], template: Path | None = None) -> bytes:
    """Return the memo of a plan as a Word file.

    Parameters
    ----------
    document : plan.json as an object
    template : a Word file with tags of docxtpl
    """
    from docxtpl import DocxTemplate

    path = template or shipped("templates") / "memo.docx"
    made = memo(document)
    given = {"memo": _without_pictures(made), "plan": readable(document)}
    data = read_template(path)
    with nullcontext() if template is None else blamed(path, lines=False):
        _check(path, data)
        filled = DocxTemplate(io.BytesIO(data))
        filled.render(given, environment(), autoescape=True)
        for table in filled.docx.element.body.iter(f"{_W}tbl"):
            _fit(table)
        _name(filled.docx.core_properties, made)
        packed = io.BytesIO()
        filled.save(packed)
    return _dated(packed.getvalue(), made.date)


def _without_pictures(made: Memo) -> Memo:
    return replace(made, sections=tuple(without_pictures(made.sections)))


def _check(path: Path, data: bytes) -> None:
    """Refuse what would unpack to far more than a template is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
            raise InputError([Complaint(Place(str(path)), "", f"unpacks to more than {MOST_UNPACKED:,} bytes")])


def _name(properties: Any, made: Memo) -> None:
    day = datetime.fromisoformat(made.date)
    properties.title = f"{made.kind}: {made.title}"[:_TITLE]
    properties.author = properties.last_modified_by = ""
    properties.created = properties.modified = day
    properties.language = "en"


def _dated(data: bytes, day: str) -> bytes:
    """Return the file with the same dates whenever it is made."""
    when = datetime.fromisoformat(day)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (max(when.year, 1980), when.month, when.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


def _fit(table: Any) -> None:
    """Give the columns of a table widths by what stands in them; Word and others disagree when left alone."""
    style, grid = table.find(f"{_W}tblPr/{_W}tblStyle"), table.find(f"{_W}tblGrid")
    if style is None or style.get(f"{_W}val") != TABLE_STYLE:
        return
    columns = grid.findall(f"{_W}gridCol")
    room = sum(int(column.get(f"{_W}w")) for column in columns)
    widths = _widths(list(_letters(table)), len(columns), room)
    for column, width in zip(columns, widths, strict=True):
        column.set(f"{_W}w", str(width))
    for at, cell, span in _cells(table):
        cell.find(f"{_W}tcPr/{_W}tcW").set(f"{_W}w", str(sum(widths[at : at + span])))
    for row in table.iter(f"{_W}tr"):
        if not any(cell.xpath("string()") for cell in row.findall(f"{_W}tc")[1:]):
            height = row.find(f"{_W}trPr").makeelement(f"{_W}trHeight", {f"{_W}val": str(_LINE)})
            row.find(f"{_W}trPr").append(height)


def _cells(table: Any) -> Iterator[tuple[int, Any, int]]:
    """Yield every cell with the column in which it begins, and how many it covers."""
    for row in table.iter(f"{_W}tr"):
        at = 0
        for cell in row.findall(f"{_W}tc"):
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            covered = 1 if span is None else int(span.get(f"{_W}val"))
            yield at, cell, covered
            at += covered


def _letters(table: Any) -> Iterator[tuple[int, int, int]]:
    """Yield column, letters of the longest word and of the longest paragraph of cells that cover one column."""
    for at, cell, span in _cells(table):
        for paragraph in cell.findall(f"{_W}p") if span == 1 else ():
            text = "".join(part.text or "" for part in paragraph.iter(f"{_W}t"))
            yield at, max((len(word) for word in text.split()), default=0), len(text)


def _widths(letters: list[tuple[int, int, int]], count: int, room: int) -> list[int]:
    """Return widths that fill `room`: each column's longest word first, the rest by how much they would like."""
    least, wished = [1] * count, [1] * count
    for at, word, text in letters:
        least[at], wished[at] = max(least[at], min(word, _WORD)), max(wished[at], min(text, _WISHED))
    needs = [_PADDING + _LETTER * one for one in least]
    if sum(needs) >= room:
        return [room * need // sum(needs) for need in needs]
    more = [_LETTER * max(1, want - need) for want, need in zip(wished, least, strict=True)]
    spare = room - sum(needs)
    return [need + spare * extra // sum(more) for need, extra in zip(needs, more, strict=True)]
