"""What was negotiated, as lines of its own: components are stated at list prices, each agreement is a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from planner.case import PRICED, all_series
from planner.components import NEGOTIATED
from planner.costs.financing import financing_fees, lease_payments, loan_interest, loan_principal, loan_proceeds
from planner.costs.lines import CostLines
from planner.costs.resale import resale
from planner.costs.spare_parts import spare_parts
from planner.costs.support import support
from planner.decisions import Model
from planner.prices import Series

SOURCE = "price book: "
"""How the source of a difference names its agreement, after the catalog's rows."""

_OF_THE_PRICE_PAID = (
    resale, spare_parts, support, lease_payments, loan_proceeds, loan_principal, loan_interest, financing_fees,
)  # fmt: skip
"""Fractions of what was really paid: at list price they would be fractions of something that nobody paid."""

Component = Callable[[Model], Iterator[CostLines]]


def stages(model: Model) -> list[tuple[str, Model]]:
    """Return each agreement that changes a price of the case, with the model as priced before it and those after."""
    case = model.case
    changing = sorted({index for _, _, series in all_series(case) for index, _ in series.before})
    return [(case.agreements[index].id, _priced_before(model, index)) for index in changing]


def listed_and_negotiated(component: Component, model: Model, before: list[tuple[str, Model]]) -> Iterator[CostLines]:
    """negotiated_<component> = amount · (price after the agreement − price before it), one set of lines an agreement.

    With the component itself at the list price they sum to what is paid, entry by entry.
    """
    if not before or component in _OF_THE_PRICE_PAID:
        yield from component(model)
        return
    priced = [component(earlier) for _, earlier in before] + [component(model)]
    for steps in zip(*priced, strict=True):
        yield replace(steps[-1], price=steps[0].price)
        for (agreement, _), old, new in zip(before, steps, steps[1:], strict=False):
            yield from _difference(agreement, old, new)


def _difference(agreement: str, old: CostLines, new: CostLines) -> Iterator[CostLines]:
    change = new.price - old.price
    changed = change != 0
    if changed.any():
        source = [f"{rows} × {SOURCE}{agreement}" for rows in new.source]
        yield replace(new, component=f"{NEGOTIATED}{new.component}", price=change, source=source).where(changed)


def _priced_before(model: Model, index: int) -> Model:
    parts: dict[str, Any] = {
        name: tuple(_with_prices(thing, index) for thing in getattr(model.case, name)) for name in PRICED
    }
    return replace(model, case=replace(model.case, **parts))


def _with_prices(thing: Any, index: int) -> Any:
    """Return `thing` with earlier prices; a savings plan's rates are none: they say how far a promise goes."""
    return replace(thing, **{
        name: replace(value, values=value.without(index))
        for name, value in vars(thing).items() if isinstance(value, Series) and value.before
    })  # fmt: skip
