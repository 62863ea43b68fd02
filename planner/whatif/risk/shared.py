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
    """Return the column of every order and commitment of the first `months`."""
    case, start = model.case, model.case.scenario.start
    found: dict[Key, int] = {}
    for column, one in zip(model["buy"].view.columns.tolist(), model.cohorts, strict=True):
        if one.fixed is None and one.ordered < months:
            server, site = case.servers[one.server].id, case.sites[one.site].id
            way = case.way_name(one.way) if one.way else "cash"
            found["buy", server, site, way, month_label(start, one.ordered)] = column
    for column, held in zip(model["commit"].view.columns.tolist(), model.contracts, strict=True):
        if held.fixed is None and held.term is not None and held.starts < months:
            found["commit", case.terms[held.term].id, "", "", month_label(start, held.starts)] = column
    spend = model["spend"].view
    for column, v, t in zip(spend.columns.tolist(), spend.keys.get("v", ()), spend.keys.get("t", ()), strict=True):
        if t < months:
            found["spend", case.savings_plans[int(v)].id, "", "", month_label(start, int(t))] = column
    return found
