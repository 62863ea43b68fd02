"""`planner breakeven`: from a scenario, or from numbers alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli.options import (
    AsOfOption,
    CatalogOption,
    FormatOption,
    QuietOption,
    SetOption,
    examples,
    scenario_files,
)
from planner.cli.output import Format, as_json, write_rows
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
    form: FormatOption = Format.table, assignments: SetOption = None, as_of: AsOfOption = None,
    catalog: CatalogOption = None, quiet: QuietOption = False,
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

    if scenario is not None:
        _from_scenario(scenario, assignments, as_of, catalog, quiet, form)
        return
    given = {
        "--capex-usd": capex_usd,
        "--owned-usd-per-hour": owned_usd_per_hour,
        "--cloud-usd-per-hour": cloud_usd_per_hour,
    }
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise typer.BadParameter(f"give a scenario, or also {', '.join(missing)}")
    capex, owned, cloud = (value for value in given.values() if value is not None)
    money = (capex, owned, cloud)
    try:
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
        raise InputError([Complaint(Place("command line"), "", str(error))]) from None
    if form is Format.json:
        typer.echo(as_json(result), nl=False)
    else:
        write_rows([{"figure": name, "value": value} for name, value in result.items()], form)


def _from_scenario(
    scenario: Path, assignments: list[str] | None, as_of: str | None, catalog: Path | None, quiet: bool, form: Format
) -> None:
    from planner.analysis.returns import breakevens
    from planner.cli.plan import read, solved
    from planner.cli.progress import progress
    from planner.model.solve import Effort

    with progress(quiet) as tell:
        prices, loaded = read(scenario, assignments, as_of, catalog)
        found = breakevens(solved(loaded, prices, Effort(), tell))
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
