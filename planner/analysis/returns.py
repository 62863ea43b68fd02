"""Each option against each baseline: breakeven, net present value, internal rate of return, payback."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.analysis.months import by_months
from planner.analysis.options import BASELINES, OPTIONS
from planner.analysis.statements import statements, tax_facts
from planner.analysis.study import Outcome, Study, buys
from planner.case import Case
from planner.components import NEGOTIATED
from planner.costs.carbon import RENTED_TONNES
from planner.costs.licences import RENTED
from planner.costs.tax import TAX_ON_DISPOSAL
from planner.decisions import delivered
from planner.finance import (
    CostProfile,
    breakeven_hours,
    breakeven_months,
    breakeven_utilization,
    equivalent_annual,
    irr_roots,
    mirr,
    npv,
    profitability_index,
)
from planner.program import Floats
from planner.units import MONTHS_PER_YEAR

_RENTED_COMPONENTS = (
    "on_demand", "spot", "commitments", "savings_plans", "egress", "rented_storage", "managed_service"
)  # fmt: skip
_NOISE = 1e-13
"""Of all that is paid: a difference of two options below it is rounding."""


def profile(ledger: pd.DataFrame, horizon: int, *, with_resale: bool, present: bool = False) -> CostProfile:
    """Return the cost profile of a ledger: payments at the start of months, running costs, and the horizon's end.

    Without resale, neither resale and its tax nor the removal of servers that are valued at the horizon's end count;
    debt that is settled then does, in the last month. Payments after the horizon fall at its end.
    """
    timing, month = ledger["timing"].to_numpy(object), ledger["month"].to_numpy(int)
    amount = ledger["present_usd" if present else "cost_usd"].to_numpy(float)
    if not with_resale:
        at_end = timing == "horizon"
        disposed = at_end & (ledger["treatment"] == "disposal").to_numpy()
        sold = ledger["component"].isin(["resale", TAX_ON_DISPOSAL]).to_numpy() | disposed
        amount = np.where(sold, 0.0, amount)
        timing, month = np.where(at_end, "year_end", timing), month - at_end
    inside = (month < horizon) & (timing != "horizon")
    at_start = inside & (timing == "start")
    at_end = inside & ~at_start
    return CostProfile(
        np.bincount(month[at_start], amount[at_start], horizon),
        np.bincount(month[at_end], amount[at_end], horizon),
        float(amount[~inside].sum()),
    )


def flows(study: Study, option: Outcome, baseline: Outcome) -> tuple[Floats, Floats]:
    """Return what `option` saves against `baseline`: USD and times in years, first time 0."""
    horizon = study.case.horizon
    shift = {"running": 0 if study.case.scenario.finance.running_costs == "start_of_month" else 1, "year_end": 1}
    last = max(int(one.ledger["month"].to_numpy(int).max(initial=horizon)) for one in (option, baseline)) + 2
    saved = np.zeros(last)
    for ledger, sign in ((baseline.ledger, 1.0), (option.ledger, -1.0)):
        month = ledger["month"].to_numpy(int) + ledger["timing"].map(shift).fillna(0).to_numpy(int)
        saved += sign * np.bincount(month, ledger["cost_usd"].to_numpy(float), last)
    return saved, np.arange(last) / MONTHS_PER_YEAR


def breakevens(study: Study) -> dict[str, Any]:
    """Breakeven months of every option against every baseline; null where it never breaks even or buys nothing."""
    result: dict[str, Any] = {}
    for name in OPTIONS:
        option = study.outcomes[name]
        result[name] = None if option is None else {}
        for other in BASELINES if option else ():
            baseline = study.outcomes[other]
            result[name][other] = None if baseline is None else breakeven(study, option, baseline)  # type: ignore[arg-type]
    result |= busy_hours_to_break_even(study)
    return result


def breakeven(study: Study, option: Outcome, baseline: Outcome) -> dict[str, Any]:
    """Return the months after which `option` has cost no more than `baseline`; null for never, or no purchase."""
    horizon = study.case.horizon
    empty = {"months": None, "discounted_months": None, "months_with_resale": None, "only_by_resale": False}
    if not buys(study.built, option.answer.x):
        return empty
    found: dict[str, Any] = {}
    for key, with_resale, present in (
        ("months", False, False), ("discounted_months", False, True), ("months_with_resale", True, False)
    ):  # fmt: skip
        ours = profile(option.ledger, horizon, with_resale=with_resale, present=present)
        theirs = profile(baseline.ledger, horizon, with_resale=with_resale, present=present)
        found[key] = breakeven_months(ours, theirs, include_final=with_resale)
    found["only_by_resale"] = found["months"] is None and found["months_with_resale"] is not None
    return found


def busy_hours_to_break_even(study: Study) -> dict[str, float | None]:
    """Busy hours and busy fraction at which the servers of `buy` cost what renting the same work costs, before tax.

    Hours: capex ÷ (rented − owned running cost) per busy hour of one server, as busy as it is in the plan. Fraction: of
    the life, where what stands whether busy or not counts by the month, and only what work adds by the hour. The cloud
    mix is what is rented, on-demand where there is none.
    """
    empty: dict[str, float | None] = {"utilization_fraction": None, "hours": None}
    buy, rented = study.outcomes["buy"], study.outcomes["cloud"] or study.outcomes["on_demand"]
    if buy is None or rented is None or not buys(study.built, buy.answer.x):
        return empty
    model, x, case = study.built.model, buy.answer.x, study.case
    own = model["own"].hourly if model.has("own") else None
    busy = float((case.demand.hours[own.keys["g"]] * x[own.columns]).sum()) if own is not None else 0.0
    rate = _rented_rate(study, rented, buy) if busy else None
    if rate is None:
        return empty
    count, gpus, life = 0.0, 0.0, 0.0
    for h, cohort in enumerate(model.cohorts):
        servers = float(x[model["buy"].view.columns[h]])
        if cohort.fixed is None and servers > 0:
            count += servers
            gpus += servers * case.servers[cohort.server].gpus
            life += servers * (cohort.retires - cohort.in_service)
    per_server, life_months, in_service = gpus / count, life / count, float(x[model["fleet"].columns].sum())
    outlay, standing, working = _owned_costs(study, buy)
    running = (standing + working) / busy * per_server
    for_life = (outlay / count + standing / in_service * life_months, working / busy * per_server, rate * per_server)
    hours_per_month = float(np.mean(case.demand.month_hours))
    return {
        "utilization_fraction": breakeven_utilization(
            *for_life, life_months=life_months, hours_per_month=hours_per_month
        ),
        "hours": breakeven_hours(outlay / count, running, rate * per_server),
    }


def _owned_costs(study: Study, owned: Outcome) -> tuple[float, float, float]:
    """USD of owned servers before tax and resale: paid for having them, for standing, and for working."""
    outlay = standing = working = 0.0
    for lines in study.built.lines:
        if lines.treatment == "disposal" or lines.category == "tax":
            continue
        keys = lines.view.keys
        usd = float((lines.view.coefficients * owned.answer.x[lines.view.columns]) @ lines.usd)
        if lines.category != "opex":
            outlay += usd
        elif "k" in keys or lines.component == "staff":
            standing, working = (standing, working + usd) if "g" in keys else (standing + usd, working)
    return outlay, standing, working


def _rented_rate(study: Study, rented: Outcome, owned: Outcome) -> float | None:
    """USD that renting costs for the work of one busy owned GPU-hour.

    What is rented in `rented`, per work unit and workload, in the work that a GPU of `owned` does in an hour; GPU-hours
    of workloads that own nothing count as they are.
    """
    model, count = study.built.model, len(study.case.scenario.workloads)
    units, busy = _work(study, owned, "own", count)
    speed = np.divide(units, busy, out=np.zeros(count), where=busy > 0)
    used = 0.0
    for name in RENTED:
        if model.has(name):
            units, gpu_hours = _work(study, rented, name, count)
            used += float(np.where(speed > 0, units / np.where(speed > 0, speed, 1.0), gpu_hours).sum())
    paid = _total(
        rented.ledger, lambda ledger: _is_any_of(ledger, _RENTED_COMPONENTS) | (ledger["unit"] == RENTED_TONNES)
    )
    return paid / used if used else None


def _is_any_of(ledger: pd.DataFrame, components: tuple[str, ...]) -> pd.Series[bool]:
    """Say which rows belong to `components`, with what was negotiated on them."""
    return ledger["component"].str.removeprefix(NEGOTIATED).isin(components)


def _work(study: Study, outcome: Outcome, block: str, count: int) -> tuple[Floats, Floats]:
    """Work units and GPU-hours of a block, by workload."""
    work = delivered(study.built.model, block)
    hours = study.case.demand.hours[work.keys["g"]] * outcome.answer.x[work.columns]
    by_workload = (np.bincount(work.keys["w"], amount, count) for amount in (hours * work.coefficients, hours))
    units, gpu_hours = (np.asarray(amount, float) for amount in by_workload)
    return units, gpu_hours


def _total(ledger: pd.DataFrame, rows: Any) -> float:
    return float(ledger.loc[rows(ledger), "cost_usd"].sum())


def finance(study: Study) -> dict[str, Any]:
    """Returns of every option against every baseline, the statements of all of them, and the cash flows by month."""
    case = study.case
    result: dict[str, Any] = {"wacc_fraction": case.wacc, "conventions": conventions(case), "tax": tax_facts(study)}
    for name in OPTIONS:
        option = study.outcomes[name]
        result[name] = None if option is None else {}
        for other in BASELINES if option else ():
            baseline = study.outcomes[other]
            result[name][other] = None if baseline is None else _returns(study, option, baseline)  # type: ignore[arg-type]
    result["cash_flow"] = [
        {"month": case.months[t]} | {
            f"{name}_usd": float(profile_[t]) for name, profile_ in _monthly(study).items()
        } for t in range(case.horizon)
    ]  # fmt: skip
    result["statements"] = statements(study)
    return result


def conventions(case: Case) -> dict[str, str | None]:
    """How money and its time are counted."""
    running, taxed = case.scenario.finance.running_costs, case.scenario.finance.tax is not None
    return {
        "rates": "nominal", "tax": "after" if taxed else "before", "discounting": "effective annual, by month",
        "purchases": "start of month", "running_costs": running.replace("_", " "),
        "taxes": "end of tax year" if taxed else None, "resale": "end of horizon",
        "shields": "taken to be usable" if taxed else None,
    }  # fmt: skip


def _returns(study: Study, option: Outcome, baseline: Outcome) -> dict[str, Any]:
    saved, times = flows(study, option, baseline)
    horizon = study.case.horizon
    paybacks = [
        breakeven_months(profile(option.ledger, horizon, with_resale=True, present=present),
                         profile(baseline.ledger, horizon, with_resale=True, present=present), include_final=True)
        for present in (False, True)
    ]  # fmt: skip
    wacc, years = study.case.wacc, horizon / MONTHS_PER_YEAR
    gross = sum(float(np.abs(one.ledger["cost_usd"]).sum()) for one in (option, baseline))
    saved = np.where(np.abs(saved) > _NOISE * gross, saved, 0.0)
    value = npv(wacc, saved, times)
    roots, invested = irr_roots(saved, times), paybacks[0] != 0
    rates = _rates(roots)
    life = max(years, float(times[np.flatnonzero(saved)].max(initial=0.0)))
    value = value if abs(value) > 1e-9 * gross else 0.0
    return {
        "npv_usd": value, "irr": rates[0] if invested and len(rates) == 1 else None,
        **({"irr_roots": roots} if invested and len(roots) > 1 else {}),
        "mirr": mirr(saved, times, wacc, wacc, life) if invested else None,
        "profitability_index": profitability_index(wacc, saved, times) if invested else None,
        "equivalent_annual_usd": equivalent_annual(value, wacc, years),
        "payback_months": paybacks[0], "discounted_payback_months": paybacks[1],
    }  # fmt: skip


def _rates(roots: list[float]) -> list[float]:
    """Return the roots of 0 or more, or all where there is none.

    Norstrom (1972) asks for one positive root. A payment after all savings, as the tax on the last sale, makes another
    far below 0, where nobody discounts.
    """
    return [rate for rate in roots if rate > -_NOISE] or roots


def _monthly(study: Study) -> dict[str, Floats]:
    """Nominal cost by month of every outcome; the horizon's end falls into the last month."""
    return {
        name: by_months(
            outcome.ledger["month"].to_numpy(int), outcome.ledger["cost_usd"].to_numpy(float), study.case.horizon
        )
        for name, outcome in study.outcomes.items()
        if outcome is not None
    }
