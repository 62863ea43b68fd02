"""Which GPU a bill's row is of, and how many: by instance type, from a shipped table and the catalog, or by its words.

A cloud that rents GPUs by themselves names no instance type: its rows name the GPU (`gpu_8x_h100_sxm5`, `NVIDIA H100
GPU hour`), or the offer as the catalog does (`nebius-h100-sxm`, `gpu-h100-sxm`).
"""

from __future__ import annotations

import csv
import re
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
"""Names of providers in bills, and the catalog's ids: those whose instance types are in the table."""
_MODELS = "gb200|gb300|gh200|h100|h200|b200|b300|a100|v100|p100|l40s|mi300x|mi325x|mi350x|mi355x"
NAMES_GPU = rf"(?i)(?:^|[^a-z])gpus?(?:[^a-z]|$)|nvidia|\binstinct\b|\brtx\b|{_MODELS}"
"""Words that are of a GPU."""
_COUNTS = (
    r"(?<![a-z0-9.])(\d{1,2}) ?x(?=[ _-]|[a-z]{1,3}\d)", r"(?<=[a-z0-9])[._-]?x(\d{1,2})(?![a-z0-9])",
    r"\.(\d{1,2})x(?![a-z0-9])", r"(?<![a-z0-9.])(\d{1,2})[ _-]?gpus?(?![a-z])",
)  # fmt: skip
"""How names say a number of GPUs: 8x H100, h100x8, h100.8x, 8gpu."""
_ONE = r"\bgpu[ -]?(?:per )?hours?\b|\bper gpu\b"

_ALL = "FROM (SELECT unnest(CAST(? AS VARCHAR[][])) AS one)"
"""All rows in one statement: a statement for each takes most of the time in which a store is opened."""


@dataclass(frozen=True)
class InstanceGpus:
    """GPUs of an instance type; `gpus` may be a part of one, as text, None where it is of several sizes."""

    provider: str
    instance_type: str
    gpu: str
    gpus: str | None


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
        bare = offer.id.removeprefix(f"{offer.provider}-")
        one = "1" if offer.gpus == 1 else None
        known = {offer.instance_type: str(offer.gpus), offer.id: one, bare: one, f"gpu-{bare}": one}
        for name, gpus in known.items():
            if name and (key := (offer.provider, instance_slug(offer.provider, name))) not in seen:
                seen.add(key)
                yield InstanceGpus(offer.provider, name, offer.gpu, gpus)


@lru_cache(maxsize=10_000)
def gpu_named(name: str, provider: str) -> str:
    """Return the catalog's id of a GPU as a bill or a meter names it, else a slug of the name.

    >>> gpu_named("Nvidia H100 80GB", "gcp"), gpu_named("NVIDIA A100-SXM4-40GB", "own"), gpu_named("M60", "aws")
    ('h100-sxm-80gb', 'a100-sxm-40gb', 'm60')
    """
    return gpu_id(name, provider=provider) or gpu_id(slug(name), provider=provider) or slug(name)[:80]


@lru_cache(maxsize=10_000)
def gpus_in(words: str) -> float | None:
    """Return how many GPUs the words of a row are of, None where they do not say it, or say several numbers.

    >>> [gpus_in(one) for one in ("gpu_8x_h100", "h100x8", "H100 GPU hour", "p5.48xlarge", "2x H100, 8 GPU")]
    [8.0, 8.0, 1.0, None, None]
    """
    said = {int(found) for pattern in _COUNTS for found in re.findall(pattern, words.lower())}
    if len(said) == 1:
        return float(said.pop())
    return 1.0 if not said and re.search(_ONE, words.lower()) else None


@lru_cache(maxsize=10_000)
def gpu_in(words: str, provider: str, offered: tuple[str, ...] = ()) -> str | None:
    """Return the GPU that the words of a row name: the catalog's id, else the model alone, None where there is none.

    Parameters
    ----------
    offered : GPUs that the provider rents, which may say what the words leave out

    >>> gpu_in("gd-8xh100ib-i128", "coreweave", ("h100-sxm-80gb",)), gpu_in("H100 GPU hour", "x"), gpu_in("GPU", "x")
    ('h100-sxm-80gb', 'h100', None)
    """
    text = re.sub(f"({_MODELS})", r" \1 ", words.lower())
    if found := gpu_id(text, provider=provider):
        return found
    models = set(re.findall(_MODELS, text))
    if len(models) != 1:
        return None
    (model,) = models
    left = {one for one in offered if one.startswith(f"{model}-")}
    return left.pop() if len(left) == 1 else model


def load_gpus(base: duckdb.DuckDBPyConnection, folder: Path, catalog: Catalog | None = None) -> None:
    """Make what is known here known to a connection, for its life: tables, and functions of names and words."""
    rows = list(instance_gpus(folder, catalog))
    named = {one.id: one.id for one in catalog.section("providers").values()} if catalog else {}
    named |= {one.name.lower(): one.id for one in catalog.section("providers").values()} if catalog else {}
    offered: dict[str, set[str]] = {}
    for offer in catalog.section("offers").values() if catalog else ():
        if not offer.id.endswith("-index"):  # an index over what many clouds offer says little of what this one has
            offered.setdefault(offer.provider, set()).add(offer.gpu)
    base.execute(
        "CREATE OR REPLACE TEMP TABLE gpu_types (provider VARCHAR, instance_type VARCHAR, gpu VARCHAR, "
        "gpus DECIMAL(12, 6), PRIMARY KEY (provider, instance_type))"
    )
    types = [[one.provider, instance_slug(one.provider, one.instance_type), one.gpu, one.gpus] for one in rows]
    base.execute(f"INSERT INTO gpu_types SELECT one[1], one[2], one[3], one[4] {_ALL}", [types])
    base.execute("CREATE OR REPLACE TEMP TABLE providers (name VARCHAR PRIMARY KEY, id VARCHAR)")
    names = PROVIDERS | {name: one for name, one in named.items() if name not in PROVIDERS}
    base.execute(
        f"INSERT INTO providers SELECT firm(one[1]), one[2] {_ALL} ON CONFLICT DO NOTHING",
        [[list(one) for one in names.items()]],
    )

    def told(words: str, provider: str) -> str:  # a function of DuckDB returns something
        return gpu_in(words, provider, tuple(sorted(offered.get(provider, ())))) or ""

    def number(words: str) -> float:
        return gpus_in(words) or 0.0

    base.create_function("gpu_named", gpu_named, ["VARCHAR", "VARCHAR"], "VARCHAR")
    base.create_function("gpu_in", told, ["VARCHAR", "VARCHAR"], "VARCHAR")
    base.create_function("gpus_in", number, ["VARCHAR"], "DOUBLE")
