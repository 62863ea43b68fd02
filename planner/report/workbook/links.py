"""Which unit costs of the ledger are a named price times a number: they may move with it. The others stay values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.report.workbook.flows import TAX, Floats, Flows

EXACT = 1e-12
_TAXED = " × scenario finance.tax"
"""What the source of a tax line adds to that of the line that is deducted."""
_PAID = "price paid"
"""The unit of fractions of what was once paid for a server: that of today's servers does not follow a price."""


@dataclass(frozen=True)
class Link:
    """A unit cost that is a price times a number: its sign, and how a price path has moved it by then."""

    price: int
    times: float


class Links:
    """The prices of plan.json that unit costs follow.

    Attributes
    ----------
    prices : those that are followed, by their index in plan.json; each is the product of its factors
    of : by payment of the ledger, the link of its unit cost or None
    deducted : by payment, the link of the quantity of a tax line or None: what is deducted follows what is paid
    """

    def __init__(self, document: dict[str, Any], flows: Flows) -> None:
        self._prices: list[dict[str, Any]] = document["prices"]
        self._agreed = bool(document.get("agreements"))
        self._by_rows: dict[tuple[str, ...], list[int]] = {}
        known = {one["row"] for one in document["evidence"] if one["value"] is not None}
        for index, price in enumerate(self._prices):
            if _is_product(price, known):
                self._by_rows.setdefault(tuple(price["rows"]), []).append(index)
        bought = {
            (option, item, cost)
            for option, thing, item, cost in zip(
                flows.texts["option"], flows.thing, flows.texts["item"], flows.unit_cost, strict=True
            )
            if thing == "servers"
        }
        self.of = [
            self._link(source, cost)
            if unit != _PAID or (option, item, abs(cost)) in bought
            else None
            for option, item, unit, source, cost in zip(
                *(flows.texts[key] for key in ("option", "item", "unit", "source")), flows.unit_cost, strict=True
            )
        ]  # fmt: skip
        self.deducted = self._deductions(flows)
        used = sorted({link.price for link in (*self.of, *self.deducted) if link})
        self.prices = {index: self._prices[index] for index in used}

    def _deductions(self, flows: Flows) -> list[Link | None]:
        """Link what is deducted where everything that it comes from is the same price times 1 or −1."""
        keys = list(zip(*(flows.texts[key] for key in ("option", "item", "source")), strict=True))
        is_tax = flows.texts["category"] == TAX
        paid: dict[tuple[str, str, str], set[int | None]] = {}
        for key, link, tax in zip(keys, self.of, is_tax, strict=True):
            if not tax:
                paid.setdefault(key, set()).add(link.price if link and abs(link.times) == 1 else None)
        found: list[Link | None] = []
        for (option, item, source), tax, quantity in zip(keys, is_tax, flows.quantity, strict=True):
            prices = paid.get((option, item, source.removesuffix(_TAXED)), {None}) if tax else {None}
            price = next(iter(prices)) if len(prices) == 1 else None
            now = None if price is None else product(self._prices[price])
            found.append(Link(price, quantity / now) if price is not None and now else None)
        return found

    def _link(self, source: str, cost: float) -> Link | None:
        """Return the link of a unit cost to the longest product that its source starts with."""
        rows = source.split(" × ")
        for length in range(len(rows), 0, -1):
            for index in self._by_rows.get(tuple(rows[:length]), ()):
                times = self._times(self._prices[index], cost)
                if times is not None:
                    return Link(index, times)
        return None

    def _times(self, price: dict[str, Any], cost: float) -> float | None:
        """Return ±1, or along a price path how far it has come; None where the price does not make the cost."""
        now = product(price)
        for sign in (1.0, -1.0):
            if math.isclose(cost, sign * now, rel_tol=EXACT):
                return sign
        moves = price["first"] != price["last"] and not self._agreed
        return cost / now if moves and now else None

    def unit_costs(self, flows: Flows) -> Floats:
        """Return the unit costs as the workbook computes them."""
        return np.array(
            [product(self.prices[link.price]) * link.times if link else cost
             for link, cost in zip(self.of, flows.unit_cost, strict=True)], float,
        )  # fmt: skip


def product(price: dict[str, Any]) -> float:
    """Return the product of the factors of a price, in the order of the workbook: catalog rows, then the rest."""
    return math.prod(row_values(price)) * rest(price)


def row_values(price: dict[str, Any]) -> list[float]:
    """Return the values of the catalog rows among the factors."""
    return [factor["value"] for factor in price["factors"] if factor["kind"] == "row"]


def rest(price: dict[str, Any]) -> float:
    """Return the product of the factors that are no catalog rows: counts, exchange rates, discounts, price paths."""
    return float(math.prod(factor["value"] for factor in price["factors"] if factor["kind"] != "row"))


def rest_words(price: dict[str, Any]) -> str:
    """Say what the factors are that are no catalog rows."""
    return " × ".join(factor["what"] for factor in price["factors"] if factor["kind"] != "row")


def rows_of(price: dict[str, Any]) -> list[str]:
    """Return the catalog rows among the factors."""
    return [factor["what"] for factor in price["factors"] if factor["kind"] == "row"]


def is_plain(price: dict[str, Any]) -> bool:
    """Say whether a price is a catalog row as recorded."""
    return len(price["factors"]) == 1


def _is_product(price: dict[str, Any], known: set[str]) -> bool:
    rows = rows_of(price)
    return bool(rows) and set(rows) <= known and math.isclose(product(price), price["first"], rel_tol=EXACT)


def rows_in(source: str) -> Iterator[str]:
    """Yield the catalog rows of the source of a line."""
    for part in source.split(" × "):
        yield from part.split(" + ")
