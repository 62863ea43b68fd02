from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.study import Study, solve_case
from planner.assemble import build_case
from planner.catalog.load import Catalog
from planner.model.solve import Effort
from planner.planfile import plan_document
from planner.scenario.load import load_scenario
from tests.small import CHEAP, DEAR, SITE, SPOT, batch, catalog, serving, small

ROOT = Path(__file__).parent.parent.parent
DAY = {"weekday": [0.5] * 12 + [1.0] * 12, "weekend": [0.5] * 24}


@pytest.fixture(scope="session")
def prices() -> Catalog:
    return catalog()


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two workloads on own servers, on-demand and spot, with a discount, a price path and limits that bind."""
    case = small(
        tmp_path_factory.mktemp("explain"), horizon_months=18, sites=[{"id": SITE, "power_limit_kw": 10}],
        workloads=[serving(24, shape=DAY), batch(4000, spot={"share_fraction": 0.5, "loss_fraction": 0.1})],
        offers={"consider": [DEAR, CHEAP, SPOT]}, limits={"on_demand_quota_gpus": {CHEAP: 8}},
        staff=[{"name": "platform", "role": "platform-engineer", "minimum_team_fte": 0.5}],
        discounts=[{"provider": "lambda", "kind": "on_demand", "fraction": 0.1, "source": "contract"}],
        price_paths=[{"rows": f"{DEAR}/*", "kind": "annual_rate", "annual_rate": -0.2, "source": "guess"}],
        finance={"wacc_fraction": 0.08, "source": "treasury"},
    )  # fmt: skip
    return solve_case(case, Effort(gap=1e-6))


@pytest.fixture(scope="session")
def document(study: Study, prices: Catalog) -> dict[str, Any]:
    return plan_document(study, prices, Effort(gap=1e-6))


@pytest.fixture(scope="session")
def catalog_folder() -> Path:
    return ROOT / "data" / "pricing"


@pytest.fixture(scope="session")
def eight_a100s(prices: Catalog) -> dict[str, Any]:
    """The example, with the prices that ship."""
    loaded = load_scenario(ROOT / "examples" / "eight-a100s.yaml", prices)
    return plan_document(solve_case(build_case(prices, loaded), Effort()), prices, Effort())
