"""The starter scenario, with what was used in the past in place of its workloads."""

from __future__ import annotations

import re
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING

from planner.actuals.demand import FutureDemand, as_yaml

if TYPE_CHECKING:
    from planner.catalog.load import Catalog

NAME = "from-actuals"
WIDTH, INDENT = 100, "    "


def starter(template: str, found: FutureDemand, catalog: Catalog) -> str:
    """Return the starter scenario begun where the past ends, with the demand that follows from it.

    To consider are the catalog's servers and offers of the GPUs that were used; of offers those with prices of high
    confidence.

    Parameters
    ----------
    template : YAML of the starter scenario
    """
    first = found.labels[0]
    workloads = f"# What is asked: what was used, carried on.\n{as_yaml(found, NAME)}\n"
    text, told = _put(template, r"# What is asked\..*?(?=# Where servers)", workloads), "What was used, carried on."
    for pattern, value in (
        (r"(?<=^# A starter scenario: ).*", "what was used or billed, with a forecast of it."),
        (r"(?<=^name: ).*", NAME), (r"(?<=^description: ).*", told), (r"(?<=^start: )\S+", first),
        (r"(?<=^horizon_months: )\d+", str(len(found.labels))), (r"(?<=^  order_until: )\S+", first),
        (r"(?<=^servers:\n  consider: )\[.*\]", _listed(_of_gpus(found, catalog, "servers"))),
        (r"(?<=^offers:\n  consider: )\[.*\]", _listed(_sure(_of_gpus(found, catalog, "offers"), catalog))),
    ):  # fmt: skip
        text = _put(text, pattern, value)
    return text


def _put(text: str, pattern: str, value: str) -> str:
    """Replace the one place that matches."""
    flags = re.MULTILINE | (re.DOTALL if "*?" in pattern else 0)
    text, places = re.subn(pattern, lambda _: value, text, flags=flags)
    if places != 1:
        raise ValueError(f"the starter scenario has {places} places {pattern}")
    return text


def _of_gpus(found: FutureDemand, catalog: Catalog, section: str) -> list[str]:
    """Return the ids of what has these GPUs."""
    return [one.id for one in catalog.section(section).values() if one.gpu in found.speeds]


def _sure(offers: list[str], catalog: Catalog) -> list[str]:
    """Return the offers whose price is sure, or all where none is."""
    prices = ((one, catalog.in_force(f"{one}/on_demand_usd_per_gpu_hour", date.max)) for one in offers)
    return [one for one, row in prices if row and row.fact.confidence == "high"] or offers


def _listed(ids: list[str]) -> str:
    return f"[{(chr(10) + INDENT).join(wrap(', '.join(ids), WIDTH, break_long_words=False, break_on_hyphens=False))}]"
