"""commitments: the upfront part of the whole term at its start, the rest by the hour, over the term or as used."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model
from planner.program import Bools, Floats, View

_HELD = "scenario existing_commitments"


def commitments(model: Model) -> Iterator[CostLines]:
    """rate[c,τ] · GPUs[o] · commit[n] · (upfront · hours of the term at τ; (1 − upfront) · hours[t] in each month t).

    A commitment billed as used pays the second part for used hours only. What runs already pays its hourly rate
    until its end. Months after the horizon are charged only when the horizon's end liquidates.
    """
    for view, hours, rate in term_months(model):
        yield cost_lines("commitments", "opex", view, amount=hours, price=rate, month=view.keys["m"],
                         unit="GPU-hour", items="n", source=sources(model))  # fmt: skip
    view, hours, rate = upfront(model)
    months = np.array([c.months for c in model.contracts], int)
    yield cost_lines("commitments", "opex", view, amount=hours, price=rate, timing="start", unit="GPU-hour prepaid",
                     items="n", source=sources(model), treatment="spread",
                     spread_months=months[view.keys["n"]])  # fmt: skip
    terms = [None if pool.term is None else model.case.terms[pool.term] for pool in model.pools]
    price = np.array([term.rate.values[pool.starts] * (1 - term.upfront_fraction) if term else pool.usd_per_hour or 0.0
                      for pool, term in zip(model.pools, terms, strict=True)])  # fmt: skip
    used = model["committed"].hourly
    used = used.where(paid_as_used(model)[used.keys["q"]])
    yield cost_lines("commitments", "opex", used, amount=model.case.demand.hours[used.keys["g"]],
                     price=price[used.keys["q"]], unit="GPU-hour", items="q",
                     source=[" × ".join(term.rate.rows) if term else _HELD for term in terms])  # fmt: skip


def paid_as_used(model: Model) -> Bools:
    """Say which pools q are paid for hours of use only."""
    return np.array([pool.term is not None or pool.usd_per_hour is not None for pool in model.pools], bool)


def sources(model: Model) -> list[str]:
    """Catalog rows of the rates, by contract n."""
    return [_HELD if c.term is None else " × ".join(model.case.terms[c.term].rate.rows) for c in model.contracts]


def _rate(model: Model) -> Floats:
    """USD per GPU-hour, all-in for new contracts, by contract n."""
    terms = model.case.terms
    return np.array(
        [c_.usd_per_hour if c_.term is None else terms[c_.term].rate.values[c_.starts] for c_ in model.contracts], float
    )


def upfront(model: Model) -> tuple[View, Floats, Floats]:
    """New contracts with an upfront part: entries, prepaid GPU-hours and rate."""
    case, commit = model.case, model["commit"].view
    share = np.array([0.0 if c.term is None else case.terms[c.term].upfront_fraction for c in model.contracts])
    view = commit.where(share > 0)
    n = view.keys["n"]
    gpus = np.array([case.offers[c.offer].gpus for c in model.contracts])
    first = min((c.starts for c in model.contracts), default=0)
    last = max((c.starts + c.months for c in model.contracts), default=0)
    in_month = [case.hours_in(t) for t in range(first, last)]
    hours = np.array([sum(in_month[c.starts - first : c.starts - first + c.months]) for c in model.contracts])
    return view, share[n] * gpus[n] * hours[n], _rate(model)[n]


def term_months(model: Model) -> Iterator[tuple[View, Floats, Floats]]:
    """Contracts paid over their term: entries with the month m of each payment, GPU-hours and rate."""
    case, commit = model.case, model["commit"].view
    share = np.array([1.0 if c.term is None else 1 - case.terms[c.term].upfront_fraction for c in model.contracts])
    paid = ~paid_as_used(model)[[c.pool for c in model.contracts]] if model.contracts else np.zeros(0, bool)
    view = commit.where(paid & (share > 0))
    starts, months = view.keys["t"], np.array([c.months for c in model.contracts], int)
    ends = starts + months[view.keys["n"]]
    if case.scenario.horizon_end == "continue":
        ends = np.minimum(ends, case.horizon)
    view = view.over("m", np.maximum(starts, 0), ends)
    n = view.keys["n"]
    gpus = np.array([case.offers[c.offer].gpus for c in model.contracts])
    hours = np.array([case.hours_in(t) for t in range(int(view.keys["m"].max(initial=0)) + 1)])
    yield view, share[n] * gpus[n] * hours[view.keys["m"]], _rate(model)[n]
