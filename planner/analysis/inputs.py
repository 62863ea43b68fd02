"""What a scenario asks for and assumes beside the catalog, each with its source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from planner.catalog.load import Catalog
from planner.catalog.price_history import PathCase, changes, learned
from planner.scenario.demand_schema import Demand, Growth, SeriesFile
from planner.scenario.finance_schema import Finance, Loan, OperatingLease
from planner.scenario.price_schema import PricePath
from planner.scenario.schema import AnyWorkload, Batch, Scenario, Serving, Training
from planner.units import month_label

Row = dict[str, Any]
_SCENARIO = "scenario"


def scenario_inputs(scenario: Scenario, catalog: Catalog) -> list[Row]:
    """Return rows {input, value, unit, source}; a unit that starts with "fraction" belongs to a share."""
    parts = (_workload, _speeds)
    asked, fast = ([row for one in scenario.workloads for row in part(one)] for part in parts)
    return [
        *_finance(scenario), *asked, *_places(scenario), *_markets(scenario), *_budgets(scenario), *_people(scenario),
        *_existing(scenario), *fast, *_prices(scenario, catalog), *_project(scenario),
    ]  # fmt: skip


def _row(name: str, value: Decimal | float | str, unit: str = "", source: str = _SCENARIO) -> Row:
    return {"input": name, "value": value if isinstance(value, str) else float(value), "unit": unit, "source": source}


def _limit(name: str, value: Decimal | float | None, unit: str) -> Row:
    """Return a limit, or that there is none."""
    return _row(name, "no limit") if value is None else _row(name, value, unit)


def _words(keys: Iterable[str]) -> str:
    return ", ".join(key.replace("on_demand", "on-demand").replace("_", " ") for key in keys) or "none"


def _finance(scenario: Scenario) -> Iterator[Row]:
    finance, owed = scenario.finance, {"continue": "runs on", "liquidate": "is paid out"}
    which = "" if finance.wacc_is is None else f", {finance.wacc_is.replace('_', ' ').replace('pre', 'before')}"
    yield _row("discount rate (WACC)", finance.wacc_fraction, f"fraction per year, nominal{which}", finance.source)
    yield from _taxes_and_books(finance, scenario.fiscal_year_starts)
    yield _row("running costs are paid", _words([finance.running_costs]))
    yield _row("at the end of the horizon", f"{scenario.horizon_end}: the rest of a commitment "
               f"{owed[scenario.horizon_end]}")  # fmt: skip


def _taxes_and_books(finance: Finance, first_month: int) -> Iterator[Row]:
    tax, book = finance.tax, finance.book
    if tax is None:
        yield _row("income tax", "not counted: all figures are before tax")
    else:
        rule = tax.depreciation
        life = "" if rule.life_years is None else f", over {rule.life_years} years"
        faster = f" of {float(100 * rule.declining_factor):g} %" if rule.method == "declining_balance" else ""
        yield _row("income tax", tax.rate_fraction, "fraction on the margin", tax.source)
        said = re.sub(r"macrs_(.)", r"MACRS, \1-year class", rule.method).replace("_", " ")
        yield _row("tax depreciation", f"{said}{faster}{life}", source=tax.source)
        yield _row(
            "bonus depreciation", tax.bonus_fraction, "fraction of the basis, in the year of service", tax.source
        )
        yield _row("tax years begin", f"in month {first_month}, as fiscal years do")
    if book is None:
        yield _row("book life", "useful life of each server, nothing left")
    else:
        yield _row("book life", book.life_months, "months, straight line", book.source)
        yield _row("left at the end of book life", book.residual_fraction, "fraction of the cost", book.source)


def _workload(one: AnyWorkload) -> Iterator[Row]:
    if isinstance(one, Serving):
        yield from _demand(one.name, one.unit, one.demand)
        yield _row(f"{one.name}: headroom", one.headroom_fraction, "fraction kept ready beyond the demand")
        yield from _survival(one)
    elif isinstance(one, Batch):
        yield _row(f"{one.name}: work", one.work_per_month, f"{one.unit} a month, at the start")
        yield from _growth(one.name, one.growth)
        yield _row(f"{one.name}: window", _window(one))
    else:
        yield from _jobs(one)
    where = "anywhere" if one.residency is None else f"in {', '.join(one.residency)}"
    yield _row(f"{one.name}: may run", f"{' or '.join(one.allowed_on)}, {where}")
    if one.spot is None:
        yield _row(f"{one.name}: spot", "none")
    else:
        yield _row(
            f"{one.name}: spot, at most", one.spot.share_fraction, f"fraction of the work of any {one.spot.share_by}"
        )
        yield _row(f"{one.name}: spot, lost", one.spot.loss_fraction, "fraction of its work")
    if one.unserved_usd_per_unit is None:
        yield _row(f"{one.name}: left undone", "nothing: all of it must be done")
    else:
        yield _row(f"{one.name}: left undone", one.unserved_usd_per_unit, f"USD per {one.unit}")


def _demand(name: str, unit: str, demand: Demand) -> Iterator[Row]:
    shape = demand.shape
    course = "flat" if isinstance(shape, str) else f"by hour, {shape.csv}: {shape.column}" if isinstance(
        shape, SeriesFile) else "by hour of the week"  # fmt: skip
    when = "at the start" if demand.growth is not None else "over the horizon"
    if demand.peak_per_hour is not None:
        yield _row(f"{name}: demand, peak", demand.peak_per_hour, f"{unit} per hour, {when}; {course}")
    elif demand.average_per_hour is not None:
        yield _row(f"{name}: demand, average", demand.average_per_hour, f"{unit} per hour, {when}; {course}")
    elif demand.work_per_month is not None:
        first, last = demand.work_per_month[0], demand.work_per_month[-1]
        said = f"month by month, from {first} to {last}"
        yield _row(f"{name}: demand, work", said, f"{unit} a month; {course}")
    else:
        yield _row(f"{name}: demand, hours", f"as the rows say, {when}", f"{unit} per hour; {course}")
    if demand.scale != 1:
        yield _row(f"{name}: demand, multiplied by", demand.scale)
    if demand.growth is not None:
        yield from _growth(name, demand.growth)
    else:
        told = "work of each month" if demand.work_per_month is not None else "rows of the file"
        yield _row(f"{name}: growth", f"in the {told}")


def _growth(name: str, growth: Growth) -> Iterator[Row]:
    if growth.annual_rate is not None:
        yield _row(f"{name}: growth", growth.annual_rate, "fraction per year")
        if growth.seasons:
            said = ", ".join(f"{factor} in month {month}" for month, factor in sorted(growth.seasons.items()))
            yield _row(f"{name}: seasons", f"times {said}")
    elif growth.monthly_factors:
        first, last = growth.monthly_factors[0], growth.monthly_factors[-1]
        yield _row(f"{name}: growth", f"month by month, from a factor of {first} to {last}")


def _survival(one: Serving) -> Iterator[Row]:
    if one.survive_loss is None:
        yield _row(f"{one.name}: survives", "no loss is planned for")
    else:
        lost = " or ".join(each.removesuffix("s") for each in one.survive_loss.of)
        yield _row(f"{one.name}: survives the loss of one {lost}", one.survive_loss.protected_fraction,
                   "fraction of the demand")  # fmt: skip


def _window(one: Batch) -> str:
    hours = "at any hour" if one.hours is None else f"in the hours {', '.join(map(str, one.hours))}"
    days = "" if one.days == "all" else f", on {one.days}"
    return f"{'a day' if one.window == 'day' else _months(int(one.window))}, {hours}{days}"


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def _jobs(one: Training) -> Iterator[Row]:
    for job in one.jobs:
        again = f", again every {_months(job.repeat_every_months)}" if job.repeat_every_months else ""
        yield _row(f"{one.name}: run {job.name}", job.units_per_hour,
                   f"GPUs of speed 1, from {job.start}, for {_months(job.months)}{again}")  # fmt: skip


def _speeds(one: AnyWorkload) -> Iterator[Row]:
    for gpu, speed in one.speed.items():
        yield _row(f"{one.name} on {gpu}", speed, f"{one.unit} per GPU-hour", one.speed_source)


def _places(scenario: Scenario) -> Iterator[Row]:
    if not scenario.sites:
        yield _row("sites", "none: nothing can be bought")
    for site in scenario.sites:
        yield _limit(f"site {site.id}: power", site.power_limit_kw, "kW at the meter")
        yield _limit(f"site {site.id}: racks", site.rack_limit_units, "rack units")
        if site.open_from:
            yield _row(f"site {site.id}: opens", site.open_from)
    if scenario.sites:
        until = scenario.servers.order_until
        yield _row("servers can be ordered", f"until {until}" if until else "in every month")
        yield _row("cold spares", scenario.servers.cold_spare_fraction, "fraction of the fleet")
        if scenario.servers.dual_running_months:
            yield _row("dual running of new servers", scenario.servers.dual_running_months, "months after delivery")
        yield from _ways(scenario)


def _ways(scenario: Scenario) -> Iterator[Row]:
    """Ways to pay for servers, where there are others than cash."""
    if scenario.financing:
        yield _row("servers may be paid at once", "yes" if scenario.servers.cash else "no")
    for way in scenario.financing:
        kind, rest = way.kind.replace("_", " "), f"over {_months(way.term_months)}"
        if isinstance(way, Loan):
            rest += f", {way.down_payment_fraction} of the price paid down"
        elif isinstance(way, OperatingLease):
            rest += f", {way.payments.replace('_', ' ')}, residual {way.residual_fraction} of the price"
        else:
            rest += f", {way.payments.replace('_', ' ')}, buy-out {way.buyout_fraction} of the price"
        unit = f"fraction per year, by months, {rest}, fee {way.fee_fraction}"
        yield _row(f"way to pay {way.name}: {kind}", way.rate_fraction, unit, way.source)


def _markets(scenario: Scenario) -> Iterator[Row]:
    limits, offers = scenario.limits, scenario.offers
    yield _row("ways of renting", _words(offers.kinds))
    for offer, gpus in limits.on_demand_quota_gpus.items():
        yield _row(f"on-demand quota of {offer}", gpus, "GPUs")
    for offer, gpus in limits.spot_depth_gpus.items():
        yield _row(f"spot depth of {offer}", gpus, "GPUs")
    for provider, share in limits.provider_share_fraction.items():
        name = "any one provider" if provider == "any" else provider
        yield _row(f"share of {name}, at most", share, "fraction of a workload's work in a month")
    yield _limit("carbon", limits.carbon_kg_per_year, "kg a year")
    if scenario.carbon is not None:
        yield _row("price of carbon", scenario.carbon.usd_per_tonne, "USD per tonne", scenario.carbon.source)
        for month, usd in sorted(scenario.carbon.later.items()):
            yield _row(f"price of carbon from {month}", usd, "USD per tonne", scenario.carbon.source)
    if offers.managed_uplift_fraction:
        yield _row("managed service", offers.managed_uplift_fraction, "fraction of the rent")
    if offers.licence_usd_per_gpu_hour:
        yield _row("licences on rented GPUs", offers.licence_usd_per_gpu_hour, "USD per GPU-hour")


def _budgets(scenario: Scenario) -> Iterator[Row]:
    budgets = {"capital outlay": scenario.budgets.capex_usd, "payments": scenario.budgets.cash_usd}
    for what, by_year in budgets.items():
        if not by_year:
            yield _row(f"budget for {what}", "no limit")
        for year, usd in by_year.items():
            yield _row(f"budget for {what}, fiscal year {year}", usd, "USD")


def _people(scenario: Scenario) -> Iterator[Row]:
    if not scenario.staff:
        yield _row("staff", "none: they are taken to be free")
    for pool in scenario.staff:
        yield _row(f"staff {pool.name}: least, once anything is ordered", pool.minimum_team_fte, "FTE")
        yield _row(f"staff {pool.name}: standing, whatever is decided", pool.always_fte, "FTE")


def _existing(scenario: Scenario) -> Iterator[Row]:
    for one in scenario.existing_servers:
        yield _row(
            f"owned today: {one.server} at {one.site}", one.servers, f"servers, in service since {one.in_service}"
        )
    for held in scenario.existing_commitments:
        term = f"from {held.start}, for {_months(held.term_months)}"
        unit = f"instances at {held.hourly_usd_per_gpu} USD per GPU-hour, {term}"
        yield _row(f"committed today: {held.offer}", held.instances, unit)


def _prices(scenario: Scenario, catalog: Catalog) -> Iterator[Row]:
    for one in scenario.discounts:
        yield _row(f"discount of {one.provider} on {_words([one.kind])}", one.fraction, "fraction", one.source)
    for path in scenario.price_paths:
        name = f"price path of {path.rows}"
        if path.annual_rate is not None:
            yield _row(name, path.annual_rate, "fraction per year", path.source)
        elif path.factor is not None:
            yield _row(name, path.factor, f"times, from {path.month}", path.source)
        elif path.factors is not None:
            said = ", ".join(f"{factor} from {month}" for month, factor in path.factors.items())
            yield _row(name, f"times {said}", source=path.source)
        elif path.case is not None:
            yield _from_history(name, path, path.case, scenario, catalog)
        else:
            yield _row(name, path.kind, source=path.source)
    if scenario.scale.demand != 1:
        yield _row("what-if on all demand", scenario.scale.demand, "times")
    for rows, factor in scenario.scale.rows.items():
        yield _row(f"what-if on {rows}", factor, "times")
    for rows, factor in scenario.scale.later.items():
        yield _row(f"what-if on {rows}", factor, f"times, from {scenario.scale.later_from or scenario.start}")
    for rate in scenario.exchange_rates:
        yield _row(f"USD for one {rate.currency}", rate.usd_per_unit, str(rate.date), rate.source)


def _from_history(name: str, path: PricePath, case: PathCase, scenario: Scenario, catalog: Catalog) -> Row:
    """Return a path with the steps that it was made of, each with the day on which it was seen."""
    history = learned(catalog, path.learned_from, scenario.as_of)
    months = [month_label(scenario.start, t) for t in range(scenario.horizon_months)]
    moves = changes(months, history.factors(case, scenario.as_of, months))
    said = ", ".join(f"{factor:.3f} from {month}" for month, factor in moves.items())
    seen = Counter(f"{step.factor:.3f} on {step.date}" for step in history.steps)
    steps = ", ".join(step if count == 1 else f"{step} ({count} rows)" for step, count in seen.items())
    unit = f"{case}; {history} of {' or '.join(path.learned_from)}: times {steps}"
    return _row(name, f"times {said}" if said else "no step within the horizon", unit, path.source)


def _project(scenario: Scenario) -> Iterator[Row]:
    for cost in scenario.project:
        there = f" for {cost.site}" if cost.site else ""
        unit = f"USD a month for {_months(cost.months)}, {_words([cost.when])}{there}"
        yield _row(f"project: {cost.name}", cost.usd_per_month, unit, cost.source)
    if scenario.contingency_fraction:
        yield _row("contingency", scenario.contingency_fraction, "fraction of outlay and project")
