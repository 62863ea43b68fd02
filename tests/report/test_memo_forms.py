"""The memo's forms: all say the same, text stays text, files are the same every time, templates can do no harm."""

from __future__ import annotations

import contextlib
import io
import json
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.report.memo.contents import memo
from planner.report.memo.html import render_html
from planner.report.memo.markdown import render_markdown
from planner.report.parts import Facts, Figure, Table, Text
from tests.command import run
from tests.report.documents import document
from tests.report.memos import renting, rich
from tests.report.pages import Page, set_as_page

docx = pytest.importorskip("docx", reason="python-docx is not installed")
pytest.importorskip("docxtpl", reason="docxtpl is not installed")
try:
    import weasyprint  # noqa: F401
except (ImportError, OSError) as error:
    NO_PDF = f"WeasyPrint cannot run: {error}"
else:
    NO_PDF = "" if shutil.which("pdftotext") else "pdftotext (poppler-utils) is not installed"
needs_pdf = pytest.mark.skipif(bool(NO_PDF), reason=NO_PDF)
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
ROOT = Path(__file__).parent.parent.parent
PLANS = pytest.mark.parametrize("made", [document(), rich(), renting()], ids=["small", "rich", "renting"])
HOSTILE = ["<script>alert(1)</script>", "a | b", "=cmd|' /C calc'!A0", "{{ 7 * 7 }}", "{% for %}", "&amp; <w:t>"]


def pdf(made: dict[str, Any], template: Path | None = None) -> bytes:
    from planner.report.memo.pdf import render_pdf

    return render_pdf(made, template)


def word(made: dict[str, Any], template: Path | None = None) -> bytes:
    from planner.report.memo.docx import render_docx

    return render_docx(made, template)


def text_of_pdf(data: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, timeout=60, check=True)
    return done.stdout.decode()


def inflated(data: bytes) -> bytes:
    """Return a PDF with what its streams hold after it."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    held = []
    for one in streams:
        with contextlib.suppress(zlib.error):
            held.append(zlib.decompress(one))
    return b"\n".join([data, *held])


def text_of_word(data: bytes) -> str:
    body = docx.Document(io.BytesIO(data)).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(T)) for p in body.iter(P))


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
P, T = f"{W}p", f"{W}t"
READERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "html": lambda made: Page(render_html(made)).text,
    "md": lambda made: set_as_page(render_markdown(made)).text,
    "docx": lambda made: text_of_word(word(made)),
    "pdf": lambda made: text_of_pdf(pdf(made)),
}
FORMS = [pytest.param(form, marks=needs_pdf if form == "pdf" else ()) for form in READERS]


def bare(text: str) -> str:
    """Return a text without spaces and without the hyphens at which lines are broken."""
    return re.sub(r"[\s\N{SOFT HYPHEN}\f]+", "", text)


def words(made: dict[str, Any]) -> list[str]:
    """Return every piece of text of a memo."""
    found = []
    for section in memo(made).sections:
        found.append(section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                found.append(block.text)
            elif isinstance(block, Facts):
                found += [piece for term, cell in block.pairs for piece in (term, cell.text, cell.note)]
            elif isinstance(block, Table):
                cells = [cell for row in (*block.rows, *block.totals) for cell in row]
                found += [block.caption, *(column.title for column in block.columns)]
                found += [piece for cell in cells for piece in (cell.text, cell.mark, cell.note)]
            else:
                assert isinstance(block, Figure)
    return [piece for piece in found if piece]


@PLANS
@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_every_word_and_figure(made: dict[str, Any], form: str) -> None:
    if form == "pdf" and made == document():
        pytest.skip("a PDF takes seconds, and the others say more")
    text = bare(READERS[form](made))
    missing = [piece for piece in words(made) if bare(piece) not in text]
    assert missing == []


@pytest.mark.parametrize("form", FORMS)
def test_text_of_the_input_stays_text(form: str) -> None:
    bad = " ".join(HOSTILE)
    made = rich(scenario=bad, description=bad, command=bad)
    made["verdict"]["reason"] = f"Buy: {bad}"
    made["decisions"]["purchases"][0] |= {"server": bad, "site": bad, "financing": bad}
    made["evidence"][0] |= {"row": f"{bad}/x", "note": bad}
    made["sources"]["list"]["title"] = bad
    made["inputs"][0] |= {"input": bad, "source": bad}
    made["prices_that_change_the_answer"][0]["option"] = bad
    made["finance"]["financing"][1] |= {"name": bad, "server": bad}
    assert bare(READERS[form](made)).count(bare(bad)) >= 8


def test_no_markup_of_the_input_is_read_by_a_page() -> None:
    page = Page(render_html(rich(scenario="<script>alert(1)</script>")))
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "img", "link", "object", "form"}


@PLANS
def test_markdown_has_whole_tables(made: dict[str, Any]) -> None:
    page = set_as_page(render_markdown(made))
    tables = [one for section in memo(made).sections for one in section.blocks if isinstance(one, Table)]
    assert [len(one.rows) for one in page.tables] == [1 + len(one.rows) + len(one.totals) for one in tables]
    assert all(len(row) == len(table.rows[0]) for table in page.tables for row in table.rows)


@PLANS
def test_word_tables_are_real_and_repeat_their_heads(made: dict[str, Any]) -> None:
    shown = docx.Document(io.BytesIO(word(made)))
    ours = [one for one in shown.tables if one.style.name == "Memo Table"]
    tables = [one for section in memo(made).sections for one in section.blocks if isinstance(one, Table)]
    assert len(ours) == len(tables)
    for found, table in zip(ours, tables, strict=True):
        assert len(found._tbl.findall(f"{W}tr")) == 1 + len(table.rows) + len(table.totals)
        heads = [row for row in found._tbl.iter(f"{W}tr") if row.find(f"{W}trPr/{W}tblHeader") is not None]
        assert len(heads) == 1
        widths = [int(column.get(f"{W}w")) for column in found._tbl.find(f"{W}tblGrid")]
        assert len(widths) == len(table.columns)
        assert min(widths) > 200
        assert 10_000 <= sum(widths) <= 10_200, "as wide as the page"
    headings = [p.text for p in shown.paragraphs if p.style.name == "Heading 1"]
    assert headings == [f"{n}. {one.title}" for n, one in enumerate(memo(made).sections, start=1)]


@pytest.mark.parametrize("form", ["html", "md", "docx", pytest.param("pdf", marks=needs_pdf)])
def test_the_same_plan_gives_the_same_file_byte_by_byte(form: str, starter: dict[str, Any], tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(starter), encoding="utf-8")
    made = []
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}.{form}"
        command = [sys.executable, "-m", "planner", "memo", str(plan), "--to", form, "-o", str(target)]
        environment = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": f"UTC{seed}", "HOME": str(tmp_path)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120, capture_output=True)
        made.append(target.read_bytes())
    assert made[0] == made[1]


@needs_pdf
def test_the_pdf_is_tagged_named_and_dated_by_the_plan() -> None:
    data = inflated(pdf(rich()))
    assert data.startswith(b"%PDF-1.7")
    for key in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"/DisplayDocTitle true", b"pdfuaid:part"):
        assert key in data, key
    assert b"20261121" in data
    tags = set(re.findall(rb"/S /(\w+)", data))
    assert {b"H1", b"H2", b"Table", b"TH", b"TD", b"TR", b"Figure", b"Caption", b"P"} <= tags
    assert data.count(b"/S /Figure") == len(re.findall(rb"/Alt \(\w", data)) == 2
    scopes = set(re.findall(rb"/Scope /(\w+)", data))
    assert {b"Row", b"Column"} <= scopes or b"/Headers" in data


@needs_pdf
def test_pages_of_the_pdf_are_numbered_and_heads_of_long_tables_repeated() -> None:
    made = rich()
    made["evidence"] += [made["evidence"][0] | {"row": f"big/{n}"} for n in range(90)]
    text = text_of_pdf(pdf(made))
    pages = text.split("\f")[:-1]
    assert all(f"{n} / {len(pages)}" in page for n, page in enumerate(pages, start=1))
    assert sum("Assumption, unit" in page for page in pages) >= 3


@needs_pdf
@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x.png", "https://example.org/x.png", "file:///etc/hostname", "ftp://example.org/x"]
)
def test_nothing_is_fetched_for_a_pdf(address: str, tmp_path: Path) -> None:
    own = tmp_path / "own.html"
    own.write_text(f"<html lang='en'><title>a</title><img alt='a' src='{address}'></html>", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.html"):
        pdf(document(), own)


@needs_pdf
def test_pictures_that_stand_in_a_template_are_printed(tmp_path: Path) -> None:
    own = tmp_path / "own.html"
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"
    own.write_text(f'<html lang="en"><title>a</title><p>{{{{ memo.title }}}}</p><img alt="dot" src="{dot}"></html>')
    assert "small" in text_of_pdf(pdf(document(), own))


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("one\n{{ memo.title }\n", 2, "unexpected"),
        ("one\ntwo {% if %}", 2, "Expected an expression"),
        ("one\n\n{{ memo.nothing }}", 3, "no attribute 'nothing'"),
        ("{{ plan.nothing.more }}", 1, "nothing"),
        ("a\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
        ("a\n{{ memo.__init__.__globals__ }}", 2, "unsafe"),
        ("a\n{{ plan.clear() }}", 2, "unsafe"),
        ("a\n{% include '/etc/passwd' %}", 2, "passwd"),
        ("a\n{% include '../pyproject.toml' %}", 2, "pyproject"),
        ("a\n{{ 1 / 0 }}", 2, "ZeroDivisionError"),
        ("a\n{{ range(10000000) | list }}", 2, "Range too big"),
    ],
)
def test_what_is_wrong_with_a_template_is_named_with_its_line(
    source: str, line: int, said: str, tmp_path: Path
) -> None:
    own = tmp_path / "own.html"
    own.write_text(source, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        render_html(document(), own)
    (complaint,) = caught.value.complaints
    assert complaint.place.file == str(own)
    assert complaint.place.line == line
    assert said in complaint.message


def test_a_template_of_ones_own_is_given_the_memo_and_the_plan(tmp_path: Path) -> None:
    own = tmp_path / "own.html"
    own.write_text(
        '{% extends "memo.html" %}{% block top %}<h1>Ours: {{ memo.title }}, {{ plan.tco.plan.present_usd | money }}, '
        '{{ memo.section["decision"].title }}</h1>{% endblock %}',
        encoding="utf-8",
    )
    page = render_html(document(scenario="<b>"), own)
    assert "<h1>Ours: &lt;b&gt;, 198,001 USD, Decision asked</h1>" in page
    assert "Sign-off" in page


def own_word(tmp_path: Path, *paragraphs: str) -> Path:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    path = tmp_path / "own.docx"
    made.save(str(path))
    return path


def test_a_word_template_of_ones_own_is_filled(tmp_path: Path) -> None:
    own = own_word(
        tmp_path, "Ours: {{ memo.title }}", "{%p for one in memo.sections %}", "{{ one.title }}", "{%p endfor %}"
    )
    lines = text_of_word(word(document(scenario="a <b> & c"), own)).splitlines()
    assert lines[:3] == ["Ours: a <b> & c", "Decision asked", "Summary"]


@pytest.mark.parametrize("tag", ["{{ memo.nothing }}", "{% if %}", "{{ ''.__class__.__mro__ }}", "{{ memo.title"])
def test_what_is_wrong_with_a_word_template_is_named(tag: str, tmp_path: Path) -> None:
    own = own_word(tmp_path, "fine", tag)
    with pytest.raises(InputError, match=r"own\.docx: is no template that can be filled"):
        word(document(), own)


def test_what_is_no_word_file_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.docx"
    own.write_bytes(b"no archive")
    with pytest.raises(InputError, match="is no template"):
        word(document(), own)
    with zipfile.ZipFile(own, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    with pytest.raises(InputError, match="unpacks to more than"):
        word(document(), own)
    with pytest.raises(InputError, match="cannot be read"):
        word(document(), tmp_path / "missing.docx")


def test_the_shipped_word_template_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "memo_template.py"))

    def parts(data: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in ("word/document.xml", "word/footer1.xml")}

    assert parts(made["TARGET"].read_bytes()) == parts(made["build"]())


@needs_office
def test_libreoffice_opens_the_word_file(tmp_path: Path) -> None:
    (tmp_path / "memo.docx").write_bytes(word(rich()))
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(tmp_path / "memo.docx")]  # fmt: skip
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    made = (tmp_path / "memo.pdf").read_bytes()
    if shutil.which("pdftotext"):
        text = bare(text_of_pdf(made))
        assert [
            piece for piece in words(rich()) if bare(piece) not in text and piece.isascii() and len(piece) < 20
        ] == []


@pytest.mark.parametrize(("form", "package"), [("pdf", "weasyprint"), ("docx", "docxtpl")])
def test_what_is_missing_is_said_with_its_cure(
    form: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(document()), encoding="utf-8")
    done = run("memo", plan, "--to", form)
    assert done.returncode == 2
    assert "pip install 'gpu-capacity-planner[office]'" in " ".join(done.stderr.split())
    assert not list(tmp_path.glob("memo.*"))


def test_the_command_line(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(document()), encoding="utf-8")
    done = run("memo", str(plan))
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"Written: {tmp_path / 'memo.html'}\n"
    assert run("memo", str(plan), "--to", "md", "-o", "-").stdout.startswith("# small\n")
    assert run("memo", str(plan), "--to", "md", "--template", str(plan)).returncode == 2
    assert run("memo", str(tmp_path / "none.json")).returncode == 3
    bad = tmp_path / "bad.html"
    bad.write_text("\n{{ nothing }}")
    refused = run("memo", str(plan), "--template", str(bad))
    assert refused.returncode == 3
    assert f"{bad}:2: is no template that can be filled" in refused.stderr
