"""How much of a change of cost came of prices, and how much of quantities."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum, isclose
from typing import Any

from planner.components import listed
from planner.costs.negotiated import SOURCE
from planner.costs.tax import SOURCE as TAX
from planner.report.compare.beside import Document, same_horizon, side_by_side

_NEGOTIATED = f" × {SOURCE}"
_TAX = f" × {TAX}"
"""In the source of a tax, behind the source of what is deducted."""
_START = re.compile(r"@\d{4}-\d{2}(?!\S)")
"""In the name of a commitment, when it starts: a later plan may start the same one later."""
_WHOLE = 1e-6
"""Relative difference up to which the lines of a plan are all of its cost."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class Paid:
    """What is paid on a line: so much of something, for so much."""

    quantity: float
    usd: float

    @property
    def unit_cost(self) -> float | None:
        """USD a unit, the mean of its months; None where nothing is bought. Of a loan's proceeds there are −1."""
        return self.usd / self.quantity if self.quantity else None


@dataclass(frozen=True)
class Effect:
    """What became of a line; price and volume sum to the change of its cost.

    Attributes
    ----------
    price_usd : change of the unit cost × the quantity before; of a tax also the share of this that is deducted
    volume_usd : change of the quantity × the unit cost after; all of it where the line is in only one plan
    """

    component: str
    item: str
    unit: str
    before: Paid
    after: Paid
    price_usd: float
    volume_usd: float

    @property
    def usd(self) -> float:
        """Change of the cost."""
        return self.after.usd - self.before.usd


@dataclass(frozen=True)
class Split:
    """The change of a plan's nominal cost; a month of it where the horizons differ.

    Attributes
    ----------
    per : "horizon" or "month"
    effects : of every line; empty where the lines of a plan do not sum to its cost, as in one made by hand
    """

    per: str
    before_usd: float
    after_usd: float
    effects: tuple[Effect, ...]

    @property
    def price_usd(self) -> float:
        """Change that came of prices."""
        return fsum(one.price_usd for one in self.effects)

    @property
    def volume_usd(self) -> float:
        """Change that came of quantities: more or less of the same, and another mix."""
        return fsum(one.volume_usd for one in self.effects)


def split(before: Document, after: Document) -> Split:
    """Return what the change from one plan to another came of, line by line."""
    shared = same_horizon((before, after))
    months = [1 if shared else document["horizon_months"] for document in (before, after)]
    totals = [d["tco"]["plan"]["total_usd"] / m for d, m in zip((before, after), months, strict=True)]
    lines = [_by_thing(document["lines"]) for document in (before, after)]
    paid = [_added(part, m, lines) for part, m in zip(lines, months, strict=True)]
    whole = all(_is_all(part.values(), total) for part, total in zip(paid, totals, strict=True))
    effects = _taxed({key: _effect(key, *pair) for key, pair in side_by_side(paid)}) if whole else ()
    return Split("horizon" if shared else "month", totals[0], totals[1], tuple(effects))


def _is_all(paid: Iterable[Paid], total: float) -> bool:
    return isclose(fsum(one.usd for one in paid), total, rel_tol=_WHOLE, abs_tol=_WHOLE)


def _effect(key: Key, before: Paid | None, after: Paid | None) -> Effect:
    before, after = before or Paid(0.0, 0.0), after or Paid(0.0, 0.0)
    old, new = before.unit_cost, after.unit_cost
    component, item, unit, *_ = key
    if old is None or new is None:
        return Effect(component, item, unit, before, after, 0.0, after.usd - before.usd)
    price_usd, volume_usd = (new - old) * before.quantity, new * (after.quantity - before.quantity)
    return Effect(component, item, unit, before, after, price_usd, volume_usd)


def _taxed(effects: dict[Key, Effect]) -> Iterator[Effect]:
    """Count what a price changed of the tax on what it is paid for as the price's: as much of it as was deducted."""
    deducted = defaultdict(list)
    for (_, item, _, category, _, *source), effect in effects.items():
        if category != "tax":
            deducted[item, *source].append(effect)
    for (_, item, _, category, _, *source), effect in effects.items():
        causes = deducted.get((item, *(one.removesuffix(_TAX) for one in source)), []) if category == "tax" else []
        paid = fsum(one.before.usd for one in causes)
        if source and paid and effect.before.quantity and effect.after.quantity:
            moved = effect.before.usd / paid * fsum(one.price_usd for one in causes)
            effect = replace(effect, price_usd=effect.price_usd + moved, volume_usd=effect.volume_usd - moved)
        yield effect


def _by_thing(lines: Sequence[dict[str, Any]]) -> dict[Key, dict[str, list[dict[str, Any]]]]:
    """Return the lines of each thing by the catalog rows of their price; what was negotiated is part of its price."""
    found: dict[Key, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        item = _START.sub("", line["item"])
        key = listed(line["component"]), item, line["unit"], line["category"], line["timing"]
        found[key][line["source"].partition(_NEGOTIATED)[0]].append(line)
    return found


def _added(
    mine: dict[Key, dict[str, list[dict[str, Any]]]], months: int, every: list[dict[Key, dict[str, list[Any]]]]
) -> dict[Key, Paid]:
    """Add the lines of each thing together; apart by rows of their price where these are the same in every plan."""
    found: dict[Key, Paid] = {}
    for key, by_source in mine.items():
        if all(part[key].keys() == by_source.keys() for part in every if key in part):
            found |= {(*key, source): _paid(part, months) for source, part in by_source.items()}
        else:
            found[key] = _paid([line for part in by_source.values() for line in part], months)
    return found


def _paid(lines: Sequence[dict[str, Any]], months: int) -> Paid:
    """Add lines; one that states the difference to a list price adds to the cost and not to the quantity."""
    bought = fsum(line["quantity"] for line in lines if _NEGOTIATED not in line["source"])
    return Paid(bought / months, fsum(line["cost_usd"] for line in lines) / months)
