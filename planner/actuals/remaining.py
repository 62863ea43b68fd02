"""What a scenario still asks from a month on: the same question, from there, as a scenario of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from planner.actuals.asked import Asked
from planner.actuals.news import NOTHING_NEW, News
from planner.actuals.standing import Fleet, exact
from planner.catalog.load import Catalog
from planner.costs.tax import TAX_ON_DISPOSAL
from planner.documents import Document, yaml_text
from planner.errors import Complaint, InputError, Place
from planner.plaintext import csv_text
from planner.scenario.beside import file_beside
from planner.scenario.demand_schema import Growth, SeriesFile
from planner.scenario.load import LoadedScenario, changed
from planner.scenario.schema import Batch, Scenario, Serving
from planner.scenario.series import cover, rows_of_month
from planner.units import MONTHS_PER_YEAR, fiscal_year, month_label, months_between

FILE = "scenario.yaml"
_ORDER_UNTIL = "servers.order_until"
_NO_OUTLAY = ("resale",)
_NO_CASH = ("resale", TAX_ON_DISPOSAL, "unserved")


@dataclass(frozen=True)
class Remaining:
    """The scenario of the remaining months.

    Attributes
    ----------
    files : what is to be written beside each other, by name: the scenario, its series, its price book
    notes : what it does not hold as the plan did
    not_asked : why no server may be ordered, and what asks for it; empty: some may
    """

    loaded: LoadedScenario
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    not_asked: str = ""


def remaining(
    plan: Mapping[str, Any], loaded: LoadedScenario, catalog: Catalog, asked: Asked, fleet: Fleet,
    news: News = NOTHING_NEW,
) -> Remaining:  # fmt: skip
    """Return what `loaded` asks from the month that is asked on, with `fleet` as what is there.

    Parameters
    ----------
    plan : plan.json of `loaded`, whose payments before that month count against budgets
    news : factors on demand and prices

    Raises
    ------
    InputError
        when it is no month of the plan, or something does not fit.
    """
    scenario, at, as_of = loaded.scenario, asked.at, asked.as_of
    past, months = months_between(scenario.start, at), scenario.horizon_months
    if not 0 <= past < months:
        allowed = f"{scenario.start} to {month_label(scenario.start, months - 1)}"
        raise InputError([Complaint(Place("--at"), "", "is no month of the plan", at, allowed)])
    rest = asked.horizon or months - past
    value = deepcopy(loaded.document.value) | {
        "name": f"{scenario.name[:73]}-replan", "start": at, "horizon_months": rest, **fleet,
    }  # fmt: skip
    series: dict[str, list[float]] = {}
    for item, workload in zip(value["workloads"], scenario.workloads, strict=True):
        if isinstance(workload, Serving):
            _serving(item, workload, loaded, past, rest, series)
        elif isinstance(workload, Batch):
            item["work_per_month"] = exact(float(workload.work_per_month) * _grown(workload.growth, past))
            _course(item["growth"], past, rest, months)
    value["scale"] = news.onto(scenario.scale, at, rest)
    if not value["scale"]:
        del value["scale"]
    if as_of is not None:
        value["as_of"] = as_of.isoformat()
    if not any(one.startswith(f"{_ORDER_UNTIL}=") for one in asked.settings):
        _orders(value, scenario, at)
    if scenario.project:
        value["project"] = [*_project(value["project"], plan, scenario, at, past)]
    if value.get("budgets"):
        value["budgets"] = _budgets(plan, scenario, at, past, rest)
    start = replace(loaded, document=Document(FILE, value), series=series, assignments=(), as_of=None)
    made = replace(changed(start, catalog, asked.settings), assignments=())
    notes = tuple(_notes(scenario, past, at, as_of))
    return Remaining(made, _files(made, loaded), notes, _not_asked(made.scenario, scenario))


def _grown(growth: Growth, past: int) -> float:
    """Return the level of demand after `past` months, of a yearly rate; its seasons are of the calendar."""
    rate = growth.annual_rate
    return 1.0 if rate is None else float((1 + float(rate)) ** (past / MONTHS_PER_YEAR))


def _course(item: dict[str, Any], past: int, rest: int, months: int, key: str = "monthly_factors") -> None:
    """Keep of a list by month what remains."""
    if (by_month := item.get(key)) is None:
        return
    if past + rest > months:
        message = f"ends in the old horizon: it says nothing of month {months + 1} and later"
        cure = "leave --horizon out, or give the scenario demand that goes on"
        raise InputError([Complaint(Place("--horizon"), key, message, str(rest), str(months - past), cure)])
    item[key] = by_month[past : past + rest]


def _serving(
    item: dict[str, Any], workload: Serving, loaded: LoadedScenario, past: int, rest: int,
    series: dict[str, list[float]],
) -> None:  # fmt: skip
    """Move the demand of a serving workload to begin `past` months later."""
    demand, asked, scenario = workload.demand, item["demand"], loaded.scenario
    months = scenario.horizon_months
    if demand.growth is not None:
        factor = _grown(demand.growth, past)
        if factor != 1:
            asked["scale"] = exact(float(demand.scale) * factor)
        _course(asked["growth"], past, rest, months)
    _course(asked, past, rest, months, "work_per_month")
    rows = loaded.series.get(workload.name)
    if rows is None or not isinstance(demand.shape, SeriesFile):
        return
    covers = cover(demand.shape, len(rows), scenario.start, months)
    if covers == "horizon":
        _course({"rows": rows}, past, rest, months, "rows")
        first, last = (rows_of_month(covers, scenario.start, t) for t in (past, past + rest - 1))
        kept = rows[first.start : last.stop]
        if demand.peak_per_hour is not None:
            asked["peak_per_hour"] = exact(float(demand.peak_per_hour) * max(kept) / max(rows))
        if demand.average_per_hour is not None:
            mean = (sum(kept) / len(kept)) / (sum(rows) / len(rows))
            asked["average_per_hour"] = exact(float(demand.average_per_hour) * mean)
        rows = kept
    series[workload.name] = rows
    asked["shape"] = {"csv": f"load-{workload.name}.csv", "column": demand.shape.column, "covers": covers}


def _orders(value: dict[str, Any], scenario: Scenario, at: str) -> None:
    """Close orders where the last month of this round of purchases is over."""
    last = scenario.servers.order_until
    if last is not None and last < at:
        choice = {key: item for key, item in value["servers"].items() if key not in ("order_until", "exclude")}
        value["servers"] = choice | {"consider": []}


def _not_asked(now: Scenario, before: Scenario) -> str:
    """Say why no server may be ordered, and what asks for it."""
    until = before.servers.order_until
    if not now.sites:
        return "no server may be ordered: the scenario has no site"
    if now.servers.consider != []:
        return ""
    if until is None or before.servers.consider == []:
        return "no server may be ordered, as servers.consider is empty: --set 'servers.consider=[…]' asks"
    again = month_label(now.start, min(months_between(before.start, until), now.horizon_months - 1))
    return f"no server may be ordered, as {_ORDER_UNTIL} was {until}: --set {_ORDER_UNTIL}={again} asks"


def _project(
    items: list[dict[str, Any]], plan: Mapping[str, Any], scenario: Scenario, at: str, past: int
) -> Iterator[dict[str, Any]]:
    """Yield the project costs that are yet to pay.

    What a purchase brings with it is paid when one was made. Where the plan buys nothing, none of it was paid, and all
    of it would be yet to pay.
    """
    bought = plan["decisions"]["purchases"]
    for item, cost in zip(items, scenario.project, strict=True):
        orders = [row["month"] for row in bought if cost.site in (None, row["site"])]
        first, months = cost.start_month - past, cost.months
        if cost.when == "if_bought" and not orders:
            first = max(first, 0)
        if first < 0:
            first, months = 0, months + first
        if months <= 0:
            continue
        moved = {**item, "start_month": first, "months": months}
        if cost.when == "if_bought" and orders and min(orders) < at:
            moved = {key: one for key, one in moved.items() if key != "site"} | {"when": "always"}
        yield moved


def _budgets(plan: Mapping[str, Any], scenario: Scenario, at: str, past: int, rest: int) -> dict[str, Any]:
    """Return what is left of the budgets of the years to come: the plan's payments before `at` are spent."""
    starts = scenario.fiscal_year_starts
    years = {fiscal_year(month_label(at, t), starts) for t in range(rest)}
    lines = plan["ledgers"]["plan"]
    outlay = [one for one in lines if one["category"] == "capex" and one["component"] not in _NO_OUTLAY]
    cash = [one for one in lines if one["component"] not in _NO_CASH]
    left = {}
    for name, counted in (("capex_usd", outlay), ("cash_usd", cash)):
        budget = getattr(scenario.budgets, name)
        spent = dict.fromkeys(years, 0.0)
        for month, usd in paid(counted, past):
            year = fiscal_year(month_label(scenario.start, month), starts)
            spent[year] = spent.get(year, 0.0) + usd
        left[name] = {
            str(year): exact(max(0.0, float(usd) - spent[year])) for year, usd in budget.items() if year in years
        }
    return left


def paid(lines: Sequence[Mapping[str, Any]], before: int) -> Iterator[tuple[int, float]]:
    """Yield month and USD of every payment of ledger lines before the month of that number."""
    for line in lines:
        for month, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            if month < before and line["timing"] != "horizon":
                yield month, quantity * usd


def _files(made: LoadedScenario, loaded: LoadedScenario) -> dict[str, str]:
    """Return what the scenario is written as, and the files that it names."""
    value = made.document.value
    files = {FILE: yaml_text(value)}
    for item in value["workloads"]:
        if (rows := made.series.get(item["name"])) is not None:
            shape = item["demand"]["shape"]
            files[shape["csv"]] = csv_text([[shape["column"]], *([repr(row)] for row in rows)])
    if (name := value.get("price_book")) is not None:
        folder = Path(loaded.document.file).parent
        files[name] = file_beside(folder, name, loaded.document, ("price_book",)).read_text(encoding="utf-8")
    return files


def _notes(scenario: Scenario, past: int, at: str, as_of: date | None) -> Iterator[str]:
    if as_of is None and past:
        yield f"Prices are those of {scenario.as_of}; --as-of takes newer ones."
    if scenario.finance.tax is not None:
        yield (
            "Taxes: what was paid before lowers the tax of its year by as much whatever is decided: it is left out. "
            "Of servers bought before, the price alone is their basis, without network, storage and installation."
        )
    if scenario.servers.dual_running_months:
        yield "Servers bought before take work from delivery on: what is left of their dual running is not told."
    for one in scenario.workloads:
        if isinstance(one, Batch) and one.window != "day" and past % one.window:
            yield f"The windows of {one.name} begin anew in {at}."
