"""Audit of what no row of the program says: signs, whole numbers, placement, opening times, what is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from planner.case import Api, Offer
from planner.catalog.facts import INDEX
from planner.model.audit.facts import KEYS, RENTED, STANDBY, Facts, difference, excess, worst
from planner.scenario.finance_schema import OperatingLease, Way
from planner.scenario.schema import Serving, Training, Workload

SIGN = 1e-9
"""Values may be this far below 0 by rounding."""

_SWITCHES = ("owns", "bought", "settled")


def values_are_not_negative(facts: Facts) -> float:
    """Every decision ≥ 0 and a number."""
    lowest = [table["value"].min(skipna=False) for table in facts.plan.tables.values() if len(table)]
    return worst(excess(-value, 0.0) for value in lowest if not value >= -SIGN)


def whole_numbers_are_whole(facts: Facts) -> float:
    """|value − nearest whole number| = 0   where the scenario asks for whole numbers; switches are 0 or 1."""
    whole = facts.case.scenario.whole
    asked = [*_SWITCHES, *(["buy", "sell"] if whole.servers else []), *(["commit"] if whole.commitments else [])]
    asked += ["on_demand_instances", "spot_instances"] if whole.instances else []
    values = [facts.table(name, "")["value"].to_numpy(float) for name in asked]
    staff = facts.table("staff", "pt")
    values.append(staff["value"][[facts.case.pools[p].whole for p in staff["p"]]].to_numpy(float))
    switches = [excess(facts.table(name, "")["value"], 1.0) for name in _SWITCHES]
    return max(worst(switches), worst(difference(one - np.round(one), 0.0) for one in values))


def placement_is_allowed(facts: Facts) -> float:
    """Value of every use in a block that may not serve its workload = 0.

    Speed, `allowed_on`, residency, a price for what it is sold as and for what comes on top, an index only where
    neither residency nor whole instances are asked, spot and API only where the workload has them, standby only where
    something must stand by.
    """
    used = facts.use[facts.use["value"] > SIGN]
    places = used.groupby(["block", "k", "s", "o", "v", "a", "w"])["value"].max().reset_index()
    return worst(place["value"] for place in records(places) if not _may(facts, place))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by column."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _may(facts: Facts, place: dict[str, Any]) -> bool:
    case, block = facts.case, place["block"]
    k, s, o, v, a, w = (place[key] for key in "ksovaw")
    workload = case.scenario.workloads[w]
    if block in STANDBY and not _stands_by(workload):
        return False
    if block == "unserved":
        return workload.unserved_usd_per_unit is not None
    if block == "api":
        return _api_may(facts, case.apis[a], workload)
    if block.startswith("own"):
        return _fits(workload, case.servers[k].gpu, "owned", case.sites[s].country)
    kind = block.removesuffix("_standby")
    sold = {
        "on_demand": case.offers[o].on_demand is not None,
        "spot": case.offers[o].spot is not None and _takes_spot(workload),
        "covered": v >= 0 and o in case.savings_plans[v].rates,
    }  # fmt: skip
    return sold.get(kind, True) and _rented_may(facts, case.offers[o], workload)


def _stands_by(workload: Workload) -> bool:
    return isinstance(workload, Serving) and (workload.headroom_fraction > 0 or workload.survive_loss is not None)


def _takes_spot(workload: Workload) -> bool:
    restarts = not isinstance(workload, Training) or workload.checkpoints
    return workload.spot is not None and workload.spot.share_fraction > 0 and restarts


def _fits(workload: Workload, gpu: str, where: str, country: str) -> bool:
    at_home = workload.residency is None or country in workload.residency
    return gpu in workload.speed and where in workload.allowed_on and at_home


def _rented_may(facts: Facts, offer: Offer, workload: Workload) -> bool:
    known = [
        offer.egress_per_gb is not None or workload.egress_gb_per_unit == 0,
        offer.storage_per_gb_month is not None or workload.storage_gb_per_gpu == 0,
        offer.carbon_kg_per_gpu_hour is not None or not facts.carbon_must_be_known,
    ]  # fmt: skip
    asks = workload.residency is not None or facts.case.scenario.whole.instances
    return _fits(workload, offer.gpu, "rented", offer.country) and all(known) and not (asks and _index(facts, offer))


def _index(facts: Facts, offer: Offer) -> bool:
    """Say whether a price of `offer` is one that nobody sells exactly."""
    return offer.id in {one.row.split("/")[0] for one in facts.case.evidence if one.basis == INDEX}


def _api_may(facts: Facts, offer: Api, workload: Workload) -> bool:
    tokens = getattr(workload, "api", None)
    if tokens is None or offer.id not in tokens.offers or facts.carbon_must_be_known:
        return False
    prices = {"input": offer.input, "cached_input": offer.cached_input, "output": offer.output}
    known = all(price is not None or getattr(tokens, f"{part}_mtok_per_unit") == 0 for part, price in prices.items())
    return known and (workload.residency is None or offer.country in workload.residency)


def offers_are_open(facts: Facts) -> float:
    """Use on demand, on spot or under a savings plan, and new commitments, in months when the offer is closed = 0."""
    rows = facts.of("on_demand", "on_demand_standby", "spot", "covered")
    closed = [not facts.case.offers[o].open[t] for o, t in zip(rows["o"], rows["t"], strict=True)]
    contracts = records(facts.plan.contracts)
    started = _of(facts.table("commit", "n"), "n", contracts, lambda contract: _opens(facts, contract))
    return max(excess(rows["value"][closed], 0.0), started)


def _opens(facts: Facts, contract: dict[str, Any]) -> bool:
    start, offer = contract["starts"], facts.case.offers[contract["offer"]]
    return not pd.isna(contract["fixed"]) or (0 <= start < facts.case.horizon and bool(offer.open[start]))


def orders_are_possible(facts: Facts) -> float:
    """What is bought or committed that cannot be, or is not what its cohort or contract says = 0.

    Servers are ordered in months when they are sold, delivered after the lead time within the horizon to a site that
    is open, retire after their life, leased ones at the end of their term if that is sooner. They are sold after a
    month of service, no later than they retire; what is leased and given back is not. They are paid in a way that
    the scenario allows. Commitments run for the months of their term, and a pool holds one offer.
    """
    cohorts, contracts = records(facts.plan.cohorts), records(facts.plan.contracts)
    offers = [pool["offer"] for pool in records(facts.plan.pools)]
    sells = facts.table("sell", "ht")
    sold = [(cohorts[h], t) for h, t in zip(sells["h"], sells["t"], strict=True)]
    untimely = [not _sellable_from(facts, cohort) <= t <= cohort["retires"] for cohort, t in sold]
    found = [
        _of(facts.table("buy", "h"), "h", cohorts, lambda cohort: _cohort_may(facts, cohort)),
        _of(facts.table("commit", "n"), "n", contracts, lambda contract: _contract_may(facts, contract, offers)),
        excess(sells["value"][untimely], 0.0),
    ]
    return worst([*found, *_disagreements(facts)])


def _of(table: pd.DataFrame, key: str, parts: list[dict[str, Any]], may: Callable[[dict[str, Any]], bool]) -> float:
    """Largest value of `table` of a cohort or contract that may not be."""
    wrong = [number for number, part in enumerate(parts) if not may(part)]
    return excess(table["value"][table[key].isin(wrong)], 0.0)


def _cohort_may(facts: Facts, cohort: dict[str, Any]) -> bool:
    server, site = facts.case.servers[cohort["server"]], facts.case.sites[cohort["site"]]
    ordered, service, way = cohort["ordered"], cohort["in_service"], way_to_pay(facts, cohort)
    term = way.term_months if isinstance(way, OperatingLease) else server.life_months
    if cohort["retires"] != service + min(term, server.life_months):
        return False
    if not pd.isna(cohort["fixed"]):
        return bool(ordered <= min(service, 0) and service < facts.case.horizon)
    if way is None and not facts.case.scenario.servers.cash:
        return False
    in_time = 0 <= ordered < facts.case.horizon and site.opens <= service < facts.case.horizon
    return in_time and bool(server.orderable[ordered]) and service == ordered + server.lead_months


def way_to_pay(facts: Facts, cohort: dict[str, Any]) -> Way | None:
    """How a cohort is paid; None is cash."""
    return facts.case.scenario.financing[cohort["way"] - 1] if cohort["way"] else None


def _sellable_from(facts: Facts, cohort: dict[str, Any]) -> float:
    return float("inf") if isinstance(way_to_pay(facts, cohort), OperatingLease) else float(cohort["in_service"] + 1)


def _contract_may(facts: Facts, contract: dict[str, Any], offers: list[int]) -> bool:
    if offers[contract["pool"]] != contract["offer"]:
        return False
    if not pd.isna(contract["fixed"]):
        return True
    term = facts.case.terms[int(contract["term"])]
    return bool(term.offer == contract["offer"] and term.months == contract["months"])


def _disagreements(facts: Facts) -> Iterator[float]:
    """Values of rows whose keys are not those of their cohort or contract."""
    for frame, index, tables, names in (
        (facts.plan.cohorts, "h", ("buy", "sell", "kept"), {"k": "server", "s": "site"}),
        (facts.plan.cohorts, "h", ("buy",), {"t": "ordered"}),
        (facts.plan.contracts, "n", ("commit",), {"q": "pool", "o": "offer", "t": "starts"}),
    ):
        for table in (facts.table(name, index + "".join(names)) for name in tables):
            for key, column in names.items() if len(table) else ():
                said = frame[column].to_numpy(np.int64)[table[index]]
                yield excess(table["value"][table[key].to_numpy() != said], 0.0)


def holds_are_constant(facts: Facts) -> float:
    """Most − least of what a training workload holds in one place over the hours of a month = 0."""
    training = [w for w, one in enumerate(facts.case.scenario.workloads) if isinstance(one, Training)]
    rows = facts.of("own", *RENTED, "unserved")
    rows = rows[rows["w"].isin(training)]
    held = rows.groupby(["block", *(key for key in KEYS if key != "g"), "t"])["value"].agg(["min", "max", "count"])
    everywhere = np.bincount(facts.month, minlength=facts.case.horizon)[held.index.get_level_values("t")]
    least = held["min"].to_numpy(float) * (held["count"].to_numpy() == everywhere)
    return excess(held["max"].to_numpy(float), least)


def existing_is_kept(facts: Facts) -> float:
    """What is owned or committed already = what the scenario says; what is always paid is paid once."""
    case, plan = facts.case, facts.plan
    owned, committed = Counter[tuple[float, ...]](), Counter[tuple[float, ...]]()
    for held in case.existing_servers:
        ordered = held.ordered if held.way else min(held.since, 0)
        owned[held.item, held.site, held.since, held.usd, held.way, ordered] += held.count
    for held in case.existing_commitments:
        committed[held.item, held.since, held.months, held.usd] += held.count
    return max(
        _kept(owned, plan.cohorts, facts.table("buy", "h"), "h",
              "server", "site", "in_service", "usd_paid", "way", "ordered"),
        _kept(committed, plan.contracts, facts.table("commit", "n"), "n", "offer", "starts", "months", "usd_per_hour"),
        _spent(facts),
        difference(facts.table("always", "z")["value"].sum(), 1.0),
    )  # fmt: skip


def _spent(facts: Facts) -> float:
    """Savings plans that began before the first month are those that the scenario says."""
    found = facts.table("spend", "vt")
    left = Counter[tuple[int, int]]()
    for v, t, usd in zip(found["v"], found["t"], found["value"], strict=True):
        if t < 0:
            left[v, t] += usd
    for one in facts.case.existing_savings_plans:
        left[one.plan, one.since] -= one.usd_per_hour  # type: ignore[assignment]
    return difference(list(left.values()), 0.0)


def _kept(
    given: Counter[tuple[float, ...]], parts: pd.DataFrame, table: pd.DataFrame, index: str, *columns: str
) -> float:
    left = {key: float(count) for key, count in given.items()}
    found = records(parts)
    for number, value in zip(table[index], table["value"], strict=True):
        if not pd.isna(found[number]["fixed"]):
            key = tuple(float(found[number][name]) for name in columns)
            left[key] = left.get(key, 0.0) - value
    return difference(list(left.values()), 0.0)
