"""Small bills of the shape of real ones."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.actuals.store import How, Imported, Store

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FOCUS = {
    "ProviderName": "AWS", "BillingAccountId": "1", "SubAccountId": "11", "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z", "ChargePeriodStart": "2026-10-05T00:00:00Z",
    "ChargePeriodEnd": "2026-10-05T01:00:00Z", "ChargeCategory": "Usage", "ChargeClass": "",
    "ChargeDescription": "$98.32 per On Demand Linux p5.48xlarge Instance Hour",
    "ServiceName": "Amazon Elastic Compute Cloud", "PricingQuantity": "1", "PricingUnit": "Hours",
    "PricingCategory": "Standard", "ListCost": "98.32", "ContractedCost": "98.32", "EffectiveCost": "98.32",
    "BilledCost": "98.32", "RegionId": "us-east-1", "ResourceId": "i-1", "Tags": '{"team": "a"}',
}  # fmt: skip
"""An hour of a node with 8 H100."""


def focus(**changes: Any) -> dict[str, Any]:
    return FOCUS | changes


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def add(store: Store, path: Path, name: str = "auto", **how: bool) -> Imported:
    (done,) = store.add(name, [path], How(**how))
    return done


def charge(store: Store) -> dict[str, Any]:
    """Return the one charge of a store."""
    (one,) = store.rows("SELECT * FROM charges")
    return one
