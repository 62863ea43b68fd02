"""`planner track`: amounts worked out by hand, and what must not be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.actuals.comparison import Scope
from planner.actuals.forecast_error import forecast_error
from planner.actuals.plan_months import plan_months
from planner.actuals.store import Store
from planner.actuals.track import gate_values, track
from planner.actuals.variance import PARTS
from planner.catalog.load import Catalog
from planner.cli.track import GATES
from planner.errors import InputError
from planner.report.track_words import said
from tests.actuals.small import focus, write
from tests.actuals.tracked import RATE, SERVER_USD, bill, bills, invoices, owned, paid_in, read
from tests.command import run

STEP_AND_MISS = [(1000.0 if n < 2 else 800.0, RATE * (1.2 if n >= 3 else 1)) for n in range(6)]
"""Demand 20 % below plan from the third month on, the price 20 % above from the fourth."""


def test_a_price_step_and_a_demand_miss_are_named_with_their_amounts(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(n, hours, rate) for n, (hours, rate) in enumerate(STEP_AND_MISS)])
    found = track(read(tiny), catalog, store, Scope())
    price, volume = 3 * 800 * RATE * 0.2, -4 * 200 * RATE  # 1,761.60 and −2,936
    assert found["compared"] == [f"2027-0{n}" for n in range(1, 7)] and found["untracked"] == []
    assert found["total"]["variance"] == pytest.approx(
        {"price": price, "volume": volume, "mix": 0, "utilization": 0, "timing": 0, "total": price + volume}, abs=1e-6
    )
    assert found["total"]["plan_usd"] == pytest.approx(6000 * RATE)
    miss, step = found["causes"]
    assert (miss["part"], miss["since"], step["part"], step["since"]) == ("volume", "2027-03", "price", "2027-04")
    assert miss["change_fraction"] == pytest.approx(-0.2) and miss["usd"] == pytest.approx(volume)
    assert step["change_fraction"] == pytest.approx(0.2) and step["usd"] == pytest.approx(price)
    april = found["months"][3]["variance"]
    assert (april["price"], april["volume"]) == pytest.approx((800 * RATE * 0.2, -200 * RATE))
    # four months off by 200 of 800; 800 GPU-hours too many of 5,200. “As the month before” errs in March alone
    assert found["forecast"]["mape"] == pytest.approx(4 * 0.25 / 6)
    assert found["forecast"]["bias"] == pytest.approx(800 / 5200)
    assert found["forecast"]["naive_mape"] == pytest.approx(0.25 / 5)


def test_a_month_that_is_not_over_or_lacks_a_provider_is_told_and_left_out(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    rows = [bill(0, 1000), bill(2, 400, ChargePeriodEnd="2027-03-17T00:00:00Z")]
    bills(
        store,
        tmp_path,
        [*rows, focus(ChargePeriodStart="2027-02-01T00:00:00Z", ChargePeriodEnd="2027-03-01T00:00:00Z")],
    )
    found = track(read(tiny), catalog, store, Scope())
    assert found["compared"] == ["2027-01"] and found["total"]["variance"]["total"] == pytest.approx(0)
    _, february, march = found["months"]
    assert february["why_not"] == ["azure is in the plan, and no GPU of it is in the bills"]
    assert march["why_not"] == ["azure is imported up to 2027-03-17 only"] and march["variance"] is None
    assert march["actual_gpu_hours"] == 400
    said = track(read(tiny), catalog, store, Scope(complete=("2027-03",)))
    assert said["compared"] == ["2027-01", "2027-03"]
    assert said["total"]["variance"]["total"] == pytest.approx(-600 * RATE)


def test_other_currencies_corrections_and_what_has_no_gpu_are_told_apart(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [
        bill(0, 1000), bill(0, 10, BillingCurrency="EUR"), bill(0, 10, ChargeClass="Correction"),
        bill(0, 10, SkuPriceDetails="{}"), bill(0, 10, PricingUnit="parsecs"),
    ])  # fmt: skip
    found = track(read(tiny), catalog, store, Scope())
    assert found["total"]["variance"]["total"] == pytest.approx(0)
    assert {(one["why"], one["currency"]) for one in found["apart"]} == {
        ("another currency than the plan's", "EUR"), ("corrections of other months", "USD"), ("no GPU", "USD"),
        ("not understood", "USD"),
    }  # fmt: skip
    assert all(one["usd"] == pytest.approx(10 * RATE) for one in found["apart"])
    assert {one["why"][:7]: one["gpu_hours"] for one in found["apart"]} == {
        "another": 10, "correct": 0, "no GPU": 0, "not und": 0,
    }  # fmt: skip
    assert found["forecast"]["mape"] == pytest.approx(0)  # hours that are told apart are demand of nobody
    assert found["unknown_fraction"] == pytest.approx(10 / 1030)
    assert gate_values(found)["unknown"] == found["unknown_fraction"]


def test_a_credit_is_money_that_is_understood(tiny: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [
        bill(0, 1000), bill(0, -100, ChargeCategory="Credit"), bill(0, 10, PricingUnit="parsecs"),
    ])  # fmt: skip
    assert track(read(tiny), catalog, store, Scope())["unknown_fraction"] == pytest.approx(10 / 1110)


def as_planned(store: Store, tmp_path: Path, document: dict[str, Any], months: int, server_usd: float) -> None:
    """Let six months of the eight A100s go as planned, but for the server's price."""
    rows, paid = [], []
    at_work = [one["owned_gpu_hours"] for one in document["decisions"]["by_month"][:months]]
    for line in document["ledgers"]["plan"]:
        for n, quantity, price in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            if n >= months:
                continue
            if line["component"] == "on_demand":
                rows.append(bill(n, quantity, price))
                continue
            usd = server_usd if line["component"] == "servers" else quantity * price
            paid.append(owned(n, line["component"], usd))
    bills(store, tmp_path, rows)
    invoices(
        store, tmp_path, [*paid, *(owned(n, "electricity", 0.0, hours) for n, hours in enumerate(at_work) if hours)]
    )


def test_actuals_as_planned_leave_worth_and_breakeven_as_they_are(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    document = read(eight)
    as_planned(store, tmp_path, document, 6, SERVER_USD)
    found = track(document, catalog, store, Scope())
    assert len(found["compared"]) == 6 and found["total"]["variance"] == pytest.approx(
        dict.fromkeys((*("price", "volume", "mix", "utilization", "timing"), "total"), 0), abs=1e-6
    )
    assert found["total"]["plan_usd"] == pytest.approx(
        sum(one["cost_usd"] for one in document["decisions"]["by_month"][:6])
    )
    case = found["case"]
    assert case["choice"] == "buy" and case["state"] == "unchanged" and case["since"] is None
    assert case["npv_usd"] == pytest.approx(document["verdict"]["npv_usd"])
    assert case["breakeven_months"] == document["breakeven"]["plan"][case["against"]]["months"]
    assert found["utilization"]["owned_actual"] == pytest.approx(2 * 5256 / (2 * 5840 * 0.98))
    assert found["causes"] == []


def test_a_dearer_server_loses_the_case_outside_the_band_only(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    document = read(eight)
    as_planned(store, tmp_path, document, 6, SERVER_USD + 30_000)
    found = track(document, catalog, store, Scope())
    assert found["case"]["npv_usd"] == pytest.approx(document["verdict"]["npv_usd"] - 30_000)
    # 30,000 more: 12 % of what the first month costs, 9 % of six months' 322,000, against a worth of 5,674
    assert (found["case"]["state"], found["case"]["since"]) == ("lost", "2027-01")
    assert track(document, catalog, store, Scope(band=0.1))["case"]["state"] == "unchanged"
    (cause,) = found["causes"]
    assert (cause["kind"], cause["usd"]) == ("servers", pytest.approx(30_000))
    assert found["total"]["variance"]["price"] == pytest.approx(30_000)


def test_a_server_that_is_paid_and_delivered_late_is_timing_and_mix_and_not_a_gain(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    document = read(eight)
    bills(store, tmp_path, [bill(n, 5256) for n in range(5)])  # rented a month longer
    invoices(store, tmp_path, [owned(1, "servers", SERVER_USD), owned(5, "electricity", 0.0, 5256)])
    found = track(document, catalog, store, Scope(complete=("2027-06",)))
    first, second, *_, fifth, _ = (one["variance"] for one in found["months"])
    assert (first["timing"], second["timing"]) == pytest.approx((-SERVER_USD, SERVER_USD))
    assert fifth["mix"] == pytest.approx(5256 * RATE) and found["total"]["variance"]["timing"] == pytest.approx(0)
    (cause,) = found["causes"]
    assert (cause["part"], cause["kind"], cause["instead_of"]) == ("mix", "on_demand", "owned")
    worth = [one["npv_usd"] for one in found["case"]["by_month"]]
    planned = document["verdict"]["npv_usd"]
    assert worth[:4] == pytest.approx([planned] * 4)  # an invoice that is still to come saves nothing
    assert worth[4:] == pytest.approx([planned - 5256 * RATE * 1.08 ** (-5 / 12)] * 2)
    assert (found["case"]["state"], found["case"]["since"]) == ("lost", "2027-05")


def test_electricity_of_which_the_kwh_are_known_is_parted_by_kwh(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    """A fifth less kWh at a price a fifth higher, for two months: fewer GPU-hours hide the price no more."""
    document = read(eight)
    rate = 0.1301
    (line,) = (one for one in document["ledgers"]["plan"] if one["component"] == "electricity")
    assert line["unit"] == "kWh" and set(line["unit_cost_usd"]) == {rate}
    kwh = sum(quantity for month, quantity in zip(line["month"], line["quantity"], strict=True) if month == 4)
    assert kwh == pytest.approx(6931.9, abs=0.1)  # idle and at work
    support = [paid_in(document, "plan", n, "support") for n in (4, 5)]
    bills(store, tmp_path, [bill(n, 5256) for n in range(4)])
    invoices(store, tmp_path, [
        *(owned(n, "electricity", 0.8 * kwh * 1.2 * rate, kwh=0.8 * kwh) for n in (4, 5)),
        *(owned(n, "support", usd, 0.8 * 5256) for n, usd in zip((4, 5), support, strict=True)),
    ])  # fmt: skip
    found = track(document, catalog, store, Scope())
    assert len(found["compared"]) == 6
    parts = {one["kind"]: one["variance"] for one in found["items"]}
    price, volume = 2 * 0.8 * kwh * 0.2 * rate, -2 * 0.2 * kwh * rate  # 288.6 and −360.7 USD
    assert parts["electricity"] == pytest.approx(
        {"price": price, "volume": volume, "mix": 0, "utilization": 0, "timing": 0, "total": price + volume}, abs=1e-9
    )
    assert price == pytest.approx(288.6, abs=0.1) and volume == pytest.approx(-360.7, abs=0.1)
    total = found["total"]
    assert sum(total["variance"][name] for name in PARTS) == pytest.approx(
        total["actual_usd"] - total["plan_usd"], abs=1e-9
    )
    causes = {(one["kind"], one["part"]): one for one in found["causes"]}
    step, less = causes["electricity", "price"], causes["electricity", "volume"]
    assert (step["since"], step["unit"], step["planned"]) == ("2027-05", "kWh", pytest.approx(rate))
    assert step["actual"] == pytest.approx(1.2 * rate) and step["usd"] == pytest.approx(price)
    assert (less["planned"], less["actual"]) == pytest.approx((2 * kwh, 1.6 * kwh))
    paid_anyway = sum(support) * 0.2 * 5256 / (8 * 730 * 0.98)  # what fewer hours save of support, idle ones take back
    assert causes["owned", "utilization"]["usd"] == pytest.approx(paid_anyway)
    assert parts["owned"]["volume"] == pytest.approx(-paid_anyway)
    told = " ".join(said(found))
    assert "Electricity costs 0.1561 in place of 0.1301 USD per kWh (+20.0 %) since May 2027: +289 USD." in told
    assert "Electricity: 11,091 kWh in place of 13,864 (−20.0 %) since May 2027: −361 USD." in told


def test_electricity_of_which_some_kwh_lack_is_parted_by_gpu_hours(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(n, 5256) for n in range(4)])
    invoices(store, tmp_path, [owned(4, "electricity", 900, 5256, kwh=6900), owned(5, "electricity", 900, 5256)])
    found = track(read(eight), catalog, store, Scope())
    assert len(found["compared"]) == 6 and "electricity" not in {one["kind"] for one in found["items"]}
    (fleet,) = (one for one in found["items"] if one["kind"] == "owned")
    assert fleet["actual_usd"] == pytest.approx(1800)


def test_what_nobody_imports_is_on_neither_side(eight: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [bill(n, 5256) for n in range(4)])
    found = track(read(eight), catalog, store, Scope())
    assert found["total"]["variance"]["total"] == pytest.approx(0, abs=1e-6)
    told = {one["component"]: one["plan_usd"] for one in found["untracked"]}
    assert told["servers"] == SERVER_USD and told["staff"] > 0
    assert "electricity" not in told  # of which the plan has none before May


def test_an_upfront_fee_is_spread_over_its_term(llm: Path, catalog: Catalog) -> None:
    document = read(llm)
    plan = plan_months(document, catalog)
    ((item, uses),) = plan.uses.items()
    (fee,) = document["decisions"]["commitments"]
    months = [use.usd + use.idle_usd for use in uses]
    assert item == ("committed", "aws", "a100-sxm-80gb")
    assert months == pytest.approx([fee["usd"] / 36] * 36) and plan.cash["commitments"][0] == pytest.approx(fee["usd"])
    assert [use.hours for use in uses] == pytest.approx(
        [one["committed_gpu_hours"] for one in document["decisions"]["by_month"]]
    )
    assert uses[0].idle_usd == pytest.approx(fee["usd"] / 36 * (1 - uses[0].hours / (16 * 730)))


def test_no_actuals_of_the_plan_or_a_foreign_offer_is_refused(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="nothing of the plan's months"):
        track(read(tiny), catalog, store, Scope())
    bills(store, tmp_path, [bill(0, 1000)])
    with pytest.raises(InputError, match="none of these months"):
        track(read(tiny), catalog, store, Scope(first="2027-05"))
    document = read(tiny)
    document["ledgers"]["plan"][0]["item"] = "another-offer"
    with pytest.raises(InputError, match="not in the catalog"):
        track(document, catalog, store, Scope())


def test_a_running_invoice_that_is_late_leaves_its_month_out(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(n, 5256) for n in range(4)])
    invoices(store, tmp_path, [owned(n, "staff", 500) for n in range(3)])
    found = track(read(eight), catalog, store, Scope())
    assert [one["why_not"] for one in found["months"]] == [[], [], [], ["no invoice of staff yet"]]


def test_what_the_own_fleet_costs_and_no_component_names_is_other(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(0, 1000), bill(0, 0, x_Pricing="owned", SkuPriceDetails="{}", EffectiveCost="50")])
    found = track(read(tiny), catalog, store, Scope())
    assert [(one["kind"], one["actual_usd"]) for one in found["items"]][1:] == [("other_owned", 50)]


def test_owned_gpu_hours_that_are_late_leave_their_month_out(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [*(bill(n, 5256) for n in range(4)), bill(4, 10), bill(5, 10)])
    invoices(store, tmp_path, [owned(4, "electricity", 900, 5256)])
    found = track(read(eight), catalog, store, Scope())
    assert found["compared"] == [f"2027-0{n}" for n in range(1, 6)]
    assert found["months"][5]["why_not"] == ["no GPU-hours of owned servers yet", "no invoice of electricity yet"]


def test_forecast_error_without_history_or_use() -> None:
    assert forecast_error(["2027-01"], [5.0], {})["mape"] is None
    assert forecast_error(["2027-01"], [5.0], {"2027-01": 4})["naive_mape"] is None
    before = forecast_error(["2027-01"], [5.0], {"2026-12": 2, "2027-01": 4})
    assert (before["mape"], before["naive_mape"], before["bias"]) == (0.25, 0.5, 0.25)


def test_the_command_answers_in_every_form_and_its_gates_bite(tiny: Path, tmp_path: Path) -> None:
    kept = tmp_path / "a.duckdb"
    path = write(tmp_path / "a.csv", [bill(n, hours, rate) for n, (hours, rate) in enumerate(STEP_AND_MISS)])
    assert run("actuals", "import", "auto", path, "--into", kept).returncode == 0
    mail = run("track", tiny, "--actuals", kept, "--format", "md")
    assert mail.returncode == 0, mail.stderr
    first = next(line for line in mail.stdout.splitlines() if line and not line.startswith("#"))
    assert "January 2027 to June 2027 cost 20,846 USD, 1,174 USD less than planned" in first
    assert "Demand is 20.0 % below plan since March 2027, 3,200 GPU-hours in place of 4,000: −2,936 USD" in mail.stdout
    assert "off by 16.7 % of those used in a month" in mail.stdout and "15.4 % of all used too high" in mail.stdout
    assert "(+20.0 %) since April 2027: +1,762 USD" in mail.stdout and len(mail.stdout.splitlines()) < 60
    assert run("track", tiny, "--actuals", kept, "--format", "csv").stdout.count("\n") > 20
    assert run("track", tiny, "--actuals", kept, "--fail-on", "variance_pct>0%").returncode == 0
    failed = run("track", tiny, "--actuals", kept, "--fail-on", "mape>10%", "--fail-on", "unknown>1%")
    assert failed.returncode == 1 and "mape is 16.6667%" in failed.stderr and "unknown" not in failed.stderr
    for gate in ("bias>15%", "variance_pct<-5%"):
        assert run("track", tiny, "--actuals", kept, "--fail-on", gate).returncode == 1
    other = run("track", tiny, "--actuals", kept, "--fail-on", "npv<0").stderr
    helped = run("track", "--help").stdout
    assert all(f"{gate}: " in other and f"{gate} (" in " ".join(helped.split()) for gate in GATES)
    assert "buying_saves" not in other and "variance_pct<-10%" in helped
    assert run("track", tiny, "--actuals", kept, "--from", "January").returncode == 2
    page, study = tmp_path / "t.html", tmp_path / "t.json"
    assert run("track", tiny, "--actuals", kept, "--to", "html", "-o", page).returncode == 0
    html = page.read_text(encoding="utf-8")
    assert "<svg" in html and "Why it differs" in html and "The axis begins at 17,000." in html  # 20,846 to 23,782
    wide = run("track", tiny, "--actuals", kept).stdout.partition("By item")[2].partition("By month")[0]
    assert "Volume" in wide and "Timing" not in wide  # a part that nothing has
    assert run("track", tiny, "--actuals", kept, "--to", "json", "-o", study).returncode == 0
    for verb in ("report", "memo"):
        shown = run(verb, tiny, "--with", study, "--to", "md", "-o", "-")
        assert shown.returncode == 0 and "Demand is 20.0 % below plan" in shown.stdout, shown.stderr
