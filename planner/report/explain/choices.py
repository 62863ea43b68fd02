"""Why this offer, server or API, or why not: its part in the plan, its reason, and the price at which that changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from planner.report.explain.life import lines_table
from planner.report.formatting import fixed, money, number, percent, plural, price, words
from planner.report.parts import Block, Cell, Section, Table, Text, code, columns
from planner.report.reasons import basis
from planner.report.service import served

Document = dict[str, Any]
Row = dict[str, Any]
_RIVAL = re.compile("bound: (.+) is as good (?:up to here|from here)")
_IDLE_ZEROS = re.compile(r"(?<=\.\d\d)0+$")
_REALISTIC = 10.0
"""Rise of a price above which nobody needs to know it exactly: 1,000 %."""
_AT_THE_EDGE = 5e-4
"""Relative distance below which a price is the price of change itself."""


def names(document: Document) -> set[str]:
    """Return everything that can be chosen or left out: ids of offers, servers, APIs, terms, savings plans."""
    found = {row["option"].split(" ", 1)[-1] for row in document["prices_that_change_the_answer"]}
    found |= {row["option"].split(" ", 1)[0] for row in document["left_out"]}
    found |= {row["thing"] for row in document["prices"]}
    found |= {row["plan"] for row in document["decisions"]["savings_plans"]}
    found |= {label for line in document["lines"] for label in line["item"].split(" @ ") if "@" not in label}
    return found - set(document["tco"])


def choice(document: Document, thing: str) -> Section:
    """Say what part `thing` has in the plan, or why it has none, and at which price that would change."""
    used = [row for row in document["service"] if thing in row["option"].split(" @ ")]
    actions = [*_actions(document, thing)]
    changes = [row for row in document["prices_that_change_the_answer"] if _about(row["option"], thing)]
    left_out = [row for row in document["left_out"] if row["option"] == thing or row["option"].startswith(f"{thing} ")
                or row["option"].startswith(f"{thing}/")]  # fmt: skip
    blocks: list[Block] = []
    if actions:
        blocks.append(Table(f"What the plan does with {thing}", columns("What", "When", "How many", "USD",
                                                                        words=("When", "How many")),
                            tuple(actions)))  # fmt: skip
    if used:
        blocks.append(served(used, f"The work that {thing} does"))
    said = {_left_out_as(row) for row in changes if row["basis"].startswith("bound")}
    blocks += [Text(_sentence(row)) for row in changes]
    blocks += [Text(f"{row['option']} was left out: {row['reason']}.") for row in left_out if row["option"] not in said]
    paid = [line for line in document["lines"] if line["cost_usd"] and _rests_on(line, thing)]
    if paid:
        blocks.append(lines_table(f"What is paid for {thing}, nominal USD", paid))
    if not blocks:
        blocks.append(Text("It belongs to the question, but the plan decides nothing about it."))
    chosen = bool(actions or used or paid)
    title = f"Why {thing}?" if chosen else f"Why not {thing}?"
    lead = "It is in the plan." if chosen else "It is not in the plan."
    return Section("choice", title, lead, tuple(blocks))


def _rests_on(line: Row, thing: str) -> bool:
    """Say whether a cost line is about `thing`, by its name or by the catalog rows behind it."""
    named = [part for label in line["item"].split(" @ ") for part in (label, *label.split("@"))]
    return thing in named or any(row.startswith(f"{thing}/") for row in line["rows"])


def _about(option: str, thing: str) -> bool:
    """Say whether a row such as "commit aws-p5/12m" is about `thing`, here also about its offer."""
    subject = option.split(" ", 1)[-1]
    return subject == thing or subject.startswith(f"{thing}/")


def _left_out_as(row: Row) -> str:
    """Return the name under which an option with a price is left out when another does the same for less."""
    kind, subject = row["option"].split(" ", 1)
    return str(subject if kind == "commit" else f"{subject} {kind}")


def closest(document: Document) -> str | None:
    """Return what would enter the plan at the smallest change of its price, if anything would."""
    used = {row["option"].split(" ", 1)[-1] for row in document["prices_that_change_the_answer"] if row["chosen"]}
    distances = {
        row["option"].split(" ", 1)[-1]: abs(row["price_at_change_usd"] / row["price_now_usd"] - 1)
        for row in document["prices_that_change_the_answer"]
        if not row["chosen"]
        and row["price_now_usd"]
        and row["price_at_change_usd"] is not None
        and not row["basis"].startswith("bound")
    }
    return min(distances.keys() - used, key=lambda name: (distances[name], name), default=None)


def _actions(document: Document, thing: str) -> Iterator[tuple[Cell, ...]]:
    """Yield what the plan does with `thing`: what, when, how many, USD."""
    decisions = document["decisions"]
    for row in decisions["purchases"]:
        if thing in (row["server"], row["site"]):
            when = Cell(row["month"], note=f"in service {row['in_service']}")
            count = f"{plural(row['servers'], 'server')}, {plural(row['gpus'], 'GPU')}"
            yield Cell(f"Buy for {row['site']}"), when, Cell(count), Cell(fixed(row["usd"]))
    for row in decisions["sales"]:
        if thing in (row["server"], row["site"]):
            count = plural(row["servers"], "server")
            yield Cell(f"Sell from {row['site']}"), Cell(row["month"]), Cell(count), Cell(fixed(-row["usd"]))
    for row in decisions["commitments"]:
        if thing in (row["offer"], row["term"]):
            count = f"{plural(row['instances'], 'instance')} for {plural(row['term_months'], 'month')}"
            yield Cell("Commit"), Cell(row["month"] or "already running"), Cell(count), Cell(fixed(row["usd"]))
    for row in decisions["savings_plans"]:
        if row["plan"] == thing:
            count = f"{price(row['usd_per_hour'])} USD an hour for {plural(row['term_months'], 'month')}"
            yield Cell("Commit to spend"), Cell(row["month"]), Cell(count), Cell("")
    for row in decisions["rentals"]:
        if row["offer"] == thing and row["kind"] != "committed":
            what = f"Rent {words(row['kind'])} for {row['workload']}"
            yield Cell(what), Cell("as needed"), Cell(f"{fixed(row['gpu_hours'])} GPU-hours"), Cell(fixed(row["usd"]))
    for row in decisions["api"]:
        if row["offer"] == thing:
            what, count = f"Buy tokens for {row['workload']}", f"{fixed(row['work_units'])} work units"
            yield Cell(what), Cell("as needed"), Cell(count), Cell(fixed(row["usd"]))


def _sentence(row: Row) -> str:
    """Say at which price an option enters or leaves the plan."""
    now, change, unit = row["price_now_usd"], row["price_at_change_usd"], row["unit"]
    asked = basis(row)
    head = f"{row['option']} is {'in' if row['chosen'] else 'not in'} the plan at {cents(now)} {unit}"
    if row["basis"].startswith("unknown"):
        return f"{head}; at which price that changes is {row['basis']}."
    if change is None:
        why = "at any price: without it there is no plan" if row["chosen"] else "and would not be even if it were free"
        return f"{head}, {why} ({asked})."
    if row["chosen"] and now and change / now - 1 > _REALISTIC:
        return f"{head}, and would be at any realistic price ({asked})."
    share = f" ({'+' if change > now else ''}{percent(change / now - 1)})" if now else ""
    if now and abs(change / now - 1) < _AT_THE_EDGE:
        return f"{head}, at the very price at which that changes ({asked})."
    rival = _RIVAL.fullmatch(row["basis"])
    if rival:
        turn = "could rise at least to" if row["chosen"] else "would have to fall below"
        return f"{head}; it {turn} {cents(change)}{share}, where {rival[1]} does the same."
    if row["chosen"]:
        return f"{head}, and stays in it up to {cents(change)}{share}; {asked}."
    return f"{head}; it would enter at {cents(change)} or less{share}; {asked}."


def cents(usd: float) -> str:
    """Return a price without zeros that say nothing.

    >>> cents(3.9), cents(2.0526), cents(3.4333), cents(250141.8)
    ('3.90', '2.0526', '3.4333', '250,142')
    """
    return _IDLE_ZEROS.sub("", price(usd))


def workload(document: Document, name: str) -> Section:
    """Say what serves a workload, and what was left out for it."""
    rows = [row for row in document["service"] if row["workload"] == name]
    rented = sum(row["usd"] for row in document["decisions"]["rentals"] if row["workload"] == name)
    tokens = sum(row["usd"] for row in document["decisions"]["api"] if row["workload"] == name)
    speeds = [row for row in document["inputs"] if row["input"].startswith(f"{name} on ")]
    blocks: list[Block] = [served(rows, f"What serves {name}")]
    paid = [f"{money(usd)} of {what}" for usd, what in ((rented, "rented capacity"), (tokens, "tokens")) if usd]
    if paid:
        blocks.append(Text(f"It takes {' and '.join(paid)}; what owned servers cost is not divided by workload."))
    if speeds:
        body = tuple((code(row["input"].removeprefix(f"{name} on ")), Cell(number(row["value"], 9)), Cell(row["unit"]),
                      Cell(row["source"])) for row in speeds)  # fmt: skip
        blocks.append(
            Table("How fast it runs", columns("GPU", "Speed", "Unit", "Source", words=("Unit", "Source")), body)
        )
    return Section(
        "workload", f"What serves {name}?", "Each kind of capacity with its share of the work.", tuple(blocks)
    )
