"""A plan as tables: the value of every decision with the indices it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pandas as pd

from planner.decisions import Model
from planner.program import Floats


@dataclass(frozen=True)
class Quantities:
    """The values of a plan.

    Attributes
    ----------
    tables : decision → table of its keys (one letter each, as in docs/model.md) and `value`; decisions taken by the
        hour have a row for every hour group g, also where one column holds for a whole month
    cohorts : index h → server, site, ordered, in_service, retires, usd_paid, fixed
    contracts : index n → pool, offer, term, starts, months, usd_per_hour, fixed
    pools : index q → offer, term, starts
    """

    tables: dict[str, pd.DataFrame]
    cohorts: pd.DataFrame
    contracts: pd.DataFrame
    pools: pd.DataFrame


def quantities(model: Model, x: Floats) -> Quantities:
    """Return plan `x` (array [column]) as tables."""
    tables = {
        name: pd.DataFrame({**decision.hourly.keys, "value": x[decision.hourly.columns]})
        for name, decision in model.program.decisions.items()
    }
    frames = [pd.DataFrame([asdict(one) for one in part]) for part in (model.cohorts, model.contracts, model.pools)]
    return Quantities(tables, *frames)
