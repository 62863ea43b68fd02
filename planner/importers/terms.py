"""What importers of price lists with terms share: dated facts gathered by row, commitments, and JSON read whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from planner.catalog.fact_rows import FactRow
from planner.importers import Imported
from planner.importers.common import is_day, refuse, tally
from planner.importers.offers import MAX_CELL, ON_DEMAND, OfferKey, per_gpu
from planner.importers.reading import opened
from planner.plaintext import visible
from planner.units import HOURS_PER_YEAR, MONTHS_PER_YEAR

MAX_WHOLE_FILE = 64_000_000
_TERM = re.compile(r"([1-9]) ?y(?:r|ears?)", re.IGNORECASE)


def months_of(term: str) -> int | None:
    """Return the months of a term written in years, None when it is not.

    >>> months_of("3yr"), months_of("1 Year"), months_of("5 Years"), months_of("")
    (36, 12, 60, None)
    """
    found = _TERM.fullmatch(term.strip())
    return int(found[1]) * MONTHS_PER_YEAR if found else None


def term_hours(months: int) -> int:
    """Return the hours of a term: 730 a month."""
    return months * HOURS_PER_YEAR // MONTHS_PER_YEAR


def in_force(published: str, effective: str) -> str | None:
    """Return the day of a fact: that of the list, or a later one from which the price holds; None when that is no day.

    The list's day, not the first day of the price: the list says that the price holds still.
    """
    start = effective[:10]
    return max(published, start) if is_day(start) else None


@dataclass(frozen=True)
class Term:
    """A promise on an offer: all that is paid for one instance over the term, and what of it upfront."""

    months: int
    payment: str
    total: Decimal
    upfront: Decimal

    @property
    def field(self) -> str:
        """The fact's field: `36m-all-upfront/usd_per_gpu_hour`."""
        return f"{self.months}m-{self.payment}/usd_per_gpu_hour"

    def rate(self, gpus: int) -> Decimal:
        """Return the rate per GPU-hour, upfront and hourly parts together."""
        return per_gpu(self.total, term_hours(self.months) * gpus)

    @property
    def attributes(self) -> dict[str, str]:
        """The commitment's attributes as cells.

        The fraction is to the thousandth: fees are rounded to whole dollars, so further digits differ from one list
        to the next, and a commitment is the same at every date.
        """
        fraction = format((self.upfront / self.total).quantize(Decimal("0.001")).normalize(), "f")
        return {"term_months": str(self.months), "upfront_fraction": fraction}


@dataclass
class Gathered:
    """Facts of a file by row and day. Of two prices for one day the one that began later counts.

    Attributes
    ----------
    result : counts of rows, kept up while facts come in
    held : by row id and day: the day on which the price began, the fact, the rows that it was made of
    offers : by id
    """

    result: Imported
    held: dict[tuple[str, str], tuple[str, FactRow, int]] = field(default_factory=dict)
    offers: dict[str, OfferKey] = field(default_factory=dict)

    def refused(self, offer: OfferKey) -> str | None:
        """Note the offer; return why facts about it cannot be taken, or None."""
        if not offer.region:
            return "no region"
        if any(visible(text) != text or len(text) > MAX_CELL for text in (offer.region, offer.instance_type)):
            return "malformed row"
        if self.offers.setdefault(offer.id, offer) != offer:
            return "another GPU or number of GPUs under the same instance type and region"
        return None

    def add(self, fact: FactRow, since: str, rows: int = 1) -> None:
        """Take a fact that `rows` rows of the file make, whose price began on `since`."""
        if fact.value is not None:
            fact = replace(fact, value=Decimal(format(fact.value.normalize(), "f")))
        key = (fact.row_id, fact.date)
        if key not in self.held:
            self.held[key] = (since, fact, rows)
            tally(self.result, None, rows)
            return
        began, held, before = self.held[key]
        if since > began:
            self.held[key] = (since, fact, rows)
            tally(self.result, None, rows - before)
            tally(self.result, "replaced by a later price", before)
        elif since < began:
            tally(self.result, "replaced by a later price", rows)
        elif fact.value == held.value:
            tally(self.result, "the same price again", rows)
        else:
            unknown = held.unknown or f"the source gives it twice, as {held.value} and as {fact.value}"
            self.held[key] = (began, replace(held, value=None, unknown=unknown), before)
            tally(self.result, "another price for the same offer and day", rows)

    def rows(self) -> Iterator[FactRow]:
        """Yield the facts, and an unknown on-demand price of the newest day for offers that have none."""
        newest: dict[str, FactRow] = {}
        priced = set()
        for _, fact, _ in self.held.values():
            yield fact
            if fact.field == ON_DEMAND:
                priced.add(fact.id)
            elif fact.section == "offers" and (fact.id not in newest or newest[fact.id].date < fact.date):
                newest[fact.id] = fact
        for name, fact in newest.items():
            if name not in priced:
                yield replace(
                    fact, field=ON_DEMAND, value=None, note="", unknown="the source gives no on-demand price",
                    attributes=self.offers[name].attributes,
                )  # fmt: skip


def json_whole(path: Path) -> Any:
    """Read a JSON file of moderate size, numbers exact.

    Raises
    ------
    InputError
        when it is too long or no JSON.
    """
    with opened(path) as stream:
        text = stream.read(MAX_WHOLE_FILE + 1)
    if len(text) > MAX_WHOLE_FILE:
        refuse(path, f"is longer than {MAX_WHOLE_FILE:,} characters")
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        refuse(path, "is no JSON")
