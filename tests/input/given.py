"""A small catalog and a small scenario, written out so that lines and sums can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner.catalog.load import Catalog, load_catalog
from planner.errors import Complaint, InputError
from planner.scenario.load import LoadedScenario, load_scenario


def fact(value: Any = 1, **fields: Any) -> dict[str, Any]:
    """A dated fact; `value=None` leaves the value out."""
    base = {"date": "2026-01-01", "source": "invoice", "basis": "list", "confidence": "high"}
    return base | ({} if value is None else {"value": value}) | fields


SERVER = {
    "id": "box", "name": "Box", "gpu": "g1", "gpus": 8, "purchase_usd_per_server": fact(100_000),
    "resale_fraction": {"12": fact(0.5), "24": fact(0.25)},
    **{
        name: fact(value)
        for name, value in {
            "network_usd_per_server": 0, "storage_usd_per_server": 0, "installation_usd_per_server": 0,
            "decommissioning_usd_per_server": 0, "spare_parts_fraction": 0, "support_fraction_per_year": 0.1,
            "licence_usd_per_gpu_year": 0, "power_active_kw": 10, "power_idle_kw": 2, "rack_units": 10,
            "availability_fraction": 0.99, "lead_time_months": 1, "useful_life_months": 60,
        }.items()
    },
}  # fmt: skip

CATALOG: dict[str, Any] = {
    "sources": [{"id": "invoice", "title": "an invoice"}],
    "providers": [{"id": "cloud", "name": "Cloud", "egress_usd_per_gb": fact(0.1)}],
    "gpus": [{"id": "g1", "name": "G1", "memory_gb": 80}, {"id": "g2", "name": "G2", "memory_gb": 180}],
    "offers": [
        {
            "id": "rent", "provider": "cloud", "region": "here", "country": "US", "gpu": "g1", "gpus": 8,
            "on_demand_usd_per_gpu_hour": [fact(4), fact(3, date="2026-07-01"), fact(2, date="2027-01-01")],
            "spot_usd_per_gpu_hour": fact(None, unknown="nobody says"),
            "commitments": [
                {"id": "12m", "term_months": 12, "upfront_fraction": 0, "usd_per_gpu_hour": fact(1.5)},
            ],
        },
    ],
    "savings_plans": [
        {"id": "plan", "provider": "cloud", "term_months": 12, "upfront_fraction": 0,
         "usd_per_gpu_hour": {"rent": fact(1)}},
    ],
    "servers": [SERVER],
    "sites": [
        {"id": "room", "name": "Room", "country": "US", "ownership": "own_room", "pue": fact(1.5),
         "electricity_usd_per_kwh": fact(0.2, currency="EUR"), "space_usd_per_kw_month": fact(100)},
    ],
    "staffing": [
        {"id": "engineer", "name": "Engineer", "salary_usd_per_year": fact(120_000), "burden_multiplier": fact(1.5),
         "servers_per_fte": fact(10), "rented_gpus_per_fte": fact(100)},
    ],
    "api_offers": [
        {"id": "tokens", "provider": "cloud", "model": "m", "country": "any", "input_usd_per_mtok": fact(1),
         "cached_input_usd_per_mtok": fact(0.1), "output_usd_per_mtok": fact(3)},
    ],
}  # fmt: skip

SCENARIO = """\
name: small
start: 2027-01
as_of: 2026-11-21
horizon_months: 3
finance: {wacc_fraction: 0.09, source: treasury}
workloads:
  - name: chat
    kind: serving
    unit: GPU hour
    speed: {g1: 1}
    speed_source: own
    demand:
      peak_per_hour: 8
      shape: flat
      growth: {annual_rate: 0}
sites:
  - id: room
offers: {consider: [rent]}
"""


def with_line(old: str, new: str) -> str:
    """The scenario with one piece of its text replaced."""
    assert SCENARIO.count(old) == 1
    return SCENARIO.replace(old, new)


def changed(**sections: Any) -> dict[str, Any]:
    """The catalog with some sections replaced."""
    return deepcopy(CATALOG) | sections


def with_fact(section: str, field: str, value: Any) -> dict[str, Any]:
    """The catalog with one field of the first thing of `section` changed."""
    content = deepcopy(CATALOG)
    content[section][0][field] = value
    return content


def write_catalog(folder: Path, content: dict[str, Any] | None = None, name: str = "all.yaml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(yaml.safe_dump(content or CATALOG, sort_keys=False), encoding="utf-8")
    return folder


def load(tmp_path: Path, text: str = SCENARIO, *assignments: str, catalog: Catalog | None = None) -> LoadedScenario:
    """Load the scenario `text` from a file of `tmp_path` against the small catalog."""
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path, catalog or load_catalog(write_catalog(tmp_path / "pricing")), assignments)


def complaints(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Complaint, ...]:
    """What `call` complains of; fails when it does not."""
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    assert caught.value.complaints
    return caught.value.complaints


def complaint(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Complaint:
    """The only complaint of `call`."""
    (only,) = complaints(call, *args, **kwargs)
    return only
