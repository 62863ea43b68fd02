"""AWS Cost and Usage Reports: hours by usage type, accrued cost by type of line, in three spellings."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.history import Pick, gpu_hours_by_gpu
from planner.actuals.store import Store
from tests.actuals.small import SAMPLES, add, charge, write

SAMPLE = SAMPLES / "cost-exports" / "aws_cur_legacy_p4d_october.csv"
LINE = {
    "bill/BillingPeriodStartDate": "2026-10-01T00:00:00Z", "lineItem/UsageAccountId": "11",
    "lineItem/LineItemType": "Usage", "lineItem/UsageStartDate": "2026-10-05T00:00:00Z",
    "lineItem/UsageEndDate": "2026-10-05T01:00:00Z", "lineItem/ProductCode": "AmazonEC2",
    "lineItem/UsageType": "USE2-BoxUsage:p5.48xlarge", "lineItem/UsageAmount": "1", "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "98.32", "pricing/unit": "Hrs", "pricing/publicOnDemandCost": "98.32",
    "product/instanceType": "p5.48xlarge", "product/regionCode": "us-east-2", "resourceTags/user:team": "a",
    "resourceTags/user:Team": "", "reservation/ReservationARN": "", "reservation/EffectiveCost": "",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "", "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanEffectiveCost": "", "savingsPlan/TotalCommitmentToDate": "",
    "savingsPlan/UsedCommitment": "",
}  # fmt: skip


def snake(row: dict[str, Any]) -> dict[str, Any]:
    return {re.sub("(?<=[a-z])(?=[A-Z])", "_", name).replace("/", "_").replace(":", "_").lower(): value
            for name, value in row.items() if name != "resourceTags/user:Team"}  # fmt: skip


def one(store: Store, tmp_path: Path, **changes: str) -> dict[str, Any]:
    named = {next(name for name in LINE if name.endswith(f"/{key}")): value for key, value in changes.items()}
    add(store, write(tmp_path / "a.csv", [LINE | named]), "aws-cur")
    return charge(store)


@pytest.mark.parametrize(
    ("changes", "gpu_hours", "accrued", "billed", "unused"),
    [
        ({}, 8, "98.32", "98.32", False),
        ({"LineItemType": "DiscountedUsage", "UnblendedCost": "0", "EffectiveCost": "60.5"}, 8, "60.5", "0", False),
        ({"LineItemType": "DiscountedUsage", "UnblendedCost": "0"}, 8, "0", "0", False),
        ({"LineItemType": "SavingsPlanCoveredUsage", "SavingsPlanEffectiveCost": "70"}, 8, "70", "98.32", False),
        ({"LineItemType": "SavingsPlanNegation", "UnblendedCost": "-98.32"}, None, "0", "-98.32", False),
        ({"LineItemType": "SavingsPlanUpfrontFee", "UnblendedCost": "1000"}, None, "0", "1000", False),
        ({"LineItemType": "SavingsPlanRecurringFee", "UnblendedCost": "100", "TotalCommitmentToDate": "100",
          "UsedCommitment": "70"}, None, "30", "100", True),
        ({"LineItemType": "RIFee", "UnblendedCost": "500", "UnusedRecurringFee": "5",
          "UnusedAmortizedUpfrontFeeForBillingPeriod": "2.5"}, None, "7.5", "500", True),
        ({"LineItemType": "Fee", "UnblendedCost": "9000", "ReservationARN": "arn:1"}, None, "0", "9000", False),
        ({"LineItemType": "Fee", "UnblendedCost": "9"}, None, "9", "9", False),
        ({"LineItemType": "Tax", "UnblendedCost": "9"}, None, "9", "9", False),
        ({"LineItemType": "Credit", "UnblendedCost": "-9"}, None, "-9", "-9", False),
        ({"LineItemType": "Refund", "UnblendedCost": "-9"}, None, "-9", "-9", False),
        ({"UsageType": "USE2-UnusedBox:p5.48xlarge"}, None, "98.32", "98.32", True),
        ({"UsageType": "EBSOptimized:p5.48xlarge"}, None, "98.32", "98.32", False),
        ({"ProductCode": "ElasticMapReduce"}, None, "98.32", "98.32", False),
        ({"UsageType": "SpotUsage:g6f.large", "instanceType": ""}, "0.125", "98.32", "98.32", False),
        ({"UsageAmount": "-1", "UnblendedCost": "-98.32"}, -8, "-98.32", "-98.32", False),
        ({"LineItemType": "Fee", "UsageType": "USE2-CapacityBlockFee:p5.48xlarge"}, None, "98.32", "98.32", False),
    ],
)  # fmt: skip
def test_hours_and_costs_by_type_of_line(
    store: Store, tmp_path: Path, changes: dict, gpu_hours: object, accrued: str, billed: str, unused: bool
) -> None:
    found = one(store, tmp_path, **changes)
    assert found["gpu_hours"] == (None if gpu_hours is None else Decimal(gpu_hours))
    assert (found["effective_cost"], found["billed_cost"]) == (Decimal(accrued), Decimal(billed))
    assert (found["unused"], found["doubt"]) == (unused, None)


@pytest.mark.parametrize(
    ("usage_type", "instance_type", "gpu_hours"),
    [
        ("USE2-Host:ml.p4d.24xlarge", "ml.p4d.24xlarge-Hosting", 8),
        ("USE2-Train:ml.g5.12xlarge", "ml.g5.12xlarge-Training", 4),
        ("USE2-Cluster:ml.p6-b200.48xlarge", "ml.p6-b200.48xlarge", 8),
        ("USE2-AsyncInf:ml.g6.xlarge", "", 1),
        ("USE2-Studio:JupyterLab-ml.g4dn.12xlarge", "", 4),
        ("USE2-Cluster:VolumeUsage.gp2", "", None),
    ],
)
def test_every_kind_of_sagemaker_counts(
    store: Store, tmp_path: Path, usage_type: str, instance_type: str, gpu_hours: int | None
) -> None:
    found = one(store, tmp_path, ProductCode="AmazonSageMaker", UsageType=usage_type, instanceType=instance_type)
    assert (found["gpu_hours"], found["doubt"]) == (gpu_hours, None)


def test_what_a_line_says_beside(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path, UsageType="SpotUsage:p5.48xlarge")
    assert (found["pricing"], found["region"], found["tags"]) == ("spot", "us-east-2", '{"team":"a"}')


def test_a_type_of_line_that_is_not_known_is_kept_in_doubt(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path, LineItemType="Gift")
    assert (found["category"], found["gpu_hours"], found["billed_cost"]) == ("adjustment", None, Decimal("98.32"))
    assert found["doubt"] == "unknown category of charge"


def test_an_amount_that_cannot_be_read_is_said(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path, LineItemType="RIFee", UnusedRecurringFee="much")
    assert (found["doubt"], found["effective_cost"], found["billed_cost"]) == (
        "effective cost is no number", None, Decimal("98.32"),
    )  # fmt: skip


@pytest.mark.parametrize("parquet", [False, True])
def test_cur_2_and_athena_say_the_same_in_other_names(store: Store, tmp_path: Path, parquet: bool) -> None:
    row = snake(LINE) | {"product": '{"region": "us-east-2"}', "resource_tags": '{"user_team": "b"}'}
    del row["product_region_code"], row["resource_tags_user_team"]
    path = write(tmp_path / "a.csv", [row])
    if parquet:
        nested = "* REPLACE (MAP {'region': 'us-east-2'} AS product, MAP {'user_team': 'b'} AS resource_tags)"
        store.base.execute(f"COPY (SELECT {nested} FROM read_csv('{path}')) TO '{tmp_path}/a.parquet' (FORMAT parquet)")
        path = tmp_path / "a.parquet"
    add(store, path)
    found = charge(store)
    assert (found["gpu_hours"], found["region"], found["effective_cost"]) == (8, "us-east-2", Decimal("98.32"))
    assert found["tags"].replace(" ", "") == '{"team":"b"}'


def test_a_file_without_amortised_columns_is_cash_of_which_nothing_is_idle(store: Store, tmp_path: Path) -> None:
    row = {name: value for name, value in LINE.items() if not name.startswith(("reservation", "savings"))}
    done = add(store, write(tmp_path / "a.csv", [
        row | {"lineItem/LineItemType": "RIFee", "lineItem/UsageType": "HeavyUsage:p5.48xlarge"},
        row | {"lineItem/LineItemType": "DiscountedUsage", "lineItem/UnblendedCost": "0"},
    ]))  # fmt: skip
    assert store.rows("SELECT effective_cost, unused, gpu_hours FROM charges ORDER BY line") == [
        {"effective_cost": Decimal("98.32"), "unused": False, "gpu_hours": None},
        {"effective_cost": Decimal(0), "unused": False, "gpu_hours": 8},
    ]
    assert done.note is not None and "cash alone" in done.note


@pytest.mark.parametrize("code", [None, "", "AmazonEC2"])
def test_a_node_counts_without_the_code_of_its_product(store: Store, tmp_path: Path, code: str | None) -> None:
    row = LINE | {"lineItem/ProductCode": code} if code is not None else {
        name: value for name, value in LINE.items() if name != "lineItem/ProductCode"}  # fmt: skip
    add(store, write(tmp_path / "a.csv", [row]))
    assert (charge(store)["gpu_hours"], charge(store)["doubt"]) == (8, None)


def test_a_kind_of_usage_of_a_gpu_node_that_is_not_known_is_said(store: Store, tmp_path: Path) -> None:
    found = one(store, tmp_path, UsageType="USE2-CapacityBlockUsage:p5.48xlarge")
    assert (found["gpu"], found["gpu_hours"], found["effective_cost"]) == ("h100-sxm-80gb", None, Decimal("98.32"))
    assert found["doubt"] == "not known whether this is time of a node: USE2-CapacityBlockUsage:p5.48xlarge"


def test_a_tag_is_a_team_whatever_stands_before_it(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "a.csv", [LINE]))
    assert gpu_hours_by_gpu(store, Pick(team="a")) == {"h100-sxm-80gb": 8}


def test_a_month_of_a_node_with_eight_gpus(store: Store) -> None:
    if not SAMPLE.is_file():
        pytest.skip(f"{SAMPLE} is not here")
    done = add(store, SAMPLE)
    with SAMPLE.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert (done.rows, done.unknown) == (len(rows), 0)
    assert done.gpu_hours == 8 * sum(Decimal(row["lineItem/UsageAmount"]) for row in rows) == 5760
    assert done.money[0].effective_cost == sum(Decimal(row["lineItem/UnblendedCost"]) for row in rows)
    assert store.rows("SELECT DISTINCT gpu, pricing, tags FROM charges") == [
        {"gpu": "a100-sxm-40gb", "pricing": "on_demand", "tags": '{"team":"research"}'}
    ]
