from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner.analysis.study import solve_case
from planner.assemble import build_case
from planner.catalog.load import load_catalog
from planner.catalog.schema import CatalogFile
from planner.model.solve import Effort
from planner.planfile import plan_document
from planner.scenario.load import load_scenario
from planner.scenario.price_book import PriceBook
from planner.scenario.schema import Scenario
from tests.hostile.texts import poisoned
from tests.input.given import CATALOG, SCENARIO, fact

STAND_IN = "stand-in for a text"

_MORE_WORK = """\
  - {name: embed, kind: batch, unit: GPU hour, speed: {g1: 1}, speed_source: own, work_per_month: 100,
     growth: {annual_rate: 0}}
  - {name: tune, kind: training, unit: GPU hour, speed: {g1: 1}, speed_source: own,
     jobs: [{name: run, start: 2027-02, months: 1, units_per_hour: 8}]}
sites:
"""
_MORE = """\
staff:
  - {name: platform, role: engineer}
project:
  - {name: move, category: migration, usd_per_month: 10, source: own}
carbon: {usd_per_tonne: 80, source: own}
discounts:
  - {provider: cloud, kind: on_demand, fraction: 0.1, source: own}
price_paths:
  - {rows: "rent/*", kind: flat, source: own}
exchange_rates:
  - {currency: EUR, usd_per_unit: 1.1, date: 2026-11-01, source: own}
prices:
  rent/12m/usd_per_gpu_hour: {value: 1.4, source: own, date: 2026-11-01}
"""


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path, set[str]]]:
    """Write a catalog and a scenario with a text in every free-text field; returns their paths and these fields."""

    def write(text: str) -> tuple[Path, Path, set[str]]:
        folder, fields = tmp_path_factory.mktemp("hostile"), set[str]()
        catalog = copy.deepcopy(CATALOG)
        catalog["offers"].append(
            {"id": "dear", "provider": "cloud", "region": "x", "country": "US", "gpu": "g1", "gpus": 8,
             "on_demand_usd_per_gpu_hour": fact(90), "spot_usd_per_gpu_hour": fact(None, unknown="nobody says")}
        )  # fmt: skip
        for section, field in (("providers", "pue"), ("gpus", "power_kw_per_gpu"), ("offers", "carbon_kg_per_kwh"),
                               ("sites", "carbon_kg_per_kwh")):  # fmt: skip
            catalog[section][0][field] = fact(1.2)
        catalog |= {
            "networks": [{"id": "fabric", "name": "x", "total_usd_per_gpu": fact(900)}],
            "places": [{"id": "here", "name": "x", "country": "US", "pue": fact(1.3)}],
            "throughput": [{"id": "test", "gpu": "g1", "model": "x", "scenario": "x", "tokens_per_s_per_gpu": fact(9)}],
        }
        catalog = poisoned(catalog, [CatalogFile], text, fields)
        scenario = yaml.load(
            SCENARIO.replace("consider: [rent]", "exclude: {dear: own}").replace("sites:\n", _MORE_WORK) + _MORE,
            Loader=yaml.BaseLoader,
        )
        scenario["servers"] = {"exclude": {"box": "own"}}
        scenario["finance"] |= {
            "wacc_is": "after_tax", "book": {"life_months": "36", "source": "own"},
            "tax": {"rate_fraction": "0.25", "depreciation": {"method": "macrs_5"}, "source": "own"},
        }  # fmt: skip
        terms = {"term_months": "12", "rate_fraction": "0.09", "source": "own"}
        scenario["financing"] = [
            {"name": "bank", "kind": "loan", **terms},
            {"name": "rent", "kind": "operating_lease", "residual_fraction": "0.1", **terms},
            {"name": "keep", "kind": "finance_lease", "buyout_fraction": "0.1", **terms},
        ]
        scenario = poisoned(_numbers(scenario), [Scenario], text, fields)
        book = {
            "quotes": [{"id": "Q-1", "row": "rent/spot_usd_per_gpu_hour", "value": 2.5, "date": "2026-11-01",
                        "source": "own"}],
            "discounts": [{"id": "D-1", "rows": "rent/*", "fraction": 0.1, "source": "own"}],
        }  # fmt: skip
        book = poisoned(book, [PriceBook], text, fields)
        (folder / "ours.yaml").write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
        scenario["price_book"] = "ours.yaml"
        (folder / "prices").mkdir()
        (folder / "prices" / "all.yaml").write_text(yaml.safe_dump(catalog, allow_unicode=True), encoding="utf-8")
        (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario, allow_unicode=True), encoding="utf-8")
        return folder / "scenario.yaml", folder / "prices", fields

    return write


def _numbers(value: Any) -> Any:
    """Turn plain YAML into values: numbers are numbers, days and months stay text."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    try:
        return json.loads(value)
    except ValueError:
        return value


@pytest.fixture(scope="session")
def planned(written: Callable[[str], tuple[Path, Path, set[str]]]) -> Callable[[str], dict[str, Any]]:
    """Plan with a text in every free-text field, all the way from the files."""

    def plan(text: str) -> dict[str, Any]:
        path, prices, _ = written(text)
        catalog = load_catalog(prices)
        effort = Effort(1e-3, 30.0, None)
        study = solve_case(build_case(catalog, load_scenario(path, catalog)), effort, lambda said: None)
        return plan_document(study, catalog, effort) | {"command": f"planner plan {text}"}

    return plan


@pytest.fixture(scope="session")
def with_text(planned: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """Return the plan with another text in all these places; it is planned once."""
    found = json.dumps(planned(STAND_IN))
    assert found.count(STAND_IN) > 20

    def swap(value: Any, text: str) -> Any:
        if isinstance(value, dict):
            return {key: swap(one, text) for key, one in value.items()}
        if isinstance(value, list):
            return [swap(one, text) for one in value]
        return value.replace(STAND_IN, text) if isinstance(value, str) else value

    return lambda text: swap(json.loads(found), text)
