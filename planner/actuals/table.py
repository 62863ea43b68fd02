"""A file as rows and columns of text, and its columns as expressions of SQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from planner.actuals.duck import refuse, text_literal


@dataclass(frozen=True)
class Told:
    """What a user says of a file that does not say it itself.

    Attributes
    ----------
    time_zone : of its local times
    metric : that a Prometheus query without a metric's name measured
    """

    provider: str | None = None
    currency: str | None = None
    cluster: str | None = None
    time_zone: str | None = None
    metric: str | None = None


NOTHING = Told()
Count = Callable[[str], int]
"""Says how many charges of a file meet a condition of SQL."""


@dataclass(frozen=True)
class Table:
    """A file as rows and columns.

    Attributes
    ----------
    path : as the user named it
    names : of its columns, as they stand in the header
    source : SQL that yields `line` and the columns c0, c1, … as text; takes the file as parameter, but of JSON not
    """

    path: Path
    names: tuple[str, ...]
    source: str
    kind: Literal["csv", "parquet", "json"]


def normal(name: str) -> str:
    """Return a column's name as it is compared: what stands in brackets behind it, its letters and digits.

    >>> normal("lineItem/UsageAmount"), normal("line_item_usage_amount"), normal("Maßeinheit (UnitOfMeasure)")
    ('lineitemusageamount', 'lineitemusageamount', 'unitofmeasure')
    """
    inner = re.search(r"\(([A-Za-z0-9_ /]+)\)\s*$", name)
    return re.sub(r"[^a-z0-9]", "", (inner[1] if inner else name).lower())


class Columns:
    """The columns of a table as expressions of SQL; a column that is not there is NULL."""

    def __init__(self, table: Table, told: Told = NOTHING) -> None:
        self.table = table
        self.told = told
        self.places: dict[str, list[int]] = {}
        self.used: set[int] = set()
        for place, name in enumerate(table.names):
            self.places.setdefault(normal(name), []).append(place)

    def has(self, *names: str) -> bool:
        """Say whether one of the columns is there."""
        return any(normal(name) in self.places for name in names)

    def text(self, *names: str) -> str:
        """Return the first of the columns that holds something: neither empty nor the word NULL.

        Raises
        ------
        InputError
            when a column that is needed stands twice in the header.
        """
        found = []
        for name in names:
            places = self.places.get(normal(name), [])
            spelled = [self.table.names[place] for place in places]
            if twice := [one for one in spelled if spelled.count(one) > 1]:
                refuse(self.table.path, f"has two columns '{twice[0]}'", "leave one of them out", 1)
            found += [f"c{place}" for place in places]
            self.used.update(places)
        return f"coalesce({', '.join(found)})" if found else "CAST(NULL AS VARCHAR)"

    def said(self, name: str) -> str:
        """Return what the user says of the whole file, NULL where nothing."""
        found = getattr(self.told, name)
        return "CAST(NULL AS VARCHAR)" if found is None else text_literal(found)

    def prefixed(self, *prefixes: str) -> list[tuple[str, str]]:
        """Return name behind the prefix, and text, of the columns that begin with one of `prefixes`."""
        found = [
            (place, name[len(prefix) :])
            for place, name in enumerate(self.table.names)
            for prefix in prefixes if name.startswith(prefix)
        ]  # fmt: skip
        self.used.update(place for place, _ in found)
        return [(name, f"c{place}") for place, name in found]

    def source(self) -> str:
        """Return SQL for the rows, with the columns that were asked for; what is empty or the word NULL is NULL."""
        cells = [f"nullif(nullif(trim(c{place}), ''), 'NULL') AS c{place}" for place in sorted(self.used)]
        return f"SELECT {', '.join(['line', *cells])} FROM ({self.table.source})"
