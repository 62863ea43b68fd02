"""resale: what sold servers bring, and what servers still owned are worth at the horizon's end (negative)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.financing import leased
from planner.costs.lines import CostLines, cost_lines
from planner.costs.purchase import price_paid
from planner.decisions import Model


def resale(model: Model) -> Iterator[CostLines]:
    """−fraction[k, age] · price paid[h] · (sell[h,t] at age t − service; kept[h] at age H − service).

    The fraction is of the price paid, never of a current price, so buying to resell cannot pay. Age counts from
    service. What is leased and given back is worth nothing to us.
    """
    case = model.case
    paid = price_paid(model)
    service, retires = model.in_service, model.retires
    longest = max((server.life_months for server in case.servers), default=0) + 1
    curve = np.zeros((len(case.servers), longest))
    for k, server in enumerate(case.servers):
        curve[k, : server.life_months + 1] = server.resale_fraction
    source = [" × ".join((*server.purchase.rows, *server.resale_rows)) for server in case.servers]
    sell, kept = model["sell"].view, model["kept"].view
    worth = kept.where((retires[kept.keys["h"]] >= case.horizon) & ~leased(model)[kept.keys["h"]])
    sold_at = sell.keys["t"]
    for view, month, timing in ((sell, sold_at, "start"), (worth, np.full(len(worth), case.horizon), "horizon")):
        cohort = view.keys["h"]
        fraction = curve[view.keys["k"], np.clip(month - service[cohort], 0, longest - 1)]
        yield cost_lines("resale", "capex", view, amount=fraction, price=-paid[cohort], month=month,
                         timing="start" if timing == "start" else "horizon", unit="price paid", items="ks",
                         source=source, treatment="disposal")  # fmt: skip
