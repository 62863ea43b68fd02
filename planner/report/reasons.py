"""Why this and not that: prices that change the answer, what limits are worth, and what was left out."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, fixed, percent, plural, price, sentence, words
from planner.report.parts import Block, Cell, Column, Fold, Section, Table, Text, code, columns, folded

Row = dict[str, Any]
_LISTED_OPTIONS = 12
UNREALISTIC = 10.0
"""Relative change beyond which a price is none that anybody would ask."""
_PRICES = (
    *columns("Option", "In the plan", "Now", "At change", "Change", "Unit", words=("In the plan", "Unit")),
    Column("Basis", number=False, wide=True),
)
_BASES = {
    "whole numbers": "in whole servers", "whole numbers, unproven": "in whole servers, not proven",
    "relaxation": "with fractions of servers",
}  # fmt: skip


def basis(row: Row) -> str:
    """Say how a figure was found that other plans would have to bear out."""
    return _BASES.get(row["basis"], str(row["basis"]))


def prices(document: dict[str, Any]) -> Section:
    """Return the price at which each option enters or leaves the plan, the closest first."""
    rows = sorted(document["prices_that_change_the_answer"], key=_distance)
    body = tuple(_price_row(row) for row in rows)
    table = Table(
        "Prices that change the answer, the closest first",
        _PRICES,
        body,
    )
    nothing = Text("No option has a price that could change the answer.")
    blocks: list[Block] = [*folded(table, "options whose prices are further from a change")] if body else [nothing]
    blocks.append(
        Text(
            "One price moves at a time, all others stay. Basis: in whole servers – the plan was found again at other "
            "prices; with fractions of servers – it may keep or buy a part of one, so the price is not exact; bound – "
            "an option that is not in the plan cannot enter above this price, one that is stays at least up to it."
        )
    )
    return Section(
        "prices", "Prices that change the answer", "How far each price may move before the plan changes.", tuple(blocks)
    )


def _distance(row: Row) -> tuple[float, str]:
    now, change = row["price_now_usd"], row["price_at_change_usd"]
    return (float("inf") if change is None or not now else abs(change / now - 1), row["option"])


def _price_row(row: Row) -> tuple[Cell, ...]:
    now, change, chosen = row["price_now_usd"], row["price_at_change_usd"], row["chosen"]
    first = (code(row["option"]), Cell("yes" if chosen else "no"), Cell(price(now)))
    if change is None:
        why = "at any price: there is no plan without it" if chosen else "never, not even free"
        if row["basis"].startswith("unknown"):
            why = "not known"
        return (*first, Cell(DASH, note=why), Cell(DASH), Cell(row["unit"]), Cell(basis(row)))
    step = change / now - 1 if now else None
    text = percent(step) if step is None or step <= 0 else f"+{percent(step)}"
    if step is not None and step > UNREALISTIC:
        text = "no realistic price"
    return (*first, Cell(price(change)), Cell(text), Cell(row["unit"]), Cell(basis(row)))


def worth(document: dict[str, Any]) -> Section:
    """Return what loosening each limit by a useful step would save, and the marginal values of those that bind."""
    body = tuple(
        (
            Cell(sentence(row["change"])),
            Cell(DASH, note="not found in time") if row["saves_usd"] is None else Cell(fixed(row["saves_usd"])),
            Cell(basis(row)),
        )
        for row in document["loosened"]
    )
    steps = Table(
        "What one limit loosened by a useful step would save, present USD",
        (Column("Change", number=False, wide=True), Column("Saves"), Column("Basis", number=False)),
        body,
    )
    said = (
        "A useful step is what is missing for one more server, or one more instance; rules on where a workload may run "
        "are lifted whole. One limit at a time, the plan found again each time."
        if body
        else "Nothing to loosen: every limit of the scenario leaves room for one more server and one more instance."
    )
    return Section(
        "limits",
        "Worth of limits",
        "What more power, budget or quota would save, and what a rule on place costs.",
        (*((steps,) if body else ()), Text(said), *_marginal(document)),
    )


def _marginal(document: dict[str, Any]) -> tuple[Block, ...]:
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in document["worth"]:
        groups.setdefault((row["limit"], row["where"], row["unit"]), []).append(row)
    if not groups:
        return ()
    body = tuple(
        (
            Cell(sentence(words(limit))),
            code(str(where)),
            Cell(_months(rows)),
            Cell(price(sum(row["usd_per_unit"] for row in rows))),
            Cell(unit),
        )
        for (limit, where, unit), rows in groups.items()
    )
    table = Table(
        "Marginal worth of limits, were fractions of servers allowed; present USD, months added up",
        columns("Limit", "Where", "Months", "USD", "One more of", words=("Where", "Months", "One more of")),
        body,
    )
    return (Fold("Marginal values, for fractions of servers", table),)


def _months(rows: list[Row]) -> str:
    dated = [row["month"] for row in rows if row["month"] is not None]
    if len(dated) < 2:
        return dated[0] if dated else DASH
    return f"{plural(len(dated), 'month')}, {dated[0]} to {dated[-1]}"


def left_out(document: dict[str, Any]) -> Section:
    """Return what was not considered, by reason; the reasons that hold for most come first."""
    groups: dict[str, list[str]] = {}
    for row in document["left_out"]:
        groups.setdefault(row["reason"], []).append(row["option"])
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    body = tuple((Cell(reason), Cell(fixed(len(options))), _listed(options)) for reason, options in ordered)
    table = Table(
        "Left out, by reason",
        (Column("Reason", number=False, wide=True), Column("Options"), Column("Which", number=False, wide=True)),
        body,
    )
    blocks = folded(table, "reasons") if body else (Text("Nothing was left out."),)
    return Section(
        "left-out", "Left out, and why", "What was not considered. An unknown price is never taken as zero.", blocks
    )


def _listed(options: list[str]) -> Cell:
    names = sorted(dict.fromkeys(options))
    more = f" and {len(names) - _LISTED_OPTIONS} more" if len(names) > _LISTED_OPTIONS else ""
    return code(", ".join(names[:_LISTED_OPTIONS]) + more)
