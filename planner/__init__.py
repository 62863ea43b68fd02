"""Cloud or on-premises GPU capacity: the cheapest proven mix, from sourced prices.

>>> import planner
>>> catalog = planner.load_catalog()
>>> scenario = planner.load_scenario("examples/eight-a100s.yaml", catalog, {"finance.wacc_fraction": 0.1})
>>> scenario
<Scenario eight-a100s: 36 months from 2027-01, prices of 2026-11-21>

>>> planner.price_finetuning("examples/fine-tune.yaml", catalog, months=12)["total_usd"]
26565.0

`planner.plan(scenario, catalog)` finds the cheapest plan, `explain` says why, and `price` what another one costs:

>>> term = "azure-nc24ads-a100-v4-eastus/36m-no-upfront"
>>> given = {"commitments": [{"term": term, "month": "2027-01", "instances": 8}]}
>>> planner.price(given, scenario, catalog).by_component.index.tolist()
['staff', 'commitments']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.api import (
        Catalog,
        Effort,
        Explanation,
        InfeasibleError,
        InputError,
        Plan,
        Priced,
        Scenario,
        explain,
        load_catalog,
        load_scenario,
        plan,
        price,
        price_finetuning,
        read_plan,
        render,
    )

__version__ = "0.1.0"

__all__ = [
    "Catalog", "Effort", "Explanation", "InfeasibleError", "InputError", "Plan", "Priced", "Scenario", "__version__",
    "explain", "load_catalog", "load_scenario", "plan", "price", "price_finetuning", "read_plan", "render",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line starts quickly."""
    if name not in __all__:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    return getattr(import_module("planner.api"), name)


def __dir__() -> list[str]:
    """Return the public names, imported or not."""
    return sorted({*globals(), *__all__})
