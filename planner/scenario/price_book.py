"""A price book of one's own: what was negotiated, over the public catalog. Quotes come first, then discounts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.catalog.load import Catalog, Row
from planner.documents import Document, Path_, load_document
from planner.errors import Complaint, InputError, nearest
from planner.records import ContractNumber, Day, Positive, Record, Text, in_order, unique, validate

EntryId = Annotated[ContractNumber, Field(description="its number in the contract; stands once in the book")]
Discounted = Annotated[Positive, Field(lt=1, description="of the list price: 0.12 is 12 %")]


class Quote(Record):
    """A price that was offered for one catalog row. It is net: no discount of the book comes on top."""

    id: EntryId
    row: Text = Field(description="catalog row, as server-8xh100/purchase_usd_per_server")
    value: Positive = Field(description="in the unit that the row's name says")
    currency: Literal["USD", "EUR", "GBP", "JPY", "BRL"] = Field(default="USD", description="of the value")
    date: Day = Field(description="day of the quote; before it, it is not known")
    valid_until: Day | None = Field(default=None, description="last day on which it can be taken; unset: it stays")
    afterwards: Literal["list", "same"] = Field(
        default="list", description="what is expected after that day: the list price, or the same price again"
    )
    source: Text = Field(description="where it is written")

    @model_validator(mode="after")
    def _period(self) -> Quote:
        if self.valid_until is not None and self.valid_until < self.date:
            raise ValueError("needs date ≤ valid_until")
        return self

    def covers(self, day: datetime.date) -> bool:
        """Say whether the price holds on `day`."""
        return self.date <= day and (self.valid_until is None or self.afterwards == "same" or day <= self.valid_until)


class BookDiscount(Record):
    """A discount on list prices. Several on one row multiply, in the order in which they stand."""

    id: EntryId
    rows: Text = Field(description="catalog rows; * stands for anything: aws-*/on_demand_usd_per_gpu_hour")
    fraction: Discounted
    valid_from: Day | None = None
    valid_until: Day | None = Field(default=None, description="last day on which it counts")
    source: Text = Field(description="where it is written")

    @model_validator(mode="after")
    def _period(self) -> BookDiscount:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("needs valid_from ≤ valid_until")
        return self

    def covers(self, day: datetime.date) -> bool:
        """Say whether the discount counts on `day`."""
        return (self.valid_from or datetime.date.min) <= day <= (self.valid_until or datetime.date.max)


class PriceBook(Record):
    """A file of prices of one's own."""

    quotes: Annotated[list[Quote], unique("id")] = Field(default=[], description="prices for single rows")
    discounts: Annotated[list[BookDiscount], unique("id")] = Field(default=[], description="off list prices")


def is_price(row: Row) -> bool:
    """Say whether `row` is money, which can be negotiated, and no physical quantity."""
    return "usd" in row.unit.split("_")


def read_price_book(path: Path, catalog: Catalog) -> PriceBook:
    """Read the price book at `path`.

    Raises
    ------
    InputError
        with every complaint about it: fields, ids that stand twice, rows that the catalog does not have, rows that are
        no price.
    """
    document = load_document(path)
    book = validate(PriceBook, document)
    if complaints := in_order(_check(book, catalog, document)):
        raise InputError(complaints)
    return book


def _check(book: PriceBook, catalog: Catalog, document: Document) -> Iterator[Complaint]:
    quoted = {quote.id for quote in book.quotes}
    for index, quote in enumerate(book.quotes):
        rows = catalog.rows.get(quote.row)
        at: Path_ = ("quotes", index, "row")
        if rows is None:
            cure = nearest(quote.row, catalog.rows)
            yield _complaint(document, at, "is not a row of the catalog", quote.row, cure)
        elif not is_price(rows[0]):
            yield _complaint(document, at, "is no price", quote.row, "put it under prices: in the scenario")
    for index, discount in enumerate(book.discounts):
        at = ("discounts", index, "rows")
        if discount.id in quoted:
            yield _complaint(document, (*at[:-1], "id"), "is the id of a quote already", discount.id, None)
        matching = [dated[0] for row_id, dated in catalog.rows.items() if fnmatchcase(row_id, discount.rows)]
        if not any(is_price(row) for row in matching):
            message = "matches no price of the catalog" if matching else "matches no row of the catalog"
            cure = nearest(discount.rows, catalog.rows) or "planner catalog show lists them"
            yield _complaint(document, at, message, discount.rows, cure)


def _complaint(document: Document, at: Path_, message: str, found: str, cure: str | None) -> Complaint:
    return Complaint(document.place(at), ".".join(map(str, at)), message, found=found, cure=cure)
