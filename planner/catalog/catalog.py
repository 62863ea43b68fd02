"""A catalog that was loaded: its things, and every fact of them as a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from planner.catalog.schema import Fact, Source, Thing
from planner.errors import Place


@dataclass(frozen=True)
class Row:
    """One fact of the catalog with its address: `<thing>/<field>`, and the place where it stands.

    `quarantined` is the reason why a check doubts it, or empty.
    """

    id: str
    kind: str
    provider: str | None
    unit: str
    fact: Fact
    place: Place
    quarantined: str = ""


@dataclass(frozen=True)
class Catalog:
    """A checked catalog.

    Attributes
    ----------
    things : by section (`offers`, `servers` …), then by id
    rows : every fact by row id, oldest first
    sources : by id
    digest : SHA-256 over the names and bytes of the files
    folder : where the files are
    """

    things: dict[str, dict[str, Thing]]
    rows: dict[str, tuple[Row, ...]]
    sources: dict[str, Source]
    digest: str
    folder: Path

    def section(self, name: str) -> dict[str, Any]:
        """Return the things of section `name` by id."""
        return self.things[name]

    def relative(self, place: Place) -> str:
        """Return `place` as seen from the catalog's folder: the same on every machine."""
        return str(Place(_inside(place.file, self.folder), place.line, place.column))

    def in_force(self, row_id: str, day: date) -> Row | None:
        """Return the newest row of `row_id` dated on or before `day` that no check doubts, or None.

        A doubtful row is not published: the one before it stays. Where all are in doubt, the newest is returned with
        its reason.
        """
        dated = [row for row in self.rows.get(row_id, ()) if row.fact.date <= day]
        published = [row for row in dated if not row.quarantined] or dated
        return published[-1] if published else None

    def in_doubt(self, row_id: str, day: date) -> Row | None:
        """Return the newest row of `row_id` dated on or before `day` where a check doubts it, or None."""
        dated = [row for row in self.rows.get(row_id, ()) if row.fact.date <= day]
        return dated[-1] if dated and dated[-1].quarantined else None


@lru_cache(maxsize=1024)
def _inside(file: str, folder: Path) -> str:
    """Return `file` as seen from `folder`, or as it is where it lies elsewhere."""
    path = Path(file)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else file
