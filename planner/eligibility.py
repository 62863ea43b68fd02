"""Which option may serve which workload, and which may be left out beforehand because another is never dearer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.case import Api, Case, Offer, carbon_counts
from planner.catalog.facts import INDEX
from planner.prices import Floats, Series
from planner.scenario.schema import Serving

Pairs = Sequence[tuple[int, ...]]


@dataclass(frozen=True)
class Eligible:
    """Pairs of option and workload that may meet.

    Attributes
    ----------
    owned : (k, s, w)
    on_demand, spot : (o, w), without dominated ones
    rentable : (o, w) under a commitment or savings plan
    api : (a, w)
    terms : indices c without dominated ones
    dominated : option → the option that is never dearer
    """

    owned: Pairs
    on_demand: Pairs
    spot: Pairs
    rentable: Pairs
    api: Pairs
    terms: list[int]
    dominated: dict[tuple[str, int], str]


def eligible(case: Case) -> Eligible:
    """Find the pairs of `case`; notes in `case.left_out` every option that serves nothing, with its reason."""
    workloads = range(len(case.scenario.workloads))
    rentable = [(o, w) for o, offer in enumerate(case.offers) for w in workloads if not _why_not(case, offer, w)]
    on_demand = [(o, w) for o, w in rentable if case.offers[o].on_demand is not None]
    spot = [(o, w) for o, w in rentable if case.offers[o].spot is not None and case.scenario.workloads[w].spot]
    spot = [(o, w) for o, w in spot if float(case.scenario.workloads[w].spot.share_fraction) > 0]  # type: ignore[union-attr]
    owned = [
        (k, s, w)
        for k, server in enumerate(case.servers)
        for s, site in enumerate(case.sites)
        for w in workloads
        if case.speed(w, server.gpu) > 0 and _placed(case, w, "owned", site.country)
    ]
    api = [(a, w) for a, offer in enumerate(case.apis) for w in workloads if _api_allowed(case, offer, w)]
    for offer in case.offers:
        reasons = {w: reason for w in workloads if (reason := _why_not(case, offer, w))}
        if len(reasons) == len(workloads):
            case.left_out.append((offer.id, "; ".join(sorted(set(reasons.values())))))
        else:
            able = {w: reason for w, reason in reasons.items() if case.speed(w, offer.gpu) > 0}
            case.left_out += [(f"{offer.id} for {case.scenario.workloads[w].name}", able[w]) for w in able]
    dominated: dict[tuple[str, int], str] = {}
    on_demand_left = list(_undominated(case, on_demand, "on_demand", dominated))
    spot_left = list(_undominated(case, spot, "spot", dominated))
    terms = _undominated_terms(case, rentable, dominated)
    _note_dominated(case, on_demand, on_demand_left, "on-demand", dominated)
    _note_dominated(case, spot, spot_left, "spot", dominated)
    return Eligible(owned, on_demand_left, spot_left, rentable, api, terms, dominated)


def tokens_price(case: Case, a: int, w: int) -> Floats | None:
    """USD per work unit of workload w served by API a, by month; None when a token price it needs is unknown."""
    tokens, offer = case.scenario.workloads[w].api, case.apis[a]  # type: ignore[union-attr]
    total = np.zeros(case.horizon)
    parts = [
        (tokens.input_mtok_per_unit, offer.input),  # type: ignore[union-attr]
        (tokens.cached_input_mtok_per_unit, offer.cached_input),  # type: ignore[union-attr]
        (tokens.output_mtok_per_unit, offer.output),  # type: ignore[union-attr]
    ]
    for mtok, price in parts:
        if mtok and price is None:
            return None
        if mtok and price is not None:
            total = total + float(mtok) * price.values
    return total


def _placed(case: Case, w: int, where: str, country: str) -> bool:
    workload = case.scenario.workloads[w]
    return where in workload.allowed_on and (workload.residency is None or country in workload.residency)


def _why_not(case: Case, offer: Offer, w: int) -> str:
    """Return why workload w cannot run on `offer`, or nothing when it can."""
    workload = case.scenario.workloads[w]
    if case.speed(w, offer.gpu) == 0:
        return f"{workload.name} has no speed for {offer.gpu}"
    if _is_index(case, offer):
        if case.scenario.whole.instances:
            return "its price is an index over several offers, of which none can be rented in whole instances"
        if workload.residency is not None:
            return f"its price is an index over several offers, and {workload.name} asks where it runs"
    if not _placed(case, w, "rented", offer.country):
        if "rented" not in workload.allowed_on:
            return f"{workload.name} may not run on rented capacity"
        there = "its country is not known" if offer.country == "any" else f"it is in {offer.country}"
        return f"{there}, and {workload.name} must stay in {' or '.join(workload.residency or ())}"
    if workload.egress_gb_per_unit > 0 and offer.egress_per_gb is None:
        return f"{workload.name} sends data out and the egress price of {offer.provider} is unknown"
    if workload.storage_gb_per_gpu > 0 and offer.storage_per_gb_month is None:
        return f"{workload.name} needs storage and the storage price of {offer.provider} is unknown"
    counts = carbon_counts(case.scenario)
    if counts and offer.carbon_kg_per_gpu_hour is None:
        return f"carbon is {counts} and its carbon factor is unknown"
    return ""


def _is_index(case: Case, offer: Offer) -> bool:
    """Say whether a price in force of `offer` sums up several offers."""
    return any(one.basis == INDEX and one.row.partition("/")[0] == offer.id for one in case.evidence)


def _api_allowed(case: Case, offer: Api, w: int) -> bool:
    workload = case.scenario.workloads[w]
    tokens = getattr(workload, "api", None)
    if tokens is None or offer.id not in tokens.offers:
        return False
    if tokens_price(case, case.apis.index(offer), w) is None:
        case.left_out.append((offer.id, f"a token price that {workload.name} needs is unknown"))
        return False
    if workload.residency is not None and offer.country not in workload.residency:
        case.left_out.append((offer.id, f"{workload.name} may not be placed there (country {offer.country})"))
        return False
    if counts := carbon_counts(case.scenario):
        case.left_out.append((offer.id, f"carbon is {counts} and the carbon of a token API is unknown"))
        return False
    return True


def _by_provider_matters(case: Case) -> bool:
    """Say whether a rule looks at the provider, so that one cannot stand in for another."""
    survives = any(isinstance(w, Serving) and w.survive_loss for w in case.scenario.workloads)
    limits = case.scenario.limits
    return bool(survives or limits.provider_share_fraction or carbon_counts(case.scenario))


def _work_prices(case: Case, o: int, w: int, kind: str) -> Floats:
    """Return what a work unit costs on offer o, array [part, t]: rate, egress, storage; infinite where not on offer.

    The parts are compared one by one: standby pays no egress, whole instances pay the rate also for GPUs that do
    nothing, and work lost on spot is not sent out.
    """
    offer, workload = case.offers[o], case.scenario.workloads[w]
    speed = case.speed(w, offer.gpu)
    none = Series(np.zeros(case.horizon), ())
    egress = (offer.egress_per_gb or none).values if workload.egress_gb_per_unit else none.values
    storage = (offer.storage_per_gb_month or none).values if workload.storage_gb_per_gpu else none.values
    parts = np.array([getattr(offer, kind).values / speed, egress, storage / speed])
    return np.where(offer.open, parts, np.inf)


def _undominated(
    case: Case, pairs: Pairs, kind: str, dominated: dict[tuple[str, int], str]
) -> Iterator[tuple[int, ...]]:
    """Drop a pair when another offer does the same work, without a limit of its own, never dearer.

    Only pairs that no provider rule, instance size, licence or people per GPU tells apart are compared.
    """
    whole = case.scenario.whole.instances
    people = any(pool.covers_rented for pool in case.pools) or case.scenario.offers.licence_usd_per_gpu_hour > 0
    limit = {"on_demand": "quota_gpus", "spot": "depth_gpus"}[kind]
    price = {(o, w): _work_prices(case, o, w, kind) for o, w in pairs}
    for o, w in pairs:
        for other, v in pairs:
            mine, rival = case.offers[o], case.offers[other]
            if v != w or other == o or np.isfinite(getattr(rival, limit)):
                continue
            speeds = case.speed(w, mine.gpu), case.speed(w, rival.gpu)
            if _by_provider_matters(case) or (whole and (rival.gpus, speeds[1]) != (mine.gpus, speeds[0])):
                continue
            if people and speeds[1] < speeds[0]:
                continue
            never_dearer = (price[other, w] <= price[o, w]).all() and not np.isinf(price[other, w]).any()
            ties = (price[other, w] == price[o, w]).all() and other > o
            if never_dearer and not ties:
                dominated[f"{mine.id} {kind}", w] = rival.id
                break
        else:
            yield (o, w)


def _undominated_terms(case: Case, rentable: Pairs, dominated: dict[tuple[str, int], str]) -> list[int]:
    """Drop a commitment when another of the same shape does all its work, never dearer, in instances no larger."""
    uses = {o: {w for p, w in rentable if p == o} for o in range(len(case.offers))}
    kept = []
    for c, term in enumerate(case.terms):
        rival = next((d for d in range(len(case.terms)) if d != c and _stands_in(case, uses, c, d)), None)
        if not uses[term.offer]:
            continue
        if rival is None:
            kept.append(c)
            continue
        dominated[term.id, -1] = case.terms[rival].id
        case.left_out.append((term.id, f"{case.terms[rival].id} does the same work and is never dearer"))
    return kept


def _stands_in(case: Case, uses: dict[int, set[int]], c: int, d: int) -> bool:
    """Say whether commitment d can always take the place of c."""
    term, other = case.terms[c], case.terms[d]
    mine, rival = case.offers[term.offer], case.offers[other.offer]
    same_shape = (term.months, term.upfront_fraction, term.billed) == (
        other.months,
        other.upfront_fraction,
        other.billed,
    )
    if not same_shape or _by_provider_matters(case) or not uses[term.offer] <= uses[other.offer]:
        return False
    if mine.gpus % rival.gpus or not rival.open.all():
        return False
    for w in uses[term.offer]:
        slower = case.speed(w, rival.gpu) < case.speed(w, mine.gpu)
        if slower or (_on_top(case, rival, w) > _on_top(case, mine, w)).any():
            return False
    never_dearer = bool((other.rate.values <= term.rate.values).all())
    equal = bool((other.rate.values == term.rate.values).all())
    return never_dearer and not (equal and d > c)


def _on_top(case: Case, offer: Offer, w: int) -> Floats:
    """Prices of egress and storage that come on top of a commitment, array [part, t]; 0 where w needs none."""
    workload = case.scenario.workloads[w]
    pairs = (
        (workload.egress_gb_per_unit, offer.egress_per_gb),
        (workload.storage_gb_per_gpu, offer.storage_per_gb_month),
    )
    return np.array([np.zeros(case.horizon) if not amount or not one else one.values for amount, one in pairs])


def _note_dominated(case: Case, pairs: Pairs, left: Pairs, kind: str, dominated: dict[tuple[str, int], str]) -> None:
    for o in sorted({pair[0] for pair in pairs} - {pair[0] for pair in left}):
        offer = case.offers[o]
        name = f"{offer.id} {kind.replace('-', '_')}"
        rivals = sorted({rival for (option, _), rival in dominated.items() if option == name})
        case.left_out.append((f"{offer.id} {kind}", f"never cheaper for the same work than {', '.join(rivals)}"))
