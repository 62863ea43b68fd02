"""What part of an option's present cost some of its payments make, by the ledgers of plan.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Line = dict[str, Any]
_TAX_ON_DISPOSAL = "tax_on_disposal"


def present(document: dict[str, Any], option: str, counts: Callable[[Line], bool]) -> float | None:
    """Return the present USD of the lines of an option that `counts` names; None where plan.json has no ledgers."""
    lines = (document.get("ledgers") or {}).get(option)
    if lines is None:
        return None
    growth, horizon = 1 + document["finance"]["wacc_fraction"], document["horizon_months"]
    later = {"running": running_costs_lag(document), "year_end": 1}
    total = 0.0
    for line in filter(counts, lines):
        for month, quantity, usd in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            paid = horizon if line["timing"] == "horizon" else month + later.get(line["timing"], 0)
            total += quantity * usd * growth ** (-paid / 12)
    return total


def present_above(document: dict[str, Any], baseline: str, counts: Callable[[Line], bool]) -> float | None:
    """Return by how much the plan pays more than a baseline in the lines that `counts` names, present USD."""
    ours, theirs = present(document, "plan", counts), present(document, baseline, counts)
    return None if ours is None or theirs is None else ours - theirs


def is_of_resale(line: Line) -> bool:
    """Say whether a line is what servers bring at resale, or the tax on that."""
    sold = line["component"] == _TAX_ON_DISPOSAL and "/resale_fraction/" in line["source"]
    return bool(line["component"] == "resale" or sold)


def is_of_price(line: Line, server: str) -> bool:
    """Say whether a line moves with the purchase price of a server."""
    rows = {f"{server}/purchase_usd_per_server", f"{server}/gpu_usd_per_gpu"}
    return not rows.isdisjoint(line["source"].split(" × "))


def running_costs_lag(document: dict[str, Any]) -> int:
    """Return after how many months running costs are paid: 1 at the end of their month, 0 at its start."""
    conventions = document["finance"].get("conventions")
    if conventions:
        return 0 if conventions["running_costs"] == "start of month" else 1
    said = [one["value"] for one in document["inputs"] if one["input"] == "running costs are paid"]
    return 0 if said == ["start of month"] else 1
