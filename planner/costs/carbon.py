"""carbon: what owned and rented GPUs emit, at the scenario's price of a tonne."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.costs.electricity import energy_at_the_meter
from planner.costs.licences import RENTED
from planner.costs.lines import CostLines, cost_lines
from planner.decisions import Model
from planner.program import Floats, View

KG_PER_TONNE = 1000
OWNED_TONNES, RENTED_TONNES = "t CO2e owned", "t CO2e rented"


@dataclass(frozen=True)
class Emissions:
    """Energy and carbon of a unit of each entry of `view`; not a number where they are not known.

    `at` is the key of the place: site s, offer o or token API a.
    """

    view: View
    kwh: Floats
    kg: Floats
    at: Literal["s", "o", "a"]


def carbon(model: Model) -> Iterator[CostLines]:
    """price[t] ÷ 1000 · (kg per kWh[s] · kWh at the meter + kg per GPU-hour[o] · hours[g] · every rented GPU).

    kWh and factors are those of `carbon_is_within_cap`. What has no known factor is left out where carbon has a price.
    """
    case, price = model.case, model.case.carbon_usd_per_tonne
    if price is None:
        return
    for one in emissions(model):
        owned, places = one.at == "s", case.sites if one.at == "s" else case.offers
        source = [" × ".join(("scenario carbon", *place.carbon_rows)) for place in places]
        yield cost_lines("carbon", "opex", one.view, amount=one.kg / KG_PER_TONNE, price=price[one.view.keys["t"]],
                         unit=OWNED_TONNES if owned else RENTED_TONNES, items="sk" if owned else "o",
                         source=source)  # fmt: skip


def emissions(model: Model) -> Iterator[Emissions]:
    """Yield what stands idle, GPUs at work, and work of token APIs, with the energy and carbon of each."""
    case, hours = model.case, model.case.demand.hours
    factor = _known([site.carbon_kg_per_kwh for site in case.sites])
    for view, kwh in energy_at_the_meter(model):
        yield Emissions(view, kwh, kwh * factor[view.keys["s"]], "s")
    energy = _known([offer.kwh_per_gpu_hour for offer in case.offers])
    carbon = _known([offer.carbon_kg_per_gpu_hour for offer in case.offers])
    for view in model.views(*RENTED):
        offer, used = view.keys["o"], hours[view.keys["g"]]
        yield Emissions(view, energy[offer] * used, carbon[offer] * used, "o")
    for view in model.views("api"):
        unknown = np.full(len(view), np.nan)
        yield Emissions(view, unknown, unknown, "a")


def _known(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])
