"""spare_parts: parts on the shelf, as a fraction of the purchase price, bought with the servers."""

from __future__ import annotations

from collections.abc import Iterator

from planner.costs.lines import CostLines, cost_lines
from planner.costs.purchase import by_server, ordered, sources
from planner.decisions import Model


def spare_parts(model: Model) -> Iterator[CostLines]:
    """spare_parts_fraction[k] · purchase[k,t] · buy[k,s,t], at the start of the month of the order."""
    buy = ordered(model)
    at = buy.keys["k"], buy.keys["t"]
    yield cost_lines(
        "spare_parts", "capex", buy, amount=by_server(model, "spare_parts_fraction")[at],
        price=by_server(model, "purchase")[at], timing="start", unit="server price", items="ks",
        source=sources(model, "purchase", "spare_parts_fraction"), treatment="capitalised",
    )  # fmt: skip
