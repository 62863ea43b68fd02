"""Prices of whole instances, gathered into offers and divided by their GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from planner.catalog.fact_rows import FactRow
from planner.catalog.names import offer_id
from planner.importers.places import country
from planner.plaintext import visible

MAX_CELL = 200
ANYWHERE = "any"
"""The region of prices that hold in all of them."""

_PLACES = Decimal("1e-12")


@dataclass(frozen=True)
class OfferKey:
    """What an offer is."""

    provider: str
    region: str
    instance_type: str
    gpu: str
    gpus: int

    @property
    def id(self) -> str:
        """The offer's id."""
        return offer_id(self.provider, self.instance_type, None if self.region == ANYWHERE else self.region, self.gpu)

    @property
    def attributes(self) -> dict[str, str]:
        """The offer's attributes as cells."""
        named = {"instance_type": self.instance_type} if self.instance_type else {}
        return {
            "provider": self.provider, "region": self.region, "country": country(self.provider, self.region), **named,
            "gpu": self.gpu, "gpus": str(self.gpus),
        }  # fmt: skip


ON_DEMAND, SPOT = "on_demand_usd_per_gpu_hour", "spot_usd_per_gpu_hour"


@dataclass
class Offers:
    """Prices of whole instances, gathered by offer and field until the file ends.

    Attributes
    ----------
    what : says of the facts where they come from: source, basis, confidence …
    terms : further attributes of the facts of a field: those of a commitment
    """

    date: str
    what: dict[str, Any]
    terms: Mapping[str, dict[str, str]] = field(default_factory=dict)
    found: dict[str, tuple[OfferKey, dict[str, list[Decimal]]]] = field(default_factory=dict)

    def add(self, key: OfferKey, prices: Mapping[str, Decimal | None]) -> str | None:
        """Note the prices of one instance-hour by field; return why they cannot be taken, or None."""
        if any(visible(text) != text or len(text) > MAX_CELL for text in (key.region, key.instance_type)):
            return "malformed row"
        known, held = self.found.setdefault(key.id, (key, {}))
        if known != key:
            return "another GPU or number of GPUs under the same instance type and region"
        for name, price in prices.items():
            if price:
                held.setdefault(name, []).append(price)
        return None

    def rows(self) -> Iterator[FactRow]:
        """Yield a fact per offer and field, in the order of the file."""
        for key, prices in self.found.values():
            if ON_DEMAND not in prices:
                yield self._row(key, ON_DEMAND, None, unknown="the source gives no on-demand price")
            for name, given in prices.items():
                yield self._row(key, name, *_middle(given, key.gpus))

    def _row(
        self, key: OfferKey, name: str, value: Decimal | None, low: Decimal | None = None,
        high: Decimal | None = None, note: str = "", unknown: str = "",
    ) -> FactRow:  # fmt: skip
        return FactRow(
            "offers", key.id, name, value, date=self.date, low=low, high=high, unknown=unknown,
            attributes=key.attributes | self.terms.get(name, {}), **self.what | ({"note": note} if note else {}),
        )  # fmt: skip


def _middle(given: list[Decimal], gpus: int) -> tuple[Decimal, Decimal | None, Decimal | None, str]:
    """Return one of the prices of a region's zones per GPU: the (lower) middle one, with lowest and highest."""
    inorder = sorted(given)
    low, middle, high = (per_gpu(inorder[at], gpus) for at in (0, (len(inorder) - 1) // 2, -1))
    if low == high:
        return middle, None, None, ""
    return middle, low, high, f"the middle of {len(inorder)} prices that the source gives for the region"


def per_gpu(price: Decimal, gpus: int) -> Decimal:
    """Divide the price of an instance by its GPUs; exact where twelve decimals are enough.

    >>> per_gpu(Decimal("23.60"), 8), per_gpu(Decimal("1"), 3)
    (Decimal('2.95'), Decimal('0.333333333333'))
    """
    share = price / gpus
    return share if share == round(share, 12) else share.quantize(_PLACES)
