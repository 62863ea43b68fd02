"""FOCUS out: sums are those of the ledger and the store, and the file reads back as what it was written from."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.focus_out import COLUMNS, amount, focus_rows
from planner.actuals.monthly import charges_by_month
from planner.actuals.spreading import life_from
from planner.actuals.store import Store
from planner.cli.output import as_csv
from planner.units import month_label
from tests.actuals.planned import planned, written
from tests.actuals.small import add, focus, write
from tests.command import run
from tests.shipped import shipped_catalog
from tests.small import SERVER, SITE, TERMS, catalog

BUYS: dict[str, Any] = {
    "horizon_months": 24, "sites": [{"id": SITE}],
    "prices": {f"{SERVER}/purchase_usd_per_server": 300_000, f"{SERVER}/lead_time_months": 4},
}  # fmt: skip
COMMITS = {"horizon_months": 7, "offers": {"consider": [TERMS], "kinds": ["on_demand", "commitments"]},
           "prices": {f"{TERMS}/6m-half-term/usd_per_gpu_hour": 2}}  # fmt: skip
MIX = ("owned_gpu_hours", "committed_gpu_hours", "on_demand_gpu_hours", "spot_gpu_hours")
COSTS = {"BilledCost": "billed_cost", "EffectiveCost": "effective_cost", "ListCost": "list_cost",
         "ContractedCost": "contracted_cost"}  # fmt: skip


def total(rows: list[dict[str, Any]], column: str, **where: Any) -> float:
    return float(sum(row[column] for row in rows if all(row[key] == value for key, value in where.items())))


def test_the_plan_names_a_region_as_bills_do(tiny: Path, store: Store) -> None:
    plan = json.loads(tiny.read_text(encoding="utf-8"))
    rented = [row for row in focus_rows(plan, shipped_catalog(), store) if row["x_Component"] == "on_demand"]
    assert {row["RegionId"] for row in rented} == {"eastus"}


@pytest.mark.parametrize("changes", [BUYS, COMMITS, {**COMMITS, "horizon_end": "liquidate", "horizon_months": 3}])
def test_the_plan_adds_up_to_its_ledger(changes: dict[str, Any], tmp_path: Path) -> None:
    plan = planned(tmp_path, **changes).plan
    rows = focus_rows(plan, catalog())
    assert total(rows, "BilledCost") == pytest.approx(plan["tco"]["plan"]["total_usd"], rel=1e-9)
    for component, usd in plan["tco"]["plan"]["by_component"].items():
        assert total(rows, "BilledCost", x_Component=component) == pytest.approx(usd, rel=1e-9)
    assert total(rows, "x_GpuHours") == pytest.approx(
        sum(month[key] for month in plan["decisions"]["by_month"] for key in MIX), rel=1e-9)  # fmt: skip
    assert all(row["x_Record"] == "plan" and set(row) == set(COLUMNS) for row in rows)


def test_capital_outlay_is_paid_once_and_spread_over_useful_life(tmp_path: Path) -> None:
    rows = focus_rows(planned(tmp_path, **BUYS).plan, catalog())
    mine = [row for row in rows if row["x_Component"] == "servers"]
    paid = [row for row in mine if row["BilledCost"]]
    assert [(row["ChargePeriodStart"], row["ChargeCategory"], row["EffectiveCost"]) for row in paid] == [
        ("2027-01-01T00:00:00Z", "Purchase", 0)]  # fmt: skip
    months = [row for row in mine if row["EffectiveCost"]]
    assert {float(row["EffectiveCost"]) for row in months} == {5_000} and len(months) == 20
    assert months[0]["ChargePeriodStart"] == "2027-05-01T00:00:00Z"
    assert total(rows, "EffectiveCost", x_Component="resale") == 0 > total(rows, "BilledCost", x_Component="resale")


def test_outlay_for_no_server_is_spread_over_the_rest_of_the_horizon(tmp_path: Path) -> None:
    plan = planned(tmp_path, **BUYS).plan
    assert life_from(plan, "room", 4) == (4, 20) and life_from(plan, SERVER, 0) == (4, 60)


def test_a_commitment_paid_upfront_is_spread_over_its_term_as_bills_have_it(tmp_path: Path) -> None:
    rows = focus_rows(planned(tmp_path, **COMMITS).plan, catalog())
    mine = [row for row in rows if row["x_Component"] == "commitments" and "prepaid" in row["ChargeDescription"]]
    (paid,) = [row for row in mine if row["BilledCost"]]
    assert (paid["ChargePeriodStart"][:7], paid["BilledCost"], paid["EffectiveCost"]) == ("2027-02", 35_040, 0)
    assert [(row["ChargePeriodStart"][:7], float(row["EffectiveCost"])) for row in mine if row is not paid] == [
        (f"2027-0{month}", 5_840) for month in range(2, 8)]  # fmt: skip
    assert {(row["x_Pricing"], row["PricingCategory"]) for row in mine} == {("committed", "Committed")}


def test_the_discount_on_a_commitment_stacks_on_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, **COMMITS).plan
    (line,) = [one for one in plan["ledgers"]["plan"] if one["unit"] == "GPU-hour prepaid"]
    off = line | {"component": "negotiated_commitments", "unit_cost_usd": [-1.0]}
    plan["ledgers"]["plan"].append(off)
    rows = [row for row in focus_rows(plan, catalog()) if row["x_Component"] == "negotiated_commitments"]
    assert {row["x_Pricing"] for row in rows} == {"committed"} and len(rows) == 7
    assert (total(rows, "BilledCost"), total(rows, "EffectiveCost")) == (-17_520, pytest.approx(-17_520))


def test_what_was_spent_on_servers_is_spread_as_the_plan_is(tmp_path: Path, store: Store) -> None:
    own = {"site": SITE, "source": "invoice"}
    add(store, write(tmp_path / "own.csv", [
        {"month": "2027-01", "component": "servers", "usd": "330000"} | own,
        *({"month": f"2027-0{n}", "component": "electricity", "usd": "100"} | own for n in range(5, 8)),
    ]))  # fmt: skip
    rows = focus_rows(planned(tmp_path, **BUYS).plan, catalog(), store)
    assert {row["ProviderName"] for row in rows if row["x_Pricing"] == "owned"} == {"owned"}
    for record, each in (("plan", 5_000), ("actual", 5_500)):
        mine = [row for row in rows if (row["x_Record"], row["x_Component"]) == (record, "servers")]
        (paid,) = [row for row in mine if row["BilledCost"]]
        assert (paid["ChargeCategory"], paid["EffectiveCost"], paid["ChargePeriodStart"][:7]) == (
            "Purchase", 0, "2027-01")  # fmt: skip
        early = [float(row["EffectiveCost"]) for row in mine if "2027-05" <= row["ChargePeriodStart"][:7] <= "2027-07"]
        assert early == [each] * 3
    spent = [row for row in rows if row["x_Record"] == "actual"]
    assert max(row["ChargePeriodStart"] for row in spent)[:7] == "2027-07"
    assert {(row["ListCost"], row["ContractedCost"]) for row in spent} == {(None, None)}
    assert total([row for row in spent if row["x_Component"] == "electricity"], "EffectiveCost") == 300


def test_actual_rows_name_the_component_of_what_is_rented(tmp_path: Path, store: Store) -> None:
    add(store, bills(tmp_path))
    rows = [row for row in focus_rows(planned(tmp_path).plan, catalog(), store) if row["x_Record"] == "actual"]
    assert {(row["x_Pricing"], row["x_Component"]) for row in rows} == {
        ("on_demand", "on_demand"), ("spot", "spot"), ("committed", "commitments")}  # fmt: skip


def bills(folder: Path) -> Path:
    unused = {"CommitmentDiscountStatus": "Unused", "CommitmentDiscountId": "x", "PricingCategory": "Committed"}
    return write(folder / "bills.csv", [
        focus(), focus(PricingCategory="Dynamic", EffectiveCost="20.123456789012", BilledCost="20"),
        focus(**unused, PricingQuantity=""), focus(ChargeClass="Correction", EffectiveCost="-5", BilledCost="-5"),
        focus(ChargeCategory="Tax", ServiceName="Tax", ChargeDescription="VAT", PricingQuantity=""),
        focus(BillingCurrency="EUR", SubAccountId="12"),
        focus(ChargePeriodStart="2026-10-31T00:00:00Z", ChargePeriodEnd="2026-11-02T00:00:00Z", PricingQuantity="48"),
        focus(ProviderName="Microsoft", ServiceName="Virtual Machines", ChargeDescription="disks", PricingUnit="GB"),
    ])  # fmt: skip


def test_actuals_read_back_as_they_were_and_the_plan_never_as_charges(tmp_path: Path, store: Store) -> None:
    add(store, bills(tmp_path))
    rows = focus_rows(planned(tmp_path, **BUYS).plan, catalog(), store)
    spent = [row for row in rows if row["x_Record"] == "actual"]
    path = tmp_path / "costs.csv"
    path.write_text(as_csv(rows, COLUMNS), encoding="utf-8")
    with Store(":memory:") as other:
        done = add(other, path)
        assert (done.format, done.rows, done.left_out) == ("focus", len(spent), len(rows) - len(spent))
        assert done.unknown == 0 < done.left_out, other.unknown()
        assert float(done.gpu_hours) == pytest.approx(total(spent, "x_GpuHours"), rel=1e-9)
        before, back = charges_by_month(store), charges_by_month(other)
    keys = ["month", "provider", "pricing", "gpu", "unused", "correction", "currency"]
    sums = [one.groupby(keys, dropna=False)[["gpu_hours", *COSTS.values()]].sum() for one in (before, back)]
    assert sums[0].index.equals(sums[1].index)
    assert (sums[0] - sums[1]).abs().max().max() < 1e-9


def test_what_no_date_tells_is_kept_with_its_money(tmp_path: Path, store: Store) -> None:
    add(store, write(tmp_path / "a.csv", [focus(), focus(ChargePeriodStart="", BillingPeriodStart="")]))
    rows = [one for one in focus_rows(planned(tmp_path).plan, catalog(), store) if one["x_Record"] == "actual"]
    assert total(rows, "BilledCost") == pytest.approx(2 * 98.32)
    assert total(rows, "x_GpuHours") == 8


def test_amounts_have_all_their_digits_and_text_is_no_formula(tmp_path: Path) -> None:
    assert (str(amount(1e-7)), str(amount(-1e20)), str(amount(0))) == (
        "0.000000100000", "-100000000000000000000.000000000000", "0.000000000000")  # fmt: skip
    plan = planned(tmp_path).plan
    plan["ledgers"]["plan"][0]["item"] = "=cmd()"
    (found, *_) = csv.DictReader(io.StringIO(as_csv(focus_rows(plan, catalog()), COLUMNS)))
    assert found["ResourceId"] == "'=cmd()" and Decimal(found["BilledCost"]) > 0


def test_the_command_line_writes_a_file_that_imports(tmp_path: Path) -> None:
    path, kept, out = written(tmp_path / "s.yaml"), tmp_path / "a.duckdb", tmp_path / "costs.csv"
    assert run("plan", str(path), "--out", str(tmp_path), "--no-report").returncode == 0
    assert run("actuals", "import", "auto", str(bills(tmp_path)), "--into", str(kept)).returncode == 0
    done = run("actuals", "focus", str(tmp_path / "plan.json"), "--from", str(kept), "-o", str(out))
    assert done.returncode == 0 and "rows" in done.stderr, done.stderr
    back = run("actuals", "import", "auto", str(out), "--into", str(tmp_path / "b.duckdb"))
    assert back.returncode == 0 and "not understood" not in back.stderr, back.stderr
    alone = run("actuals", "focus", str(tmp_path / "plan.json"), "-o", "-")
    assert alone.returncode == 0 and "actual" not in alone.stdout
    assert [row["ChargePeriodStart"][:7] for row in csv.DictReader(io.StringIO(alone.stdout))] == [
        month_label("2027-01", t) for t in range(3)]  # fmt: skip
