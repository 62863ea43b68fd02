"""Which GPU an instance type has, and how many: a shipped table, and what the catalog's offers say."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from planner.catalog.names import gpu_id, instance_slug, slug

if TYPE_CHECKING:
    import duckdb

    from planner.catalog.load import Catalog

PROVIDERS = {
    "aws": "aws", "amazon web services": "aws", "amazon web services, inc.": "aws", "amazon": "aws",
    "microsoft": "azure", "microsoft azure": "azure", "azure": "azure", "microsoft corporation": "azure",
    "google": "gcp", "google cloud": "gcp", "google cloud platform": "gcp", "gcp": "gcp",
    "oracle": "oracle", "oracle cloud infrastructure": "oracle", "oci": "oracle", "oracle cloud": "oracle",
}  # fmt: skip
"""Names of providers in bills, and the catalog's ids."""

_ALL = "FROM (SELECT unnest(CAST(? AS VARCHAR[][])) AS one)"
"""All rows in one statement: a statement for each takes most of the time in which a store is opened."""


@dataclass(frozen=True)
class InstanceGpus:
    """GPUs of an instance type; `gpus` may be a part of one, as text."""

    provider: str
    instance_type: str
    gpu: str
    gpus: str


def instance_gpus(folder: Path, catalog: Catalog | None = None) -> Iterator[InstanceGpus]:
    """Yield what is known, each instance type once: the table in `folder` first, then the catalog's offers.

    Parameters
    ----------
    folder : with gpus.csv
    """
    seen = set()
    with (folder / "gpus.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            seen.add((row["provider"], instance_slug(row["provider"], row["instance_type"])))
            yield InstanceGpus(row["provider"], row["instance_type"], row["gpu"], row["gpus"])
    for offer in catalog.section("offers").values() if catalog else ():
        name = offer.instance_type
        if name and (key := (offer.provider, instance_slug(offer.provider, name))) not in seen:
            seen.add(key)
            yield InstanceGpus(offer.provider, name, offer.gpu, str(offer.gpus))


@lru_cache(maxsize=10_000)
def gpu_named(name: str, provider: str) -> str:
    """Return the catalog's id of a GPU as a bill or a meter names it, else a slug of the name.

    >>> gpu_named("Nvidia H100 80GB", "gcp"), gpu_named("NVIDIA A100-SXM4-40GB", "own"), gpu_named("M60", "aws")
    ('h100-sxm-80gb', 'a100-sxm-40gb', 'm60')
    """
    return gpu_id(name, provider=provider) or gpu_id(slug(name), provider=provider) or slug(name)[:80]


def load_gpus(base: duckdb.DuckDBPyConnection, rows: Iterator[InstanceGpus]) -> None:
    """Make `gpu_types`, `providers` and the function `gpu_named` known to a connection, for its life."""
    base.execute(
        "CREATE OR REPLACE TEMP TABLE gpu_types (provider VARCHAR, instance_type VARCHAR, gpu VARCHAR, "
        "gpus DECIMAL(12, 6), PRIMARY KEY (provider, instance_type))"
    )
    types = [[one.provider, instance_slug(one.provider, one.instance_type), one.gpu, one.gpus] for one in rows]
    base.execute(f"INSERT INTO gpu_types SELECT one[1], one[2], one[3], one[4] {_ALL}", [types])
    base.execute("CREATE OR REPLACE TEMP TABLE providers (name VARCHAR PRIMARY KEY, id VARCHAR)")
    base.execute(f"INSERT INTO providers SELECT one[1], one[2] {_ALL}", [[list(one) for one in PROVIDERS.items()]])
    base.create_function("gpu_named", gpu_named, ["VARCHAR", "VARCHAR"], "VARCHAR")
