"""`planner breakeven`: from a scenario, or from numbers alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_scenario, scenario_files
from planner.cli.output import Format, as_json, say, write_rows
from planner.errors import Complaint, InputError, Place
from planner.units import HOURS_PER_MONTH

EXAMPLES = examples(
    "planner breakeven scenario.yaml",
    "planner breakeven --capex-usd 833806 --owned-usd-per-hour 0.87 --cloud-usd-per-hour 98.32",
    "  --life-months 60 --wacc 0.08     adds breakeven utilization and discounted months",
)


def breakeven(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario, or give the three prices.", autocompletion=scenario_files)
    ] = None,
    capex_usd: Annotated[float | None, typer.Option(help="What is paid to own.")] = None,
    owned_usd_per_hour: Annotated[float | None, typer.Option(help="Owned running cost of a busy hour.")] = None,
    cloud_usd_per_hour: Annotated[float | None, typer.Option(help="Rented cost of the same hour.")] = None,
    hours_per_month: Annotated[float, typer.Option(help="730 = 8,760 ÷ 12; some studies use 720.")] = HOURS_PER_MONTH,
    utilization: Annotated[float, typer.Option(help="Busy ÷ available hours.")] = 1.0,
    life_months: Annotated[float | None, typer.Option(help="Useful life; asks for the breakeven utilization.")] = None,
    wacc: Annotated[float | None, typer.Option(help="Discount rate per year; asks for the discounted months.")] = None,
    form: options.Form = Format.table, assignments: options.Settings = None, as_of: options.AsOf = None,
    catalog: options.CatalogFolder = None, quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Say after how many hours or months owning has paid off.

    From a scenario, for every option against every baseline; or from three prices alone.
    """
    from planner.finance import (
        breakeven_hours,
        breakeven_utilization,
        discounted_breakeven_months,
        months_from_hours,
    )
    from planner.finance.arguments import require

    given = {
        "--capex-usd": capex_usd,
        "--owned-usd-per-hour": owned_usd_per_hour,
        "--cloud-usd-per-hour": cloud_usd_per_hour,
    }
    if scenario is not None:
        asked = {"--life-months": life_months, "--wacc": wacc, "--utilization": None if utilization == 1 else 0,
                 "--hours-per-month": None if hours_per_month == HOURS_PER_MONTH else 0}  # fmt: skip
        _refuse_beside_scenario(given | asked)
        _from_scenario(scenario, assignments, as_of, catalog, quiet, form)
        return
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise typer.BadParameter(f"give a scenario, or also {', '.join(missing)}")
    capex, owned, cloud = (value for value in given.values() if value is not None)
    money = (capex, owned, cloud)
    try:
        if wacc is not None:
            require(-1 < wacc <= 1, "wacc_fraction", wacc, "above -1 and at most 1; 0.08 is 8 %")
        hours = breakeven_hours(*money)
        result: dict[str, float | None] = {
            "hours": hours,
            "months": None if hours is None else months_from_hours(hours, hours_per_month, utilization),
            "discounted_months": None if wacc is None
            else discounted_breakeven_months(*money, hours_per_month, utilization, wacc),
            "utilization_fraction": None if life_months is None
            else breakeven_utilization(*money, life_months, hours_per_month),
        }  # fmt: skip
        if hours is None:
            months_from_hours(0, hours_per_month, utilization)
    except ValueError as error:
        raise InputError([_complaint(str(error))]) from None
    if form is Format.json:
        typer.echo(as_json(result), nl=False)
    else:
        write_rows([{"figure": name, "value": value} for name, value in result.items()], form)
    for remark in _remarks(result, life_months, wacc):
        say(remark, quiet)


def _refuse_beside_scenario(numbers: dict[str, float | None]) -> None:
    if found := [name for name, value in numbers.items() if value is not None]:
        raise typer.BadParameter(f"give a scenario or numbers, not both: {', '.join(found)}")


def _complaint(message: str) -> Complaint:
    """Return what planner.finance refused, `name: found …, allowed is …`, under the name of its option."""
    name, _, rest = message.partition(": found ")
    found, _, allowed = rest.partition(", allowed is ")
    option = f"--{name.removesuffix('_fraction').replace('_', '-')}"
    return Complaint(Place("command line"), option, f"should be {allowed}", found)


def _remarks(result: dict[str, float | None], life_months: float | None, wacc: float | None) -> Iterator[str]:
    """Yield why a figure is missing, and which breakeven comes too late."""
    if result["hours"] is None:
        yield "Owning never breaks even: an hour in the cloud is not dearer than one owned."
        return
    if wacc is not None and result["discounted_months"] is None:
        yield f"Discounted at {wacc:g} a year, what owning saves never reaches what is paid for it."
    for name, owning in (("months", "Owning"), ("discounted_months", "Discounted, owning")):
        months = result[name]
        if months is not None and life_months is not None and months > life_months:
            yield f"{owning} breaks even only after {months:.1f} months, beyond --life-months {life_months:g}."


def _from_scenario(
    scenario: Path, assignments: list[str] | None, as_of: str | None, catalog: Path | None, quiet: bool, form: Format
) -> None:
    from planner.analysis.returns import breakevens
    from planner.cli.plan import solved
    from planner.cli.progress import Say, progress
    from planner.model.solve import Effort

    def work(tell: Say) -> dict[str, Any]:
        prices, loaded = read_scenario(scenario, assignments, as_of, catalog)
        return breakevens(solved(loaded, prices, Effort(), tell))

    with progress(quiet) as tell:
        found = interruptible(lambda: work(tell))
    if form is Format.json:
        typer.echo(as_json(found), nl=False)
        return
    rows: list[dict[str, Any]] = [
        {"option": option, "against": baseline, **figures}
        for option in ("plan", "buy", "self_hosted")
        for baseline, figures in (found[option] or {}).items()
        if figures
    ]
    write_rows(rows, form)
