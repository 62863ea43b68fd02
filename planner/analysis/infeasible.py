"""Which rules clash when no plan obeys all of them: each limit is left out in turn."""

from __future__ import annotations

from planner.case import Case
from planner.model.build import build
from planner.model.highs import Live

LIMITS = (
    "power_is_within_site_limit", "racks_are_within_site_limit", "on_demand_is_within_quota",
    "spot_is_within_market_depth", "spot_share_is_limited", "capex_is_within_budget", "cash_is_within_budget",
    "carbon_is_within_cap", "concentration_is_limited", "loss_is_survived", "headroom_is_kept",
)  # fmt: skip


def clashing_limits(case: Case) -> list[str]:
    """Return the limits without which (one alone left out) a plan would exist."""
    everything = set(build(case).model.program.rules)
    return [limit for limit in LIMITS if limit in everything and _possible_without(case, limit)]


def _possible_without(case: Case, limit: str) -> bool:
    return Live(build(case, without={limit}).arrays).solve() is not None


def why_infeasible(case: Case) -> str:
    """Say in a few lines why no plan exists, and what would make one possible."""
    limits = clashing_limits(case)
    head = "No plan obeys every rule of the scenario."
    if limits:
        return f"{head}\nLeaving out any one of these would make one possible: {', '.join(limits)}."
    gpus = {thing.gpu for thing in case.servers} | {thing.gpu for thing in case.offers}
    stranded = [w.name for w in case.scenario.workloads if not gpus & set(w.speed)]
    if stranded and not case.apis:
        return f"{head}\nNothing that is considered can run {', '.join(stranded)}: look at speed, servers and offers."
    return f"{head}\nNo single limit is the reason: capacity is missing where work must run, or several limits clash."
