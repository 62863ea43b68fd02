"""`planner init`: a starter scenario to edit."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog
from planner.cli.output import as_json
from planner.errors import Complaint, InputError, Place
from planner.resources import shipped

EXAMPLES = examples(
    "planner init",
    "planner init capacity-2027",
    "planner init capacity-2027 --from actuals.duckdb        demand as it was used, with a forecast",
)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write.", show_default="here")] = Path(),
    store: Annotated[
        Path | None,
        typer.Option("--from", metavar="STORE", help="Start from what was used and billed, as `planner actuals import` "
                                                     "wrote it, in place of the starter's workloads."),
    ] = None,
    months: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=360, help="Months to plan, with --from.", show_default="36")
    ] = None,
    gpu: Annotated[str | None, typer.Option(help="Only the hours of this GPU, with --from.")] = None,
    reference_gpu: Annotated[
        str | None, typer.Option(metavar="ID", help="Count all in hours of this GPU of the catalog, with --from.")
    ] = None,
    catalog: options.CatalogFolder = None,
) -> None:  # fmt: skip
    """Write a starter scenario to edit, with its schema for editors.

    The scenario plans as it stands. Files that exist are left alone. Bills and meters lead to a workload as
    `planner actuals demand` forecasts it, which has more to choose from.
    """
    for option, value in (("--months", months), ("--gpu", gpu), ("--reference-gpu", reference_gpu)):
        if store is None and value is not None:
            raise typer.BadParameter(f"{option} needs --from")
    from planner.cli.schema import Kind, schema_of
    from planner.documents import write_atomically

    target, schema = folder / "scenario.yaml", folder / "scenario.schema.json"
    cure = f"name another folder, as planner init {shlex.quote(str(folder / 'starter'))}, or move the file away"
    if found := [Complaint(Place(str(path)), "", "exists already", cure=cure) for path in (target, schema)
                 if path.exists()]:  # fmt: skip
        raise InputError(found)
    text = (shipped("templates") / "scenario.yaml").read_text(encoding="utf-8")
    if store is not None:
        text = _from_store(text, store, months or 36, gpu, reference_gpu, catalog)
    write_atomically(target, text)
    write_atomically(schema, as_json(schema_of(Kind.scenario)))
    typer.echo(f"Written: {target}, and {schema.name} beside it for editors.\n{_next(target, store is None)}", err=True)


def _from_store(
    text: str, store: Path, months: int, gpu: str | None, reference_gpu: str | None, catalog: Path | None
) -> str:
    from planner.actuals.demand import future_demand
    from planner.actuals.history import Pick
    from planner.actuals.starter import starter
    from planner.actuals.store import Store

    prices = read_catalog(catalog)
    with Store(store, read_only=True) as kept:
        found = future_demand(kept, prices, Pick(gpu=gpu), months, reference=reference_gpu)
    return starter(text, found, prices)


def _next(target: Path, is_starter: bool) -> str:
    """Return what a newcomer may try next."""
    from planner.actuals.starter import NAME

    command = f"planner plan {shlex.quote(str(target))}"
    steps = {
        command: f"answers it, with a report in out/{'starter' if is_starter else NAME}/",
        "planner catalog show h100": "the ids and prices that a scenario can use",
    }
    width = max(map(len, steps))
    lines = ["Next:", *(f"  {step:<{width}}   {what}" for step, what in steps.items())]
    if is_starter:
        lines += ["What if a server cost 200,000 USD? One change, without editing:",
                  f"  {command} --set prices.server-8xh100/purchase_usd_per_server=200000"]  # fmt: skip
    return "\n".join(lines)
