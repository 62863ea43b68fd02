"""Own room against colocation, and servers that run beside rented capacity before they take over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.options import self_hosted
from planner.model.audit import audit
from planner.model.build import build
from planner.needs import most_held, most_servers
from tests.small import ALL_IN_SITE, DEAR, SERVER, SITE, serving, small, solved

KEEPS = {f"{SERVER}/resale_fraction/{age}": 1 for age in (12, 24, 36, 48, 60)}
MONTH = 8 * 4 * 730


def room(usd: float, **fields: Any) -> dict[str, Any]:
    return {"name": "room", "category": "fit_out", "usd_per_month": usd, "when": "if_bought", "site": SITE,
            "source": "by hand", **fields}  # fmt: skip


@pytest.mark.parametrize(("months", "where"), [(11, ALL_IN_SITE), (13, SITE)])
def test_a_room_of_ones_own_pays_once_it_is_used_for_long_enough(months: int, where: str, tmp_path: Path) -> None:
    # 10 kW at 100 USD by the month there, at 50 here, electricity free: 500 a month, 6,000 for the fit-out.
    case = small(tmp_path, sites=[{"id": SITE}, {"id": ALL_IN_SITE}], horizon_months=months, project=[room(6_000)],
                 prices=KEEPS | {f"{SITE}/space_usd_per_kw_month": 50})  # fmt: skip
    plan = solved(case)
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= 1e-6
    built = plan.built.model.case.sites
    bought = plan.quantities.tables["buy"]
    sites = {built[s].id for s in bought.loc[bought["value"] > 0.5, "s"]}
    assert sites == {where}
    cost = 6_000 + 500 * months if where == SITE else 1_000 * months
    assert plan.answer.objective == pytest.approx(cost)
    fit_out = plan.ledger[plan.ledger["component"] == "project_fit_out"]
    assert set(fit_out["category"]) <= {"capex"}
    assert set(fit_out["treatment"]) <= {"capitalised"}


def test_a_room_is_depreciated_whatever_the_horizon(tmp_path: Path) -> None:
    tax = {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "source": "by hand"}
    finance = {"wacc_fraction": 0, "wacc_is": "after_tax", "tax": tax, "source": "by hand"}
    plan = solved(small(tmp_path, sites=[{"id": SITE}], horizon_months=12, finance=finance, prices=KEEPS,
                        project=[room(6_000)]))  # fmt: skip
    mine = plan.ledger[(plan.ledger["component"] == "depreciation_relief") & (plan.ledger["item"] == "room")]
    assert mine["cost_usd"].round(2).tolist() == [-300, -480, -288, -172.8, -172.8, -86.4]
    assert mine["month"].tolist() == [11, 23, 35, 47, 59, 71]


def test_rented_capacity_runs_beside_new_servers(tmp_path: Path) -> None:
    # Delivered after a month, at work after two more; 100 USD a month for its space from delivery on.
    prices = KEEPS | {f"{SERVER}/lead_time_months": 1, f"{SITE}/space_usd_per_kw_month": 10}
    case = small(tmp_path, sites=[{"id": SITE}], horizon_months=8, prices=prices,
                 servers={"consider": [SERVER], "dual_running_months": 2})  # fmt: skip
    plan = solved(case)
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= 1e-6
    paid = plan.ledger.groupby("component")["cost_usd"].sum()
    assert paid["on_demand"] == pytest.approx(3 * MONTH)
    assert paid["space"] == pytest.approx(7 * 100)


def test_the_bridge_of_self_hosting_waits_for_the_end_of_dual_running(tmp_path: Path) -> None:
    case = small(tmp_path, sites=[{"id": SITE}], horizon_months=8, prices={f"{SERVER}/lead_time_months": 1},
                 servers={"consider": [SERVER], "dual_running_months": 2})  # fmt: skip
    model = build(case).model
    closed = self_hosted(model).closed[model["on_demand"].columns]
    assert model["on_demand"].view.keys["t"][~closed].max() == 2


def test_what_is_owned_already_takes_work_at_once(tmp_path: Path) -> None:
    held = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-12", "paid_usd_per_server": 0}
    case = small(tmp_path, sites=[{"id": SITE}], existing_servers=[held], offers={"consider": [DEAR]},
                 servers={"consider": [], "dual_running_months": 2})  # fmt: skip
    plan = solved(case)
    assert max(audit(case, plan.quantities, plan.ledger).values()) <= 1e-6
    assert plan.answer.objective == pytest.approx(0)


@pytest.mark.parametrize("when", [{}, {"site": None, "category": "labor"}])
def test_a_room_for_a_dollar_costs_a_dollar_in_fractions_of_servers_too(when: dict[str, Any], tmp_path: Path) -> None:
    # 10 kW a server and room for 15 kW: one and a half of them do the work of 12 GPUs.
    changes: dict[str, Any] = {
        "sites": [{"id": SITE, "power_limit_kw": 15}], "workloads": [serving(12)], "whole": {"servers": False},
        "prices": KEEPS,
    }  # fmt: skip
    without = solved(small(tmp_path, **changes)).answer.objective
    cost = {key: value for key, value in (room(1) | when).items() if value is not None}
    assert solved(small(tmp_path, **changes, project=[cost])).answer.objective == pytest.approx(without + 1)


def test_a_team_may_hold_all_that_is_under_way_between_short_leases(tmp_path: Path) -> None:
    # At work for 4 − 2 months of a lease, under way for 4 + 2: three fleets on order beside the one that works.
    lease = {"name": "short", "kind": "operating_lease", "term_months": 4, "rate_fraction": 0.05,
             "residual_fraction": 0.9, "source": "by hand"}  # fmt: skip
    case = small(tmp_path, sites=[{"id": SITE}], horizon_months=12, financing=[lease], workloads=[serving(80)],
                 servers={"consider": [SERVER], "dual_running_months": 2},
                 prices={f"{SERVER}/lead_time_months": 4})  # fmt: skip
    assert most_held(case) == pytest.approx(4 * most_servers(case))
