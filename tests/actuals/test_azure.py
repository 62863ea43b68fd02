"""Azure's exports: one content under many headers, reservations amortised, JSON with and without braces."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.store import Store
from tests.actuals.small import SAMPLES, add, charge, write

EA = {
    "SubscriptionId": "s-1", "Date": "10/05/2026", "BillingPeriodStartDate": "10/01/2026", "ProductName": "ND96isr",
    "MeterCategory": "Virtual Machines", "MeterName": "ND96isr H100 v5", "UnitOfMeasure": "1 Hour", "Quantity": "24",
    "CostInBillingCurrency": "2359.68", "BillingCurrencyCode": "USD", "ResourceLocation": "eastus",
    "ChargeType": "Usage", "PricingModel": "OnDemand", "ResourceId": "/vm/1", "Tags": '"team": "a","env": "b"',
    "AdditionalInfo": '{"ServiceType":"Standard_ND96isr_H100_v5","VCPUs":96}', "ReservationId": "",
}  # fmt: skip
PAYG = {
    "SubscriptionId": "SubscriptionGuid", "Date": "UsageDateTime", "Quantity": "UsageQuantity",
    "CostInBillingCurrency": "PreTaxCost", "BillingCurrencyCode": "Currency", "ResourceId": "InstanceId",
}  # fmt: skip
GERMAN = {
    "SubscriptionId": "Abonnement-GUID (SubscriptionGuid)", "ResourceLocation": "Ressourcenstandort (ResourceLocation)",
    "Date": "UsageDateTime (UsageDateTime)", "MeterCategory": "Kategorie der Verbrauchseinheit (MeterCategory)",
    "Quantity": "UsageQuantity (UsageQuantity)", "CostInBillingCurrency": "PreTaxCost (PreTaxCost)",
    "BillingCurrencyCode": "Currency", "UnitOfMeasure": "Maßeinheit (UnitOfMeasure)",
    "AdditionalInfo": "Zusätzliche Informationen (AdditionalInfo)", "Tags": "Tags (Tags)",
}  # fmt: skip


def one(store: Store, tmp_path: Path, **changes: str) -> dict[str, Any]:
    add(store, write(tmp_path / "a.csv", [EA | changes]), "azure-export")
    return charge(store)


CAMEL = {name: name[0].lower() + name[1:] for name in EA}


@pytest.mark.parametrize("names", [{}, PAYG, GERMAN, CAMEL, {"BillingCurrencyCode": "BillingCurrency"}])
@pytest.mark.parametrize("date", ["10/05/2026", "2026-10-05"])
def test_every_header_says_the_same(store: Store, tmp_path: Path, names: dict[str, str], date: str) -> None:
    row = {names.get(name, name): value for name, value in (EA | {"Date": date}).items()}
    path = write(tmp_path / "a.csv", [row])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    add(store, path)
    found = charge(store)
    assert (found["gpu"], found["gpu_hours"], found["doubt"]) == ("h100-sxm-80gb", 192, None)
    assert (str(found["charge_start"]), str(found["charge_end"])) == ("2026-10-05 00:00:00", "2026-10-06 00:00:00")
    assert (found["account"], found["currency"], found["effective_cost"]) == ("s-1", "USD", Decimal("2359.68"))
    assert found["tags"].replace(" ", "") == '{"team":"a","env":"b"}'


@pytest.mark.parametrize(
    ("changes", "gpu_hours", "accrued", "billed", "pricing"),
    [
        ({"UnitOfMeasure": "100 Hours"}, 192, "2359.68", "2359.68", "on_demand"),
        ({"UnitOfMeasure": "100 Hours", "UnitPrice": "9832"}, 192, "2359.68", "2359.68", "on_demand"),
        ({"UnitOfMeasure": "1 Hour", "UnitPrice": "98.32"}, 192, "2359.68", "2359.68", "on_demand"),
        ({"UnitOfMeasure": "1 hora"}, 192, "2359.68", "2359.68", "on_demand"),
        ({"AdditionalInfo": '"ServiceType": "Standard_ND96isr_H100_v5",  "VCPUs": 2'},
         192, "2359.68", "2359.68", "on_demand"),
        ({"PricingModel": "Reservation"}, 192, "2359.68", "0", "committed"),
        ({"PricingModel": "SavingsPlan"}, 192, "2359.68", "0", "committed"),
        ({"PricingModel": "", "ReservationId": "r"}, 192, "2359.68", "0", "committed"),
        ({"PricingModel": "Spot"}, 192, "2359.68", "2359.68", "spot"),
        ({"PricingModel": "", "MeterName": "ND96isr H100 v5 Spot"}, 192, "2359.68", "2359.68", "spot"),
        ({"ChargeType": "UnusedReservation", "PricingModel": "Reservation"}, None, "2359.68", "0", "committed"),
        ({"ChargeType": "Purchase", "PricingModel": "Reservation"}, None, "0", "2359.68", "committed"),
        ({"ChargeType": "Purchase", "PricingModel": "OnDemand"}, None, "2359.68", "2359.68", "other"),
        ({"ChargeType": "Refund", "PricingModel": "Reservation", "CostInBillingCurrency": "-5"},
         None, "0", "-5", "committed"),
        ({"MeterCategory": "Virtual Machines Licenses"}, None, "2359.68", "2359.68", "on_demand"),
        ({"MeterCategory": "Storage", "UnitOfMeasure": "1 GB"}, None, "2359.68", "2359.68", "on_demand"),
        ({"AdditionalInfo": '{"ServiceType":"STANDARD_ND96ISR_H100_V5"}'}, 192, "2359.68", "2359.68", "on_demand"),
        ({"AdditionalInfo": '{"ServiceType":"Standard_NC24r_Promo"}'}, 96, "2359.68", "2359.68", "on_demand"),
        ({"AdditionalInfo": '{"ServiceType":"Standard_NV6ads_A10_v5"}'}, "4.000008", "2359.68", "2359.68", "on_demand"),
    ],
)  # fmt: skip
def test_hours_and_costs_by_type_of_charge(
    store: Store, tmp_path: Path, changes: dict, gpu_hours: object, accrued: str, billed: str, pricing: str
) -> None:
    found = one(store, tmp_path, **changes)
    assert found["gpu_hours"] == (None if gpu_hours is None else Decimal(gpu_hours))
    assert (found["effective_cost"], found["billed_cost"], found["pricing"], found["doubt"]) == (
        Decimal(accrued), Decimal(billed), pricing, None,
    )  # fmt: skip
    assert found["unused"] == ("Unused" in changes.get("ChargeType", ""))
    assert found["correction"] == (changes.get("ChargeType") == "Refund")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"MeterCategory": "Wirtualne maszyny"}, "not known whether this category is machines: Wirtualne maszyny"),
        ({"Date": "25/12/2026"}, "start of the charge is no time"),
        ({"AdditionalInfo": '{"ServiceType":"Standard_ND999_v9"}'},
         "instance type in no table of GPUs: Standard_ND999_v9"),
        ({"UnitOfMeasure": "100 Hours", "Quantity": "0.24", "UnitPrice": "9832"},
         "not known whether the quantity is of hours or of blocks of them: 100 Hours"),
        ({"ChargeType": "Gift"}, "unknown category of charge"),
        ({"Quantity": "24,5"}, "quantity is no number"),
    ],
)  # fmt: skip
def test_doubts(store: Store, tmp_path: Path, changes: dict, why: str) -> None:
    found = one(store, tmp_path, **changes)
    assert (found["doubt"], found["gpu_hours"], found["effective_cost"]) == (why, None, Decimal("2359.68"))


def test_actual_cost_says_that_it_accrues_nothing_of_reservations(store: Store, tmp_path: Path) -> None:
    reserved = EA | {"PricingModel": "Reservation"}
    bought = reserved | {"ChargeType": "Purchase", "CostInBillingCurrency": "5000", "Quantity": "1"}
    done = add(store, write(tmp_path / "actual.csv", [bought, reserved | {"CostInBillingCurrency": "0"}]))
    assert (done.gpu_hours, done.money[0].effective_cost, done.money[0].billed_cost) == (192, 0, 5000)
    assert done.note is not None and "import the amortised export instead" in done.note
    both = add(store, write(tmp_path / "both.csv", [reserved, EA | {"ResourceId": "/vm/2"}]), add=True)
    assert both.doubled == {str(tmp_path / "actual.csv"): 1}
    other = {"SubscriptionId": "s-2"}
    assert add(store, write(tmp_path / "amortised.csv", [reserved | other, EA | other])).note is None


@pytest.mark.parametrize(
    ("name", "rows", "accrued", "billed", "unknown"),
    [
        ("azure/EA_ActualCost_Small.csv", 11, "5.295007786742", "8.545007786742", 0),
        ("azure/EA_AmortizedCost_Small.csv", 28, "16.296932136637", "15.797780136169", 0),
        ("cost-exports/azure_export_head.csv", 16, "2.657555806709", "2.657555806709", 0),
        ("opencost/azure-headersets/Enterprise.csv", 1, "0", "0", 0),
        ("opencost/azure-headersets/EnterpriseCamel.csv", 1, "0.012", "0.012", 0),
        ("opencost/azure-headersets/German.csv", 1, "0.075", "0.075", 0),
        ("opencost/azure-headersets/PayAsYouGo.csv", 1, "0.075", "0.075", 0),
        ("opencost/azure-headersets/YA.csv", 1, "0.075", "0.075", 0),
        ("opencost/azure-headersets/BOM.csv", 1, None, None, 1),
        ("opencost/azure-values/MissingBrackets.csv", 1, "4", "4", 1),
        ("opencost/azure-values/VirtualMachine.csv", 1, "4", "4", 1),
    ],
)
def test_the_samples(store: Store, name: str, rows: int, accrued: str, billed: str, unknown: int) -> None:
    if not (SAMPLES / name).is_file():
        pytest.skip(f"{SAMPLES / name} is not here")
    done = add(store, SAMPLES / name)
    (money,) = done.money
    assert (done.format, done.rows, done.unknown) == ("azure-export", rows, unknown)
    assert (money.effective_cost, money.billed_cost) == tuple(one and Decimal(one) for one in (accrued, billed))
