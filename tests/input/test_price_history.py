"""What the catalog's history says of prices: steps, how often they come, and the paths made of them, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.analysis.inputs import scenario_inputs
from planner.catalog.facts import Fact
from planner.catalog.load import Catalog, Row, load_catalog
from planner.catalog.patterns import matching, naming
from planner.catalog.price_history import QUANTILES, History, changes, learned, measured, pools
from planner.errors import InputError, Place
from planner.prices import Prices
from planner.units import month_label
from tests.small import CATALOG as SHIPPED

from .given import CATALOG, SCENARIO, complaint, load, write_catalog
from .given import fact as written

Reading = tuple[str, float | str | None]
"""A day, and a price, an amount of EUR, or None where it is unknown."""
DAY = date(2026, 11, 21)
MONTHS = [month_label("2026-01", t) for t in range(60)]
UNIT = "on_demand_usd_per_gpu_hour"
HALVES: list[Reading] = [("2024-01-01", 10), ("2025-01-01", 8), ("2026-01-01", 4)]
"""Factors of 0.8 and 0.5 in 731 days."""
MIXED: list[Reading] = [("2024-01-01", 10), ("2025-01-01", 12), ("2026-01-01", 9)]
"""Factors of 1.2 and 0.75 in 731 days."""
STANDS: list[Reading] = [("2024-01-01", 10), ("2026-01-01", 10)]
"""None in 731 days."""


def book(doubted: str = "", **rows: list[Reading]) -> Catalog:
    """A catalog of nothing but rows; readings of the day `doubted` are quarantined."""
    return Catalog({}, {name: tuple(_row(name, *one, doubted) for one in read) for name, read in rows.items()}, {},
                   "", Path("prices"))  # fmt: skip


def _row(name: str, day: str, price: float | str | None, doubted: str) -> Row:
    euros = isinstance(price, str)
    known: dict[str, Any] = {"unknown": "sold out"} if price is None else {"value": Decimal(str(price))}
    fact = Fact(date=day, source="invoice", basis="list", confidence="high", currency="EUR" if euros else "USD",
                **known)  # type: ignore[arg-type]  # fmt: skip
    return Row(name, "offer", "cloud", UNIT, fact, Place("all.yaml"), "odd" if day == doubted else "")


def of(catalog: Catalog, day: date = DAY) -> History:
    return measured(catalog, catalog.rows, day)


def factors(history: History) -> list[float]:
    return [step.factor for step in history.steps]


def test_steps_are_pooled_with_their_days_and_factors() -> None:
    history = of(book(a=HALVES, b=STANDS, c=MIXED))
    assert [(step.row, step.date.isoformat(), step.factor) for step in history.steps] == [
        ("a", "2025-01-01", 0.8), ("c", "2025-01-01", 1.2), ("a", "2026-01-01", 0.5), ("c", "2026-01-01", 0.75)
    ]  # fmt: skip
    assert history.steps[2].since == date(2025, 1, 1)
    assert (history.rows, history.days, history.first, history.last) == (3, 3 * 731, date(2024, 1, 1), date(2026, 1, 1))
    assert history.spacing_days == 3 * 731 / 4
    assert str(history) == "4 steps on 2 days in 6.0 row-years of 3 rows, 2024-01-01 to 2026-01-01"


def test_a_path_follows_its_quantile_at_the_mean_spacing() -> None:
    # logs of 0.5, 0.75, 0.8, 1.2: the median lies halfway between the middle two, 10 % at 0.3 of the first gap
    history = of(book(a=HALVES, b=STANDS, c=MIXED))
    middle, low, high = (0.75 * 0.8) ** 0.5, 0.5**0.7 * 0.75**0.3, 0.8**0.3 * 1.2**0.7

    # 2026-01-01 + 548.25 days is in 2027-07, + 1096.5 on 2029-01-01 at noon, + 1644.75 in 2030-07
    def path(factor: float) -> Any:
        spread = factor / middle
        moves = {"2027-08": factor, "2029-02": middle**2 * spread**2**0.5, "2030-08": middle**3 * spread**3**0.5}
        return pytest.approx(moves)

    found = {case: changes(MONTHS, history.factors(case, DAY, MONTHS)) for case in QUANTILES}
    assert found["likely"] == path(middle)
    assert found["low"] == path(low)
    assert found["high"] == path(high)


def test_rows_that_never_moved_make_steps_rarer() -> None:
    movers, all_three = of(book(a=HALVES, c=MIXED)), of(book(a=HALVES, b=STANDS, c=MIXED))
    assert movers.spacing_days == 2 * 731 / 4
    assert all_three.spacing_days / movers.spacing_days == 1.5
    assert min(changes(MONTHS, movers.factors("likely", DAY, MONTHS))) == "2027-02"  # 2026-01-01 + 365.5 days


def test_a_row_read_once_was_not_watched() -> None:
    assert of(book(a=HALVES, once=[("2020-01-01", 10)])) == of(book(a=HALVES))
    assert str(of(book(once=[("2020-01-01", 10)]))) == "no row read twice, 90 days or more apart"
    assert str(of(book(b=STANDS))) == "no step in 2.0 row-years of 1 row, 2024-01-01 to 2026-01-01"


def test_later_facts_are_not_seen() -> None:
    later: list[Reading] = [("2026-11-22", 1), ("2027-06-01", 40)]
    assert of(book(a=HALVES + later, b=STANDS + later)) == of(book(a=HALVES, b=STANDS))
    assert of(book(a=HALVES), date(2025, 12, 31)).days == 366
    assert pools(book(new=later), ["new"], DAY) == {}


def test_what_is_unknown_in_doubt_or_free_is_passed_over() -> None:
    holes: list[Reading] = [("2024-01-01", 10), ("2024-06-01", None), ("2025-01-01", 8), ("2025-06-01", 0),
                            ("2026-01-01", 4)]  # fmt: skip
    assert of(book(a=holes)) == of(book(a=HALVES))
    assert factors(of(book(doubted="2025-01-01", a=HALVES))) == [0.4]


def test_rounding_is_no_step_but_creeping_is() -> None:
    creeping: list[Reading] = [("2024-01-01", 10), ("2024-07-01", 10.05), ("2025-01-01", 10.2), ("2025-07-01", 10.25)]
    (step,) = of(book(a=creeping)).steps
    assert (step.date, step.since, step.factor) == (date(2025, 1, 1), date(2024, 1, 1), 1.02)


def test_a_market_read_every_month_counts_once_a_quarter() -> None:
    noise = (10, 13, 9, 14, 11, 8, 12)  # read on days 0, 30 … 180: 0, 90 and 180 count
    monthly = [((date(2026, 1, 1) + timedelta(days=30 * t)).isoformat(), price) for t, price in enumerate(noise)]
    history = of(book(a=monthly))  # type: ignore[arg-type]
    assert factors(history) == pytest.approx([1.4, 12 / 14])
    assert history.days == 180


def test_prices_that_rise_are_not_held_back() -> None:
    rising: list[Reading] = [("2024-01-01", 4), ("2025-01-01", 5), ("2026-01-01", 8)]
    history = of(book(a=rising, b=rising))
    for case in QUANTILES:
        path = history.factors(case, DAY, MONTHS)
        assert path == sorted(path)
        assert path[-1] > 1.25
    assert history.factors("low", DAY, MONTHS) < history.factors("high", DAY, MONTHS)


def test_an_overdue_step_comes_once_and_not_before_the_next_month() -> None:
    # steps every 365.5 days, the last on 2026-01-01: on 2031-05-10 four are overdue
    history = of(book(a=HALVES, c=MIXED))
    months = [month_label("2031-01", t) for t in range(18)]
    for day, moves in ((date(2031, 5, 10), ["2031-06", "2032-06"]), (date(2031, 5, 1), ["2031-06", "2032-05"])):
        assert list(changes(months, history.factors("likely", day, months))) == moves


def test_currencies_and_units_are_not_pooled() -> None:
    euros: list[Reading] = [(day, str(price)) for day, price in HALVES]
    both = book(a=HALVES, c=MIXED, e=euros)
    assert pools(both, both.rows, DAY) == {(UNIT, "USD"): ["a", "c"], (UNIT, "EUR"): ["e"]}
    told = complaint(learned, both, ["*"], DAY)
    assert told.message == "would learn from prices of several kinds"
    assert told.found == f"{UNIT} in EUR, {UNIT} in USD"
    assert factors(of(book(a=[("2023-01-01", "99"), *HALVES]))) == [0.8, 0.5]  # once in EUR, in USD since


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ({"a": HALVES, "c": STANDS}, "2 steps on 2 days in 4.0 row-years of 2 rows, 2024-01-01 to 2026-01-01"),
        ({"a": [(f"2025-{m:02}-01", m) for m in (1, 4, 7, 10)] + [("2026-01-01", 3)]},
         "4 steps on 4 days in 1.0 row-years of 1 row, 2025-01-01 to 2026-01-01"),
        ({name: [("2026-01-01", 4), ("2026-06-01", 3), ("2026-10-01", 2)] for name in "abc"},
         "6 steps on 2 days in 2.2 row-years of 3 rows, 2026-01-01 to 2026-10-01"),
        ({"a": [("2026-01-01", 4)]}, "no row read twice, 90 days or more apart"),
    ],
)  # fmt: skip
def test_too_little_history_is_refused(rows: dict[str, list[Reading]], found: str) -> None:
    told = complaint(learned, book(**rows), ["*"], DAY)
    assert told.message == "has too little price history up to 2026-11-21"
    assert told.found == found
    assert told.allowed == "at least 4 steps, 2 row-years, and 365 days from first to last reading"
    assert told.cure is not None
    assert "planner catalog show --paths" in told.cure


DAYS = st.dates(date(2020, 1, 1), date(2027, 12, 31)).map(date.isoformat)
READINGS = st.dictionaries(DAYS, st.floats(0.5, 20).map(lambda price: round(price, 2)), min_size=2, max_size=12)
HISTORIES = st.lists(READINGS, min_size=1, max_size=6)


@settings(max_examples=60)
@given(HISTORIES)
def test_a_path_stands_until_its_first_step_and_is_ordered(found: list[dict[str, float]]) -> None:
    history = of(book(**{f"r{at}": sorted(one.items()) for at, one in enumerate(found)}))
    if not history.enough:
        return
    low, likely, high = (history.factors(case, DAY, MONTHS) for case in QUANTILES)
    due = max(DAY, history.steps[-1].date + timedelta(days=float(history.spacing_days)))
    for month, *path in zip(MONTHS, low, likely, high, strict=True):
        if month <= due.isoformat()[:7]:
            assert path == [1, 1, 1]
        assert path[0] <= path[1] * (1 + 1e-12)
        assert path[1] <= path[2] * (1 + 1e-12)
        assert all(one > 0 for one in path)


@settings(max_examples=60)
@given(HISTORIES, READINGS)
def test_no_fact_after_the_day_changes_what_is_measured(found: list[dict[str, float]], later: dict[str, float]) -> None:
    rows = {f"r{at}": one for at, one in enumerate(found)}
    known = {
        name: sorted((day, price) for day, price in one.items() if day <= "2026-11-21") for name, one in rows.items()
    }
    more = {day: price for day, price in later.items() if day > "2026-11-21"}
    assert of(book(**{name: one + sorted(more.items()) for name, one in known.items()})) == of(book(**known))


# ------------------------------------------------------------------------------------------------- in a scenario


def priced(tmp_path: Path) -> Catalog:
    """The small catalog whose offer `rent` is joined by `slow`; both with a history, of 3 and 5 USD today."""
    offer = CATALOG["offers"][0] | {"commitments": []}

    def dated(*readings: tuple[str, float]) -> list[dict[str, Any]]:
        return [written(price, date=day) for day, price in readings]

    moved = dated(("2024-01-01", 5), ("2025-01-01", 4), ("2026-01-01", 3), ("2027-01-01", 1))
    slow = dated(("2024-01-01", 5), ("2025-01-01", 4), ("2026-01-01", 5))
    offers = [offer | {"id": "rent", UNIT: moved}, offer | {"id": "slow", UNIT: slow}]
    content = CATALOG | {"offers": offers, "savings_plans": []}
    catalog = load_catalog(write_catalog(tmp_path / "pricing", content))
    assert not any(row.quarantined for dated_ in catalog.rows.values() for row in dated_)
    return catalog


def scenario(fields: str, horizon: int = 3) -> str:
    return SCENARIO.replace("horizon_months: 3", f"horizon_months: {horizon}") + f"price_paths: [{{{fields}}}]\n"


HISTORY = 'rows: "*/on_demand_usd_per_gpu_hour", kind: history, case: likely, source: own'


def test_the_price_of_a_month_is_that_of_the_day_times_the_steps_until_then(tmp_path: Path) -> None:
    # factors 0.8, 0.75, 0.8, 1.25 in 2 × 731 days: 0.8 every 365.5 days after 2026-01-01
    catalog = priced(tmp_path)
    loaded = load(tmp_path, scenario(HISTORY, 26), catalog=catalog)
    prices = Prices(catalog, loaded.scenario)
    for row, today in (("rent", 3), ("slow", 5)):
        values = prices.series(f"{row}/{UNIT}").values
        assert values == pytest.approx([today] + [today * 0.8] * 12 + [today * 0.64] * 12 + [today * 0.512])
    late = Prices(catalog, load(tmp_path, scenario(HISTORY), "start=2027-02", catalog=catalog).scenario)
    last = late.series(f"rent/{UNIT}").factors[-1]
    assert (last.kind, last.value) == ("price path", pytest.approx(0.8))
    assert prices.series("room/pue").values.tolist() == [1.5] * 26


def test_a_path_can_learn_from_other_rows(tmp_path: Path) -> None:
    catalog = priced(tmp_path)
    fields = f'rows: room/pue, like: ["rent/{UNIT}", "slow/*"], kind: history, case: high, source: own'
    values = Prices(catalog, load(tmp_path, scenario(fields), catalog=catalog).scenario).series("room/pue").values
    high = 0.8**0.3 * 1.25**0.7  # of 0.75, 0.8, 0.8, 1.25
    assert values == pytest.approx([1.5, 1.5 * high, 1.5 * high])


def test_what_a_path_rests_on_is_listed(tmp_path: Path) -> None:
    catalog = priced(tmp_path)
    listed = scenario_inputs(load(tmp_path, scenario(HISTORY), catalog=catalog).scenario, catalog)
    (row,) = (row for row in listed if row["input"].startswith("price path"))
    assert row == {
        "input": f"price path of */{UNIT}", "value": "times 0.800 from 2027-02", "source": "own",
        "unit": f"likely; 4 steps on 2 days in 4.0 row-years of 2 rows, 2024-01-01 to 2026-01-01 of */{UNIT}: times "
                "0.800 on 2025-01-01 (2 rows), 0.750 on 2026-01-01, 1.250 on 2026-01-01",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "message", "at"),
    [
        (f"rows: rent/{UNIT}, kind: history, case: low, source: s", "has too little price history", "rows:"),
        (f"rows: room/pue, like: [rent/{UNIT}], kind: history, case: low, source: s", "has too little", "like:"),
        ("rows: 'rent/*', kind: history, case: low, like: ['*/pue', '*/r*'], source: s", "would learn from", "like:"),
        ("rows: 'rant/*', kind: history, case: low, source: s", "matches no row", "rows:"),
        ("rows: 'rent/*', kind: history, case: low, like: [rent/spot], source: s", "matches no row", "rent/spot"),
        ("rows: 'rent/*', kind: history, source: s", "kind history takes case", "{"),
        ("rows: 'rent/*', kind: history, case: low, factor: 2, source: s", "kind history takes case", "{"),
        ("rows: 'rent/*', kind: flat, like: ['rent/*'], source: s", "kind flat takes no further field", "{"),
        ("rows: 'rent/*', kind: history, case: mid, source: s", "is not one of the choices", "case:"),
        ("rows: 'rent/*', kind: history, case: low, like: [], source: s", "needs at least 1 item", "like:"),
    ],
)
def test_wrong_paths_are_complained_of_where_they_stand(tmp_path: Path, fields: str, message: str, at: str) -> None:
    catalog, text = priced(tmp_path), scenario(fields)
    told = complaint(load, tmp_path, text, catalog=catalog)
    line = text.splitlines()[-1]
    assert told.message.startswith(message)
    assert (told.place.line, told.place.column) == (len(text.splitlines()), line.index(at) + 1)


def test_an_earlier_day_may_know_too_little(tmp_path: Path) -> None:
    catalog = priced(tmp_path)
    with pytest.raises(InputError, match="too little price history up to 2025-12-31"):
        load(tmp_path, scenario(HISTORY), "as_of=2025-12-31", catalog=catalog)


@pytest.mark.parametrize("words", [("h100",), ("aws-", UNIT), ("server-8x",), ("-us-",), ("",)])
def test_rows_are_named_by_patterns_that_take_in_no_other(words: tuple[str, ...]) -> None:
    rows = load_catalog(SHIPPED).rows
    chosen = [row_id for row_id in rows if all(word in row_id for word in words)]
    assert matching(rows, naming(chosen, rows)) == chosen
