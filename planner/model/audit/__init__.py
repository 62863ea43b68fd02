"""Checks a solved plan against every rule of docs/model.md, from the plan's tables and the case alone.

Nothing here is shared with the code that builds the program, so a rule that is missing or wrong there shows here.
What follows from other decisions (servers in service, commitments that run) is worked out again, never believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from planner.case import Case
from planner.model.audit.capacity import (
    active_is_what_runs,
    commitments_cover_their_use,
    fleet_is_what_is_alive,
    instances_cover_their_use,
    on_demand_is_within_quota,
    owned_gpus_run_within_fleet,
    power_is_within_site_limit,
    racks_are_within_site_limit,
    servers_leave_once,
    something_is_bought,
    spend_covers_its_use,
    spend_is_what_runs,
    spot_is_within_market_depth,
)
from planner.model.audit.facts import Facts
from planner.model.audit.given import (
    existing_is_kept,
    holds_are_constant,
    offers_are_open,
    orders_are_possible,
    placement_is_allowed,
    values_are_not_negative,
    whole_numbers_are_whole,
)
from planner.model.audit.means import (
    capex_is_within_budget,
    carbon_is_paid,
    carbon_is_within_cap,
    cash_is_within_budget,
    owned_work_needs_the_team,
    owning_is_declared,
    purchase_is_declared,
    room_is_declared,
    staff_are_always_there,
    staff_cover_fleet,
    team_is_on_call,
)
from planner.model.audit.money import debts_are_settled, tax_is_the_rate_of_what_is_deducted
from planner.model.audit.serving import (
    batch_work_is_finished,
    concentration_is_limited,
    headroom_is_kept,
    loss_is_survived,
    spot_share_is_limited,
    training_holds_its_gpus,
    work_is_served,
)

if TYPE_CHECKING:
    from planner.quantities import Quantities

NAMED: tuple[Callable[[Facts], float], ...] = (
    work_is_served, headroom_is_kept, batch_work_is_finished, training_holds_its_gpus,
    fleet_is_what_is_alive, servers_leave_once, owned_gpus_run_within_fleet, something_is_bought,
    active_is_what_runs, commitments_cover_their_use, spend_is_what_runs, spend_covers_its_use,
    spot_share_is_limited, spot_is_within_market_depth, on_demand_is_within_quota, instances_cover_their_use,
    power_is_within_site_limit, racks_are_within_site_limit,
    staff_cover_fleet, team_is_on_call, owning_is_declared, owned_work_needs_the_team, purchase_is_declared,
    room_is_declared,
    carbon_is_within_cap, concentration_is_limited, loss_is_survived, capex_is_within_budget, cash_is_within_budget,
)  # fmt: skip
"""What the program says in rows, by the names of its rules."""

IMPLIED: tuple[Callable[[Facts], float], ...] = (
    values_are_not_negative, whole_numbers_are_whole, placement_is_allowed, offers_are_open, orders_are_possible,
    holds_are_constant, existing_is_kept, staff_are_always_there, carbon_is_paid,
    debts_are_settled, tax_is_the_rate_of_what_is_deducted,
)  # fmt: skip
"""What the program says by which columns it has, by their bounds, and by its costs."""


def audit(case: Case, plan: Quantities, ledger: pd.DataFrame) -> dict[str, float]:
    """Return for every rule its largest violation ÷ max(1, |limit|); 0 where it holds or asks nothing.

    Parameters
    ----------
    case : what was asked
    plan : the values of all decisions
    ledger : what the plan costs, for the budgets
    """
    facts = Facts(case, plan, ledger)
    return {check.__name__: check(facts) for check in (*NAMED, *IMPLIED)}
