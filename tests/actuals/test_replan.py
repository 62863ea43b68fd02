"""Planning again: sunk cost decides nothing, nothing new changes nothing, and news does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from planner.actuals.asked import Asked
from planner.actuals.billed import Billed, ByBills, billed
from planner.actuals.comparison import paid_so_far
from planner.actuals.forecast import Forecast
from planner.actuals.outlook import Miss, Outlook, demand_by, miss, outlook
from planner.actuals.remaining import remaining
from planner.actuals.replan import Actuals, Again, again, planned_settings, read_fleet
from planner.actuals.replan_schema import ReplanDocument
from planner.actuals.standing import standing
from planner.actuals.store import Store
from planner.errors import InputError
from planner.model.solve import NotFoundError
from planner.plaintext import json_text
from planner.report.markdown import markdown_of
from planner.report.memo.contents import memo
from planner.report.replan import sections
from planner.report.whatif.reader import with_studies
from planner.scenario.load import LoadedScenario, changed, load_scenario
from planner.units import hours_in, month_label
from tests.actuals.planned import EXACT, Planned, planned, written
from tests.actuals.small import add, focus, write
from tests.actuals.tracked import bill
from tests.command import run
from tests.shipped import shipped_catalog
from tests.small import (
    CHEAP,
    DEAR,
    HALF_SAVINGS,
    HALF_TERM,
    HALF_USED,
    SERVER,
    SITE,
    TERMS,
    WHOLE,
    batch,
    catalog,
    serving,
    small,
    solved,
    training,
)

BUYS: dict[str, Any] = {
    "horizon_months": 24, "sites": [{"id": SITE}],
    "prices": {f"{SERVER}/purchase_usd_per_server": 300_000, f"{SERVER}/lead_time_months": 4},
}  # fmt: skip
"""8 GPUs are rented at 23,360 USD a month until a server comes after 4 months, half of whose price comes back."""
MONTH = 8 * 730 * 4


def replanned(made: Planned, at: str, *settings: str, **more: Any) -> Again:
    asked = {name: more.pop(name) for name in ("fleet", "band") if name in more}
    found = again(made.plan, made.loaded, catalog(), Asked(at, settings=settings, **asked), EXACT, Actuals(**more))
    TypeAdapter(ReplanDocument).validate_json(json_text(found.answer), strict=True)
    assert {*found.answer} == {*ReplanDocument.__annotations__}
    return found


def total(found: Again, which: str) -> float:
    return float(found.answer[which]["total_usd"])


def rest(plan: dict[str, Any], past: int) -> float:
    """Add up what the old plan's own ledger pays from a month on."""
    return sum(
        quantity * usd for line in plan["ledgers"]["plan"]
        for month, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True)
        if month >= past or line["timing"] == "horizon"
    )  # fmt: skip


def test_a_server_on_order_works_from_its_delivery_on(tmp_path: Path) -> None:
    held = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2027-03", "paid_usd_per_server": 100_000}
    case = small(tmp_path, sites=[{"id": SITE}], servers={"consider": []}, existing_servers=[held])
    assert solved(case).answer.objective == pytest.approx(2 * MONTH - 0.5 * 100_000)


def test_the_team_stands_before_a_server_on_order_is_there(tmp_path: Path) -> None:
    held = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2027-03", "paid_usd_per_server": 0}
    team = {"name": "ops", "role": "platform-engineer", "minimum_team_fte": 1}
    case = small(tmp_path, sites=[{"id": SITE}], servers={"consider": []}, existing_servers=[held], staff=[team])
    assert solved(case).answer.objective == pytest.approx(2 * MONTH + 3 * 10_000)


def test_what_changes_stands_in_the_memo_of_the_new_plan_and_in_no_other(tmp_path: Path) -> None:
    made = planned(tmp_path, **BUYS)
    found = replanned(made, "2027-03", "scale.demand=2")
    path = tmp_path / "replan.json"
    path.write_text(json_text(found.answer), encoding="utf-8")
    shown = memo(with_studies(found.plan, [path]))
    (section,) = (one for one in shown.sections if one.id == "replan")
    assert found.answer["reason"] in markdown_of([section])
    with pytest.raises(InputError, match=r"another scenario[\s\S]*give the plan.json that planner replan wrote"):
        with_studies(made.plan, [path])


def test_at_its_own_start_the_plan_is_the_same(tmp_path: Path) -> None:
    made = planned(tmp_path, **BUYS)
    found = replanned(made, "2027-01")
    assert found.plan["decisions"] == made.plan["decisions"] and made.plan["decisions"]["purchases"]
    assert found.plan["tco"]["plan"] == made.plan["tco"]["plan"]
    assert found.answer["advice"] == "keep" and found.answer["spent_usd"] == 0


def asks(**demand: Any) -> dict[str, Any]:
    return serving() | {"demand": demand}


GROWS = asks(average_per_hour=6, shape={"weekday": [1] * 12 + [3] * 12},
             growth={"annual_rate": 0.5, "seasons": {"11": 1.5}})  # fmt: skip
TERM = {
    "horizon_months": 15,
    "offers": {"consider": [TERMS], "kinds": ["on_demand", "commitments"]},
    "prices": {HALF_TERM: 2},
}
PEOPLE = {"staff": [{"name": "ops", "role": "platform-engineer", "minimum_team_fte": 0.1}]}
ROOM = {"project": [{"name": "room", "category": "fit_out", "usd_per_month": 500, "start_month": 1, "months": 9,
                     "when": "if_bought", "site": SITE, "source": "s"},
                    {"name": "move", "category": "migration", "usd_per_month": 300, "start_month": 3, "months": 12,
                     "source": "s"}]}  # fmt: skip


def paid(kind: str, months: int, **terms: Any) -> dict[str, Any]:
    way = {"kind": kind, "name": "way", "term_months": months, "rate_fraction": 0.06, "source": "s", **terms}
    return {**BUYS, "financing": [way], "servers": {"consider": [SERVER], "cash": False}}


PAID_LATER = [
    paid("loan", 12, fee_fraction=0.01), paid("loan", 36, down_payment_fraction=0.2),
    paid("finance_lease", 8, buyout_fraction=0.1, fee_fraction=0.01),
    paid("finance_lease", 36, buyout_fraction=0.1, payments="in_arrears"),
    paid("operating_lease", 7, residual_fraction=0.9),
    paid("operating_lease", 24, residual_fraction=0.3, payments="in_arrears"),
]  # fmt: skip
PROMISED = [
    {**TERM, "prices": {HALF_USED: 2}},
    {"offers": {"consider": [WHOLE]}, "horizon_months": 15, "prices": {f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 9}},
    {"offers": {"consider": [TERMS], "kinds": ["on_demand", "savings_plans"]}, "horizon_months": 15},
]


@pytest.mark.parametrize("at", ["2027-02", "2027-03", "2027-06", "2027-12"])
@pytest.mark.parametrize(
    "changes",
    [
        BUYS, {**BUYS, **PEOPLE, **ROOM}, TERM, {**BUYS, "workloads": [GROWS]}, {**TERM, "workloads": [GROWS]},
        {**BUYS, "workloads": [batch(5000), training(months=20)]},
        {**BUYS, "workloads": [asks(shape="flat", work_per_month=[4000 + 300 * t for t in range(24)])]},
        {**BUYS, "servers": {"consider": [SERVER], "order_until": "2027-01"}},
        *PAID_LATER, *PROMISED,
        {**BUYS, "scale": {"demand": 1.5, "demand_by_month": {"2027-02": 1.5, "2027-11": 0.5},
                           "later": {f"{DEAR}/*": 1.2}, "later_from": "2027-04"}},
        {**BUYS, "budgets": {"capex_usd": {"2027": 300_000}, "cash_usd": {"2027": 500_000}}},
    ],
)  # fmt: skip
def test_with_nothing_new_the_advice_is_to_keep_at_what_the_plan_has_yet_to_pay(
    changes: dict[str, Any], at: str, tmp_path: Path
) -> None:
    made = planned(tmp_path, **changes)
    past = int(at[5:]) - 1
    assert any(made.plan["decisions"][one] for one in ("purchases", "commitments", "savings_plans"))
    found = replanned(made, at)
    assert found.answer["advice"] == "keep" and found.answer["saves_usd"] == pytest.approx(0, abs=1e-6)
    assert found.plan["solver"]["status"] == "proven", found.plan["proof"]
    assert total(found, "keep") == pytest.approx(rest(made.plan, past), rel=1e-6)
    assert total(found, "change") == pytest.approx(rest(made.plan, past), rel=1e-6)
    assert found.answer["spent_usd"] + total(found, "keep") == pytest.approx(made.plan["tco"]["plan"]["total_usd"])


@pytest.mark.parametrize("at", ["2027-03", "2027-07"])
def test_tax_on_what_was_paid_before_is_left_out_and_said(at: str, tmp_path: Path) -> None:
    """Of the rents of the months before `at`, a quarter comes back at the year's end: not by what is decided now."""
    tax = {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "source": "s"}
    made = planned(tmp_path, **BUYS, finance={"wacc_fraction": 0.1, "wacc_is": "after_tax", "source": "s", "tax": tax})
    found = replanned(made, at)
    rented = min(int(at[5:]) - 1, 4)
    assert total(found, "keep") == pytest.approx(rest(made.plan, int(at[5:]) - 1) + 0.25 * rented * MONTH)
    assert found.answer["advice"] == "keep" and found.plan["solver"]["status"] == "proven"
    assert any("paid before" in one for one in found.answer["notes"])


@pytest.mark.parametrize("kind", ["loan", "operating_lease"])
def test_taxes_of_what_is_paid_later_go_on(kind: str, tmp_path: Path) -> None:
    """Only what was expensed before comes back apart from the rest; a leased server was never a basis to deduct."""
    tax = {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "source": "s"}
    finance = {"wacc_fraction": 0.1, "wacc_is": "after_tax", "source": "s", "tax": tax}
    ours = paid(kind, 24, **({"residual_fraction": 0.3} if kind == "operating_lease" else {}))
    made = planned(tmp_path, **ours, finance=finance)
    assert made.plan["decisions"]["purchases"]
    found = replanned(made, "2027-07")
    before = sum(
        quantity * usd for line in made.plan["ledgers"]["plan"] if line["treatment"] == "expensed"
        for month, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True)
        if month < 6
    )  # fmt: skip
    assert total(found, "keep") == pytest.approx(rest(made.plan, 6) + 0.25 * before)
    assert found.answer["advice"] == "keep" and found.plan["solver"]["status"] == "proven"


def test_what_was_paid_is_not_decided_again(tmp_path: Path) -> None:
    """A price of servers that nobody would pay now does not give back the one that is there, nor sell it."""
    made = planned(tmp_path, **BUYS)
    before = replanned(made, "2027-03")
    dear = replanned(made, "2027-03", f"prices.{SERVER}/purchase_usd_per_server=30000000")
    assert dear.plan["decisions"]["by_month"] == before.plan["decisions"]["by_month"]
    assert total(dear, "change") == pytest.approx(total(before, "change"))
    paid = standing(made.plan, made.loaded.scenario, catalog(), "2027-03")
    paid["existing_servers"][0]["paid_usd_per_server"] = 0  # what it would bring is another question
    sunk = replanned(made, "2027-03", fleet=paid)
    assert sunk.plan["decisions"]["by_month"][0]["owned_gpu_hours"] == 0  # delivered in May
    assert total(sunk, "change") == pytest.approx(2 * MONTH)


def test_an_upfront_part_is_sunk_and_the_hourly_part_is_yet_to_pay(tmp_path: Path) -> None:
    made = planned(tmp_path, **TERM | {"horizon_months": 6})
    (held,) = standing(made.plan, made.loaded.scenario, catalog(), "2027-03")["existing_commitments"]
    assert held == {
        "offer": TERMS,
        "instances": 1,
        "start": "2027-01",
        "term_months": 6,
        "hourly_usd_per_gpu": 1,
        "hourly_billed": "term",
    }
    assert total(replanned(made, "2027-03"), "change") == pytest.approx(4 * 8 * 730)
    assert not standing(made.plan, made.loaded.scenario, catalog(), "2027-07")["existing_commitments"]


def test_a_price_step_changes_the_plan_only_outside_the_band(tmp_path: Path) -> None:
    late = {**BUYS, "servers": {"consider": []}}  # nothing is bought: the plan rents
    made = planned(tmp_path, **late)
    half = f"prices.{DEAR}/on_demand_usd_per_gpu_hour=2"
    assert replanned(made, "2027-03", half).answer["advice"] == "keep"
    news = (f"servers.consider=[{SERVER}]", f"prices.{SERVER}/resale_fraction/24=0.5")
    found = replanned(made, "2027-03", *news)
    gain = 18 * MONTH - 150_000
    assert found.answer["saves_usd"] == pytest.approx(gain) and found.answer["advice"] == "change"
    assert [(one["what"], one["month"], one["keep"], one["change"]) for one in found.answer["changes"]] == [
        ("purchase", "2027-03", 0, 1), ("rental", "", pytest.approx(22 * 5840), pytest.approx(4 * 5840)),
    ]  # fmt: skip
    share = gain / (22 * MONTH)
    assert replanned(made, "2027-03", *news, band=share * 1.001).answer["advice"] == "keep"
    assert replanned(made, "2027-03", *news, band=share * 0.999).answer["advice"] == "change"


def test_what_could_not_be_ordered_is_said_with_what_asks_for_it(tmp_path: Path) -> None:
    """Orders ended two months in: nothing else is cheaper, as nothing else is asked, until a new round is opened."""
    made = planned(tmp_path, **BUYS | {"servers": {"consider": [SERVER], "order_until": "2027-03"}})
    asks = "servers.order_until=2027-08"
    found = replanned(made, "2027-06")
    assert found.answer["reason"] == (
        "Keep to the plan: no other costs less; no server may be ordered, as servers.order_until was 2027-03: "
        f"--set {asks} asks"
    )
    late = made.plan["decisions"] | {"purchases": [made.plan["decisions"]["purchases"][0] | {"month": "2027-07"}]}
    gone = again(made.plan | {"decisions": late}, made.loaded, catalog(), Asked("2027-06"), EXACT)
    assert gone.answer["advice"] == "change" and f"--set {asks} asks" in gone.answer["notes"][0]
    opened = replanned(made, "2027-06", asks)
    assert yaml.safe_load(opened.files["scenario.yaml"])["servers"] == {
        "consider": [SERVER], "order_until": "2027-08"}  # fmt: skip
    assert opened.answer["reason"] == "Keep to the plan: no other costs less"
    none = planned(tmp_path, **BUYS | {"servers": {"consider": []}})
    assert "servers.consider is empty" in replanned(none, "2027-03").answer["reason"]
    assert "no site" in replanned(planned(tmp_path), "2027-02").answer["reason"]


@pytest.mark.parametrize(("at", "consider", "when"), [("2027-03", [SERVER], "if_bought"), ("2027-04", [], "always")])
def test_the_month_that_is_planned_again_is_yet_to_decide(
    at: str, consider: list[str], when: str, tmp_path: Path
) -> None:
    """A round of orders ends in March, in which the plan buys: at its start neither is over."""
    wiring = {"name": "wiring", "category": "fit_out", "usd_per_month": 100, "start_month": 3, "months": 9,
              "when": "if_bought", "source": "s"}  # fmt: skip
    path = written(tmp_path / "small.yaml", **BUYS | {
        "servers": {"consider": [SERVER], "order_until": "2027-03"}, "project": [wiring]})  # fmt: skip
    bought = {"decisions": {"purchases": [{"month": "2027-03", "site": SITE}]}}
    left = remaining(bought, load_scenario(path, catalog()), catalog(), Asked(at), {}).loaded.scenario
    assert left.servers.consider == consider and [one.when for one in left.project] == [when]


def test_what_was_billed_so_far_stands_beside_what_the_plan_pays(tmp_path: Path, store: Store) -> None:
    """Two months of 8 GPUs, of the plan's dear ones at half their price: 23,360 USD where it pays 46,720."""
    made = planned(tmp_path, **BUYS)
    add(store, bills(tmp_path, "2027-01", 2, gpus=8, price=2, **lambda_hours(8)))
    seen = paid_so_far(made.plan, catalog(), store, "2027-04")
    assert seen == {"months": ["2027-01", "2027-02"], "plan_usd": pytest.approx(2 * MONTH),
                    "actual_usd": pytest.approx(MONTH)}  # fmt: skip
    assert paid_so_far(made.plan, catalog(), store, "2027-01") is None
    found = replanned(made, "2027-04", so_far=seen)
    assert found.answer["spent_usd"] == pytest.approx(3 * MONTH + 300_000)
    told = markdown_of(sections(found.answer))
    assert "Billed so far, by actuals" in told and "23,360 USD" in told and "46,720 USD of the same" in told
    assert "370,080 USD" in told


def test_a_plan_that_cannot_go_on_is_to_be_changed(tmp_path: Path) -> None:
    made = planned(tmp_path, **BUYS)
    late = {**made.plan, "decisions": {**made.plan["decisions"], "purchases": [
        {**made.plan["decisions"]["purchases"][0], "month": "2027-09", "server": "gone"}]}}  # fmt: skip
    found = again(late, made.loaded, catalog(), Asked("2027-07"), EXACT)
    assert found.answer["advice"] == "change" and found.answer["keep"] is None and found.answer["saves_usd"] is None
    assert "gone" in found.answer["keep_reason"]


def test_sold_servers_are_the_oldest(tmp_path: Path) -> None:
    made = planned(tmp_path, **BUYS)
    first = made.plan["decisions"]["purchases"][0]
    made.plan["decisions"]["purchases"] = [
        first | {"servers": 2.0}, first | {"month": "2027-02", "in_service": "2027-06", "servers": 3.0},
    ]  # fmt: skip
    made.plan["decisions"]["sales"] = [{"server": SERVER, "site": SITE, "month": "2027-08", "servers": 3.0, "usd": 0.0}]
    left = standing(made.plan, made.loaded.scenario, catalog(), "2027-09")["existing_servers"]
    assert [(one["in_service"], one["servers"]) for one in left] == [("2027-06", 2)]
    assert len(standing(made.plan, made.loaded.scenario, catalog(), "2027-08")["existing_servers"]) == 2


def test_budgets_are_less_what_was_spent_this_year(tmp_path: Path) -> None:
    budgets = {"capex_usd": {"2027": 310_000, "2028": 1_000}, "cash_usd": {"2027": 500_000}}
    made = planned(tmp_path, **BUYS, budgets=budgets)
    there = standing(made.plan, made.loaded.scenario, catalog(), "2027-03")
    left = remaining(made.plan, made.loaded, catalog(), Asked("2027-03"), there).loaded.scenario.budgets
    assert {year: float(usd) for year, usd in left.capex_usd.items()} == {2027: 10_000, 2028: 1_000}
    assert {year: float(usd) for year, usd in left.cash_usd.items()} == {2027: pytest.approx(200_000 - 2 * MONTH)}
    later = remaining(made.plan, made.loaded, catalog(), Asked("2028-03"), there).loaded.scenario.budgets
    assert set(later.capex_usd) == {2028} and not later.cash_usd


def test_hours_of_a_file_go_on_where_they_were(tmp_path: Path) -> None:
    hours = [n % 24 + n / 1000 for n in range(24 * 90)]
    (tmp_path / "load.csv").write_text("gpus\n" + "".join(f"{one}\n" for one in hours), encoding="utf-8")
    shape = {"csv": "load.csv", "column": "gpus"}
    for level in ({}, {"peak_per_hour": 50}, {"average_per_hour": 9}):
        made = planned(tmp_path, hours_per_month="calendar", workloads=[asks(shape=shape, **level)])
        found = replanned(made, "2027-02")
        assert total(found, "change") == pytest.approx(rest(made.plan, 1), rel=1e-9)
        folder = tmp_path / "again"
        folder.mkdir(exist_ok=True)
        for name, text in found.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        assert load_scenario(folder / "scenario.yaml", catalog()).digest == found.plan["scenario_digest"]


@pytest.mark.parametrize("price", [HALF_TERM, HALF_USED])
def test_a_commitment_is_yet_to_pay_at_what_was_negotiated(price: str, tmp_path: Path) -> None:
    """Half of 2 USD is paid by the hour, a quarter less by the discount."""
    off = {"provider": "lambda", "kind": "commitments", "fraction": 0.25, "source": "s"}
    made = planned(tmp_path, **TERM | {"horizon_months": 6, "prices": {price: 2}, "discounts": [off]})
    (held,) = standing(made.plan, made.loaded.scenario, catalog(), "2027-03")["existing_commitments"]
    assert float(held["hourly_usd_per_gpu"]) == pytest.approx(0.75)
    found = replanned(made, "2027-03")
    assert found.answer["advice"] == "keep" and total(found, "keep") == pytest.approx(4 * 8 * 730 * 0.75)


def test_a_savings_plan_that_ended_is_not_there(tmp_path: Path) -> None:
    there = [{"plan": HALF_SAVINGS, "usd_per_hour": 3, "start": "2026-11"}]
    made = planned(tmp_path, horizon_months=9, existing_savings_plans=there,
                   offers={"consider": [TERMS], "kinds": ["on_demand", "savings_plans"]})  # fmt: skip
    for at, many in (("2027-04", 1), ("2027-05", 0)):  # it runs for six months
        plans = standing(made.plan, made.loaded.scenario, catalog(), at)["existing_savings_plans"]
        assert len([one for one in plans if one["start"] == "2026-11"]) == many


def test_parts_of_servers_that_were_sold_are_refused(tmp_path: Path) -> None:
    made = planned(tmp_path, **BUYS)
    made.plan["decisions"]["sales"] = [{"server": SERVER, "site": SITE, "month": "2027-08", "servers": 0.4, "usd": 0.0}]
    assert standing(made.plan, made.loaded.scenario, catalog(), "2027-08")
    with pytest.raises(InputError, match=r"decisions\.sales\.0\.servers: is no whole number"):
        standing(made.plan, made.loaded.scenario, catalog(), "2027-09")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({**BUYS, "whole": {"servers": False}, "workloads": [serving(4)]}, "decisions.purchases.0.servers"),
    ],
)  # fmt: skip
def test_what_no_scenario_holds_is_said(changes: dict[str, Any], field: str, tmp_path: Path) -> None:
    made = planned(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        replanned(made, "2027-02")
    assert field in [one.field for one in caught.value.complaints]
    assert all("--fleet" in str(one.cure) for one in caught.value.complaints)
    assert replanned(made, "2027-02", fleet={}).plan["tco"]["plan"]


def test_a_month_that_is_none_of_the_plan_is_refused(tmp_path: Path) -> None:
    made = planned(tmp_path)
    for at in ("2026-12", "2027-04"):
        with pytest.raises(InputError, match="is no month of the plan"):
            replanned(made, at)


def test_fleets_hold_servers_and_commitments_alone(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("existing_servers: []\nexisting_comitments: []\n", encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'existing_commitments'"):
        read_fleet(path)


def bills(folder: Path, first: str, months: int, gpus: float, price: float, **more: Any) -> Path:
    """Write what was billed from month `first` on: nodes of 8 H100 by the hour."""
    usd = str(gpus * 730 * price)
    rows = [
        focus(**{
            "ChargePeriodStart": f"{month}-01T00:00:00Z", "ChargePeriodEnd": f"{month_label(month, 1)}-01T00:00:00Z",
            "BillingPeriodStart": f"{month}-01T00:00:00Z", "PricingQuantity": str(gpus / 8 * 730),
            "EffectiveCost": usd, "BilledCost": usd, **more,
        })
        for month in (month_label(first, t) for t in range(months))
    ]  # fmt: skip
    return write(folder / f"bills-{first}.csv", rows)


def lambda_hours(gpus: float) -> dict[str, str]:
    """Return what bills of the GPUs that are planned say, by the GPU."""
    return {"ProviderName": "Lambda", "x_Gpu": "h100-sxm-80gb", "PricingQuantity": str(gpus * 730)}


def grown(store: Store, folder: Path, gpus: Sequence[float], price: float = 4, lambdas: str = "") -> None:
    """Add bills of the months from 2026-07 on, of so many GPUs in every true hour, of AWS or these of Lambda."""
    for t, many in enumerate(gpus):
        month = month_label("2026-07", t)
        mean = many * hours_in(month, "calendar") / 730
        more = lambda_hours(mean) | {"x_Gpu": lambdas} if lambdas else {}
        add(store, bills(folder, month, 1, mean, price, **more))


def test_six_months_of_a_price_step_and_a_demand_miss_change_the_plan(tmp_path: Path, store: Store) -> None:
    """16 GPUs were to be rented, then bought next year; 8 were used, and what is rented costs a quarter since."""
    late = {"start": "2026-07", "horizon_months": 30, "sites": [{"id": SITE}], "servers": {"consider": [SERVER]},
            "workloads": [serving(16)], "prices": {f"{SERVER}/purchase_usd_per_server": 3_000_000}}  # fmt: skip
    steps = [{"rows": f"{SERVER}/purchase_usd_per_server", "kind": "step", "month": "2027-04", "factor": 0.1,
              "source": "s"}]  # fmt: skip
    made = planned(tmp_path, **late, price_paths=steps)
    assert [(one["month"], one["servers"]) for one in made.plan["decisions"]["purchases"]] == [("2027-04", 2)]
    grown(store, tmp_path, [8] * 6, price=1, lambdas="h100-sxm-80gb")
    seen = miss(made.plan, catalog(), store, "2027-01")
    assert seen.months == ("2026-10", "2026-11", "2026-12") and seen.ratio == pytest.approx(0.5)
    found = replanned(made, "2027-01", f"prices.{DEAR}/on_demand_usd_per_gpu_hour=1", demand=seen)
    assert found.answer["advice"] == "change" and found.answer["demand"]["ratio"] == pytest.approx(0.5)
    assert [(one["what"], one["keep"], one["change"]) for one in found.answer["changes"]] == [
        ("purchase", 2, 0), ("rental", pytest.approx(3 * 5840), pytest.approx(24 * 5840)), ("sale", 1, 0),
    ]  # fmt: skip
    assert total(found, "change") == pytest.approx(24 * 5840 * 1)
    assert total(found, "keep") > 3 * 5840 + 600_000 / 2


def test_meters_count_where_the_plan_has_owned_gpus_at_work(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **BUYS)
    add(store, bills(tmp_path, "2027-01", 2, gpus=8, price=4, **lambda_hours(8)))
    store.base.execute(
        """INSERT INTO usage (source, cluster, start, "end", gpu, gpu_hours, kind) VALUES
        ('slurm', 'a', '2027-05-01', '2027-06-01', 'h100-sxm-80gb', 4380, 'allocated'),
        ('slurm', 'a', '2027-05-01', '2027-06-01', 'h100-sxm-80gb', 9999, 'requested')"""
    )
    assert miss(made.plan, catalog(), store, "2027-06").months == ("2027-01", "2027-02", "2027-05")
    assert miss(made.plan, catalog(), store, "2027-06", last=1).ratio == pytest.approx(0.75 * 730 / 744)
    with pytest.raises(InputError, match="in none of these months"):
        miss(made.plan, catalog(), store, "2027-01")


def test_the_command_line_writes_a_scenario_that_plans_to_the_same(tmp_path: Path) -> None:
    path = written(tmp_path / "small.yaml", horizon_months=6, offers={"consider": [DEAR, CHEAP]})
    plan, out = tmp_path / "plan", tmp_path / "out"
    assert run("plan", str(path), "--set", "workloads.chat.demand.average_per_hour=4", "--out", str(plan),
               "--no-report").returncode == 0  # fmt: skip
    asked = ("replan", str(plan / "plan.json"), str(path), "--at", "2027-03", "--out", str(out))
    done = run(*asked, "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["advice"] == "keep" and answer["keep"]["total_usd"] == pytest.approx(4 * 4 * 730 * 2)
    assert not any("changed since" in one for one in answer["notes"])
    assert {one.name for one in out.iterdir()} == {
        "scenario.yaml", "plan.json", "replan.json", "report.html", "ledger.csv"}  # fmt: skip
    assert "Keep to the plan" in (out / "report.html").read_text(encoding="utf-8")
    again_ = run("plan", str(out / "scenario.yaml"), "--out", str(tmp_path / "third"), "--no-report")
    assert again_.returncode == 0, again_.stderr
    first, second = (json.loads((one / "plan.json").read_text()) for one in (out, tmp_path / "third"))
    assert first["scenario_digest"] == second["scenario_digest"] and first["decisions"] == second["decisions"]
    for form in ("table", "md", "csv"):
        assert CHEAP in run(*asked, "--format", form).stdout
    assert run("replan", str(plan / "plan.json"), str(path), "--at", "soon").returncode == 2
    assert run(*asked, "--fleet", str(path)).returncode == 3
    assert run(*asked, "--demand", "forecast").returncode == 2
    assert "--last needs --actuals" in run(*asked, "--last", "6").stderr


def test_settings_and_the_day_of_prices_are_those_of_the_plan() -> None:
    command = "planner plan s.yaml --set 'a=b c' --set x.y=1 --as-of 2026-11-22"
    settings, day = planned_settings({"command": command})
    assert settings == ["a=b c", "x.y=1"] and str(day) == "2026-11-22"
    with pytest.raises(InputError, match="cannot be read"):
        planned_settings({"command": "planner plan 'a"})


def test_yaml_reads_back_as_it_was() -> None:
    from decimal import Decimal

    from planner.documents import parse_document, yaml_text

    value = {"a": ["NO", "1e3", "12", "2027-01-01", "01", ".inf", "on", "x: y", "é"], "b": Decimal("1E-7"), "c": None,
             "d": [True, 3, {"12": Decimal("0.1")}]}  # fmt: skip
    assert parse_document(yaml_text(value), "").value == value
    assert yaml.safe_load(yaml_text({"a": "x"})) == {"a": "x"}


def test_demand_moves_by_month_in_every_kind_of_workload(tmp_path: Path) -> None:
    scale = {"demand": 2, "demand_by_month": {"2027-02": 0.5}}
    for workload in (serving(), batch(), training()):
        case = small(tmp_path, workloads=[workload], scale=scale)
        assert solved(case).answer.objective == pytest.approx(2 * (1 + 0.5 + 1) * MONTH)
    quarter = small(tmp_path, workloads=[batch(window=3)], scale=scale)
    assert sum(one.work for one in quarter.demand.windows) == pytest.approx(5 * 5840)
    with pytest.raises(InputError, match="is no month of the plan"):
        small(tmp_path, scale={"demand_by_month": {"2027-04": 1}})


RENTS: dict[str, Any] = {
    "start": "2026-07",
    "horizon_months": 12,
    "offers": {"consider": [WHOLE], "kinds": ["on_demand"]},
}


def test_a_forecast_of_each_month_scales_demand(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    grown(store, tmp_path, [8, 9, 10, 11, 12, 13])
    seen, why = demand_by(made.plan, catalog(), store, "2027-01", forecast=True)
    assert isinstance(seen, Outlook) and not why and seen.said.method == "drift"
    assert seen.gpu_hours() == pytest.approx([gpus * 730 for gpus in (14, 15, 16, 17, 18, 19)])
    assert seen.factors(months=2) == pytest.approx(
        dict(zip([month_label("2027-01", t) for t in range(8)], [n / 8 for n in (14, 15, 16, 17, 18, 19, 19, 19)],
                 strict=True)))  # fmt: skip
    found = replanned(made, "2027-01", demand=seen)
    assert total(found, "change") == pytest.approx(sum((14, 15, 16, 17, 18, 19)) * 730 * 4)
    assert found.answer["demand"]["by"] == "forecast" and len(found.answer["demand"]["by_month"]) == 6
    assert [(one["end"], one["advice"]) for one in found.answer["ends"]] == [("low", "keep"), ("high", "keep")]


def test_a_history_too_short_for_a_forecast_leaves_the_ratio_and_says_why(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    grown(store, tmp_path, [8, 9, 10])
    seen, why = demand_by(made.plan, catalog(), store, "2026-10", forecast=True)
    assert isinstance(seen, Miss) and seen.ratio > 1 and "the history of 3 months, 2026-07 to 2026-09" in why
    assert demand_by(made.plan, catalog(), store, "2026-10", forecast=False) == (seen, "")


def test_a_month_that_is_not_wholly_imported_is_no_history(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    grown(store, tmp_path, [8, 9, 10, 11, 12])
    part = bills(tmp_path, "2026-12", 1, 1, 4, ChargePeriodEnd="2026-12-09T00:00:00Z")
    add(store, part)
    found = outlook(made.plan, catalog(), store, "2027-01")
    assert isinstance(found, Outlook) and found.past[-1] == "2026-11"
    assert found.gpu_hours()[0] == pytest.approx(14 * 730)


def test_the_advice_is_told_at_both_ends_of_the_forecast(tmp_path: Path) -> None:
    made = planned(tmp_path, **{**BUYS, "servers": {"consider": []}})
    months = tuple(month_label("2027-03", t) for t in range(22))
    one = (1.0,) * 22
    seen = Outlook(("2027-02",), Forecast(one, (0.1,) * 22, one, "drift"), months, (8.0 * 730,) * 22)
    news = (f"servers.consider=[{SERVER}]", f"prices.{SERVER}/resale_fraction/24=0.5")
    found = replanned(made, "2027-03", *news, demand=seen)
    assert found.answer["advice"] == "change"
    low_end, high_end = found.answer["ends"]
    assert (low_end["advice"], high_end["advice"]) == ("keep", "change")
    assert high_end["saves_usd"] == pytest.approx(found.answer["saves_usd"])
    told = markdown_of(sections(found.answer))
    assert "does not hold at both ends" in told and "Low" in told
    assert low_end["first"] == [] and high_end["first"] == found.answer["first"] != []


def test_ends_that_change_to_different_promises_are_told_apart(tmp_path: Path) -> None:
    made = planned(tmp_path, offers={"consider": [TERMS], "kinds": ["on_demand", "commitments"]}, horizon_months=12)
    months = tuple(month_label("2027-07", t) for t in range(6))
    same, twice = (1.0,) * 6, (2.0,) * 6

    def asked(high: tuple[float, ...]) -> Again:
        seen = Outlook(("2027-06",), Forecast(same, same, high, "drift"), months, (8.0 * 730,) * 6)
        return replanned(made, "2027-07", f"prices.{HALF_TERM}=1", demand=seen)

    found = asked(twice)
    assert [one["first"][0]["amount"] for one in (found.answer, *found.answer["ends"])] == [1, 1, 2]
    assert "Change at both ends of the forecast, but not to the same" in markdown_of(sections(found.answer))
    assert "The advice holds at both ends" in markdown_of(sections(asked(same).answer))


def test_prices_are_taken_from_bills_only_when_asked_and_only_of_what_they_show(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS | {"offers": {"consider": [WHOLE, DEAR], "kinds": ["on_demand"]}})
    add(store, bills(tmp_path, "2026-07", 4, gpus=8, price=4))
    add(store, bills(tmp_path, "2026-11", 2, gpus=8, price=4.8))
    add(store, bills(tmp_path, "2026-12", 1, gpus=800, price=1, RegionId="us-west-2", SubAccountId="12"))

    def seen(rest: LoadedScenario) -> ByBills:
        return billed(store, catalog(), rest, 3)

    warned = replanned(made, "2027-01", bills=seen)
    row = f"{WHOLE}/on_demand_usd_per_gpu_hour"
    (one,) = warned.answer["prices"]
    assert (one["row"], one["was"], one["months"]) == (row, 4, ["2026-11", "2026-12"])
    assert one["factor"] == pytest.approx(1.2) and one["gpu_hours"] == pytest.approx(2 * 8 * 730)
    assert total(warned, "change") == pytest.approx(6 * MONTH) and not warned.answer["prices_taken"]
    assert "Bills differ" in markdown_of(sections(warned.answer))
    alone = replanned(made, "2027-01", f"offers.consider=[{WHOLE}]", bills=seen, take_bills=True)
    assert total(alone, "change") == pytest.approx(6 * MONTH * 1.2)
    assert "Prices taken from bills" in markdown_of(sections(alone.answer))
    both = replanned(made, "2027-01", bills=seen, take_bills=True)  # the other offer keeps its price, and is cheaper
    assert total(both, "change") == pytest.approx(6 * MONTH)


@pytest.mark.parametrize("asked", ["scale.demand=0.5", "scale.demand_by_month.2027-02=2", "scale={demand: 0.5}"])
def test_what_actuals_say_is_not_set_as_well(asked: str, tmp_path: Path) -> None:
    made = planned(tmp_path, **RENTS)
    with pytest.raises(InputError, match="is taken from actuals"):
        replanned(made, "2027-01", asked, demand=Miss(("2026-12",), 2, 1))


def test_a_price_is_not_set_beside_those_of_bills(tmp_path: Path) -> None:
    made = planned(tmp_path, **RENTS)
    row = f"{WHOLE}/on_demand_usd_per_gpu_hour"

    def seen(rest: LoadedScenario) -> ByBills:
        return ByBills([Billed(row, 4, 8, 100, ("2026-12",))], [])

    setting = f"scale={{rows: {{'{row}': 0.5}}}}"
    assert total(replanned(made, "2027-01", setting, bills=seen), "change") == pytest.approx(6 * MONTH / 2)
    with pytest.raises(InputError, match="is taken from actuals"):
        replanned(made, "2027-01", setting, bills=seen, take_bills=True)
    assert total(replanned(made, "2027-01", "scale.demand=0.5", bills=seen, take_bills=True), "change") == (
        pytest.approx(6 * MONTH))  # fmt: skip


def test_bills_that_show_no_other_price_are_said_to(tmp_path: Path) -> None:
    found = replanned(planned(tmp_path, **RENTS), "2027-01", bills=lambda rest: ByBills([], []), take_bills=True)
    assert found.answer["prices_taken"] and not found.answer["prices"]
    assert "Bills show no other price" in markdown_of(sections(found.answer))


def test_an_end_of_the_forecast_that_cannot_be_solved_leaves_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planner.actuals import replan

    made, solve, asked = planned(tmp_path, **RENTS), replan.solve_case, []

    def late(*args: Any) -> Any:
        asked.append(args)
        if len(asked) > 1:
            raise NotFoundError("no plan in time")
        return solve(*args)

    monkeypatch.setattr(replan, "solve_case", late)
    months, one = tuple(month_label("2027-01", t) for t in range(6)), (1.0,) * 6
    seen = Outlook(("2026-12",), Forecast(one, one, one, "drift"), months, (8.0 * 730,) * 6)
    found = replanned(made, "2027-01", demand=seen)
    assert total(found, "change") == pytest.approx(6 * MONTH)
    assert [(end["advice"], end["reason"]) for end in found.answer["ends"]] == [(None, "no plan in time")] * 2


def test_what_several_offers_could_be_is_left_and_named(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS | {"offers": {"consider": [DEAR, TERMS], "kinds": ["on_demand"]}})
    add(store, bills(tmp_path, "2026-11", 2, gpus=8, price=5, **lambda_hours(8)))
    both = replanned(made, "2027-01", bills=lambda rest: billed(store, catalog(), rest, 3), take_bills=True)
    assert not both.answer["prices"] and both.answer["prices_unclear"] == [DEAR, TERMS]
    assert f"could be of any of {DEAR}, {TERMS}" in markdown_of(sections(both.answer))
    one = replanned(made, "2027-01", f"offers.consider=[{DEAR}]",
                    bills=lambda rest: billed(store, catalog(), rest, 3), take_bills=True)  # fmt: skip
    assert [(price["row"], price["now"]) for price in one.answer["prices"]] == [
        (f"{DEAR}/on_demand_usd_per_gpu_hour", pytest.approx(5))]  # fmt: skip
    assert one.answer["prices_unclear"] == []


@pytest.mark.parametrize("region", ["eastus", "US East", "EastUS"])
def test_azure_writes_its_regions_in_several_ways(region: str, tiny: Path, tmp_path: Path, store: Store) -> None:
    loaded = load_scenario(tiny.parents[1] / "scenario.yaml", shipped_catalog(), ["start=2027-02"])
    add(store, write(tmp_path / "a.csv", [bill(0, 1000, 4.4, RegionId=region)]))
    (one,) = billed(store, shipped_catalog(), loaded, 3).prices
    assert (one.row, one.now) == ("azure-nc24ads-a100-v4-eastus/on_demand_usd_per_gpu_hour", pytest.approx(4.4))


def test_bills_of_another_region_are_named(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    add(store, bills(tmp_path, "2026-12", 1, gpus=8, price=5, RegionId="us-west-2"))
    found = replanned(made, "2027-01", bills=lambda rest: billed(store, catalog(), rest, 3), take_bills=True)
    assert not found.answer["prices"] and len(found.answer["prices_elsewhere"]) == 1
    assert "us-west-2 are of no offer here" in markdown_of(sections(found.answer))


def test_corrections_and_what_stands_unused_tell_no_price(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    add(store, bills(tmp_path, "2026-12", 1, gpus=8, price=5))
    for account, kind in ("8", {"ChargeClass": "Correction"}), ("9", {"CommitmentDiscountStatus": "Unused"}):
        add(store, bills(tmp_path, "2026-12", 1, gpus=80, price=1, SubAccountId=account, **kind))
    (one,) = billed(store, catalog(), changed(made.loaded, catalog(), ["start=2027-01"]), 3).prices
    assert (one.now, one.gpu_hours) == (pytest.approx(5), pytest.approx(8 * 730))


def test_a_lease_that_ended_gave_its_servers_back(tmp_path: Path) -> None:
    made = planned(tmp_path, **paid("operating_lease", 7, residual_fraction=0.9))
    first = made.plan["decisions"]["purchases"][0]
    assert first["in_service"] == "2027-05"
    for at, there in (("2027-11", 1), ("2027-12", 0)):
        held = standing(made.plan, made.loaded.scenario, catalog(), at)["existing_servers"]
        assert len([one for one in held if one["in_service"] == "2027-05"]) == there


def test_what_exists_must_be_told_in_full(tmp_path: Path) -> None:
    held = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-03", "paid_usd_per_server": 1}
    for wrong, message in (
        ({"existing_servers": [held | {"financing": "bank"}]}, "belong together"),
        ({"existing_servers": [held | {"financing": "bank", "ordered": "2026-01"}]}, "is no way of financing"),
        ({"existing_savings_plans": [{"plan": "gone", "usd_per_hour": 1, "start": "2026-10"}]}, "gone"),
        ({"existing_savings_plans": [{"plan": HALF_SAVINGS, "usd_per_hour": 1, "start": "2027-01"}]}, "start before"),
    ):
        with pytest.raises(InputError, match=message):
            small(tmp_path, sites=[{"id": SITE}], **wrong)
