"""plan.json: one object that holds the answer, its proof and everything a report needs."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any

from planner.analysis.agreements import agreements
from planner.analysis.by_hour import kept_apart
from planner.analysis.carbon import carbon
from planner.analysis.decisions import decisions
from planner.analysis.financing import ways_to_pay
from planner.analysis.inputs import scenario_inputs
from planner.analysis.ledgers import ledgers
from planner.analysis.load_duration import load_duration
from planner.analysis.loosening import loosened
from planner.analysis.origins import component_formulas, made_prices, paid_lines
from planner.analysis.returns import breakevens, finance
from planner.analysis.rules import written_rules
from planner.analysis.service import service, unit_costs
from planner.analysis.showback import service_costs
from planner.analysis.study import Study
from planner.analysis.switching import prices_that_change_the_answer
from planner.analysis.tco import tco
from planner.analysis.verdict import verdict
from planner.analysis.waiting import not_proceeding, waiting
from planner.analysis.worth import worth
from planner.case import Case
from planner.catalog.load import Catalog
from planner.model import highs
from planner.model.audit import audit
from planner.model.proof import violation
from planner.model.solve import Effort
from planner.quantities import quantities
from planner.scenario.load import LoadedScenario

SCHEMA_VERSION = 1
PROVEN = {"relative_difference": 1e-9, "max_violation": 1e-6, "duality_gap": 1e-6}
"""What a proof must reach; the relative gap's limit is given with the effort."""


def plan_document(
    study: Study, catalog: Catalog, effort: Effort, say: Callable[[str], None] = lambda text: None
) -> dict[str, Any]:
    """Return plan.json as an object (docs/interfaces). Money in USD; the same input gives the same object."""
    case = study.case
    say("the cost of waiting")
    returns = finance(study) | {
        "financing": ways_to_pay(study), "waiting": waiting(study, effort),
        "not_proceeding": not_proceeding(study, effort),
    }  # fmt: skip
    totals = {name: None if outcome is None else tco(study, outcome) for name, outcome in study.outcomes.items()}
    used = _used_rows(study)
    evidence = [asdict(one) | {"used": one.row in used} | _what_if(case, one.row) for one in case.evidence]
    dates = sorted(one["date"] for one in evidence if one["used"])
    proof = _proof(study)
    left_out = [*case.left_out, *study.reasons.items()]
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": case.scenario.name,
        "scenario_digest": case.scenario_digest,
        "description": case.scenario.description,
        "as_of": case.scenario.as_of.isoformat(),
        "start": case.scenario.start,
        "horizon_months": case.horizon,
        "horizon_end": case.scenario.horizon_end,
        "hours_per_month": _hours_per_month(study),
        "currency": case.scenario.currency,
        "catalog": {
            "digest": catalog.digest, "newest_price": dates[-1] if dates else None,
            "oldest_price": dates[0] if dates else None, "rows_used": len(dates),
        },
        "solver": _solver(study, effort, proof),
        "proof": proof,
        "hours": _hours(study),
        "verdict": verdict(study, returns),
        "decisions": decisions(study, study.plan),
        "service": service(study, study.plan),
        "unit_costs": unit_costs(study, study.plan),
        "service_costs": service_costs(study, study.plan),
        "carbon": carbon(study),
        "load": load_duration(study, study.plan),
        "tco": totals,
        "breakeven": breakevens(study),
        "finance": returns,
        "prices_that_change_the_answer": prices_that_change_the_answer(study, say),
        "worth": worth(study),
        "loosened": loosened(study, say),
        "left_out": [{"option": option, "reason": reason} for option, reason in _distinct(left_out)],
        "inputs": scenario_inputs(case.scenario, catalog),
        "lines": paid_lines(study),
        "ledgers": ledgers(study),
        "components": component_formulas(study),
        "prices": made_prices(case),
        "agreements": agreements(study),
        "rules": written_rules(study),
        "evidence": evidence,
        "sources": {name: source.model_dump(exclude_none=True) for name, source in sorted(catalog.sources.items())
                    if any(one["source"] == name for one in evidence)},
    }  # fmt: skip


def command_line(loaded: LoadedScenario, effort: Effort) -> str:
    """Return the command that plans `loaded` with `effort` from its file and the same catalog."""
    settings = [("--set", one) for one in loaded.assignments]
    if loaded.as_of is not None:
        settings.append(("--as-of", loaded.as_of.isoformat()))
    options = {"--gap": "gap", "--time-limit": "seconds", "--solver": "solver"}
    settings += [
        (option, f"{value:g}" if isinstance(value, float) else str(value))
        for option, field in options.items()
        if (value := getattr(effort, field)) != getattr(Effort, field)
    ]
    file = Path(loaded.document.file).name
    return shlex.join(["planner", "plan", file, *(part for setting in settings for part in setting)])


def _hours(study: Study) -> dict[str, Any]:
    """Say how the hours were grouped for the program, and how the plan does in each of them."""
    hours, distinct = study.hours, len(study.asked.demand.hours)
    return {
        "distinct": distinct, "groups": distinct if hours is None else hours.groups,
        "relative_gap": 0.0 if hours is None else hours.relative_gap,
        "max_violation": 0.0 if hours is None else hours.violation,
        "apart_because": kept_apart(study.case) if hours is None else "",
    }  # fmt: skip


def _hours_per_month(study: Study) -> float | str:
    hours = study.case.scenario.hours_per_month
    return hours if isinstance(hours, str) else float(hours)


def proven(document: dict[str, Any], effort: Effort) -> bool:
    """Say whether the plan of `document` is proven: its proof within PROVEN and its gap within `effort.gap`."""
    within = all(abs(document["proof"][name]) <= limit for name, limit in PROVEN.items())
    return within and document["solver"]["relative_gap"] <= effort.gap * (1 + 1e-9)


def _proof(study: Study) -> dict[str, Any]:
    """Recompute the answer by other means: ledger, rules, duality."""
    answer, built = study.plan.answer, study.built
    ledger_usd = float(study.plan.ledger["present_usd"].sum())
    rules = audit(study.case, quantities(built.model, answer.x), study.plan.ledger)
    relaxed, bound = answer.relaxation.objective, answer.relaxation_bound
    return {
        "objective_usd": answer.objective,
        "ledger_usd": ledger_usd,
        "relative_difference": abs(ledger_usd - answer.objective) / max(1.0, abs(answer.objective)),
        "max_violation": max(
            violation(built.arrays, answer.x), study.hours.violation if study.hours else 0.0, *rules.values()
        ),
        "duality_gap": abs(relaxed - bound) / max(1.0, abs(relaxed)),
        "relaxation_bound_usd": bound,
        "solver_bound_usd": answer.solver_bound,
        "violation_by_rule": dict(sorted(rules.items())),
    }


def _solver(study: Study, effort: Effort, proof: dict[str, Any]) -> dict[str, Any]:
    rows, columns = study.built.arrays.shape
    gap = study.plan.answer.relative_gap
    done = gap <= effort.gap and all(abs(proof[name]) <= limit for name, limit in PROVEN.items())
    return {
        "name": "HiGHS", "version": highs.version(), "status": "proven" if done else "not proven",
        "relative_gap": gap, "gap_asked": effort.gap, "columns": columns, "rows": rows,
        "nonzeros": len(study.built.arrays.values),
    }  # fmt: skip


def _used_rows(study: Study) -> set[str]:
    """Catalog rows behind the ledgers of the plan and of everything it is compared with.

    Of servers, sites and people that are paid for, every row counts: lead time and power decide as prices do.
    """
    used: set[str] = set()
    for outcome in study.outcomes.values():
        if outcome is not None:
            for source in outcome.ledger["source"].unique():
                used.update(part.strip() for product in source.split(" × ") for part in product.split(" + "))
    things = {row.split("/")[0] for row in used}
    case = study.case
    owned = [server.id for server in case.servers] + [site.id for site in case.sites]
    whole = {*owned, *(pool.role for pool in case.scenario.staff)}
    return used | {one.row for one in case.evidence if one.row.split("/")[0] in things & whole}


def _what_if(case: Case, row: str) -> dict[str, float]:
    """Return by what the scenario multiplies a row from the first month on, where it does."""
    steps = case.scenario.scale.steps(row, case.scenario.start)
    factor = float(prod(factor for factor, since in steps if since <= 0))
    return {} if factor == 1 else {"factor": factor}


def _distinct(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(dict.fromkeys(pairs))
