"""Patterns that name rows of the catalog by id: * stands for anything, also for a slash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase


def matching(row_ids: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the ids that match any of `patterns`, in their order."""
    return [row_id for row_id in row_ids if any(fnmatchcase(row_id, pattern) for pattern in patterns)]


def naming(chosen: Iterable[str], row_ids: Iterable[str]) -> list[str]:
    """Return patterns, as few and wide as can be, that match the `chosen` of `row_ids` and none of the others.

    >>> naming(["a-1/x", "a-2/x"], ["a-1/x", "a-2/x", "b-1/x", "a-1/y"])
    ['a-*/x']
    """
    mine = sorted(chosen)
    wanted, known = (Counter(wide for row_id in ids for wide in _wider(row_id)) for ids in (mine, row_ids))
    found: dict[str, None] = {}
    for row_id in mine:
        fitting = (wide for wide in _wider(row_id) if 1 < wanted[wide] == known[wide])
        found[next(fitting, row_id)] = None
    return list(found)


def _wider(row_id: str) -> Iterator[str]:
    """Yield the patterns that match a row and others with the same fact, widest first."""
    thing, _, fact = row_id.partition("/")
    words = thing.split("-")
    for count in range(len(words)):
        yield "".join(f"{word}-" for word in words[:count]) + f"*/{fact}"
