"""Texts that want to be more than text, and how each of them must be shown."""

from __future__ import annotations

import unicodedata
from typing import Any, get_args

from pydantic import StringConstraints

from planner.records import Record

ALONE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{7*7}} {% raw %} {{ self.__init__ }} ${7*7} #{7*7}",
    "=cmd()|x",
    "+1",
    "-2+3",
    "@SUM(A1)",
    " =1+1",
    "＝HYPERLINK(1)",
    "a|b||c \\| d\\",
    "`tick` ``two`` \\`",
    "[text](javascript:alert(1)) ](javascript:alert(1))",
    "![x](http://example.org/x.png) [ref][1] [1]: http://example.org",
    "<http://example.org> <a@example.org> http://example.org",
    "*a* **b** _c_ __d__ ~~e~~ ~f~ snake_case_name",
    "# heading",
    "> quote",
    "1. one",
    "7) seven",
    "---",
    "===",
    "- item",
    "&lt;b&gt; &#60; &amp;",
    "</style></title><!-- <![CDATA[",
    "$x$ :tada: @someone #1",
]
"""One at a time in every field, since it matters what a text begins with."""

UNSEEN = [
    "left\u202eright", "\u2066isolated\u2069", "zero\u200bwidth\u200d\ufeff", "mark\u200f\u061c", "soft\xadhyphen",
    "filler\u3164\u115f", "tag\U000e0041", "variant\ufe0f", "line\u2028paragraph\u2029",
]  # fmt: skip
"""Allowed in a file, and not to be seen."""

CONTROLS = ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "bell\x07", "back\x08space", "\x9b31m", "nul\x00", "half\ud800"]
"""Refused in YAML; a plan.json that somebody else wrote may hold them."""


KEPT = {
    "SeriesFile.csv", "SeriesFile.column", "SeriesFile.time", "PricePath.rows", "PricePath.like", "Scenario.price_book",
    "Quote.row", "BookDiscount.rows", "Correlation.between",
    "Risk.source", "Uncertain.source",
}  # fmt: skip
"""Texts that name a file, a column, rows and drivers: what is not there is refused; and what no plan shows: of risk."""


def shown(text: str) -> str:
    """How a report shows `text`: nothing unseen, in one line."""
    one_line = " ".join(text.split("\n"))
    return "".join(f"⟨U+{ord(one):04X}⟩" if unseen(one) else one for one in one_line)


def unseen(one: str) -> bool:
    return unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") or one in "\u3164\u115f\u1160\uffa0\ufe0f\u034f"


def is_text(annotation: Any, metadata: Any = ()) -> bool:
    """Say whether a field of a record holds free text."""
    if any(isinstance(one, StringConstraints) and one.pattern == r"\S" for one in metadata):
        return True
    return any(is_text(part, getattr(annotation, "__metadata__", ())) for part in get_args(annotation))


def records_in(annotation: Any) -> list[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [found for part in get_args(annotation) for found in records_in(part)]


def text_fields(model: type[Record]) -> set[str]:
    """Every free-text field of a record and of the records in it."""
    found = set()
    for name, field in model.model_fields.items():
        if is_text(field.annotation, field.metadata):
            found.add(f"{model.__name__}.{name}")
        for inner in records_in(field.annotation):
            found |= text_fields(inner)
    return found


def poisoned(value: Any, kinds: list[type[Record]], text: str, fields: set[str]) -> Any:
    """Return records of some of `kinds` with `text` in every free-text field; `fields` gets the names of these."""
    if isinstance(value, list):
        return [poisoned(one, kinds, text, fields) for one in value]
    if not isinstance(value, dict) or not kinds:
        return value
    model = next((kind for kind in kinds if value.keys() <= kind.model_fields.keys()), None)
    if model is None:
        return {key: poisoned(one, kinds, text, fields) for key, one in value.items()}
    made = dict(value)
    for name, field in model.model_fields.items():
        at = f"{model.__name__}.{name}"
        if not is_text(field.annotation, field.metadata):
            if name in made:
                made[name] = poisoned(made[name], records_in(field.annotation), text, fields)
        elif at not in KEPT and not (name == "unknown" and "value" in value):
            made[name] = dict.fromkeys(made[name], text) if isinstance(made.get(name), dict) else text
            fields.add(at)
    return made
