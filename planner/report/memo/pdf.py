"""The memo as a tagged PDF, for paper and for those who have it read to them; nothing is fetched for it."""

from __future__ import annotations

import hashlib
import logging
import re
from base64 import b64encode
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from planner.plaintext import readable
from planner.report.memo.contents import Memo, memo
from planner.report.memo.html import page
from planner.report.memo.template import blamed
from planner.report.parts import Block, Figure
from planner.resources import shipped

VARIANT = "pdf/ua-1"
_WIDE = re.compile(r'<svg class="chart wide".*?</svg>', re.DOTALL)
_SAID = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)
_COLOUR = re.compile(r"(--[a-z-]+): (#[0-9a-f]+)")
_USED = re.compile(r"var\((--[a-z-]+)\)")
_DRAWN = re.compile(r"^(?:\.chart|\.line|\.dot|\.fill)[^{]*\{[^}]*\}", re.MULTILINE)
_PLAIN_TEXT = ".chart text { font-family: sans-serif; stroke: none; }"
"""Halos of text need an order of painting that these images do not have."""


def render_pdf(document: dict[str, Any], template: Path | None = None) -> bytes:
    """Return the memo of a plan as PDF/UA.

    Parameters
    ----------
    document : plan.json as an object
    template : a Jinja2 template of the user's own, as for HTML
    """
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # what its CSS lacks is for screens only
    text = page(memo(document), readable(document), template, drawn=_as_images)
    identifier = hashlib.sha256(text.encode()).hexdigest()[:32].encode()
    nobody = weasyprint.urls.URLFetcher(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
    read = weasyprint.HTML(string=text, url_fetcher=nobody, media_type="print")
    with nullcontext() if template is None else blamed(template, lines=False):
        try:
            return bytes(read.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier))
        except weasyprint.urls.FatalURLFetchingError as error:  # which no `except Exception` would see
            raise ValueError(
                f"{error}; nothing is fetched for a memo, pictures stand in it as data: addresses"
            ) from None


def _as_images(made: Memo) -> Memo:
    """Return the memo with its drawings as images that carry their own style."""
    sections = (replace(one, blocks=tuple(map(_as_image, one.blocks))) for one in made.sections)
    return replace(made, sections=tuple(sections))


def _as_image(block: Block) -> Block:
    found = _WIDE.search(block.drawing) if isinstance(block, Figure) else None
    if found is None or not isinstance(block, Figure):
        return block
    svg = found[0].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    svg = svg.replace(">", f"><style>{_style()}</style>", 1)
    said = _SAID.search(svg)
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    image = Markup('<img class="chart" src="{}" alt="{}">').format(source, Markup(said[1]).unescape() if said else "")
    return replace(block, drawing=image)


def _style() -> str:
    """Return the rules of style.css for drawings, with the colours that it prints in: images know no variables."""
    text = (shipped("templates") / "style.css").read_text(encoding="utf-8")
    light = dict(_COLOUR.findall(text.partition("@media print")[2]))
    rules = _DRAWN.findall(text.partition("@media screen")[0])
    return _USED.sub(lambda found: light[found[1]], "".join(rules)) + _PLAIN_TEXT
