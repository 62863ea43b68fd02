"""The page, the Markdown and the CSV of a report say the same, in the same order, and add up."""

from __future__ import annotations

import re
from typing import Any

import pytest

from planner.report.html import render_html
from planner.report.markdown import render_markdown
from planner.report.tables import render_csv
from tests.report.documents import document
from tests.report.pages import Page, ReadTable, blocks, set_as_page


@pytest.fixture(params=["small", "folded", "starter"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "starter":
        return request.getfixturevalue("starter")
    small = document()
    if request.param == "folded":
        rental = small["decisions"]["rentals"][0]
        small["decisions"]["rentals"] = [rental | {"offer": f"offer-{n}", "usd": 10.4 + n} for n in range(40)]
    return small


def tables(page: Page) -> list[ReadTable]:
    """The tables of a page, those that are cut to be unfolded put together again."""
    found: list[ReadTable] = []
    for table in page.tables:
        if found and table.caption == found[-1].caption:
            found[-1].rows += table.rows[1:]
        else:
            found.append(table)
    return found


def as_number(text: str) -> str:
    """The number that a text of the page shows, in plain digits, and the text itself where it shows none."""
    shown = re.fullmatch(r"([−+]?)([\d,]+(?:\.\d+)?)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?( %)?", text)
    if shown is None:
        return text
    sign, digits, power, percent = shown.groups()
    up = int("".join("-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".index(one)] for one in power)) if power else 0
    value = float(digits.replace(",", "")) * 10.0**up / (100 if percent else 1)
    return f"{-value if sign == '−' else value:.12g}"


def test_markdown_has_every_table_of_the_page_cell_by_cell(made: dict[str, Any]) -> None:
    page, markdown = Page(render_html(made)), set_as_page(render_markdown(made))
    wanted, found = tables(page), markdown.tables
    assert len(wanted) == len(found) > 10
    for table, mine in zip(wanted, found, strict=True):
        assert table.caption in markdown.lines
        for row, cells in zip(table.rows, mine.rows, strict=True):
            spread = [text for cell in row for text in (str(cell), *[""] * (cell.span - 1))]
            assert [cell.text for cell in cells] == spread
            assert [cell.href for cell in cells if cell.href] == [cell.href for cell in row if cell.href]


def test_markdown_has_every_line_of_the_page_in_its_order(made: dict[str, Any]) -> None:
    wanted = [" ".join(line.split()) for line in Page(render_html(made)).lines if line.strip()]
    text = " ".join(" ".join(set_as_page(render_markdown(made)).lines).split())
    at = 0
    for line in wanted:
        found = text.find(line, at)
        assert found >= 0, line
        at = found + len(line)
    assert len(wanted) > 50


def test_markdown_sets_numbers_flush_right(made: dict[str, Any]) -> None:
    heads = [row for table in tables(Page(render_html(made))) for row in table.rows[:1]]
    ruled = [line for line in render_markdown(made).splitlines() if re.fullmatch(r"\|( -{3}:? \|)+", line)]
    assert [[cell.number for cell in row] for row in heads] == [
        [part.endswith(":") for part in line.strip("| ").split(" | ")] for line in ruled
    ]


def test_csv_has_every_table_of_the_page_cell_by_cell(made: dict[str, Any]) -> None:
    wanted = tables(Page(render_html(made)))
    found = [block for block in blocks(render_csv(made)) if len(block) > 1 and len(block[0]) == 2]
    assert [table.caption for table in wanted] == [block[0][1] for block in found]
    for table, (_, heads, *rows) in zip(wanted, found, strict=True):
        titles, *body = table.rows
        noted = heads[-1] == "Note"
        assert heads[: len(heads) - noted] == [str(cell) for cell in titles]
        assert noted == any(cell.note or cell.href or (cell.mark and cell.text) for row in body for cell in row)
        for row, cells in zip(body, rows, strict=True):
            at = 0
            for cell in row:
                text = cell.text or cell.mark
                numeric = titles[at].number
                assert (as_plain(cells[at]) if numeric else cells[at]) == (as_number(text) if numeric else text)
                assert set(cells[at + 1 : at + cell.span]) <= {""}
                at += cell.span
            for cell in row:
                for beside in (cell.note, cell.href, cell.mark if cell.text else ""):
                    assert not beside or beside in cells[-1]


def as_plain(text: str) -> str:
    """A number of the CSV in the same digits, whatever its zeros; other text stays."""
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return text


def test_csv_has_every_line_of_the_page_in_its_order(made: dict[str, Any]) -> None:
    said = [cell for block in blocks(render_csv(made)) for row in block for cell in row]
    page = Page(render_html(made))
    at = 0
    for line in (line for line in page.lines if line.strip()):
        text = " ".join(line.split())
        whole = next((n for n in range(at, len(said)) if as_plain(said[n]) == as_number(text)), None)
        if whole is None:  # a fact with its note stands in two cells
            whole = next((n for n in range(at, len(said) - 1) if f"{said[n]} ({said[n + 1]})" == text), None)
        if whole is None and text.endswith(")"):
            share, _, note = text[:-1].partition(" (")
            whole = next(
                n for n in range(at, len(said) - 1) if (as_plain(said[n]), said[n + 1]) == (as_number(share), note)
            )
        assert whole is not None, text
        at = whole


def test_totals_of_the_csv_are_the_sums_of_its_rows(made: dict[str, Any]) -> None:
    checked = 0
    for block in blocks(render_csv(made)):
        totals = [row for row in block if row[0] == "Total"]
        if not totals:
            continue
        heads, rows = block[1], block[2 : block.index(totals[0])]
        for column, title in enumerate(heads):
            if totals[0][column] and ("20" in title or title in ("Total", "USD", "Servers", "GPUs")):
                amounts = [float(row[column]) for row in rows if row[column] != "–"]
                assert sum(amounts) == float(totals[0][column]), (block[0], title)
                checked += 1
    assert checked >= 5


def test_a_spreadsheet_reads_plain_numbers() -> None:
    small = document()
    small["decisions"]["purchases"][0]["usd"] = -1_234_567.4
    text = render_csv(small)
    assert "-1234567" in text
    assert "1,234,567" not in text
    assert "0.500" in text, "an internal rate of return of 50.0 %"
    assert "2.5E-13" in text
