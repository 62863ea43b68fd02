"""Every check of the catalog. A fact that one of them doubts is quarantined: kept, listed, but not published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.catalog.checks.age import price_is_recent
from planner.catalog.checks.history import (
    certain_source_is_not_contradicted,
    currency_of_a_row_stays,
    price_does_not_return_to_a_superseded_one,
    price_is_near_its_own_history,
)
from planner.catalog.checks.pairs import (
    commitment_is_below_on_demand,
    commitment_is_not_equal_to_on_demand,
    longer_term_is_not_dearer,
    on_demand_is_not_below_most_other_rates,
    spot_is_not_a_copy_of_on_demand,
    spot_is_not_above_on_demand,
)
from planner.catalog.checks.prices import Doubt, Prices
from planner.catalog.checks.siblings import (
    offer_stands_once,
    price_is_near_its_siblings,
    price_is_per_gpu_not_per_instance,
)
from planner.catalog.checks.single import (
    median_does_not_mix_gpus_and_instances,
    price_is_in_the_band_of_its_gpu,
    price_is_not_zero,
    server_price_is_in_the_band_of_its_gpu,
    value_is_in_the_unit_of_its_field,
)

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog

CHECKS: tuple[Callable[[Prices], Iterator[Doubt]], ...] = (
    price_is_not_zero, spot_is_not_a_copy_of_on_demand, price_is_in_the_band_of_its_gpu,
    median_does_not_mix_gpus_and_instances, server_price_is_in_the_band_of_its_gpu, value_is_in_the_unit_of_its_field,
    currency_of_a_row_stays, offer_stands_once, price_is_per_gpu_not_per_instance,
    commitment_is_not_equal_to_on_demand, price_does_not_return_to_a_superseded_one, certain_source_is_not_contradicted,
    price_is_near_its_own_history, price_is_near_its_siblings,
    on_demand_is_not_below_most_other_rates, spot_is_not_above_on_demand, commitment_is_below_on_demand,
    longer_term_is_not_dearer,
)  # fmt: skip
"""In this order: a price in doubt is no measure for those that come after."""


def doubts(catalog: Catalog) -> list[Doubt]:
    """Return the first doubt about each fact of `catalog`, check by check."""
    prices, found = Prices(catalog), []
    for check in CHECKS:
        for doubt in list(check(prices)):
            if prices.sound(doubt.row):
                found.append(replace(doubt, check=check.__name__))
                prices.doubted.add((doubt.row.id, doubt.row.fact.date))
    return found


def quarantined(catalog: Catalog) -> Catalog:
    """Return `catalog` with each doubtful row marked by the reason."""
    reasons = {(doubt.row.id, doubt.row.fact.date): doubt.reason for doubt in doubts(catalog)}
    marked = {row_id: tuple(replace(row, quarantined=reasons.get((row_id, row.fact.date), "")) for row in rows)
              for row_id in {row_id for row_id, _ in reasons} for rows in (catalog.rows[row_id],)}  # fmt: skip
    return replace(catalog, rows=catalog.rows | marked) if marked else catalog


__all__ = ["CHECKS", "Doubt", "doubts", "price_is_recent", "quarantined"]
