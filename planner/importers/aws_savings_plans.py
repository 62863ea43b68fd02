"""The AWS price list of Savings Plans as CSV: spend that is promised, charged at the plan's rate per instance-hour.

They become savings plans of the catalog, not commitments of an offer: what is promised is USD per hour, which any offer
in scope may use up. A Compute plan has every instance type and region in scope, an EC2 Instance plan one family in one
region. The published rate holds for all ways of paying the upfront part: it is the plan's rate, all-in. The file has
neither GPUs nor their number, which come from the instance type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from planner.catalog.fact_rows import FactRow
from planner.catalog.names import MAX_ID, slug
from planner.importers import Imported
from planner.importers.aws_price_list import PREAMBLE, preamble
from planner.importers.common import CURRENCIES, Settings, refuse, tally
from planner.importers.common import number as amount
from planner.importers.ec2_types import gpus_of
from planner.importers.offers import OfferKey, per_gpu
from planner.importers.reading import csv_rows
from planner.importers.terms import Gathered, in_force, months_of

COLUMNS = (
    "Unit", "EffectiveDate", "DiscountedRate", "Currency", "DiscountedServiceCode", "DiscountedUsageType",
    "DiscountedOperation", "PurchaseOption", "LeaseContractLength", "LeaseContractLengthUnit", "Product Family",
    "DiscountedRegionCode", "DiscountedInstanceType",
)  # fmt: skip

_UPFRONT = {"No Upfront": "0", "Partial Upfront": "0.5", "All Upfront": "1"}
_SHARED = re.compile(r"(.*-)?BoxUsage:.+")
_KINDS = {"ComputeSavingsPlans": "compute", "EC2InstanceSavingsPlans": "ec2"}


def read(path: Path, settings: Settings) -> Imported:
    """Map an offer file. The day is --date, or else that of publication."""
    head = preamble(path)
    if "SavingsPlan" not in head.get("OfferCode", ""):
        refuse(path, f"is the price list of {head.get('OfferCode', 'nothing')}, not of Savings Plans")
    published = settings.date or head["Publication Date"][:10]
    result = Imported()
    gathered = Gathered(result)
    for _, row in csv_rows(path, COLUMNS, skip=PREAMBLE):
        result.read += 1
        if (reason := _take(row, published, settings, gathered)) is not None:
            tally(result, reason)
    result.rows = list(gathered.rows())
    return result


def _take(row: Mapping[str, str] | None, published: str, settings: Settings, gathered: Gathered) -> str | None:
    """Take a row; return why it is skipped, or None."""
    if row is None:
        return "malformed row"
    if row["DiscountedServiceCode"] != "AmazonEC2":
        return f"service {row['DiscountedServiceCode']}"
    gpus = gpus_of(row["DiscountedInstanceType"])
    if isinstance(gpus, str):
        return gpus
    if not _SHARED.fullmatch(row["DiscountedUsageType"]):
        return "not shared, or capacity that is not used"
    if row["DiscountedOperation"] != "RunInstances":
        return "not Linux, or with further software"
    rate, day = amount(row["DiscountedRate"]), in_force(published, row["EffectiveDate"])
    months = months_of(f"{row['LeaseContractLength']} {row['LeaseContractLengthUnit']}")
    upfront, kind = _UPFRONT.get(row["PurchaseOption"]), _KINDS.get(row["Product Family"])
    if rate is None or day is None or months is None or upfront is None or kind is None or row["Unit"] != "Hrs":
        return "malformed row"
    if not rate:
        return "no price, or 0"
    if row["Currency"] not in CURRENCIES:
        return f"currency {row['Currency']}"
    offer = OfferKey("aws", row["DiscountedRegionCode"], row["DiscountedInstanceType"], *gpus)
    if (reason := gathered.refused(offer)) is not None:
        return reason
    scope = f"{offer.instance_type.partition('.')[0]} {offer.region}" if kind == "ec2" else ""
    plan = slug(f"aws {kind} savings plan {scope} {months}m {row['PurchaseOption']}")
    if len(plan) > MAX_ID:
        return "malformed row"
    fact = FactRow(
        "savings_plans", plan, f"usd_per_gpu_hour/{offer.id}", per_gpu(rate, offer.gpus), date=day,
        source=settings.source, basis="list", confidence="high", currency=row["Currency"],
        attributes={"provider": "aws", "term_months": str(months), "upfront_fraction": upfront},
    )  # fmt: skip
    gathered.add(fact, row["EffectiveDate"])
    return None
