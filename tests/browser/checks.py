"""What can be wrong with a page in a browser: each check returns complaints, none for a good page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PRINTED_HEIGHT, PRINTED_WIDTH = 1009, 680
"""An A4 page without its margins, in CSS pixels."""
SMALLEST_TEXT = 9.5
"""Pixels of type in a drawing, as shown."""


@dataclass
class Opened:
    """A page in the browser, and everything that it said or asked for while it was loaded."""

    page: Any
    address: str
    said: list[str]
    asked: list[str]


@contextmanager
def opened(browser: Any, file: Path, scheme: str = "light", width: int = 1280) -> Iterator[Opened]:
    """Open a file without a network, in light or dark."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True)
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri(), wait_until="load")
    yield Opened(page, file.as_uri(), said, asked)
    context.close()


def noise(one: Opened) -> list[str]:
    """Console messages and requests besides the one for the page."""
    return one.said + [f"asked for {url}" for url in one.asked if url != one.address]


def violations(one: Opened) -> list[str]:
    """Violations of accessibility rules, as axe finds them, also in what is folded away."""
    from axe_playwright_python.sync_playwright import Axe

    one.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = Axe().run(one.page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def overflow(one: Opened) -> list[str]:
    """What makes the page wider than the window."""
    found: list[str] = one.page.evaluate("""() => {
        const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth
        if (wide <= room) return []
        const outside = [...document.body.querySelectorAll('*')].filter(
            e => !e.parentElement.closest('.scroll') && e.getBoundingClientRect().right > room + 1)
        return [`${wide} pixels in ${room}`, ...outside.map(e => e.outerHTML.slice(0, 100))]
    }""")
    return found


def clipped(one: Opened) -> list[str]:
    """Words of the answer that are cut off by the window or by a box around them."""
    found: list[str] = one.page.evaluate("""() => {
        const texts = document.createTreeWalker(document.querySelector('#answer'), NodeFilter.SHOW_TEXT), found = []
        while (texts.nextNode()) {
            const range = document.createRange()
            range.selectNodeContents(texts.currentNode)
            for (const box of range.getClientRects()) {
                let inside = box.left >= 0 && box.right <= innerWidth + 1
                for (let e = texts.currentNode.parentElement; e !== document.documentElement; e = e.parentElement) {
                    const edge = e.getBoundingClientRect(), cuts = getComputedStyle(e).overflow !== 'visible'
                    if (cuts && (box.right > edge.right + 1 || box.bottom > edge.bottom + 1)) inside = false
                }
                if (!inside) found.push(texts.currentNode.data.slice(0, 80))
            }
        }
        return found
    }""")
    return found


def dead_ends(one: Opened) -> list[str]:
    """References inside the page that lead nowhere, and sections that no link leads to."""
    found: list[str] = one.page.evaluate("""() => {
        const links = [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href').slice(1))
        const named = [...document.querySelectorAll('[aria-labelledby]')].flatMap(
            e => e.getAttribute('aria-labelledby').split(' '))
        const missed = [...document.querySelectorAll('main > section:not(#answer)')].map(e => e.id)
        return [...links, ...named].filter(id => !document.getElementById(id)).map(id => `no #${id}`).concat(
            missed.filter(id => !links.includes(id)).map(id => `no link to #${id}`))
    }""")
    return found


def drawings(one: Opened) -> list[str]:
    """Text of drawings that is too pale, too small, cut off or under other text; and drawings that nobody sees."""
    found: list[str] = one.page.evaluate(
        """smallest => {
        const light = text => {
            const parts = text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            const linear = parts.map(p => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4)
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }
        const found = [], ground = light(getComputedStyle(document.body).backgroundColor)
        for (const figure of document.querySelectorAll('figure')) {
            const shown = [...figure.querySelectorAll('svg')].filter(e => e.checkVisibility())
            if (shown.length !== 1) found.push(`${shown.length} drawings in ${figure.innerText.slice(0, 60)}`)
            for (const svg of shown) {
                const frame = svg.getBoundingClientRect()
                const texts = [...svg.querySelectorAll('text')].map(e => [e, e.getBoundingClientRect()])
                texts.forEach(([text, box], n) => {
                    const style = getComputedStyle(text), say = what => found.push(`${what}: ${text.textContent}`)
                    const ink = light(style.fill)
                    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)
                    if (contrast < 4.5) say(`contrast ${contrast.toFixed(1)}`)
                    if (Math.abs(light(style.stroke) - ground) > 1e-6) say('halo is not the ground')
                    const size = parseFloat(style.fontSize) * svg.getScreenCTM().a
                    if (size < smallest) say(`${size.toFixed(1)} pixels`)
                    if (box.left < frame.left - 1 || box.right > frame.right + 1 ||
                        box.top < frame.top - 1 || box.bottom > frame.bottom + 1) say('cut off')
                    for (const [other, there] of texts.slice(n + 1))
                        if (Math.min(box.right, there.right) - Math.max(box.left, there.left) > 1 &&
                            Math.min(box.bottom, there.bottom) - Math.max(box.top, there.top) > 5)
                            say(`over ${other.textContent}`)
                })
            }
        }
        return found
    }""",
        SMALLEST_TEXT,
    )
    return found


def unprinted(one: Opened) -> list[str]:
    """What is folded away on the screen and would be missing on paper."""
    one.page.emulate_media(media="print")
    found: list[str] = one.page.evaluate("""() => [...document.querySelectorAll('details td, figure svg.wide')].filter(
        e => !e.checkVisibility({contentVisibilityAuto: true}) || (e.innerText && !e.getBoundingClientRect().height)
    ).map(e => e.closest('details, figure').innerText.slice(0, 60))""")
    return found


def wasted_paper(one: Opened) -> list[str]:
    """More pages than the text asks for, or text that is wider than the paper."""
    printed = one.page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    one.page.emulate_media(media="print")
    one.page.set_viewport_size({"width": PRINTED_WIDTH, "height": PRINTED_HEIGHT})
    height, width = one.page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    most = math.ceil(height / PRINTED_HEIGHT * 1.25) + 1
    found = [f"{pages} pages where {most} would do"] if not 2 <= pages <= most else []
    return found + ([f"{width} pixels on paper of {PRINTED_WIDTH}"] if width > PRINTED_WIDTH else [])
