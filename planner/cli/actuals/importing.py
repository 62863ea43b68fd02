"""`planner actuals import`: bills and usage into one DuckDB file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog
from planner.cli.output import say

if TYPE_CHECKING:
    from planner.actuals.store import Imported

EXAMPLES = examples(
    "planner actuals import focus october.csv --into actuals.duckdb",
    "planner actuals import auto 2026-*.parquet --into actuals.duckdb --add       an export in parts",
    "planner actuals import slurm sacct.txt --into actuals.duckdb --time-zone Europe/Berlin",
    "planner actuals import focus october-final.csv --into actuals.duckdb --replace",
)


def format_names(incomplete: str) -> list[tuple[str, str]]:
    """Complete the name of a format."""
    from planner.actuals.formats import FORMATS

    known = [("auto", "by the columns of each file"), *((name, one.about) for name, one in FORMATS.items())]
    return [one for one in known if one[0].startswith(incomplete)]


def import_actuals(
    name: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help="What the files are, as focus; or auto.", autocompletion=format_names),
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="The files: CSV or JSON, plain or gzip, or Parquet.")
    ],
    into: Annotated[
        Path, typer.Option("--into", metavar="STORE", help="DuckDB file that keeps them; made if missing.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Where an older file covers the same, its rows of it go.")
    ] = False,
    add: Annotated[bool, typer.Option("--add", help="Where another file covers the same, both stay: parts.")] = False,
    provider: Annotated[str | None, typer.Option("--provider", help="Whose charges OpenCost's costs are.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of OpenCost's costs; USD unless told.")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", help="Of usage that does not name it.")] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Of sacct's local times, as Europe/Berlin; UTC unless told.")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric",
            help="What a Prometheus query measured whose answer does not name it, as "
            "DCGM_FI_DEV_GPU_UTIL; requests of GPUs unless told.",
        ),
    ] = None,
    catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
) -> None:
    """Read bills and usage into a DuckDB file. Each file goes in whole or not at all; the same content goes in once.

    What is not understood is kept with its money, stays out of GPU-hours, and is counted on stderr;
    `planner actuals show --unknown` lists it. A file that covers an account's month, or a cluster's time, that is there
    already is refused, unless --replace or --add; the other files go in. A job of Slurm counts once, in the export that
    says most of it.
    """
    from planner.actuals.store import How, Store, Told

    told = Told(provider, currency.upper() if currency else None, cluster, time_zone, metric)
    with Store(into, catalog=read_catalog(catalog)) as store:
        for done in store.add(name, files, How(replace, add), told):
            for line in summary(done):
                say(line, quiet)


def summary(done: Imported) -> list[str]:
    """Return what became of a file, in lines."""
    if done.unchanged:
        return [f"{done.name}: its content is there already; nothing changed"]
    lines = [f"{done.name}: {done.format}, {done.rows:,} rows, {done.gpu_hours:,.2f} GPU-hours"]
    for one in done.money:
        costs = [("accrued", one.effective_cost), ("billed", one.billed_cost), ("at list", one.list_cost)]
        told = ", ".join(f"{amount:,.2f} {what}" for what, amount in costs if amount is not None)
        lines.append(f"  {one.currency or 'no currency'}: {told or 'no cost'}")
    for rows, are in (
        (done.unknown, "row is not understood" if done.unknown == 1 else "rows are not understood"),
        (done.uncounted, "row does not count" if done.uncounted == 1 else "rows do not count"),
    ):
        lines += [f"  {rows:,} {are}: planner actuals show --unknown"] if rows else []
    if done.left_out:
        lines.append(f"  {done.left_out:,} rows are of a plan, no charges: left out")
    lines += [f"  {done.note}"] if done.note else []
    lines += [
        f"  {rows:,} rows of GPUs stand in {other}, too, and count twice: import one of them, with --replace"
        for other, rows in done.doubled.items()
    ]
    lines += [f"  {rows:,} rows of {older} were replaced" for older, rows in done.replaced.items()]
    return lines
