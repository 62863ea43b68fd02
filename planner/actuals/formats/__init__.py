"""The formats of bills and of usage that can be imported, one a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from planner.actuals.formats import aws_cur, azure, focus, gcp
from planner.actuals.mapping import charges_from
from planner.actuals.reading import Columns, Table, normal


@dataclass(frozen=True)
class Format:
    """A format that can be imported.

    Attributes
    ----------
    about : what it is, in one line
    marks : columns that every such file has; of a group any one
    select : what each row says, as expressions of SQL by name of the draft (planner.actuals.mapping.DRAFT for charges)
    table : where its rows go
    """

    about: str
    marks: tuple[tuple[str, ...], ...]
    select: Callable[[Columns], Mapping[str, str]]
    table: Literal["charges", "usage"] = "charges"

    def query(self, table: Table) -> str:
        """Return SQL for the rows of a file, without the file's own name; takes the file as parameter."""
        columns = Columns(table)
        said = self.select(columns)
        return _ROWS[self.table](columns.source(), said)

    def fits(self, names: Collection[str]) -> bool:
        """Say whether a file with the columns `names` is of this format."""
        found = {normal(name) for name in names}
        return all(any(normal(name) in found for name in group) for group in self.marks)


_ROWS = {"charges": charges_from}
"""How what is said of each row becomes rows of a table."""
FORMATS: dict[str, Format] = {
    "focus": Format(
        "FOCUS Cost and Usage 1.0 to 1.4, CSV or Parquet",
        (("ChargePeriodStart",), ("ChargeCategory",), ("EffectiveCost", "BilledCost"), ("BillingCurrency",)),
        focus.select,
    ),
    "aws-cur": Format(
        "AWS Cost and Usage Report, legacy or 2.0, CSV or Parquet",
        (("lineItem/LineItemType",), ("lineItem/UsageStartDate",), ("lineItem/UnblendedCost",)),
        aws_cur.select,
    ),
    "azure-export": Format(
        "Azure cost export, actual or amortised, CSV or Parquet",
        (("MeterCategory",), azure.DATE, azure.COST),
        azure.select,
    ),
    "gcp-billing": Format(
        "Google Cloud billing export, CSV or Parquet",
        (("sku.description", "sku"), ("usage_start_time",), ("cost",), ("credits",)),
        gcp.select,
    ),
}


def recognise(names: Collection[str]) -> list[str]:
    """Return the formats that a file with the columns `names` may be of."""
    return [name for name, one in FORMATS.items() if one.fits(names)]
