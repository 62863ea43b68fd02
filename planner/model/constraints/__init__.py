"""Every rule of docs/model.md: one function, one formula, one name."""

from __future__ import annotations

from collections.abc import Callable

from planner.costs import CostLines
from planner.decisions import Model
from planner.model.constraints.carbon import carbon_is_within_cap
from planner.model.constraints.commitments import (
    active_is_what_runs,
    commitments_cover_their_use,
    spend_covers_its_use,
    spend_is_what_runs,
)
from planner.model.constraints.fleet import (
    fleet_is_what_is_alive,
    owned_gpus_run_within_fleet,
    power_is_within_site_limit,
    racks_are_within_site_limit,
    servers_leave_once,
    something_is_bought,
)
from planner.model.constraints.market import (
    concentration_is_limited,
    instances_cover_their_use,
    on_demand_is_within_quota,
    spot_is_within_market_depth,
    spot_share_is_limited,
)
from planner.model.constraints.money import capex_is_within_budget, cash_is_within_budget
from planner.model.constraints.people import (
    owned_work_needs_the_team,
    owning_is_declared,
    purchase_is_declared,
    room_is_declared,
    staff_cover_fleet,
    team_is_on_call,
)
from planner.model.constraints.serving import headroom_is_kept, loss_is_survived, work_is_served
from planner.model.constraints.work import batch_work_is_finished, training_holds_its_gpus

RULES: tuple[Callable[[Model], None], ...] = (
    work_is_served, headroom_is_kept, batch_work_is_finished, training_holds_its_gpus,
    fleet_is_what_is_alive, servers_leave_once, owned_gpus_run_within_fleet, something_is_bought,
    active_is_what_runs, commitments_cover_their_use, spend_is_what_runs, spend_covers_its_use,
    spot_share_is_limited, spot_is_within_market_depth, on_demand_is_within_quota, instances_cover_their_use,
    power_is_within_site_limit, racks_are_within_site_limit,
    staff_cover_fleet, team_is_on_call, owning_is_declared, owned_work_needs_the_team, purchase_is_declared,
    room_is_declared,
    carbon_is_within_cap, concentration_is_limited, loss_is_survived,
)  # fmt: skip

BUDGETS: tuple[Callable[[Model, list[CostLines]], None], ...] = (capex_is_within_budget, cash_is_within_budget)
"""Rules on what is paid: they read the cost lines."""
