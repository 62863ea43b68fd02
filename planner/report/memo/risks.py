"""Risks that the plan itself shows, each with the figure that makes it one, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from planner.report.formatting import fixed, money, number, percent, plural
from planner.report.memo.advised import objection, sureness
from planner.report.memo.facts import (
    PROMISED,
    RENTED,
    Row,
    before_tax,
    capital_outlay,
    closest_price,
    component,
    evidence,
    npv_without_resale,
    purchases,
    weak_rows,
)
from planner.report.memo.orders import lead_months
from planner.report.parts import Cell, Column, Section, Table, Text
from planner.report.summary import CLOSE_ENOUGH, WEAK, is_close, margin

Risk = tuple[str, str, str]
"""Its name, the figure that makes it one, what can be done."""
WEAK_SHARE = 0.2
"""Share of the cost on weak data from which it is a risk of its own."""
RESALE_SHARE = 0.1
CONCENTRATED = 0.25
MOVING_SHARE = 0.1
PERSONNEL_SHARE = 0.15
LONG_LEAD = 3
NEAR_PRICE = 0.1
_COLUMNS = (
    Column("Risk", number=False),
    Column("What makes it one", number=False, wide=True),
    Column("Mitigation", number=False, wide=True),
)


def risks(document: dict[str, Any]) -> Section:
    """Return the risks that the plan shows; none is listed without its figure."""
    found = [risk for kind in _KINDS for risk in kind(document)]
    if not found:
        return Section("risks", "Risks and mitigations", "", (Text("The plan shows none of the risks looked for."),))
    body = tuple(tuple(Cell(text) for text in one) for one in found)
    return Section("risks", "Risks and mitigations", "", (Table("Risks that the plan shows", _COLUMNS, body),))


def _close_call(document: Row) -> Iterator[Risk]:
    apart, present = margin(document), document["tco"]["plan"]["present_usd"]
    if apart is not None and present and is_close(document):
        yield (
            "A close call",
            f"Buying and not buying are {money(apart)} apart, {percent(apart / present)} of the present cost.",
            "Decide on what the plan does not count, such as control and flexibility; ask for binding quotes first.",
        )


def _other_futures(document: Row) -> Iterator[Risk]:
    if objection(document):
        yield (
            "It comes otherwise",
            sureness(document),
            "Settle which futures count before signing: state the uncertain drivers with their sources, or decide as "
            "the study advises.",
        )


def _near_price(document: Row) -> Iterator[Risk]:
    found = closest_price(document)
    if found is not None and abs(found[1]) <= NEAR_PRICE:
        option, step, at = found
        yield (
            "A price near its limit",
            f"{option} changes the plan at {at}, {percent(abs(step))} {'above' if step > 0 else 'below'} today's.",
            "Fix this price in a contract before the rest is signed, or plan again when it moves.",
        )


def _unproven(document: Row) -> Iterator[Risk]:
    gap = document["tco"]["plan"]["relative_gap"]
    if document["solver"]["status"] != "proven" or gap is None or gap > CLOSE_ENOUGH:
        said = "It is not known" if gap is None else f"Another plan may be up to {percent(gap, 2)} cheaper"
        yield "Not proven to the end", f"{said}.", "Give the solver more time before money is spent."


def _weak_data(document: Row) -> Iterator[Risk]:
    weak, used = weak_rows(document)
    names = {one["row"] for one in document["evidence"] if one["used"] and one["confidence"] in WEAK}
    lines = document["lines"]
    total = sum(abs(line["present_usd"]) for line in lines)
    resting = sum(abs(line["present_usd"]) for line in lines if names & set(line["rows"]))
    share = resting / total if total else weak / used if used else 0.0
    if share >= WEAK_SHARE:
        of = "of all payments rest" if total else "of the rows rest"
        yield (
            "Weak data",
            f"{percent(share)} {of} on assumptions or data of low confidence ({weak} of {used} rows).",
            "Replace the rows marked in the assumptions register by quotes and measurements, largest payments first.",
        )


def _resale(document: Row) -> Iterator[Risk]:
    plan, outlay = document["tco"]["plan"], capital_outlay(document)
    resale = -component(plan, "resale")
    if outlay > 0 and resale / outlay >= RESALE_SHARE:
        without = npv_without_resale(document)
        left = f"; without it the net present value is {money(without)}" if without is not None else ""
        yield (
            "Resale",
            f"{money(resale)} is counted on from selling servers, {percent(resale / outlay)} of the outlay{left}.",
            "Ask for a buy-back price in the quotation, or a lease whose residual the lessor carries.",
        )


def _one_offer(document: Row) -> Iterator[Risk]:
    paid: dict[str, float] = {}
    for row in document["decisions"]["rentals"]:
        paid[row["offer"]] = paid.get(row["offer"], 0.0) + (row["usd"] or 0.0)
    total = before_tax(document["tco"]["plan"])
    offer = max(paid, key=lambda key: paid[key], default=None)
    if offer is not None and total > 0 and paid[offer] / total >= CONCENTRATED:
        yield (
            "One provider",
            f"{offer} takes {money(paid[offer])}, {percent(paid[offer] / total)} of the cost before tax.",
            "Agree on price and quota for the term, and keep a second provider's images and quota ready.",
        )


def _lead_time(document: Row) -> Iterator[Risk]:
    rows = purchases(document)
    slowest = max(rows, key=lead_months, default=None)
    if slowest is None or lead_months(slowest) < LONG_LEAD:
        return
    known = evidence(document, slowest["server"], "lead_time_months")
    ranged = known is not None and known["low"] is not None and known["high"] is not None
    span = f", {number(known['low'])} to {number(known['high'])} by the data" if known is not None and ranged else ""
    yield (
        "Late delivery",
        f"{plural(lead_months(slowest), 'month')} from order to service{span}; until then the work is rented.",
        "Put delivery dates with damages into the contract; keep the quota for rented capacity until acceptance.",
    )


def _owed(document: Row) -> Iterator[Risk]:
    owed = document["tco"]["plan"]["obligations_after_horizon_usd"]
    if owed > 0:
        yield (
            "Owed after the horizon",
            f"Commitments still cost {money(owed)} after the last month planned, which no total includes.",
            "Ask for terms that end with the plan, or for the right to exchange or resell the rest.",
        )


def _promised(document: Row) -> Iterator[Risk]:
    plan = document["tco"]["plan"]
    amount, total = component(plan, *PROMISED), before_tax(plan)
    if amount > MOVING_SHARE * total > 0:
        yield (
            "Promised whatever the demand",
            f"{money(amount)} of commitments is due even if the demand does not come, "
            f"{percent(amount / total)} of the cost before tax.",
            "Commit in steps as the demand shows; prefer terms that may be exchanged.",
        )


def _moving_prices(document: Row) -> Iterator[Risk]:
    plan = document["tco"]["plan"]
    amount, total = component(plan, *RENTED, "api"), before_tax(plan)
    if total > 0 and amount / total >= MOVING_SHARE:
        yield (
            "Prices that move",
            f"{money(amount)}, {percent(amount / total)} of the cost before tax, is paid at prices that may "
            f"change; 10 % more is {money(amount / 10)}.",
            "Fix rates by contract where they are near their limit; plan again every quarter.",
        )


def _personnel(document: Row) -> Iterator[Risk]:
    share = document["tco"]["plan"]["personnel_fraction"]
    if share is not None and share >= PERSONNEL_SHARE:
        amount = share * document["tco"]["plan"]["total_usd"]
        yield (
            "People",
            f"{percent(share)} of the total, {money(amount)}, is staff and project labour.",
            "Name the people before ordering, or ask for a managed service in the quotation.",
        )


def _undone(document: Row) -> Iterator[Risk]:
    undone = sum(row["unserved_work_units"] for row in document["decisions"]["by_month"])
    if undone > 0:
        yield (
            "Work left undone",
            f"{fixed(undone)} work units are not done, at the price that the scenario puts on them.",
            "Agree with the owners of the work that this is acceptable.",
        )


def _tax_shield(document: Row) -> Iterator[Risk]:
    tax = document["finance"].get("tax")
    if tax is not None:
        yield (
            "Deductions that cannot be used",
            f"The plan deducts at {percent(tax['rate_fraction'])} in the year in which a cost arises.",
            "Have the tax department confirm that there is enough income in these years.",
        )


_KINDS: tuple[Callable[[Row], Iterator[Risk]], ...] = (
    _close_call, _other_futures, _near_price, _unproven, _weak_data, _resale, _one_offer, _lead_time, _promised, _owed,
    _moving_prices, _personnel, _undone, _tax_shield
)  # fmt: skip
