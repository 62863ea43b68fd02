"""`planner catalog show|check`: what the catalog holds, and whether it is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli.options import CatalogOption, FormatOption, examples, read_catalog, read_day
from planner.cli.output import Format, say, write_rows
from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.catalog.load import Catalog, Row

app = typer.Typer(help="Prices: what is there, and whether it is sound.", no_args_is_help=True, rich_markup_mode=None)
_BRIEF = ("id", "value", "unit", "date", "source", "basis", "confidence")


def row_ids(incomplete: str) -> list[str]:
    """Complete the id of a thing in the shipped catalog, and after its slash the id of a row."""
    try:
        rows = list(read_catalog(None).rows)
    except PlannerError:
        return []
    names = rows if "/" in incomplete else dict.fromkeys(row.partition("/")[0] for row in rows)
    return [name for name in names if name.startswith(incomplete)]


@app.command(
    "show",
    epilog=examples(
        "planner catalog show h100 spot",
        "planner catalog show server-8xh100 --as-of 2026-06-30",
        "planner catalog show --format csv > prices.csv",
    ),
)
def show(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Only rows whose id holds each of these words.", autocompletion=row_ids),
    ] = None,
    form: FormatOption = Format.table,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Prices in force on this day, YYYY-MM-DD.", show_default="newest"),
    ] = None,
    catalog: CatalogOption = None,
) -> None:
    """List the prices of the catalog, each with its source."""
    from datetime import date

    prices = read_catalog(catalog)
    day = read_day(as_of) or date.max
    found = [prices.in_force(row_id, day) for row_id in prices.rows if all(word in row_id for word in words or ())]
    rows = [_shown(prices, row) for row in found if row is not None]
    if words and not rows:
        say(f"No row's id holds {' and '.join(words)}; planner catalog show lists them all.", quiet=False)
    write_rows(
        rows, form, None if form is Format.json or not rows else _BRIEF if form is not Format.csv else list(rows[0])
    )


@app.command("check", epilog=examples("planner catalog check", "planner catalog check --catalog our-prices/"))
def check(catalog: CatalogOption = None) -> None:
    """Check every price file, and count what the prices rest on."""
    prices = read_catalog(catalog)
    facts = [row.fact for dated in prices.rows.values() for row in dated]
    unknown = sum(fact.value is None for fact in facts)
    by_confidence = {
        level: sum(fact.confidence == level for fact in facts) for level in ("high", "medium", "low", "assumption")
    }
    text = ", ".join(f"{count} {level}" for level, count in by_confidence.items())
    typer.echo(f"sound: {len(prices.rows)} rows, {len(facts)} facts ({text}), {unknown} of them unknown")


def _shown(catalog: Catalog, row: Row) -> dict[str, Any]:
    fact = row.fact
    numbers = {
        name: None if (value := getattr(fact, name)) is None else float(value) for name in ("value", "low", "high")
    }
    return {
        "id": row.id, "kind": row.kind, "provider": row.provider, **numbers, "unit": row.unit,
        "currency": fact.currency, "date": fact.date.isoformat(), "source": fact.source,
        "source_title": catalog.sources[fact.source].title, "url": catalog.sources[fact.source].url,
        "basis": fact.basis, "confidence": fact.confidence, "unknown": fact.unknown, "note": fact.note,
        "place": str(row.place),
    }  # fmt: skip
