"""What to refresh prices from: a name, a format and an address each, on the command line or in a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from planner.catalog.load import Catalog
from planner.documents import Document, load_document
from planner.errors import Complaint, InputError, Place
from planner.records import Record, Slug, Text, unique, validate


class Feed(Record):
    """One file of prices, of which one CSV file of the catalog is kept."""

    name: Slug = Field(max_length=40, description="names its file in the catalog; a provider's id where it is of one")
    format: Slug = Field(max_length=30, description="as planner catalog import calls it")
    address: Text = Field(description="a file, or an address that starts with https:// or http://")
    provider: Slug | None = Field(default=None, description="of files that do not say")
    region: Text | None = Field(default=None, description="of files that do not say")
    currency: Text = Field(default="USD", description="of files that do not say")

    @property
    def source(self) -> str:
        """The id of the source that its facts name."""
        return f"{self.name}-{self.format}"

    def provider_in(self, catalog: Catalog) -> str | None:
        """The provider of its prices: as given, or as its name says."""
        return self.provider or (self.name if self.name in catalog.section("providers") else None)


class FeedFile(Record):
    """A file that lists feeds."""

    feeds: Annotated[list[Feed], unique("name"), Field(min_length=1)]


def read_feeds(path: Path) -> list[Feed]:
    """Read the feeds of a YAML file; a path in it counts from its folder. Raises InputError with every complaint."""
    feeds = validate(FeedFile, load_document(path)).feeds
    return [
        feed if "://" in feed.address else feed.model_copy(update={"address": str(path.parent / feed.address)})
        for feed in feeds
    ]


def feed_of(text: str) -> Feed:
    """Read NAME=FORMAT:ADDRESS. Raises InputError when it is written otherwise.

    >>> feed_of("aws=skypilot:https://prices.example/vms.csv").address
    'https://prices.example/vms.csv'
    """
    name, equals, rest = text.partition("=")
    form, colon, address = rest.partition(":")
    origin = f"--source {text if len(text) <= 80 else text[:79] + '…'}"
    if not (equals and colon and address):
        cure = "--source aws=skypilot:https://…/vms.csv"
        raise InputError([Complaint(Place(origin), "", "needs the form NAME=FORMAT:ADDRESS", cure=cure)])
    return validate(Feed, Document(origin, {"name": name, "format": form, "address": address}))
