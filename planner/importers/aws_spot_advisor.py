"""The AWS Spot Advisor's JSON: how often spot instances were taken back in the last month, as bands.

The file's `ranges` give the bands, a row per region, system and instance type the number of one. What it saves against
on-demand is noted, not turned into a price: the on-demand price that it was compared with is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from planner.catalog.fact_rows import FactRow
from planner.importers import Imported
from planner.importers.common import Settings, day, refuse, tally
from planner.importers.ec2_types import gpus_of
from planner.importers.offers import OfferKey
from planner.importers.terms import Gathered, json_whole

_LABEL = re.compile(r"(?P<below><)?(?P<above>>)?(?P<low>\d{1,2})(?:-(?P<high>\d{1,2}))?%")
_PERCENT = Decimal("0.01")

_Band = tuple[Decimal, Decimal]


def read(path: Path, settings: Settings) -> Imported:
    """Map the file. The day is --date: it carries none."""
    found = json_whole(path)
    try:
        bands = {one["index"]: _band(one["label"]) for one in found["ranges"]}
        regions = found["spot_advisor"].items()
    except (TypeError, KeyError, AttributeError, ValueError):
        refuse(path, "holds no `ranges` and `spot_advisor` of the AWS Spot Advisor")
    today = day(path, settings)
    result = Imported()
    gathered = Gathered(result)
    for region, system, name, cells in _cells(regions):
        result.read += 1
        if (reason := _take(region, system, name, cells, bands, today, settings, gathered)) is not None:
            tally(result, reason)
    result.rows = [fact for _, fact, _ in gathered.held.values()]
    return result


def _cells(regions: Any) -> Iterator[tuple[str, str, str, Any]]:
    for region, systems in regions:
        for system, types in systems.items() if isinstance(systems, dict) else ():
            for name, cells in types.items() if isinstance(types, dict) else ():
                yield region, system, name, cells


def _band(label: str) -> _Band:
    """Return the ends of a band as fractions. Raises ValueError when the label is none.

    >>> _band("<5%"), _band("10-15%"), _band(">20%")
    ((Decimal('0'), Decimal('0.05')), (Decimal('0.10'), Decimal('0.15')), (Decimal('0.20'), Decimal('1')))
    """
    found = _LABEL.fullmatch(label)
    if found is None or sum(found[part] is not None for part in ("below", "above", "high")) != 1:
        raise ValueError(label)
    first = int(found["low"]) * _PERCENT
    if found["below"]:
        return Decimal(0), first
    return first, int(found["high"]) * _PERCENT if found["high"] else Decimal(1)


def _take(
    region: str, system: str, name: str, cells: Any, bands: dict[int, _Band], today: str, settings: Settings,
    gathered: Gathered,
) -> str | None:  # fmt: skip
    """Take the class of an instance type in a region; return why it is skipped, or None."""
    if system != "Linux":
        return f"system {system}"
    gpus = gpus_of(name)
    if isinstance(gpus, str):
        return gpus
    index = cells.get("r") if isinstance(cells, dict) else None
    if type(index) is not int or index not in bands:
        return "malformed row"
    offer = OfferKey("aws", region, name, *gpus)
    if (reason := gathered.refused(offer)) is not None:
        return reason
    (low, high), saving = bands[index], cells.get("s")
    closed = high < 1
    note = "the band's middle" if closed else "the band's lower end, as it is open above"
    if type(saving) is int and 0 <= saving <= 100:
        note += f"; {saving} % saved against on-demand in the month before"
    fact = FactRow(
        "offers", offer.id, "interruption_fraction_per_month", (low + high) / 2 if closed else low, low=low, high=high,
        date=today, source=settings.source, basis="band of the month before", confidence="medium", note=note,
        attributes=offer.attributes,
    )  # fmt: skip
    gathered.add(fact, today)
    return None
