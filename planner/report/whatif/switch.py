"""Switching values: where each driver must lie for the decision to flip, breakeven utilization, walk-away prices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from planner.plaintext import readable
from planner.report.charts import Series, bars
from planner.report.formatting import DASH, fixed, number, percent, plural, price
from planner.report.parts import Block, Cell, Column, Facts, Figure, Section, Table, Text, code
from planner.report.summary import Head
from planner.report.whatif.words import far, measured, title, top_of, value

Answer = Mapping[str, Any]
_NEAR = 5.0
"""Flips farther away than so many ranges are in the table only."""


def head(document: Answer) -> tuple[Head, list[Section]]:
    """Return the answer as a page of its own has it: its head, and the sections below."""
    found = readable(dict(document))
    return top_of(found, _nearest(found), "Switching values", "where does the answer flip?"), _rest(found)


def sections(document: Answer) -> list[Section]:
    """Return the answer; its first section says what is decided today and how far the nearest flip is."""
    top, rest = head(document)
    return [top.section("switch", f"Switching values of {top.title}"), *rest]


def _rest(found: Answer) -> list[Section]:
    parts = [_values(found)]
    if found["breakeven_utilization"] is not None:
        parts.append(_utilization(found["breakeven_utilization"]))
    return [*parts, _prices(found["prices_that_change_the_answer"])]


def _nearest(found: Answer) -> str:
    if found["nearest"] is None:
        return "No driver flips the decision within the values searched."
    row = found["drivers"][0]
    away = "" if row["unit"].startswith("+") else f", {far(row, row['distance'])} from today's value"
    share = _of_range(row["flips"][0])
    by = "" if share == DASH else f", {share} of the way to the end of its own range: the least of all drivers"
    said = f"The nearest flip is that of {title(row)}: {_at(row, row['flips'][0])} {measured(row)}{away}{by}."
    return f"{said} {_confirmed(found)}".strip()


def _confirmed(found: Answer) -> str:
    """Return what whole numbers say of the nearest flip of relaxations."""
    flip, row, now = found["nearest"], found["drivers"][0], found["now"]["decision"]
    if "whole" not in flip:
        return ""
    left = plural(found["flips_unasked"], "flip")
    unasked = f" They were not asked about {left} more; --confirm asks." if found["flips_unasked"] else ""
    if flip["whole"] is None:
        return f"Whole numbers were not asked about it.{unasked}"
    low, high = (value(row, flip["whole"][f"{side}_at"]) for side in ("low", "high"))
    sides = flip["whole"]["low"], flip["whole"]["high"]
    if None in sides:
        return f"Between {low} and {high} whole numbers differ by less than their gap: it is not known.{unasked}"
    if sides[0] != sides[1]:
        return f"Whole numbers confirm it between {low} and {high}.{unasked}"
    if sides[0] == now:
        return f"In whole numbers the decision stands at {low} and at {high}: it flips farther away.{unasked}"
    return f"In whole numbers the decision flips nearer to today than that; --whole finds where.{unasked}"


def _values(found: Answer) -> Section:
    rows = found["drivers"]
    near = [(row, math.copysign(row["flips"][0]["ranges"], row["distance"])) for row in rows
            if row["flips"] and (row["flips"][0]["ranges"] or math.inf) <= _NEAR]  # fmt: skip
    blocks: list[Block] = []
    if near:
        shown = [(Series("buy", _short(row), (away,)), percent(away, 0)) for row, away in near]
        told = "; ".join(f"{title(row)} {far(row, row['distance'])}" for row, _ in near)
        heading = "How far the nearest flip of each driver lies from today, as a share of the driver's own range"
        drawing = bars("switch-chart", heading, told, shown)
        blocks.append(Figure(drawing, f"{heading}: at 100 % it is as low or as high as its source says that it may be."
                             f" Those beyond {percent(_NEAR, 0)} are in the table."))  # fmt: skip
    blocks += [_table(found), Text(_how(found))]
    lead = "The value of one driver, all others as they are, at which buying and not buying cost the same."
    return Section("switching-values", "Where the decision flips", lead, tuple(blocks))


def _short(row: Answer) -> str:
    """Return a name that fits before a bar: of a price that of its server."""
    return str(row["driver"]).partition("/")[0].removeprefix("server-")[:14]


def _table(found: Answer) -> Table:
    relaxed = found["solved"] == "relaxation"
    titles = (Column("Driver", number=False), Column("Today"), Column("Flips at"), Column("Away"),
              Column("Of its range"), Column("Buying pays", number=False), Column("Searched", number=False),
              *([Column("In whole numbers", number=False)] if relaxed else []))  # fmt: skip
    rows = []
    for row in found["drivers"]:
        name = title(row)
        first = code(name) if "/" in name else Cell(name)
        least, most = (value(row, row["searched"][key]) for key in ("least", "most"))
        where = Cell(f"{least} to {most}", note=_unplanned(row))
        now = Cell(value(row, row["now"]), note=measured(row))
        if not row["flips"]:
            rows.append((first, now, Cell("none"), Cell(DASH), Cell(DASH), Cell(""), where, *[Cell("")][:relaxed]))
        for n, flip in enumerate(row["flips"]):
            start = (first, now) if n == 0 else (Cell(""), Cell(""))
            rows.append((*start, Cell(_at(row, flip)), Cell(far(row, flip["distance"])),
                         Cell(_of_range(flip)), Cell(flip["buys"]), where if n == 0 else Cell(""),
                         *[Cell(_in_whole_numbers(found, row, flip))][:relaxed]))  # fmt: skip
    return Table("Switching values, the nearest in its driver's own range first", titles, tuple(rows))


def _of_range(flip: Answer) -> str:
    """Return how far off a flip is by which drivers of percent, points and months can be compared."""
    return DASH if flip["ranges"] is None else percent(flip["ranges"], 0 if flip["ranges"] >= 1 else 1)


def _in_whole_numbers(found: Answer, row: Answer, flip: Answer) -> str:
    """Return in few words what whole numbers say of a flip of relaxations."""
    if (whole := flip.get("whole")) is None:
        return "not asked"
    sides = whole["low"], whole["high"]
    between = f"{value(row, whole['low_at'])} to {value(row, whole['high_at'])}"
    if None in sides:
        return f"not known: within the gap, {between}"
    if sides[0] != sides[1]:
        return f"confirmed, {between}"
    return f"{'flips farther away' if sides[0] == found['now']['decision'] else 'flips nearer'}, {between}"


def _at(row: Answer, flip: Answer) -> str:
    """Return where a flip is: of a leap between which values, since nothing between them is a root."""
    low, high = value(row, flip["low"]), value(row, flip["high"])
    exact = flip["precise"] and (row["unit"] == "+ months" or not flip["jumps"] or low == high)
    return value(row, flip["at"]) if exact else f"between {low} and {high}"


def _unplanned(row: Answer) -> str:
    without = row["without_a_plan"]
    return f"no plan at {', '.join(value(row, at) for at in without)}" if without else ""


def _how(found: Answer) -> str:
    return (f"{found['scan']} values are looked at on each side of today's, dense near it, and the ends of the range; "
            f"between neighbours that decide differently the flip is found to {number(found['precision'])} of its "
            "value. Two flips between neighbours would not be seen; --scan looks closer. In whole numbers what buying "
            "saves may jump over 0.")  # fmt: skip


def _utilization(found: Answer) -> Section:
    pairs = [("Today", Cell(percent(found["today"]), note="in the best plan with a purchase"))]
    pairs += [(f"Demand × {number(one['demand'], 4)}", Cell(percent(one["utilization_fraction"]),
               note=f"buying pays {one['buys']}")) for one in found["at_flips"]]  # fmt: skip
    pairs.append(("From averages", Cell(percent(found["closed_form"]), note="breakeven utilization in plan.json")))
    blocks: list[Block] = [Facts(tuple(pairs), look="figures")]
    if not found["at_flips"]:
        blocks.append(Text("Demand flips the decision nowhere, so that no busy share does."))
    blocks.append(Text(
        "The busy share where demand flips is of solved plans: present value, with tax, resale, and the cheapest other "
        "way to rent at that demand. The one from averages divides today's outlay by what a busy hour saves, over the "
        "life: before tax and resale, not discounted, without the wait for delivery, at today's average rent. They "
        "differ by as much as these count."
    ))  # fmt: skip
    lead = "Busy share of the hours of owned GPUs at which buying begins to pay."
    return Section("switch-utilization", "Breakeven utilization", lead, tuple(blocks))


def _prices(rows: list[Answer]) -> Section:
    titles = (Column("Option", number=False), Column("In the plan", number=False), Column("Price now"),
              Column("Enters or leaves at"), Column("Away"), Column("Unit", number=False),
              Column("Basis", number=False, wide=True))  # fmt: skip
    table = Table("Walk-away prices", titles, tuple(
        (code(one["option"]), Cell("yes" if one["chosen"] else "no"), Cell(price(one["price_now_usd"])),
         Cell(price(one["price_at_change_usd"])), Cell(_away(one)), Cell(one["unit"]), Cell(one["basis"]))
        for one in rows
    ))  # fmt: skip
    lead = "The price of each option at which it enters or leaves the plan: above it, walk away; below it, look again."
    return Section("switch-prices", "Walk-away prices", lead, (table,))


def _away(one: Answer) -> str:
    now, then = one["price_now_usd"], one["price_at_change_usd"]
    return DASH if then is None or not now else f"{fixed((then / now - 1) * 100, 1)} %"
