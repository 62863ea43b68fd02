"""Plans that are tracked, and small bills, invoices and meters of their months, as files that are imported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from planner.actuals.store import Store
from planner.units import month_label
from tests.actuals.small import add, focus, write
from tests.command import run

TINY = """
name: tiny
start: 2027-01
as_of: 2026-11-21
horizon_months: 8
finance: {wacc_fraction: 0.08, source: test}
workloads:
  - {name: team, kind: batch, unit: A100 GPU-hour, work_per_month: 1000, growth: {annual_rate: 0},
     speed: {a100-pcie-80gb: 1}, speed_source: by definition}
offers: {consider: [azure-nc24ads-a100-v4-eastus], kinds: [on_demand]}
"""
RATE = 3.67
"""USD per GPU-hour on demand, in the shipped catalog."""
SERVER_USD = 199_200
_FILES = count()


def planned(folder: Path, scenario: Path | str) -> Path:
    path = folder / "scenario.yaml"
    if isinstance(scenario, str):
        path.write_text(scenario, encoding="utf-8")
        scenario = path
    done = run("plan", scenario, "--out", folder / "plan", "--quiet")
    assert done.returncode == 0, done.stderr
    return folder / "plan" / "plan.json"


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def paid_in(document: dict[str, Any], option: str, month: int, component: str | None = None) -> float:
    """Return what the ledger of an option pays in a month."""
    return sum(
        quantity * price
        for line in document["ledgers"][option] if component in (None, line["component"])
        for t, quantity, price in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True) if t == month
    )  # fmt: skip


def label(n: int) -> str:
    return month_label("2027-01", n)


def bill(n: int, hours: float, rate: float = RATE, **changes: Any) -> dict[str, Any]:
    """Return a row of the n-th month of the plan, from 0: GPU-hours on an Azure node with one A100."""
    first, after = (f"{label(month)}-01T00:00:00Z" for month in (n, n + 1))
    cost = repr(hours * rate)
    return focus(
        ProviderName="Microsoft", ServiceName="Virtual Machines", ChargeDescription="node", RegionId="eastus",
        SkuPriceDetails='{"InstanceType": "Standard_NC24ads_A100_v4"}', BillingPeriodStart=first,
        ChargePeriodStart=first, ChargePeriodEnd=after, PricingQuantity=repr(hours), ListCost=cost,
        ContractedCost=cost, EffectiveCost=cost, BilledCost=cost,
    ) | changes  # fmt: skip


def reserved(n: int, hours: float, usd: float, **changes: Any) -> dict[str, Any]:
    """Return a row of committed capacity: GPU-hours on AWS nodes with eight A100."""
    cost = {name: repr(usd) for name in ("EffectiveCost", "BilledCost", "ListCost", "ContractedCost")}
    return bill(
        n, hours / 8, ProviderName="AWS", ServiceName="Amazon Elastic Compute Cloud", PricingCategory="Committed",
        SkuPriceDetails='{"InstanceType": "p4de.24xlarge"}', **cost,
    ) | changes  # fmt: skip


def idle(n: int, usd: float, **changes: Any) -> dict[str, Any]:
    """Return a row of committed capacity that stands unused."""
    return reserved(n, 0, usd, PricingQuantity="", CommitmentDiscountStatus="Unused") | changes


def bills(store: Store, folder: Path, rows: list[dict[str, Any]]) -> None:
    add(store, write(folder / f"{next(_FILES)}.csv", rows))


def owned(n: int, component: str, usd: float, hours: float | None = None, kwh: float | None = None) -> dict[str, Any]:
    """Return an invoice of the owned fleet, its GPU-hours, and its kWh."""
    return {"month": label(n), "component": component, "site": "room", "usd": repr(usd), "gpu": "",
            "gpu_hours": "" if hours is None else repr(hours), "kwh": "" if kwh is None else repr(kwh)}  # fmt: skip


def invoices(store: Store, folder: Path, rows: Iterable[dict[str, Any]]) -> None:
    add(store, write(folder / f"{next(_FILES)}.csv", rows), "owned")


def slurm(store: Store, folder: Path, *jobs: tuple[int, int], cluster: str = "room") -> None:
    """Import whole months of Slurm, each (month, GPU-hours) a job of ten GPUs that ends with the month's last hour."""
    lines = ["JobIDRaw|Cluster|Account|Partition|State|Submit|Start|End|ElapsedRaw|AllocTRES"]
    for n, hours in jobs:
        end = datetime.fromisoformat(f"{label(n + 1)}-01")
        begin = end - timedelta(hours=hours / 10)
        lines.append(f"{n}|{cluster}|team|gpu|COMPLETED|{begin:%FT%T}|{begin:%FT%T}|{end:%FT%T}|{hours * 360}|"
                     "gres/gpu=10")  # fmt: skip
    path = folder / f"{next(_FILES)}.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    add(store, path, "slurm")


def dcgm(store: Store, folder: Path, n: int, hours: int, percent: float, gpus: int = 8, cluster: str = "room") -> None:
    """Import DCGM's utilization of GPUs in the first hours of a month."""
    first = int(datetime.fromisoformat(f"{label(n)}-01").replace(tzinfo=UTC).timestamp())
    series = [
        {"metric": {"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": f"GPU-{one}", "cluster": cluster},
         "values": [[first + 3600 * hour, str(percent)] for hour in range(hours)]}
        for one in range(gpus)
    ]  # fmt: skip
    path = folder / f"{next(_FILES)}.json"
    path.write_text(json.dumps({"status": "success", "data": {"resultType": "matrix", "result": series}}))
    add(store, path, "prometheus")
