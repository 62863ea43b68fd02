"""`planner actuals demand`: what was used and billed becomes the demand of a scenario."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.actuals.usage_mapping import Kind
from planner.cli import options
from planner.cli.actuals.show import FromOption
from planner.cli.options import examples, read_catalog
from planner.cli.output import as_csv, as_json, say

EXAMPLES = examples(
    "planner actuals demand --from actuals.duckdb --months 36 > workloads.yaml",
    "planner actuals demand --from actuals.duckdb --team vision --gpu h100-sxm-80gb --months 24",
    "planner actuals demand --from actuals.duckdb --reference-gpu h100-sxm-80gb --months 36 --week week.csv",
    "planner actuals demand --from actuals.duckdb --of charges --months 12 --format csv",
)


class Form(StrEnum):
    """How demand is written."""

    yaml = "yaml"
    csv = "csv"
    json = "json"


class Of(StrEnum):
    """What GPU-hours are of."""

    usage = "usage"
    charges = "charges"


def demand(
    store: FromOption,
    months: Annotated[int, typer.Option("--months", metavar="N", min=1, max=360, help="Months to forecast.")],
    start: Annotated[
        str | None, typer.Option(metavar="MONTH", help="First of them.", show_default="the month after the past")
    ] = None,
    team: Annotated[str | None, typer.Option(help="Only of this team: account, namespace or tag.")] = None,
    gpu: Annotated[str | None, typer.Option(help="Only of this GPU, as the store names it.")] = None,
    reference_gpu: Annotated[
        str | None, typer.Option(metavar="ID", help="Count all in hours of this GPU of the catalog, by 16-bit peaks.")
    ] = None,
    of: Annotated[Of | None, typer.Option(help="What holds the hours.", show_default="the one that does")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of usage.", show_default="the only one")] = None,
    time_zone: Annotated[str, typer.Option("--time-zone", help="Clock of the week's hours.")] = "UTC",
    week: Annotated[
        Path | None, typer.Option("--week", metavar="FILE", help="Write the 168 hours of a typical week to a CSV file.")
    ] = None,
    name: Annotated[str, typer.Option(help="Of the workload.")] = "from-history",
    form: Annotated[Form, typer.Option("--format", help="yaml is a workload for a scenario.")] = Form.yaml,
    catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
) -> None:
    """Make a workload's demand out of the GPU-hours of the past, with a forecast that was tested on them.

    Months become work_per_month, by the method that would have erred least: naive, drift, damped trend, seasonal naive
    or Holt-Winters; its error is said, and the naive one's. Hours, where the data have them, become a typical week.
    """
    from planner.actuals.demand import as_yaml, future_demand, told, workload
    from planner.actuals.history import Pick
    from planner.actuals.store import Store
    from planner.documents import write_atomically

    with Store(store, read_only=True) as kept:
        found = future_demand(
            kept, read_catalog(catalog), Pick(of.value if of else None, kind, team, gpu), months, start, reference_gpu,
            time_zone,
        )  # fmt: skip
    for line in () if form is Form.yaml else told(found):
        say(line, quiet)
    csv = None
    if week is not None and found.week:
        write_atomically(week, as_csv([{"gpus": round(one, 4)} for one in found.week], ["gpus"]))
        csv = week.name
    if form is Form.yaml:
        sys.stdout.write(as_yaml(found, name, csv))
    elif form is Form.csv:
        sys.stdout.write(as_csv(_months(found), ("month", "what", "gpu_hours", "low", "high")))
    else:
        said = found.forecast
        measured = {"method": said.method, "mape": said.mape, "bias": said.bias, "naive_mape": said.naive_mape}
        sys.stdout.write(as_json({"months": _months(found), **measured, "workload": workload(found, name, csv)}))


def _months(found: Any) -> list[dict[str, Any]]:
    past = [
        {"month": one.label, "what": "past", "gpu_hours": round(one.gpu_hours, 6), "low": None, "high": None}
        for one in found.past
    ]
    nothing = [None] * len(found.labels)
    return past + [
        {"month": month, "what": "forecast", "gpu_hours": hours, "low": low, "high": high}
        for month, hours, low, high in zip(
            found.labels, found.gpu_hours, found.low or nothing, found.high or nothing, strict=True
        )
    ]
