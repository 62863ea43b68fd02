"""support: maintenance contracts, a yearly fraction of the price paid, for servers in service."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines, cost_lines
from planner.costs.purchase import by_server, price_paid, sources
from planner.decisions import Model, alive
from planner.units import MONTHS_PER_YEAR


def support(model: Model) -> Iterator[CostLines]:
    """support_fraction[k,t] ÷ 12 · price paid[h] · servers of h in service in t."""
    view = alive(model)
    if not len(view):
        return
    fraction = by_server(model, "support_fraction")[view.keys["k"], view.keys["t"]] / MONTHS_PER_YEAR
    yield cost_lines("support", "opex", view, amount=fraction, price=price_paid(model)[view.keys["h"]],
                     unit="price paid", items="ks", source=sources(model, "purchase", "support_fraction"))  # fmt: skip
