"""What a plan decides, in the words of a purchase order: purchases, commitments, rentals, and the mix by month."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.kinds import AT_WORK
from planner.analysis.months import by_months
from planner.analysis.study import Outcome, Study
from planner.costs.purchase import price_paid
from planner.decisions import Model
from planner.program import Floats

_KINDS = {block: kind for block, kind in AT_WORK.items() if kind != "owned"}


def decisions(study: Study, outcome: Outcome) -> dict[str, Any]:
    """Return the decisions of `outcome` as plan.json shows them; USD nominal, from its ledger."""
    return {
        "purchases": _purchases(study, outcome),
        "sales": _sales(study, outcome),
        "commitments": _commitments(study, outcome),
        "savings_plans": _savings_plans(study, outcome),
        "rentals": _rentals(study, outcome),
        "api": _api(study, outcome),
        "staff": _staff(study, outcome),
        "by_month": by_month(study, outcome),
    }


def _values(study: Study, outcome: Outcome, block: str) -> tuple[dict[str, list[int]], Floats]:
    view = study.built.model[block].view
    value = outcome.answer.x[view.columns]
    used = np.flatnonzero(np.abs(value) > 1e-9)
    return {key: array[used].tolist() for key, array in view.keys.items()}, value[used]


def _purchases(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    case, model = study.case, study.built.model
    keys, value = _values(study, outcome, "buy")
    rows = []
    for h, count in zip(keys["h"], value.tolist(), strict=True):
        cohort = model.cohorts[h]
        if cohort.fixed is not None:
            continue
        server = case.servers[cohort.server]
        price = float(server.purchase.values[cohort.ordered])
        rows.append({
            "server": server.id, "site": case.sites[cohort.site].id, "month": case.months[cohort.ordered],
            "in_service": case.months[cohort.in_service], "servers": count, "gpus": count * server.gpus,
            "financing": case.way_name(cohort.way), "usd_per_server": price, "usd": count * price,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["month"], row["site"], row["server"], row["financing"]))


def _sales(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    case, paid = study.case, price_paid(study.built.model)
    keys, value = _values(study, outcome, "sell")
    rows = []
    for h, t, count in zip(keys["h"], keys["t"], value.tolist(), strict=True):
        cohort = study.built.model.cohorts[h]
        server = case.servers[cohort.server]
        age = min(max(t - cohort.in_service, 0), server.life_months)
        rows.append({
            "server": server.id, "site": case.sites[cohort.site].id, "month": case.months[min(t, case.horizon - 1)],
            "servers": count, "usd": count * float(server.resale_fraction[age] * paid[h]),
        })  # fmt: skip
    return rows


def _commitments(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    case, model = study.case, study.built.model
    paid = outcome.ledger[outcome.ledger["component"] == "commitments"].groupby("item")["cost_usd"].sum()
    keys, value = _values(study, outcome, "commit")
    rows = []
    for n, count in zip(keys["n"], value.tolist(), strict=True):
        contract = model.contracts[n]
        rows.append({
            "offer": case.offers[contract.offer].id,
            "term": None if contract.term is None else case.terms[contract.term].id,
            "month": case.months[contract.starts] if contract.starts >= 0 else None, "term_months": contract.months,
            "instances": count, "existing": contract.fixed is not None,
            "usd": float(paid.get(model.program.label("n", n), 0.0)),
        })  # fmt: skip
    return rows


def _savings_plans(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    case = study.case
    keys, value = _values(study, outcome, "spend")
    return [
        {"plan": case.savings_plans[v].id, "month": case.months[t], "term_months": case.savings_plans[v].months,
         "usd_per_hour": spend}
        for v, t, spend in zip(keys["v"], keys["t"], value.tolist(), strict=True) if t >= 0
    ]  # fmt: skip


def _rentals(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Rented GPU-hours and USD by offer, kind and workload.

    What is not billed by workload (commitments, savings plans, whole instances) is shared out by GPU-hours.
    """
    case, model = study.case, study.built.model
    hours = case.demand.hours
    found: dict[tuple[int, str, int], float] = {}
    for block, kind in _KINDS.items():
        if not model.has(block):
            continue
        view = model[block].hourly
        gpu_hours = hours[view.keys["g"]] * outcome.answer.x[view.columns]
        for o, w, amount in zip(view.keys["o"].tolist(), view.keys["w"].tolist(), gpu_hours.tolist(), strict=True):
            if amount > 1e-9:
                found[o, kind, w] = found.get((o, kind, w), 0.0) + amount
    direct, shared = _paid(study, outcome)
    together: dict[tuple[int, str], float] = {}
    for (o, kind, _), amount in found.items():
        together[o, kind] = together.get((o, kind), 0.0) + amount
    return [
        {
            "offer": case.offers[o].id,
            "kind": kind,
            "workload": case.scenario.workloads[w].name,
            "gpu_hours": amount,
            "usd": direct.get((o, kind, w), 0.0) + shared.get((o, kind), 0.0) * amount / together[o, kind],
        }
        for (o, kind, w), amount in sorted(found.items())
    ]


def _paid(study: Study, outcome: Outcome) -> tuple[dict[tuple[int, str, int], float], dict[tuple[int, str], float]]:
    """USD by offer, kind and workload where the cost lines know the workload, by offer and kind where they do not."""
    direct: dict[tuple[int, str, int], float] = {}
    shared: dict[tuple[int, str], float] = {}
    kinds = {"on_demand": "on_demand", "spot": "spot", "commitments": "committed"}
    for lines in study.built.lines:
        kind = kinds.get(lines.component)
        if kind is None:
            continue
        keys = lines.view.keys
        usd = lines.usd * lines.view.coefficients * outcome.answer.x[lines.view.columns]
        for index in np.flatnonzero(usd).tolist():
            o, amount = int(keys["o"][index]), float(usd[index])
            if "w" in keys:
                at = (o, kind, int(keys["w"][index]))
                direct[at] = direct.get(at, 0.0) + amount
            else:
                shared[o, kind] = shared.get((o, kind), 0.0) + amount
    for o, amount in _covered_shares(study, outcome).items():
        shared[o, "committed"] = shared.get((o, "committed"), 0.0) + amount
    return direct, shared


def _covered_shares(study: Study, outcome: Outcome) -> dict[int, float]:
    """USD of savings plans by offer, shared out by GPU-hours."""
    model = study.built.model
    if not model.has("covered"):
        return {}
    view = model["covered"].hourly
    hours = study.case.demand.hours[view.keys["g"]] * outcome.answer.x[view.columns]
    ledger = outcome.ledger
    paid = float(ledger.loc[ledger["component"] == "savings_plans", "cost_usd"].sum())
    by_offer = np.bincount(view.keys["o"], hours)
    return {o: paid * float(share) for o, share in enumerate(by_offer / by_offer.sum())} if by_offer.sum() else {}


def _api(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    case, model = study.case, study.built.model
    if not model.has("api"):
        return []
    view = model["api"].hourly
    units: dict[tuple[int, int], float] = {}
    work = case.demand.hours[view.keys["g"]] * outcome.answer.x[view.columns]
    for a, w, amount in zip(view.keys["a"].tolist(), view.keys["w"].tolist(), work.tolist(), strict=True):
        if amount > 1e-9:
            units[a, w] = units.get((a, w), 0.0) + amount
    api_rows = outcome.ledger[outcome.ledger["component"] == "api"].groupby("item")["cost_usd"].sum()
    return [
        {"offer": case.apis[a].id, "workload": case.scenario.workloads[w].name, "work_units": amount,
         "usd": float(api_rows.get(f"{case.apis[a].id} @ {case.scenario.workloads[w].name}", 0.0))}
        for (a, w), amount in sorted(units.items())
    ]  # fmt: skip


def _staff(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    case = study.case
    keys, value = _values(study, outcome, "staff")
    return [
        {"pool": case.pools[p].name, "month": case.months[t], "fte": fte}
        for p, t, fte in zip(keys["p"], keys["t"], value.tolist(), strict=True)
    ]


def by_month(study: Study, outcome: Outcome) -> list[dict[str, Any]]:
    """Owned and committed GPUs in each month, GPU-hours by kind that did work, and cost."""
    case, model, x = study.case, study.built.model, outcome.answer.x
    horizon = case.horizon
    gpus_k, gpus_o = [server.gpus for server in case.servers], [offer.gpus for offer in case.offers]
    owned = _per_month(model, "fleet", x, np.array(gpus_k), "k", horizon)
    committed = _per_month(model, "active", x, np.array(gpus_o), "o", horizon)
    work = {name: _hourly_sum(model, name, x, case.demand.hours, horizon) for name in (*AT_WORK, "api", "unserved")}
    ledger = outcome.ledger
    cost = by_months(ledger["month"].to_numpy(int), ledger["cost_usd"].to_numpy(float), horizon)
    return [
        {
            "month": case.months[t], "owned_gpus": float(owned[t]), "committed_gpus": float(committed[t]),
            "owned_gpu_hours": float(work["own"][t]),
            "committed_gpu_hours": float(work["committed"][t] + work["covered"][t]),
            "on_demand_gpu_hours": float(work["on_demand"][t]), "spot_gpu_hours": float(work["spot"][t]),
            "api_work_units": float(work["api"][t]), "unserved_work_units": float(work["unserved"][t]),
            "cost_usd": float(cost[t]),
        } for t in range(horizon)
    ]  # fmt: skip


def _per_month(model: Model, block: str, x: Floats, gpus: np.ndarray, key: str, horizon: int) -> Floats:
    if not model.has(block):
        return np.zeros(horizon)
    view = model[block].view
    return by_months(view.keys["t"], gpus[view.keys[key]] * x[view.columns], horizon)


def _hourly_sum(model: Model, block: str, x: Floats, hours: Floats, horizon: int) -> Floats:
    if not model.has(block):
        return np.zeros(horizon)
    view = model[block].hourly
    return by_months(view.keys["t"], hours[view.keys["g"]] * x[view.columns], horizon)
