"""What is ordered: the schedule, what to ask vendors for, and what servers are worth at the end."""

from __future__ import annotations

from collections.abc import Iterator

from planner.report.formatting import (
    DASH,
    add_up,
    count,
    fixed,
    money,
    month,
    name,
    number,
    percent,
    plural,
    price,
    words,
)
from planner.report.memo.facts import (
    Row,
    cheapest_without_purchase,
    component,
    evidence,
    is_bound,
    new_commitments,
    npv_without_resale,
    purchases,
    tied_price,
    used_rows,
    walk_away,
)
from planner.report.parts import Block, Cell, Column, Section, Table, Text, code, columns
from planner.report.reasons import basis
from planner.units import months_between

_FIELDS = {"power_active_kw": "kW at full load", "rack_units": "rack units"}
_REQUIREMENT = (Column("Item", number=False), Column("Requirement", number=False, wide=True))


def schedule(document: Row) -> Section:
    """Return every order with its delivery, and what else has its month."""
    found: list[Block] = []
    rows = purchases(document)
    if rows:
        found.append(_orders(rows))
    other = sorted(_dates(document), key=lambda one: one[0].text)
    if other:
        heads = columns("Month", "What", "Quantity", "USD", words=("What",))
        found.append(Table("What else has its month; income is negative", heads, tuple(other)))
    return Section("schedule", "Lead times and purchase schedule", "", tuple(found))


def _orders(rows: list[Row]) -> Table:
    amounts = add_up([row["usd"] for row in rows])
    body = tuple(
        (
            Cell(row["month"]),
            Cell(row["in_service"], note=plural(lead_months(row), "month")),
            code(row["server"], note="" if row.get("financing", "cash") == "cash" else row["financing"]),
            code(row["site"]),
            Cell(count(row["servers"])),
            Cell(count(row["gpus"])),
            Cell(fixed(usd)),
        )
        for row, usd in zip(rows, amounts, strict=True)
    )
    total = (
        Cell("Total", span=4),
        Cell(count(sum(row["servers"] for row in rows))),
        Cell(count(sum(row["gpus"] for row in rows))),
        Cell(fixed(sum(amounts))),
    )
    heads = columns("Order and payment", "Delivered, in service", "Server", "Site", "Servers", "GPUs", "USD",
                    words=("Delivered, in service", "Server", "Site"))  # fmt: skip
    return Table("Orders; the amount is the servers alone", heads, body, (total,))


def lead_months(row: Row) -> int:
    """Return the months from the order to the first use."""
    return months_between(row["month"], row["in_service"])


def _dates(document: Row) -> Iterator[tuple[Cell, ...]]:
    decided = document["decisions"]
    for row in decided["sales"]:
        what = Cell("Sell", note=f"{row['server']} at {row['site']}")
        yield Cell(row["month"]), what, Cell(count(row["servers"])), Cell(fixed(-row["usd"]))
    for row in new_commitments(document):
        what = Cell(f"Commit for {plural(row['term_months'], 'month')}", note=str(row["term"] or row["offer"]))
        yield Cell(row["month"] or DASH), what, Cell(count(row["instances"])), Cell(fixed(row["usd"]))
    for row in decided["savings_plans"]:
        what = Cell(f"Savings plan for {plural(row['term_months'], 'month')}", note=row["plan"])
        yield Cell(row["month"]), what, Cell(f"{price(row['usd_per_hour'])} an hour"), Cell(DASH)


def quotation(document: Row) -> Section:
    """Return what to ask vendors for, with the prices from which on the answer is another."""
    kinds = list(dict.fromkeys(row["server"] for row in purchases(document)))
    blocks: list[Block] = [_request(document, kind) for kind in kinds]
    rates = tuple(_rates(document))
    if rates:
        heads = columns("Contract", "Rate now", "Walk away above", "Change", "Unit", "Basis", words=("Unit", "Basis"))
        blocks.append(Table("Rates to ask for, and to walk away from", heads, rates))
    if blocks:
        blocks.append(
            Text("Above a walk-away price another plan is better, all other prices unchanged: plan again then.")
        )
    return Section("quotation", "Request for quotation", "", tuple(blocks))


def _request(document: Row, kind: str) -> Table:
    rows = [row for row in purchases(document) if row["server"] == kind]
    servers, months = sum(row["servers"] for row in rows), sorted({row["month"] for row in rows})
    by_month = [
        f"{count(sum(row['servers'] for row in rows if row['month'] == one))} in {month(one)}" for one in months
    ]
    slowest = max(lead_months(row) for row in rows)
    lines = (
        ("Specification", _specification(document, kind, rows)),
        ("Quantity", Cell(plural(servers, "server"), note=", ".join(by_month) if len(by_month) > 1 else "")),
        ("Delivery", Cell(f"in service {_within(slowest)}",
                          note=f"sites: {', '.join(sorted({row['site'] for row in rows}))}; the first by "
                               f"{month(min(row['in_service'] for row in rows))}")),
        ("Warranty and support", _support(document, kind)),
        ("Payment", _payment(document, kind, rows)),
        ("Budget price", Cell(f"{price(rows[0]['usd_per_server'])} USD a server", note=_later(rows))),
        ("Walk-away price for this order", _tied(document, kind, rows)),
        ("Price at which none is bought", _limit(document, f"buy {kind}")),
    )  # fmt: skip
    return Table(f"{kind}: what to ask for", _REQUIREMENT, tuple((Cell(term), cell) for term, cell in lines))


def _within(months: int) -> str:
    return f"within {plural(months, 'month')} of each order" if months else "in the month of each order"


def _specification(document: Row, kind: str, rows: list[Row]) -> Cell:
    found = [(evidence(document, kind, field), said) for field, said in _FIELDS.items()]
    known = [f"{number(one['value'])} {said}" for one, said in found if one is not None and one["value"] is not None]
    each = sum(row["gpus"] for row in rows) / sum(row["servers"] for row in rows)
    return Cell(kind, note="; ".join([f"{count(each)} GPUs a server", *known]), code=True)


def _support(document: Row, kind: str) -> Cell:
    share, life = evidence(document, kind, "support_fraction_per_year"), evidence(document, kind, "useful_life_months")
    span = f"; useful life {plural(life['value'], 'month')}" if life is not None and life["value"] else ""
    if share is None or share["value"] is None:
        return Cell("to be quoted with its yearly price", note=span.removeprefix("; "))
    return Cell(
        "parts and labour, by the year, for as long as the server is in service",
        note=f"the plan reckons with {percent(share['value'])} of the price a year{span}",
    )


def _payment(document: Row, kind: str, rows: list[Row]) -> Cell:
    ways = {row.get("financing", "cash") for row in rows}
    terms = [row for row in document["finance"].get("financing") or [] if row["server"] == kind and row["name"] in ways]
    said = [_terms(row) for row in terms if row["kind"] != "cash"]
    if said:
        return Cell(" and ".join(said), note="the rest in full with the order")
    return Cell("in full with the order", note="as the plan reckons; payment on delivery is worth asking for")


def _terms(row: Row) -> str:
    """Return what is paid of a server in a way to pay."""
    return (
        f"“{row['name']}”, {words(row['kind'])}: {money(row['financed_usd_per_server'])} of each server over "
        f"{plural(row['term_months'], 'month')} at {percent(row['rate_fraction'])} a year, "
        f"{money(row['monthly_usd_per_server'])} a month"
    )


def _later(rows: list[Row]) -> str:
    """Say how the price that the plan reckons with moves from the first order to the last."""
    first, last = rows[0]["usd_per_server"], rows[-1]["usd_per_server"]
    return f"{price(last)} USD for the last order, by the price path" if abs(last - first) >= 0.5 else ""


def _tied(document: Row, kind: str, rows: list[Row]) -> Cell:
    """Return the price from which the order as asked is no longer worth it."""
    now, best = rows[0]["usd_per_server"], cheapest_without_purchase(document)
    tied = tied_price(document, kind, now)
    if best is None or tied is None:
        return Cell(DASH, note="nothing to compare with")
    return Cell(
        f"{price(tied)} USD a server",
        note=f"{_step(now, tied)} from the budget price; up to it the order as asked is worth it against "
        f"{name(best).lower()}, and fewer servers may be worth it beyond",
    )


def _limit(document: Row, option: str) -> Cell:
    row = walk_away(document, option)
    if row is None:
        return Cell(DASH, note="not asked")
    if row["basis"].startswith("unknown"):
        return Cell(DASH, note=basis(row))
    if row["price_at_change_usd"] is None:
        return Cell("none", note="no price is known at which the plan does without it")
    now, limit = row["price_now_usd"], row["price_at_change_usd"]
    step = f"{_step(now, limit)} from the price now; " if now else ""
    return Cell(f"{'at least ' if is_bound(row) else ''}{price(limit)} {row['unit']}", note=f"{step}{basis(row)}")


def _step(now: float, change: float | None) -> str:
    """Return how far a price is from its change."""
    if not now or change is None:
        return DASH
    step = change / now - 1
    return f"+{percent(step)}" if step > 0 else percent(step)


def _rates(document: Row) -> Iterator[tuple[Cell, ...]]:
    """Yield what is rented or committed in the plan, with the rate at which it leaves it."""
    for row in document["prices_that_change_the_answer"]:
        if row["chosen"] and not row["option"].startswith("buy "):
            now, limit = row["price_now_usd"], row["price_at_change_usd"]
            yield (code(row["option"]), Cell(price(now)), Cell(price(limit)), Cell(_step(now, limit)),
                   Cell(row["unit"]), Cell(basis(row)))  # fmt: skip


def residual_value(document: Row) -> Section:
    """Return what the plan counts on from resale, and how sure that is."""
    plan = document["tco"]["plan"]
    resale = -component(plan, "resale")
    if resale <= 0:
        return Section("residual-value", "Residual value", "", ())
    present = -(plan.get("present_by_component") or plan["by_component"]).get("resale", 0.0)
    left = npv_without_resale(document)
    without = f" Were nothing paid for them, the net present value would be {money(left)}." if left is not None else ""
    said = Text(
        f"The plan counts on {money(resale)} from servers sold or still in service at the end, {money(present)} in "
        f"present value.{without}"
    )
    things = {row["server"] for row in (*document["decisions"]["purchases"], *document["decisions"]["sales"])}
    rows = tuple(
        (
            code(one["row"].split("/")[0]),
            Cell(one["row"].split("/")[2]),
            Cell(percent(one["value"])),
            Cell(f"{percent(one['low'])} to {percent(one['high'])}" if one["low"] is not None else DASH),
            Cell(one["confidence"]),
            Cell(one["date"]),
        )
        for one in used_rows(document)
        if one["row"].split("/")[0] in things and one["row"].split("/")[1:2] == ["resale_fraction"]
        and one["row"].count("/") == 2
    )  # fmt: skip
    heads = columns(
        "Server", "Age, months", "Of the price", "Range", "Confidence", "Date", words=("Confidence", "Date")
    )
    table = (Table("What a server is worth by its age", heads, rows),) if rows else ()
    return Section("residual-value", "Residual value", "", (said, *table))
