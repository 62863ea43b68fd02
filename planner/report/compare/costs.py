"""Money as a section: the plan, what it is compared with, returns, components."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.report.compare.comparison import Comparison
from planner.report.compare.dollars import signed
from planner.report.compare.layout import heads, rise
from planner.report.compare.money import Figure
from planner.report.formatting import DASH, add_up, fixed, months, name, percent, price, sentence, whole, words
from planner.report.parts import Block, Cell, Fold, Section, Table, folded
from planner.report.returns import COMPARED, HIGHEST_IRR, NEVER_BEHIND
from planner.report.summary import BASELINES

_SHOWN: dict[str, Callable[[float | None], str]] = {
    "USD": fixed, "USD/month": fixed, "USD/GPU-hour": price, "GPU-hours": fixed, "months": months, "fraction": percent,
}  # fmt: skip
_TITLES = {
    "total_usd": "Total", "present_usd": "Present cost", "usd_per_month": "A month", "usd_per_gpu_hour": "A GPU-hour",
    "gpu_hours": "GPU-hours at work", "obligations_after_horizon_usd": "Owed after the horizon", "npv_usd": "NPV",
    "irr": "IRR, change in points", "breakeven_months": "breakeven, months",
    "breakeven_discounted_months": "breakeven discounted",
}  # fmt: skip
_OF_OPTIONS = ("total_usd", "present_usd", "usd_per_gpu_hour")
"""Figures that are shown of options beside the plan."""
_OF_RETURNS = ("npv_usd", "irr", "breakeven_months", "breakeven_discounted_months")
"""Figures that are shown of one option against another."""


def money(found: Comparison) -> Section:
    """Return what every option costs and earns; what is nothing everywhere is left out."""
    alone = [one for one in found.figures if one.against is None and any(one.values)]
    plan = [one for one in alone if one.option == "plan"]
    others = [one for one in alone if one.option != "plan" and one.figure in _OF_OPTIONS]
    returns = sorted((one for one in found.figures if one.figure in _OF_RETURNS), key=_pair)
    options = dict.fromkeys(one.option for one in found.components)
    blocks: list[Block] = [
        _figures(found, "The plan, USD", plan, lambda one: "", shares=True),
        *([_components(found, "plan")] if len(found.plans) > 2 else []),
        _figures(found, "What it is compared with, USD", others, lambda one: f"{name(one.option)}: ", shares=True),
        *folded(_figures(found, "Returns and breakeven", returns, _against), "returns and breakevens"),
        *(Fold(table.caption, table) for table in (_components(found, key) for key in options if key != "plan")),
    ]
    return Section("money", "Money", "Nominal USD, but for what is called present.", tuple(blocks))


def _pair(one: Figure) -> tuple[int, int, int]:
    """Order returns by what is held against what."""
    return COMPARED.index(one.option), BASELINES.index(str(one.against)), _OF_RETURNS.index(one.figure)


def _against(one: Figure) -> str:
    return f"{name(one.option)} against {name(str(one.against)).lower()}: "


def _figures(
    found: Comparison, caption: str, rows: Sequence[Figure], of: Callable[[Figure], str], shares: bool = False
) -> Table:
    body = tuple(
        (
            Cell(f"{of(one)}{_title(one, bool(of(one)))}"),
            *(_value(found, one, n) for n in range(len(found.plans))),
            *(Cell(_above(one, n)) for n in range(1, len(found.plans))),
            *([_share(one)] if shares and len(found.plans) == 2 else []),
        )
        for one in rows
    )
    return Table(caption, heads(found, "Figure", shares), body)


def _title(one: Figure, inside: bool) -> str:
    title = _TITLES.get(one.figure) or sentence(words(one.figure.removesuffix("_usd")))
    return title if title[1:2].isupper() or not inside else title[:1].lower() + title[1:]


def _value(found: Comparison, one: Figure, n: int) -> Cell:
    value = one.values[n]
    if _is_unclear(one, value):
        return Cell(DASH, note="not meaningful")
    if value is None and _is_known(found, one, n):
        ahead = found.values("payback_months", one.option, one.against)[n] == 0
        if one.figure == "irr" and ahead:
            return Cell(DASH, note=NEVER_BEHIND)
        if one.figure in _OF_RETURNS[2:]:
            return Cell("from the start" if ahead and not _buys(found, one.option, n) else "never")
    return Cell(_SHOWN[one.unit](value))


def _is_unclear(one: Figure, value: float | None) -> bool:
    return one.figure == "irr" and value is not None and abs(value) > HIGHEST_IRR


def _buys(found: Comparison, option: str, n: int) -> bool:
    """Say whether an option of a plan has paid for servers."""
    return any(one.values[n] for one in found.components if (one.option, one.component) == (option, "servers"))


def _is_known(found: Comparison, one: Figure, n: int) -> bool:
    """Say whether a plan holds the two options of a return against each other at all."""
    return found.values("npv_usd", one.option, one.against)[n] is not None


def _above(one: Figure, n: int) -> str:
    """Return a difference with its sign: of whole numbers, of those shown; of fractions, in points of a hundred."""
    change, first, value = one.changes[n], one.values[0], one.values[n]
    if change is None or first is None or value is None or _is_unclear(one, first) or _is_unclear(one, value):
        return DASH
    if _SHOWN[one.unit] is fixed:
        return signed(whole(value) - whole(first))
    shown = fixed(change * 100, 1) if one.unit == "fraction" else fixed(change, 4) if "/GPU" in one.unit else ""
    text = shown or _SHOWN[one.unit](change)
    nothing = not any(digit in text for digit in "123456789")
    return "0" if nothing else f"+{text}" if change > 0 else text


def _share(one: Figure) -> Cell:
    first, change = one.values[0], one.changes[1]
    return Cell(rise(change / abs(first)) if first and change is not None else DASH)


def _components(found: Comparison, option: str) -> Table:
    """Return the components of an option; each plan's whole dollars add up."""
    rows = [one for one in found.components if one.option == option and any(one.values)]
    exact = [[one.values[n] for one in rows] for n in range(len(found.plans))]
    shown = [None if None in column else add_up([value or 0.0 for value in column]) for column in exact]
    body = tuple(
        (Cell(name(one.component)), *_dollars(found, [None if column is None else column[n] for column in shown]))
        for n, one in enumerate(rows)
    )
    total = (Cell("Total"), *_dollars(found, [None if column is None else sum(column) for column in shown]))
    return Table(f"{name(option)} by component, USD", heads(found, "Component"), body, (total,))


def _dollars(found: Comparison, usd: Sequence[int | None]) -> list[Cell]:
    first, comparable = usd[0], found.same_horizon
    above = [None if not comparable or first is None or one is None else one - first for one in usd[1:]]
    return [*(Cell(fixed(one)) for one in usd), *(Cell(signed(one)) for one in above)]
