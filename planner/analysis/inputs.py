"""What a scenario asks for and assumes beside the catalog, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from planner.analysis.price_inputs import Row, price_inputs, row, words
from planner.catalog.load import Catalog
from planner.scenario.demand_schema import Demand, Growth, SeriesFile
from planner.scenario.finance_schema import Finance, Loan, OperatingLease
from planner.scenario.schema import AnyWorkload, Batch, Scenario, Serving, Training


def scenario_inputs(scenario: Scenario, catalog: Catalog) -> list[Row]:
    """Return rows {input, value, unit, source}; a unit that starts with "fraction" belongs to a share."""
    parts = (_workload, _speeds)
    asked, fast = ([row for one in scenario.workloads for row in part(one)] for part in parts)
    return [
        *_finance(scenario), *asked, *_places(scenario), *_markets(scenario), *_budgets(scenario), *_people(scenario),
        *_existing(scenario), *fast, *price_inputs(scenario, catalog), *_project(scenario),
    ]  # fmt: skip


def _limit(name: str, value: Decimal | float | None, unit: str) -> Row:
    """Return a limit, or that there is none."""
    return row(name, "no limit") if value is None else row(name, value, unit)


def _finance(scenario: Scenario) -> Iterator[Row]:
    finance, owed = scenario.finance, {"continue": "runs on", "liquidate": "is paid out"}
    which = "" if finance.wacc_is is None else f", {finance.wacc_is.replace('_', ' ').replace('pre', 'before')}"
    yield row("discount rate (WACC)", finance.wacc_fraction, f"fraction per year, nominal{which}", finance.source)
    yield from _taxes_and_books(finance, scenario.fiscal_year_starts)
    yield row("running costs are paid", words([finance.running_costs]))
    yield row("at the end of the horizon", f"{scenario.horizon_end}: the rest of a commitment "
               f"{owed[scenario.horizon_end]}")  # fmt: skip


def _taxes_and_books(finance: Finance, first_month: int) -> Iterator[Row]:
    tax, book = finance.tax, finance.book
    if tax is None:
        yield row("income tax", "not counted: all figures are before tax")
    else:
        rule = tax.depreciation
        life = "" if rule.life_years is None else f", over {rule.life_years} years"
        faster = f" of {float(100 * rule.declining_factor):g} %" if rule.method == "declining_balance" else ""
        yield row("income tax", tax.rate_fraction, "fraction on the margin", tax.source)
        said = re.sub(r"macrs_(.)", r"MACRS, \1-year class", rule.method).replace("_", " ")
        yield row("tax depreciation", f"{said}{faster}{life}", source=tax.source)
        yield row("bonus depreciation", tax.bonus_fraction, "fraction of the basis, in the year of service", tax.source)
        yield row("tax years begin", f"in month {first_month}, as fiscal years do")
    if book is None:
        yield row("book life", "useful life of each server, nothing left")
    else:
        yield row("book life", book.life_months, "months, straight line", book.source)
        yield row("left at the end of book life", book.residual_fraction, "fraction of the cost", book.source)


def _workload(one: AnyWorkload) -> Iterator[Row]:
    if isinstance(one, Serving):
        yield from _demand(one.name, one.unit, one.demand)
        yield row(f"{one.name}: headroom", one.headroom_fraction, "fraction kept ready beyond the demand")
        yield from _survival(one)
    elif isinstance(one, Batch):
        yield row(f"{one.name}: work", one.work_per_month, f"{one.unit} a month, at the start")
        yield from _growth(one.name, one.growth)
        yield row(f"{one.name}: window", _window(one))
    else:
        yield from _jobs(one)
    where = "anywhere" if one.residency is None else f"in {', '.join(one.residency)}"
    yield row(f"{one.name}: may run", f"{' or '.join(one.allowed_on)}, {where}")
    if one.spot is None:
        yield row(f"{one.name}: spot", "none")
    else:
        yield row(
            f"{one.name}: spot, at most", one.spot.share_fraction, f"fraction of the work of any {one.spot.share_by}"
        )
        yield row(f"{one.name}: spot, lost", one.spot.loss_fraction, "fraction of its work")
    if one.unserved_usd_per_unit is None:
        yield row(f"{one.name}: left undone", "nothing: all of it must be done")
    else:
        yield row(f"{one.name}: left undone", one.unserved_usd_per_unit, f"USD per {one.unit}")


def _demand(name: str, unit: str, demand: Demand) -> Iterator[Row]:
    shape = demand.shape
    course = "flat" if isinstance(shape, str) else f"by hour, {shape.csv}: {shape.column}" if isinstance(
        shape, SeriesFile) else "by hour of the week"  # fmt: skip
    when = "at the start" if demand.growth is not None else "over the horizon"
    if demand.peak_per_hour is not None:
        yield row(f"{name}: demand, peak", demand.peak_per_hour, f"{unit} per hour, {when}; {course}")
    elif demand.average_per_hour is not None:
        yield row(f"{name}: demand, average", demand.average_per_hour, f"{unit} per hour, {when}; {course}")
    elif demand.work_per_month is not None:
        first, last = demand.work_per_month[0], demand.work_per_month[-1]
        said = f"month by month, from {first} to {last}"
        yield row(f"{name}: demand, work", said, f"{unit} a month; {course}")
    else:
        yield row(f"{name}: demand, hours", f"as the rows say, {when}", f"{unit} per hour; {course}")
    if demand.scale != 1:
        yield row(f"{name}: demand, multiplied by", demand.scale)
    if demand.growth is not None:
        yield from _growth(name, demand.growth)
    else:
        told = "work of each month" if demand.work_per_month is not None else "rows of the file"
        yield row(f"{name}: growth", f"in the {told}")


def _growth(name: str, growth: Growth) -> Iterator[Row]:
    if growth.annual_rate is not None:
        yield row(f"{name}: growth", growth.annual_rate, "fraction per year")
        if growth.seasons:
            said = ", ".join(f"{factor} in month {month}" for month, factor in sorted(growth.seasons.items()))
            yield row(f"{name}: seasons", f"times {said}")
    elif growth.monthly_factors:
        first, last = growth.monthly_factors[0], growth.monthly_factors[-1]
        yield row(f"{name}: growth", f"month by month, from a factor of {first} to {last}")


def _survival(one: Serving) -> Iterator[Row]:
    if one.survive_loss is None:
        yield row(f"{one.name}: survives", "no loss is planned for")
    else:
        lost = " or ".join(each.removesuffix("s") for each in one.survive_loss.of)
        yield row(f"{one.name}: survives the loss of one {lost}", one.survive_loss.protected_fraction,
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
        yield row(f"{one.name}: run {job.name}", job.units_per_hour,
                   f"GPUs of speed 1, from {job.start}, for {_months(job.months)}{again}")  # fmt: skip


def _speeds(one: AnyWorkload) -> Iterator[Row]:
    for gpu, speed in one.speed.items():
        yield row(f"{one.name} on {gpu}", speed, f"{one.unit} per GPU-hour", one.speed_source)


def _places(scenario: Scenario) -> Iterator[Row]:
    if not scenario.sites:
        yield row("sites", "none: nothing can be bought")
    for site in scenario.sites:
        yield _limit(f"site {site.id}: power", site.power_limit_kw, "kW at the meter")
        yield _limit(f"site {site.id}: racks", site.rack_limit_units, "rack units")
        if site.open_from:
            yield row(f"site {site.id}: opens", site.open_from)
    if scenario.sites:
        until = scenario.servers.order_until
        yield row("servers can be ordered", f"until {until}" if until else "in every month")
        yield row("cold spares", scenario.servers.cold_spare_fraction, "fraction of the fleet")
        if scenario.servers.dual_running_months:
            yield row("dual running of new servers", scenario.servers.dual_running_months, "months after delivery")
        yield from _ways(scenario)


def _ways(scenario: Scenario) -> Iterator[Row]:
    """Ways to pay for servers, where there are others than cash."""
    if scenario.financing:
        yield row("servers may be paid at once", "yes" if scenario.servers.cash else "no")
    for way in scenario.financing:
        kind, rest = way.kind.replace("_", " "), f"over {_months(way.term_months)}"
        if isinstance(way, Loan):
            rest += f", {way.down_payment_fraction} of the price paid down"
        elif isinstance(way, OperatingLease):
            rest += f", {way.payments.replace('_', ' ')}, residual {way.residual_fraction} of the price"
        else:
            rest += f", {way.payments.replace('_', ' ')}, buy-out {way.buyout_fraction} of the price"
        unit = f"fraction per year, by months, {rest}, fee {way.fee_fraction}"
        yield row(f"way to pay {way.name}: {kind}", way.rate_fraction, unit, way.source)


def _markets(scenario: Scenario) -> Iterator[Row]:
    limits, offers = scenario.limits, scenario.offers
    yield row("ways of renting", words(offers.kinds))
    for offer, gpus in limits.on_demand_quota_gpus.items():
        yield row(f"on-demand quota of {offer}", gpus, "GPUs")
    for offer, gpus in limits.spot_depth_gpus.items():
        yield row(f"spot depth of {offer}", gpus, "GPUs")
    for provider, share in limits.provider_share_fraction.items():
        name = "any one provider" if provider == "any" else provider
        yield row(f"share of {name}, at most", share, "fraction of a workload's work in a month")
    yield _limit("carbon", limits.carbon_kg_per_year, "kg a year")
    if scenario.carbon is not None:
        yield row("price of carbon", scenario.carbon.usd_per_tonne, "USD per tonne", scenario.carbon.source)
        for month, usd in sorted(scenario.carbon.later.items()):
            yield row(f"price of carbon from {month}", usd, "USD per tonne", scenario.carbon.source)
    if offers.managed_uplift_fraction:
        yield row("managed service", offers.managed_uplift_fraction, "fraction of the rent")
    if offers.licence_usd_per_gpu_hour:
        yield row("licences on rented GPUs", offers.licence_usd_per_gpu_hour, "USD per GPU-hour")


def _budgets(scenario: Scenario) -> Iterator[Row]:
    budgets = {"capital outlay": scenario.budgets.capex_usd, "payments": scenario.budgets.cash_usd}
    for what, by_year in budgets.items():
        if not by_year:
            yield row(f"budget for {what}", "no limit")
        for year, usd in by_year.items():
            yield row(f"budget for {what}, fiscal year {year}", usd, "USD")


def _people(scenario: Scenario) -> Iterator[Row]:
    if not scenario.staff:
        yield row("staff", "none: they are taken to be free")
    for pool in scenario.staff:
        yield row(f"staff {pool.name}: least, once anything is ordered", pool.minimum_team_fte, "FTE")
        yield row(f"staff {pool.name}: standing, whatever is decided", pool.always_fte, "FTE")


def _existing(scenario: Scenario) -> Iterator[Row]:
    for one in scenario.existing_servers:
        way = f", paid by {one.financing} since {one.ordered}" if one.financing else ""
        unit = f"servers, in service since {one.in_service}{way}"
        yield row(f"owned today: {one.server} at {one.site}", one.servers, unit)
    for held in scenario.existing_commitments:
        term = f"from {held.start}, for {_months(held.term_months)}"
        used = " of use" if held.hourly_billed == "used" else ""
        unit = f"instances at {held.hourly_usd_per_gpu} USD per GPU-hour{used}, {term}"
        yield row(f"committed today: {held.offer}", held.instances, unit)
    for spend in scenario.existing_savings_plans:
        yield row(f"committed today: {spend.plan}", spend.usd_per_hour, f"USD per hour, from {spend.start}")


def _project(scenario: Scenario) -> Iterator[Row]:
    for cost in scenario.project:
        there = f" for {cost.site}" if cost.site else ""
        unit = f"USD a month for {_months(cost.months)}, {words([cost.when])}{there}"
        yield row(f"project: {cost.name}", cost.usd_per_month, unit, cost.source)
    if scenario.contingency_fraction:
        yield row("contingency", scenario.contingency_fraction, "fraction of outlay and project")
