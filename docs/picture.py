"""Makes docs/report.png, the README's picture: the top of a report as Chromium shows it.

Run `make plan` first, or name another report: python docs/picture.py out/llm-platform/report.html
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
REPORT = HERE.parent / "out" / "llm-platform" / "report.html"
WIDTH, MARGIN = 1280, 40


def main(report: Path = REPORT) -> None:
    """Take the picture, in light and without a network, down to the end of the first chart."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(color_scheme="light", viewport={"width": WIDTH, "height": 900}, offline=True)
        page.goto(report.resolve().as_uri())
        end = page.locator("figure").first.evaluate("figure => figure.getBoundingClientRect().bottom") + MARGIN
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": end}
        page.screenshot(path=HERE / "report.png", full_page=True, clip=clip)
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
