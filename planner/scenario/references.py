"""Checks the names that a scenario takes from the catalog, also when other parts of the scenario are wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any

from planner.catalog.load import Catalog
from planner.documents import Document, Path_
from planner.errors import Complaint, nearest

REFERENCES = (
    ("workloads.*.speed.*", "gpus"),
    ("workloads.*.api.offers.*", "api_offers"),
    ("sites.*.id", "sites"),
    ("servers.consider.*", "servers"),
    ("servers.exclude.*", "servers"),
    ("offers.consider.*", "offers"),
    ("offers.exclude.*", "offers"),
    ("existing_servers.*.server", "servers"),
    ("existing_commitments.*.offer", "offers"),
    ("existing_savings_plans.*.plan", "savings_plans"),
    ("limits.on_demand_quota_gpus.*", "offers"),
    ("limits.spot_depth_gpus.*", "offers"),
    ("limits.provider_share_fraction.*", "providers"),
    ("staff.*.role", "staffing"),
    ("discounts.*.provider", "providers"),
)
"""Where a scenario names a thing of which section of the catalog; a last * means the keys of a mapping."""

ANY_PROVIDER = "any"
_NAMED = 5
"""Known names that are shown because they hold the unknown one."""
_FEW = 50
"""So many names are listed where none is like the unknown one."""
_LIST = "planner catalog show lists them"


def check_references(document: Document, catalog: Catalog) -> Iterator[Complaint]:
    """Yield a complaint for every name in a scenario's `document` that stands for nothing in `catalog`."""
    yield from unknown_names(document, catalog, REFERENCES)
    for path, name in _names(document.value, ["prices", "*"], ()):
        if name not in catalog.rows:
            yield _unknown(document, path, name, "is not a row of the catalog", catalog.rows)
    wide = (
        ["price_paths", "*", "rows"],
        ["price_paths", "*", "like", "*"],
        ["scale", "rows", "*"],
        ["scale", "later", "*"],
    )
    patterns = (_names(document.value, steps, ()) for steps in wide)
    for path, name in chain(*patterns):
        if not any(fnmatchcase(row_id, name) for row_id in catalog.rows):
            yield _unknown(document, path, name, "matches no row of the catalog", catalog.rows)


def unknown_names(document: Document, catalog: Catalog, references: Sequence[tuple[str, str]]) -> Iterator[Complaint]:
    """Yield a complaint for every name in `document`, at one of `references`, that its section does not hold."""
    for pattern, section in references:
        known: Collection[str] = catalog.things[section]
        for path, name in _names(document.value, pattern.split("."), ()):
            if name not in known and not (section == "providers" and name == ANY_PROVIDER and path[0] == "limits"):
                yield _unknown(document, path, name, f"names none of the catalog's {section}", known)


def _unknown(document: Document, path: Path_, name: str, message: str, known: Collection[str]) -> Complaint:
    holding = sorted(one for one in known if name.lower() in one)[:_NAMED]
    meant = nearest(name, known) or (f"did you mean one of {', '.join(holding)}?" if holding else None)
    allowed = ", ".join(sorted(known)) if meant is None and len(known) <= _FEW else None
    return Complaint(document.place(path), ".".join(map(str, path)), message, name, allowed, meant or _LIST)


def _names(value: Any, steps: list[str], path: Path_) -> Iterator[tuple[Path_, str]]:
    """Yield path and text of everything that `steps` lead to; what has another shape is left to the schema."""
    if not steps:
        if isinstance(value, str):
            yield path, value
        return
    step, rest = steps[0], steps[1:]
    if step != "*":
        if isinstance(value, dict) and step in value:
            yield from _names(value[step], rest, (*path, step))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _names(item if rest else key, rest, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _names(item, rest, (*path, index))
