"""What a scenario says is there already, in indices."""

from __future__ import annotations

from collections.abc import Iterable

from planner.case import Held, HeldSpend, Offer, SavingsPlan, Server
from planner.scenario.schema import Scenario
from planner.units import months_between


def owned(scenario: Scenario, servers: Iterable[Server]) -> tuple[Held, ...]:
    """Return the servers that are owned or on order."""
    types, sites = [one.id for one in servers], [one.id for one in scenario.sites]
    ways = [None, *(way.name for way in scenario.financing)]
    return tuple(
        Held(types.index(e.server), sites.index(e.site), e.servers, months_between(scenario.start, e.in_service), 0,
             float(e.paid_usd_per_server), ways.index(e.financing),
             months_between(scenario.start, e.ordered or e.in_service))
        for e in scenario.existing_servers if e.server in types
    )  # fmt: skip


def committed(scenario: Scenario, offers: Iterable[Offer]) -> tuple[Held, ...]:
    """Return the commitments that run yet."""
    ids = [one.id for one in offers]
    return tuple(
        Held(ids.index(e.offer), 0, e.instances, since, e.term_months, float(e.hourly_usd_per_gpu),
             used=e.hourly_billed == "used")
        for e in scenario.existing_commitments for since in [months_between(scenario.start, e.start)]
        if e.offer in ids and since + e.term_months > 0
    )  # fmt: skip


def spending(scenario: Scenario, plans: Iterable[SavingsPlan]) -> tuple[HeldSpend, ...]:
    """Return the savings plans that run yet."""
    months = {one.id: (v, one.months) for v, one in enumerate(plans)}
    found = [(months[e.plan], months_between(scenario.start, e.start), e) for e in scenario.existing_savings_plans]
    return tuple(HeldSpend(v, since, float(e.usd_per_hour)) for (v, term), since, e in found if since + term > 0)
