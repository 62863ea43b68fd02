"""Price lists that are served in pages: follows them, within limits, into one file."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from planner.errors import Complaint, InputError, Place
from planner.importers.fetch import asking, joined, on_network, overheard, same_host, without_secrets

MAX_PAGES = 2000
MAX_SECONDS = 3600.0
MAX_BYTES = 2_000_000_000
_MAX_PAGE = 32_000_000

Fetch = Callable[[str, Path], Path]
NextPage = Callable[[dict[str, Any], str], str | None]
"""Returns the address of the page after one, from its content and its own address; None after the last."""


def by_link(page: dict[str, Any], address: str) -> str | None:
    """The page says the next one's address: Azure."""
    link = page.get("NextPageLink")
    return joined(address, str(link)) if link else None


def by_token(page: dict[str, Any], address: str) -> str | None:
    """The page says what to ask for next: Google."""
    token = page.get("nextPageToken")
    return asking(address, "pageToken", str(token)) if token else None


def fetch_pages(address: str, folder: Path, fetch: Fetch, next_page: NextPage | None) -> Path:
    """Return the file at `address`; where it is a page of several on the network, all of them one after another.

    Raises
    ------
    InputError
        when a page cannot be had or is broken off, or they lead elsewhere, in a circle or on and on.
    """
    path = fetch(address, folder)
    if next_page is None or not on_network(address):
        return path
    seen, ends, size = [address], time.monotonic() + MAX_SECONDS, path.stat().st_size
    whole = folder.with_suffix(".pages")  # beside, as pages may have any name
    while (following := _following(path, seen[-1], next_page)) is not None:
        _check(following, seen)
        if len(seen) == 1:
            shutil.copyfile(path, whole)
        seen.append(following)
        path = fetch(following, folder)
        size += path.stat().st_size
        if size > MAX_BYTES or time.monotonic() > ends or len(seen) > MAX_PAGES:
            limits = f"{MAX_PAGES:,} pages, {MAX_BYTES:,} bytes or {MAX_SECONDS:g} seconds"
            _refuse(address, f"goes on for more than {limits}", "narrow what is asked for, as with $filter")
        with whole.open("ab") as stream, path.open("rb") as page:
            stream.write(b"\n")
            shutil.copyfileobj(page, stream)
    return whole if len(seen) > 1 else path


def _following(path: Path, address: str, next_page: NextPage) -> str | None:
    """Return the address of the page after `path`; a file that is no page, but all of them, has none."""
    if path.stat().st_size > _MAX_PAGE:
        return None
    text = path.read_text(encoding="utf-8-sig", errors="replace").strip()
    page: Any = None
    try:
        while text:
            page, end = json.JSONDecoder().raw_decode(text)
            text = text[end:].lstrip()
    except (ValueError, RecursionError):
        _refuse(address, "is no JSON, or is broken off")
    page = page[-1] if isinstance(page, list) and page else page
    return next_page(page, address) if isinstance(page, dict) else None


def _check(following: str, seen: list[str]) -> None:
    """Raise InputError when the next page is on another host, open to listeners, or one that was fetched."""
    if not same_host(seen[0], following):
        _refuse(seen[-1], f"leads to another host for its next page: {without_secrets(following)}")
    if overheard(following):
        _refuse(seen[-1], "leads on over http", "use its https address")
    if following in seen:
        _refuse(seen[-1], "leads in a circle: its next page is one that was fetched")


def _refuse(address: str, message: str, cure: str | None = None) -> NoReturn:
    raise InputError([Complaint(Place(without_secrets(address)), "", message, cure=cure)])
