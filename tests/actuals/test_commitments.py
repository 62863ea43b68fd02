"""Commitments and discounts of the bills against the plan's: what is whose, and under which part."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.actuals.comparison import Scope
from planner.actuals.store import Store
from planner.actuals.track import gate_values, track
from planner.catalog.load import Catalog
from planner.report.track_words import said
from tests.actuals.tracked import RATE, bill, bills, idle, read, reserved

HOURS, HELD = 10_950, 16 * 730
FEE = 536_050.18944 / 36
"""What the plan's commitment costs a month: 14,890 USD, of which a sixteenth is to stand idle."""
IDLE = FEE / 16
BARE = {"SkuPriceDetails": "{}", "ResourceId": "sp-ours"}


def as_planned(months: int = 2) -> list[dict[str, str]]:
    return [reserved(n, HOURS, FEE - IDLE) for n in range(months)]


def test_an_idle_commitment_is_utilization(llm: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    # half of what the plan uses is used; the fee is the same
    used = FEE * HOURS / 2 / HELD
    bills(store, tmp_path, [reserved(0, HOURS / 2, used), idle(0, FEE - used)])
    found = track(read(llm), catalog, store, Scope())
    (item,) = found["items"]
    assert (item["kind"], item["gpu"], item["actual_usd"]) == ("committed", "a100-sxm-80gb", pytest.approx(FEE))
    parts = found["total"]["variance"]
    assert parts["utilization"] == pytest.approx(FEE - used - IDLE)
    assert parts["volume"] == pytest.approx(used - (FEE - IDLE)) and parts["total"] == pytest.approx(0, abs=1e-6)
    busy = found["utilization"]
    assert busy["committed_plan"] == pytest.approx(15 / 16) and busy["committed_actual"] == pytest.approx(15 / 32)
    assert (busy["owned_plan"], busy["owned_actual"]) == (None, None)
    assert {one["part"] for one in found["causes"]} == {"volume", "utilization"}
    values = gate_values(found)
    assert values["utilization"] == pytest.approx(15 / 32) and values["bias"] == pytest.approx(1)
    assert values["mape"] == pytest.approx(1) and values["variance"] == pytest.approx(0, abs=1e-6)
    assert values["breakeven"] is None  # the plan to buy never breaks even against what is rented


def test_what_stands_unused_without_a_gpu_is_nobodys_until_it_is_named(
    llm: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    theirs = [idle(n, 9_999, **BARE | {"ResourceId": "sp-theirs"}) for n in range(2)]
    bills(store, tmp_path, [*as_planned(), *(idle(n, IDLE, **BARE) for n in range(2)), *theirs])
    found = track(read(llm), catalog, store, Scope())
    assert found["utilization"]["committed_actual"] == 1
    assert found["total"]["variance"]["utilization"] == pytest.approx(-2 * IDLE)
    assert [(one["why"], one["usd"]) for one in found["apart"]] == [
        ("unused commitments that name no GPU", pytest.approx(9_999 + IDLE))] * 2  # fmt: skip
    (told,) = found["contradictions"]
    assert "sp-theirs 19,998 USD; sp-ours 1,861 USD" in told and "--commitment" in told
    ours = track(read(llm), catalog, store, Scope(commitments=("sp-ours",)))
    assert ours["total"]["variance"] == pytest.approx(dict.fromkeys(ours["total"]["variance"], 0), abs=1e-6)
    assert ours["causes"] == [] and ours["utilization"]["committed_actual"] == pytest.approx(15 / 16)
    assert [one["usd"] for one in ours["apart"]] == [9_999] * 2 and "sp-ours" not in ours["contradictions"][0]


def test_what_is_idle_and_was_not_planned_is_one_cause(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(0, 1000), idle(0, 500)])
    (cause,) = track(read(tiny), catalog, store, Scope())["causes"]
    assert (cause["part"], cause["kind"], cause["usd"]) == ("utilization", "committed", 500)


def test_a_discount_on_everything_is_a_lower_price(tiny: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    less = {"ChargeCategory": "Credit", "PricingCategory": "", "PricingQuantity": "", "EffectiveCost": "-734",
            "BilledCost": "-734"}  # fmt: skip
    bills(store, tmp_path, [row for n in range(3) for row in (bill(n, 1000), bill(n, 0, **less))])
    found = track(read(tiny), catalog, store, Scope())
    assert found["total"]["variance"]["price"] == pytest.approx(-0.2 * 3 * 1000 * RATE)
    assert found["total"]["variance"]["total"] == pytest.approx(-2202)
    (cause,) = found["causes"]
    assert (cause["part"], cause["kind"], cause["change_fraction"]) == ("price", "on_demand", pytest.approx(-0.2))
    assert [one["actual_cash_usd"] for one in found["months"]] == pytest.approx([2936] * 3)


def test_a_discount_lowers_what_stands_idle_as_well(llm: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    less = {"ChargeCategory": "Credit", "PricingCategory": "", "PricingQuantity": ""}
    bills(store, tmp_path, [*as_planned(1), idle(0, IDLE), reserved(0, 0, -FEE / 10, **less)])
    parts = track(read(llm), catalog, store, Scope())["total"]["variance"]
    assert (parts["price"], parts["utilization"]) == pytest.approx((-(FEE - IDLE) / 10, -IDLE / 10))


def test_a_discount_of_nothing_stays_money_without_hours(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    fee = {"PricingCategory": "", "PricingQuantity": "", "EffectiveCost": "-700", "SkuPriceDetails": ""}
    credit = fee | {"ChargeCategory": "Credit", "SkuPriceDetails": '{"InstanceType": "Standard_ND96isr_H100_v5"}'}
    bills(store, tmp_path, [bill(0, 1000), bill(0, 0, **credit)])
    found = track(read(tiny), catalog, store, Scope())
    (cause,) = found["causes"]
    assert (cause["part"], cause["kind"], cause["gpu"], cause["usd"]) == ("price", "other", "h100-sxm-80gb", -700)
    assert "Not in the plan, h100-sxm-80gb, other rented, azure: −700 USD." in " ".join(said(found))
