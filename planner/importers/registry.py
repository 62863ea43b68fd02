"""The formats that can be imported, each by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from planner.errors import Complaint, InputError, Place, nearest
from planner.importers import (
    Imported,
    aws_price_list,
    aws_savings_plans,
    aws_spot_advisor,
    azure_retail,
    ec2_types,
    gcp,
    gpuhunt,
    opencost,
    skypilot,
)
from planner.importers.common import Settings, refuse
from planner.importers.pages import NextPage, by_link, by_token
from planner.importers.reading import opened

HEAD = 200_000


@dataclass(frozen=True)
class Format:
    """A format that can be imported.

    Attributes
    ----------
    read : maps a file
    about : what it is, in one line
    marks : names of columns or keys that stand near the top of every such file, and of no other
    next_page : finds where the next page is, of what is served in pages
    """

    read: Callable[[Path, Settings], Imported]
    about: str
    marks: tuple[str, ...]
    next_page: NextPage | None = None


FORMATS: dict[str, Format] = {
    "skypilot": Format(
        skypilot.read, "SkyPilot catalog, <cloud>/vms.csv", ("InstanceType", "AcceleratorName", "AcceleratorCount")
    ),
    "gpuhunt": Format(
        gpuhunt.read,
        "gpuhunt catalog, <provider>.csv or a zip of them",
        ("instance_name", "location", "gpu_count", "spot"),
    ),
    "gcp": Format(
        gcp.read,
        "Google Cloud Billing catalog, pages of SKUs, JSON",
        ("skus", "serviceRegions", "pricingExpression"),
        by_token,
    ),
    "opencost": Format(
        opencost.read, "OpenCost price CSV: own prices", ("AssetClass", "InstanceIDField", "MarketPriceHourly")
    ),
    "aws": Format(
        aws_price_list.read, "AWS price list of EC2, CSV", ("OfferTermCode", "PricePerUnit", "CapacityStatus")
    ),
    "aws-savings-plans": Format(
        aws_savings_plans.read, "AWS price list of Savings Plans, CSV", ("DiscountedRate", "DiscountedSKU")
    ),
    "aws-spot-advisor": Format(aws_spot_advisor.read, "AWS Spot Advisor, JSON", ("spot_advisor", "Linux")),
    "ec2-types": Format(ec2_types.read, "EC2 instance types, JSON: no prices", ("InstanceType", "VCpuInfo")),
    "azure": Format(
        azure_retail.read, "Azure Retail Prices, JSON pages", ("Items", "armSkuName", "retailPrice"), by_link
    ),
}


def format_of(name: str) -> Format:
    """Return the format `name`. Raises InputError when there is none."""
    if name in FORMATS:
        return FORMATS[name]
    message, known = "is no format", ", ".join(FORMATS)
    raise InputError([Complaint(Place(name), "", message, allowed=known, cure=nearest(name, FORMATS))])


def import_file(name: str, path: Path, settings: Settings) -> Imported:
    """Map the file `path` of the format `name`.

    Raises
    ------
    InputError
        when there is no such format, or the file is of another one, which is named when it is known.
    """
    form = format_of(name)
    likely = recognise(path)
    if name not in likely:
        seen = f"; it looks like {' or '.join(likely)}" if likely else ""
        cure = f"planner catalog import {likely[0]} {path}" if likely else None
        refuse(path, f"is no {form.about}{seen}", cure)
    return form.read(path, settings)


def recognise(path: Path) -> list[str]:
    """Return the formats whose marks all stand near the top of the file."""
    with opened(path) as stream:
        words = set(re.findall(r"[A-Za-z_]\w*", stream.read(HEAD)))
    return [name for name, one in FORMATS.items() if words.issuperset(one.marks)]
