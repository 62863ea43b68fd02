"""What a scenario assumes beside the catalog, each with its source."""

from __future__ import annotations

from typing import Any

from planner.scenario.schema import Scenario


def scenario_inputs(scenario: Scenario) -> list[dict[str, Any]]:
    """Return rows {input, value, unit, source} for the assumptions register."""
    finance = scenario.finance
    rows = [_row("discount rate (WACC)", float(finance.wacc_fraction), "per year, nominal", finance.source)]
    rows.append(_row("running costs are paid", finance.running_costs.replace("_", " "), "", "scenario"))
    for workload in scenario.workloads:
        for gpu, speed in workload.speed.items():
            unit = f"{workload.unit} per GPU-hour"
            rows.append(_row(f"{workload.name} on {gpu}", float(speed), unit, workload.speed_source))
    rows += [
        _row(f"discount of {one.provider} on {one.kind}", float(one.fraction), "fraction", one.source)
        for one in scenario.discounts
    ]
    for path in scenario.price_paths:
        value = path.annual_rate if path.annual_rate is not None else path.factor
        rows.append(_row(f"price path of {path.rows}", None if value is None else float(value), path.kind, path.source))
    rows += [
        _row(f"USD for one {rate.currency}", float(rate.usd_per_unit), str(rate.date), rate.source)
        for rate in scenario.exchange_rates
    ]
    for cost in scenario.project:
        unit = f"USD a month for {cost.months} months, {cost.when.replace('_', ' ')}"
        rows.append(_row(f"project: {cost.name}", float(cost.usd_per_month), unit, cost.source))
    if scenario.contingency_fraction:
        rows.append(_row("contingency", float(scenario.contingency_fraction), "of outlay and project", "scenario"))
    return rows


def _row(name: str, value: float | str | None, unit: str, source: str) -> dict[str, Any]:
    return {"input": name, "value": value, "unit": unit, "source": source}
