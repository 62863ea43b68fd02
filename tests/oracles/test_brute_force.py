"""Every whole number of servers and commitments tried out, the rest by direct arithmetic."""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.oracles.own import Row, made, offer, server, term, workload
from tests.small import solved

DAY = 730 / 2
"""Hours of a month's days, and of its nights."""
INSTANCE = 8
"""GPUs of a rented instance, which do all the work of the busiest hour; so do two servers of 4."""
FAST = 3
"""Work units per hour of a GPU of the second model; the first does 2."""


class Type(NamedTuple):
    """A server type: USD, usable GPUs, work per GPU-hour, and USD of electricity for an hour of a GPU."""

    price: float
    gpus: int
    speed: float
    energy: float
    support: float  # share of the price, each month in service
    resale: float  # share of the price at any age
    removal: float


class Tiny(NamedTuple):
    """Months of demand by day and night, server types, and an offer with a commitment of two months."""

    days: list[tuple[int, int]]
    types: list[Type]
    on_demand: float
    committed: float
    upfront: float
    liquidate: bool
    most: int


Stay = tuple[int, int, int]
"""Type, month of purchase, month of sale; the number of months when it is kept."""


def least_cost(tiny: Tiny) -> float:
    """Try every plan; sold at the start of a month, at the earliest the one after its purchase."""
    months = len(tiny.days)
    stays = [(k, t, out) for k in range(len(tiny.types)) for t in range(months) for out in range(t + 1, months + 1)]

    @cache
    def served(month: int, fleet: tuple[int, ...], instances: int) -> float:
        """USD for the month's work with the cheapest capacity first."""
        total = 0.0
        for load in tiny.days[month]:
            left = float(load)
            sources = [(one.energy / one.speed, count * one.gpus * one.speed) for one, count in
                       zip(tiny.types, fleet, strict=True)]  # fmt: skip
            sources += [(0.0, instances * INSTANCE * 2.0), (tiny.on_demand / 2, float("inf"))]
            for usd, most in sorted(sources):
                part = min(left, most)
                total += usd * part * DAY
                left -= part
        return total

    best = float("inf")
    for counts in product(range(tiny.most + 1), repeat=len(stays)):
        for starts in product(range(2), repeat=months):
            cost = sum(_owning(tiny, stay, months) * count for stay, count in zip(stays, counts, strict=True) if count)
            cost += sum(_commitment(tiny, start, months) for start in range(months) if starts[start])
            for month in range(months):
                here = [(k, c) for (k, t, out), c in zip(stays, counts, strict=True) if t <= month < out]
                fleet = tuple(sum(c for k, c in here if k == own) for own in range(len(tiny.types)))
                cost += served(month, fleet, sum(starts[max(0, month - 1) : month + 1]))
                if cost >= best:
                    break
            best = min(best, cost)
    return best


def _owning(tiny: Tiny, stay: Stay, months: int) -> float:
    k, bought, out = stay
    one = tiny.types[k]
    return one.price * (1 - one.resale) + one.removal + one.price * one.support * (out - bought)


def _commitment(tiny: Tiny, start: int, months: int) -> float:
    """The upfront share of both months at once; the rest by the month, after the horizon only when it is owed."""
    paid = 2 if tiny.liquidate else min(2, months - start)
    return INSTANCE * 730 * tiny.committed * (2 * tiny.upfront + paid * (1 - tiny.upfront))


def planned(tiny: Tiny, folder: Path) -> float:
    models = ("gpu", "gpu-fast")
    servers: list[Row] = []
    for k, one in enumerate(tiny.types):
        row = server(f"type-{k}", one.gpus, one.price, models[k], power_active_kw=one.energy * one.gpus,
                     support_fraction_per_year=12 * one.support,
                     decommissioning_usd_per_server=one.removal)  # fmt: skip
        age = {**row["purchase_usd_per_server"], "value": one.resale}
        servers.append({**row, "resale_fraction": {"1": age}})
    cloud = offer("cloud", INSTANCE, tiny.on_demand, commitments=[term("two-months", 2, tiny.committed, tiny.upfront)])
    levels = [max(day, night) or 1 for day, night in tiny.days]
    assert all(day == 2 * night for day, night in tiny.days)
    demand: dict[str, Any] = {"peak_per_hour": 1, "shape": {"weekday": [2] * 12 + [1] * 12},
                              "growth": {"monthly_factors": levels}}  # fmt: skip
    work = workload("serving", {"gpu": 2, "gpu-fast": FAST}, demand=demand)
    case = made(folder, servers, [cloud], [work], len(tiny.days), electricity=1,
                horizon_end="liquidate" if tiny.liquidate else "continue")  # fmt: skip
    return solved(case).answer.objective


def types(speed: float) -> st.SearchStrategy[Type]:
    return st.builds(
        Type, price=st.integers(1_000, 40_000), gpus=st.just(4), speed=st.just(speed),
        energy=st.integers(0, 8).map(lambda n: n / 4), support=st.integers(0, 8).map(lambda n: n / 100),
        resale=st.integers(0, 3).map(lambda n: n / 4), removal=st.integers(0, 500),
    )  # fmt: skip


def tinies(months: int, kinds: int, most: int) -> st.SearchStrategy[Tiny]:
    return st.builds(
        Tiny, days=st.lists(st.integers(1, 8).map(lambda n: (2 * n, n)), min_size=months, max_size=months),
        types=st.tuples(*(types(speed) for speed in (2, FAST)[:kinds])).map(list),
        on_demand=st.integers(4, 30).map(lambda n: n / 4), committed=st.integers(2, 16).map(lambda n: n / 4),
        upfront=st.sampled_from([0, 0.5, 1]), liquidate=st.booleans(), most=st.just(most),
    )  # fmt: skip


BRIEF = settings(max_examples=20, deadline=None, derandomize=True, database=None, phases=[Phase.generate])


@BRIEF
@given(tiny=tinies(months=2, kinds=2, most=2))
def test_two_types_in_two_months(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert planned(tiny, tmp_path_factory.mktemp("tiny")) == pytest.approx(least_cost(tiny), rel=1e-6)


@BRIEF
@given(tiny=tinies(months=3, kinds=1, most=2))
def test_one_type_in_three_months(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert planned(tiny, tmp_path_factory.mktemp("tiny")) == pytest.approx(least_cost(tiny), rel=1e-6)
