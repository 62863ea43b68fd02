"""Plans that cost hardly more than the cheapest and differ most from it: what else was considered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.analysis.infeasible import why_infeasible
from planner.analysis.options import new_purchases
from planner.analysis.study import Study, servers_bought
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.errors import InfeasibleError
from planner.ledger import build_ledger
from planner.model.audit import audit
from planner.model.build import build
from planner.model.proof import violation
from planner.model.solve import Effort
from planner.program import Floats
from planner.quantities import quantities
from planner.whatif.band import Band, Found
from planner.whatif.base import Base
from planner.whatif.document import heading
from planner.whatif.points import Points
from planner.whatif.yardsticks import (
    USED,
    gpu_hours,
    in_use,
    outlay,
    parts,
    providers,
    rented_work,
    tonnes,
    work,
)

WITHIN = 0.02
_EFFORT = Effort(gap=1e-6)
_SAME = 1e-6
Say = Callable[[str], None]


@dataclass(frozen=True)
class _Sought:
    """What was looked for; without a plan, why there is none."""

    name: str
    found: Found | None
    reason: str = ""


def alternatives(base: Base, within: float = WITHIN, say: Say = lambda text: None) -> dict[str, Any]:
    """Return the plans that are best by something else among those that cost at most `within` more than the cheapest.

    Whole numbers in programs up to WHOLE_UP_TO_NONZEROS, the relaxation in larger ones.

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules.
    """
    say("the cheapest plan")
    study, whole = _cheapest(base)
    band = Band(study, within, whole)
    plan = _measured(study, band.plan, band.plan, whole)
    rows = [_row(study, one, plan, band, whole) for one in _sought(band, say)]
    scenario = study.case.scenario
    return heading(base, "alternatives", "whole numbers" if whole else "relaxation") | {
        "description": scenario.description,
        "as_of": scenario.as_of.isoformat(),
        "start": scenario.start,
        "horizon_months": study.case.horizon,
        "within_fraction": within,
        "hours_merged": study.hours is not None,
        "carbon_unknown": _unknown(study),
        "plan": plan,
        "alternatives": rows,
    }


def _cheapest(base: Base) -> tuple[Study, bool]:
    case = base.case()
    whole = len(build(case).arrays.values) <= WHOLE_UP_TO_NONZEROS
    study = Points(base, (), _EFFORT if whole else None).solve(case)
    if study is None:
        raise InfeasibleError(why_infeasible(case))
    return study, whole


def _sought(band: Band, say: Say) -> Iterator[_Sought]:
    """Yield what is looked for."""
    model = band.built.model
    say("the fewest providers")
    yield _Sought("fewest_providers", band.fewest(providers(model)))
    say("the least capital outlay")
    yield _Sought("least_outlay", band.least(outlay(band.built)))
    say("the least carbon")
    yield _least_carbon(band)
    say("nothing bought")
    nothing = band.cheapest(new_purchases(model))
    yield _Sought("nothing_bought", nothing, "" if nothing else "no plan without a purchase obeys every rule")
    say("the most on owned servers")
    yield _most_owned(band)
    say("the simplest to run")
    yield _Sought("simplest", band.fewest(parts(model)))
    say("the most different")
    ways = [amount for amount in work(model).values() if amount @ band.plan > USED]
    yield _Sought("most_different", band.farthest(ways))


def _least_carbon(band: Band) -> _Sought:
    """Look among plans of which all carbon is known: what is not known is not 0."""
    found = tonnes(band.built.model)
    unknown = np.isnan(found)
    if not (found[~unknown] > 0).any():
        return _Sought("least_carbon", None, "no carbon factor is known of anything that could serve")
    if (band.built.arrays.lower[unknown] > 0).any():
        return _Sought("least_carbon", None, "the carbon of what is held already is not known")
    least = band.least(np.where(unknown, 0.0, found), unknown)
    if least is not None:
        return _Sought("least_carbon", least)
    known = band.cheapest(unknown)
    return _Sought("least_carbon", known, "" if known else "no plan consists of what has known carbon factors")


def _most_owned(band: Band) -> _Sought:
    if not len(band.built.model["buy"].view):
        return _Sought("most_owned", None, "no server can be bought, and none is owned")
    return _Sought("most_owned", band.least(rented_work(band.built.model)))


def _row(study: Study, sought: _Sought, plan: dict[str, Any], band: Band, whole: bool) -> dict[str, Any]:
    row = {"name": sought.name, "reason": sought.reason, "within": None, "proven": None, "same_as_plan": None}
    if sought.found is None:
        return row | dict.fromkeys(plan)
    measured = _measured(study, sought.found.x, band.plan, whole)
    same = measured["moved_fraction"] <= _SAME and measured["servers"] == plan["servers"]
    return row | {"within": measured["present_usd"] <= band.most, "proven": sought.found.proven,
                  "same_as_plan": same} | measured  # fmt: skip


def _measured(study: Study, x: Floats, plan: Floats, whole: bool) -> dict[str, Any]:
    """Return everything that is said of plan `x`, held against `plan`; USD of present value but for the outlay."""
    built, model, ledger = study.built, study.built.model, build_ledger(study.built, x)
    usd, cheapest = float(built.arrays.cost @ x), float(built.arrays.cost @ plan)
    rules = audit(study.case, quantities(model, x), ledger)
    if not whole:
        rules.pop("whole_numbers_are_whole")
    hours = gpu_hours(model, x)
    ways = _ways(study, x, plan)
    return {
        "present_usd": usd,
        "dearer_usd": usd - cheapest,
        "dearer_fraction": (usd - cheapest) / abs(cheapest) if cheapest else None,
        "ledger_usd": float(ledger["present_usd"].sum()),
        "outlay_usd": float(outlay(built) @ x),
        "tco2e": _carbon(study, x),
        "providers": in_use(providers(model), x),
        "parts": in_use(parts(model), x),
        "owned_fraction": hours["owned"] / sum(hours.values()) if sum(hours.values()) else None,
        "servers_bought": servers_bought(built, x),
        "servers": _servers(study, x),
        "commitments": _commitments(study, x),
        "moved_fraction": sum(max(0.0, one["plan_fraction"] - one["fraction"]) for one in ways),
        "ways": ways,
        "max_violation": max(violation(built.arrays, x) if whole else 0.0, *rules.values()),
    }


def _carbon(study: Study, x: Floats) -> float | None:
    """Return tonnes of CO2e; None where anything that is used has no known factor."""
    found, used = tonnes(study.built.model), np.abs(x) > USED
    total = float(found[used] @ x[used])
    return None if np.isnan(total) else total


def _unknown(study: Study) -> list[str]:
    case = study.case
    sites = [one.id for one in case.sites if one.carbon_kg_per_kwh is None]
    offers = [one.id for one in case.offers if one.carbon_kg_per_gpu_hour is None]
    return [*sites, *offers, *(one.id for one in case.apis)]


def _ways(study: Study, x: Floats, plan: Floats) -> list[dict[str, Any]]:
    """Return who does which share of all work in `x` and in `plan`; what neither uses is left out."""
    done = {way: (float(amount @ plan), float(amount @ x)) for way, amount in work(study.built.model).items()}
    total = sum(before for before, _ in done.values()) or 1.0
    return [
        {"workload": workload, "kind": kind, "option": option, "plan_fraction": before / total,
         "fraction": after / total}
        for (workload, kind, option), (before, after) in done.items() if max(before, after) > USED * total
    ]  # fmt: skip


def _servers(study: Study, x: Floats) -> dict[str, float]:
    """Return servers bought by type and site."""
    buy, case, found = study.built.model["buy"], study.case, dict[str, float]()
    for cohort, count in zip(study.built.model.cohorts, x[buy.columns].tolist(), strict=True):
        if cohort.fixed is None and count > USED:
            name = f"{case.servers[cohort.server].id} @ {case.sites[cohort.site].id}"
            found[name] = found.get(name, 0.0) + count
    return found


def _commitments(study: Study, x: Floats) -> dict[str, float]:
    """Return instances newly committed, by term."""
    commit, case, found = study.built.model["commit"], study.case, dict[str, float]()
    for contract, count in zip(study.built.model.contracts, x[commit.columns].tolist(), strict=True):
        if contract.fixed is None and contract.term is not None and count > USED:
            name = case.terms[contract.term].id
            found[name] = found.get(name, 0.0) + count
    return found
