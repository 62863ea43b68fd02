"""Breakeven, what moves it, and what else would change the plan."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import percent, price
from planner.report.memo.facts import Row, distinct, is_bound, switching
from planner.report.parts import Block, Cell, Column, Fold, Section, Table, Text, code
from planner.report.reasons import basis, worth
from planner.report.returns import returns

_NEAREST = 10


def moves(document: dict[str, Any]) -> Section:
    """Return breakeven and returns, and the prices nearest to changing the answer."""
    blocks: list[Block] = list(returns(_once(document)).blocks)
    near = [(step, row) for step, row in switching(document) if not is_bound(row)]
    if near:
        blocks.append(_prices(near[:_NEAREST]))
        blocks.append(Text("One price moves at a time, all others stay."))
    else:
        blocks.append(Text("No price that is known would change the answer."))
    return Section("breakeven", "Breakeven, and what moves it", "", tuple(blocks))


def _once(document: dict[str, Any]) -> dict[str, Any]:
    """Return a plan in which an option that is the plan itself is not compared a second time."""
    same = {key: None for key in ("buy", "self_hosted") if key not in distinct(document)}
    return document | {part: document[part] | same for part in ("breakeven", "finance")}


def _prices(rows: list[tuple[float, Row]]) -> Table:
    heads = (
        Column("If the price of", number=False),
        Column("Now"),
        Column("Becomes"),
        Column("Change"),
        Column("Unit", number=False),
        Column("Then", number=False),
        Column("Basis", number=False, wide=True),
    )
    body = tuple(
        (
            code(row["option"]),
            Cell(price(row["price_now_usd"])),
            Cell(price(row["price_at_change_usd"])),
            Cell(f"+{percent(step)}" if step > 0 else percent(step)),
            Cell(row["unit"]),
            Cell("leaves the plan" if row["chosen"] else "enters it"),
            Cell(basis(row)),
        )
        for step, row in rows
    )
    return Table("Prices nearest to changing the answer", heads, body)


def sensitivities(document: dict[str, Any]) -> Section:
    """Return what limits cost, were they looser."""
    blocks = tuple(one for one in worth(document).blocks if not isinstance(one, Fold))
    return Section("sensitivities", "Sensitivities: what limits cost", "", blocks)
