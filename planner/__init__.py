"""Cloud or on-premises GPU capacity: the cheapest proven mix, from sourced prices.

catalog = load_catalog(path)
scenario = load_scenario(path, catalog)
study = solve_case(build_case(catalog, scenario), Effort())
document = plan_document(study, catalog, Effort())
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "load_catalog": "planner.catalog.load",
    "load_scenario": "planner.scenario.load",
    "build_case": "planner.assemble",
    "solve_case": "planner.analysis.study",
    "Effort": "planner.model.solve",
    "plan_document": "planner.planfile",
    "render_html": "planner.report.html",
    "InputError": "planner.errors",
    "InfeasibleError": "planner.errors",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line starts quickly."""
    if name not in _HOME:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
