"""Scenarios solved on one live program: each as a fresh one would be, whatever came before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.analysis.options import RESTRICTIONS, bounds, new_purchases
from planner.catalog.load import Catalog
from planner.errors import SolverError
from planner.model import highs
from planner.model.build import build
from planner.model.highs import Live
from planner.scenario.load import load_scenario
from planner.whatif.base import Base, Settings
from planner.whatif.drivers import drivers
from planner.whatif.points import INFEASIBLE, Points
from tests.shipped import shipped_catalog

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
CHANGES: list[Settings] = [
    ("scale.demand=1.3",),
    ("scale.rows.*usd_per_gpu_hour*=0.8",),
    ("finance.wacc_fraction=0.12", "scale.demand=0.7"),
    ("scale.rows.*/gpu_usd_per_gpu=0.5", "workloads.team.growth.annual_rate=0.2"),
    ("scale.rows.*/availability_fraction=0.9",),
    ("horizon_months=24",),
    (),
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return shipped_catalog()


@pytest.fixture(scope="module")
def base(catalog: Catalog) -> Base:
    return Base(catalog, load_scenario(EXAMPLES / "eight-a100s.yaml", catalog))


def fresh(base: Base, settings: Settings, option: str) -> float:
    """Solve the relaxation of an option with a program of its own."""
    built = build(base.case(settings))
    live = Live(built.arrays)
    if option in RESTRICTIONS:
        live.set_bounds(*bounds(built.arrays.lower, built.arrays.upper, RESTRICTIONS[option](built.model)))
    found = live.solve()
    assert found is not None
    return found.objective


@pytest.mark.parametrize("settings", CHANGES)
def test_a_scenario_costs_what_it_costs_when_solved_alone(base: Base, settings: Settings) -> None:
    found = Points(base).point(settings)
    assert found["present_usd"] == pytest.approx(fresh(base, settings, "plan"), rel=1e-9)
    assert found["cloud_usd"] == pytest.approx(fresh(base, settings, "cloud"), rel=1e-9)


@pytest.mark.parametrize("settings", CHANGES)
@pytest.mark.parametrize("bought", [0, 1])
def test_with_and_without_a_purchase_costs_what_it_costs_when_solved_alone(
    base: Base, settings: Settings, bought: int
) -> None:
    built = build(base.case(settings))
    live, new = Live(built.arrays), new_purchases(built.model)
    if bought:
        live.set_row(built.model.program.rules["something_is_bought"].start, 1.0, np.inf)
    else:
        live.set_bounds(np.where(new, 0.0, built.arrays.lower), np.where(new, 0.0, built.arrays.upper))
    alone = live.solve()
    assert alone is not None
    found = Points(base).point(settings)["buy_usd" if bought else "without_a_purchase_usd"]
    assert found == pytest.approx(alone.objective, rel=1e-9)


def test_a_scenario_too_far_from_the_base_is_solved_from_nothing(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [Points(base).point(settings) for settings in CHANGES]
    points = Points(base)
    monkeypatch.setattr(highs, "_SHORTLY", 1)
    for settings, expected in zip(CHANGES, known, strict=True):
        found = points.point(settings)
        for key in ("present_usd", "buy_usd", "without_a_purchase_usd", "cloud_usd"):
            assert found[key] == pytest.approx(expected[key], rel=1e-9)


def test_a_run_that_fails_leaves_no_limit_behind(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(build(base.case()).arrays)
    expected = live.solve()
    basis, cost = live.basis(), live.arrays.cost

    def fail(*_: object) -> None:
        raise SolverError("stopped")

    with monkeypatch.context() as patched:
        patched.setattr(highs, "_SHORTLY", 1)
        patched.setattr(highs, "_run", fail)
        with pytest.raises(SolverError):
            live.solve_from(basis, cost)
    live.forget()
    found = live.solve()
    assert found is not None
    assert expected is not None
    assert found.objective == pytest.approx(expected.objective)


def test_the_order_of_scenarios_changes_no_bit(base: Base) -> None:
    one, other = Points(base), Points(base)
    forwards = [one.point(settings) for settings in CHANGES]
    backwards = [other.point(settings) for settings in reversed(CHANGES)]
    assert forwards == backwards[::-1]


def test_what_nothing_can_serve_is_said_to_be_infeasible(base: Base) -> None:
    points = Points(base)
    narrow = ("offers.kinds=[]", "sites.room-virginia.power_limit_kw=0.1")
    assert points.point(narrow)["status"] == INFEASIBLE
    assert points.point(())["status"] == "ok"


def test_every_driver_can_be_moved_to_all_its_ends(base: Base) -> None:
    found = drivers(base, base.case())
    assert {"demand", "growth", "rented", "purchase", "electricity", "resale", "staff", "wacc"} <= {
        d.name for d in found
    }
    for driver in found:
        assert driver.at(driver.now) == ()
        for end in (driver.low, driver.high, driver.least, driver.most):
            base.case(driver.at(end))


def test_a_driver_of_a_scenario_that_is_scaled_already_starts_from_there(catalog: Catalog) -> None:
    loaded = load_scenario(EXAMPLES / "eight-a100s.yaml", catalog, ["scale.demand=1.5"])
    base = Base(catalog, loaded)
    demand = next(one for one in drivers(base, base.case()) if one.name == "demand")
    assert demand.at(1.2) == ("scale.demand=1.80",)
