"""The Python API: load, plan, price what somebody else planned or a fine-tuning project, explain, render.

Only loading reads files; nothing writes one, and nothing prints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from planner import planreader
from planner.analysis.decisions import decisions
from planner.analysis.given import solve_given
from planner.analysis.study import solve_case
from planner.analysis.tco import tco
from planner.api.results import Plan, Priced
from planner.assemble import build_case
from planner.case import Case
from planner.catalog import load as catalog_files
from planner.catalog.load import Catalog
from planner.errors import Complaint, InfeasibleError, InputError, Place, nearest
from planner.finetune import load as project_files
from planner.finetune.answer import answer
from planner.ledger import dated
from planner.model.solve import Effort
from planner.planfile import command_line, plan_document
from planner.report import explain as report_explain
from planner.report.explain import Explanation
from planner.report.html import render_html
from planner.report.markdown import render_markdown
from planner.report.tables import render_csv
from planner.resources import shipped
from planner.scenario import load as scenario_files
from planner.scenario.load import LoadedScenario as Scenario
from planner.scenario.load import changed

__all__ = [
    "Catalog", "Effort", "Explanation", "InfeasibleError", "InputError", "Plan", "Priced", "Scenario", "explain",
    "load_catalog", "load_scenario", "plan", "price", "price_finetuning", "read_plan", "render",
]  # fmt: skip

Say = Callable[[str], None]
"""Gets the name of the work in hand."""
_EFFORT, _EXACT = Effort(), Effort(gap=1e-6)
_RENDERERS = {"html": render_html, "md": render_markdown, "csv": render_csv}


def load_catalog(folder: str | Path | None = None) -> Catalog:
    """Load the catalog in `folder`, or the one that ships with the planner.

    Raises
    ------
    InputError
        with every complaint about its files, each with file:line:column.
    """
    return catalog_files.load_catalog(shipped("data/pricing") if folder is None else Path(folder))


def load_scenario(
    path: str | Path, catalog: Catalog, overrides: Mapping[str, object] | None = None, as_of: date | None = None
) -> Scenario:
    """Load the scenario in the YAML file `path` and check it against `catalog`.

    Parameters
    ----------
    overrides : fields to replace, by dotted path, list items by name or id, as `--set` does:
        `{"finance.wacc_fraction": 0.1, "workloads.chat.demand.peak_per_hour": 30}`
    as_of : day of the prices, in place of the scenario's

    Raises
    ------
    InputError
        with every complaint about the file, the overrides, and their references to the catalog.
    """
    return scenario_files.load_scenario(Path(path), catalog, _assignments(overrides), as_of)


def plan(scenario: Scenario, catalog: Catalog, effort: Effort = _EFFORT, say: Say = lambda text: None) -> Plan:
    """Find the cheapest mix of bought, committed and rented GPUs, with everything it is compared with, and its proof.

    Parameters
    ----------
    effort : how hard to try
    say : is told what is worked on

    Raises
    ------
    InputError
        when a price that the scenario cannot do without is unknown.
    InfeasibleError
        when no plan obeys the scenario's rules; it says what is short, and ways out that were tried.
    SolverError
        when the effort does not suffice for any plan.
    """

    def build(changes: Sequence[str] = ()) -> Case:
        return build_case(catalog, changed(scenario, catalog, changes))

    study = solve_case(build(), effort, say, build)
    document = plan_document(study, catalog, effort, say)
    document["command"] = command_line(scenario, effort)
    return Plan(document, dated(study.plan.ledger, study.case.months))


def price(
    given: Mapping[str, Any], scenario: Scenario, catalog: Catalog, effort: Effort = _EXACT,
    say: Say = lambda text: None,
) -> Priced:  # fmt: skip
    """Price a plan that somebody else made: what it buys and commits is fixed, the rest is solved at least cost.

    Parameters
    ----------
    given : `plan.decisions` of another plan, or written by hand; what is not in it is neither bought nor committed:
        `{"purchases": [{"server": …, "site": …, "month": "2027-01", "servers": 2}],
        "commitments": [{"term": …, "month": "2027-01", "instances": 1}],
        "savings_plans": [{"plan": …, "month": "2027-01", "usd_per_hour": 10}]}`

    Raises
    ------
    InputError
        when something in it is unknown or cannot be had in that month; it names all of it.
    InfeasibleError
        when what is given cannot serve the work within the scenario's rules; it says what is short.
    """
    study = solve_given(build_case(catalog, scenario), given, effort, say)
    ledger = dated(study.plan.ledger, study.case.months)
    return Priced(scenario.scenario.name, tco(study, study.plan), decisions(study, study.plan), ledger)


def price_finetuning(
    path: str | Path, catalog: Catalog, overrides: Mapping[str, object] | None = None, months: int | None = None,
    as_of: date | None = None, seed: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """Price the fine-tuning project in the YAML file `path`, line by line, and say what each of its levers saves.

    What `planner finetune --format json` prints: USD nominal over the horizon, quantities in the unit of each line.
    `total_usd`, `terms` (term → USD) and `lines` are the project without levers; `optimized`, `waterfall` and `levers`
    are there where it has some, `range`, `range_optimized` and `swings` where inputs are ranges; then `warnings`,
    `checklist` and `notes`.

    Parameters
    ----------
    overrides : fields to replace, by dotted path, list items by name: `{"training.runs.final.gpu_hours": 300}`
    months : horizon, 1 to 360, in place of the project's
    as_of : day of the prices, in place of the project's
    seed : of the draws behind ranges, 0 or more

    Raises
    ------
    InputError
        with every complaint about the file, the overrides, levers that do not go together, and prices that are unknown.
    """
    return answer(project_files.load_project(Path(path), catalog, _assignments(overrides), months, as_of), seed)


def explain(plan: Plan, what: str = "") -> Explanation:
    """Answer a question about `plan`, in words and tables.

    Parameters
    ----------
    what : nothing, for why this mix; an option such as `cloud`, an offer, server, workload, catalog row or cost
        component; `objective`, `limits`, or a rule's name. Part of a name will do where it fits only one.

    Raises
    ------
    InputError
        when nothing of that name is known, or several things are; it lists them.
    """
    return report_explain.explain(plan.document, what)


def render(plan: Plan, to: Literal["html", "md", "csv"] = "html") -> str:
    """Return the report of `plan` as a page that stands alone, as Markdown, or as tables for a spreadsheet."""
    if to not in _RENDERERS:
        complaint = Complaint(
            Place("render"), "to", "is not one of the choices", repr(to), ", ".join(_RENDERERS), nearest(to, _RENDERERS)
        )
        raise InputError([complaint])
    return _RENDERERS[to](plan.document)


def read_plan(path: str | Path) -> Plan:
    """Read a plan.json back.

    Raises
    ------
    InputError
        when it is none, or not of the version that this planner writes.
    """
    return Plan(planreader.read_plan(Path(path)))


def _assignments(overrides: Mapping[str, object] | None) -> list[str]:
    """Return overrides as `--set` takes them."""
    return [f"{at}={json.dumps(value, default=_as_json)}" for at, value in (overrides or {}).items()]


def _as_json(value: Any) -> Any:
    """Return what JSON has no word for: numpy's numbers, decimals, days."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return float(value) if isinstance(value, Decimal) else str(value)
