"""The question in PyPSA, as a network in which GPUs are the power that flows.

Servers are ordered once, at the start: a generator whose nominal power is the kW at the meter that they may draw. A
commitment that starts in a month is a generator of its own, there while its term runs. Each kind of capacity has a bus;
links carry it to the workloads, with the speed as their efficiency.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pypsa

from benchmarks.clock import Clock
from benchmarks.question import LOSS, PUE, SHARE, TARIFF, WACC, Question

NO_LIMIT = np.inf


def measure(question: Question) -> dict[str, Any]:
    """Make the network and let PyPSA write and solve its program."""
    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    clock = Clock()
    network = made(question)
    model = network.optimize.create_model()
    clock.lap("build")
    status, _ = network.optimize.solve_model(
        solver_name="highs", io_api="direct", progress=False, solver_options={"output_flag": False}
    )
    clock.lap("solve")
    assert status == "ok"
    return clock.stages | {"objective": float(network.objective), "columns": model.nvars}


def made(asked: Question) -> pypsa.Network:
    """Return the question as a network; it must be one whose servers are ordered once."""
    assert asked.last_order == 0, "a network has no months of orders"
    start = (1 + WACC) ** (-np.arange(asked.months + 1) / 12)
    network = pypsa.Network(snapshots=range(len(asked.month)))
    network.snapshot_weightings = pd.DataFrame(
        dict.fromkeys(("objective", "stores", "generators"), asked.hours * start[asked.month + 1]),
        index=network.snapshots,
    )  # fmt: skip
    for carrier in ("servers", "rent", "work"):
        network.add("Carrier", carrier)

    def bus(name: str) -> str:
        network.add("Bus", name, carrier="work")
        return name

    def link(origin: str, to: str, efficiency: float) -> None:
        name = f"{origin} to {to}"
        network.add("Link", name, bus0=origin, bus1=to, efficiency=efficiency, p_nom=NO_LIMIT, carrier="work")

    works = range(len(asked.demand))
    for w in works:
        network.add("Load", bus(f"work {w}"), bus=f"work {w}", p_set=asked.demand[w])
        network.add("Link", f"share {w}", bus0=bus(f"risky {w}"), bus1=f"work {w}", p_nom=1, carrier="work",
                    p_max_pu=SHARE * asked.demand[w])  # fmt: skip

    for k, server in enumerate(asked.servers):
        kw = server.active_kw * PUE
        gpus = server.availability * server.gpus / kw
        busy = TARIFF * PUE * server.active_kw / server.gpus
        network.add("Generator", f"server {k}", bus=bus(f"server {k}"), carrier="servers", p_nom_extendable=True,
                    capital_cost=server.price / kw, marginal_cost=busy * gpus)  # fmt: skip
        for w in works:
            link(f"server {k}", f"work {w}", gpus * asked.speed[k, w])
    network.add("GlobalConstraint", "power", type="tech_capacity_expansion_limit", sense="<=",
                carrier_attribute="servers", constant=asked.power_limit)  # fmt: skip

    for o, offer in enumerate(asked.offers):
        rented, committed, spot = (bus(f"{kind} {o}") for kind in ("rented", "committed", "spot"))
        network.add("Generator", rented, bus=rented, p_nom=offer.quota, marginal_cost=offer.on_demand, carrier="rent")
        network.add("Generator", spot, bus=spot, p_nom=offer.depth, marginal_cost=offer.spot, carrier="rent")
        for first in range(asked.months):
            stop = min(first + offer.term, asked.months)
            upfront = offer.upfront * asked.month_hours[first : first + offer.term].sum() * start[first]
            later = (1 - offer.upfront) * asked.month_hours[first:stop] @ start[first + 1 : stop + 1]
            network.add("Generator", f"{committed} from {first}", bus=committed, carrier="rent", p_nom_extendable=True,
                        capital_cost=offer.committed * (upfront + later),
                        p_max_pu=((asked.month >= first) & (asked.month < stop)).astype(float))  # fmt: skip
        for w in works:
            speed = float(asked.speed[offer.gpu, w])
            link(rented, f"work {w}", speed)
            link(committed, f"work {w}", speed)
            link(spot, f"risky {w}", speed * (1 - LOSS))
    return network
