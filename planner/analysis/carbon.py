"""Energy and carbon of every option, by fiscal year and place."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.study import Outcome, Study
from planner.costs.carbon import KG_PER_TONNE, Emissions, emissions

_NONE = 1e-9


def carbon(study: Study) -> dict[str, Any]:
    """Return kWh and tonnes of CO2e of each option, null where not known; and which options' carbon is not known."""
    price = study.case.carbon_usd_per_tonne
    unknown: set[str] = set()
    found = {name: outcome and _of(study, outcome, unknown) for name, outcome in study.outcomes.items()}
    return found | {
        "price_usd_per_tonne": None if price is None else float(price[0]),
        "unknown": sorted(unknown),
    }


def _of(study: Study, outcome: Outcome, unknown: set[str]) -> list[dict[str, Any]]:
    """Return the rows of one option; adds to `unknown` what it uses without a known carbon factor."""
    case, x = study.case, outcome.answer.x
    years = case.fiscal_years
    sums: dict[tuple[int, str, str], list[float]] = {}
    for one in emissions(study.built.model):
        used = one.view.coefficients * x[one.view.columns]
        for n in np.flatnonzero(used > _NONE).tolist():
            thing, place = _place(study, one, n)
            row = sums.setdefault((int(years[one.view.keys["t"][n]]), place, "owned" if one.at == "s" else "rented"),
                                  [0.0, 0.0])  # fmt: skip
            row[0] += float(used[n] * one.kwh[n])
            row[1] += float(used[n] * one.kg[n]) / KG_PER_TONNE
            if np.isnan(one.kg[n]):
                unknown.add(thing)
    return [
        {"fiscal_year": year, "place": place, "kind": kind, "kwh": _known(kwh), "tco2e": _known(tonnes)}
        for (year, place, kind), (kwh, tonnes) in sorted(sums.items())
    ]


def _place(study: Study, one: Emissions, entry: int) -> tuple[str, str]:
    """Return the id of what is used, and where it stands."""
    case, index = study.case, int(one.view.keys[one.at][entry])
    if one.at == "s":
        return case.sites[index].id, case.sites[index].id
    if one.at == "a":
        return case.apis[index].id, case.apis[index].provider
    offer = case.offers[index]
    return offer.id, offer.provider if offer.region == "any" else f"{offer.provider} {offer.region}"


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
