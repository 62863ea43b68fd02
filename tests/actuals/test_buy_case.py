"""Whether the choice still pays: cases to buy that are won, better or lost, and the case to rent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.comparison import Scope
from planner.actuals.store import Store
from planner.actuals.track import gate_values, track
from planner.catalog.load import Catalog
from planner.report.formatting import money
from planner.report.track_words import worth_of
from tests.actuals.test_track import as_planned
from tests.actuals.tracked import RATE, SERVER_USD, bill, bills, paid_in, read


def renting(document: dict[str, Any]) -> dict[str, Any]:
    """Return a plan that rents on demand, of one that buys: the best plan that does is the old one."""
    ledgers, tco, decisions = document["ledgers"], document["tco"], document["decisions"]
    months = [one | {"owned_gpu_hours": 0.0, "owned_gpus": 0.0} for one in decisions["by_month"]]
    return document | {
        "ledgers": ledgers | {"plan": ledgers["on_demand"], "buy": ledgers["plan"]},
        "tco": tco | {"plan": tco["on_demand"], "buy": tco["plan"]},
        "decisions": decisions | {"purchases": [], "by_month": months},
    }


@pytest.fixture
def rent(eight: Path) -> dict[str, Any]:
    return renting(read(eight))


def test_the_case_to_rent_as_planned(
    eight: Path, rent: dict[str, Any], catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(n, 5256) for n in range(6)])
    found = track(rent, catalog, store, Scope())
    case, tco = found["case"], rent["tco"]
    assert (case["choice"], case["against"], case["state"], case["since"]) == ("rent", "buy", "unchanged", None)
    assert case["npv_usd"] == pytest.approx(tco["buy"]["present_usd"] - tco["plan"]["present_usd"])
    # buying is what breaks even, and against renting on demand it is the pair that the plan to buy has
    even = read(eight)["breakeven"]["plan"]["on_demand"]["months"]
    assert case["planned_breakeven_months"] == pytest.approx(even) == case["breakeven_months"]
    assert gate_values(found)["breakeven"] == case["breakeven_months"]
    assert type(case["npv_usd"]) is float and json.dumps(case)


def test_a_dearer_hour_hits_who_rents_and_who_buys_later_alike(
    rent: dict[str, Any], catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    # to April the plan to buy rents as much; in May and June its server stands
    bills(store, tmp_path, [bill(n, 5256, RATE * 1.2) for n in range(6)])
    case = track(rent, catalog, store, Scope(band=0.01))["case"]
    before = case["planned_npv_usd"]
    more = 5256 * RATE * 0.2
    worth = [one["npv_usd"] for one in case["by_month"]]
    assert worth[:4] == pytest.approx([before] * 4)
    assert worth[4] == pytest.approx(before - more * 1.08 ** (-5 / 12))
    assert worth[5] == pytest.approx(worth[4] - more * 1.08 ** (-6 / 12))
    assert case["change_so_far_usd"] == pytest.approx(-2 * more)
    assert (case["state"], case["since"]) == ("worse", "2027-05")
    # what it costs more in two months to rent, buying is ahead by; at breakeven it saves so much a month
    rents, owns = (paid_in(rent, option, 19) for option in ("plan", "buy"))
    assert case["planned_breakeven_months"] - case["breakeven_months"] == pytest.approx(2 * more / (rents - owns))


def test_what_the_worth_is_made_of_adds_up_to_it(eight: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    """A fifth less is rented, of both plans: what the plan saves by it is all that the other can save, too, or more."""
    document = read(eight)
    bills(store, tmp_path, [bill(n, 5256 * 0.8, RATE * (1.2 if n == 3 else 1)) for n in range(4)])
    found = track(document, catalog, store, Scope())
    case = found["case"]
    rents = paid_in(document, case["against"], 0, "on_demand")
    january, *_, april = case["by_month"]
    assert january["running_change_usd"] == pytest.approx(-5256 * 0.2 * RATE)
    assert january["against_rented_planned_usd"] == pytest.approx(rents)
    assert january["against_rented_repriced_usd"] == pytest.approx(max(0.0, rents - 5256 * 0.2 * RATE))
    assert april["against_rented_repriced_usd"] == pytest.approx(1.2 * january["against_rented_repriced_usd"])
    worth = case["planned_npv_usd"]
    for n, one in enumerate(case["by_month"]):
        saved = one["against_rented_repriced_usd"] - one["against_rented_planned_usd"] - one["running_change_usd"]
        assert one["worth_change_usd"] == pytest.approx(saved * 1.08 ** (-(n + 1) / 12))
        worth += one["worth_change_usd"]
        assert one["npv_usd"] == pytest.approx(worth) and one["outlay_change_usd"] == 0
    assert case["plan_cost_so_far_usd"] * case["change_so_far_fraction"] == pytest.approx(case["change_so_far_usd"])
    told = worth_of(found)
    assert f"of the plan's cost so far ({money(case['plan_cost_so_far_usd'])}), within the band of 5.0 %" in told
    assert "replan --at 2027-05" in told and "never before resale, planned" not in told


def test_more_hours_are_rented_by_whoever_owns_too(
    rent: dict[str, Any], catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [*(bill(n, 5256) for n in range(4)), bill(4, 7256)])
    case = track(rent, catalog, store, Scope())["case"]
    assert case["npv_usd"] == pytest.approx(case["planned_npv_usd"])  # 2,000 h more, for either


@pytest.mark.parametrize(
    ("worse", "server", "state"),
    [(0, SERVER_USD - 30_000, "better"), (6_674, SERVER_USD - 30_000, "won"), (0, SERVER_USD + 3_000, "unchanged"),
     (-60_000, SERVER_USD + 30_000, "worse"), (0, SERVER_USD + 30_000, "lost")],
)  # fmt: skip
def test_states_of_the_case_to_buy(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path, worse: float, server: float, state: str
) -> None:
    document = read(eight)
    document["tco"]["cloud"]["present_usd"] -= worse
    as_planned(store, tmp_path, document, 6, server)
    case = track(document, catalog, store, Scope())["case"]
    assert case["planned_npv_usd"] == pytest.approx(5_674 - worse, abs=1)
    assert case["npv_usd"] == pytest.approx(case["planned_npv_usd"] + SERVER_USD - server)
    assert (case["state"], case["since"]) == (state, None if state == "unchanged" else "2027-01")
