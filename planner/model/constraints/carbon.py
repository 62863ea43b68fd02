"""Carbon of owned and rented capacity is within the cap."""

from __future__ import annotations

from planner.costs.carbon import emissions
from planner.decisions import Model
from planner.program import table, together


def carbon_is_within_cap(model: Model) -> None:
    """Σ kWh at the meter · kg per kWh (owned) + Σ GPU-hours · kg per GPU-hour (rented) ≤ cap   for every fiscal year.

    Rented: kW per GPU × the provider's PUE × the region's factor. An unknown factor keeps an option out.
    """
    case = model.case
    cap = case.scenario.limits.carbon_kg_per_year
    if cap is None:
        return
    years = case.fiscal_years
    terms = [one.view * one.kg for one in emissions(model)]
    if terms:
        emitted = together(*(term.with_keys(y=years[term.keys["t"]]) for term in terms))
        emitted = emitted.without_keys(*(key for key in emitted.keys if key != "y"))
        model.program.rule("carbon_is_within_cap", table(y=sorted(set(years.tolist()))), [emitted], "<=", float(cap),
                           unit="kg")  # fmt: skip
