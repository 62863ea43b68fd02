"""Whatever a free text says, every form of the report shows it as text, and shows what would not be seen."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from planner.catalog.load import load_catalog
from planner.catalog.schema import CatalogFile
from planner.cli.output import Format, write_rows
from planner.errors import InputError
from planner.plaintext import markdown_code, markdown_table
from planner.report.html import render_html
from planner.report.markdown import render_markdown
from planner.report.tables import render_csv
from planner.scenario.load import load_scenario
from planner.scenario.price_book import PriceBook
from planner.scenario.schema import Scenario
from tests.hostile.conftest import STAND_IN
from tests.hostile.texts import ALONE, CONTROLS, KEPT, UNSEEN, shown, text_fields, unseen
from tests.report.documents import document
from tests.report.pages import Page, set_as_page

Made = Callable[[str], dict[str, Any]]
Written = Callable[[str], tuple[Path, Path, set[str]]]
ACTIVE = {"script", "img", "iframe", "object", "embed", "link", "form", "input", "base", "b", "em", "del", "h3", "hr",
          "blockquote", "pre", "ol"}  # fmt: skip
"""What no text may become; emphasis, rules and lists of the report itself stand for themselves in Markdown."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def active(page: Page) -> list[str]:
    return sorted(tag for tag, _ in page.tags if tag in ACTIVE)


def times(text: str, page: str) -> int:
    """How often a text stands on a page; where it begins a sentence, its first letter is a capital."""
    return squeezed(page).lower().count(squeezed(text).lower())


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_every_free_text_of_catalog_and_scenario_is_tried(written: Written) -> None:
    assert written("text")[2] | KEPT == text_fields(CatalogFile) | text_fields(Scenario) | text_fields(PriceBook)


def code_of(markdown: str) -> list[str]:
    """Return the texts of all code spans, as GitHub's Markdown has them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    return [part.content for token in tokens for part in token.children or () if part.type == "code_inline"]


@pytest.mark.parametrize("text", [*ALONE, *UNSEEN, *CONTROLS])
def test_a_text_is_text_on_the_page(with_text: Made, text: str) -> None:
    plain, page = Page(render_html(with_text(STAND_IN))), Page(render_html(with_text(text)))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert times(shown(text), page.text) >= times(STAND_IN, plain.text) > 10
    assert not any(unseen(one) for one in page.text.replace("\n", ""))


@pytest.mark.parametrize("text", [*ALONE, *UNSEEN, *CONTROLS])
def test_a_text_is_text_in_markdown(with_text: Made, text: str) -> None:
    plain = set_as_page(render_markdown(with_text(STAND_IN)))
    made = render_markdown(with_text(text))
    page = set_as_page(made)
    without_code = [[tag for tag, _ in one.tags if tag != "code"] for one in (page, plain)]
    assert without_code[0] == without_code[1], "the text made or unmade an element"
    assert times(shown(text), page.text) >= times(STAND_IN, plain.text) > 10
    assert not any(unseen(one) for one in made.replace("\n", ""))


@pytest.mark.parametrize(
    "text",
    ["planner plan a.yaml --set 'x<y' --set \"p=$5\"", "a | b", "a\\b", "c:\\d | e", "`", "a`b``c", "``",
     "*a* _b_ [c](d) &lt; ~~e~~", "a\\", "\\|", "|", " a", "a "],
)  # fmt: skip
def test_code_comes_back_from_markdown_as_it_is(text: str) -> None:
    """In a line, in the report's own, and in a table, where no span can hold a backslash before a pipe."""
    assert code_of(f"- **Command:** {markdown_code(text)}") == [text]
    assert text in code_of(render_markdown(document(command=text)))
    table = markdown_table(["a", "b"], [[markdown_code(text, in_table=True), "end"]], [False, False])
    assert code_of(table) == ([text] if "\\|" not in text else [])
    assert [cell.text.strip() for cell in set_as_page(table).tables[0].rows[1]] == [text.strip(), "end"]


@pytest.mark.parametrize("text", [*ALONE, *UNSEEN, *CONTROLS])
def test_a_text_is_text_in_a_spreadsheet(with_text: Made, text: str) -> None:
    plain, made = (list(csv.reader(io.StringIO(render_csv(with_text(one))))) for one in (STAND_IN, text))
    assert [len(row) for row in made] == [len(row) for row in plain]
    cells = [cell for row in made for cell in row]
    assert not [one for one in cells if one.lstrip(" ").startswith(FORMULA) and not re.fullmatch(r"-[\d.E-]+", one)]
    assert times(shown(text), "\n".join(cells)) >= times(STAND_IN, "\n".join(map("\n".join, plain))) > 10
    assert not any(unseen(one) for cell in cells for one in cell)


@pytest.mark.parametrize("form", [Format.table, Format.md, Format.csv, Format.json])
@pytest.mark.parametrize("text", [*ALONE, *UNSEEN, *CONTROLS])
def test_a_text_is_text_on_a_terminal(text: str, form: Format, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"id": text, "value": 1.0, text: text}], form)
    made = capsys.readouterr().out
    assert not any(unseen(one) for one in made.replace("\n", ""))
    if form is Format.table:
        assert squeezed(shown(text)) in squeezed(made)
    elif form is Format.md:
        assert not active(set_as_page(made))


def test_all_texts_at_once_go_the_whole_way_from_the_files(planned: Made) -> None:
    text = " ; ".join([*ALONE, *UNSEEN])
    assert len(text) < 2000
    made = planned(text)
    page, markdown = Page(render_html(made)), set_as_page(render_markdown(made))
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert not {tag for tag, _ in markdown.tags} & {"script", "img"}
    for one in (page, markdown):
        links = {str(given["href"]) for tag, given in one.tags if tag == "a"}
        assert all(link.startswith("#") for link in links), "an address that does not begin with https:// is no link"
        assert squeezed(shown(text)) in squeezed(one.text)
    assert squeezed(shown(text)) in squeezed(render_csv(made).replace('""', '"'))


@pytest.mark.parametrize(
    "rest", [")![x](http://e.org/x)", '" onclick="alert(1)', "<script>", "a b|c`d\\", "\u202egpj.exe"]
)
def test_an_address_ends_where_it_ends(with_text: Made, rest: str) -> None:
    made = with_text(STAND_IN)
    for source in made["sources"].values():
        source["url"] = f"https://example.org/{rest}"
    for page in (Page(render_html(made)), set_as_page(render_markdown(made))):
        links = [
            str(given["href"]) for tag, given in page.tags if tag == "a" and not str(given["href"]).startswith("#")
        ]
        assert links
        assert all(link.startswith("https://example.org/") for link in links)
        assert not [given for tag, given in page.tags if "onclick" in given or tag in ("script", "img")]


def test_the_longest_text_is_shown_and_a_longer_one_is_refused_in_short(planned: Made, written: Written) -> None:
    made = planned("W" * 2000)
    for form in (render_html, render_markdown, render_csv):
        assert "W" * 2000 in form(made)
    path, prices, _ = written("W" * 10_000)
    with pytest.raises(InputError) as caught:
        load_catalog(prices)
    assert all(len(line) < 200 for line in str(caught.value).splitlines())
    assert "at most 2000" in str(caught.value)
    with pytest.raises(InputError) as caught:
        load_scenario(path, load_catalog(written("text")[1]))
    assert {one.field.rpartition(".")[2] for one in caught.value.complaints} >= {"description", "unit", "speed_source"}
    assert all(len(line) < 200 for line in str(caught.value).splitlines())


@pytest.mark.parametrize("control", ["\x1b[31m", "\x07", "\x9b", "\x00", "\ufffe"])
def test_control_characters_are_refused_in_files(written: Written, control: str) -> None:
    path, prices, _ = written("text")
    path.write_bytes(path.read_bytes().replace(b"text", f"te{control}xt".encode()))
    with pytest.raises(InputError) as caught:
        load_scenario(path, load_catalog(prices))
    assert "control character" in str(caught.value) or "not YAML" in str(caught.value)
    assert not any(unseen(one) for one in str(caught.value).replace("\n", ""))
