"""Over which months a payment is spread that is for more than its own: capital outlay, and commitments paid upfront."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.components import listed
from planner.units import month_label, months_between

Plan = Mapping[str, Any]
Line = Mapping[str, Any]


def outlay(plan: Plan) -> dict[str, str]:
    """Return the components that are capital outlay in any ledger of a plan, each with the item that costs most."""
    found: dict[str, dict[str, float]] = {}
    for lines in plan["ledgers"].values():
        for line in lines or ():
            if is_outlay(line):
                items, item = found.setdefault(listed(line["component"]), {}), _thing(line)
                usd = sum(n * each for n, each in zip(line["quantity"], line["unit_cost_usd"], strict=True))
                items[item] = items.get(item, 0.0) + usd
    return {component: max(items, key=lambda item: items[item]) for component, items in found.items()}


def is_outlay(line: Line) -> bool:
    """Say whether a line of a ledger is capital outlay; what a server is worth at the end is none."""
    return bool(line["category"] == "capex" and listed(line["component"]) != "resale")


def months_of(plan: Plan, line: Line, t: int) -> tuple[int, int] | None:
    """Return the first month, and how many, that a payment in month t is spread over; None: it is of its month."""
    if is_outlay(line):
        return life_from(plan, _thing(line), t)
    if line["treatment"] != "spread":
        return None
    made = plan["decisions"]
    terms = {f"{one['term']}@{one['month']}": one["term_months"] for one in made["commitments"]}
    terms |= {one["plan"]: one["term_months"] for one in made["savings_plans"]}
    return (t, terms[line["item"]]) if line["item"] in terms else None


def life_from(plan: Plan, item: str, t: int) -> tuple[int, int]:
    """Return the months of a server's useful life that is paid in month t; of all else the rest of the horizon."""
    life = next((one["value"] for one in plan["evidence"] if one["row"] == f"{item}/useful_life_months"), None)
    if life is None:
        return t, max(1, int(plan["horizon_months"]) - t)
    ordered = month_label(plan["start"], t)
    waits = [
        months_between(one["month"], one["in_service"]) for one in plan["decisions"]["purchases"]
        if (one["server"], one["month"]) == (item, ordered)
    ]  # fmt: skip
    return t + (waits[0] if waits else 0), max(1, round(life))


def _thing(line: Line) -> str:
    """Return the server, room or the like that a line is for."""
    return str(line["item"]).split(" @ ")[0]
