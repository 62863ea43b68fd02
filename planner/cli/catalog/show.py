"""`planner catalog show`: find and compare prices, each with its source, or their history, or paths made of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.catalog.paths import write_paths
from planner.cli.options import examples, read_catalog, read_day
from planner.cli.output import Format, say, write_rows
from planner.errors import Complaint, InputError, Place, PlannerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.catalog.load import Catalog, Row

_BRIEF = ("id", "value", "unit", "date", "source", "basis", "confidence")
_DATED = ("id", "value", "change_percent", "unit", "date", "source", "basis", "confidence")
_OWN = ("id", "value", "own_value", "own_currency", "agreement", "unit", "date", "source", "confidence")
_PER_GPU_HOUR = ("id", "gpu", "region", "term_months", "value", "currency", "date", "source", "basis", "confidence")
EXAMPLES = examples(
    "planner catalog show h100 spot",
    "planner catalog show --gpu h100 --kind on_demand --sort price",
    "planner catalog show aws-p5-48xlarge --history",
    "planner catalog show --gpu h100 --kind on_demand --paths",
    "planner catalog show server-8xh100 --as-of 2026-06-30",
    "planner catalog show --gpu h100 --price-book ours.yaml --as-of 2026-11-21",
    "planner catalog show --format csv > prices.csv",
)


class Kind(StrEnum):
    """What a price is for."""

    on_demand = "on_demand"
    spot = "spot"
    commitment = "commitment"
    savings_plan = "savings_plan"
    server = "server"
    api = "api"
    site = "site"
    staffing = "staffing"
    provider = "provider"
    gpu = "gpu"
    other = "other"


class Order(StrEnum):
    """How rows are sorted."""

    price = "price"
    date = "date"
    id = "id"


def row_ids(incomplete: str) -> list[str]:
    """Complete the id of a thing in the shipped catalog, and after its slash the id of a row."""
    try:
        rows = list(read_catalog(None).rows)
    except PlannerError:
        return []
    names = rows if "/" in incomplete else dict.fromkeys(row.partition("/")[0] for row in rows)
    return [name for name in names if name.startswith(incomplete)]


def show(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Only rows whose id holds each of these words.", autocompletion=row_ids),
    ] = None,
    gpu: Annotated[str | None, typer.Option(help="Only of GPUs whose id holds this, as h100 or l40s-48gb.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only of this provider.")] = None,
    region: Annotated[str | None, typer.Option(help="Only of this region or country, as us-east-1 or US.")] = None,
    kind: Annotated[list[Kind] | None, typer.Option(help="Only prices of this kind. Repeatable.")] = None,
    term_months: Annotated[int | None, typer.Option(min=1, help="Only commitments and plans of this term.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Every dated fact, with the change it brought.")] = False,
    paths: Annotated[
        bool, typer.Option("--paths", help="Their measured steps, and the price paths these offer to a scenario.")
    ] = False,
    order: Annotated[
        Order | None, typer.Option("--sort", help="price: cheapest first, unknown last.", show_default="the catalog's")
    ] = None,
    form: options.Form = Format.table,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Prices in force on this day, YYYY-MM-DD.", show_default="newest"),
    ] = None,
    catalog: options.CatalogFolder = None,
    price_book: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Show what you pay by your own quotes and discounts.")
    ] = None,
) -> None:  # fmt: skip
    """List the prices of the catalog, each with its source. Prices of GPUs are per GPU-hour."""
    views = {"--history": history, "--paths": paths, "--price-book": price_book is not None}
    if len(asked := [option for option, given in views.items() if given]) > 1:
        message = f"is another view than {asked[0]}"
        raise InputError([Complaint(Place(asked[1]), "", message, cure="give one of them")])
    prices, day = read_catalog(catalog), read_day(as_of)

    def wanted(row: dict[str, Any]) -> bool:
        return (
            (gpu is None or gpu.lower() in (row["gpu"] or ""))
            and (provider is None or row["provider"] == provider.lower())
            and (region is None or region.lower() in {str(row[name]).lower() for name in ("region", "country")})
            and (not kind or row["price_kind"] in kind)
            and (term_months is None or row["term_months"] == term_months)
        )

    rows = [row for row in _rows(prices, words or [], day or date.max, history) if wanted(row)]
    if price_book is not None:
        rows = _at_own_prices(prices, rows, price_book, day)
    if order:
        rows.sort(key=_KEYS[order])
    if not rows:
        say(_nothing(words or []), quiet=False)
    if paths:
        write_paths(prices, [row["id"] for row in rows], form, day)
        return
    write_rows(rows, form, None if form is Format.json or not rows else _columns(rows, form, history))


def _columns(rows: list[dict[str, Any]], form: Format, history: bool) -> tuple[str, ...]:
    if form is Format.csv:
        return tuple(rows[0])
    if "own_value" in rows[0]:
        return _OWN
    per_gpu_hour = all(row["unit"].endswith("usd_per_gpu_hour") for row in rows)
    return _DATED if history else _PER_GPU_HOUR if per_gpu_hour else _BRIEF


def _nothing(words: list[str]) -> str:
    if words:
        return f"No row's id holds {' and '.join(words)} and is as asked; planner catalog show lists them all."
    return "No row is as asked; planner catalog show lists them all."


def _rows(catalog: Catalog, words: list[str], day: date, history: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows that are shown: what is in force on `day`, or with `history` every fact up to it."""
    from planner.catalog.difference import published

    for row_id, dated in catalog.rows.items():
        if not all(word in row_id for word in words):
            continue
        current = catalog.in_force(row_id, day)
        if history:
            before: Row | None = None
            for row in (one for one in dated if one.fact.date <= day):
                yield _shown(catalog, row) | {"change_percent": _change(before, row), "in_force": row is current}
                before = before if published(row) is None else row
        elif current is not None:
            yield _shown(catalog, current)


def _at_own_prices(
    catalog: Catalog, rows: list[dict[str, Any]], file: Path, day: date | None
) -> list[dict[str, Any]]:  # fmt: skip
    """Return `rows` with what is paid by the price book `file` on `day`, and the agreement that says so."""
    from planner.negotiated import net
    from planner.scenario.price_book import read_price_book

    if day is None:
        message = "needs --as-of DATE: quotes and discounts hold for a time"
        raise InputError([Complaint(Place("--price-book"), "", message)])
    book, found = read_price_book(file, catalog), []
    for row in rows:
        listed = None if row["in_doubt"] else row["value"]
        value, agreements = net(book, catalog.rows[row["id"]][0], listed, day)
        quote = next((one for one in book.quotes if one.id in agreements), None)
        found.append(row | {"own_value": value, "own_currency": quote.currency if quote else row["currency"],
                            "agreement": ", ".join(agreements)})  # fmt: skip
    return found


def _change(before: Row | None, row: Row) -> float | None:
    """Return by how many percent a price rose over the last one known before it."""
    from planner.catalog.difference import rise

    fraction = None if before is None else rise(before, row)
    return None if fraction is None else round(100 * fraction, 2)


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
        "place": str(row.place), **_what(catalog, row), "in_doubt": row.quarantined or None,
    }  # fmt: skip


def _what(catalog: Catalog, row: Row) -> dict[str, Any]:
    """Return what the price is for, in fields to find it by."""
    name, _, rest = row.id.partition("/")
    thing = next(members[name] for members in catalog.things.values() if name in members)
    of_offer, term = thing, getattr(thing, "term_months", None)
    if row.kind == "savings_plan":
        of_offer = catalog.section("offers").get(rest.rpartition("/")[2], thing)
    for commitment in getattr(thing, "commitments", ()):
        if rest.startswith(f"{commitment.id}/"):
            term = commitment.term_months
    fields = ("region", "country", "instance_type", "gpu", "gpus")
    found = {field: getattr(of_offer, field, None) for field in fields}
    if row.kind == "gpu":
        found["gpu"] = name
    return {"price_kind": _kind(row, term).value, **found, "term_months": term}


def _kind(row: Row, term: int | None) -> Kind:
    if row.kind == "offer":
        if row.unit in (known := {f"{kind}_usd_per_gpu_hour": Kind(kind) for kind in ("on_demand", "spot")}):
            return known[row.unit]
        return Kind.commitment if term is not None else Kind.other
    name = row.kind.removesuffix("_offer")
    return next((kind for kind in Kind if kind.value == name), Kind.other)


def _by_price(row: dict[str, Any]) -> tuple[Any, ...]:
    """Cheapest first among prices of one unit and currency; those per GPU-hour before others, unknown last."""
    per_hour = row["unit"].endswith("usd_per_gpu_hour")
    unknown = row["value"] is None or row["in_doubt"] is not None
    return not per_hour, "" if per_hour else row["unit"], row["currency"] != "USD", row["currency"], unknown, (
        row["value"] or 0.0), row["id"], row["date"]  # fmt: skip


_KEYS = {
    Order.price: _by_price,
    Order.date: lambda row: (row["date"], row["id"]),
    Order.id: lambda row: (row["id"], row["date"]),
}
