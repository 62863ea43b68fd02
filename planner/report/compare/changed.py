"""What the change of a plan's cost came of, as sections: by component, then line by line."""

from __future__ import annotations

from collections.abc import Sequence

from planner.report.compare.beside import same
from planner.report.compare.comparison import Comparison
from planner.report.compare.dollars import NOTHING, Dollars, in_dollars, signed
from planner.report.compare.layout import rise
from planner.report.compare.split import Effect, Split
from planner.report.formatting import DASH, add_up_both_ways, fixed, name
from planner.report.parts import Cell, Section, Table, Text, columns, folded

_HOW = (
    "Prices: change of the unit cost × the quantity before, and what tax changes with it. Quantities: change of the "
    "quantity × the unit cost after, and all of a line that is in only one plan. Unit costs are the mean of a line's "
    "months, after discounts; of resale, support and spare parts the quantity is a share of the price paid. A price "
    "that makes the plan choose something else shows as quantities: what was too dear is no longer bought."
)


def why(found: Comparison) -> list[Section]:
    """Return what the change of cost came of, for every plan but the first."""
    return [_section(found, n, one) for n, one in enumerate(found.splits, start=1)]


def _section(found: Comparison, n: int, one: Split) -> Section:
    names = found.plans[0].plan, found.plans[n].plan
    several = len(found.splits) > 1
    title = f"Why {names[1]} costs what it costs" if several else "Why the cost changed"
    key = f"why-{names[1]}" if several else "why"
    if not one.effects:
        return Section(key, title, "The lines of a plan do not sum to its cost: what a change came of is unknown.", ())
    lines = sorted((line for line in one.effects if abs(line.usd) + abs(line.price_usd) > NOTHING),
                   key=lambda line: -abs(line.usd))  # fmt: skip
    span = "USD" if one.per == "horizon" else "USD a month"
    blocks = (_by_component(one, names, span), *(folded(_by_line(lines, names, span), "lines") if lines else ()))
    return Section(key, title, f"The change from {names[0]} to {names[1]}, parted into what came of prices and what "
                   "of quantities and mix.", (*blocks, Text(_HOW)))  # fmt: skip


def _by_component(one: Split, names: Sequence[str], span: str) -> Table:
    parts = in_dollars(one)
    total = Dollars("Total", *(sum(column) for column in list(zip(*parts, strict=True))[1:]))
    rows = [
        (
            *(Cell(text) for text in (title, fixed(part.before), fixed(part.after))),
            *(Cell(signed(usd)) for usd in (part.price, part.volume, part.after - part.before)),
        )
        for title, part in (*((name(part.component), part) for part in parts if any(part[1:])), ("Total", total))
    ]
    heads = columns("Component", *names, "By prices", "By quantities", f"{names[1]} {DASH} {names[0]}")
    return Table(f"The change by component, {span}", heads, tuple(rows[:-1]), (rows[-1],))


def _by_line(lines: Sequence[Effect], names: Sequence[str], span: str) -> Table:
    cells, _, _ = add_up_both_ways([[line.price_usd, line.volume_usd] for line in lines])
    body = tuple(
        (
            Cell(name(line.component), note=f"{line.item}, {line.unit}"),
            Cell(_risen(line.before.quantity, line.after.quantity)),
            Cell(_risen(line.before.unit_cost, line.after.unit_cost)),
            *(Cell(signed(usd)) for usd in usds),
        )
        for line, usds in zip(lines, cells, strict=True)
    )
    heads = columns("Line", "Quantity", "Unit cost", "By prices", "By quantities")
    return Table(f"The lines that changed, from {names[0]} to {names[1]}, {span}", heads, body)


def _risen(before: float | None, after: float | None) -> str:
    """Say by how much a quantity or a unit cost rose."""
    if not before or not after:
        return DASH if not before and not after else "gone" if before else "new"
    return "same" if same(before, after) else rise(after / before - 1)
