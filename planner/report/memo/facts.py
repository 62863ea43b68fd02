"""Figures of a plan that several sections of the memo speak of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from planner.report.formatting import count, percent, price
from planner.report.ledgers import is_of_price, is_of_resale, present_above
from planner.report.reasons import UNREALISTIC
from planner.report.summary import BASELINES, OPTIONS, WEAK

Row = dict[str, Any]
RENTED = ("on_demand", "spot")
"""Components whose prices may move from one day to the next."""
PROMISED = ("commitments", "savings_plans")

SAME = 0.5
"""Difference of present cost in USD below which two options are one and the same to a reader."""


def purchases(document: Row) -> list[Row]:
    """Return the orders by month."""
    return sorted(document["decisions"]["purchases"], key=lambda row: (row["month"], row["server"], row["site"]))


def new_commitments(document: Row) -> list[Row]:
    """Return what is to be signed; what runs already is no decision."""
    return [row for row in document["decisions"]["commitments"] if not row["existing"]]


def promised(document: Row) -> bool:
    """Say whether anything is committed anew."""
    return bool(new_commitments(document) or document["decisions"]["savings_plans"])


def gpus(document: Row) -> str:
    """Return how many GPUs are bought."""
    return count(sum(row["gpus"] for row in document["decisions"]["purchases"]))


def capital_outlay(document: Row) -> float:
    """Return what is capitalised over the horizon, before anything is sold; only servers where no ledger says more."""
    ledger = sum(row["cost_usd"] for row in document["lines"] if row["category"] == "capex" and row["cost_usd"] > 0)
    return float(ledger or sum(row["usd"] for row in document["decisions"]["purchases"]))


@dataclass(frozen=True)
class WayPaid:
    """A way to pay, other than cash, that orders of the plan use; what is financed and paid is of all its orders."""

    name: str
    kind: str
    term_months: int
    financed_usd: float
    monthly_usd: float


def ways_paid(document: Row) -> list[WayPaid]:
    """Return the ways in which the orders are paid, but for cash."""
    ways = {(row["server"], row["name"]): row for row in document["finance"].get("financing") or []}
    found: dict[str, WayPaid] = {}
    for row in purchases(document):
        name = row.get("financing", "cash")
        if name != "cash":
            terms = ways[row["server"], name]
            prices = row["usd"] / terms["usd_per_server"]
            so_far = found.get(name, WayPaid(name, terms["kind"], terms["term_months"], 0.0, 0.0))
            found[name] = replace(
                so_far,
                financed_usd=so_far.financed_usd + prices * terms["financed_usd_per_server"],
                monthly_usd=so_far.monthly_usd + prices * terms["monthly_usd_per_server"],
            )
    return [found[name] for name in sorted(found)]


def component(total: Row, *names: str) -> float:
    """Return what components of an option come to."""
    return float(sum(total["by_component"].get(one, 0.0) for one in names))


def tax_basis(document: Row) -> str:
    """Say whether amounts are before or after tax."""
    tax = document["finance"].get("tax")
    if tax is not None:
        return f"after tax of {percent(tax['rate_fraction'])}"
    return "after tax" if document["tco"]["plan"].get("tax_usd") else "before tax"


def is_after_tax(document: Row) -> bool:
    """Say whether amounts are after tax."""
    return tax_basis(document) != "before tax"


def before_tax(total: Row) -> float:
    """Return what an option costs without the tax that it pays or saves."""
    return float(total["total_usd"] - total.get("tax_usd", 0.0))


def best_rented(document: Row) -> str | None:
    """Return the baseline of the verdict."""
    against = document["verdict"]["against"]
    return None if against is None else str(against)


def cheapest_without_purchase(document: Row) -> str | None:
    """Return the cheapest option that buys nothing."""
    known = [key for key in BASELINES if document["tco"][key] is not None]
    return min(known, key=lambda key: document["tco"][key]["present_usd"], default=None)


def distinct(document: Row) -> list[str]:
    """Return the plan and every option that is not the plan under another name."""
    plan = document["tco"]["plan"]
    return [
        key
        for key in OPTIONS
        if (total := document["tco"][key]) is not None
        and (key == "plan" or abs(total["present_usd"] - plan["present_usd"]) >= SAME)
    ]


def npv_without_resale(document: Row) -> float | None:
    """Return what the plan is worth against the baseline of the verdict when nothing is paid for servers in either."""
    saved, against = document["verdict"]["npv_usd"], best_rented(document)
    sold = present_above(document, against, is_of_resale) if against is not None else None
    return None if saved is None or sold is None else float(saved + sold)


def tied_price(document: Row, server: str, usd: float) -> float | None:
    """Return the price of a server at which the plan as it stands costs what the best option without purchase does.

    usd · (1 + what the plan saves ÷ what it pays more at a price of `usd`), all present; dearer, a plan that buys
    fewer may still be worth it.
    """
    best = cheapest_without_purchase(document)
    tied = present_above(document, best, lambda line: is_of_price(line, server)) if best is not None else None
    if best is None or tied is None or tied <= 0:
        return None
    saved = document["tco"][best]["present_usd"] - document["tco"]["plan"]["present_usd"]
    return float(usd * (1 + saved / tied))


def used_rows(document: Row) -> list[Row]:
    """Return the catalog rows behind the figures."""
    return [one for one in document["evidence"] if one["used"]]


def weak_rows(document: Row) -> tuple[int, int]:
    """Return how many rows are assumptions or of low confidence, and how many there are."""
    used = used_rows(document)
    return sum(one["confidence"] in WEAK for one in used), len(used)


def evidence(document: Row, thing: str, field: str) -> Row | None:
    """Return the row of a field, used or not."""
    return next((one for one in document["evidence"] if one["row"] == f"{thing}/{field}"), None)


def walk_away(document: Row, option: str) -> Row | None:
    """Return the row of an option among the prices that change the answer."""
    return next((one for one in document["prices_that_change_the_answer"] if one["option"] == option), None)


def switching(document: Row) -> list[tuple[float, Row]]:
    """Return the known prices that change the plan with their relative distance, the nearest first."""
    rows = [
        (row["price_at_change_usd"] / row["price_now_usd"] - 1, row)
        for row in document["prices_that_change_the_answer"]
        if row["price_now_usd"] and row["price_at_change_usd"] is not None
    ]
    near = [(step, row) for step, row in rows if abs(step) <= UNREALISTIC]
    return sorted(near, key=lambda one: (abs(one[0]), one[1]["option"]))


def is_bound(row: Row) -> bool:
    """Say whether a price is only known not to change the plan before."""
    return str(row["basis"]).startswith("bound")


def closest_price(document: Row) -> tuple[str, float, str] | None:
    """Return the option whose price is closest to a change that is known, its relative distance, and that price."""
    known = [(step, row) for step, row in switching(document) if not is_bound(row)]
    if not known:
        return None
    step, row = known[0]
    return row["option"], step, f"{price(row['price_at_change_usd'])} {row['unit']}"
