"""What became of a file that was imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Money:
    """An amount of each kind of cost, in one currency."""

    currency: str | None
    list_cost: Decimal | None
    effective_cost: Decimal | None
    billed_cost: Decimal | None


@dataclass(frozen=True)
class Imported:
    """What became of a file.

    Attributes
    ----------
    unchanged : the store had this content already
    unknown : rows that are not understood
    uncounted : rows of usage that are understood, and do not count
    replaced : rows of older files that went, of all that they hold, by the file's name
    doubled : rows of GPUs in use that stand in another file, too, by its name
    left_out : rows that are no charges, as those of a plan
    note : what to know of files of its format
    """

    name: str
    format: str
    rows: int = 0
    gpu_hours: Decimal = Decimal(0)
    money: tuple[Money, ...] = ()
    unknown: int = 0
    uncounted: int = 0
    unchanged: bool = False
    replaced: Mapping[str, int] = field(default_factory=dict)
    doubled: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0
    note: str | None = None
