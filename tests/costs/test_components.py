"""Every cost component in a case that can be worked out by hand, and missed when it is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from planner import costs
from planner.costs import COMPONENTS
from planner.decisions import Model
from tests.small import (
    ALL_IN_SITE,
    DEAR,
    HALF_TERM,
    HALF_USED,
    ROLE,
    SERVER,
    SITE,
    SPOT,
    TERMS,
    WHOLE,
    batch,
    serving,
    small,
    solved,
    training,
)

GROQ = "groq-llama-3-3-70b-versatile"
MONTH = 8 * 4 * 730
"""8 GPUs on demand at 4 USD for a month of 730 h: 23,360 USD."""
ALL_DEAR = 3 * MONTH
WORTHLESS = {f"{SERVER}/resale_fraction/{age}": 0 for age in (12, 24, 36, 48, 60)}
HELD = {f"{SERVER}/resale_fraction/{age}": 0.5 for age in (24, 36, 48, 60)}
"""Half of the price at any age: what is sold early brings no more."""
OWN: dict[str, Any] = {"sites": [{"id": SITE}], "horizon_months": 6}
"""A server for 100,000 USD, worth 50,000 in the end, against 140,160 for renting six months."""
OWNED = {"servers": 100_000, "resale": -50_000}
AT_AWS = {"h100-sxm-80gb/power_kw_per_gpu": 0.5, "aws/pue": 2, f"{WHOLE}/carbon_kg_per_kwh": 0.25}
"""A quarter of a kg for each GPU-hour."""
TEAM_OF_ROLE = {"name": "platform", "role": ROLE}


def own(**prices: float) -> dict[str, Any]:
    """`OWN` with prices of the server, named as in the catalog."""
    return {**OWN, "prices": HELD | {f"{SERVER}/{name}": value for name, value in prices.items()}}


def existing(paid: float = 0, **more: Any) -> dict[str, Any]:
    """One server of age 12 months at the start, none to be bought."""
    held = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-01", "paid_usd_per_server": paid}
    return {"sites": [{"id": SITE}], "servers": {"consider": []}, "existing_servers": [held], **more}


def in_months(*factors: float) -> dict[str, Any]:
    """8 GPUs busy, times a factor for each month."""
    demand = {"average_per_hour": 8, "shape": "flat", "growth": {"monthly_factors": list(factors)}}
    return {"workloads": [{**serving(), "demand": demand}], "horizon_months": len(factors)}


def rented(offer: str, *kinds: str, **changes: Any) -> dict[str, Any]:
    """Only `offer`, on demand or by `kinds`."""
    return {"offers": {"consider": [offer], "kinds": ["on_demand", *kinds]}, **changes}


def committed_already(months: int, **changes: Any) -> dict[str, Any]:
    """One instance of 8 GPUs at 1 USD, since the month before the start."""
    held = {"offer": WHOLE, "instances": 1, "start": "2026-12", "term_months": months, "hourly_usd_per_gpu": 1}
    return {"offers": {"consider": [DEAR], "kinds": ["on_demand"]}, "existing_commitments": [held], **changes}


def project(**fields: Any) -> dict[str, Any]:
    return {
        "project": [{"name": "move", "category": "migration", "usd_per_month": 7_000, "source": "by hand", **fields}]
    }


def financed(kind: str, months: int, rate: float, **terms: Any) -> dict[str, Any]:
    """`OWN` with one way to pay, and no cash."""
    way = {"name": "way", "kind": kind, "term_months": months, "rate_fraction": rate, "source": "by hand", **terms}
    return {**OWN, "prices": HELD, "financing": [way], "servers": {"consider": [SERVER], "cash": False}}


@dataclass(frozen=True)
class Worked:
    """A scenario in which a component bites: what its ledger says, USD by component, none left out."""

    component: str
    label: str
    changes: dict[str, Any]
    usd: dict[str, float]


WORKED = [
    # 100,000 USD for a server that is worth nothing later, below 140,160.
    Worked("servers", "", {**OWN, "prices": WORTHLESS}, {"servers": 100_000}),
    # Two of them for 16 GPUs.
    Worked("servers", "two", {**OWN, "workloads": [serving(16)], "prices": WORTHLESS}, {"servers": 200_000}),
    # GPU price × GPUs × ratio is for the server of the catalog that is priced so: 10,000 × 8 × 1.25.
    Worked("servers", "from the GPU's price",
           {**OWN, "workloads": [serving(speed={"a100-sxm-80gb": 1, "h100-sxm-80gb": 1})],
            "servers": {"consider": ["server-8xa100-80gb"]},
            "prices": {f"server-8xa100-80gb/{name}": value for name, value in {
                "gpu_usd_per_gpu": 10_000, "server_to_gpu_cost_ratio": 1.25, "network_usd_per_server": 0,
                "storage_usd_per_server": 0, "installation_usd_per_server": 0, "decommissioning_usd_per_server": 0,
                "spare_parts_fraction": 0, "support_fraction_per_year": 0, "lead_time_months": 0,
                "licence_usd_per_gpu_year": 0, "availability_fraction": 1, "useful_life_months": 60,
                **{f"resale_fraction/{age}": 0 for age in (12, 24, 36, 48, 60)}}.items()}},
           {"servers": 100_000}),
    # Bought in month 0, valued at half of its price at the horizon's end.
    Worked("resale", "at the horizon's end", own(), OWNED),
    # Aged 12 months and worth 50 % of 100,000, losing 2 points a month: used for a month, then sold at 48 %.
    Worked("resale", "sold", existing(100_000, **in_months(1, 0, 0), prices={f"{SERVER}/resale_fraction/24": 0.26}),
           {"resale": -48_000}),
    # Its life of 5 months ends before the horizon: sold in month 5 at half of the price.
    Worked("resale", "at the end of life", {**own(useful_life_months=5), **in_months(1, 1, 1, 1, 1, 0)}, OWNED),
    # There after 2 months; what serves is second-hand, however young.
    Worked("resale", "after a lead time", own(lead_time_months=2), {**OWNED, "on_demand": 2 * MONTH}),
    Worked("network", "", own(network_usd_per_server=7_000), {**OWNED, "network": 7_000}),
    Worked("shared_storage", "", own(storage_usd_per_server=5_000), {**OWNED, "shared_storage": 5_000}),
    Worked("installation", "", own(installation_usd_per_server=3_000), {**OWNED, "installation": 3_000}),
    Worked("spare_parts", "", own(spare_parts_fraction=0.05), {**OWNED, "spare_parts": 5_000}),  # 5 % of 100,000
    Worked("decommissioning", "at the horizon's end", own(decommissioning_usd_per_server=2_000),
           {**OWNED, "decommissioning": 2_000}),
    # Sold or at the end of its life, one month from the start: serves that month, then two are rented.
    Worked("decommissioning", "at the end of life",
           existing(prices={f"{SERVER}/decommissioning_usd_per_server": 2_000, f"{SERVER}/useful_life_months": 13}),
           {"decommissioning": 2_000, "on_demand": 2 * MONTH}),
    # 4 of 8 GPUs busy: (2 kW idle + 4 × 1 kW active) × 730 h × 6 months × PUE 1.5 × 0.1 USD = 1,314 + 2,628.
    Worked("electricity", "idle and active",
           {**own(), "workloads": [serving(4)],
            "prices": {**HELD, f"{SITE}/electricity_usd_per_kwh": 0.1, f"{SITE}/pue": 1.5}},
           {**OWNED, "electricity": 1_314 + 2_628}),
    # 10 kW for a month of work, then 2 kW for four idle months, until its removal costs 1 USD and not 10,000.
    Worked("electricity", "idle",
           existing(**in_months(1, 0, 0, 0, 0, 0),
                    prices={f"{SITE}/electricity_usd_per_kwh": 0.1, f"{SERVER}/decommissioning_usd_per_server": 10_000,
                            f"{SERVER}/useful_life_months": 60},
                    price_paths=[{"rows": f"{SERVER}/decommissioning_usd_per_server", "kind": "factors",
                                  "factors": {"2027-06": 0.0001}, "source": "by hand"}]),
           {"electricity": 0.1 * 730 * (10 + 4 * 2), "decommissioning": 1}),
    # 10 kW of space at 100 USD by the month, six months; the electricity, at 0.1 USD and PUE 1.5, is in it.
    Worked("space", "with electricity in it", {**own(), "sites": [{"id": ALL_IN_SITE}]}, {**OWNED, "space": 6_000}),
    Worked("space", "", {**own(), "prices": {**HELD, f"{SITE}/space_usd_per_kw_month": 50}}, {**OWNED, "space": 3_000}),
    # 12 % of 100,000 a year, for half a year.
    Worked("support", "", own(support_fraction_per_year=0.12), {**OWNED, "support": 6_000}),
    # Of what was paid, until it is sold after a month.
    Worked("support", "until sold",
           existing(100_000, **in_months(1, 0, 0), prices={**HELD, f"{SERVER}/support_fraction_per_year": 0.12}),
           {"resale": -50_000, "support": 1_000}),
    # Ordered at once, there for four of the six months.
    Worked("support", "from delivery", own(support_fraction_per_year=0.12, lead_time_months=2),
           {**OWNED, "support": 4_000, "on_demand": 2 * MONTH}),
    Worked("licences", "owned", own(licence_usd_per_gpu_year=120), {**OWNED, "licences": 8 * 120 / 2}),
    # Half a dollar for each of 17,520 GPU-hours.
    Worked("licences", "rented", {"offers": {"consider": [DEAR], "licence_usd_per_gpu_hour": 0.5}},
           {"on_demand": ALL_DEAR, "licences": 8_760}),
    # 8 of 100 GPUs a person; 120,000 USD a year times 1.5 are 15,000 a month.
    Worked("staff", "rented", {"staff": [TEAM_OF_ROLE], "prices": {f"{ROLE}/burden_multiplier": 1.5}},
           {"on_demand": ALL_DEAR, "staff": 0.08 * 15_000 * 3}),
    # One of 10 servers a person, six months of 10,000 USD.
    Worked("staff", "owned", {**own(), "staff": [TEAM_OF_ROLE]}, {**OWNED, "staff": 6_000}),
    # Whatever is decided, half a person, of whom 0.08 are needed.
    Worked("staff", "always", {"staff": [{**TEAM_OF_ROLE, "always_fte": 0.5}]},
           {"on_demand": ALL_DEAR, "staff": 15_000}),
    Worked("staff", "whole", {"staff": [{**TEAM_OF_ROLE, "whole": True}]}, {"on_demand": ALL_DEAR, "staff": 30_000}),
    Worked("on_demand", "", {}, {"on_demand": ALL_DEAR}),
    # 4 GPUs by night and 12 by day: paid by the hour for what runs, never for the peak.
    Worked("on_demand", "on the demand curve", {"workloads": [serving(8, {"weekday": [0.5] * 12 + [1.5] * 12})]},
           {"on_demand": ALL_DEAR}),
    # 8 run and 2 stand by.
    Worked("on_demand", "standby billed", {"workloads": [serving(headroom_fraction=0.25, standby_on_demand="billed")]},
           {"on_demand": 1.25 * ALL_DEAR}),
    Worked("on_demand", "standby free", {"workloads": [serving(headroom_fraction=0.25)]}, {"on_demand": ALL_DEAR}),
    # 12 GPUs in two instances of 8.
    Worked("on_demand", "whole instances", rented(WHOLE, whole={"instances": True}, workloads=[serving(12)]),
           {"on_demand": 2 * ALL_DEAR}),
    # 6 GPUs by night in one instance and 10 by day in two: 1.5 instances on average.
    Worked("on_demand", "whole instances by the hour",
           rented(WHOLE, whole={"instances": True}, workloads=[serving(8, {"weekday": [0.75] * 12 + [1.25] * 12})]),
           {"on_demand": 1.5 * ALL_DEAR}),
    # January and February of 2027 by the calendar: 744 and 672 h.
    Worked("on_demand", "calendar hours", {"hours_per_month": "calendar", "horizon_months": 2},
           {"on_demand": 8 * 4 * (744 + 672)}),
    # 10 % off what the provider lists, as a line of its own.
    Worked("on_demand", "discount",
           {"discounts": [{"provider": "lambda", "kind": "on_demand", "fraction": 0.1, "source": "by hand"}]},
           {"on_demand": ALL_DEAR, "negotiated_on_demand": -0.1 * ALL_DEAR}),
    # Half of the work on spot; a fifth of what runs there is lost, so that 5 GPUs do the work of 4.
    Worked("spot", "with loss",
           {"offers": {"consider": [SPOT]},
            "workloads": [serving(spot={"share_fraction": 0.5, "loss_fraction": 0.2})]},
           {"on_demand": ALL_DEAR / 2, "spot": 5 * 730 * 3}),
    # A hold of 8 GPUs on spot, a fifth of it lost: 10 GPUs.
    Worked("spot", "training",
           {"offers": {"consider": [SPOT]},
            "workloads": [training(checkpoints=True, spot={"share_fraction": 1, "loss_fraction": 0.2})]},
           {"spot": 10 * 730 * 3}),
    # 5 GPUs of 8 in use, all paid: 8 × 2 USD is less than 5 × 4. The nine months after the horizon are not charged.
    Worked("commitments", "by the hour", rented(WHOLE, "commitments", workloads=[serving(5)]),
           {"commitments": 8 * 2 * 730 * 3}),
    # All twelve months are owed when the horizon's end liquidates, which pays at 20 USD on demand.
    Worked("commitments", "owed after the horizon",
           rented(WHOLE, "commitments", horizon_end="liquidate", prices={f"{WHOLE}/on_demand_usd_per_gpu_hour": 20}),
           {"commitments": 8 * 2 * 730 * 12}),
    Worked("commitments", "too dear when all is owed", rented(WHOLE, "commitments", horizon_end="liquidate"),
           {"on_demand": ALL_DEAR}),
    # 36 months at 0.2 USD, all at once: 8 × 0.2 × 730 × 36 = 42,048.
    Worked("commitments", "upfront",
           rented(WHOLE, "commitments", prices={f"{WHOLE}/36m-all-upfront/usd_per_gpu_hour": 0.2,
                                               f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 100}),
           {"commitments": 42_048}),
    # At 1 USD: half of six months at once (17,520), the other half by the hour for three months (8,760).
    Worked("commitments", "half upfront", rented(TERMS, "commitments", prices={HALF_TERM: 1}, workloads=[serving(6)]),
           {"commitments": 17_520 + 8_760}),
    Worked("commitments", "half upfront, owed",
           rented(TERMS, "commitments", prices={HALF_TERM: 1}, horizon_end="liquidate", workloads=[serving(6)]),
           {"commitments": 2 * 17_520}),
    # The same upfront; by the hour only the 6 GPUs in use: 6 × 0.5 × 730 × 3. Nothing more is ever owed.
    Worked("commitments", "as used",
           rented(TERMS, "commitments", prices={HALF_USED: 1}, horizon_end="liquidate", workloads=[serving(6)]),
           {"commitments": 17_520 + 6_570}),
    # Two of three months are left: 8 × 1 × 730 × 2, and a month is rented.
    Worked("commitments", "existing", committed_already(3), {"commitments": 11_680, "on_demand": MONTH}),
    # Paid though nobody needs it any more, in months 1 and 2.
    Worked("commitments", "existing, unused", committed_already(24, **in_months(1, 0, 0)), {"commitments": 17_520}),
    # Another 20 of the 24 months lie after the horizon.
    Worked("commitments", "existing, owed", committed_already(24, horizon_end="liquidate"),
           {"commitments": 8 * 730 * 23}),
    # Months by the calendar, also after the horizon: 2027-01 to 2027-06 have 181 days, the first two 59.
    Worked("commitments", "calendar hours",
           rented(TERMS, "commitments", prices={HALF_TERM: 1}, hours_per_month="calendar", horizon_months=2),
           {"commitments": 8 * 0.5 * 24 * (181 + 59)}),
    # 8 USD an hour of spend; half of six months at once, the other half by the hour for three months.
    Worked("savings_plans", "", rented(TERMS, "savings_plans"), {"savings_plans": 17_520 + 8_760}),
    Worked("savings_plans", "owed", rented(TERMS, "savings_plans", horizon_end="liquidate"),
           {"savings_plans": 2 * 17_520}),
    # A tenth of a GB for each of 17,520 units, at 0.1 USD.
    Worked("egress", "",
           rented(WHOLE, workloads=[serving(egress_gb_per_unit=0.1)], prices={"aws/egress_usd_per_gb": 0.1}),
           {"on_demand": ALL_DEAR, "egress": 175.20}),
    # 4 GPUs of twice the speed send as much.
    Worked("egress", "by the work",
           rented(WHOLE, workloads=[serving(egress_gb_per_unit=0.1, speed={"h100-sxm-80gb": 2})],
                  prices={"aws/egress_usd_per_gb": 0.1}),
           {"on_demand": ALL_DEAR / 2, "egress": 175.20}),
    # 100 GB for each of 8 GPUs, three months at 0.1 USD.
    Worked("rented_storage", "",
           rented(WHOLE, workloads=[serving(storage_gb_per_gpu=100)], prices={"aws/storage_usd_per_gb_month": 0.1}),
           {"on_demand": ALL_DEAR, "rented_storage": 240}),
    Worked("managed_service", "on demand", {"offers": {"consider": [DEAR], "managed_uplift_fraction": 0.15}},
           {"on_demand": ALL_DEAR, "managed_service": 0.15 * ALL_DEAR}),
    Worked("managed_service", "committed and on spot",
           {"offers": {"consider": [SPOT], "kinds": ["on_demand", "spot"], "managed_uplift_fraction": 0.15},
            "workloads": [serving(16, spot={"share_fraction": 0.5, "loss_fraction": 0})],
            "existing_commitments": committed_already(24)["existing_commitments"]},
           {"commitments": 17_520, "spot": 17_520, "managed_service": 0.15 * 2 * 17_520}),
    # A unit takes 0.1 million tokens in at 1 USD, 0.5 cached at 0.2 and 0.2 out at 2: 0.6 USD, for 17,520 units.
    Worked("api", "",
           {"workloads": [serving(api={"offers": [GROQ], "input_mtok_per_unit": 0.1, "cached_input_mtok_per_unit": 0.5,
                                       "output_mtok_per_unit": 0.2})],
            "prices": {f"{GROQ}/input_usd_per_mtok": 1, f"{GROQ}/cached_input_usd_per_mtok": 0.2,
                       f"{GROQ}/output_usd_per_mtok": 2}},
           {"api": 17_520 * 0.6}),
    # Left undone at 3 USD a unit, below 4.
    Worked("unserved", "", {"workloads": [serving(unserved_usd_per_unit=3)]}, {"unserved": 8 * 3 * 730 * 3}),
    Worked("unserved", "batch", {"workloads": [batch(unserved_usd_per_unit=3)]}, {"unserved": 5_840 * 3 * 3}),
    Worked("unserved", "training", {"workloads": [training(unserved_usd_per_unit=3)]}, {"unserved": 8 * 3 * 730 * 3}),
    # (2 kW idle + 4 × 1 kW active) × 730 h × PUE 1.5 × 6 months are 39,420 kWh, at 0.5 kg and 100 USD a tonne.
    Worked("carbon", "owned",
           {**own(), "workloads": [serving(4)], "carbon": {"usd_per_tonne": 100, "source": "by hand"},
            "prices": {**HELD, f"{SITE}/pue": 1.5, f"{SITE}/carbon_kg_per_kwh": 0.5}},
           {**OWNED, "carbon": 39_420 * 0.5 / 1000 * 100}),
    # 0.5 kW × PUE 2 × 0.25 kg for each of 17,520 GPU-hours: 1.46 t a month, at 100 USD, then 200, then 300.
    Worked("carbon", "rented",
           rented(WHOLE, prices=AT_AWS,
                  carbon={"usd_per_tonne": 100, "later": {"2027-02": 200, "2027-03": 300}, "source": "by hand"}),
           {"on_demand": ALL_DEAR, "carbon": 1.46 * (100 + 200 + 300)}),
    # Two months of 7,000 USD.
    Worked("project", "always", project(start_month=1, months=2), {"on_demand": ALL_DEAR, "project_migration": 14_000}),
    # Five months from month 2 on, of which one lies within the horizon.
    Worked("project", "cut", project(start_month=2, months=5), {"on_demand": ALL_DEAR, "project_migration": 7_000}),
    Worked("project", "if bought", {**own(), **project(when="if_bought")}, {**OWNED, "project_migration": 7_000}),
    Worked("project", "not bought", project(when="if_bought"), {"on_demand": ALL_DEAR}),
    # Switched on by what is bought for its site.
    Worked("project", "fit-out", {**own(), **project(category="fit_out", when="if_bought", site=SITE)},
           {**OWNED, "project_fit_out": 7_000}),
    # 80,000 USD at 1 % a month in two payments of 80,000 · 0.01 ÷ (1 − 1.01⁻²) = 40,601.00: 1,201.99 of interest.
    Worked("loan_proceeds", "", financed("loan", 2, 0.12, down_payment_fraction=0.2),
           {**OWNED, "loan_proceeds": -80_000, "loan_principal": 80_000,
            "loan_interest": 2 * 800 / (1 - 1.01**-2) - 80_000}),
    # Eight payments of 12,500 of which six fall within the horizon: the rest is settled at its end.
    Worked("loan_principal", "settled", financed("loan", 8, 0),
           {**OWNED, "loan_proceeds": -100_000, "loan_principal": 100_000}),
    # Two payments in advance and 1,000 of buy-out after two months: P + P ÷ 1.01 + 1,000 ÷ 1.01² = 100,000.
    Worked("loan_interest", "of a finance lease", financed("finance_lease", 2, 0.12, buyout_fraction=0.01),
           {**OWNED, "loan_proceeds": -100_000, "loan_principal": 100_000,
            "loan_interest": 2 * (100_000 - 1_000 / 1.01**2) / (1 + 1 / 1.01) + 1_000 - 100_000}),
    # 100,000 less 40,000 in six payments without interest; nothing is bought or sold.
    Worked("lease_payments", "", financed("operating_lease", 6, 0, residual_fraction=0.4), {"lease_payments": 60_000}),
    # Eight of 8,000, of which two fall after the horizon: they are owed however it ends.
    *(Worked("lease_payments", f"owed, {end}",
             {**financed("operating_lease", 8, 0, residual_fraction=0.36), "horizon_end": end},
             {"lease_payments": 64_000}) for end in ("continue", "liquidate")),
    # 2 % of what is lent.
    Worked("financing_fees", "", financed("loan", 2, 0, down_payment_fraction=0.2, fee_fraction=0.02),
           {**OWNED, "loan_proceeds": -80_000, "loan_principal": 80_000, "financing_fees": 1_600}),
    # 2 % of the price.
    Worked("financing_fees", "of a lease",
           financed("operating_lease", 6, 0, residual_fraction=0.4, fee_fraction=0.02),
           {"lease_payments": 60_000, "financing_fees": 2_000}),
    # A tenth of the server, the network and the project; neither of resale nor of its removal.
    Worked("contingency", "",
           {**own(network_usd_per_server=7_000, decommissioning_usd_per_server=2_000), **project(months=2),
            "contingency_fraction": 0.1},
           {**OWNED, "network": 7_000, "decommissioning": 2_000, "project_migration": 14_000, "contingency": 12_100}),
]  # fmt: skip

IDS = [f"{worked.component} {worked.label}".strip() for worked in WORKED]
BITING = [worked for worked in WORKED if worked.component in worked.usd or worked.component == "project"]


@pytest.mark.parametrize("worked", WORKED, ids=IDS)
def test_a_component_costs_what_was_worked_out(worked: Worked, tmp_path: Path) -> None:
    plan = solved(small(tmp_path, **worked.changes))
    found = plan.ledger.groupby("component")["cost_usd"].sum()
    paid = {str(name): float(usd) for name, usd in found.items() if abs(usd) > 1e-9}
    assert paid == pytest.approx(worked.usd, abs=1e-6)
    assert plan.answer.objective == pytest.approx(sum(worked.usd.values()), abs=1e-6)
    assert plan.ledger["present_usd"].sum() == pytest.approx(plan.answer.objective, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("name", [*(component.__name__ for component in COMPONENTS), "contingency"])
def test_a_component_that_is_deleted_is_missed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worked = next(one for one in BITING if one.component == name)
    if name == "contingency":
        monkeypatch.setattr(costs, "contingency", nothing)
    else:
        monkeypatch.setattr(costs, "COMPONENTS", tuple(one for one in COMPONENTS if one.__name__ != name))
    without = solved(small(tmp_path, **worked.changes)).answer.objective
    assert abs(without - sum(worked.usd.values())) > 1


def nothing(model: Model, others: list[costs.CostLines]) -> Iterator[costs.CostLines]:
    return iter(())


def test_every_component_has_a_case() -> None:
    assert {one.component for one in BITING} == {component.__name__ for component in COMPONENTS} | {"contingency"}


HALF_YEAR = 1.1
"""With a rate of 21 % a year, what is paid half a year later is worth 1 ÷ 1.1."""
DISCOUNTED = {"finance": {"wacc_fraction": 0.21, "source": "by hand"}}


def at(month: float) -> float:
    return HALF_YEAR ** (-month / 6)


PRESENT = [
    # Running costs fall at the month's end.
    Worked("on_demand", "running", {}, {"on_demand": MONTH * (at(1) + at(2) + at(3))}),
    Worked("on_demand", "running from the start",
           {"finance": {**DISCOUNTED["finance"], "running_costs": "start_of_month"}},
           {"on_demand": MONTH * (at(0) + at(1) + at(2))}),
    # Bought at the start of month 0, valued at the end of month 5.
    Worked("resale", "horizon", own(decommissioning_usd_per_server=2_200),
           {"servers": 100_000, "resale": -50_000 / HALF_YEAR, "decommissioning": 2_200 / HALF_YEAR}),
    # Nothing within month 0 of the fiscal year that ends with it: rented for a month, then bought at its end.
    Worked("servers", "start",
           {**own(), "fiscal_year_starts": 2, "budgets": {"capex_usd": {2027: 0}}},
           {"on_demand": MONTH * at(1), "servers": 100_000 * at(1), "resale": -50_000 / HALF_YEAR}),
    # Sold at the start of month 1.
    Worked("resale", "start", existing(100_000, **in_months(1, 0, 0), prices=HELD), {"resale": -50_000 * at(1)}),
    # Upfront at the start; the rest at the end of each month, also of those after the horizon.
    Worked("commitments", "start and running",
           rented(TERMS, "commitments", prices={HALF_TERM: 1}, horizon_end="liquidate"),
           {"commitments": 17_520 + 2_920 * sum(at(month) for month in range(1, 7))}),
    Worked("project", "running", project(start_month=2),
           {"on_demand": MONTH * (at(1) + at(2) + at(3)), "project_migration": 7_000 * at(3)}),
]  # fmt: skip


@pytest.mark.parametrize("worked", PRESENT, ids=[f"{worked.component} {worked.label}" for worked in PRESENT])
def test_each_payment_is_discounted_from_when_it_falls(worked: Worked, tmp_path: Path) -> None:
    plan = solved(small(tmp_path, **DISCOUNTED | worked.changes))
    found = plan.ledger.groupby("component")["present_usd"].sum()
    assert {str(name): float(usd) for name, usd in found.items() if abs(usd) > 1e-9} == pytest.approx(worked.usd)
    assert plan.answer.objective == pytest.approx(sum(worked.usd.values()))


def test_a_server_is_paid_with_its_order_and_serves_after_its_lead_time(tmp_path: Path) -> None:
    plan = solved(small(tmp_path, **own(lead_time_months=2, support_fraction_per_year=0.12)))
    months = plan.ledger.groupby("component")["month"].agg(list)
    assert months["servers"] == [0]
    assert months["on_demand"] == [0, 1]
    assert months["support"] == [2, 3, 4, 5]
    assert months["resale"] == [6]
