"""Says what is short: work that nothing can do, with its cause, and limits, with the months in which they bite."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from planner.analysis.infeasible.diagnosis import Shortage, amount, count_of, when
from planner.analysis.infeasible.elastic import Elastic, Undone
from planner.analysis.infeasible.limits import POWER, RACKS, Limit
from planner.decisions import Model
from planner.program import Floats


def of_work(elastic: Elastic, undone: Sequence[Undone]) -> list[Shortage]:
    """Say which work cannot be done and why; a reason that several share stands once."""
    said: set[str] = set()
    return [_of_one_work(elastic, one, said) for one in undone]


def _of_one_work(elastic: Elastic, undone: Undone, said: set[str]) -> Shortage:
    case = elastic.case
    name, (first, last) = case.scenario.workloads[undone.w].name, (case.months[undone.first], case.months[undone.last])
    limit, where, why = _cause(elastic.built.model, undone)
    asked, part = amount(undone.needed, undone.unit), amount(undone.missing, "")
    much = asked if undone.missing > undone.needed * (1 - 1e-6) else f"{part} of {asked}"
    sentence = f"{name}: {much} cannot be done in {when(first, last)}{'' if why in said else why}."
    said.add(why)
    return Shortage(limit, where, first, last, undone.needed, undone.needed - undone.missing, undone.missing,
                    undone.unit, sentence)  # fmt: skip


def of_limits(elastic: Elastic, changes: Sequence[Floats]) -> list[Shortage]:
    """Say which limits fall short, by how much and in which months; each of `changes` (arrays [limit]) is enough."""
    together = any((change > 0).sum() > 1 for change in changes)
    found = [one for change in changes for one in _of_change(elastic, change)]
    return found[:1] + [replace(one, joined="and" if together else "or") for one in found[1:]]


def _of_change(elastic: Elastic, change: Floats) -> Iterator[Shortage]:
    found = elastic.month_by_month(change)
    if found is None:
        return
    missing, x = found
    for l in np.flatnonzero(change > 0):  # noqa: E741
        limit = elastic.limits[l]
        mine = missing.where((missing.keys["l"] == l) & (missing.coefficients > 1e-6 * change[l]))
        months, by = mine.keys["t"], float(change[l])
        last = limit.last[limit.first == months.max()].max()
        servers = _servers(elastic, limit, x, int(months[np.argmax(mine.coefficients)]), by)
        label = elastic.case.months
        yield _of_limit(limit, by, label[int(months.min())], label[int(last)], servers)


def _of_limit(limit: Limit, change: float, first: str, last: str, servers: str) -> Shortage:
    needed, has = (limit.has + change, limit.has) if limit.kind.sign > 0 else (limit.has, limit.has - change)
    unit = "points" if limit.unit == "fraction" else limit.unit
    short = f"{amount(100 * change if unit == 'points' else change, unit)}"
    sentence = limit.kind.short.format(where=limit.where, when=when(first, last), needed=amount(needed, limit.unit),
                                       has=amount(has, limit.unit), short=short)  # fmt: skip
    return Shortage(limit.kind.name, limit.where, first, last, needed, has, change, limit.unit, f"{sentence}{servers}.")


def _servers(elastic: Elastic, limit: Limit, x: Floats, t: int, change: float) -> str:
    """Say how many servers of the site the shortage comes to."""
    if limit.kind not in (POWER, RACKS):
        return ""
    case, fleet = elastic.case, elastic.built.model["fleet"]
    site = next(s for s, one in enumerate(case.sites) if one.id == limit.where)
    there = fleet.view.where((fleet.view.keys["s"] == site) & (fleet.view.keys["t"] == t))
    server = case.servers[int(there.keys["k"][np.argmax(x[there.columns])])]
    each = server.active_kw * case.sites[site].pue if limit.kind is POWER else server.rack_units
    count = math.ceil(change / each - 1e-6)
    return f" ({count} {server.id})" if count else ""


def _cause(model: Model, undone: Undone) -> tuple[str, str, str]:
    """Return what keeps the work from being done, where, and the words for it."""
    case, workload = model.case, model.case.scenario.workloads[undone.w]
    pairs = {(k, s) for k, s, w in model.options.owned if w == undone.w}
    rented = _may_rent(model, undone.w)
    if not pairs and not rented:
        return _nowhere(model, undone.w)
    orders = [one for one in model.cohorts if (one.server, one.site) in pairs and one.fixed is None]
    dual = case.scenario.servers.dual_running_months
    first = min((one.in_service + dual for one in orders), default=case.horizon)
    without = "what may be rented is not enough" if rented else _why_not_rented(model, undone.w)
    if pairs and not orders:
        return "servers considered", workload.name, f": no server that can run it may be ordered, and {without}"
    if pairs and (undone.last < first or (undone.first < first and not rented)):
        server = min((case.servers[k] for k, _ in pairs), key=lambda one: one.lead_months)
        site = min((case.sites[s] for _, s in pairs), key=lambda one: one.opens)
        late = site.opens > server.lead_months
        ready = f"before {case.months[first]}" if first < case.horizon else "within the horizon"
        takes = count_of(server.lead_months + dual, "month")
        reason = f"{site.id} opens late" if late else f"{server.id} takes {takes}"
        reason += f", with dual running of {count_of(dual, 'month')}" if dual else ""
        why = f": no server that is ordered can take work {ready} ({reason}), and {without}"
        return ("opening of the site", site.id, why) if late else ("lead time", server.id, why)
    return "capacity", workload.name, "" if rented and pairs else f": {without}"


def _nowhere(model: Model, w: int) -> tuple[str, str, str]:
    """Say why a workload has nothing at all to run on."""
    case, workload = model.case, model.case.scenario.workloads[w]
    offers, sites = len(case.offers), len(case.sites)
    gpus = [one.gpu for one in case.offers] + [one.gpu for one in case.servers]
    countries = {one.country for one in case.offers} | {one.country for one in case.sites}
    if workload.residency is not None and not countries & set(workload.residency):
        considered = f"none of what is considered ({count_of(offers, 'offer')}, {count_of(sites, 'site')}) is there"
        return "residency", workload.name, f": it must stay in {' or '.join(workload.residency)}, and {considered}"
    if not any(case.speed(w, gpu) for gpu in gpus):
        return "speed", workload.name, ": no server or offer considered has a GPU for which it has a speed"
    unknown = [reason for name, reason in case.left_out if "unknown" in reason and name in {o.id for o in case.offers}]
    if unknown:
        family = "carbon cap" if unknown[0].startswith("carbon is capped") else "unknown price"
        return family, workload.name, f": {unknown[0]}"
    words = f": {_why_not_rented(model, w)}, and no server may serve it"
    return ("kinds of offers" if not case.scenario.offers.kinds else "places"), workload.name, words


def _may_rent(model: Model, w: int) -> bool:
    return any(model.has(name) and (model[name].view.keys["w"] == w).any()
               for name in ("on_demand", "spot", "committed", "covered", "api"))  # fmt: skip


def _why_not_rented(model: Model, w: int) -> str:
    case, workload = model.case, model.case.scenario.workloads[w]
    if "rented" not in workload.allowed_on:
        return "it may not run on rented capacity"
    if not case.scenario.offers.kinds:
        return "no kind of offer is allowed"
    if workload.residency is not None and not {one.country for one in case.offers} & set(workload.residency):
        return f"no offer considered is in {' or '.join(workload.residency)}"
    return "nothing that may be rented can run it"
