"""Decisions that are taken before the future is known, under names that are the same in every future."""

from __future__ import annotations

from planner.decisions import Model
from planner.units import month_label

Key = tuple[str, ...]
"""A decision under the name that it has in every future: what kind, of what, where or how, and in which month."""


def named(key: Key) -> str:
    """Return a shared decision in words."""
    return " ".join(filter(None, key))


def first_stage(model: Model, months: int) -> dict[Key, int]:
    """Return the column of every order, commitment and sale of the first `months`."""
    case, start = model.case, model.case.scenario.start
    found: dict[Key, int] = {}
    for column, one in zip(model["buy"].view.columns.tolist(), model.cohorts, strict=True):
        if one.fixed is None and one.ordered < months:
            server, site = case.servers[one.server].id, case.sites[one.site].id
            way = case.way_name(one.way) if one.way else ""
            found["buy", server, site, way, month_label(start, one.ordered)] = column
    for column, held in zip(model["commit"].view.columns.tolist(), model.contracts, strict=True):
        if held.fixed is None and held.term is not None and held.starts < months:
            found["commit", case.terms[held.term].id, "", "", month_label(start, held.starts)] = column
    spend = model["spend"].view
    for column, v, t in zip(spend.columns.tolist(), spend.keys.get("v", ()), spend.keys.get("t", ()), strict=True):
        if 0 <= t < months:
            found["spend", case.savings_plans[int(v)].id, "", "", month_label(start, int(t))] = column
    sell = model["sell"].view
    for column, h, t in zip(sell.columns.tolist(), sell.keys.get("h", ()), sell.keys.get("t", ()), strict=True):
        if t < months:
            found[(*_sold(model, int(h)), month_label(start, int(t)))] = column
    return found


def _sold(model: Model, h: int) -> Key:
    """Return the name of a sale: owned servers by their order in the scenario, new ones by their month of order."""
    case, one = model.case, model.cohorts[h]
    if one.fixed is None:
        of = f"ordered {month_label(case.scenario.start, one.ordered)}"
    else:
        entries = sum(each.fixed is not None for each in model.cohorts)
        of = "owned today" if entries == 1 else f"owned today, entry {h + 1}"
    way = case.way_name(one.way) if one.way else ""
    return "sell", case.servers[one.server].id, case.sites[one.site].id, way, of
