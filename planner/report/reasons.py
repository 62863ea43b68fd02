"""Why this and not that: prices that change the answer, what limits are worth, and what was left out."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, fixed, percent, plural, price, sentence, words
from planner.report.parts import Block, Cell, Column, Section, Table, Text, code, columns, folded

Row = dict[str, Any]
_LISTED_OPTIONS = 12
_PRICES = (
    *columns("Option", "In the plan", "Now", "At change", "Change", "Unit", words=("In the plan", "Unit")),
    Column("Basis", number=False, wide=True),
)


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
            "One price moves at a time, all others stay. Basis: whole numbers – asked of the plan itself; relaxation – "
            "asked with fractions of servers allowed; bound – an option that is not in the plan cannot enter above "
            "this price, one that is stays at least up to it."
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
            why = "not found in time"
        return (*first, Cell(DASH, note=why), Cell(DASH), Cell(row["unit"]), Cell(row["basis"]))
    step = change / now - 1 if now else None
    text = percent(step) if step is None or step <= 0 else f"+{percent(step)}"
    return (*first, Cell(price(change)), Cell(text), Cell(row["unit"]), Cell(row["basis"]))


def worth(document: dict[str, Any]) -> Section:
    """Return what one unit more of each limit that binds would save, months taken together."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in document["worth"]:
        groups.setdefault((row["limit"], row["where"], row["unit"]), []).append(row)
    body = []
    for (limit, where, unit), rows in groups.items():
        usd = sum(row["usd_per_unit"] for row in rows)
        body.append((Cell(sentence(words(limit))), code(str(where)), Cell(_months(rows)), Cell(price(usd)), Cell(unit)))
    table = Table(
        "Worth of one unit more of each limit that binds, present USD",
        columns("Limit", "Where", "Months", "USD", "One more of", words=("Where", "Months", "One more of")),
        tuple(body),
    )
    blocks: tuple[Block, ...] = (
        (
            table,
            Text(
                "Summed over the months named. Marginal values of the relaxation, in which fractions of servers are "
                "allowed: the most that a small step saves there. Whole servers move in steps: one unit may save "
                "nothing, and what makes room for one more server more."
            ),
        )
        if body
        else (Text("No limit of the scenario binds: more power, budget or quota would not lower the cost."),)
    )
    return Section(
        "limits",
        "Worth of limits",
        "What one more kilowatt, dollar of budget or GPU of quota would save, at the margin.",
        blocks,
    )


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
