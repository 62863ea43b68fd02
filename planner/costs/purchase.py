"""What is paid for servers when they are ordered, and what comes with each of them."""

from __future__ import annotations

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model
from planner.prices import Series
from planner.program import Floats, View


def ordered(model: Model) -> View:
    """Return the entries of `buy` that are orders of this plan; what was owned before is paid already."""
    return model["buy"].view.where([cohort.fixed is None for cohort in model.cohorts])


def price_paid(model: Model) -> Floats:
    """USD paid for one server, by cohort h."""
    return np.array(
        [model.case.servers[c.server].purchase.values[c.ordered] if c.usd_paid is None else c.usd_paid
         for c in model.cohorts]
    )  # fmt: skip


def sources(model: Model, *fields: str) -> list[str]:
    """Catalog rows of the `fields` of each server k, joined by " × "."""
    return [" × ".join(row for name in fields for row in getattr(server, name).rows) for server in model.case.servers]


def by_server(model: Model, field: str) -> Floats:
    """Values of a field of the servers; array [k, t]."""
    series: list[Series] = [getattr(server, field) for server in model.case.servers]
    return np.array([one.values for one in series]).reshape(len(series), model.case.horizon)


def per_order(model: Model, component: str, field: str) -> CostLines:
    """Lines of `field` USD for each server ordered, paid with the order."""
    buy = ordered(model)
    price = by_server(model, field)[buy.keys["k"], buy.keys["t"]]
    return cost_lines(component, "capex", buy, price=price, timing="start", unit="server", items="ks",
                      source=sources(model, field), treatment="capitalised")  # fmt: skip
