"""Where bills, meters and the plan do not fit together, in sentences: whoever reads the figures must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner.actuals.comparison import Comparison, Scope
from planner.actuals.variance import LEAST_HOURS

if TYPE_CHECKING:
    from planner.actuals.store import Store

_NAMED = 3
"""Commitments that are named, the dearest first."""
_LONGEST = 200


def contradictions(both: Comparison, store: Store, scope: Scope) -> Iterator[str]:
    """Yield what does not fit in the months of the period, each with its cure."""
    actual, available = both.actual, both.plan.owned_available
    more = [t for t in both.period if actual.owned_hours[t] > available[t] + LEAST_HOURS and available[t]]
    if more:
        each = ", ".join(f"{both.plan.labels[t]}: {actual.owned_hours[t]:,.0f} of {available[t]:,.0f}" for t in more)
        yield (f"More GPU-hours at work on owned servers than the plan's fleet has available ({each}): meters may be "
               "of other clusters too (--own NAME), or the fleet is another than the plan's.")  # fmt: skip
    if not scope.own and (twice := [t for t in both.period if actual.metered[t] and actual.rented_from[t]]):
        yield (f"GPU-hours of bills and of meters are added up ({_months(both, twice)}): where a cluster runs on "
               "rented nodes too, they count twice; --own NAME says what ran on owned servers.")  # fmt: skip
    if left := [t for t in both.period if actual.elsewhere[t]]:
        hours = sum(actual.elsewhere[t] for t in left)
        yield (f"{hours:,.0f} GPU-hours of meters are left out ({_months(both, left)}): the plan owns no GPUs then, "
               "so that bills tell them; --own NAME takes them in.")  # fmt: skip
    yield from _unclaimed(both, store, scope)


def _unclaimed(both: Comparison, store: Store, scope: Scope) -> Iterator[str]:
    """Yield what stands unused and could be the plan's commitments, or anybody's."""
    promised = {item.provider for item in both.plan.uses if item.kind == "committed"}
    first, last = (both.plan.labels[both.period[end]] for end in (0, -1))
    found = [
        one for one in store.rows(
            "SELECT provider, currency, resource, sum(effective_cost)::DOUBLE AS usd FROM charges WHERE doubt IS NULL "
            "AND unused AND gpu IS NULL AND NOT correction AND strftime(charge_start, '%Y-%m') BETWEEN ? AND ? "
            "GROUP BY ALL ORDER BY usd DESC, resource", [first, last],
        ) if one["provider"] in promised and one["resource"] not in scope.commitments
    ]  # fmt: skip
    if found:
        named = "; ".join(f"{(one['resource'] or one['provider'])[:_LONGEST]} {one['usd']:,.0f} {one['currency']}"
                          for one in found[:_NAMED])  # fmt: skip
        more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        yield (f"Commitments stand unused that name no GPU, and are not compared ({named}{more}): --commitment ID "
               "takes in those that are the plan's.")  # fmt: skip


def _months(both: Comparison, months: Sequence[int]) -> str:
    first, last = (both.plan.labels[months[end]] for end in (0, -1))
    return first if first == last else f"{first} to {last}"
