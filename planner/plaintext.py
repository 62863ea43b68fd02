"""Text that stays text: nothing in it is unseen, and no spreadsheet, Markdown or terminal takes it for a command."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

_BREAKS = re.compile("[\t\r\n]+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Controls, marks that turn the direction of writing, characters of no width, fillers, halves of characters."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARKUP = re.compile(r"[\\`*\[\]<|~$]|&(?=[#A-Za-z])|(?<![^\W_])_|_(?![^\W_])")
_BLOCK = re.compile(r"[-+=>#]|(?P<number>\d{1,9})(?=[.)](?:\s|$))")
_NO_CODE = re.compile(r"^\s*$")
_NO_CODE_IN_TABLES = re.compile(r"^\s*$|\\\|")
_TICKS = re.compile("`+")


def visible(text: str) -> str:
    r"""Return `text` in one line, with what cannot be seen, or would turn it around, shown by its number.

    >>> visible("ab\u202ecd\x1b[1m"), visible("two\nlines")
    ('ab⟨U+202E⟩cd⟨U+001B⟩[1m', 'two lines')
    """
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", _BREAKS.sub(" ", text))


def readable(value: Any) -> Any:
    """Return a value as JSON has them, with every text and key in it `visible`."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {readable(key): readable(one) for key, one in value.items()}
    return [readable(one) for one in value] if isinstance(value, list) else value


def json_text(value: Any) -> str:
    """Return JSON of `value`; what cannot be seen is written as its escape, which reads back as the same character."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return _UNSEEN.sub(lambda found: json.dumps(found[0]).strip('"'), text) + "\n"


def safe_cell(value: Any) -> Any:
    """Return `value` for a cell of a spreadsheet: text that starts like a formula gets a leading apostrophe."""
    if isinstance(value, str):
        return "'" + value if value.lstrip(" ").startswith(_FORMULA_STARTS) else value
    return "" if value is None else value


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Return CSV of `rows`; numbers stay numbers, and text is text to every spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for row in rows:
        writer.writerow([safe_cell(visible(value) if isinstance(value, str) else value) for value in row])
    return stream.getvalue()


def markdown_text(text: str) -> str:
    r"""Return `text` for a place inside a line of Markdown, with nothing in it that Markdown would read.

    >>> markdown_text("usd_per_kwh *is* <b>"), markdown_text("a | b")
    ('usd_per_kwh \\*is\\* \\<b>', 'a \\| b')
    """
    return _MARKUP.sub(lambda found: "\\" + found[0], visible(text)).strip(" ")


def markdown_line(text: str) -> str:
    r"""Return `text` for a line of its own: neither a heading, a list nor a rule begins there.

    >>> markdown_line("# 1"), markdown_line("1. one"), markdown_line("1.5 kW")
    ('\\# 1', '1\\. one', '1.5 kW')
    """
    safe = markdown_text(text)
    found = _BLOCK.match(safe)
    if found is None:
        return safe
    at = found.end("number") if found["number"] else 0
    return f"{safe[:at]}\\{safe[at:]}"


def markdown_code(text: str, in_table: bool = False) -> str:
    r"""Return `text` set as code, in which only a table's pipes are escaped, or as plain text where no span holds it.

    >>> markdown_code("a <b> $c | d"), markdown_code("a | b", in_table=True), markdown_code("a`b")
    ('`a <b> $c | d`', '`a \\| b`', '``a`b``')
    """
    shown = visible(text)
    if (_NO_CODE_IN_TABLES if in_table else _NO_CODE).search(shown):
        return markdown_text(shown)
    runs = {len(run) for run in _TICKS.findall(shown)}
    fence = "`" * next(n for n in range(1, len(runs) + 2) if n not in runs)
    edge = shown[0] + shown[-1]
    pad = " " if "`" in edge or edge == "  " else ""
    return f"{fence}{pad}{shown.replace('|', chr(92) + '|') if in_table else shown}{pad}{fence}"


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool]) -> str:
    """Return a table of cells that are Markdown already; columns with `right` are set flush right."""
    lines = [heads, ["---:" if flush else "---" for flush in right], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
