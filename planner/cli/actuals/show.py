"""`planner actuals show`: what was used and billed, by month."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples
from planner.cli.output import Format, write_rows

EXAMPLES = examples(
    "planner actuals show --from actuals.duckdb",
    "planner actuals show --from actuals.duckdb --unknown",
    "planner actuals show --from actuals.duckdb --gpus --format csv",
    "planner actuals show --from actuals.duckdb --usage",
)

FromOption = Annotated[Path, typer.Option("--from", metavar="STORE", help="DuckDB file that `import` wrote.")]


def show(
    store: FromOption,
    unknown: Annotated[bool, typer.Option("--unknown", help="List what was not understood, and its money.")] = False,
    files: Annotated[bool, typer.Option("--files", help="List the files that were imported.")] = False,
    usage: Annotated[
        bool,
        typer.Option(
            "--usage",
            help="Usage of clusters: GPU-hours, those at work, utilization, and hours that GPUs were waited for.",
        ),
    ] = False,
    gpus: Annotated[bool, typer.Option("--gpus", help="Only what has a GPU.")] = False,
    form: options.Form = Format.table,
) -> None:
    """Show GPU-hours and costs by month, provider, GPU and pricing: accrued (with unused commitments) and billed."""
    from planner.actuals.store import Store

    with Store(store, read_only=True) as kept:
        if unknown:
            columns = ("file", "reason", "rows", "first_line", "currency", "effective_cost", "billed_cost")
            write_rows([_plain(one) for one in kept.unknown()], form, columns)
        elif files:
            found = kept.rows("SELECT name, format, rows, first_day, last_day FROM files ORDER BY first_day, name")
            write_rows([_plain(one) for one in found], form, ("name", "format", "rows", "first_day", "last_day"))
        elif usage:
            from planner.actuals.monthly import USAGE, records, usage_by_month

            names = (*USAGE, "gpu_hours", "worked_gpu_hours", "queued_gpu_hours", "utilization_fraction")
            frame = usage_by_month(kept)
            if gpus:
                frame = frame[frame["gpu_hours"] > 0]
            write_rows(records(frame), form, names)
        else:
            from planner.actuals.monthly import AMOUNTS

            keys = ("month", "provider", "gpu", "pricing", "component", "unused", "correction", "currency")
            write_rows(_months(kept, keys, gpus), form, (*keys, *AMOUNTS))


def _months(kept: Any, keys: tuple[str, ...], gpus: bool) -> list[dict[str, Any]]:
    from planner.actuals.monthly import AMOUNTS, charges_by_month, records

    frame = charges_by_month(kept, missing=None)
    if gpus:
        frame = frame[frame["gpu"].notna()]
    summed = frame.groupby(list(keys), dropna=False, sort=True)[list(AMOUNTS)].sum(min_count=1).reset_index()
    return records(summed)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with amounts and days as they are written."""
    from datetime import date
    from decimal import Decimal

    return {
        name: float(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
    }
