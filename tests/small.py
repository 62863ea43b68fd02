"""Scenarios small enough to work out by hand: flat demand, round prices, no discounting."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
import yaml

from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import Catalog, load_catalog
from planner.ledger import build_ledger
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.solve import Answer, Effort, solve
from planner.quantities import Quantities, quantities
from planner.scenario.load import load_scenario

CATALOG = Path(__file__).parent.parent / "data" / "pricing"

DEAR, CHEAP, SPOT, WHOLE = "lambda-h100-sxm", "nebius-h100-sxm", "runpod-h100-sxm", "aws-p5-48xlarge-us-east-1"
"""Offers of H100 by the GPU at 4, 2 and 4 (spot 1) USD per hour, and by 8 at 4.

The last also for 12 months at 2, and under a savings plan, prepaid for 6 months, at 0.5.
"""
SAVINGS = "savings-plan-6m"
TERMS, HALF_SAVINGS = "tests-8xh100", "savings-plan-half"
"""An offer by 8 at 4, for 6 months half upfront (`HALF_TERM` billed over the term, `HALF_USED` as used, both at 100
until a test asks for less), and under a savings plan half upfront for 6 months at 1."""
HALF_TERM, HALF_USED = f"{TERMS}/6m-half-term/usd_per_gpu_hour", f"{TERMS}/6m-half-used/usd_per_gpu_hour"
ALL_IN_SITE = "tests-all-in"
"""A site with a PUE of 1.5 whose space, at 100 USD per kW and month, includes electricity."""
SERVER, SITE, ROLE = "server-8xh100", "colo-texas", "platform-engineer"
"""8 H100 for 100,000 USD, worth half once in service, 10 kW (idle 2) and 10 rack units; nothing else of it costs."""

PRICES: dict[str, float] = {
    f"{DEAR}/on_demand_usd_per_gpu_hour": 4,
    f"{CHEAP}/on_demand_usd_per_gpu_hour": 2,
    f"{SPOT}/on_demand_usd_per_gpu_hour": 4,
    f"{SPOT}/spot_usd_per_gpu_hour": 1,
    f"{WHOLE}/on_demand_usd_per_gpu_hour": 4,
    f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 2,
    f"{SERVER}/purchase_usd_per_server": 100_000,
    f"{SERVER}/resale_fraction/12": 0.5,
    **{
        f"{SERVER}/{name}": 0
        for name in (
            "network_usd_per_server", "storage_usd_per_server", "installation_usd_per_server",
            "decommissioning_usd_per_server", "spare_parts_fraction", "support_fraction_per_year",
            "licence_usd_per_gpu_year", "lead_time_months",
        )
    },
    f"{SERVER}/availability_fraction": 1,
    f"{SERVER}/useful_life_months": 60,
    f"{SERVER}/power_active_kw": 10,
    f"{SERVER}/power_idle_kw": 2,
    f"{SERVER}/rack_units": 10,
    f"{SITE}/pue": 1,
    f"{SITE}/electricity_usd_per_kwh": 0,
    f"{SITE}/space_usd_per_kw_month": 0,
    f"{ROLE}/salary_usd_per_year": 120_000,
    f"{ROLE}/burden_multiplier": 1,
    f"{ROLE}/servers_per_fte": 10,
    f"{ROLE}/rented_gpus_per_fte": 100,
}  # fmt: skip

SCENARIO: dict[str, Any] = {
    "name": "small", "start": "2027-01", "as_of": "2026-11-21", "horizon_months": 3,
    "finance": {"wacc_fraction": 0, "source": "no discounting, so that sums can be done by hand"},
    "offers": {"consider": [DEAR]}, "servers": {"consider": [SERVER]},
}  # fmt: skip


def serving(average: float = 8, shape: str | dict[str, Any] = "flat", **changes: Any) -> dict[str, Any]:
    """A serving workload that keeps `average` H100 busy, in every hour unless `shape` says otherwise."""
    demand = {"average_per_hour": average, "shape": shape, "growth": {"annual_rate": 0}}
    return _workload("chat", "serving", demand=demand, **changes)


def batch(work: float = 5840, **changes: Any) -> dict[str, Any]:
    """A batch workload; 5,840 units a month keep 8 H100 busy when spread evenly."""
    return _workload("index", "batch", work_per_month=work, growth={"annual_rate": 0}, **changes)


def training(units: float = 8, months: int = 3, **changes: Any) -> dict[str, Any]:
    """A training workload that holds `units` H100 from the first month on."""
    job = {"name": "run", "start": "2027-01", "months": months, "units_per_hour": units}
    return _workload("train", "training", jobs=[job], **changes)


def _workload(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    speed = {"speed": {"h100-sxm-80gb": 1}, "speed_source": "by definition"}
    return {"name": name, "kind": kind, "unit": "H100 hour"} | speed | fields


def small(tmp_path: Path, **changes: Any) -> Case:
    """Return the case of 8 H100 served for 3 months by an on-demand offer at 4 USD, with some keys of it changed.

    `prices` are added to those above; every other key replaces. Sites must be named before servers can be bought.
    """
    document = deepcopy(SCENARIO) | {"workloads": [serving()]} | changes
    # dear terms are in doubt as prices of a catalog, not as a scenario's own
    document["prices"] = {HALF_TERM: 100, HALF_USED: 100} | PRICES | changes.get("prices", {})
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return build_case(catalog(), load_scenario(path, catalog()))


class Solved(NamedTuple):
    """An optimal plan with all that is told of it."""

    answer: Answer
    built: Built
    quantities: Quantities
    ledger: pd.DataFrame


def solved(case: Case, without: Collection[str] = (), effort: Effort = Effort(gap=1e-9)) -> Solved:  # noqa: B008
    """Solve `case`, leaving out the rules named in `without`; an exact optimum unless `effort` says otherwise."""
    built = build(case, without=without)
    arrays = built.arrays
    answer = solve(built, Live(arrays), arrays.lower, arrays.upper, effort)
    assert answer is not None, "nothing obeys the rules"
    return Solved(answer, built, quantities(built.model, answer.x), build_ledger(built, answer.x))


@cache
def catalog() -> Catalog:
    """Load the shipped catalog with what it has none of: savings plans, terms half upfront, space with electricity."""
    plans = [_savings_plan(SAVINGS, "aws", WHOLE, 1, 0.5), _savings_plan(HALF_SAVINGS, "lambda", TERMS, 0.5, 1)]
    more = {
        "sources": [{"id": "tests", "title": "made up for tests"}], "savings_plans": plans,
        "offers": [_offer_by_terms()],
        "sites": [{"id": ALL_IN_SITE, "name": "made up", "country": "US", "ownership": "colocation", "pue": fact(1.5),
                   "electricity_usd_per_kwh": fact(0.1), "space_usd_per_kw_month": fact(100),
                   "space_includes_electricity": True}],
    }  # fmt: skip
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(CATALOG, Path(folder) / "pricing"))
        (copy / "tests.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
        return load_catalog(copy)


def fact(value: float) -> dict[str, Any]:
    """A made-up catalog fact."""
    return {"value": value, "date": "2026-01-01", "source": "tests", "basis": "made up", "confidence": "high"}


def _savings_plan(name: str, provider: str, offer: str, upfront: float, rate: float) -> dict[str, Any]:
    return {"id": name, "provider": provider, "term_months": 6, "upfront_fraction": upfront,
            "usd_per_gpu_hour": {offer: fact(rate)}}  # fmt: skip


def _offer_by_terms() -> dict[str, Any]:
    terms = [
        {"id": f"6m-half-{billed}", "term_months": 6, "upfront_fraction": 0.5, "hourly_billed": billed,
         "usd_per_gpu_hour": fact(100)}
        for billed in ("term", "used")
    ]  # fmt: skip
    return {"id": TERMS, "provider": "lambda", "region": "any", "country": "any", "gpu": "h100-sxm-80gb", "gpus": 8,
            "on_demand_usd_per_gpu_hour": fact(4), "commitments": terms}  # fmt: skip
