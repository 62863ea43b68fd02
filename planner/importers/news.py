"""Which facts of an import a catalog can take, and which of them say something that it does not say yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from planner.catalog.fact_rows import FactRow
from planner.catalog.load import Catalog
from planner.catalog.names import instance_slug
from planner.importers.offers import ON_DEMAND

_OF_THE_TERM = ("term_months", "upfront_fraction", "hourly_billed")
_THING = ("gpu", "gpus")

CONFIRMED_AFTER = timedelta(days=80)
"""A price that has stood for a quarter is recorded again: that it stood still is news, and makes it younger."""

_Key = tuple[str, str, str, str, str]


class News:
    """Takes the facts of an import for a catalog, the oldest first.

    Attributes
    ----------
    unchanged : number of facts that say what the catalog says, and said of late
    refused : why facts cannot be taken, and how many
    listed : row ids of all facts, as the catalog names them
    """

    def __init__(self, catalog: Catalog, own: Iterable[FactRow], rows: Iterable[FactRow], *, again: bool) -> None:
        """Look `rows` over.

        Parameters
        ----------
        own : what the file holds to which they are appended
        again : whether what the catalog says is said again: prices that it confirms, and what a thing is
        """
        self.catalog, self.again = catalog, again
        self.attributes = {row.row_id: row.attributes for row in own}
        self.known: dict[str, dict[str, tuple[Decimal | None, str]]] = {
            row_id: {row.fact.date.isoformat(): (row.fact.value, row.fact.currency) for row in dated}
            for row_id, dated in catalog.rows.items()
        }  # fmt: skip
        self.doubted = {
            (row.id, row.fact.date.isoformat()): row.fact.source
            for dated in catalog.rows.values() for row in dated if row.quarantined
        }  # fmt: skip
        self.unchanged = 0
        self.refused: Counter[str] = Counter()
        self.rows = _renamed(sorted(rows, key=lambda row: row.date), catalog)
        self.listed = {row.row_id for row in self.rows}
        self.offers = set(catalog.section("offers")) | {
            row.id for row in self.rows if row.section == "offers" and row.field == ON_DEMAND and not self._missing(row)
        }

    def taken(self) -> list[FactRow]:
        """Return the facts as they are appended."""
        return [taken for row in self.rows if (taken := self._take(row))]

    def _take(self, row: FactRow) -> FactRow | None:
        if reason := self._why_not(row):
            self.refused[reason] += 1
            return None
        known = self.known.setdefault(row.row_id, {})
        # what is in doubt was said by nobody but its own source: another one may confirm it
        earlier = [day for day in known if day <= row.date
                   and self.doubted.get((row.row_id, day), row.source) == row.source]  # fmt: skip
        said = (row.value, row.currency)
        same = bool(earlier) and known[max(earlier)] == said
        if same and row.value is not None:
            same = date.fromisoformat(row.date) - date.fromisoformat(max(earlier)) < CONFIRMED_AFTER
        # a price that a source leaves out is not known to be gone
        if (same and not self.again) or (known and row.value is None):
            self.unchanged += 1
            return None
        if row.date in known:
            self.refused["a price of the same day is known already"] += 1
            return None
        known[row.date] = said
        return replace(row, attributes=self._attributes(row))

    def _why_not(self, row: FactRow) -> str:
        """Return why the catalog cannot take `row`, which would spoil all that comes with it, or nothing."""
        if missing := self._missing(row):
            return missing
        thing, given = self.catalog.things.get(row.section, {}).get(row.id), row.attributes
        if thing is not None and any(str(getattr(thing, name)) != given[name] for name in _THING if name in given):
            return "another GPU, or another number of them, than the catalog's offer of that name"
        if row.section == "offers" and row.id not in self.offers:
            return "an offer that the catalog does not have, without its on-demand price"
        if row.section == "savings_plans" and row.field.partition("/")[2] not in self.offers:
            return "rates of an offer that the catalog does not have"
        return ""

    def _missing(self, row: FactRow) -> str:
        for name in ("gpu", "provider"):
            if name in row.attributes and row.attributes[name] not in self.catalog.section(f"{name}s"):
                return f"a {name} that the catalog does not have: {row.attributes[name]}"
        return ""

    def _attributes(self, row: FactRow) -> dict[str, str]:
        """What a thing is stands with it once; later facts of it need not repeat it, and so cannot contradict it."""
        if row.row_id in self.attributes:
            return self.attributes[row.row_id]
        thing = self.catalog.things.get(row.section, {}).get(row.id)
        if thing is None:
            return row.attributes
        of_the_term = _OF_THE_TERM if row.section == "offers" and row.row_id not in self.catalog.rows else ()
        return {
            name: text for name, text in row.attributes.items()
            if name in of_the_term or (self.again and str(getattr(thing, name, None)) == text)
        }  # fmt: skip


def _renamed(rows: list[FactRow], catalog: Catalog) -> list[FactRow]:
    """Give offers the ids under which the catalog has them: the same instance type in the same region is the same."""
    offers = catalog.section("offers")
    ids: dict[_Key, str] = {}
    for name, offer in offers.items():
        ids.setdefault(_key({field: getattr(offer, field) for field in _KEY}), name)
    names = {
        row.id: ids[key] for row in rows
        if row.section == "offers" and row.id not in offers and (key := _key(row.attributes)) in ids
    }  # fmt: skip
    return [_with_names(row, names) for row in rows]


_KEY = ("provider", "instance_type", "region", "gpu", "gpus")


def _key(attributes: Mapping[str, object]) -> _Key:
    provider, kind, region, gpu, gpus = (str(attributes.get(name) or "") for name in _KEY)
    return provider, instance_slug(provider, kind), re.sub("[^a-z0-9]", "", region.lower()), gpu, gpus


def _with_names(row: FactRow, names: Mapping[str, str]) -> FactRow:
    head, _, offer = row.field.partition("/")
    if row.section == "savings_plans" and offer in names:
        return replace(row, field=f"{head}/{names[offer]}")
    return replace(row, id=names[row.id]) if row.section == "offers" and row.id in names else row
