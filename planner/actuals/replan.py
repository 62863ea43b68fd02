"""Plan again from where we really are: what is left of the old plan against the best plan from here."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from planner.actuals.monthly import charges_by_month, usage_by_month
from planner.actuals.remaining import Remaining, paid, remaining
from planner.actuals.standing import Fleet, standing
from planner.actuals.store import Store
from planner.analysis.decisions import decisions
from planner.analysis.given import solve_given
from planner.analysis.study import Study, solve_case
from planner.analysis.tco import tco
from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import Catalog
from planner.documents import load_document
from planner.errors import Complaint, InfeasibleError, InputError, Place, nearest, shown
from planner.model.solve import Effort
from planner.planfile import command_line, plan_document
from planner.scenario.finance_schema import CASH
from planner.scenario.load import LoadedScenario, changed
from planner.units import month_label, months_between

LAST = 3
"""Months whose demand is held against the plan's."""
BAND = 0.02
"""By how much of its cost the new plan must be cheaper for the advice to change."""
MIX = ("owned_gpu_hours", "committed_gpu_hours", "on_demand_gpu_hours", "spot_gpu_hours")
_WORK = ("used", "allocated", "requested")
"""Kinds of usage, the one nearest to work first; kinds are never added up."""
_NOTHING = 1e-6
_Amounts = dict[tuple[str, ...], float]


@dataclass(frozen=True)
class Miss:
    """GPU-hours of the last months with actuals, as they were and as they were planned."""

    months: tuple[str, ...]
    actual_gpu_hours: float
    planned_gpu_hours: float

    @property
    def ratio(self) -> float:
        """Actual ÷ plan."""
        return self.actual_gpu_hours / self.planned_gpu_hours


@dataclass(frozen=True)
class Again:
    """A plan made again.

    Attributes
    ----------
    plan : plan.json of the remaining months
    answer : what changes, against what is left of the old plan
    study : the new plan, solved
    files : the scenario of the remaining months and what lies beside it, by name
    """

    plan: dict[str, Any]
    answer: dict[str, Any]
    study: Study
    files: dict[str, str]


def planned_settings(plan: Mapping[str, Any]) -> tuple[list[str], date | None]:
    """Return the settings and the day of prices with which a plan was made, as its command has them."""
    text = str(plan.get("command", ""))
    try:
        pairs = list(pairwise(shlex.split(text)))
        days = [date.fromisoformat(value) for option, value in pairs if option == "--as-of"]
    except ValueError as error:
        raise InputError([Complaint(Place("plan.json"), "command", f"cannot be read: {error}", shown(text))]) from None
    return [value for option, value in pairs if option == "--set"], days[0] if days else None


def miss(plan: Mapping[str, Any], store: Store, at: str, last: int = LAST) -> Miss:
    """Hold the GPU-hours of the `last` months with actuals before `at` against those of the plan.

    Rented GPU-hours are those of bills. Where the plan has owned GPUs at work, those that meters tell are added.

    Raises
    ------
    InputError
        when no month of the plan before `at` has actuals, or the plan has no GPU-hours in them.
    """
    planned = {row["month"]: row for row in plan["decisions"]["by_month"] if row["month"] < at}
    charges, usage = charges_by_month(store), usage_by_month(store)
    rented = charges[charges["gpu"].notna()].groupby("month")["gpu_hours"].sum()
    metered = usage.groupby(["kind", "month"])["gpu_hours"].sum()
    kind = next((one for one in _WORK if one in metered.index.get_level_values(0)), None)
    actual = {month: float(rented.get(month, 0.0)) for month in planned}
    for month, row in planned.items():
        if kind is not None and row["owned_gpu_hours"] > _NOTHING:
            actual[month] += float(metered.get((kind, month), 0.0))
    months = [month for month in sorted(planned) if actual[month] > 0][-last:]
    wanted = sum(planned[month][key] for month in months for key in MIX)
    if not wanted:
        message = f"tells no GPU-hours of months of the plan before {at}"
        raise InputError([Complaint(Place(str(store.path)), "", message, cure="planner actuals show --gpus")])
    return Miss(tuple(months), sum(actual[month] for month in months), wanted)


def read_fleet(path: Path) -> Fleet:
    """Read what there really is: `existing_servers` and `existing_commitments`, as a scenario has them.

    Raises
    ------
    InputError
        when the file cannot be read, or holds something else.
    """
    document, names = load_document(path), ("existing_servers", "existing_commitments")
    value = document.value if isinstance(document.value, dict) else {"": document.value}
    if complaints := [
        Complaint(document.place((key,)), key, "is not a known field", allowed=", ".join(names),
                  cure=nearest(key, names))
        for key in value if key not in names
    ]:  # fmt: skip
        raise InputError(complaints)
    return {name: value.get(name) or [] for name in names}


def again(
    plan: Mapping[str, Any], loaded: LoadedScenario, catalog: Catalog, at: str, effort: Effort, *,
    horizon: int | None = None, as_of: date | None = None, settings: Sequence[str] = (), fleet: Fleet | None = None,
    demand: Miss | None = None, band: float = BAND, say: Callable[[str], None] = lambda text: None,
) -> Again:  # fmt: skip
    """Plan the months from `at` on, and hold the result against what is left of `plan`.

    Parameters
    ----------
    plan : plan.json of `loaded`
    as_of : day of the new prices
    fleet : what there really is, in place of what the plan has bought and committed
    demand : by which demand is scaled
    band : the advice is to keep to the plan while its rest costs no more than (1 + band) × the new plan

    Raises
    ------
    InputError, InfeasibleError
        as planning does, of the remaining months.
    """
    there = standing(plan, loaded.scenario, catalog, at) if fleet is None else fleet
    ratio = 1.0 if demand is None else demand.ratio
    rest = remaining(plan, loaded, catalog, at, there, horizon, as_of, ratio, settings)

    def build(changes: Sequence[str] = ()) -> Case:
        return build_case(catalog, changed(rest.loaded, catalog, changes))

    study = solve_case(build(), effort, say, build)
    document = plan_document(study, catalog, effort, say) | {"command": command_line(rest.loaded, effort)}
    say("what is left of the old plan")
    kept, why_not = _kept(plan, build(), at, effort, say)
    answer = _answer(plan, loaded, rest, study, kept, why_not, band)
    answer["demand"] = None if demand is None else {
        "months": list(demand.months), "actual_gpu_hours": demand.actual_gpu_hours,
        "planned_gpu_hours": demand.planned_gpu_hours, "ratio": demand.ratio,
    }  # fmt: skip
    answer["standing"] = [*_there(rest.loaded)]
    return Again(document, answer, study, rest.files)


def _kept(
    plan: Mapping[str, Any], case: Case, at: str, effort: Effort, say: Callable[[str], None]
) -> tuple[Study | None, str]:
    """Solve the remaining months with the old plan's promises that are yet to make, or say why that cannot be."""
    made = plan["decisions"]
    last = case.months[-1]
    given = {
        name: [row for row in made[name] if at <= (row["month"] or "") <= last]
        for name in ("purchases", "commitments", "savings_plans")
    }
    try:
        return solve_given(case, given, effort, say), ""
    except InputError as error:
        return None, "; ".join(" ".join(filter(None, (one.field, one.message, one.found))) for one in error.complaints)
    except InfeasibleError as error:
        return None, str(error).split("\n")[0]


def _answer(
    plan: Mapping[str, Any], loaded: LoadedScenario, rest: Remaining, study: Study, kept: Study | None, why_not: str,
    band: float,
) -> dict[str, Any]:  # fmt: skip
    """Return what changes."""
    scenario = rest.loaded.scenario
    new = study.plan.answer.objective
    old = None if kept is None else kept.plan.answer.objective
    saves = None if old is None else max(0.0, old - new)
    keep = saves is not None and saves <= band * abs(new)
    before = months_between(str(plan["start"]), scenario.start)
    spent = sum(usd for _, usd in paid((plan.get("ledgers") or {}).get("plan") or [], before))
    notes = list(rest.notes)
    if plan["scenario_digest"] != loaded.digest:
        notes.insert(0, "The scenario is not what the plan was made from: it, or files it names, changed since.")
    return {
        "kind": "replan", "scenario": loaded.scenario.name, "plan_digest": plan["scenario_digest"],
        "at": scenario.start, "horizon_months": scenario.horizon_months, "as_of": scenario.as_of.isoformat(),
        "advice": "keep" if keep else "change", "reason": _reason(keep, saves, new, band, why_not),
        "band_fraction": band, "saves_usd": saves, "saves_fraction": _share(saves, new), "spent_usd": spent,
        "keep": None if kept is None else _cost(kept), "keep_reason": why_not, "change": _cost(study),
        "changes": [*_changes(kept, study)], "notes": notes,
    }  # fmt: skip


def _reason(keep: bool, saves: float | None, new: float, band: float, why_not: str) -> str:
    if saves is None:
        return f"Change the plan: what is left of it cannot be carried out ({why_not})"
    share = _share(saves, new)
    told = f"{saves:,.0f} USD" + ("" if share is None else f" ({share:.1%})")
    if not keep:
        return f"Change the plan: planned again it costs {told} less, more than the band of {band:.1%}"
    if saves <= _NOTHING * max(1.0, abs(new)):
        return "Keep to the plan: no other costs less"
    return f"Keep to the plan: planned again it would cost {told} less, within the band of {band:.1%}"


def _share(saves: float | None, of: float) -> float | None:
    return None if saves is None or not of else saves / abs(of)


def _cost(study: Study) -> dict[str, float]:
    found = tco(study, study.plan)
    return {name: found[name] for name in ("present_usd", "total_usd", "capex_usd", "opex_usd")}


def _changes(kept: Study | None, study: Study) -> Iterator[dict[str, Any]]:
    """Yield what is promised and rented in the remaining months, in the old plan and in the new."""
    old, new = ({} if one is None else _amounts(one) for one in (kept, study))
    for key in sorted({*old, *new}):
        kind, name, place, month, unit = key
        before, after = old.get(key, 0.0), new.get(key, 0.0)
        yield {
            "what": kind, "name": name, "place": place, "month": month, "unit": unit,
            "keep": None if kept is None else before, "change": after,
            "difference": None if kept is None else after - before,
        }  # fmt: skip


def _amounts(study: Study) -> _Amounts:
    """Return how much of everything: by kind, name, place or way to pay, month and unit."""
    made, found = decisions(study, study.plan), _Amounts()

    def add(key: tuple[str, ...], amount: float) -> None:
        if abs(amount) > _NOTHING:
            found[key] = found.get(key, 0.0) + amount

    for row in made["purchases"]:
        way = "" if row["financing"] == CASH else f", {row['financing']}"
        add(("purchase", row["server"], row["site"] + way, row["month"], "servers"), row["servers"])
    for row in made["sales"]:
        add(("sale", row["server"], row["site"], row["month"], "servers"), row["servers"])
    for row in made["commitments"]:
        if not row["existing"]:
            add(("commitment", row["term"], "", row["month"], "instances"), row["instances"])
    for row in made["savings_plans"]:
        add(("savings_plan", row["plan"], "", row["month"], "USD/hour"), row["usd_per_hour"])
    for row in made["rentals"]:
        add(("rental", row["offer"], row["kind"], "", "GPU-hours"), row["gpu_hours"])
    for row in made["api"]:
        add(("api", row["offer"], row["workload"], "", "work units"), row["work_units"])
    return found


def _there(loaded: LoadedScenario) -> Iterator[dict[str, Any]]:
    scenario = loaded.scenario
    for one in scenario.existing_servers:
        yield {"what": "servers", "name": one.server, "place": one.site, "count": one.servers,
               "since": one.in_service, "until": None, "usd": float(one.paid_usd_per_server)}  # fmt: skip
    for held in scenario.existing_commitments:
        yield {"what": "commitment", "name": held.offer, "place": "", "count": held.instances, "since": held.start,
               "until": month_label(held.start, held.term_months - 1),
               "usd": float(held.hourly_usd_per_gpu)}  # fmt: skip
