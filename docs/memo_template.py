"""Writes templates/memo.docx, the Word template of the memo; run it after a change. Needs the extra `office`.

A template of one's own starts from a copy of that file. Its tags are those of docxtpl: `{{ memo.title }}` sets text,
`{%p … %}`, `{%tr … %}` and `{%tc … %}` take away the paragraph, row or cell in which they stand.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

TARGET = Path(__file__).parent.parent / "templates" / "memo.docx"
FONT = "Arial"
INK, SOFT, MARK, RULE = RGBColor(0x1B, 0x1F, 0x24), RGBColor(0x57, 0x60, 0x6A), RGBColor(0x8A, 0x3B, 0x00), "D9DEE4"
WIDTH = Mm(178)
TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="%s"><w:name w:val="%s"/><w:tblPr><w:tblBorders>
<w:top w:val="single" w:sz="4" w:color="{RULE}"/><w:bottom w:val="single" w:sz="4" w:color="{RULE}"/>
<w:insideH w:val="single" w:sz="4" w:color="{RULE}"/></w:tblBorders><w:tblCellMar>
<w:top w:w="30" w:type="dxa"/><w:left w:w="50" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/>
<w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"""
STYLES: tuple[tuple[str, float, RGBColor, bool, float, float], ...] = (
    ("Memo Kind", 9, SOFT, False, 0, 2),
    ("Memo Asked", 12, INK, False, 2, 6),
    ("Memo Caption", 8.5, INK, True, 8, 3),
    ("Memo Mind", 8.5, MARK, False, 3, 3),
    ("Memo Head", 7.5, SOFT, False, 0, 0),
    ("Memo Head Number", 7.5, SOFT, False, 0, 0),
    ("Memo Cell", 8, INK, False, 0, 0),
    ("Memo Number", 8, INK, False, 0, 0),
    ("Memo Total", 8, INK, True, 0, 0),
    ("Memo Total Number", 8, INK, True, 0, 0),
    ("Memo Note", 7, SOFT, False, 0, 0),
    ("Memo Note Number", 7, SOFT, False, 0, 0),
    ("Memo Mark", 8, MARK, False, 0, 0),
)
"""Name, size, colour, bold, space before and after; those of numbers are set flush right."""


def build() -> bytes:
    """Return the template; the same every time."""
    made = Document()
    _page(made)
    _styles(made)
    _body(made)
    stream = io.BytesIO()
    made.save(stream)
    return _timeless(stream.getvalue())


def _page(made: Any) -> None:
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(16)
    page.top_margin, page.bottom_margin = Mm(18), Mm(18)
    foot = page.footer.paragraphs[0]
    foot.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    foot.text = "{{ memo.title }}\t"
    for text in ("PAGE", " / ", "NUMPAGES"):
        _field(foot, text) if text.isalpha() else foot.add_run(text)


def _field(paragraph: Any, code: str) -> None:
    """Add a number that the reader's program counts."""
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()
        tag = f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>'
        run._r.append(parse_xml(tag if kind else f"<w:instrText {nsdecls('w')}> {code} </w:instrText>"))


def _styles(made: Any) -> None:
    normal = made.styles["Normal"]
    _font(normal, 9.5, INK, bold=False)
    normal.paragraph_format.space_before, normal.paragraph_format.space_after = Pt(4), Pt(4)
    normal.element.rPr.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US"/>'))
    for name, size in (("Title", 20), ("Heading 1", 13)):
        style = made.styles[name]
        _font(style, size, INK, bold=True)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(14 if size < 20 else 0), Pt(4)
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
    _font(made.styles["Footer"], 7.5, SOFT, bold=False)
    tabs = made.styles["Footer"].element.pPr.find(qn("w:tabs"))
    tabs.getparent().remove(tabs)
    for name, size, colour, bold, before, after in STYLES:
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, size, colour, bold=bold)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = name == "Memo Caption"
        if name.endswith("Number"):
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for key, name in (("MemoTable", "Memo Table"), ("MemoFacts", "Memo Facts")):
        made.styles.element.append(parse_xml(TABLE_STYLE % (key, name)))


def _font(style: Any, size: float, colour: RGBColor, *, bold: bool) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.color.rgb = FONT, Pt(size), bold, colour
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:hAnsi"), FONT)


def _body(made: Any) -> None:
    for style, text in (
        ("Memo Kind", "{{ memo.kind }}"),
        ("Title", "{{ memo.title }}"),
        ("Normal", "{%p if memo.description %}"),
        ("Normal", "{{ memo.description }}"),
        ("Normal", "{%p endif %}"),
        ("Memo Kind", "Prices as of {{ memo.written }}"),
        ("Normal", "{%p for section in memo.sections %}"),
        ("Heading 1", "{{ loop.index }}. {{ section.title }}"),
        ("Normal", "{%p for block in section.blocks %}"),
        ("Normal", '{%p if block.kind == "text" and block.strong %}'),
        ("Memo Mind", "{{ block.text }}"),
        ("Normal", '{%p elif block.kind == "text" and section.id == "decision" %}'),
        ("Memo Asked", "{{ block.text }}"),
        ("Normal", '{%p elif block.kind == "text" %}'),
        ("Normal", "{{ block.text }}"),
        ("Normal", '{%p elif block.kind == "facts" %}'),
    ):
        made.add_paragraph(text, style)
    _facts(made)
    made.add_paragraph('{%p elif block.kind == "table" %}', "Normal")
    made.add_paragraph("{{ block.caption }}", "Memo Caption")
    _table(made)
    for tag in ("endif", "endfor", "endfor"):
        made.add_paragraph(f"{{%p {tag} %}}", "Normal")


def _facts(made: Any) -> None:
    table = _new(made, 3, (0.26, 0.74), "Memo Facts")
    _say(table.cell(0, 0), ("Memo Cell", "{%tr for term, cell in block.pairs %}"))
    _say(table.cell(1, 0), ("Memo Head", "{{ term }}"))
    _say(table.cell(1, 1), *_content("Memo Cell", "Memo Note"))
    _say(table.cell(2, 0), ("Memo Cell", "{%tr endfor %}"))


def _table(made: Any) -> None:
    table = _new(made, 7, (0.1, 0.8, 0.1), "Memo Table")
    _across(table.rows[0], "for column in block.columns", _either("Memo Head", "{{ column.title }}"))
    _repeated(table.rows[0])
    for start, kind, style in ((1, "rows", "Memo Cell"), (4, "totals", "Memo Total")):
        _say(table.cell(start, 0), ("Memo Cell", f"{{%tr for row in block.{kind} %}}"))
        numbers = "Memo Number" if style == "Memo Cell" else "Memo Total Number"
        lines = [
            ("Memo Cell", "{%p if column.number and cell.span == 1 %}"),
            *_content(numbers, "Memo Note Number"),
            ("Memo Cell", "{%p else %}"),
            *_content(style, "Memo Note"),
            ("Memo Cell", "{%p endif %}"),
        ]
        _across(
            table.rows[start + 1], "for cell, column in row | placed(block.columns)", lines, "{% colspan cell.span %}"
        )
        _say(table.cell(start + 2, 0), ("Memo Cell", "{%tr endfor %}"))


def _new(made: Any, rows: int, shares: tuple[float, ...], style: str) -> Any:
    table = made.add_table(rows, len(shares))
    table.style = made.styles[style]
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int(WIDTH * share)
        for cell in column.cells:
            cell.width = int(WIDTH * share)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    return table


def _either(style: str, text: str) -> list[tuple[str, str]]:
    """Return lines of which one is kept: flush right for numbers, else left."""
    return [
        ("Memo Cell", "{%p if column.number %}"),
        (f"{style} Number", text),
        ("Memo Cell", "{%p else %}"),
        (style, text),
        ("Memo Cell", "{%p endif %}"),
    ]


def _content(style: str, note: str) -> list[tuple[str, str]]:
    """Return what is said of a cell: its text, its mark, its note, its address."""
    return [
        ("Memo Cell", "{%p if cell.text or not cell.mark %}"),
        (style, "{{ cell.text }}"),
        ("Memo Cell", "{%p endif %}"),
        ("Memo Cell", "{%p if cell.mark %}"),
        ("Memo Mark", "{{ cell.mark }}"),
        ("Memo Cell", "{%p endif %}"),
        ("Memo Cell", "{%p if cell.note %}"),
        (note, "{{ cell.note }}"),
        ("Memo Cell", "{%p endif %}"),
        ("Memo Cell", "{%p if cell.href %}"),
        (note, "{{ cell.href }}"),
        ("Memo Cell", "{%p endif %}"),
    ]


def _across(row: Any, loop: str, lines: list[tuple[str, str]], first: str = "") -> None:
    """Fill a row of three cells: the one in the middle is repeated."""
    before, middle, after = row.cells
    _say(before, ("Memo Cell", f"{{%tc {loop} %}}"))
    _say(middle, *lines)
    if first:
        middle.paragraphs[1].runs[0].text = first + middle.paragraphs[1].runs[0].text
    _say(after, ("Memo Cell", "{%tc endfor %}"))


def _say(cell: Any, *lines: tuple[str, str]) -> None:
    for n, (style, text) in enumerate(lines):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        paragraph.style = cell.part.document.styles[style]
        paragraph.add_run(text)


def _repeated(row: Any) -> None:
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))


def _timeless(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_bytes(build())
