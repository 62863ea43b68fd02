"""`planner catalog check`: whether the catalog is sound, and which of its prices are in doubt."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog, read_day
from planner.cli.output import Format, say, write_rows

if TYPE_CHECKING:
    from planner.catalog.checks import Doubt
    from planner.catalog.load import Catalog

GATE_FAILED = 1
_COLUMNS = ("state", "row", "value", "currency", "date", "check", "reason", "plausible", "place")
_BRIEF = ("state", "row", "value", "date", "reason", "plausible", "place")
EXAMPLES = examples(
    "planner catalog check",
    "planner catalog check --list",
    "planner catalog check --max-age 180 --fail-on age --format csv > doubts.csv",
    "planner catalog check --catalog our-prices/ --fail-on quarantine",
)


class Gate(StrEnum):
    """What ends in exit 1."""

    quarantine = "quarantine"
    age = "age"


def check(
    max_age: Annotated[
        int, typer.Option("--max-age", metavar="DAYS", min=0, help="Name prices in force that are older than this.")
    ] = 365,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day from which ages count, YYYY-MM-DD.", show_default="today"),
    ] = None,
    fail_on: Annotated[
        Gate | None, typer.Option("--fail-on", help="Exit 1 when a price is quarantined, or too old.")
    ] = None,
    rules: Annotated[bool, typer.Option("--list", help="Name the checks instead, each with its rule.")] = False,
    form: options.Form = Format.table, catalog: options.CatalogFolder = None, quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Check every price: what is wrong in form ends in exit 3, what is in doubt is quarantined and listed.

    A quarantined price stays in its file and is not used: the one before it stays in force. Where there is none, the
    price is unknown, with the doubt as reason. A scenario may give its own under `prices:`. Old prices are named, and
    used.
    """
    from planner.catalog.checks import CHECKS, doubts, price_is_recent

    if rules:
        named = [*((one, "quarantine") for one in CHECKS), (price_is_recent, "warning")]
        write_rows([{"check": one.__name__, "ends in": end, "rule": one.__doc__} for one, end in named], form)
        return
    prices = read_catalog(catalog)
    day = read_day(as_of) or date.today()
    doubtful, old = doubts(prices), list(price_is_recent(prices, day, max_age))
    summary = _summary(prices, f"{len(doubtful)} quarantined, {len(old)} older than {max_age} days")
    if form is Format.table:
        typer.echo(summary)
    else:
        say(summary, quiet)
    rows = [*(_shown(prices, one, "quarantined") for one in doubtful), *(_shown(prices, one, "old") for one in old)]
    if rows or form in (Format.json, Format.csv):
        write_rows(rows, form, _COLUMNS if form in (Format.json, Format.csv) else _BRIEF)
    if (fail_on is Gate.quarantine and doubtful) or (fail_on is Gate.age and old):
        raise typer.Exit(GATE_FAILED)


def _summary(prices: Catalog, found: str) -> str:
    facts = [row.fact for dated in prices.rows.values() for row in dated]
    unknown = sum(fact.value is None for fact in facts)
    levels = ", ".join(
        f"{sum(fact.confidence == level for fact in facts)} {level}"
        for level in ("high", "medium", "low", "assumption")
    )
    return f"sound: {len(prices.rows)} rows, {len(facts)} facts ({levels}), {unknown} of them unknown; {found}"


def _shown(prices: Catalog, doubt: Doubt, state: str) -> dict[str, Any]:
    fact = doubt.row.fact
    return {
        "state": state, "row": doubt.row.id, "value": None if fact.value is None else float(fact.value),
        "currency": fact.currency, "date": fact.date.isoformat(), "check": doubt.check, "reason": doubt.reason,
        "plausible": doubt.plausible, "place": prices.relative(doubt.row.place),
    }  # fmt: skip
