"""What importers share: settings, numbers, names, and the count of what became of each row."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NoReturn, get_args

from planner.catalog.names import gpu_id
from planner.catalog.schema import Fact
from planner.errors import Complaint, InputError, Place
from planner.importers import Imported
from planner.plaintext import visible

CURRENCIES: tuple[str, ...] = get_args(Fact.model_fields["currency"].annotation)
"""Those of the catalog."""

MAX_REASONS = 200
_NUMBER = re.compile(r"\d{1,12}(\.\d{0,18})?([eE][+-]?\d{1,2})?")
_ALIASES = {
    "oci": "oracle", "vast": "vast-ai", "vastai": "vast-ai", "lambdalabs": "lambda", "do": "digitalocean",
    "datacrunch": "verda",
}  # fmt: skip
"""Providers under the names of other catalogs."""


@dataclass(frozen=True)
class Settings:
    """What the files themselves do not say.

    Attributes
    ----------
    date : day of the prices, YYYY-MM-DD
    source : id of the source that the facts name
    provider, region, currency : of files that carry none
    providers : ids that the catalog knows
    """

    source: str
    date: str | None = None
    provider: str | None = None
    region: str | None = None
    currency: str = "USD"
    providers: Collection[str] = ()


def refuse(path: Path, message: str, cure: str | None = None) -> NoReturn:
    """Raise InputError about the file `path`."""
    raise InputError([Complaint(Place(str(path)), "", message, cure=cure)])


def day(path: Path, settings: Settings) -> str:
    """Return the day of the prices of a file that carries none. Raises InputError when it is not given."""
    return settings.date or refuse(path, "carries no date of its prices", "give it with --date YYYY-MM-DD")


def provider(path: Path, settings: Settings, name: str) -> str:
    """Return the provider as given, or as the file's `name` for it. Raises InputError when neither tells."""
    found = named(name)
    if settings.provider is None and found not in settings.providers:
        refuse(path, f"does not say its provider ('{name}' is none of the catalog's)", "give it with --provider ID")
    return settings.provider or found


def named(name: str) -> str:
    """Return the catalog's id of a provider that other catalogs call `name`."""
    return _ALIASES.get(name.lower(), name.lower())


def tally(result: Imported, reason: str | None, rows: int = 1) -> None:
    """Count rows as mapped, or as skipped for `reason`; rare reasons share a line when there are very many."""
    if reason is None:
        result.mapped += rows
    elif rows:
        known = reason in result.skipped or len(result.skipped) < MAX_REASONS
        result.skipped[visible(reason[:100]) if known else "for other reasons"] += rows


def is_day(text: str) -> bool:
    """Say whether `text` is a day of the calendar, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def number(text: str) -> Decimal | None:
    """Return the exact number that a cell holds, None when it holds none or less than 0.

    >>> number(" 23.60 "), number("5e-05"), number("-1"), number("NaN"), number("=1+1")
    (Decimal('23.60'), Decimal('0.00005'), None, None, None)
    """
    return Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def count(text: str) -> int | None:
    """Return the whole number of GPUs that a cell holds, as 8 or 8.0; None when it is none or a fraction."""
    found = number(text)
    return int(found) if found is not None and 1 <= found <= 10_000 and found == found.to_integral_value() else None


@lru_cache(maxsize=10_000)
def gpu_named(name: str, memory_gb: str, instance_type: str, provider: str) -> str | None:
    """Return the GPU model that a source means by `name`, None where it could be one of several; remembered."""
    memory = number(memory_gb)
    return gpu_id(name, memory_gb=float(memory) if memory else None, instance_type=instance_type, provider=provider)
