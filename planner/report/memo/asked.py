"""What is asked for, and the memo in five lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.report.formatting import DASH, after, count, day, fixed, money, month, name, percent, plural, sentence
from planner.report.memo.advised import objection, sureness
from planner.report.memo.facts import (
    WayPaid,
    best_rented,
    capital_outlay,
    closest_price,
    gpus,
    is_after_tax,
    new_commitments,
    promised,
    tax_basis,
    ways_paid,
    weak_rows,
)
from planner.report.parts import Cell, Facts, Section, Text
from planner.report.summary import gap_note, head
from planner.units import MONTHS_PER_YEAR

_LATE = (
    "Present cost is above the nominal one: what comes back, as resale and tax saved, comes late and is discounted "
    "more than what is paid early."
)


def decision(document: dict[str, Any]) -> Section:
    """Return the decision asked: what, how much, by when."""
    plan = document["tco"]["plan"]
    warnings = (Text(line, strong=True) for line in (objection(document), *head(document).warnings) if line)
    late = (Text(_LATE),) if plan["present_usd"] > plan["total_usd"] else ()
    return Section("decision", "Decision asked", "", (Text(_asked(document)), _figures(document), *late, *warnings))


def _asked(document: dict[str, Any]) -> str:
    found = [*_purchases(document), *_commitments(document), *_sales(document)]
    if not document["decisions"]["purchases"] and not promised(document):
        found.insert(
            0,
            _budget(document),
        )
    return f"Approve {_listed(found)}. The decision is needed by {day(_due(document))}."


def _budget(document: dict[str, Any]) -> str:
    year = min(document["horizon_months"], MONTHS_PER_YEAR)
    return f"a budget of {_first_year(document)} for the first {year} months of renting; nothing is bought or committed"


def _due(document: dict[str, Any]) -> str:
    """Return the first day on which something has to be ordered or signed, else that on which the plan starts."""
    decided = document["decisions"]
    dated = [*decided["purchases"], *new_commitments(document), *decided["savings_plans"], *decided["sales"]]
    return f"{min([one['month'] for one in dated if one['month']], default=document['start'])}-01"


def _listed(found: list[str]) -> str:
    return ", and ".join(filter(None, (", ".join(found[:-1]), found[-1])))


def _purchases(document: dict[str, Any]) -> Iterator[str]:
    rows = document["decisions"]["purchases"]
    if not rows:
        return
    servers = sum(row["servers"] for row in rows)
    orders = sorted({row["month"] for row in rows})
    when = month(orders[0]) if len(orders) == 1 else f"{month(orders[0])} to {month(orders[-1])}"
    paid = "".join(f", {_credit(way)}" for way in ways_paid(document))
    kinds = " and ".join(dict.fromkeys(row["server"] for row in rows))
    yield (
        f"a capital outlay of {money(capital_outlay(document))} for {plural(servers, 'server')} ({kinds}; "
        f"{gpus(document)} GPUs), ordered in {when}{paid}"
    )


def _credit(way: WayPaid) -> str:
    """Say how much of the servers is not paid at once; what is leased and given back is no outlay."""
    lent = "with {} more leased" if way.kind == "operating_lease" else "of which {}"
    payments = f"{way.term_months} payments of {money(way.monthly_usd)}"
    return f"{lent.format(money(way.financed_usd))} by “{way.name}” ({payments})"


def _commitments(document: dict[str, Any]) -> Iterator[str]:
    rows = new_commitments(document)
    if rows:
        total, instances = sum(row["usd"] for row in rows), sum(row["instances"] for row in rows)
        longest = max(row["term_months"] for row in rows)
        yield f"commitments of {money(total)} for {plural(instances, 'instance')}, the longest over {longest} months"
    hourly = sum(row["usd_per_hour"] for row in document["decisions"]["savings_plans"])
    if hourly:
        yield f"savings plans of {fixed(hourly, 2)} USD an hour"


def _sales(document: dict[str, Any]) -> Iterator[str]:
    rows = document["decisions"]["sales"]
    if rows:
        sold, income = sum(row["servers"] for row in rows), sum(row["usd"] for row in rows)
        yield f"the sale of {plural(sold, 'server')} for about {money(income)}"


def _figures(document: dict[str, Any]) -> Facts:
    plan, horizon = document["tco"]["plan"], document["horizon_months"]
    outlay = capital_outlay(document)
    share = Cell(money(outlay), note="before resale and running costs") if outlay else Cell("none")
    pairs = [
        ("Capital outlay", share),
        (f"Cost over {plural(horizon, 'month')}", Cell(money(plan["total_usd"]), note="nominal, net of resale")),
        ("Present cost", Cell(money(plan["present_usd"]), note=f"at {_rate(document)}")),
        ("Net present value", _saved(document)),
        ("Payback", _payback(document)),
        ("First 12 months", Cell(_first_year(document), note=_netted(document))),
    ]
    return Facts(tuple(pairs), look="figures")


def _rate(document: dict[str, Any]) -> str:
    return f"{percent(document['finance']['wacc_fraction'])} a year, {tax_basis(document)}"


def _saved(document: dict[str, Any]) -> Cell:
    against, saved = document["verdict"]["against"], document["verdict"]["npv_usd"]
    if against is None:
        return Cell(DASH, note="nothing rented to compare with")
    return Cell(money(saved), note=f"against the {_named(against)}")


def _payback(document: dict[str, Any]) -> Cell:
    against = best_rented(document)
    found = ((document["finance"]["plan"] or {}).get(against) or {}) if against else {}
    if not document["decisions"]["purchases"]:
        return Cell(DASH, note="nothing is bought")
    if found.get("payback_months") is None:
        return Cell(DASH, note="never within the horizon")
    return Cell(sentence(after(found["payback_months"])), note=f"against the {_named(str(against))}")


def _named(option: str) -> str:
    return {"cloud": "best cloud mix", "on_demand": "on-demand rate"}.get(option, name(option).lower())


def _netted(document: dict[str, Any]) -> str:
    """Say what payments are less of."""
    credit, tax = ways_paid(document), is_after_tax(document)
    first = ["credit"] * bool(credit) + ["resale"] * bool(tax)
    return f"all payments, net of {' and '.join(filter(None, (', '.join(first), 'tax saved' if tax else 'resale')))}"


def _first_year(document: dict[str, Any]) -> str:
    """Return what is paid in the first twelve months."""
    return money(sum(row["plan_usd"] for row in document["finance"]["cash_flow"][:MONTHS_PER_YEAR]))


def summary(document: dict[str, Any]) -> Section:
    """Return the memo in five lines."""
    lines = (
        ("Recommendation", document["verdict"]["reason"]),
        ("Cost", _cost(document)),
        ("Return", _return(document)),
        ("What would change it", _change(document)),
        ("How sure", _sure(document)),
    )
    return Section("summary", "Summary", "", (Facts(tuple((term, Cell(text)) for term, text in lines), "terms"),))


def _cost(document: dict[str, Any]) -> str:
    plan = document["tco"]["plan"]
    return (
        f"{money(plan['total_usd'])} over {plural(document['horizon_months'], 'month')}, {money(plan['present_usd'])} "
        f"in present value at {_rate(document)}; {_first_year(document)} of it in the first 12 months, "
        f"{_netted(document)}."
    )


def _return(document: dict[str, Any]) -> str:
    against = document["verdict"]["against"]
    if against is None:
        return "There is no rented alternative to compare with."
    if not document["decisions"]["purchases"]:
        buying = document["verdict"]["buy_npv_usd"]
        worse = (
            f"; the cheapest plan that buys would lose {money(-buying)}" if buying is not None and buying < 0 else ""
        )
        return f"Nothing is invested: the plan is compared with the {_named(against)}{worse}."
    found = document["finance"]["plan"][against]
    said = [f"Net present value {money(found['npv_usd'])} against the {_named(against)}"]
    if found["payback_months"] is not None:
        payback = found["payback_months"]
        said.append(f"paid back {after(payback)}" if payback > 0 else "ahead of it from the first month")
    if "profitability_index" in found and found["profitability_index"] is not None:
        said.append(f"profitability index {fixed(found['profitability_index'], 2)}")
    return ", ".join(said) + "."


def _change(document: dict[str, Any]) -> str:
    found = closest_price(document)
    if found is None:
        return "No single price that is known would change the plan."
    option, step, at = found
    direction = "more" if step > 0 else "less"
    return (
        f"{sentence(option)} at {at}, {percent(abs(step))} {direction} than assumed, is the nearest change of a price."
    )


def _sure(document: dict[str, Any]) -> str:
    weak, used = weak_rows(document)
    gap = gap_note(document["tco"]["plan"])
    proven = "The plan is proven to be the cheapest" if document["solver"]["status"] == "proven" else "Not proven"
    rows = f"{count(weak)} of {count(used)} catalog rows behind it are assumptions or weak"
    return " ".join(filter(None, (f"{proven}{f', {gap}' if gap else ''}; {rows}.", sureness(document))))
