"""`planner sweep`: many scenarios that differ in a few fields, solved and laid side by side."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_scenario
from planner.cli.output import Format, as_csv, as_json, say, try_place, write_rows
from planner.cli.progress import Count, Say, counting

INSTALL = "pip install 'gpu-capacity-planner[analysis]'"
EXAMPLES = examples(
    "planner sweep scenario.yaml --vary purchase=0.7:1.3:7",
    "planner sweep scenario.yaml --vary demand=0.5:1.5:11 --vary finance.wacc_fraction=0.06,0.08,0.1",
    "planner sweep scenario.yaml --vary demand=0.5..1.5 --vary rented=0.6..1.2 --samples 200 --seed 7",
    "planner sweep scenario.yaml --vary horizon_months=24,36,60 --whole --format csv > horizons.csv",
    "planner sweep scenario.yaml --vary purchase=0.5:1.5:201 --relaxed     quicker, in fractions of servers",
)
KEPT = "what was solved is kept: the same command goes on from there."
SHOWN_ROWS = 40
SHOWN = ("status", "choice", "present_usd", "npv_usd", "buying_saves_usd", "servers_bought", "breakeven_months")


class To(StrEnum):
    """Files that are written when asked for."""

    parquet = "parquet"


def sweep(
    scenario: options.ScenarioFile,
    vary: Annotated[
        list[str],
        typer.Option(metavar="PATH=VALUES",
                     help="A field, or a driver such as demand, purchase or rented, and its values: a,b,c or "
                          "low:high:steps, or low..high with --samples. Repeatable."),
    ],
    samples: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Draw N scenarios from ranges, a Latin hypercube.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the samples.")] = 1,
    whole: options.Whole = None,
    gap: Annotated[
        float | None, typer.Option(min=0, max=1, help="In whole numbers: the relative gap to prove.",
                                   show_default="1e-9; 1e-3 for large programs")
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.01, help="In whole numbers: seconds for each search.")
    ] = 100.0,
    workers: options.Workers = 2,
    executor: Annotated[
        str, typer.Option(metavar="local|dask://HOST:PORT", help="Who solves; a Dask cluster must be trusted.")
    ] = "local",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the results.", show_default="out/<scenario>/sweep/")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Solve anew what is solved already.")] = False,
    to: Annotated[To | None, typer.Option(help="Also write this file.")] = None,
    form: options.Form = Format.table, assignments: options.Settings = None, as_of: options.AsOf = None,
    catalog: options.CatalogFolder = None, quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Solve a scenario over and over, with other values of what you name, and lay the answers side by side.

    Writes sweep.html with pictures and sweep.csv. Small programs are solved in whole numbers, large ones as
    relaxations, many a second. The answer says which; --whole confirms it, --relaxed is quicker. What is solved is
    kept in solved.sqlite, so that a sweep that was stopped goes on from there.
    """
    from planner.documents import write_atomically
    from planner.report.html import page_of
    from planner.report.whatif.sweep import head

    if to is To.parquet and find_spec("pyarrow") is None:
        typer.echo(f"--to parquet needs a package that is not installed: {INSTALL}", err=True)
        raise typer.Exit(2)
    try_place("--out", (out or Path("out")) / "sweep.html")

    def work(tell: Say, count: Count) -> tuple[dict[str, Any], Path]:
        from planner.whatif.base import Base
        from planner.whatif.basis import effort_for, nonzeros
        from planner.whatif.drivers import drivers, row_drivers
        from planner.whatif.runner import How, run
        from planner.whatif.store import remove
        from planner.whatif.sweep import check, document, grid, sampled
        from planner.whatif.variables import variables

        base = Base(*read_scenario(scenario, assignments, as_of, catalog))
        case = base.case()
        rows = row_drivers(base, case, {text.partition("=")[0].strip() for text in vary})
        varied = variables(vary, [*drivers(base, case), *rows])
        asked = grid(varied) if samples is None else sampled(varied, samples, seed)
        tell("checking")
        check(base, asked)
        folder = out if out is not None else Path("out") / case.scenario.name / "sweep"
        store = folder / "solved.sqlite"
        if fresh:
            remove(store)
        effort = effort_for(nonzeros(case), whole)
        if effort is not None:
            effort = replace(effort, gap=effort.gap if gap is None else gap, seconds=time_limit)
        tell("solving")
        how = How(effort=effort, workers=workers, executor=executor, store=store)
        points = run(base, asked.settings(), how, count=count)
        return document(base, case, asked, points, effort), folder

    with counting(quiet, "scenarios") as (tell, count):
        found, folder = interruptible(lambda: work(tell, count), KEPT)
    names = ["number", *(one["name"] for one in found["variables"])]
    columns = list(found["rows"][0])
    files: dict[str, str | bytes] = {"sweep.html": page_of(*head(found)), "sweep.csv": as_csv(found["rows"], columns)}
    if to is To.parquet:
        from planner.report.whatif.parquet import parquet_of

        files["sweep.parquet"] = parquet_of(found)
    for name, content in files.items():
        write_atomically(folder / name, content)
    if form is Format.json:
        sys.stdout.write(as_json(found))
    elif form is Format.table:
        write_rows(found["rows"][:SHOWN_ROWS], form, [*names, *SHOWN])
    else:
        write_rows(found["rows"], form, columns)
    for text in _messages(found, form):
        say(text, quiet)
    say(f"Written: {folder}/{', '.join(files)}", quiet)


def _messages(found: dict[str, Any], form: Format) -> list[str]:
    """Return what is said beside the rows."""
    from planner.report.whatif.sweep import basis, verdict, warnings

    left = len(found["rows"]) - SHOWN_ROWS
    more = [f"… {left:,} more scenarios in sweep.csv."] if form is Format.table and left > 0 else []
    return [*more, f"{verdict(found)}.", basis(found), *warnings(found)]
