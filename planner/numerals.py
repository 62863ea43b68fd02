"""Decides which text is a number, and which numbers can be calculated with."""

from __future__ import annotations

import re
from decimal import Decimal

MAX_CHARACTERS = 40
SMALLEST, LARGEST = 1e-30, 1e30

_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+\Z")
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
"""Takes linear time on any text: no two parts can match the same digits."""


def plain_number(text: str) -> int | Decimal | None:
    """Return the number that `text` is in YAML 1.2, exactly, or None when it is not a number.

    Raises
    ------
    ValueError
        with the reason, when `text` is a number that must not be used: infinite, written with a leading 0 (octal to
        some readers), longer than 40 characters, or so large or small that floats would overflow or vanish.

    >>> plain_number("36"), plain_number("1e3"), plain_number("1_000")
    (36, Decimal('1E+3'), None)
    """
    if _NOT_FINITE.match(text):
        raise ValueError("is not a finite number")
    if _LEADING_ZERO.match(text):
        raise ValueError("a number must not start with 0; quote it, or drop the 0")
    if not _NUMBER.match(text):
        return None
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"is a number of more than {MAX_CHARACTERS} characters")
    is_zero = not text.lower().partition("e")[0].strip("+-0.")
    if not is_zero and not SMALLEST <= abs(float(text)) <= LARGEST:
        raise ValueError(f"is too large or too small: beyond {SMALLEST:g} … {LARGEST:g}")
    if _WHOLE.match(text):
        return int(text)
    return Decimal(0) if is_zero else Decimal(text)
