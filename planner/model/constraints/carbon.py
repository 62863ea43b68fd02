"""Carbon of owned and rented capacity is within the cap."""

from __future__ import annotations

import numpy as np

from planner.costs.electricity import energy_at_the_meter
from planner.decisions import Model
from planner.model.constraints.serving import GPUS
from planner.program import table, together
from planner.units import fiscal_year


def carbon_is_within_cap(model: Model) -> None:
    """Σ kWh at the meter · kg per kWh (owned) + Σ GPU-hours · kg per GPU-hour (rented) ≤ cap   for every fiscal year.

    Rented: kW per GPU × the provider's PUE × the region's factor. An unknown factor keeps an option out.
    """
    case, demand = model.case, model.case.demand
    cap = case.scenario.limits.carbon_kg_per_year
    if cap is None:
        return
    years = np.array([fiscal_year(label, case.scenario.fiscal_year_starts) for label in case.months])
    factor = np.array([site.carbon_kg_per_kwh or 0.0 for site in case.sites])
    terms = [view * (kwh * factor[view.keys["s"]]) for view, kwh in energy_at_the_meter(model)]
    per_hour = np.array([offer.carbon_kg_per_gpu_hour or 0.0 for offer in case.offers])
    rented = model.views(*(name for name in GPUS if name != "own"))
    terms += [view * (per_hour[view.keys["o"]] * demand.hours[view.keys["g"]]) for view in rented]
    if terms:
        emitted = together(*(term.with_keys(y=years[term.keys["t"]]) for term in terms))
        emitted = emitted.without_keys(*(key for key in emitted.keys if key != "y"))
        model.program.rule("carbon_is_within_cap", table(y=sorted(set(years.tolist()))), [emitted], "<=", float(cap),
                           unit="kg")  # fmt: skip
