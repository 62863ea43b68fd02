"""One workload, one server type and on-demand beside it: how much to own is a quantile of the load."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.oracles.own import made, offer, server, workload
from tests.small import solved

MONTHS, HOURS = 2, 730


@settings(max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(
    load=st.lists(st.integers(0, 1_000), min_size=168, max_size=168).filter(any),
    rate=st.integers(1, 9), energy=st.integers(0, 9), share=st.integers(1, 99),
)  # fmt: skip
def test_the_capacity_owned_is_a_quantile_of_the_load(
    load: list[int], rate: int, energy: int, share: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Own C such that the hours of load above C cost, on demand, what one more owned unit costs.

    A busy hour saves the rate less the electricity: 1 kW at a tenth of `energy` of the rate. The price of the server
    is what `share` + 0.3 per cent of all hours save: never a whole number of the 168, so that no tie is possible.
    """
    folder = tmp_path_factory.mktemp("quantile")
    saved = rate * (1 - energy / 10)
    price = saved * MONTHS * HOURS * (share + 0.3) / 100
    with (folder / "load.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["load"], *([value] for value in load)])
    demand = {"peak_per_hour": max(load), "shape": {"csv": "load.csv", "column": "load"}, "growth": {"annual_rate": 0}}
    case = made(folder, [server("one", 1, price, power_active_kw=1)], [offer("cloud", 1, rate)],
                [workload("serving", demand=demand)], MONTHS, electricity=rate * energy / 10,
                whole={"servers": False})  # fmt: skip
    plan = solved(case)
    hours_above = np.array([sum(value > level for value in load) for level in range(1_001)]) / 168
    capacity = int(np.flatnonzero(hours_above <= (share + 0.3) / 100)[0])
    assert plan.quantities.tables["buy"]["value"].sum() == pytest.approx(capacity, abs=1e-6)
    served = np.minimum(load, capacity)
    cost = price * capacity + MONTHS * HOURS / 168 * (rate * sum(load) - saved * served.sum())
    assert plan.answer.objective == pytest.approx(cost)
