"""How old a price may be before somebody should look again: said, not quarantined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from planner.catalog.checks.prices import Doubt

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog


def price_is_recent(catalog: Catalog, day: date, max_age_days: int) -> Iterator[Doubt]:
    """The price of an offer or a server in force was read within the days allowed (`--max-age`): a warning only."""
    for row_id in catalog.rows:
        row = catalog.in_force(row_id, day)
        if row and row.kind in ("offer", "savings_plan", "server", "api_offer") and "usd" in row.unit:
            days = (day - row.fact.date).days
            if row.fact.value is not None and not row.quarantined and days > max_age_days:
                yield Doubt(row, f"{days} days old", f"at most {max_age_days} days", "price_is_recent")
