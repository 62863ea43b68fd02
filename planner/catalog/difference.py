"""What differs between two catalogs, or between two days of one; and one catalog with some prices of the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from planner.catalog.catalog import Catalog, Row

ANY_DAY = date.max
"""The day on which the newest fact of every row is in force."""


@dataclass(frozen=True)
class Change:
    """A row whose fact in force differs.

    Attributes
    ----------
    old, new : what is in force before and after; None where the row is added or dropped
    """

    old: Row | None
    new: Row | None

    @property
    def row(self) -> Row:
        """The row, as it is after, or was before it was dropped."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def kind(self) -> Literal["added", "dropped", "changed"]:
        """What happened to the row."""
        return "added" if self.old is None else "dropped" if self.new is None else "changed"

    @property
    def fraction(self) -> float | None:
        """How much the value rose, as a fraction of the old one; None where the two cannot be compared."""
        return None if self.old is None or self.new is None else rise(self.old, self.new)


def published(row: Row) -> Decimal | None:
    """Return the value that plans see: none where it is unknown, or in doubt."""
    return None if row.quarantined else row.fact.value


def rise(old: Row, new: Row) -> float | None:
    """Return by which fraction of `old` a price rose; None for what is unknown, free or in another currency."""
    before, after = published(old), published(new)
    if not before or after is None or old.fact.currency != new.fact.currency:
        return None
    return float(after / before - 1)


def differences(
    old: Catalog, new: Catalog, before: date = ANY_DAY, after: date = ANY_DAY,
    chosen: Callable[[Row], bool] = lambda row: True,
) -> list[Change]:  # fmt: skip
    """Return what was added, dropped or changed in value or currency among the `chosen` rows, largest change first.

    Parameters
    ----------
    before, after : the day on which the prices of `old` and of `new` are read
    """
    found = []
    for row_id in sorted(old.rows.keys() | new.rows.keys()):
        change = Change(old.in_force(row_id, before), new.in_force(row_id, after))
        if (change.old or change.new) and _differs(change) and chosen(change.row):
            found.append(change)
    return sorted(found, key=_importance)


def _differs(change: Change) -> bool:
    if change.old is None or change.new is None:
        return True
    before, after = ((published(row), row.fact.currency) for row in (change.old, change.new))
    return before != after


def _importance(change: Change) -> tuple[int, float, str]:
    """Order changes of price by size, then what cannot be compared, then what came and went."""
    rank = 0 if change.fraction is not None else {"changed": 1, "dropped": 2, "added": 3}[change.kind]
    return rank, -abs(change.fraction or 0.0), change.row.id


def with_facts(catalog: Catalog, facts: Mapping[str, Row | None], day: date, other: Catalog | None = None) -> Catalog:
    """Return `catalog` with other facts in force on `day`, after the older ones of their rows.

    Parameters
    ----------
    facts : by row id, the row whose fact counts, whenever it is dated; None where there is to be none
    other : where things are taken from that `catalog` does not have
    """
    rows = dict(catalog.rows)
    things = {section: dict(members) for section, members in catalog.things.items()}
    known = {name for members in things.values() for name in members}
    for row_id, row in facts.items():
        if row is None:
            rows.pop(row_id, None)
            continue
        fact = row.fact.model_copy(update={"date": min(row.fact.date, day)})
        before = (catalog if row_id in catalog.rows or other is None else other).rows.get(row_id, ())
        rows[row_id] = (*(one for one in before if one.fact.date < fact.date), replace(row, fact=fact))
        name = row_id.partition("/")[0]
        if other is not None and name not in known:
            section = next(section for section, members in other.things.items() if name in members)
            things[section][name] = other.things[section][name]
    sources = catalog.sources if other is None else other.sources | catalog.sources
    return replace(catalog, things=things, rows=rows, sources=sources)


def pinned(catalog: Catalog, day: date, chosen: Callable[[Row], bool], on: date) -> Catalog:
    """Return `catalog` in which the `chosen` rows stand on `on` as on `day`; those not known then as they are."""
    found = (catalog.in_force(row_id, day) for row_id in catalog.rows)
    return with_facts(catalog, {row.id: row for row in found if row is not None and chosen(row)}, on)
