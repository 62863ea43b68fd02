"""Prices in force: overrides, discounts, currencies and paths, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.catalog.load import load_catalog
from planner.prices import Prices, Series, UnknownPrice

from .given import CATALOG, SCENARIO, changed, complaint, fact, load, with_fact, write_catalog

ON_DEMAND, SPOT, POWER = "rent/on_demand_usd_per_gpu_hour", "rent/spot_usd_per_gpu_hour", "room/electricity_usd_per_kwh"

COMMITMENT, TOKENS, EGRESS = "rent/12m/usd_per_gpu_hour", "tokens/input_usd_per_mtok", "cloud/egress_usd_per_gb"
SAVINGS_PLAN = "plan/usd_per_gpu_hour/rent"


@pytest.fixture
def book(tmp_path: Path, request: pytest.FixtureRequest) -> Prices:
    """The book of the small scenario; a test adds YAML to it through an indirect parameter."""
    return make(tmp_path, getattr(request, "param", ""))


def make(tmp_path: Path, more: str = "", *assignments: str) -> Prices:
    loaded = load(tmp_path, SCENARIO + more, *assignments)
    return Prices(load_catalog(tmp_path / "pricing"), loaded.scenario)


def path(kind: str, rows: str = ON_DEMAND) -> str:
    return f"  - {{rows: '{rows}', source: s, {kind}}}\n"


def test_the_value_in_force_on_the_day_of_the_scenario(book: Prices) -> None:
    assert book.number(ON_DEMAND) == 3  # dated 2026-07-01; the one of 2027-01-01 comes after 2026-11-21
    assert book.series(ON_DEMAND).values.tolist() == [3, 3, 3]
    assert book.series(ON_DEMAND).rows == (ON_DEMAND,)
    assert book.known(ON_DEMAND)


def test_before_the_first_date_there_is_no_value(tmp_path: Path) -> None:
    book = make(tmp_path, "", "as_of=2025-12-31", "start=2026-01")
    with pytest.raises(UnknownPrice, match=r"no value in force on 2025-12-31, the first is of 2026-01-01"):
        book.number(ON_DEMAND)
    assert not book.known(ON_DEMAND)


def test_unknown_never_becomes_a_number(book: Prices) -> None:
    for ask in (book.number, book.series, lambda row: book.product([ON_DEMAND, row])):
        with pytest.raises(UnknownPrice, match="rent/spot_usd_per_gpu_hour: unknown: nobody says"):
            ask(SPOT)
        with pytest.raises(UnknownPrice, match="rent/nothing: not in the catalog"):
            ask("rent/nothing")
    assert not book.known(SPOT)
    assert not book.known("rent/nothing")
    used = {one.row: one for one in book.evidence}
    assert used[SPOT].value is None
    assert used[SPOT].note == "nobody says"


@pytest.mark.parametrize(
    ("override", "value"),
    [("1.25", 1.25), ("0", 0), ("{value: 1.25, low: 1, high: 2, source: quote, date: 2026-10-01}", 1.25)],
)
def test_overrides_replace_a_row(tmp_path: Path, override: str, value: float) -> None:
    book = make(tmp_path, f"prices: {{{ON_DEMAND}: {override}, {SPOT}: {override}}}\n")
    assert book.number(ON_DEMAND) == book.number(SPOT) == value
    assert book.known(SPOT)
    assert book.number("room/pue") == 1.5


def test_evidence_lists_the_rows_that_were_used(tmp_path: Path) -> None:
    quote = "{value: 1.25, low: 1, high: 2, source: quote, date: 2026-10-01}"
    book = make(tmp_path, f"prices: {{{SPOT}: {quote}, room/pue: 1.2}}\n")
    assert book.evidence == []
    assert book.known(ON_DEMAND)
    assert book.evidence == []
    book.series(SPOT)
    book.number("room/pue")
    book.number(ON_DEMAND)
    book.number(ON_DEMAND)
    assert [one.row for one in book.evidence] == sorted([SPOT, "room/pue", ON_DEMAND])
    by_row = {one.row: one for one in book.evidence}
    spot, pue, on_demand = by_row[SPOT], by_row["room/pue"], by_row[ON_DEMAND]
    assert (spot.value, spot.low, spot.high, spot.source, spot.date) == (1.25, 1, 2, "quote", "2026-10-01")
    assert (pue.value, pue.low, pue.source, pue.confidence) == (1.2, None, "scenario", "scenario")
    assert (on_demand.value, on_demand.date, on_demand.source, on_demand.confidence, on_demand.unit) == (
        3, "2026-07-01", "invoice", "high", "on_demand_usd_per_gpu_hour")  # fmt: skip
    assert "all.yaml:" in on_demand.place


@pytest.mark.parametrize(
    ("row", "factor"),
    [(ON_DEMAND, 0.9 * 0.5), (COMMITMENT, 0.8 * 0.5), (TOKENS, 0.5), (EGRESS, 1), (SAVINGS_PLAN, 1)],
)
def test_discounts_of_the_scenario_multiply(tmp_path: Path, row: str, factor: float) -> None:
    """They are on what is rented: neither on egress, nor on the rates at which a promise is used up."""
    prices = make(
        tmp_path,
        "discounts:\n"
        "  - {provider: cloud, kind: on_demand, fraction: 0.1, source: s}\n"
        "  - {provider: cloud, kind: commitments, fraction: 0.2, source: s}\n"
        "  - {provider: cloud, kind: all, fraction: 0.5, source: s}\n",
    )
    listed = Prices(prices.catalog, load(tmp_path).scenario).series(row)
    assert prices.series(row).values == pytest.approx(listed.values * factor, rel=1e-15)
    assert prices.series(row).without(0) == pytest.approx(listed.values, rel=1e-15)


def test_a_discount_is_of_one_provider(tmp_path: Path) -> None:
    content = changed(providers=[*CATALOG["providers"], {"id": "other", "name": "Other"}])
    catalog = load_catalog(write_catalog(tmp_path / "two", content))
    text = SCENARIO + "discounts: [{provider: other, kind: all, fraction: 0.5, source: s}]\n"
    assert Prices(catalog, load(tmp_path, text, catalog=catalog).scenario).series(ON_DEMAND).now == 3


def test_a_price_remembers_how_it_was_made(tmp_path: Path) -> None:
    prices = make(
        tmp_path,
        "discounts: [{provider: cloud, kind: on_demand, fraction: 0.25, source: s}]\n"
        "price_paths:\n" + path("kind: step, month: 2027-01, factor: 0.5"),
    )
    price = prices.series(ON_DEMAND).times(8, "GPUs in the server")
    assert [(one.kind, one.value) for one in price.factors] == [
        ("row", 3), ("price path", 0.5), ("discount", 0.75), ("count", 8)
    ]  # fmt: skip
    assert price.now == 3 * 0.5 * 0.75 * 8
    assert price.factors[0].what == ON_DEMAND
    assert price.without(0)[0] == 3 * 0.5 * 8


def test_a_currency_without_a_rate_is_unknown(book: Prices) -> None:
    with pytest.raises(UnknownPrice, match="is in EUR; exchange_rates has no rate for it"):
        book.number(POWER)


def test_a_currency_with_a_rate_is_converted(tmp_path: Path) -> None:
    book = make(tmp_path, "exchange_rates: [{currency: EUR, usd_per_unit: 1.25, date: 2026-11-01, source: ecb}]\n")
    assert book.number(POWER) == 0.25  # 0.2 EUR/kWh × 1.25 USD/EUR
    assert book.number(ON_DEMAND) == 3
    overridden = make(
        tmp_path,
        "exchange_rates: [{currency: EUR, usd_per_unit: 1.25, date: 2026-11-01, source: ecb}]\n"
        f"prices: {{{POWER}: 0.2}}\n",
    )
    assert overridden.number(POWER) == 0.2, "an override is in USD"


def test_what_is_not_money_is_not_converted(tmp_path: Path) -> None:
    catalog = load_catalog(write_catalog(tmp_path / "p", with_fact("sites", "pue", fact(1.5, currency="EUR"))))
    assert Prices(catalog, load(tmp_path).scenario).number("room/pue") == 1.5


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ([path("kind: flat")], [3, 3, 3]),
        ([path("kind: step, month: 2027-02, factor: 0.5")], [3, 1.5, 1.5]),
        ([path("kind: step, month: 2026-12, factor: 2")], [6, 6, 6]),
        ([path("kind: step, month: 2027-04, factor: 2")], [3, 3, 3]),
        # as_of is in 2026-11, so the first month lies 2 months after it
        ([path("kind: annual_rate, annual_rate: -0.19")], [3 * 0.81 ** (k / 12) for k in (2, 3, 4)]),
        ([path("kind: annual_rate, annual_rate: 0.5")], [3 * 1.5 ** (k / 12) for k in (2, 3, 4)]),
        ([path("kind: factors, factors: {2027-03: 0.1, 2027-02: 0.5}")], [3, 1.5, 0.3]),
        ([path("kind: factors, factors: {2026-06: 0.8, 2027-03: 2}")], [2.4, 2.4, 6]),
        ([path("kind: step, month: 2027-01, factor: 2", "rent/*")], [6, 6, 6]),
        ([path("kind: step, month: 2027-01, factor: 2", "*/on_demand*")], [6, 6, 6]),
        ([path("kind: step, month: 2027-01, factor: 2", "room/*")], [3, 3, 3]),
        ([path("kind: step, month: 2027-01, factor: 2", "*"), path("kind: flat", "rent/*")], [3, 3, 3]),
        ([path("kind: flat", "rent/*"), path("kind: step, month: 2027-01, factor: 2", "*")], [6, 6, 6]),
        ([path("kind: step, month: 2027-01, factor: 2"), path("kind: flat", "room/*")], [6, 6, 6]),
    ],
)
def test_prices_move_along_the_last_path_that_matches(tmp_path: Path, lines: list[str], values: list[float]) -> None:
    book = make(tmp_path, "price_paths:\n" + "".join(lines))
    assert book.series(ON_DEMAND).values == pytest.approx(values, rel=1e-12)
    assert book.number(ON_DEMAND) == 3, "the day's value does not move"


def test_paths_move_overrides_too(tmp_path: Path) -> None:
    more = f"prices: {{{ON_DEMAND}: 8}}\nprice_paths:\n" + path("kind: step, month: 2027-02, factor: 0.5")
    assert make(tmp_path, more).series(ON_DEMAND).values.tolist() == [8, 4, 4]


def test_products_multiply_month_by_month_and_keep_their_rows(tmp_path: Path) -> None:
    book = make(tmp_path, "price_paths:\n" + path("kind: step, month: 2027-02, factor: 0.5"))
    product = book.product([ON_DEMAND, "room/pue", "rent/12m/usd_per_gpu_hour"])
    assert product.values.tolist() == [3 * 1.5 * 1.5, 1.5 * 1.5 * 1.5, 1.5 * 1.5 * 1.5]
    assert product.rows == (ON_DEMAND, "room/pue", "rent/12m/usd_per_gpu_hour")
    assert product.now == 6.75
    assert product.times(2, "pairs").values.tolist() == [13.5, 6.75, 6.75]
    assert (Series(np.array([2.0]), ("a",)) * Series(np.array([4.0]), ("b",))).rows == ("a", "b")


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ("kind: flat, factor: 2", "kind flat takes no further field"),
        ("kind: step, month: 2027-01", "kind step takes factor, month"),
        ("kind: step, factor: 2", "kind step takes factor, month"),
        ("kind: annual_rate", "kind annual_rate takes annual_rate"),
        ("kind: annual_rate, annual_rate: 0.1, month: 2027-01", "kind annual_rate takes annual_rate"),
        ("kind: factors", "kind factors takes factors"),
        ("kind: factors, factors: {2027-1: 2}", "is not written as it should be"),
        ("kind: factors, factors: {2027-01: 0}", "should be greater than 0"),
        ("kind: annual_rate, annual_rate: -1", "should be greater than -1"),
        ("kind: annual_rate, annual_rate: 11", "should be less than or equal to 10"),
        ("kind: slope", "is not one of the choices"),
    ],
)
def test_paths_take_the_fields_of_their_kind(tmp_path: Path, fields: str, needed: str) -> None:
    told = complaint(make, tmp_path, "price_paths:\n" + path(fields))
    assert told.message.startswith(needed)
    assert told.place.line == len(SCENARIO.splitlines()) + 2
    assert told.field.startswith("price_paths.0")
