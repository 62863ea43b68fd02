"""Plans that cost hardly more than the cheapest and differ most from it: what else was considered."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from planner.analysis.infeasible import why_infeasible
from planner.analysis.options import new_purchases
from planner.analysis.study import Study, merging, servers_bought
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.errors import InfeasibleError
from planner.ledger import build_ledger
from planner.model.audit import audit
from planner.model.proof import violation
from planner.model.solve import Effort
from planner.program import Floats
from planner.quantities import quantities
from planner.whatif.band import Band, Found
from planner.whatif.base import Base
from planner.whatif.basis import nodes_for, nonzeros
from planner.whatif.document import heading
from planner.whatif.points import Points
from planner.whatif.risk.shared import first_stage as decided_by
from planner.whatif.threads import THREADS, in_threads
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
_GAP = 1e-6
_SAME = 1e-6
_POINT = 0.01
"""Share of all work, and of carbon, by which another plan has to differ."""
_FRACTIONS = ("whole_numbers_are_whole", "owning_is_declared", "purchase_is_declared", "room_is_declared",
              "owned_work_needs_the_team")  # fmt: skip
"""Rules that a relaxation need not obey: they hold where what is yes or no is not a fraction."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class _Sought:
    """What was looked for; without a plan, why there is none."""

    name: str
    found: Found | None
    reason: str = ""


def alternatives(
    base: Base, within: float = WITHIN, say: Say = lambda text: None, late: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Return the plans that are best by something else among those that cost at most `within` more than the cheapest.

    Whole numbers in programs up to WHOLE_UP_TO_NONZEROS, the relaxation in larger ones.

    Parameters
    ----------
    late : says whether time is up; what is not found by then is left out

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules.
    """
    say("the cheapest plan")
    study, whole = _cheapest(base)
    bands = [Band(study, within, whole, late) for _ in range(THREADS)]
    band = bands[0]
    plan = _measured(study, band.plan, band.plan, whole)
    rows: list[dict[str, Any]] = []
    for one in _sought(bands, say):
        rows.append(_row(study, one, {"plan": plan} | {row["name"]: row for row in rows}, band, whole))
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
    size = nonzeros(case)
    whole = size <= WHOLE_UP_TO_NONZEROS
    study = Points(base, (), Effort(_GAP, math.inf, nodes=nodes_for(size)) if whole else None).solve(case)
    if study is None:
        raise InfeasibleError(why_infeasible(case, merging(base.case)))
    return study, whole


def _sought(bands: Sequence[Band], say: Say) -> list[_Sought]:
    """Return what is looked for, always the same of it in each band; once time is up, only that it was."""

    def seek(thread: int) -> list[_Sought]:
        band, found = bands[thread], []
        for name, (text, one) in list(_SOUGHT.items())[thread :: len(bands)]:
            say(text)
            found.append(_Sought(name, None, "the time limit came first") if band.late() else one(band))
        return found

    dealt = in_threads(seek, len(bands))
    return [dealt[n % len(bands)][n // len(bands)] for n in range(len(_SOUGHT))]


def _nothing_bought(band: Band) -> _Sought:
    found = band.cheapest(new_purchases(band.built.model))
    return _Sought("nothing_bought", found, "" if found else "no plan without a purchase obeys every rule")


def _most_different(band: Band) -> _Sought:
    ways = [amount for amount in work(band.built.model).values() if amount @ band.plan > USED]
    return _Sought("most_different", band.farthest(ways))


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


_SOUGHT: dict[str, tuple[str, Callable[[Band], _Sought]]] = {
    "fewest_providers": (
        "the fewest providers",
        lambda band: _Sought("fewest_providers", band.fewest(providers(band.built.model))),
    ),
    "least_outlay": ("the least capital outlay", lambda band: _Sought("least_outlay", band.least(outlay(band.built)))),
    "least_carbon": ("the least carbon", _least_carbon),
    "nothing_bought": ("nothing bought", _nothing_bought),
    "most_owned": ("the most on owned servers", _most_owned),
    "simplest": ("the simplest to run", lambda band: _Sought("simplest", band.fewest(parts(band.built.model)))),
    "most_different": ("the most different", _most_different),
}
"""What is looked for: in words, and how."""


def _row(
    study: Study, sought: _Sought, before: dict[str, dict[str, Any]], band: Band, whole: bool
) -> dict[str, Any]:  # fmt: skip
    row = {"name": sought.name, "reason": sought.reason, "within": None, "proven": None, "same_as": None}
    if sought.found is None:
        return row | dict.fromkeys(before["plan"])
    found = _measured(study, sought.found.x, band.plan, whole)
    told = {name: one for name, one in before.items() if one["ways"] is not None}
    same = next((name for name, one in told.items() if _same(found, one) or _hardly_other(found, one)), None)
    within = found["present_usd"] <= band.most
    return row | {"within": within, "proven": sought.found.proven, "same_as": same} | found


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two plans cost the same, and decide and do the same."""
    return all(
        abs(mine.get(key, 0.0) - theirs.get(key, 0.0)) <= _SAME * max(1.0, abs(mine.get(key, 0.0)))
        for mine, theirs in zip(_figures(one), _figures(other), strict=True)
        for key in mine.keys() | theirs.keys()
    )


def _hardly_other(found: dict[str, Any], told: dict[str, Any]) -> bool:
    """Say whether a plan costs more than one that buys the same, and hardly works otherwise: padding."""
    alike = all(found[key] == told[key] for key in ("providers", "parts", "servers", "outlay_usd"))
    if found["present_usd"] < told["present_usd"] or not alike:
        return False
    shares, others = _shares(found), _shares(told)
    moved = sum(abs(shares.get(way, 0.0) - others.get(way, 0.0)) for way in shares.keys() | others.keys()) / 2
    mine, theirs = found["tco2e"], told["tco2e"]
    same_carbon = mine is None or (theirs is not None and abs(mine - theirs) <= _POINT * abs(theirs))
    return moved < _POINT and same_carbon


def _shares(found: dict[str, Any]) -> dict[Any, float]:
    return {(way["workload"], way["kind"], way["option"]): way["fraction"] for way in found["ways"]}


def _figures(found: dict[str, Any]) -> list[dict[Any, float]]:
    money = {name: found[name] for name in ("present_usd", "outlay_usd")}
    return [found["servers"], found["commitments"], _shares(found), money]


def _measured(study: Study, x: Floats, plan: Floats, whole: bool) -> dict[str, Any]:
    """Return everything that is said of plan `x`, held against `plan`; USD of present value but for the outlay."""
    built, model, ledger = study.built, study.built.model, build_ledger(study.built, x)
    usd, cheapest = float(built.arrays.cost @ x), float(built.arrays.cost @ plan)
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
        "orders": _orders(study, x),
        "moved_fraction": sum(max(0.0, one["plan_fraction"] - one["fraction"]) for one in ways),
        "ways": ways,
        "max_violation": _violation(study, x, ledger, whole),
    }


def _violation(study: Study, x: Floats, ledger: pd.DataFrame, whole: bool) -> float:
    """Return the largest violation of a rule, as the program has them and as the audit has; see _FRACTIONS."""
    arrays = study.built.arrays
    program = arrays if whole else replace(arrays, whole=np.zeros(len(x), bool))
    rules = audit(study.case, quantities(study.built.model, x), ledger)
    return max(violation(program, x), *(one for name, one in rules.items() if whole or name not in _FRACTIONS))


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
    """Return servers bought by type, site and, but for cash, how they are paid."""
    buy, case, found = study.built.model["buy"], study.case, dict[str, float]()
    for cohort, count in zip(study.built.model.cohorts, x[buy.columns].tolist(), strict=True):
        if cohort.fixed is None and count > USED:
            paid = f", {case.way_name(cohort.way)}" if cohort.way else ""
            name = f"{case.servers[cohort.server].id} @ {case.sites[cohort.site].id}{paid}"
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


def _orders(study: Study, x: Floats) -> list[dict[str, Any]]:
    """Return everything ordered, committed and sold, each in its month."""
    columns = decided_by(study.built.model, study.case.horizon)
    return [
        {"kind": kind, "what": what, "how": ", ".join(filter(None, how)), "month": month, "amount": float(x[column])}
        for (kind, what, *how, month), column in columns.items() if x[column] > USED
    ]  # fmt: skip
