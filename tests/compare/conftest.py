from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.analysis.study import solve_case
from planner.model.solve import Effort
from planner.planfile import plan_document
from tests.small import CHEAP, DEAR, SITE, SPOT, batch, catalog, serving, small

Document = dict[str, Any]
RATE = f"{DEAR}/on_demand_usd_per_gpu_hour"
MIXED: dict[str, Any] = {
    "horizon_months": 18, "sites": [{"id": SITE, "power_limit_kw": 10}], "offers": {"consider": [DEAR, CHEAP, SPOT]},
    "workloads": [serving(12), batch(2000, spot={"share_fraction": 0.5, "loss_fraction": 0.1})],
    "limits": {"on_demand_quota_gpus": {CHEAP: 4}},
    "staff": [{"name": "platform", "role": "platform-engineer", "minimum_team_fte": 0.5}],
    "finance": {"wacc_fraction": 0.08, "source": "treasury"}, "contingency_fraction": 0.1,
}  # fmt: skip
"""Own servers, two offers, spot, people and a contingency."""
_DISCOUNT = {"discounts": [{"provider": "lambda", "kind": "on_demand", "fraction": 0.1, "source": "contract"}]}
_FALLING = {"price_paths": [{"rows": f"{DEAR}/*", "kind": "annual_rate", "annual_rate": -0.2, "source": "guess"}]}
_TAXED: dict[str, Any] = MIXED | {
    "finance": {
        "wacc_fraction": 0.08, "wacc_is": "after_tax", "source": "treasury",
        "tax": {"rate_fraction": 0.25, "depreciation": {"method": "macrs_5"}, "source": "treasury"},
    },
    "financing": [{"name": "bank", "kind": "loan", "term_months": 24, "rate_fraction": 0.05, "source": "bank"}],
}  # fmt: skip
PLANNED: dict[str, dict[str, Any]] = {
    "before": {},
    "cheaper": {"prices": {RATE: 3}},
    "more": {"prices": {RATE: 3}, "workloads": [serving(10)]},
    "cheap offer": {"offers": {"consider": [CHEAP]}},
    "longer": {"horizon_months": 6},
    "later": {"start": "2027-04"},
    "mixed": MIXED,
    "mixed, discounted": MIXED | _DISCOUNT,
    "mixed, falling": MIXED | _FALLING | {"workloads": [serving(20)]},
    "taxed": _TAXED,
    "taxed, cheaper": _TAXED | {"prices": {RATE: 3}},
}
"""Scenarios by name: 8 H100 for three months at 4 USD an hour, with these keys changed."""


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Document]:
    """Return the plan of one of PLANNED; the same object when asked again."""
    made: dict[str, Document] = {}

    def plan(name: str) -> Document:
        if name not in made:
            study = solve_case(small(tmp_path_factory.mktemp("compare"), **PLANNED[name]), Effort(gap=1e-6))
            made[name] = plan_document(study, catalog(), Effort(gap=1e-6))
        return made[name]

    return plan
