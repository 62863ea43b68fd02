"""What-ifs on all demand or on many catalog rows at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import Catalog
from planner.errors import InputError
from planner.scenario.load import changed, load_scenario
from tests.shipped import shipped_catalog

SCENARIO = Path(__file__).parent.parent.parent / "examples" / "llm-platform.yaml"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return shipped_catalog()


@pytest.fixture(scope="module")
def plain(catalog: Catalog) -> Case:
    return build_case(catalog, load_scenario(SCENARIO, catalog))


def scaled(catalog: Catalog, *settings: str) -> Case:
    return build_case(catalog, load_scenario(SCENARIO, catalog, settings))


def test_all_demand_moves(catalog: Catalog, plain: Case) -> None:
    case = scaled(catalog, "scale.demand=1.5")
    for name in ("level", "hold", "peak"):
        assert getattr(case.demand, name) == pytest.approx(1.5 * getattr(plain.demand, name))
    assert [one.work for one in case.demand.windows] == pytest.approx([1.5 * one.work for one in plain.demand.windows])
    assert np.array_equal(case.demand.hours, plain.demand.hours)


def test_rows_of_a_kind_move_and_factors_on_one_row_multiply(catalog: Catalog, plain: Case) -> None:
    case = scaled(catalog, "scale.rows.*/on_demand_usd_per_gpu_hour=0.5", "scale.rows.lambda-*=0.9")
    moved = {offer.id: offer.on_demand.now for offer in case.offers if offer.on_demand}
    before = {offer.id: offer.on_demand.now for offer in plain.offers if offer.on_demand}
    for name, price in before.items():
        assert moved[name] == pytest.approx(price * (0.45 if name.startswith("lambda-") else 0.5))
    assert [one.purchase.now for one in case.servers] == [one.purchase.now for one in plain.servers]


def test_physical_rows_move_too(catalog: Catalog, plain: Case) -> None:
    case = scaled(catalog, "scale.rows.*/power_active_kw=0.5")
    assert [one.active_kw for one in case.servers] == pytest.approx([one.active_kw / 2 for one in plain.servers])


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("scale.demand=0", "greater than 0"),
        ("scale.demand=-1", "greater than 0"),
        ("scale.rows.no-such-row=2", "matches no row of the catalog"),
        ("scale.rows.*/availability_fraction=1.1", "larger than 1"),
        ("scale.rows.*/pue=-1", "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused(catalog: Catalog, setting: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_scenario(SCENARIO, catalog, [setting])
    with pytest.raises(InputError, match=said):
        changed(load_scenario(SCENARIO, catalog), catalog, [setting])
