"""A price book of one's own: which agreement counts for which row, in which month; and what is wrong with a book."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from planner.catalog.load import load_catalog
from planner.negotiated import net
from planner.prices import Prices, Series, UnknownPrice
from planner.scenario.price_book import PriceBook, read_price_book

from .given import SCENARIO, complaint, complaints, load, write_catalog

ON_DEMAND, SPOT, POWER = "rent/on_demand_usd_per_gpu_hour", "rent/spot_usd_per_gpu_hour", "room/electricity_usd_per_kwh"
LISTED = 3
"""USD per GPU-hour of ON_DEMAND; the plan has the months 2027-01 to 2027-03, prices are of 2026-11-21."""


def quote(value: float, row: str = ON_DEMAND, **fields: object) -> dict[str, object]:
    return {"id": "Q-1", "row": row, "value": value, "date": "2026-11-01", "source": "an offer"} | fields


def discount(fraction: float, rows: str = "rent/*", **fields: object) -> dict[str, object]:
    return {"id": "D-1", "rows": rows, "fraction": fraction, "source": "a contract"} | fields


def prices(folder: Path, *entries: dict[str, object], more: str = "") -> Prices:
    """Prices of the small scenario with a book of `entries`."""
    write_book(folder, *entries)
    loaded = load(folder, SCENARIO + "price_book: ours.yaml\n" + more)
    return Prices(load_catalog(folder / "pricing"), loaded.scenario, loaded.book)


def write_book(folder: Path, *entries: dict[str, object]) -> Path:
    parts = {"quotes": [one for one in entries if "row" in one], "discounts": [one for one in entries if "rows" in one]}
    file = folder / "ours.yaml"
    file.write_text(yaml.safe_dump(parts, sort_keys=False), encoding="utf-8")
    return file


def paid(folder: Path, *entries: dict[str, object], row: str = ON_DEMAND, more: str = "") -> list[float]:
    return [round(float(one), 12) for one in prices(folder, *entries, more=more).series(row).values]


@pytest.mark.parametrize(
    ("entries", "values"),
    [
        ([quote(2)], [2, 2, 2]),
        ([quote(2, valid_until="2027-02-01")], [2, 2, LISTED]),
        ([quote(2, valid_until="2027-01-31")], [2, LISTED, LISTED]),
        ([quote(2, valid_until="2027-01-31", afterwards="same")], [2, 2, 2]),
        ([quote(2, date="2026-11-21")], [2, 2, 2]),
        ([quote(2, date="2026-11-22")], [LISTED] * 3),  # not known yet on the day of the prices
        ([quote(4)], [4, 4, 4]),  # dearer than listed: it is what we were told
        ([quote(2), quote(2.5, id="Q-2", date="2026-11-02", valid_until="2027-01-01")], [2.5, 2, 2]),  # newest first
        ([quote(2), quote(2.5, id="Q-2")], [2.5] * 3),  # of one day the later in the book
        ([quote(2, id="Q-2"), quote(2.5, id="Q-1")], [2.5] * 3),
        ([discount(0.1)], [2.7, 2.7, 2.7]),
        ([discount(0.1, valid_from="2027-02-01", valid_until="2027-02-28")], [3, 2.7, 3]),
        ([discount(0.1, valid_from="2027-02-02")], [3, 3, 2.7]),  # a month counts by its first day
        ([discount(0.1, rows="rent/spot*")], [3, 3, 3]),
        ([discount(0.1), discount(0.5, id="D-2", valid_from="2027-03-01")], [2.7, 2.7, 1.35]),
        ([quote(2, valid_until="2027-01-31"), discount(0.1)], [2, 2.7, 2.7]),  # a quote is net
        ([discount(0.5, valid_until="2026-12-31")], [3, 3, 3]),
    ],
)  # fmt: skip
def test_which_agreement_counts_when(entries: list[dict[str, object]], values: list[float], tmp_path: Path) -> None:
    assert paid(tmp_path, *entries) == values
    series = prices(tmp_path, *entries).series(ON_DEMAND)
    assert series.without(0) == pytest.approx([LISTED] * 3)
    assert np.prod([one.value for one in series.factors]) == pytest.approx(series.now)


def test_a_month_that_has_begun_counts_by_the_day_of_the_prices(tmp_path: Path) -> None:
    """The plan starts in the month of its prices: an offer made in that month holds in it."""
    book = write_book(tmp_path, quote(2, date="2026-11-10"))
    text = SCENARIO.replace("start: 2027-01", "start: 2026-11") + f"price_book: {book.name}\n"
    loaded = load(tmp_path, text)
    found = Prices(load_catalog(tmp_path / "pricing"), loaded.scenario, loaded.book).series(ON_DEMAND)
    assert found.now == 2


def test_a_quote_makes_an_unknown_price_known_while_it_holds(tmp_path: Path) -> None:
    held = prices(tmp_path, quote(1.2, row=SPOT))
    assert held.known(SPOT)
    assert held.series(SPOT).values == pytest.approx([1.2] * 3)
    assert held.series(SPOT).before == (), "what has no list price differs from none"
    ends = prices(tmp_path, quote(1.2, row=SPOT, valid_until="2027-02-28"))
    assert not ends.known(SPOT)
    with pytest.raises(UnknownPrice, match=r"nobody says; and its quotes do not hold in every month of the plan"):
        ends.series(SPOT)
    with pytest.raises(UnknownPrice, match=r"nobody says$"):
        prices(tmp_path, discount(0.1)).series(SPOT)


def test_a_quote_in_another_currency_takes_the_scenario_s_rate(tmp_path: Path) -> None:
    rate = "exchange_rates: [{currency: EUR, usd_per_unit: 1.25, date: 2026-11-01, source: ecb}]\n"
    assert paid(tmp_path, quote(2, currency="EUR"), more=rate) == [2.5] * 3
    without = prices(tmp_path, quote(2, currency="EUR"))
    assert without.series(ON_DEMAND).now == LISTED
    assert [one.note for one in without.agreements] == ["is in EUR; exchange_rates has no rate for it"]


def test_the_price_that_the_scenario_sets_itself_stands(tmp_path: Path) -> None:
    """Otherwise `--set prices.…` would move nothing on a row that is quoted."""
    assert paid(tmp_path, quote(2), more=f"prices: {{{ON_DEMAND}: 5}}\n") == [5] * 3
    assert paid(tmp_path, discount(0.1), more=f"prices: {{{ON_DEMAND}: 5}}\n") == [4.5] * 3


def test_a_discount_is_on_money_alone(tmp_path: Path) -> None:
    held = prices(tmp_path, discount(0.5, rows="*"))
    assert held.series("box/purchase_usd_per_server").now == 50_000
    assert held.series("box/support_fraction_per_year").now == 0.1
    assert held.number("box/power_active_kw") == 10


def test_what_a_price_was_before_each_agreement(tmp_path: Path) -> None:
    held = prices(tmp_path, discount(0.5), discount(0.1, id="D-2", valid_from="2027-02-01"))
    series = held.series(ON_DEMAND)
    assert [index for index, _ in series.before] == [0, 1]
    assert series.without(1) == pytest.approx([1.5] * 3)
    assert series.without(2) == pytest.approx([1.5, 1.35, 1.35])
    assert prices(tmp_path, discount(0.5, valid_until="2026-12-31")).series(ON_DEMAND).before == ()


def test_products_keep_what_each_factor_was() -> None:
    first = Series(np.array([2.0]), ("a",), before=((0, np.array([4.0])), (2, np.array([3.0]))))
    second = Series(np.array([5.0]), ("b",), before=((1, np.array([7.0])),))
    both = first * second
    assert [(index, float(values[0])) for index, values in both.before] == [(0, 28), (1, 21), (2, 15)]
    assert both.times(2, "things").without(1)[0] == 42


def test_the_net_price_of_a_day(tmp_path: Path) -> None:
    book = read(tmp_path, quote(2, valid_until="2026-12-31"), discount(0.1), discount(0.5, id="D-2"))
    row = load_catalog(tmp_path / "pricing").rows[ON_DEMAND][0]
    day = row.fact.date
    assert net(book, row, 3, day.replace(2026, 12, 31)) == (2, ["Q-1"])
    assert net(book, row, 3, day.replace(2027, 1, 1)) == (pytest.approx(3 * 0.9 * 0.5), ["D-1", "D-2"])
    assert net(book, row, None, day.replace(2027, 1, 1)) == (None, [])


@pytest.mark.parametrize("day", ["2026-11-01", "2026-11-15", "2026-11-30", "2026-12-01", "2026-12-02"])
@pytest.mark.parametrize(
    "entries",
    [
        [quote(2), quote(2.5, id="Q-2")],
        [quote(2, date="2026-11-15"), quote(2.5, id="Q-2"), quote(2.2, id="Q-3", date="2026-11-15")],
        [quote(2, valid_until="2026-11-15"), quote(2.5, id="Q-2", valid_until="2026-11-30")],
        [quote(2, date="2026-12-02"), discount(0.07), discount(0.13, id="D-2", valid_from="2026-11-15")],
        [discount(0.3, valid_until="2026-11-30")],
    ],
)  # fmt: skip
def test_the_net_price_of_a_day_is_what_a_plan_pays_in_its_month(
    entries: list[dict[str, object]], day: str, tmp_path: Path
) -> None:
    """`planner catalog show --price-book` and a plan of that day and month say the same, to the last digit."""
    book = read(tmp_path, *entries)
    text = SCENARIO.replace("start: 2027-01", f"start: {day[:7]}").replace("as_of: 2026-11-21", f"as_of: {day}")
    loaded = load(tmp_path, text + "price_book: ours.yaml\n")
    catalog = load_catalog(tmp_path / "pricing")
    series = Prices(catalog, loaded.scenario, loaded.book).series(ON_DEMAND)
    value, counted = net(book, catalog.rows[ON_DEMAND][0], LISTED, date.fromisoformat(day))
    assert value == series.now
    told = [one.what for one in series.factors if one.kind in ("quote", "discount")]
    assert len(told) == len(counted)
    assert all(name in what for name, what in zip(counted, told, strict=True))


def read(folder: Path, *entries: dict[str, object]) -> PriceBook:
    return read_price_book(write_book(folder, *entries), load_catalog(write_catalog(folder / "pricing")))


@pytest.mark.parametrize(
    ("entry", "field", "message", "cure"),
    [
        (quote(2, row="rent/on_demand"), "quotes.0.row", "is not a row of the catalog", "rent/on_demand_usd_per_gpu"),
        (quote(2, row="room/pue"), "quotes.0.row", "is no price", "put it under prices: in the scenario"),
        (quote(2, valid_until="2026-10-01"), "quotes.0", "needs date ≤ valid_until", None),
        (quote(0), "quotes.0.value", "should be greater than 0", None),
        (quote(2, currency="XXX"), "quotes.0.currency", "is not one of the choices", None),
        (discount(0.1, rows="aws-*"), "discounts.0.rows", "matches no row of the catalog", "catalog show lists them"),
        (discount(0.1, rows="room/pue"), "discounts.0.rows", "matches no price of the catalog", None),
        (discount(1), "discounts.0.fraction", "should be less than 1", None),
        (discount(0.1, valid_from="2027-01-02", valid_until="2027-01-01"), "discounts.0", "valid_from ≤ valid_", None),
    ],
)
def test_what_is_wrong_with_a_book(
    entry: dict[str, object], field: str, message: str, cure: str | None, tmp_path: Path
) -> None:
    found = complaint(read, tmp_path, entry)
    assert found.field == field
    assert message in found.message
    assert found.place.file.endswith("ours.yaml")
    assert found.place.line
    assert cure is None or cure in (found.cure or "")


def test_ids_stand_once(tmp_path: Path) -> None:
    assert "stands twice" in complaint(read, tmp_path, quote(1), quote(2)).message
    assert "is the id of a quote already" in complaint(read, tmp_path, quote(1), discount(0.1, id="Q-1")).message


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    assert len(complaints(read, tmp_path, quote(2, row="x/y"), discount(0.1, rows="nothing"))) == 2


@pytest.mark.parametrize("name", ["../ours.yaml", "/etc/hostname"])
def test_a_book_outside_the_scenario_s_folder_is_refused(name: str, tmp_path: Path) -> None:
    found = complaint(load, tmp_path, SCENARIO + f"price_book: {name}\n")
    assert (found.field, found.message) == ("price_book", "must stay inside the folder of this file")


def test_a_book_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in complaint(load, tmp_path, SCENARIO + "price_book: nowhere.yaml\n").message


def test_the_digest_of_a_scenario_knows_its_book(tmp_path: Path) -> None:
    digests = set()
    for fraction in (0.1, 0.2):
        write_book(tmp_path, discount(fraction))
        digests.add(load(tmp_path, SCENARIO + "price_book: ours.yaml\n").digest)
    assert len(digests) == 2
