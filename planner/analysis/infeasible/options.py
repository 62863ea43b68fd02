"""Ways out that change what may be used, rather than how much: places, offers, servers, times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.analysis.infeasible.diagnosis import count_of
from planner.analysis.infeasible.trial import Trials, largest
from planner.case import Case
from planner.model.build import Built
from planner.program import Floats
from planner.scenario.schema import Training, Workload
from planner.units import month_label, months_between

KINDS = ("on_demand", "commitments", "savings_plans", "spot")
ANYWHERE = "any"
_ITEMS = 6


@dataclass(frozen=True)
class Change:
    """A change of the scenario under which the relaxation has a plan; of one family only the cheapest are shown."""

    family: str
    sentence: str
    set: list[str]


def changes(case: Case, lacking: Sequence[int], trials: Trials) -> Iterator[Change]:
    """Yield changes that give the workloads `lacking` (indices w) more to run on, and make a plan possible."""
    yield from _places(case, lacking, trials)
    yield from _countries(case, lacking, trials)
    yield from _considered(case, "offers", trials)
    yield from _considered(case, "servers", trials)
    yield from _lead_times(case, trials)
    yield from _openings(case, trials)
    yield from _later_runs(case, lacking, trials)
    yield from _any_carbon(case, trials)


def _any_carbon(case: Case, trials: Trials) -> Iterator[Change]:
    """Admit what has an unknown carbon factor."""
    counted = {"no cap on carbon": ("limits.carbon_kg_per_year=null", case.scenario.limits.carbon_kg_per_year),
               "no price of carbon": ("carbon=null", case.scenario.carbon)}  # fmt: skip
    lifted = {words: path for words, (path, given) in counted.items() if given is not None}
    if lifted and trials.possible([*lifted.values()]):
        words = f"{' and '.join(lifted)}, which also admits what has an unknown carbon factor"
        yield Change("carbon", words, [*lifted.values()])


def widest(case: Case) -> Iterator[tuple[str, list[str]]]:
    """Yield changes that go as far as they can, for where nothing less is enough."""
    workloads = case.scenario.workloads
    kinds = [f"offers.kinds=[{', '.join(KINDS)}]"]
    if closed := [*_allow_all(case, (), "rented"), *(kinds if len(case.scenario.offers.kinds) < len(KINDS) else [])]:
        yield "allow whatever may be rented for every workload", closed
    if late := [f"prices.{one.id}/lead_time_months=0" for one in case.servers if one.lead_months]:
        yield "deliver servers at once", late
    if bound := [f"workloads.{one.name}.residency=null" for one in workloads if one.residency is not None]:
        yield "allow every country", bound
    if waiting := [f"sites.{one.id}.open_from={case.scenario.start}" for one in case.sites if one.opens]:
        yield "open every site at the start", waiting


def _places(case: Case, lacking: Sequence[int], trials: Trials) -> Iterator[Change]:
    """Allow owned or rented capacity where a workload may not use it, and kinds of offers that are closed."""
    place = {where: _allow_all(case, lacking, where) for where in ("rented", "owned")}
    closed = [kind for kind in KINDS if kind not in case.scenario.offers.kinds]
    found = False
    for where, settings in place.items():
        if needed := trials.needed(settings):
            found = True
            yield Change("places", f"allow {where} capacity for {_workloads_of(needed)}", needed)
    for kind in closed:
        setting = _kinds(case, kind)
        if trials.possible([setting]):
            found = True
            yield Change("kinds", f"allow {_words(kind)}", [setting])
    if not found and closed and place["rented"]:
        setting = _kinds(case, closed[0])
        if trials.possible([setting, *place["rented"]]):
            names = _workloads_of(place["rented"])
            yield Change("places", f"allow {_words(closed[0])} for {names}", [*place["rented"], setting])


def _countries(case: Case, lacking: Sequence[int], trials: Trials) -> Iterator[Change]:
    """Allow one more country, of those where something considered is."""
    bound = [one for one in _lacking_last(case, lacking) if one.residency is not None]
    there = {one.country for some in (case.offers, case.sites, case.apis) for one in some}
    for country in sorted(there - {ANYWHERE}):
        settings = [
            f"workloads.{one.name}.residency=[{', '.join([*(one.residency or []), country])}]"
            for one in bound
            if country not in (one.residency or [])
        ]
        if needed := trials.needed(settings):
            yield Change("countries", f"allow {_workloads_of(needed)} in {country}", needed)


def _considered(case: Case, section: str, trials: Trials) -> Iterator[Change]:
    """Consider what the scenario leaves aside: of all of it, what the cheapest relaxed plan uses."""
    chosen = getattr(case.scenario, section).consider
    aside = {name for name, reason in case.left_out if reason.startswith(f"not among the {section}")}
    aside |= {one.id for one in getattr(case, section)} - set(chosen or ())  # kept for what is owned or committed
    if chosen is None or not aside:
        return
    relaxed = trials.relaxed([_consider(section, [*chosen, *sorted(aside)])])
    used = [name for name in _used(*relaxed, section) if name in aside] if relaxed else []
    for name in used if len(used) <= _ITEMS else []:
        rest = [other for other in used if other != name]
        if rest and trials.possible([_consider(section, [*chosen, *rest])]):
            used = rest
    if used:
        yield Change("considered", f"consider {_list(used)}", [_consider(section, [*chosen, *used])])


def _lead_times(case: Case, trials: Trials) -> Iterator[Change]:
    """Deliver a server sooner, by as little as does; and order longer."""
    for server in case.servers[:_ITEMS]:
        path = f"prices.{server.id}/lead_time_months"
        months = largest(lambda m, at=path: trials.possible([f"{at}={m}"]), 0, server.lead_months - 1)  # type: ignore[misc]
        if months is not None:
            soon = f"in {count_of(months, 'month')}" if months else "at once"
            words = f"deliver {server.id} {soon} instead of in {count_of(server.lead_months, 'month')}"
            yield Change("lead times", words, [f"{path}={months}"])
    if case.scenario.servers.order_until is not None and trials.possible(["servers.order_until=null"]):
        words = f"allow orders after {case.scenario.servers.order_until}"
        yield Change("orders", words, ["servers.order_until=null"])


def _openings(case: Case, trials: Trials) -> Iterator[Change]:
    """Open a site sooner, by as little as does."""
    start = case.scenario.start
    for site in case.sites:
        path = f"sites.{site.id}.open_from"
        month = largest(lambda m, at=path: trials.possible([f"{at}={month_label(start, m)}"]), 0, site.opens - 1)  # type: ignore[misc]
        if month is not None:
            label = month_label(start, month)
            words = f"open {site.id} in {label} instead of {month_label(start, site.opens)}"
            yield Change("openings", words, [f"{path}={label}"])


def _later_runs(case: Case, lacking: Sequence[int], trials: Trials) -> Iterator[Change]:
    """Start a training run later, as soon as it can be; it must still end within the horizon."""
    start, horizon = case.scenario.start, case.horizon
    for workload in (case.scenario.workloads[w] for w in lacking):
        for job in workload.jobs if isinstance(workload, Training) else ():
            path, first = f"workloads.{workload.name}.jobs.{job.name}.start", months_between(start, job.start)
            end = horizon - job.months
            delay = largest(
                lambda m, at=path, end=end: trials.possible([f"{at}={month_label(start, end - m)}"]),  # type: ignore[misc]
                0, end - first - 1,
            )  # fmt: skip
            if delay is not None and job.repeat_every_months is None:
                label = month_label(start, end - delay)
                yield Change("runs", f"start {job.name} of {workload.name} in {label}", [f"{path}={label}"])


def _used(built: Built, x: Floats, section: str) -> list[str]:
    """Return the ids of `section` that plan `x` uses."""
    case, model = built.model.case, built.model
    things, key = (case.servers, "k") if section == "servers" else (case.offers, "o")
    blocks = ("buy",) if section == "servers" else ("on_demand", "committed", "covered", "spot", "on_demand_standby")
    found = {int(one) for name in blocks if model.has(name)
             for one in model[name].view.keys[key][x[model[name].columns] > 1e-6]}  # fmt: skip
    return [things[index].id for index in sorted(found)]


def _allow_all(case: Case, lacking: Sequence[int], where: str) -> list[str]:
    """Allow owned or rented capacity to every workload that may not use it."""
    closed = [one for one in _lacking_last(case, lacking) if where not in one.allowed_on]
    return [f"workloads.{one.name}.allowed_on=[{', '.join([*one.allowed_on, where])}]" for one in closed]


def _kinds(case: Case, kind: str) -> str:
    return f"offers.kinds=[{', '.join([*case.scenario.offers.kinds, kind])}]"


def _consider(section: str, names: Sequence[str]) -> str:
    return f"{section}.consider=[{', '.join(names)}]"


def _lacking_last(case: Case, lacking: Sequence[int]) -> list[Workload]:
    """Workloads in the order in which a change is taken back: those that lack nothing first."""
    workloads = case.scenario.workloads
    return [workloads[w] for w in sorted(range(len(workloads)), key=lambda w: w in lacking)]


def _workloads_of(settings: Sequence[str]) -> str:
    return _list([one.split(".")[1] for one in settings])


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _words(kind: str) -> str:
    return {"on_demand": "on-demand capacity", "savings_plans": "savings plans", "spot": "spot capacity"}.get(
        kind, kind
    )
