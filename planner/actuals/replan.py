"""Plan again from where we really are: what is left of the old plan against the best plan from here."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from planner.actuals.advice import Compared
from planner.actuals.asked import Asked
from planner.actuals.billed import ByBills
from planner.actuals.changes import changes, first_step, there
from planner.actuals.news import NOTHING_NEW, News
from planner.actuals.outlook import Miss, Outlook, told
from planner.actuals.remaining import Remaining, paid, remaining
from planner.actuals.standing import Fleet, standing
from planner.analysis.given import solve_given
from planner.analysis.options import RESTRICTIONS
from planner.analysis.study import Study, solve_case
from planner.analysis.tco import tco
from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import Catalog
from planner.documents import load_document
from planner.errors import Complaint, InfeasibleError, InputError, Place, SolverError, nearest, shown
from planner.model.solve import Effort
from planner.planfile import command_line, plan_document
from planner.planschema.types import STUDY_VERSION
from planner.scenario.load import LoadedScenario, changed
from planner.units import months_between

Bills = Callable[[LoadedScenario], ByBills]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Actuals:
    """What actuals say.

    Attributes
    ----------
    demand, why : by which demand is scaled, and why by that
    bills : gives the prices by the bills; `take_bills`: they replace those of the scenario
    so_far : what was paid before
    """

    demand: Miss | Outlook | None = None
    why: str = ""
    bills: Bills | None = None
    take_bills: bool = False
    so_far: Mapping[str, Any] | None = None


NO_ACTUALS = Actuals()


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


def read_fleet(path: Path) -> Fleet:
    """Read what there really is: `existing_servers` and so on, as a scenario has them.

    Raises
    ------
    InputError
        when the file cannot be read, or holds something else.
    """
    document, names = load_document(path), ("existing_servers", "existing_commitments", "existing_savings_plans")
    value = document.value if isinstance(document.value, dict) else {"": document.value}
    if complaints := [
        Complaint(document.place((key,)), key, "is not a known field", allowed=", ".join(names),
                  cure=nearest(key, names))
        for key in value if key not in names
    ]:  # fmt: skip
        raise InputError(complaints)
    return {name: value.get(name) or [] for name in names}


@dataclass(frozen=True)
class _Question:
    """What is asked again of a plan, with `fleet` as what is there."""

    plan: Mapping[str, Any]
    loaded: LoadedScenario
    catalog: Catalog
    asked: Asked
    fleet: Fleet
    effort: Effort
    say: Say

    def rest(self, news: News) -> Remaining:
        """Return the remaining months."""
        return remaining(self.plan, self.loaded, self.catalog, self.asked, self.fleet, news)

    def compared(self, news: News, baselines: Collection[str] = (), where: str = "") -> Compared:
        """Solve them, and what is left of the old plan; `where` stands before what is said meanwhile."""
        rest = self.rest(news)

        def build(assignments: Sequence[str] = ()) -> Case:
            return build_case(self.catalog, changed(rest.loaded, self.catalog, assignments))

        def say(text: str) -> None:
            self.say(f"{where}{text}")

        say("what is left of the old plan")
        kept, why_not = _kept(self.plan, build(), self.asked.at, self.effort, say)
        known = [kept.plan.answer.x] if kept is not None and kept.hours is None else []
        study = solve_case(build(), self.effort, say, build, baselines, known)
        return Compared(rest, study, kept, why_not, self.asked.band)

    def at_end(self, end: str, news: News) -> dict[str, Any]:
        """Return the advice at an end of the forecast's interval; none where it finds no plan."""
        try:
            found = self.compared(news, where=f"{end} demand: ")
        except (InfeasibleError, SolverError) as error:
            return {"end": end, "advice": None, "reason": str(error).split("\n")[0], "saves_usd": None, "first": None}
        first = first_step(changes(found.kept, found.study), found.rest.loaded.scenario.start, found.advice)
        return {"end": end, "advice": found.advice, "reason": found.reason, "saves_usd": found.saves, "first": first}


def again(
    plan: Mapping[str, Any], loaded: LoadedScenario, catalog: Catalog, asked: Asked, effort: Effort,
    actuals: Actuals = NO_ACTUALS, say: Say = lambda text: None,
) -> Again:  # fmt: skip
    """Plan the remaining months of `plan`, which is plan.json of `loaded`, and hold the result against what is left.

    Raises
    ------
    InputError, InfeasibleError
        as planning does, of the remaining months.
    """
    demand = actuals.demand
    _said_once(asked.settings, demand is not None, actuals.take_bills)
    fleet = standing(plan, loaded.scenario, catalog, asked.at) if asked.fleet is None else asked.fleet
    question = _Question(plan, loaded, catalog, asked, fleet, effort, say)
    news = News(demand=demand.ratio) if isinstance(demand, Miss) else NOTHING_NEW
    rest = question.rest(news)
    seen = actuals.bills(rest.loaded) if actuals.bills else ByBills()
    prices = [one for one in seen.prices if one.differs]
    if actuals.take_bills:
        news = replace(news, rows={one.row: one.factor for one in prices})
    more = rest.loaded.scenario.horizon_months
    if isinstance(demand, Outlook):
        news = replace(news, by_month=demand.factors(months=more))
    found = question.compared(news, tuple(RESTRICTIONS))
    document = plan_document(found.study, catalog, effort, say)
    document |= {"command": command_line(found.rest.loaded, effort)}
    ends = [
        question.at_end(end, replace(news, by_month=demand.factors(end, more))) for end in ("low", "high")
    ] if isinstance(demand, Outlook) else []  # fmt: skip
    answer = _answer(plan, loaded, found) | {
        "scenario_digest": document["scenario_digest"], "catalog_digest": document["catalog"]["digest"],
        "standing": [*there(found.rest.loaded)],
        "prices": [{"row": one.row, "was": one.was, "now": one.now, "factor": one.factor,
                    "gpu_hours": one.gpu_hours, "months": list(one.months)} for one in prices],
        "prices_taken": actuals.take_bills, "prices_unclear": list(seen.unclear),
        "prices_elsewhere": list(seen.elsewhere), "paid_so_far": actuals.so_far,
        "demand": None if demand is None else told(demand, actuals.why), "ends": ends,
    }  # fmt: skip
    return Again(document, answer, found.study, found.rest.files)


def _said_once(settings: Sequence[str], demand: bool, prices: bool) -> None:
    """Refuse settings of what actuals say."""
    taken = [*(("scale.demand", "scale.demand_by_month") if demand else ()), *(("scale.rows",) if prices else ())]
    paths = [one.partition("=")[0].strip() for one in settings]
    if complaints := [
        Complaint(Place("--set"), path, "is taken from actuals", cure="leave it out, or --actuals")
        for path in paths if any(name == path or name.startswith(f"{path}.") or path.startswith(f"{name}.")
                                 for name in taken)
    ]:  # fmt: skip
        raise InputError(complaints)


def _kept(plan: Mapping[str, Any], case: Case, at: str, effort: Effort, say: Say) -> tuple[Study | None, str]:
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


def _answer(plan: Mapping[str, Any], loaded: LoadedScenario, found: Compared) -> dict[str, Any]:
    """Return what changes."""
    scenario, kept = found.rest.loaded.scenario, found.kept
    before, rows = months_between(str(plan["start"]), scenario.start), [*changes(kept, found.study)]
    spent = sum(usd for _, usd in paid((plan.get("ledgers") or {}).get("plan") or [], before))
    notes = list(found.rest.notes)
    if found.rest.not_asked and found.advice == "change":
        notes.insert(0, f"Not asked: {found.rest.not_asked}.")
    if plan["scenario_digest"] != loaded.digest:
        notes.insert(0, "The scenario is not what the plan was made from: it, or files it names, changed since.")
    return {
        "kind": "replan", "schema_version": STUDY_VERSION, "scenario": loaded.scenario.name,
        "plan_digest": plan["scenario_digest"],
        "at": scenario.start, "horizon_months": scenario.horizon_months, "as_of": scenario.as_of.isoformat(),
        "advice": found.advice, "reason": found.reason, "band_fraction": found.band, "saves_usd": found.saves,
        "saves_fraction": found.share, "spent_usd": spent,
        "keep": None if kept is None else _cost(kept), "keep_reason": found.why_not, "change": _cost(found.study),
        "changes": rows, "first": first_step(rows, scenario.start, found.advice), "notes": notes,
    }  # fmt: skip


def _cost(study: Study) -> dict[str, float]:
    found = tco(study, study.plan)
    return {
        name: found[name] for name in ("present_usd", "total_usd", "capex_usd", "opex_usd", "financing_usd", "tax_usd")
    }
