"""FOCUS: by the columns that are there, whatever the version and whoever wrote it."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from planner.actuals.monthly import charges_by_month
from planner.actuals.store import Store
from tests.actuals.small import SAMPLES, add, charge, focus, write

SAMPLE = SAMPLES / "focus" / "focus_sample.csv"


def one(store: Store, tmp_path: Path, **changes: object) -> dict:
    add(store, write(tmp_path / "a.csv", [focus(**changes)]), "focus")
    return charge(store)


def test_gpu_hours_are_the_hours_of_the_node_times_its_gpus(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path)
    assert (found["gpu"], found["gpus"], found["hours"], found["gpu_hours"]) == ("h100-sxm-80gb", 8, 1, 8)
    assert (found["provider"], found["pricing"], found["doubt"]) == ("aws", "on_demand", None)


@pytest.mark.parametrize(
    ("changes", "gpu_hours", "effective"),
    [
        ({"CommitmentDiscountStatus": "Unused", "PricingCategory": "Committed"}, None, "98.32"),
        ({"CapacityReservationStatus": "Unused"}, None, "98.32"),
        ({"CommitmentDiscountStatus": "Used", "PricingCategory": "Committed", "EffectiveCost": "40"}, 8, "40"),
        ({"ChargeClass": "Correction", "EffectiveCost": "-5"}, None, "-5"),
        ({"ChargeCategory": "Purchase", "EffectiveCost": "0"}, None, "0"),
        ({"ChargeCategory": "Tax"}, None, "98.32"),
        ({"PricingQuantity": "-1", "EffectiveCost": "-98.32"}, -8, "-98.32"),
        ({"PricingQuantity": "0"}, 0, "98.32"),
        ({"PricingQuantity": "0.333333333"}, "2.666666664", "98.32"),
        ({"PricingQuantity": "90", "PricingUnit": "Minutes"}, 12, "98.32"),
        ({"PricingQuantity": "0.01", "PricingUnit": "100 Hours"}, 8, "98.32"),
        ({"PricingQuantity": "0.01", "PricingUnit": "100 Hours",
          "ConsumedQuantity": "2", "ConsumedUnit": "Hours"}, 16, "98.32"),
        ({"ServiceName": "Amazon Elastic MapReduce", "x_UsageType": "BoxUsage:p5.48xlarge"}, None, "98.32"),
        ({"x_UsageType": "USE2-UnusedBox:p5.48xlarge"}, None, "98.32"),
        ({"x_UsageType": "BoxUsage:p5.48xlarge", "ServiceName": ""}, 8, "98.32"),
        ({"PricingQuantity": "8", "PricingUnit": "GPU-Hours"}, 8, "98.32"),
        ({"PricingQuantity": "8", "PricingUnit": "GPU Hours", "SkuPriceDetails": '{"GpuCount": 8}'}, 8, "98.32"),
        ({"x_UsageType": "USE2-SpotUsage:p5.4xlarge", "ChargeDescription": "x"}, 1, "98.32"),
        ({"SkuMeter": "USE2-BoxUsage:p5.4xlarge", "ChargeDescription": "x"}, 1, "98.32"),
        ({"ChargeDescription": "p5.48xlarge Linux/UNIX Spot Instance-hour in US East"}, 8, "98.32"),
        ({"ChargeDescription": "Linux/UNIX (Amazon VPC), p5.48xlarge reserved instance applied"}, 8, "98.32"),
        ({"ChargeDescription": "$9 per Hosting ml.p5.48xlarge hour", "ServiceName": "Amazon SageMaker"}, 8, "98.32"),
        ({"ChargeDescription": "$0.27 per hour for EMR p5.48xlarge", "ServiceName": "Amazon Elastic MapReduce"},
         None, "98.32"),
        ({"ChargeDescription": "$0.00 for 10000 Mbps per p5.48xlarge instance-hour"}, None, "98.32"),
        ({"SkuPriceDetails": '{"InstanceType": "g6f.large", "GpuCount": 0}'}, "0.125", "98.32"),
    ],
)  # fmt: skip
def test_hours_are_of_usage_alone_and_the_cost_is_of_every_row(
    store: Store, tmp_path: Path, changes: dict, gpu_hours: object, effective: str
) -> None:
    found = one(store, tmp_path, **changes)
    assert found["gpu_hours"] == (None if gpu_hours is None else Decimal(gpu_hours))
    assert found["effective_cost"] == Decimal(effective) and found["doubt"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"SkuPriceDetails": '{"ServiceType": "Standard_NC4as_T4_v3"}'},
        {"SkuPriceDetails": '{"x_ServiceType": "Standard_NC4as_T4_v3"}'},
        {"ChargeDescription": "Virtual Machines NCasT4_v3 Series - NC4as T4 v3 - US East"},
        {"ChargeDescription": "Virtual Machines NCasT4_v3 Series - NC4as T4 v3 Spot - US East"},
    ],
)
def test_azures_machine_stands_in_the_details_or_in_the_description(
    store: Store, tmp_path: Path, changes: dict
) -> None:
    azure = {"ProviderName": "Microsoft", "ServiceName": "Virtual Machines", "ChargeDescription": "x"}
    found = one(store, tmp_path, **azure | changes)
    assert (found["gpu"], found["gpu_hours"], found["doubt"]) == ("t4-16gb", 1, None)


@pytest.mark.parametrize("said", [{"x_UsageType": "USE2-UnusedBox:p5.48xlarge"}, {
    "ChargeDescription": "$98.32 per Unused Reservation Linux p5.48xlarge Instance Hour"}])  # fmt: skip
def test_a_reservation_of_capacity_that_stood_unused_is_known_without_its_status(
    store: Store, tmp_path: Path, said: dict
) -> None:
    found = one(store, tmp_path, **said)
    assert (found["gpu"], found["gpu_hours"], found["unused"], found["pricing"]) == (
        "h100-sxm-80gb", None, True, "committed",
    )  # fmt: skip


def test_the_row_itself_tells_the_gpus_before_the_table_does(store: Store, tmp_path: Path) -> None:
    details = '{"GpuCount": 2, "InstanceType": "p5.48xlarge"}'
    assert one(store, tmp_path, SkuPriceDetails=details)["gpu_hours"] == 2


def test_parts_of_a_gpu_count_as_such(store: Store, tmp_path: Path) -> None:
    assert one(store, tmp_path, ChargeDescription="$0.1 per On Demand Linux g6f.large Instance Hour")[
        "gpu_hours"
    ] == Decimal("0.125")


@pytest.mark.parametrize(
    "names", [("ProviderName",), ("PublisherName",), ("ServiceProviderName",), ("InvoiceIssuerName",)]
)
def test_the_provider_is_whichever_column_names_it(store: Store, tmp_path: Path, names: tuple[str, ...]) -> None:
    row = {name: value for name, value in focus().items() if name != "ProviderName"}
    add(store, write(tmp_path / "a.csv", [row | dict.fromkeys(names, "Amazon Web Services")]), "focus")
    assert charge(store)["provider"] == "aws"


@pytest.mark.parametrize("text", ["2026-10-05 00:00:00", "2026-10-05T00:00:00Z", "2026-10-05T00:00:00", "2026-10-05",
                                  "2026-10-05T02:00:00+02:00", "2026-10-05T00:00:00.000Z"])  # fmt: skip
def test_times_are_utc_however_they_are_written(store: Store, tmp_path: Path, text: str) -> None:
    assert str(one(store, tmp_path, ChargePeriodStart=text)["charge_start"]) == "2026-10-05 00:00:00"


@pytest.mark.parametrize("text", ["", "NULL", " NULL "])
def test_null_is_a_word_or_nothing(store: Store, tmp_path: Path, text: str) -> None:
    found = one(store, tmp_path, ChargeClass=text, ContractedCost=text, ResourceId=text)
    assert (found["correction"], found["contracted_cost"], found["resource"], found["gpu_hours"]) == (
        False,
        None,
        None,
        8,
    )


@pytest.mark.parametrize(
    ("description", "gpu", "gpu_hours"),
    [
        ("Nvidia H100 80GB GPU running in Iowa", "h100-sxm-80gb", 24),
        ("Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Iowa", "t4-16gb", 24),
        ("Commitment v1: Nvidia H100 80GB GPU running in Iowa for 1 Year", "h100-sxm-80gb", None),
        ("A3 Instance Core running in Iowa", "h100-sxm-80gb", None),
        ("A3 Instance Ram running in Iowa", "h100-sxm-80gb", None),
    ],
)
def test_googles_gpu_product_is_gpu_hours_already(
    store: Store, tmp_path: Path, description: str, gpu: str | None, gpu_hours: int | None
) -> None:
    details = '{"InstanceType": "a3-highgpu-8g"}'
    found = one(store, tmp_path, ProviderName="Google Cloud", ServiceName="Compute Engine", PricingQuantity="24",
                ChargeDescription=description, SkuPriceDetails=details)  # fmt: skip
    assert (found["gpu"], found["gpu_hours"], found["doubt"]) == (gpu, gpu_hours, None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ListCost": "1,5"}, "list cost is no number"),
        ({"EffectiveCost": "NaN"}, "effective cost is no number"),
        ({"BilledCost": "=1+1"}, "billed cost is no number"),
        ({"PricingQuantity": "many"}, "quantity is no number"),
        ({"PricingQuantity": ""}, "no quantity"),
        ({"PricingUnit": "GB"}, "unit is no time: GB"),
        ({"PricingUnit": ""}, "no unit"),
        ({"ChargePeriodStart": "soon"}, "start of the charge is no time"),
        ({"ChargePeriodStart": ""}, "no start of the charge"),
        ({"ChargePeriodEnd": "2026-10-04T00:00:00Z"}, "ends before it starts"),
        ({"ChargePeriodEnd": "9999-10-04T00:00:00Z"}, "lasts longer than 10 years"),
        ({"ChargePeriodStart": "0001-10-04T00:00:00Z"}, "start of the charge is no time"),
        ({"PricingQuantity": "1e20"}, "quantity is too large"),
        ({"ChargeCategory": "Gift"}, "unknown category of charge"),
        ({"BillingCurrency": ""}, "no currency"),
        ({"EffectiveCost": ""}, "no effective cost"),
        ({"ListCost": "9e25"}, "a cost is too large"),
        ({"ChargeDescription": "$9 per On Demand Linux p9.48xlarge Instance Hour"},
         "instance type in no table of GPUs: p9.48xlarge"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_kept_with_its_money_out_of_gpu_hours(
    store: Store, tmp_path: Path, changes: dict, why: str
) -> None:
    found = one(store, tmp_path, **changes)
    assert (found["doubt"], found["gpu_hours"]) == (why, None)
    assert len(charges_by_month(store)) == 1
    (told,) = store.unknown()
    assert (told["reason"], told["rows"], told["first_line"]) == (why, 1, 2)
    assert told["billed_cost"] == (None if why.startswith("billed") else Decimal("98.32"))


def test_without_effective_cost_what_was_billed_is_accrued_and_it_says_so(store: Store, tmp_path: Path) -> None:
    row = {name: value for name, value in focus().items() if name != "EffectiveCost"}
    done = add(store, write(tmp_path / "a.csv", [row]))
    assert (done.money[0].effective_cost, done.unknown) == (Decimal("98.32"), 0)
    assert done.note is not None and "no EffectiveCost" in done.note


def test_rows_of_a_plan_are_no_charges(store: Store, tmp_path: Path) -> None:
    rows = [focus(x_Record=one, EffectiveCost=cost) for one, cost in (("plan", "500"), ("actual", "7"), ("", "3"))]
    done = add(store, write(tmp_path / "a.csv", rows))
    assert (done.rows, done.left_out, done.gpu_hours, done.money[0].effective_cost) == (2, 1, 16, 10)


def test_amounts_however_large_are_summed_or_in_doubt(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "a.csv", [focus(BilledCost="9e25", ResourceId=str(n)) for n in range(20)]))
    assert [(one["reason"], one["rows"]) for one in store.unknown()] == [("a cost is too large", 20)]
    assert charges_by_month(store).effective_cost.sum() == pytest.approx(20 * 98.32)


def test_azure_says_the_instance_type_in_its_own_column(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path, ProviderName="Microsoft", ServiceName="Virtual Machines", ChargeDescription="ND96isr",
                x_SkuDetails='{"ServiceType": "Standard_ND96isr_H100_v5"}')  # fmt: skip
    assert (found["provider"], found["gpu"], found["gpu_hours"]) == ("azure", "h100-sxm-80gb", 8)


@pytest.mark.parametrize(
    ("description", "unit", "gpu", "gpu_hours"),
    [
        ("GPU - A10", "GPU Hours", "a10-24gb", 24),
        ("OCI - Compute - GPU - H100", "GPU Per Hour", "h100-sxm-80gb", 24),
        ("OCI - NVIDIA AI Enterprise - H100", "GPU Per Hour", None, None),
        ("Standard - E5", "OCPU Hours", None, None),
    ],
)
def test_oracles_gpu_product_is_gpu_hours_already(
    store: Store, tmp_path: Path, description: str, unit: str, gpu: str | None, gpu_hours: int | None
) -> None:
    found = one(store, tmp_path, ProviderName="Oracle", ServiceName="COMPUTE", PricingQuantity="24",
                ChargeDescription=description, PricingUnit=unit)  # fmt: skip
    assert (found["gpu"], found["gpu_hours"], found["doubt"]) == (gpu, gpu_hours, None)


def test_a_licence_of_a_node_is_no_second_node(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path, ProviderName="Microsoft", ServiceName="Virtual Machines Licenses",
                x_SkuDetails='{"ServiceType": "Standard_ND96isr_H100_v5"}')  # fmt: skip
    assert (found["gpu_hours"], found["effective_cost"], found["doubt"]) == (None, Decimal("98.32"), None)


def test_the_official_sample_to_the_cent(store: Store) -> None:
    if not SAMPLE.is_file():
        pytest.skip(f"{SAMPLE} is not here")
    done = add(store, SAMPLE, "focus")
    with SAMPLE.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    gpus = [row for row in rows if any(kind in row["ChargeDescription"] for kind in ("g3.4xlarge", "g5.4xlarge"))
            and "Instance Hour" in row["ChargeDescription"]]  # fmt: skip
    assert len(gpus) == 10
    (found,) = store.rows(
        "SELECT count(*) AS n, sum(gpu_hours) AS hours, sum(list_cost) AS list FROM charges WHERE gpu IS NOT NULL"
    )
    assert (found["n"], done.rows, done.unknown) == (10, 1000, 0)
    assert found["hours"] == sum(Decimal(row["PricingQuantity"]) for row in gpus) == Decimal("7.969723")
    assert found["list"] == sum(Decimal(row["ListCost"]) for row in gpus) == Decimal("12.126483324")
    (money,) = done.money
    assert money.billed_cost == sum(Decimal(row["BilledCost"]) for row in rows if row["BilledCost"] != "NULL")
