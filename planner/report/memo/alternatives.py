"""What else could be done: every alternative with its cost, its risk and why it is not chosen; and doing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.report.formatting import DASH, add_up, fixed, money, name, percent, plural
from planner.report.memo.facts import (
    PROMISED,
    RENTED,
    SAME,
    best_rented,
    cheapest_without_purchase,
    component,
    distinct,
)
from planner.report.options import options
from planner.report.parts import Block, Cell, Column, Figure, Section, Table, Text, nothing, reason
from planner.report.summary import OPTIONS

_COLUMNS = (
    Column("Alternative", number=False),
    Column("Present cost, USD"),
    Column("More than the plan"),
    Column("NPV, USD"),
    Column("Risk, nominal and before tax", number=False, wide=True),
    Column("Why not", number=False, wide=True),
)


def alternatives(document: dict[str, Any]) -> Section:
    """Return every alternative beside the plan."""
    against = best_rented(document)
    drawn = [one for one in options(document).blocks if isinstance(one, Figure)]
    said = (
        f"NPV: net present value against the {name(against).lower()}, at the same discount rate."
        if against
        else f"NPV {DASH} there is no rented alternative to compare with."
    )
    table = Table("Cost, risk and reason of each, present value", _COLUMNS, tuple(_rows(document)))
    return Section("alternatives", "Alternatives considered", "", (*drawn, table, Text(said), *_merged(document)))


def _merged(document: dict[str, Any]) -> Iterator[Text]:
    """Say which options are the plan itself."""
    other = [key for key in OPTIONS if document["tco"][key] is not None and key not in distinct(document)]
    if other:
        yield Text(f"The plan is also the best of its kind under the name of: {', '.join(map(name, other))}.")


def _rows(document: dict[str, Any]) -> Iterator[tuple[Cell, ...]]:
    tco, against = document["tco"], best_rented(document)
    plan, shown = tco["plan"], distinct(document)
    for key, what in OPTIONS.items():
        total, first = tco[key], Cell(name(key), note=what)
        if total is None:
            yield first, nothing(f"not possible: {reason(document, key)}", span=len(_COLUMNS) - 1)
            continue
        if key not in shown:
            continue
        cost = _whole(total)
        value = Cell(fixed(_whole(tco[against]) - cost) if against else DASH)
        more = Cell(DASH if key == "plan" else fixed(cost - _whole(plan)))
        yield first, Cell(fixed(cost)), more, value, Cell(_risk(total)), Cell(_why_not(key, cost - _whole(plan), plan))


def _whole(total: dict[str, Any]) -> int:
    """Return the present cost as it is shown, so that differences are those of what is shown."""
    return add_up([total["present_usd"]])[0]


def _risk(total: dict[str, Any]) -> str:
    """Say what of an option's cost is not in our hands."""
    promised, rented = component(total, *PROMISED), component(total, *RENTED, "api")
    owed, resale = total["obligations_after_horizon_usd"], -component(total, "resale")
    said = [
        f"{money(rented)} at prices that may rise" if rented > 0 else "",
        f"{money(promised)} promised, whatever the demand" if promised > 0 else "",
        f"{money(owed)} still owed after the horizon" if owed > 0 else "",
        f"{money(resale)} counted on from resale" if resale > 0 else "",
    ]
    return "; ".join(filter(None, said)) or "none of price, promise or resale"


def _why_not(key: str, more: float, plan: dict[str, Any]) -> str:
    if key == "plan":
        return "recommended"
    share = f", {percent(more / plan['present_usd'])}" if plan["present_usd"] > 0 else ""
    return f"costs {money(more)} more{share}" if more > 0 else f"within the gap of the proof: {money(-more)} apart"


def instead(document: dict[str, Any]) -> Section:
    """Return the consequence of not proceeding, and the cost of waiting."""
    return Section("not-proceeding", "Not proceeding, or waiting", "", tuple(_instead(document)))


def _instead(document: dict[str, Any]) -> Iterator[Block]:
    found = document["finance"].get("not_proceeding") or _without_purchase(document)
    if found is None:
        yield Text("Without the plan there is no other way to do the work: nothing that needs no purchase is possible.")
    elif found["costs_usd"] > SAME:
        yield Text(
            f"Without any new purchase the work costs {money(found['present_usd'])} in present value at best, "
            f"{money(found['costs_usd'])} more than the plan."
        )
    else:
        yield Text(
            "Nothing is lost by not buying: a plan without any purchase costs no more. "
            "Not proceeding with its renting means that the work is not done."
        )
    waiting = document["finance"].get("waiting")
    if waiting is not None and waiting["costs_usd"] is None:
        yield Text(
            f"Waiting {plural(waiting['months'], 'month')} with every order: no plan was found that obeys every rule."
        )
    elif waiting is not None:
        gap = (waiting.get("relative_gap") or 0.0) * waiting["present_usd"]
        surely = f", at least {money(waiting['costs_usd'] - gap)}" if 0 < gap < waiting["costs_usd"] else ""
        yield Text(
            f"Waiting {plural(waiting['months'], 'month')} with every order costs {money(waiting['costs_usd'])} in "
            f"present value{surely}: the best plan found then comes to {money(waiting['present_usd'])}."
        )
    if waiting is not None and not waiting.get("orders_later", True):
        yield Text("Nothing can be ordered after that wait: to wait is not to buy.")


def _without_purchase(document: dict[str, Any]) -> dict[str, Any] | None:
    key = cheapest_without_purchase(document)
    if key is None:
        return None
    present = document["tco"][key]["present_usd"]
    costs = present - document["tco"]["plan"]["present_usd"]
    return {"present_usd": present, "costs_usd": costs}
