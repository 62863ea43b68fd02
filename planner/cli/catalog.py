"""`planner catalog show|check`: what the catalog holds, and whether it is sound."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from planner.catalog.load import Catalog, Row
from planner.cli.options import AsOfOption, CatalogOption, FormatOption, read_catalog, read_day
from planner.cli.output import Format, write_rows

app = typer.Typer(help="Prices: what is there, and whether it is sound.", no_args_is_help=True, rich_markup_mode=None)
_BRIEF = ("id", "value", "unit", "date", "source", "basis", "confidence")


@app.command("show")
def show(
    words: Annotated[list[str] | None, typer.Argument(help="Only rows whose id holds each of these words.")] = None,
    form: FormatOption = Format.table, as_of: AsOfOption = None, catalog: CatalogOption = None,
) -> None:  # fmt: skip
    """List the facts of the catalog; with --as-of those in force on a day, else the newest of each row."""
    from datetime import date

    prices = read_catalog(catalog)
    day = read_day(as_of) or date.max
    found = [prices.in_force(row_id, day) for row_id in prices.rows if all(word in row_id for word in words or ())]
    rows = [_shown(prices, row) for row in found if row is not None]
    write_rows(
        rows, form, None if form is Format.json or not rows else _BRIEF if form is not Format.csv else list(rows[0])
    )


@app.command("check")
def check(catalog: CatalogOption = None) -> None:
    """Load the catalog with every check; say how many facts it holds and what they rest on."""
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
