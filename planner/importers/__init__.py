"""Prices from outside formats, as fact rows of the catalog. Importers know the catalog's shape, nothing above it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from planner.catalog.fact_rows import FactRow


@dataclass
class Imported:
    """What an importer made of a file.

    Attributes
    ----------
    rows : the facts
    read : rows or records that the file holds
    skipped : why some of them made no fact, and how many; read = mapped + Σ skipped
    """

    rows: list[FactRow] = field(default_factory=list)
    read: int = 0
    mapped: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
