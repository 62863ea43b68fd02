"""The AWS price list of Savings Plans: rates of spend plans by offer."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.importers import Imported
from planner.importers.aws_savings_plans import read
from planner.importers.common import Settings
from tests.importers.given import SAMPLES, balanced, values, write

PREAMBLE = "FormatVersion,v1.0\nDisclaimer,Made up.\nPublication Date,{day}T18:44:47Z\nVersion,1\nOfferCode,{code}\n"
ROW = {
    "SKU": "A", "RateCode": "A.B", "Unit": "Hrs", "EffectiveDate": "2025-06-05T18:51:13Z", "DiscountedRate": "31.464",
    "Currency": "USD", "DiscountedSKU": "B", "DiscountedServiceCode": "AmazonEC2",
    "DiscountedUsageType": "EU-BoxUsage:p5.48xlarge", "DiscountedOperation": "RunInstances",
    "PurchaseOption": "Partial Upfront", "LeaseContractLength": "3", "LeaseContractLengthUnit": "year",
    "ServiceCode": "ComputeSavingsPlans", "UsageType": "EU-EC2SP:p5.3yrPartialUpfront", "Operation": "",
    "Description": "", "Instance Family": "p5", "Location": "EU (Ireland)", "Location Type": "AWS Region",
    "Granularity": "hourly", "Product Family": "EC2InstanceSavingsPlans", "DiscountedRegionCode": "eu-west-1",
    "DiscountedInstanceType": "p5.48xlarge",
}  # fmt: skip
OFFER = "aws-p5-48xlarge-eu-west-1"


def imported(folder: Path, *rows: dict[str, str], code: str = "AmazonComputeSavingsPlan") -> Imported:
    lines = [",".join(ROW), *(",".join((ROW | one).values()) for one in rows)]
    head = PREAMBLE.format(day="2026-09-11", code=code)
    path = write(folder / "plans.csv", head + "\n".join(lines) + "\n")
    return read(path, Settings("test-source"))


def test_rate_of_a_family_plan_is_per_gpu(tmp_path: Path) -> None:
    found = imported(tmp_path, {})
    plan = "aws-ec2-savings-plan-p5-eu-west-1-36m-partial-upfront"
    assert values(found) == {f"{plan}/usd_per_gpu_hour/{OFFER}": Decimal("3.933")}
    fact = found.rows[0]
    assert (fact.section, fact.date) == ("savings_plans", "2026-09-11")
    assert fact.attributes == {"provider": "aws", "term_months": "36", "upfront_fraction": "0.5"}


def test_compute_plan_is_one_over_regions_and_families(tmp_path: Path) -> None:
    compute = {"Product Family": "ComputeSavingsPlans", "Instance Family": "", "LeaseContractLength": "1"}
    other = {
        "DiscountedUsageType": "BoxUsage:g5.xlarge", "DiscountedRegionCode": "us-east-1",
        "DiscountedInstanceType": "g5.xlarge", "DiscountedRate": "0.7", "PurchaseOption": "All Upfront",
    }  # fmt: skip
    found = imported(tmp_path, compute | {"PurchaseOption": "All Upfront"}, compute | other)
    assert {(one.id, one.field) for one in found.rows} == {
        ("aws-compute-savings-plan-12m-all-upfront", f"usd_per_gpu_hour/{OFFER}"),
        ("aws-compute-savings-plan-12m-all-upfront", "usd_per_gpu_hour/aws-g5-xlarge-us-east-1"),
    }
    assert {one.attributes["upfront_fraction"] for one in found.rows} == {"1"}


@pytest.mark.parametrize(
    ("cells", "why"),
    [({"DiscountedUsageType": "EU-DedicatedUsage:p5.48xlarge"}, "not shared, or capacity that is not used"),
     ({"DiscountedUsageType": "EU-UnusedBox:p5.48xlarge"}, "not shared, or capacity that is not used"),
     ({"DiscountedUsageType": "EU-HostBoxUsage:p5.48xlarge"}, "not shared, or capacity that is not used"),
     ({"DiscountedOperation": "RunInstances:0010"}, "not Linux, or with further software"),
     ({"DiscountedServiceCode": "AWSLambda"}, "service AWSLambda"), ({"DiscountedRate": "0"}, "no price, or 0"),
     ({"DiscountedInstanceType": "r7g.large"}, "no GPU"), ({"DiscountedInstanceType": "g6f.large"}, "part of a GPU"),
     ({"DiscountedInstanceType": "g5g.xlarge"}, "unknown GPU: T4g"), ({"Currency": "CNY"}, "currency CNY"),
     ({"PurchaseOption": "Some Upfront"}, "malformed row"), ({"LeaseContractLengthUnit": "month"}, "malformed row"),
     ({"DiscountedRate": "cheap"}, "malformed row"), ({"Unit": "Quantity"}, "malformed row"),
     ({"EffectiveDate": "torn,cell"}, "malformed row")],
)  # fmt: skip
def test_other_rows_are_skipped_with_their_reason(tmp_path: Path, cells: dict[str, str], why: str) -> None:
    found = imported(tmp_path, cells)
    assert (values(found), found.skipped) == ({}, {why: 1})


def test_other_price_lists_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of AmazonEC2, not of Savings Plans"):
        imported(tmp_path, {}, code="AmazonEC2")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the real files beside the checkout")
def test_real_rows_about_no_gpu_are_all_skipped() -> None:
    found = read(SAMPLES / "aws-price-list" / "5-ap-east-2-savingsplan-pricing.csv", Settings("test-source"))
    balanced(found)
    assert (found.read, found.rows, found.skipped) == (44, [], {"no GPU": 44})
