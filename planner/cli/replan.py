"""`planner replan`: plan the remaining months again, from where we really are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_catalog, read_day, read_month
from planner.cli.output import Format, as_csv, as_json, say, try_place, write_rows
from planner.cli.progress import Say, progress

if TYPE_CHECKING:
    from planner.actuals.replan import Actuals, Again
    from planner.catalog.load import Catalog

NOT_PROVEN = 5
EXAMPLES = examples(
    "planner replan out/starter/plan.json starter.yaml --at 2027-07 --as-of 2027-06-30",
    "planner replan plan.json scenario.yaml --at 2027-07 --actuals actuals.duckdb      demand as it was",
    "planner replan plan.json scenario.yaml --at 2027-07 --actuals actuals.duckdb --demand forecast --prices bills",
    "planner replan plan.json scenario.yaml --at 2027-07 --set scale.demand=0.8 --band 0.05",
    "planner replan plan.json scenario.yaml --at 2027-07 --fleet today.yaml            what there really is",
)


class DemandBy(StrEnum):
    """How actuals tell the demand to come."""

    ratio = "ratio"
    forecast = "forecast"


class PricesOf(StrEnum):
    """Whose prices hold where bills show an offer."""

    catalog = "catalog"
    bills = "bills"


COLUMNS = ("what", "name", "place", "month", "unit", "keep", "change", "difference")


def replan(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan.json that `planner plan` wrote.")],
    scenario: options.ScenarioFile,
    at: Annotated[str, typer.Option("--at", metavar="MONTH", help="First month to plan again, YYYY-MM.")],
    actuals: Annotated[
        Path | None,
        typer.Option("--actuals", metavar="STORE", help="What `planner actuals import` wrote: demand is taken from it, "
                                                        "and prices are held against it."),
    ] = None,
    demand: Annotated[
        DemandBy,
        typer.Option(help="By actuals: all of it times actual ÷ plan of the last months, or each month times a "
                          "forecast of actual ÷ plan, with the advice at both ends of its interval."),
    ] = DemandBy.ratio,
    prices: Annotated[
        PricesOf,
        typer.Option(help="bills: what is rented by the hour costs what actuals say, where they show the offer."),
    ] = PricesOf.catalog,
    last: Annotated[
        int | None, typer.Option(min=1, metavar="MONTHS", help="Months of actuals that count for the ratio and for "
                                                               "prices.", show_default="3")
    ] = None,
    fleet: Annotated[
        Path | None,
        typer.Option("--fleet", metavar="FILE", help="YAML with existing_servers, existing_commitments and "
                                                     "existing_savings_plans as they really are, in place of what was "
                                                     "planned."),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option("--horizon", min=1, max=360, metavar="MONTHS", help="How many months to plan.",
                                 show_default="those that remain")
    ] = None,
    band: Annotated[
        float, typer.Option(min=0, max=1, help="What a new plan must save to be advised, as a fraction of what is "
                                                 "left of the old one.")
    ] = 0.02,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the results.", show_default="out/<scenario>-replan/")
    ] = None,
    form: options.Form = Format.table, assignments: options.Settings = None, as_of: options.AsOf = None,
    catalog: options.CatalogFolder = None,
    gap: options.Gap = 1e-3,
    time_limit: options.TimeLimit = 100.0,
    quiet: options.Quiet = False,
    seed: options.Seed = 0,
) -> None:  # fmt: skip
    """Plan again from a month on: today's fleet and commitments, new prices, new demand.

    What the plan has bought and committed by then is there, and what it cost is not decided again. The rest of the old
    plan, at the new prices and demand, is held against the new plan: the advice changes only outside the band. Writes
    scenario.yaml of the remaining months and its plan.json, ledger.csv and report.html, and prints what changes.
    """
    from planner.documents import write_atomically
    from planner.ledger import dated
    from planner.model.solve import Effort
    from planner.planfile import proven
    from planner.report.html import page_of
    from planner.report.replan_page import page

    effort = Effort(gap, time_limit)
    try_place("--out", (out or Path("out")) / "plan.json")

    def work(tell: Say) -> Again:
        from planner.actuals.asked import Asked
        from planner.actuals.replan import again, planned_settings, read_fleet
        from planner.planreader import read_plan
        from planner.scenario.load import load_scenario

        month, day, bought = read_month(at), read_day(as_of), read_catalog(catalog)
        planned = read_plan(plan)
        loaded = load_scenario(scenario, bought, *planned_settings(planned))
        there = None if fleet is None else read_fleet(fleet)
        asked = Asked(month, horizon, day, assignments or (), there, band)
        with _said(planned, actuals, month, last, demand, prices, bought) as told:
            return again(planned, loaded, bought, asked, effort, told, tell)

    with progress(quiet) as tell:
        made = interruptible(lambda: work(tell))
    ledger = dated(made.study.plan.ledger, made.study.case.months)
    files = made.files | {
        "ledger.csv": as_csv(ledger.to_dict(orient="records"), [*ledger]),
        "report.html": page_of(*page(made.answer, made.plan)),
        "replan.json": as_json(made.answer),
        "plan.json": as_json(made.plan),
    }
    folder = out if out is not None else Path("out") / made.plan["scenario"]
    for name, text in files.items():
        write_atomically(folder / name, text)
    _print(made.answer, form)
    say(f"Written: {folder}/{', '.join(sorted(files))}", quiet)
    if not proven(made.plan, effort):
        print(f"Not proven: the relative gap is {made.plan['solver']['relative_gap']:.2e}, asked was {gap:g}.",
              file=sys.stderr)  # fmt: skip
        raise typer.Exit(NOT_PROVEN)


@contextmanager
def _said(
    planned: dict[str, Any], actuals: Path | None, at: str, last: int | None, demand: DemandBy, prices: PricesOf,
    catalog: Catalog,
) -> Iterator[Actuals]:  # fmt: skip
    """Yield what actuals say of demand and prices."""
    from planner.actuals.replan import NO_ACTUALS, Actuals

    if actuals is None:
        for option, asked in (("--demand forecast", demand is DemandBy.forecast),
                              ("--prices bills", prices is PricesOf.bills), ("--last", last is not None)):  # fmt: skip
            if asked:
                raise typer.BadParameter(f"{option} needs --actuals")
        yield NO_ACTUALS
        return
    from planner.actuals.billed import billed
    from planner.actuals.comparison import paid_so_far
    from planner.actuals.outlook import LAST, demand_by
    from planner.actuals.store import Store

    months = LAST if last is None else last
    with Store(actuals, read_only=True) as store:
        found, why = demand_by(planned, catalog, store, at, months, forecast=demand is DemandBy.forecast)
        so_far = paid_so_far(planned, catalog, store, at)
        taken = prices is PricesOf.bills
        yield Actuals(found, why, lambda loaded: billed(store, catalog, loaded, months), taken, so_far)


def _print(answer: dict[str, Any], form: Format) -> None:
    if form is Format.json:
        sys.stdout.write(as_json(answer))
    elif form is Format.csv:
        write_rows(answer["changes"], form, COLUMNS)
    else:
        from planner.report.replan import sections

        if form is Format.md:
            from planner.report.markdown import markdown_of

            sys.stdout.write(markdown_of(sections(answer)))
        else:
            from planner.cli.sections import print_sections

            print_sections(sections(answer))
