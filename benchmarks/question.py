"""One question for every model, in plain numbers: what is asked for, what can be bought or rented, and what limits it.

Everything is made up, of any size, and so that no option can be left out beforehand: newer GPUs are faster and dearer,
cheap offers have quotas, workloads grow and peak at different hours. Nothing is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.hourly_load import START, days_in_months, load

HOURS_PER_MONTH = 730.0
LONGEST_TERM = 36
WACC, TARIFF, PUE, GROWTH = 0.08, 0.12, 1.4, 1.02
SHARE, LOSS = 0.3, 0.1
"""Of each workload's work at most this share runs on spot, and this part of what spot does is lost."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Server:
    """A server type with GPUs of its own kind; `resale` is the fraction of the price that is left, by age in months."""

    gpus: int
    availability: float
    price: float
    removal: float
    support_per_year: float
    active_kw: float
    idle_kw: float
    lead: int
    resale: dict[int, float]


@dataclass(frozen=True)
class Offer:
    """Instances with GPUs of kind `gpu`; USD per GPU-hour on demand, on spot and for a term of months."""

    gpu: int
    gpus: int
    on_demand: float
    quota: float
    spot: float
    depth: float
    term: int
    upfront: float
    committed: float


@dataclass(frozen=True)
class Question:
    """What every model is asked.

    Attributes
    ----------
    months : H
    last_order : last month in which servers can be ordered
    month : array [g], the month of each group of hours
    hours : array [g], how many hours it stands for
    month_hours : hours of each month, up to the end of the longest term
    demand : array [w, g], work units per hour
    speed : array [kind of GPU, w], work units per GPU-hour
    power_limit : kW at the meter of the one site
    calendar : months have their true hours, not 730 each
    """

    months: int
    last_order: int
    month: NDArray[np.int64]
    hours: Floats
    month_hours: Floats
    demand: Floats
    speed: Floats
    servers: tuple[Server, ...]
    offers: tuple[Offer, ...]
    power_limit: float
    calendar: bool = False


def question(
    months: int, servers: int = 2, offers: int = 3, workloads: int = 2, hours: int = 24, once: bool = False
) -> Question:
    """Return a question with `hours` groups of hours a month.

    Parameters
    ----------
    once : servers are ordered at the start, for good: they come at once, cost nothing but the price and their power at
        work, and bring nothing when they go
    """
    month, hour = np.repeat(np.arange(months), hours), np.tile(np.arange(hours), months)
    day = [np.sin(np.pi * (hour / hours + w / workloads)) ** 2 + hour / hours / 100 for w in range(workloads)]
    demand = GROWTH**month * np.array([(80 + 30 * w) * (0.4 + 0.6 * day[w]) for w in range(workloads)])
    hours_of_groups = np.full(len(month), HOURS_PER_MONTH / hours)
    month_hours = np.full(months + LONGEST_TERM, HOURS_PER_MONTH)
    market = _market(servers, offers, workloads, once)
    return Question(months, 0 if once else months - 1, month, hours_of_groups, month_hours, demand, **market)


def every_hour(months: int, workloads: int = 1, servers: int = 2, offers: int = 3, every: int = 1) -> Question:
    """Return a question in which no two hours of the calendar ask for the same; `every` = 2 takes every second hour."""
    month_hours = 24.0 * days_in_months(START, months + LONGEST_TERM)
    month = np.repeat(np.arange(months), month_hours[:months].astype(int))[::every]
    hours = (month_hours[:months] / np.bincount(month))[month]
    demand = GROWTH**month * np.array([(80 + 30 * w) * load(START, months, seed=w)[::every] for w in range(workloads)])
    market = _market(servers, offers, workloads, once=False)
    return Question(months, months - 1, month, hours, month_hours, demand, **market, calendar=True)


def worth(server: Server, age: int) -> float:
    """Return the fraction of its price that a server brings at an age: straight between known ages, level outside."""
    return float(np.interp(age, list(server.resale), list(server.resale.values())))


def _market(servers: int, offers: int, workloads: int, once: bool) -> dict[str, Any]:
    kinds = 1 + 0.6 * np.arange(servers)
    speed = np.array(
        [[kind * (1 + 0.05 * ((k + 2 * w) % 3)) for w in range(workloads)] for k, kind in enumerate(kinds)]
    )
    return {
        "speed": speed.round(3),
        "servers": tuple(_server(k, float(kind), once) for k, kind in enumerate(kinds)),
        "offers": tuple(_offer(o, offers, kinds) for o in range(offers)),
        "power_limit": 80.0 * workloads,
    }


def _server(k: int, kind: float, once: bool) -> Server:
    price, kw = round(130_000 * kind**0.9), 6.0 + 2 * k
    if once:
        return Server(8, 0.97, price, 0, 0, kw, 0, 0, {12: 0.0})
    return Server(8, 0.97, price, 500, 0.04, kw, 2, 2, {12: 0.6, 36: 0.25, 60: 0.1})


def _offer(o: int, offers: int, kinds: Sequence[float] | Floats) -> Offer:
    """The first offer is the dearest for its work and has no quota, so that whatever is asked can be done."""
    gpu = o % len(kinds)
    rate = 2.5 * float(kinds[gpu]) ** 0.9 * (1 - 0.4 * o / offers)
    term, upfront = 6 * (1 + o % (LONGEST_TERM // 6)), round(o / offers, 4)
    return Offer(
        gpu, 8, round(rate, 4), 20.0 + 4 * o if o else np.inf, round(0.35 * rate, 4), 10.0 + o,
        term, upfront, round(rate * (0.62 - 0.004 * term), 4),
    )  # fmt: skip
