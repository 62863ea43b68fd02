"""The catalog that ships, read once by each process: nothing changes it."""

from __future__ import annotations

from functools import cache

from planner.catalog.load import Catalog, load_catalog
from planner.resources import shipped


@cache
def shipped_catalog() -> Catalog:
    return load_catalog(shipped("data/pricing"))
