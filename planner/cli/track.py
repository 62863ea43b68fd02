"""`planner track`: a plan against what was used and billed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog, read_month
from planner.cli.output import Format
from planner.cli.whatif import GATE_FAILED, Shown, gates_failed, need_both, read_gates, show

EXAMPLES = examples(
    "planner track out/starter/plan.json --actuals actuals.duckdb",
    "planner track plan.json --actuals actuals.duckdb --from 2027-01 --until 2027-06 --to md -o june.md",
    "planner track plan.json --actuals actuals.duckdb --fail-on 'variance_pct>10%' --fail-on 'variance_pct<-10%'",
    "planner track plan.json --actuals actuals.duckdb --fail-on 'bias>10%' --fail-on 'unknown>2%'",
)
GATES = ("variance", "variance_pct", "mape", "bias", "utilization", "unknown", "breakeven")


def track(
    plan: Annotated[Path, typer.Argument(help="A plan.json that `planner plan` wrote.")],
    actuals: Annotated[
        Path, typer.Option("--actuals", metavar="STORE", help="DuckDB file that `planner actuals import` wrote.")
    ],
    first: Annotated[
        str | None, typer.Option("--from", metavar="MONTH", help="First month.", show_default="the plan's start")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--until", metavar="MONTH", help="Last month.", show_default="the last one imported")
    ] = None,
    band: Annotated[
        float, typer.Option(min=0, max=10, metavar="SHARE", help="A smaller change of demand, of a price, or "
                                                             "of the plan's cost so far is taken for noise.")
    ] = 0.05,
    complete: Annotated[
        list[str] | None,
        typer.Option("--complete", metavar="MONTH", help="This month is whole, whatever seems to lack. Repeatable."),
    ] = None,
    own: Annotated[
        list[str] | None,
        typer.Option("--own", metavar="NAME", help="Only usage of this cluster or source ran on owned servers. "
                                                   "Repeatable.",
                     show_default="all but tables of demand, while the plan owns GPUs"),
    ] = None,
    commitment: Annotated[
        list[str] | None,
        typer.Option("--commitment", metavar="ID", help="This resource of the bills is a commitment of the plan, as a "
                                                        "savings plan that names no GPU. Repeatable."),
    ] = None,
    form: options.Form = Format.table,
    to: options.To = None,
    output: options.Output = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option("--fail-on", metavar="GATE", help=(
            "Exit 1 when it holds. Gates: variance (USD more than planned), variance_pct (the same ÷ plan; above 0 "
            "dearer, below 0 cheaper: two gates), bias (GPU-hours planned above those used, ÷ used: a demand miss), "
            "mape (mean error of a month), utilization (of owned GPUs, else of commitments), unknown (share of money "
            "that is not understood), breakeven (months). Repeatable."
        )),
    ] = None,
    catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Hold a plan against what was used and billed: where they differ, why, and whether the choice still pays.

    By month: GPU-hours, utilization, cost. The difference is parted into price, volume, mix, utilization and timing,
    which add up to it. A month that is not over, or not wholly imported, is shown and left out of what is said.
    Capital outlay is compared as paid, all else as accrued; cash stands beside it.
    """
    need_both(to, output)
    gates = read_gates(fail_on, GATES)
    for label in (first, last, *(complete or ())):
        if label is not None:
            read_month(label)
    from planner.actuals.comparison import Scope
    from planner.actuals.store import Store
    from planner.actuals.track import gate_values
    from planner.actuals.track import track as compared
    from planner.planreader import read_plan
    from planner.report.track import head, mail, sections

    document = read_plan(plan)
    with Store(actuals, read_only=True) as store:
        scope = Scope(first, last, band, complete or (), own or (), commitment or ())
        found = compared(document, read_catalog(catalog), store, scope)
    short = (to.value if to else form.value) == "md"
    show(found, Shown(head, mail if short else sections), form, to, output, quiet)
    if gates_failed(gates, gate_values(found)):
        raise typer.Exit(GATE_FAILED)
