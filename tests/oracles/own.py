"""Catalogs of a few lines, written where a test says, so that a textbook's figures are the only prices there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import load_catalog
from planner.scenario.load import load_scenario
from tests.small import fact

GPU, SITE = "gpu", "room"
Row = dict[str, Any]

FREE = (
    "network_usd_per_server", "storage_usd_per_server", "installation_usd_per_server", "decommissioning_usd_per_server",
    "spare_parts_fraction", "support_fraction_per_year", "licence_usd_per_gpu_year", "power_active_kw", "power_idle_kw",
    "rack_units", "lead_time_months",
)  # fmt: skip


def server(name: str, gpus: int, price: float, gpu: str = GPU, **facts: float) -> Row:
    """A server type for `price`, always there and worth nothing later; nothing else of it costs unless given."""
    numbers = dict.fromkeys(FREE, 0.0) | {"availability_fraction": 1, "useful_life_months": 120} | facts
    return {"id": name, "name": name, "gpu": gpu, "gpus": gpus, "purchase_usd_per_server": fact(price)} | {
        key: fact(value) for key, value in numbers.items()
    }


def offer(
    name: str, gpus: int, rate: float, gpu: str = GPU, commitments: list[Row] | None = None, **facts: float
) -> Row:
    """An offer of instances of `gpus` GPUs at `rate` USD per GPU-hour on demand."""
    return {
        "id": name, "provider": "vendor", "region": "any", "country": "any", "gpu": gpu, "gpus": gpus,
        "on_demand_usd_per_gpu_hour": fact(rate), "commitments": commitments or [],
        **{key: fact(value) for key, value in facts.items()},
    }  # fmt: skip


def term(name: str, months: int, rate: float, upfront: float = 0, billed: str = "term") -> Row:
    """A commitment at the all-in `rate` USD per GPU-hour."""
    return {"id": name, "term_months": months, "upfront_fraction": upfront, "hourly_billed": billed,
            "usd_per_gpu_hour": fact(rate)}  # fmt: skip


def workload(kind: str, speed: dict[str, float] | None = None, **fields: Any) -> Row:
    """A workload that counts its work in GPU-hours."""
    return {"name": kind, "kind": kind, "unit": "GPU-hour", "speed": speed or {GPU: 1}, "speed_source": "by definition",
            **fields}  # fmt: skip


def made(
    folder: Path, servers: list[Row], offers: list[Row], workloads: list[Row], months: int, egress: float | None = None,
    electricity: float = 0, **scenario: Any,
) -> Case:  # fmt: skip
    """Write a catalog and a scenario into `folder` and return their case; no discounting unless `finance` is given."""
    gpus = sorted({gpu for work in workloads for gpu in work["speed"]})
    provider = {"id": "vendor", "name": "vendor"} | ({} if egress is None else {"egress_usd_per_gb": fact(egress)})
    catalog = {
        "sources": [{"id": "tests", "title": "made up for tests"}],
        "providers": [provider],
        "gpus": [{"id": gpu, "name": gpu, "memory_gb": 80} for gpu in gpus],
        "offers": offers,
        "servers": servers,
        "sites": [{"id": SITE, "name": SITE, "country": "US", "ownership": "own_room", "pue": fact(1),
                   "electricity_usd_per_kwh": fact(electricity), "space_usd_per_kw_month": fact(0)}],
    }  # fmt: skip
    document = {
        "name": "made", "start": "2027-01", "as_of": "2026-11-21", "horizon_months": months,
        "finance": {"wacc_fraction": 0, "source": "none"}, "workloads": workloads, "sites": [{"id": SITE}],
        "prices": {f"{SITE}/electricity_usd_per_kwh": electricity}, **scenario,
    }  # fmt: skip
    (folder / "pricing").mkdir(exist_ok=True)
    for path, content in ((folder / "pricing" / "all.yaml", catalog), (folder / "made.yaml", document)):
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    rows = load_catalog(folder / "pricing")
    return build_case(rows, load_scenario(folder / "made.yaml", rows))
