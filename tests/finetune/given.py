"""A small project, written out so that its lines can be checked by hand."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from planner.catalog.load import Catalog
from planner.finetune.answer import answer
from planner.finetune.load import LoadedProject, load_project
from tests.shipped import shipped_catalog

ROOT = Path(__file__).parent.parent.parent

PROJECT: dict[str, Any] = {
    "name": "small",
    "as_of": "2026-11-21",
    "horizon_months": 6,
    "training": {"runs": [{"name": "run", "runs": 3, "gpu_hours": 100, "usd_per_gpu_hour": 2, "source": "s",
                           "loss_fraction": 0.2}]},
    "data": {
        "labeling": [{"name": "labels", "hours": 10, "usd_per_hour": 40, "source": "s"}],
        "acquisition": [{"name": "sites", "sites": 2, "usd_per_site": 1500, "source": "s"}],
        "cleaning": [{"name": "clean", "hours": 5, "usd_per_hour": 30, "source": "s"}],
        "storage": [{"name": "disk", "tb": 2, "usd_per_tb_month": 20, "source": "s"}],
        "versioning": [{"name": "versions", "usd": 10, "per_months": 1, "source": "s"}],
    },
    "labor": [{"name": "engineer", "months": 2, "usd_per_month": 10000, "ramp_months": 0.5, "burden_fraction": 0.2,
               "source": "s"}],
    "infra": [{"name": "watch", "covers": ["monitoring", "drift_detection", "ci"], "usd": 100, "per_months": 1,
               "source": "s"}],
    "inference": [
        {"name": "box", "kind": "hours", "hours": 500, "usd_per_hour": 0.5, "per_months": 1, "source": "s"},
        {"name": "calls", "kind": "requests", "requests": 1000, "usd_per_request": 0.01, "per_months": 1,
         "source": "s"},
        {"name": "api", "kind": "tokens", "requests": 10000, "input_tokens": 600, "rag_tokens": 400,
         "output_tokens": 200, "cached_fraction": 0.5, "per_months": 1, "input_usd_per_mtok": 2,
         "cached_input_usd_per_mtok": 0.5, "output_usd_per_mtok": 8, "source": "s"},
    ],
    "operations": [{"name": "audit", "covers": ["audits"], "usd": 1200, "per_months": 12, "source": "s"}],
    "depreciation": [{"name": "server", "purchase_usd": 60000, "useful_years": 5, "project_usage_fraction": 0.5,
                      "source": "s"}],
    "risk": [
        {"name": "again", "kind": "retrain", "probability_fraction": 0.5, "repeats": ["training_compute"],
         "source": "s"},
        {"name": "down", "kind": "downtime", "probability_fraction": 0.1, "quantity": 8, "unit": "hour", "usd": 100,
         "source": "s"},
    ],
    "contingency_fraction": 0.1,
}  # fmt: skip

BY_HAND = {
    "training_compute": 3 * 100 * 2 / (1 - 0.2),
    "data": 10 * 40 + 2 * 1500 + 5 * 30 + 2 * 20 * 6 + 10 * 6,
    "labor": 2.5 * 10000 * 1.2,
    "infra": 100 * 6,
    "inference": 500 * 6 * 0.5 + 1000 * 6 * 0.01 + 0.06 * (1000 * 0.5 * 2 + 1000 * 0.5 * 0.5 + 200 * 8),
    "operations": 1200 / 2,
    "depreciation": 60000 / 5 / 12 * 6 * 0.5,
    "risk": 0.5 * 750 + 0.1 * 8 * 100,
}
"""What each term of PROJECT comes to, before contingency."""

LEVERS: list[dict[str, Any]] = [
    {"name": "half", "changes": [{"path": "training.runs.*.gpu_hours", "factor": 0.5}]},
    {"name": "cheap", "changes": [{"path": "training.runs.run.usd_per_gpu_hour", "factor": 0.5},
                                  {"path": "training.runs.run.loss_fraction", "to": 0.4}],
     "costs": [{"name": "setup", "usd": 50, "source": "s"}]},
    {"name": "labels", "changes": [{"path": "data.labeling.*.hours", "divide_by": 2}],
     "costs": [{"name": "tool", "term": "data", "usd": 10, "per_months": 1, "source": "s"}]},
    {"name": "small-box", "changes": [{"path": "inference.box.hours", "factor": 0.6}], "excludes": ["tiny-box"],
     "costs": [{"name": "work", "usd": 200, "source": "s"}]},
    {"name": "tiny-box", "changes": [{"path": "inference.box.hours", "factor": 0.5}],
     "costs": [{"name": "work", "usd": 400, "source": "s"}]},
    {"name": "after-half", "needs": ["half"], "changes": [{"path": "training.runs.run.runs", "to": 2}]},
    {"name": "useless", "changes": [{"path": "infra.watch.usd", "factor": 1}],
     "costs": [{"name": "work", "usd": 1, "source": "s"}]},
]  # fmt: skip


def project(**changes: Any) -> dict[str, Any]:
    return deepcopy(PROJECT) | changes


def with_levers(**fields: Any) -> dict[str, Any]:
    own = [{"basis": "assumption", "source": "s", **lever} for lever in deepcopy(LEVERS)]
    return project(levers={"own": own, **fields})


@cache
def catalog() -> Catalog:
    return shipped_catalog()


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "project.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def loaded(folder: Path, content: dict[str, Any], *assignments: str, months: int | None = None) -> LoadedProject:
    return load_project(written(folder, content), catalog(), assignments, months)


def answered(folder: Path, content: dict[str, Any], *assignments: str, months: int | None = None) -> dict[str, Any]:
    return answer(loaded(folder, content, *assignments, months=months))


def example(name: str, *assignments: str, months: int | None = None) -> dict[str, Any]:
    return answer(load_project(ROOT / "examples" / f"{name}.yaml", catalog(), assignments, months))
