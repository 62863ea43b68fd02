"""What can be promised, and what was: servers by month of order, commitments by month of start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.case import Case, Held
from planner.scenario.finance_schema import OperatingLease


@dataclass(frozen=True)
class Cohort:
    """Servers of one type at one site that were ordered in one month and are paid in one way.

    Attributes
    ----------
    retires : when they are out: at the end of life, or of a lease that ends in giving back
    usd_paid, fixed : price of one and number of those already owned; None for new ones
    ordered : below 0 where they were before the plan
    way : how they are paid, index into the ways of the case; 0 is cash
    for_sale : they may be sold, from a month after service on
    """

    server: int
    site: int
    ordered: int
    in_service: int
    retires: int
    usd_paid: float | None
    fixed: int | None
    way: int = 0
    for_sale: bool = True


@dataclass(frozen=True)
class Contract:
    """A commitment that may be started in one month; those already running have `fixed` instances."""

    pool: int
    offer: int
    term: int | None
    starts: int
    months: int
    usd_per_hour: float | None
    fixed: int | None


@dataclass(frozen=True)
class CapacityPool:
    """Committed instances of one offer that cost the same in use.

    Attributes
    ----------
    term : None when they are paid whether used or not, or run already
    starts : a month of start at whose rate, listed and as negotiated, their used hours are paid
    usd_per_hour : rate of used hours of what runs already, where these are paid only
    """

    offer: int
    term: int | None = None
    starts: int = 0
    usd_per_hour: float | None = None


def cohorts(case: Case) -> list[Cohort]:
    """List what is owned or on order already and what can be ordered: delivered within the horizon, at an open site.

    Nor is anything ordered that would be out or given back before dual running ends.
    """
    found = [_held(case, held) for held in case.existing_servers]
    ways = range(0 if case.scenario.servers.cash else 1, len(case.ways))
    dual = case.scenario.servers.dual_running_months
    for k, server in enumerate(case.servers):
        for s, site in enumerate(case.sites):
            for way in ways:
                for t in np.flatnonzero(server.orderable):
                    ready = int(t) + server.lead_months
                    one = _cohort(case, k, s, int(t), way)
                    if site.opens <= ready < min(case.horizon, one.retires - dual):
                        found.append(one)
    return found


def _cohort(case: Case, k: int, s: int, ordered: int, way: int) -> Cohort:
    """What is rented from a lessor is not sold, and is given back at the end of its term."""
    service = ordered + case.servers[k].lead_months
    return Cohort(k, s, ordered, service, service + _life(case, k, way), None, None, way, not _returned(case, way))


def _held(case: Case, held: Held) -> Cohort:
    k, service, way = held.item, held.since, held.way
    ordered = held.ordered if way else min(service, 0)
    retires = service + _life(case, k, way)
    return Cohort(k, held.site, ordered, service, retires, held.usd, held.count, way, not _returned(case, way))


def _life(case: Case, k: int, way: int) -> int:
    """Months of service: of its life, or of a lease at whose end it is given back."""
    life, terms = case.servers[k].life_months, case.ways[way]
    return min(life, terms.term_months) if isinstance(terms, OperatingLease) else life


def _returned(case: Case, way: int) -> bool:
    return isinstance(case.ways[way], OperatingLease)


def contracts(case: Case, terms: list[int]) -> tuple[list[CapacityPool], list[Contract]]:
    """List the commitments of `terms` that can be started and those that run, and the pools they feed."""
    pools: list[CapacityPool] = []

    def pool(one: CapacityPool) -> int:
        if one not in pools:
            pools.append(one)
        return pools.index(one)

    found = [
        Contract(pool(CapacityPool(held.item, usd_per_hour=held.usd if held.used else None)), held.item, None,
                 held.since, held.months, held.usd, held.count)
        for held in case.existing_commitments
    ]  # fmt: skip
    for c in terms:
        term = case.terms[c]
        for t in map(int, np.flatnonzero(case.offers[term.offer].open)):
            one = CapacityPool(term.offer)
            if term.billed == "used":
                one = CapacityPool(term.offer, c, term.rate.same_as(t))
            found.append(Contract(pool(one), term.offer, c, t, term.months, None, None))
    return pools, found
