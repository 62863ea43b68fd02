"""The formats of bills and of usage that can be imported, one a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from planner.actuals.formats import focus
from planner.actuals.reading import Columns, normal


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

    def fits(self, names: Collection[str]) -> bool:
        """Say whether a file with the columns `names` is of this format."""
        found = {normal(name) for name in names}
        return all(any(normal(name) in found for name in group) for group in self.marks)


FORMATS: dict[str, Format] = {
    "focus": Format(
        "FOCUS Cost and Usage 1.0 to 1.4, CSV or Parquet",
        (("ChargePeriodStart",), ("ChargeCategory",), ("EffectiveCost", "BilledCost"), ("BillingCurrency",)),
        focus.select,
    ),
}


def recognise(names: Collection[str]) -> list[str]:
    """Return the formats that a file with the columns `names` may be of."""
    return [name for name, one in FORMATS.items() if one.fits(names)]
