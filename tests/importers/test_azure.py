"""Azure's Retail Prices: pay as you go, spot, reservations for a whole term, savings plans."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError
from planner.importers import Imported
from planner.importers.azure_retail import gpus_of, read
from planner.importers.common import Settings
from tests.importers.given import SAMPLES, balanced, values, write

UNDATED = Settings("test-source")
ITEM = {
    "currencyCode": "USD", "tierMinimumUnits": 0.0, "retailPrice": 98.32, "unitPrice": 98.32,
    "armRegionName": "eastus", "location": "US East", "effectiveStartDate": "2026-03-01T00:00:00Z", "meterId": "m",
    "meterName": "ND96isr H100 v5", "productId": "p", "skuId": "p/1", "productName": "NDisrH100v5 Series Linux",
    "skuName": "ND96isr H100 v5", "serviceName": "Virtual Machines", "serviceFamily": "Compute",
    "unitOfMeasure": "1 Hour", "type": "Consumption", "isPrimaryMeterRegion": True,
    "armSkuName": "Standard_ND96isr_H100_v5",
}  # fmt: skip
OFFER = "azure-nd96isr-h100-v5-eastus"


def pages(*groups: list[Any]) -> str:
    found = ({"BillingCurrency": "USD", "Items": items, "NextPageLink": None, "Count": len(items)} for items in groups)
    return "\n".join(json.dumps(page) for page in found)


def imported(folder: Path, *changes: dict[str, Any], settings: Settings = UNDATED) -> Imported:
    return read(write(folder / "prices.json", pages([ITEM | one for one in changes])), settings)


def test_pay_as_you_go_and_spot_per_gpu(tmp_path: Path) -> None:
    spot = {"skuName": "ND96isr H100 v5 Spot", "meterName": "ND96isr H100 v5 Spot", "retailPrice": 20}
    found = imported(tmp_path, {}, spot)
    assert values(found) == {
        f"{OFFER}/on_demand_usd_per_gpu_hour": Decimal("12.29"), f"{OFFER}/spot_usd_per_gpu_hour": Decimal("2.5"),
    }  # fmt: skip
    fact = found.rows[0]
    assert (fact.date, fact.currency, fact.confidence) == ("2026-03-01", "USD", "high")
    assert fact.attributes == {
        "provider": "azure", "region": "eastus", "country": "US", "instance_type": "Standard_ND96isr_H100_v5",
        "gpu": "h100-sxm-80gb", "gpus": "8",
    }  # fmt: skip


def test_reservation_is_priced_for_its_whole_term(tmp_path: Path) -> None:
    # 350,400 USD for 12 months × 730 h = 8,760 h is 40 an hour; ÷ 8 GPUs = 5. 3 years: 630,720 ÷ 26,280 ÷ 8 = 3.
    one_year = {"type": "Reservation", "reservationTerm": "1 Year", "retailPrice": 350400.0}
    three = {"type": "Reservation", "reservationTerm": "3 Years", "retailPrice": 630720.0}
    found = imported(tmp_path, {}, one_year, three)
    made = values(found)
    assert made[f"{OFFER}/12m-no-upfront/usd_per_gpu_hour"] == 5
    assert made[f"{OFFER}/36m-no-upfront/usd_per_gpu_hour"] == 3
    terms = [{name: row.attributes[name] for name in ("term_months", "upfront_fraction")} for row in found.rows[1:]]
    assert terms == [{"term_months": "12", "upfront_fraction": "0"}, {"term_months": "36", "upfront_fraction": "0"}]


def test_savings_plans_stand_on_an_item(tmp_path: Path) -> None:
    plans = [{"term": "1 Year", "retailPrice": 64.0, "unitPrice": 64.0}, {"term": "3 Years", "retailPrice": 40}, 7]
    found = imported(tmp_path, {"savingsPlan": plans})
    made = values(found)
    assert made[f"azure-savings-plan-12m/usd_per_gpu_hour/{OFFER}"] == 8
    assert made[f"azure-savings-plan-36m/usd_per_gpu_hour/{OFFER}"] == 5
    assert (found.mapped, len(found.rows)) == (1, 3)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"productName": "NDisrH100v5 Series Windows"}, "Windows"), ({"productName": "NDisrH100v5 Series Win"}, "Windows"),
     ({"productName": "NDisrH100v5 Series CloudServices"}, "Cloud Services"),
     ({"type": "DevTestConsumption"}, "type DevTestConsumption"), ({"retailPrice": 0.0}, "no price, or 0"),
     ({"meterName": "ND96isr H100 v5 Low Priority"}, "low priority"), ({"retailPrice": "9"}, "malformed item"),
     ({"retailPrice": True}, "malformed item"), ({"retailPrice": -1}, "malformed item"),
     ({"isPrimaryMeterRegion": False}, "not the primary meter"), ({"tierMinimumUnits": 5.0}, "price of a higher tier"),
     ({"unitOfMeasure": "1 Month"}, "in another unit than 1 Hour"), ({"currencyCode": "CNY"}, "currency CNY"),
     ({"serviceName": "Storage"}, "no virtual machine"), ({"armSkuName": "Standard_D2s_v3"}, "no GPU"),
     ({"armSkuName": "Standard_NV6ads_A10_v5"}, "part of a GPU"), ({"armSkuName": None}, "no GPU"),
     ({"armSkuName": "Standard_ND6s"}, "unknown GPU: P40"), ({"armRegionName": ""}, "no region"),
     ({"armSkuName": "Standard_NC7_H900_v9"}, "unknown GPU of Standard_NC7_H900_v9"),
     ({"effectiveEndDate": "2026-05-01T00:00:00Z"}, "no longer in force"),
     ({"effectiveStartDate": 1}, "malformed item"),
     ({"type": "Reservation", "reservationTerm": "some"}, "reservation for no term of years")],
)  # fmt: skip
def test_other_items_are_skipped_with_their_reason(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    found = imported(tmp_path, change)
    assert (values(found), found.skipped) == ({}, {why: 1})


def test_size_with_the_dearer_card_alone_is_not_the_node() -> None:
    assert gpus_of("Standard_NC40ads_H100_v5") == ("h100-nvl-94gb", 1)
    assert gpus_of("Standard_NC96ads_A100_v4") == ("a100-pcie-80gb", 4)
    assert gpus_of("Standard_NC64as_T4_v3") == ("t4-16gb", 4)


def test_pages_that_repeat_an_item_and_hold_broken_ones(tmp_path: Path) -> None:
    text = pages([ITEM, 3, ["x"]], [ITEM, {"retailPrice": 1}]).replace('{"retailPrice": 1}', '{"retailPrice": NaN}')
    found = read(write(tmp_path / "prices.json", text), UNDATED)
    assert len(values(found)) == 1
    assert found.skipped["the same price again"] == 1
    assert found.read == found.mapped + sum(found.skipped.values())


def test_exact_decimals_and_currency_are_kept(tmp_path: Path) -> None:
    text = pages([ITEM | {"currencyCode": "EUR"}]).replace("98.32", "98.320000000008")
    fact = read(write(tmp_path / "prices.json", text), UNDATED).rows[0]
    assert (fact.value, fact.currency, fact.confidence) == (Decimal("12.290000000001"), "EUR", "medium")


def test_given_date_stands_unless_the_price_begins_later(tmp_path: Path) -> None:
    later = {"armRegionName": "westus", "effectiveStartDate": "2027-01-01T00:00:00Z"}
    found = imported(tmp_path, {}, later, settings=Settings("test-source", "2026-11-20"))
    assert [one.date for one in found.rows] == ["2026-11-20", "2027-01-01"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    for text in ('{"skus": []}', "a,b\n1,2\n", '{"Items": [{"armSkuName": "x"'):
        with pytest.raises(InputError):
            read(write(tmp_path / "prices.json", text), UNDATED)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the real files beside the checkout")
def test_azures_cost_exports_are_no_price_lists() -> None:
    with pytest.raises(InputError, match="no Items"):
        read(SAMPLES / "azure" / "EA_ActualCost_Small.csv", UNDATED)


def test_books_balance_when_a_later_price_replaces_one_with_plans(tmp_path: Path) -> None:
    plan = {"savingsPlan": [{"term": "1 Year", "retailPrice": 64}]}
    settings = Settings("test-source", "2026-11-20")
    found = imported(tmp_path, plan, plan | {"effectiveStartDate": "2026-06-01T00:00:00Z"}, settings=settings)
    balanced(found)
    assert found.skipped == {"replaced by a later price": 1}
