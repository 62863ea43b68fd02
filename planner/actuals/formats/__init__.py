"""The formats of bills and of usage that can be imported, one a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from planner.actuals.formats import aws_cur, azure, focus, gcp, opencost, openshift, plain, prometheus, slurm
from planner.actuals.mapping import charges_from
from planner.actuals.table import NOTHING, Columns, Count, Table, Told, normal
from planner.actuals.usage_mapping import usage_from

if TYPE_CHECKING:
    import duckdb

    from planner.errors import Complaint

    Check = Callable[[duckdb.DuckDBPyConnection, Table, str], Iterator[Complaint]]

Name = Literal["charges", "usage"]


@dataclass(frozen=True)
class Format:
    """A format that can be imported.

    Attributes
    ----------
    about : what it is, in one line
    marks : columns that every such file has; of a group any one
    select : what each row says, as expressions of SQL by name of the draft (DRAFT of planner.actuals.mapping and of
        planner.actuals.usage_mapping)
    table : where its rows go
    charges : what each row of usage says of cost besides
    note : what to know of a file
    check : complains of what makes a file invalid
    local : its times may be local, of a time zone that the user tells
    """

    about: str
    marks: tuple[tuple[str, ...], ...]
    select: Callable[[Columns], Mapping[str, str]]
    table: Name = "charges"
    charges: Callable[[Columns], Mapping[str, str] | None] | None = None
    note: Callable[[Table, Told, Count], str | None] | None = None
    check: Check | None = None
    local: bool = False

    def queries(self, table: Table, told: Told = NOTHING) -> Iterator[tuple[Name, str]]:
        """Yield a table and SQL for its rows of a file, without the file's own name; takes the file as parameter."""
        chosen: list[tuple[Name, Callable[[Columns], Mapping[str, str] | None] | None]] = [
            (self.table, self.select), ("charges", self.charges),
        ]  # fmt: skip
        for name, select in chosen:
            columns = Columns(table, told)
            said = select(columns) if select else None
            if said is not None:
                yield name, _ROWS[name](columns.source(), said)

    def fits(self, names: Collection[str]) -> bool:
        """Say whether a file with the columns `names` is of this format."""
        found = {normal(name) for name in names}
        return all(any(normal(name) in found for name in group) for group in self.marks)


_ROWS = {"charges": charges_from, "usage": usage_from}
"""How what is said of each row becomes rows of a table."""
FORMATS: dict[str, Format] = {
    "focus": Format(
        "FOCUS Cost and Usage 1.0 to 1.4, CSV or Parquet",
        (("ChargePeriodStart",), ("ChargeCategory",), ("EffectiveCost", "BilledCost"), ("BillingCurrency",)),
        focus.select, note=focus.note,
    ),
    "aws-cur": Format(
        "AWS Cost and Usage Report, legacy or 2.0, CSV or Parquet",
        (("lineItem/LineItemType",), ("lineItem/UsageStartDate",), ("lineItem/UnblendedCost",)),
        aws_cur.select, note=aws_cur.note,
    ),
    "azure-export": Format(
        "Azure cost export, actual or amortised, CSV or Parquet",
        (("MeterCategory",), azure.DATE, azure.COST),
        azure.select, note=azure.note,
    ),
    "gcp-billing": Format(
        "Google Cloud billing export, CSV or Parquet",
        (("sku.description", "sku"), ("usage_start_time",), ("cost",), ("credits",)),
        gcp.select,
    ),
    "slurm": Format(
        "Slurm accounting, sacct -P or --json",
        (("JobIDRaw", "JobID"), ("AllocTRES",), ("Start",), ("ElapsedRaw", "Elapsed", "End")),
        slurm.select, "usage", note=slurm.note, local=True,
    ),
    "prometheus": Format(
        "Prometheus query_range, JSON: requests of GPUs, or utilization by DCGM",
        (("sample_time",), ("sample_value",), ("labels",)),
        prometheus.select, "usage", note=prometheus.note,
    ),
    "openshift": Format(
        "OpenShift cost operator, ocp_gpu_usage.csv",
        (("gpu_pod_uptime",), ("gpu_uuid",), ("interval_start",), ("interval_end",)),
        openshift.select, "usage",
    ),
    "opencost": Format(
        "OpenCost or Kubecost allocation, CSV",
        (("Date",), ("Namespace",), ("GPUs",), ("GPUCost",)),
        opencost.select, "usage", charges=opencost.charges, note=opencost.note,
    ),
    "demand": Format(
        "GPU-hours by month, CSV: month, gpu_model, region, gpu_hours, team",
        (("month",), ("gpu_model",), ("gpu_hours",)),
        plain.demand, "usage",
    ),
    "owned": Format(
        "costs of the own fleet by month, CSV: month, component, site, usd, server, gpu, gpu_hours, kwh, source",
        (("month",), ("component",), ("site",), ("usd",)),
        plain.owned, check=plain.check_components,
    ),
}  # fmt: skip


def recognise(names: Collection[str]) -> list[str]:
    """Return the formats that a file with the columns `names` may be of."""
    return [name for name, one in FORMATS.items() if one.fits(names)]
