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
        (r"(?<=^name: ).*", NAME), (r"(?<=^description: ).*", told), (r"(?<=^start: )\S+", first),
        (r"(?<=^horizon_months: )\d+", str(len(found.labels))), (r"(?<=^  order_until: )\S+", first),
        (r"(?<=^servers:\n  consider: )\[.*\]", _of_gpus(found, catalog, "servers")),
        (r"(?<=^offers:\n  consider: )\[.*\]", _of_gpus(found, catalog, "offers")),
    ):  # fmt: skip
        text = _put(text, pattern, value)
    return text


def _put(text: str, pattern: str, value: str) -> str:
    """Replace the one place that matches."""
    flags = re.MULTILINE | (re.DOTALL if "*?" in pattern else 0)
    text, places = re.subn(pattern, lambda _: value, text, flags=flags)
    assert places == 1, f"the starter scenario has {places} places {pattern}"
    return text


def _of_gpus(found: FutureDemand, catalog: Catalog, section: str) -> str:
    """Return the ids of what has these GPUs; of offers those with a sure price, where there are any."""
    ids = [one.id for one in catalog.section(section).values() if one.gpu in found.speeds]
    prices = ((one, catalog.in_force(f"{one}/on_demand_usd_per_gpu_hour", date.max)) for one in ids)
    sure = [one for one, row in prices if row and row.fact.confidence == "high"]
    lines = wrap(", ".join(sure or ids), WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"[{(chr(10) + INDENT).join(lines)}]"
