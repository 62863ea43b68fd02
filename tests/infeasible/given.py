"""Scenarios without a plan, small enough to say by hand what is short."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from planner.analysis.infeasible import Diagnosis, why_infeasible
from planner.assemble import build_case
from planner.case import Case
from planner.model.build import build
from planner.model.highs import Live
from planner.model.solve import Effort, solve
from planner.scenario.load import load_scenario
from tests.small import CHEAP, DEAR, PRICES, SCENARIO, SERVER, SITE, batch, catalog, serving, training

OWNED = {"allowed_on": ["owned"]}
ONLY_DEAR = {"offers": {"consider": [DEAR]}}


@dataclass(frozen=True)
class Given:
    """A scenario file."""

    path: Path

    def case(self, more: Sequence[str] = ()) -> Case:
        """The case of the file with `path=value` applied over it."""
        return build_case(catalog(), load_scenario(self.path, catalog(), more))

    def diagnosis(self) -> Diagnosis:
        """What is said of it."""
        return why_infeasible(self.case(), self.case)

    def cost(self, more: Sequence[str] = ()) -> float | None:
        """Present cost of its plan with `path=value` applied; None when no plan obeys the rules."""
        built = build(self.case(more))
        arrays = built.arrays
        answer = solve(built, Live(arrays), arrays.lower, arrays.upper, Effort(gap=1e-9))
        return None if answer is None else answer.objective


def given(folder: Path, prices: dict[str, float] | None = None, **changes: Any) -> Given:
    """Write a scenario like that of tests/small.py."""
    document = deepcopy(SCENARIO) | {"workloads": [serving()]} | changes
    document["prices"] = PRICES | (prices or {})
    path = folder / "infeasible.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return Given(path)


@dataclass(frozen=True)
class Expected:
    """What is short, worked out by hand, and the settings that mend it and that almost do."""

    changes: dict[str, Any]
    shortage: tuple[str, str, str, str, float, float]
    enough: list[str]
    not_quite: list[str]


def _grown(months: list[float]) -> dict[str, Any]:
    demand = {"average_per_hour": 16, "shape": "flat", "growth": {"monthly_factors": months}}
    return serving(**OWNED) | {"demand": demand}


_LATE = {f"{SERVER}/lead_time_months": 3}
_SITE = [{"id": SITE}]

SCENARIOS: dict[str, Expected] = {
    # 24 H100 take 3 servers of 8 at 10 kW (PUE 1) and 10 rack units; 2 fit.
    "power": Expected(
        {"workloads": [serving(24, **OWNED)], "sites": [{"id": SITE, "power_limit_kw": 20}]},
        ("power", SITE, "2027-01", "2027-03", 30, 20),
        [f"sites.{SITE}.power_limit_kw=30"], [f"sites.{SITE}.power_limit_kw=29"],
    ),
    # 16 H100, half as many again in months 4 and 5: 3 servers then, 2 in the others.
    "power in some months": Expected(
        {"workloads": [_grown([1, 1, 1, 1.5, 1.5, 1])], "sites": [{"id": SITE, "power_limit_kw": 20}],
         "horizon_months": 6},
        ("power", SITE, "2027-04", "2027-05", 30, 20),
        [f"sites.{SITE}.power_limit_kw=30"], [f"sites.{SITE}.power_limit_kw=29"],
    ),
    "racks": Expected(
        {"workloads": [serving(24, **OWNED)], "sites": [{"id": SITE, "rack_limit_units": 25}]},
        ("racks", SITE, "2027-01", "2027-03", 30, 25),
        [f"sites.{SITE}.rack_limit_units=30"], [f"sites.{SITE}.rack_limit_units=29"],
    ),
    # 3 servers at 100,000 USD.
    "budget": Expected(
        {"workloads": [serving(24, **OWNED)], "sites": _SITE, "budgets": {"capex_usd": {2027: 250_000}}},
        ("capex budget", "2027", "2027-01", "2027-03", 300_000, 250_000),
        ["budgets.capex_usd.2027=300000"], ["budgets.capex_usd.2027=299900"],
    ),
    # 8 GPUs at 4 USD for 3 months of 730 h are 70,080 USD.
    "cash": Expected(
        {"budgets": {"cash_usd": {2027: 50_000}}}, ("cash budget", "2027", "2027-01", "2027-03", 70_080, 50_000),
        ["budgets.cash_usd.2027=70080"], ["budgets.cash_usd.2027=70070"],
    ),
    "quota": Expected(
        {"limits": {"on_demand_quota_gpus": {DEAR: 5}}}, ("on-demand quota", DEAR, "2027-01", "2027-03", 8, 5),
        [f"limits.on_demand_quota_gpus.{DEAR}=8"], [f"limits.on_demand_quota_gpus.{DEAR}=7"],
    ),
    # Work of a month in all of its 730 h: 5,840 / 730 = 8 GPUs.
    "quota of batch work": Expected(
        {"workloads": [batch()], "limits": {"on_demand_quota_gpus": {DEAR: 5}}},
        ("on-demand quota", DEAR, "2027-01", "2027-03", 8, 5),
        [f"limits.on_demand_quota_gpus.{DEAR}=8"], [f"limits.on_demand_quota_gpus.{DEAR}=7"],
    ),
    # Ordered in month 1 and in service in month 4; the work of months 1 to 3 has nothing to run on.
    "lead time": Expected(
        {"prices": _LATE, "workloads": [serving(8, **OWNED)], "sites": _SITE, "horizon_months": 6},
        ("lead time", SERVER, "2027-01", "2027-03", 8, 0),
        [f"prices.{SERVER}/lead_time_months=0"], [f"prices.{SERVER}/lead_time_months=1"],
    ),
    # A run that starts in month 3 and ends with month 4 can wait for its server until month 4, or get it in 2 months.
    "lead time of a run": Expected(
        {"prices": _LATE, "workloads": [training(months=2, **OWNED) | {"jobs": [
            {"name": "run", "start": "2027-03", "months": 2, "units_per_hour": 8}]}], "sites": _SITE,
         "horizon_months": 6},
        ("lead time", SERVER, "2027-03", "2027-03", 8, 0),
        [f"prices.{SERVER}/lead_time_months=2"], ["workloads.train.jobs.run.start=2027-02"],
    ),
    "residency": Expected(
        {"workloads": [serving(residency=["FR"])], "sites": _SITE},
        ("residency", "chat", "2027-01", "2027-03", 8, 0),
        ["workloads.chat.residency=[FR, US]"], ["workloads.chat.residency=[FR, DE]"],
    ),
    # 12 H100 are a server and a half: 15 kW would do if servers came in halves.
    "whole numbers": Expected(
        {"workloads": [serving(12, **OWNED)], "sites": [{"id": SITE, "power_limit_kw": 15}]},
        ("power", SITE, "2027-01", "2027-03", 20, 15),
        [f"sites.{SITE}.power_limit_kw=20"], [f"sites.{SITE}.power_limit_kw=19"],
    ),
    # 2 of 8 GPUs at the offer with a quota leave 6, three quarters of the work, to the other provider.
    "provider share": Expected(
        {"offers": {"consider": [DEAR, CHEAP]},
         "limits": {"provider_share_fraction": {"lambda": 0.4}, "on_demand_quota_gpus": {CHEAP: 2}}},
        ("provider share", "lambda", "2027-01", "2027-03", 0.75, 0.4),
        ["limits.provider_share_fraction.lambda=0.75"], ["limits.provider_share_fraction.lambda=0.749"],
    ),
    # 10 GPUs ready for 8 in use are a headroom of a quarter.
    "headroom": Expected(
        {"workloads": [serving(8, headroom_fraction=0.5)], "limits": {"on_demand_quota_gpus": {DEAR: 10}}},
        ("headroom", "chat", "2027-01", "2027-03", 0.5, 0.25),
        ["workloads.chat.headroom_fraction=0.25"], ["workloads.chat.headroom_fraction=0.251"],
    ),
    # One provider only: nothing is left when it is lost.
    "survival": Expected(
        {"workloads": [serving(8, survive_loss={"of": ["providers"], "protected_fraction": 0.5})]},
        ("survival of a loss", "chat", "2027-01", "2027-03", 0.5, 0),
        ["workloads.chat.survive_loss.protected_fraction=0"],
        ["workloads.chat.survive_loss.protected_fraction=0.001"],
    ),
    # 10 kW, 2 when idle, at 0.4 kg/kWh for 3 months of 730 h: a server at work emits 8,760 kg.
    "carbon": Expected(
        {"prices": {f"{SITE}/carbon_kg_per_kwh": 0.4}, "workloads": [serving(8, **OWNED)], "sites": _SITE,
         "limits": {"carbon_kg_per_year": 8_000}},
        ("carbon cap", "every site and provider", "2027-01", "2027-03", 8_760, 8_000),
        ["limits.carbon_kg_per_year=8760"], ["limits.carbon_kg_per_year=8750"],
    ),
}  # fmt: skip
