"""What differs between two catalogs, and whether it changes a decision."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planner.analysis.decision_change import FLIPS, REBUILD, SAME, WITHIN, DecisionChange, decision_change
from planner.catalog.difference import Change, differences, pinned, with_facts
from planner.catalog.load import Catalog, load_catalog
from planner.model.solve import Effort
from planner.scenario.load import load_scenario
from tests.input.given import CATALOG, fact, write_catalog

RENT = "rent/on_demand_usd_per_gpu_hour"
TERM = "rent/12m/usd_per_gpu_hour"
SERVER = "box/purchase_usd_per_server"
SCENARIO = """\
name: small
start: 2027-01
as_of: 2026-11-21
horizon_months: 12
finance: {wacc_fraction: 0, source: none}
workloads:
  - name: team
    kind: batch
    unit: GPU hour
    work_per_month: 5840
    growth: {annual_rate: 0}
    speed: {g1: 1}
    speed_source: own
sites: [{id: room}]
servers: {order_until: 2027-01}
exchange_rates: [{currency: EUR, usd_per_unit: 1, date: 2026-01-01, source: none}]
"""
"""8 GPUs at work for a year: 70,080 GPU-hours a year, rented or on a server, which may wait a month for delivery."""


def content(**facts: Any) -> dict[str, Any]:
    """The small catalog without commitments and plans, with some facts changed: of `rent`, or `box`."""
    made = deepcopy(CATALOG)
    made["savings_plans"], made["offers"][0]["commitments"] = [], []
    made["sites"][0]["electricity_usd_per_kwh"] = fact(0)
    made["sites"][0]["space_usd_per_kw_month"] = fact(0)
    made["offers"][0]["on_demand_usd_per_gpu_hour"] = facts.pop("rent", fact(3))
    made["servers"][0] |= {"lead_time_months": fact(0), "availability_fraction": fact(1),
                           "support_fraction_per_year": fact(0), "resale_fraction": {}}  # fmt: skip
    made["servers"][0]["purchase_usd_per_server"] = facts.pop("box", fact(150_000))
    assert not facts
    return made


def loaded(tmp_path: Path, name: str, **facts: Any) -> Catalog:
    return load_catalog(write_catalog(tmp_path / name, content(**facts)))


def decided(tmp_path: Path, old: Catalog, new: Catalog, text: str = SCENARIO, **how: Any) -> DecisionChange:
    path = tmp_path / "small.yaml"
    path.write_text(text)
    scenario = load_scenario(path, new)
    standing = pinned(new, date.max, lambda row: True, scenario.scenario.as_of)
    return decision_change(scenario, standing, differences(old, new), old, effort=Effort(gap=1e-9), **how)


def ids(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.kind, change.row.id) for change in changes]


def test_changes_are_found_and_the_largest_stands_first(tmp_path: Path) -> None:
    old = loaded(tmp_path, "old", rent=fact(4), box=fact(150_000))
    new = loaded(tmp_path, "new", rent=fact(3), box=fact(225_000))
    assert ids(differences(old, new)) == [("changed", SERVER), ("changed", RENT)]
    assert [change.fraction for change in differences(old, new)] == [0.5, -0.25]
    assert differences(old, old) == []
    assert ids(differences(old, new, chosen=lambda row: row.provider == "cloud")) == [("changed", RENT)]


def test_added_dropped_unknown_and_currency_are_no_fractions(tmp_path: Path) -> None:
    old, made = (
        loaded(tmp_path, "old"),
        content(rent=fact(None, unknown="withdrawn"), box=fact(150_000, currency="EUR")),
    )
    made["offers"][0]["commitments"] = [CATALOG["offers"][0]["commitments"][0]]
    del made["api_offers"]
    new = load_catalog(write_catalog(tmp_path / "new", made))
    found = differences(old, new)
    assert ids(found) == [
        ("changed", SERVER), ("changed", RENT), ("dropped", "tokens/cached_input_usd_per_mtok"),
        ("dropped", "tokens/input_usd_per_mtok"), ("dropped", "tokens/output_usd_per_mtok"), ("added", TERM),
    ]  # fmt: skip
    assert all(change.fraction is None for change in found)


def test_what_is_written_otherwise_is_no_change(tmp_path: Path) -> None:
    old = loaded(tmp_path, "old", rent=fact(3))
    new = loaded(tmp_path, "new", rent=[fact(3), fact(3, date="2026-06-01", basis="quote", confidence="low")])
    assert differences(old, new) == []


def test_two_days_of_one_catalog(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, "one", rent=[fact(4), fact(3, date="2026-06-01"), fact(2, date="2027-06-01")])
    (change,) = differences(catalog, catalog, date(2026, 3, 1), date(2026, 12, 31))
    assert change.fraction == -0.25
    assert differences(catalog, catalog, date(2026, 6, 1), date(2027, 5, 31)) == []


def test_facts_can_be_put_in_force_whenever_they_are_dated(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, "one", rent=[fact(4), fact(2, date="2027-06-01")])
    day = date(2026, 11, 21)
    late = pinned(catalog, date.max, lambda row: row.id == RENT, day)
    for made, value in ((catalog, 4), (late, 2)):
        row = made.in_force(RENT, day)
        assert row is not None
        assert row.fact.value == value
    assert with_facts(catalog, {RENT: None}, day).in_force(RENT, day) is None
    assert catalog.in_force(RENT, day) is not None


def test_the_advice_flips_and_the_price_that_did_it_is_named(tmp_path: Path) -> None:
    # renting costs 70,080 GPU-hours × rate: 210,240 USD at 3, 105,120 at 1.5; the server costs 150,000
    old = loaded(tmp_path, "old", rent=fact(3), box=fact(150_000))
    new = loaded(tmp_path, "new", rent=fact(1.5), box=fact(151_000))
    found = decided(tmp_path, old, new)
    assert (found.before.choice, found.after.choice, found.advice) == ("buy", "rent", FLIPS)
    assert found.flips
    assert (found.before.present_usd, found.after.present_usd) == (pytest.approx(150_000), pytest.approx(105_120))
    assert (found.before.buy_npv_usd, found.after.buy_npv_usd) == (pytest.approx(60_240), pytest.approx(-45_880))
    assert found.keeping_usd == pytest.approx(151_000 - 105_120)
    rent, box = found.causes
    assert (rent.change.row.id, rent.sets_back, rent.present_usd) == (RENT, True, pytest.approx(105_120 - 151_000))
    assert (box.change.row.id, box.sets_back, box.present_usd) == (SERVER, False, pytest.approx(0))
    assert box.buy_npv_usd == pytest.approx(-1_000)
    assert (found.together, found.not_tried) == ((), 0)


def test_within_the_band_the_advice_stays(tmp_path: Path) -> None:
    # 149,971 USD rented against 150,000: the verdict tips over for 29 USD
    old, new = loaded(tmp_path, "old", rent=fact(2.5)), loaded(tmp_path, "new", rent=fact(2.14))
    found = decided(tmp_path, old, new)
    assert (found.before.choice, found.after.choice, found.advice) == ("buy", "rent", WITHIN)
    assert not found.flips
    assert found.keeping_usd == pytest.approx(150_000 - 70_080 * 2.14)
    assert decided(tmp_path, old, new, band=0.0).advice == FLIPS


def test_the_same_plan_at_other_prices_is_the_same_advice(tmp_path: Path) -> None:
    old, new = loaded(tmp_path, "old", rent=fact(4)), loaded(tmp_path, "new", rent=fact(3))
    found = decided(tmp_path, old, new)
    assert (found.advice, found.keeping_usd) == (SAME, pytest.approx(0))
    (cause,) = found.causes  # what buying is worth fell by more than the band
    assert cause.buy_npv_usd == pytest.approx(-70_080)
    assert decided(tmp_path, old, loaded(tmp_path, "near", rent=fact(3.95))).causes == ()


def test_two_prices_that_did_it_only_together(tmp_path: Path) -> None:
    # 210,240 USD rented at 3, 126,144 at 1.8; the server 100,000, later 190,000: each was needed
    old = loaded(tmp_path, "old", rent=fact(3), box=fact(100_000))
    new = loaded(tmp_path, "new", rent=fact(1.8), box=fact(190_000))
    found = decided(tmp_path, old, new)
    assert (found.advice, [cause.sets_back for cause in found.causes]) == (FLIPS, [True, True])
    # where two offers fell alike, setting back one of them changes nothing
    made = content(rent=fact(3), box=fact(100_000))
    made["offers"].append(deepcopy(made["offers"][0]) | {"id": "other"})
    cheap = deepcopy(made)
    for offer in cheap["offers"]:
        offer["on_demand_usd_per_gpu_hour"] = fact(1)
    one, two = (load_catalog(write_catalog(tmp_path / name, what)) for name, what in (("a", made), ("b", cheap)))
    found = decided(tmp_path, one, two)
    assert (found.advice, [cause.sets_back for cause in found.causes]) == (FLIPS, [False])
    assert sorted(found.together) == ["other/on_demand_usd_per_gpu_hour", RENT]
    capped = decided(tmp_path, one, two, most=0)
    assert (capped.advice, capped.causes, capped.together, capped.not_tried) == (FLIPS, (), (), 1)


def test_an_offer_that_is_gone_and_one_that_came(tmp_path: Path) -> None:
    with_offer, without = content(rent=fact(1)), content(rent=fact(1))
    without["offers"][0] |= {"id": "other", "on_demand_usd_per_gpu_hour": fact(4)}
    old = load_catalog(write_catalog(tmp_path / "old", with_offer))
    new = load_catalog(write_catalog(tmp_path / "new", without))
    found = decided(tmp_path, old, new)
    assert (found.before.choice, found.after.choice, found.advice) == ("rent", "buy", FLIPS)
    assert found.before.present_usd == pytest.approx(70_080)
    (back,) = [cause for cause in found.causes if cause.sets_back]
    assert (back.change.kind, back.change.row.id) == ("dropped", RENT)


def test_no_plan_on_one_side_is_told(tmp_path: Path) -> None:
    old = loaded(tmp_path, "old", rent=fact(1))
    new = loaded(tmp_path, "new", rent=fact(None, unknown="withdrawn"), box=fact(None, unknown="no quote"))
    found = decided(tmp_path, old, new)
    assert (found.before.choice, found.after.choice, found.advice) == ("rent", "no plan", FLIPS)
    assert found.keeping_usd is None
    assert found.after.reason


def test_a_price_of_the_scenario_itself_does_not_move(tmp_path: Path) -> None:
    old, new = loaded(tmp_path, "old", rent=fact(3)), loaded(tmp_path, "new", rent=fact(1))
    found = decided(tmp_path, old, new, SCENARIO + f"prices: {{{RENT}: 3}}\n")
    assert (found.before, found.advice, found.causes) == (found.after, SAME, ())


def test_another_plan_under_the_same_verdict(tmp_path: Path) -> None:
    made = content(rent=fact(2), box=fact(900_000))
    made["offers"].append(deepcopy(made["offers"][0]) | {"id": "other", "on_demand_usd_per_gpu_hour": fact(1.2)})
    term = {"id": "12m", "term_months": 12, "upfront_fraction": 0}
    made["offers"][0]["commitments"] = [term | {"usd_per_gpu_hour": fact(1)}]
    dear = deepcopy(made)
    dear["offers"][0]["commitments"] = [term | {"usd_per_gpu_hour": fact(1.9)}]
    one, two = (load_catalog(write_catalog(tmp_path / name, what)) for name, what in (("a", made), ("b", dear)))
    found = decided(tmp_path, one, two)
    assert (found.before.choice, found.after.choice, found.advice) == ("rent", "rent", REBUILD)
    assert found.keeping_usd == pytest.approx(70_080 * (1.9 - 1.2))
    assert [cause.change.row.id for cause in found.causes] == [TERM]
