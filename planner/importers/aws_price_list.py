"""The AWS price list of EC2 as CSV: on-demand prices, and reserved instances.

A reserved term is one row or two, in any order, under one SKU and offer term: an hourly fee (`Hrs`) and, unless nothing
is paid upfront, an upfront fee (`Quantity`); together they make one all-in rate. Only shared Linux instances without
further software count. The file has millions of rows, of which those about GPUs are kept until it ends.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from planner.catalog.fact_rows import FactRow
from planner.importers import Imported
from planner.importers.common import CURRENCIES, Settings, is_day, refuse, tally
from planner.importers.common import number as amount
from planner.importers.ec2_types import gpus_of
from planner.importers.offers import ON_DEMAND, OfferKey, per_gpu
from planner.importers.reading import MAX_LINE, csv_rows, opened
from planner.importers.terms import Gathered, Term, in_force, months_of, term_hours

PREAMBLE = 5
COLUMNS = (
    "SKU", "OfferTermCode", "TermType", "EffectiveDate", "Unit", "PricePerUnit", "Currency", "LeaseContractLength",
    "PurchaseOption", "OfferingClass", "Instance Type", "Tenancy", "Operating System", "CapacityStatus",
    "Pre Installed S/W", "Region Code",
)  # fmt: skip

_WANTED = {
    "Tenancy": ("Shared",), "Operating System": ("Linux",), "CapacityStatus": ("Used",),
    "Pre Installed S/W": ("", "NA"), "MarketOption": ("", "OnDemand"),
}  # fmt: skip
_PAYMENTS = {"No Upfront": (False, True), "Partial Upfront": (True, True), "All Upfront": (True, False)}
"""Whether a way of paying has an upfront fee, and an hourly one above 0."""

_Row = Mapping[str, str]


@dataclass
class _Reserved:
    """The two halves of a reserved term, as they come."""

    offer: OfferKey
    months: int
    payment: str
    convertible: bool
    currency: str
    since: str
    fees: dict[str, Decimal] = field(default_factory=dict)


def preamble(path: Path) -> dict[str, str]:
    """Return the lines above the header by name. Raises InputError when there is no day of publication."""
    with opened(path) as stream:
        lines = [stream.readline(MAX_LINE).replace("\0", " ") for _ in range(PREAMBLE)]
    try:
        found = dict(cells for cells in csv.reader(lines) if len(cells) == 2)
    except csv.Error:
        found = {}
    if not is_day(found.get("Publication Date", "")[:10]):
        refuse(path, "does not begin with the five lines of an AWS price list")
    return found


def read(path: Path, settings: Settings) -> Imported:
    """Map an offer file. The day is --date, or else that of publication."""
    head = preamble(path)
    if head.get("OfferCode") != "AmazonEC2":
        refuse(path, f"is the price list of {head.get('OfferCode', 'nothing')}, not of AmazonEC2")
    facts = _Facts(settings, settings.date or head["Publication Date"][:10])
    for _, row in csv_rows(path, COLUMNS, skip=PREAMBLE):
        facts.result.read += 1
        if (reason := facts.refused(row)) is not None:
            tally(facts.result, reason)
    facts.join()
    facts.result.rows = list(facts.gathered.rows())
    return facts.result


class _Facts:
    """What was found in the file so far."""

    def __init__(self, settings: Settings, published: str) -> None:
        self.settings, self.published = settings, published
        self.result = Imported()
        self.gathered = Gathered(self.result)
        self.reserved: dict[tuple[str, ...], _Reserved] = {}

    def refused(self, row: _Row | None) -> str | None:
        """Take a row; return why it is skipped, or None."""
        if row is None:
            return "malformed row"
        if not row["Instance Type"]:
            return "no instance"
        gpus = gpus_of(row["Instance Type"], row.get("GPU", ""))
        if isinstance(gpus, str):
            return gpus
        for column, allowed in _WANTED.items():
            if row.get(column, "") not in allowed:
                return f"{column}: {row[column]}"
        price = amount(row["PricePerUnit"])
        if price is None or in_force(self.published, row["EffectiveDate"]) is None:
            return "malformed row"
        if row["Currency"] not in CURRENCIES:
            return f"currency {row['Currency']}"
        offer = OfferKey("aws", row["Region Code"], row["Instance Type"], *gpus)
        if (reason := self.gathered.refused(offer)) is not None:
            return reason
        if row["TermType"] == "OnDemand":
            return self._on_demand(row, offer, price)
        return self._half(row, offer, price) if row["TermType"] == "Reserved" else f"term {row['TermType']}"

    def _on_demand(self, row: _Row, offer: OfferKey, price: Decimal) -> str | None:
        if row["Unit"] != "Hrs":
            return "on-demand price in another unit than hours"
        if not price:
            return "no price, or 0"
        self._add(offer, ON_DEMAND, per_gpu(price, offer.gpus), row["EffectiveDate"], row["Currency"], {})
        return None

    def _half(self, row: _Row, offer: OfferKey, price: Decimal) -> str | None:
        months, payment = months_of(row["LeaseContractLength"]), row["PurchaseOption"]
        kind = row["OfferingClass"]
        if months is None or payment not in _PAYMENTS or kind not in ("standard", "convertible"):
            return "malformed reserved term"
        if row["Unit"] not in ("Hrs", "Quantity"):
            return "reserved term in another unit than hours or fees"
        key = (row["SKU"], row["OfferTermCode"], row["EffectiveDate"])
        new = _Reserved(offer, months, payment, kind == "convertible", row["Currency"], row["EffectiveDate"])
        held = self.reserved.setdefault(key, new)
        if (held.offer, held.months, held.payment, held.currency) != (offer, months, payment, row["Currency"]):
            return "halves of a reserved term that disagree"
        if row["Unit"] in held.fees:
            return "half of a reserved term again"
        held.fees[row["Unit"]] = price
        return None

    def join(self) -> None:
        """Make a rate of every reserved term that is whole."""
        for one in self.reserved.values():
            upfront, hourly = one.fees.get("Quantity", Decimal(0)), one.fees.get("Hrs")
            if hourly is None or (upfront > 0, hourly > 0) != _PAYMENTS[one.payment]:
                tally(self.result, "reserved term that lacks a half, or whose fees do not fit it", len(one.fees))
                continue
            payment = one.payment.lower().replace(" ", "-") + ("-convertible" if one.convertible else "")
            term = Term(one.months, payment, upfront + hourly * term_hours(one.months), upfront)
            rate = term.rate(one.offer.gpus)
            self._add(one.offer, term.field, rate, one.since, one.currency, term.attributes, len(one.fees))

    def _add(
        self, offer: OfferKey, name: str, rate: Decimal, since: str, currency: str, term: dict[str, Any], rows: int = 1
    ) -> None:
        day = in_force(self.published, since)
        assert day is not None
        fact = FactRow(
            "offers", offer.id, name, rate, date=day, source=self.settings.source, basis="list", confidence="high",
            currency=currency, attributes=offer.attributes | term,
        )  # fmt: skip
        self.gathered.add(fact, since, rows)
