"""By how much demand missed the plan: the months and the sides that `planner track` compares, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.actuals.outlook import Miss, Outlook, demand_by, miss, outlook
from planner.actuals.store import Store
from planner.catalog.load import Catalog
from planner.errors import InputError
from tests.actuals.small import add, write
from tests.actuals.tracked import bill, bills, dcgm, invoices, owned, read, slurm


def test_owned_hours_that_nobody_imports_are_on_neither_side(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [*(bill(n, 5256) for n in range(4)), bill(4, 10), bill(5, 10)])
    seen = miss(read(eight), catalog, store, "2027-07")
    assert (seen.months, seen.planned_gpu_hours) == (("2027-04", "2027-05", "2027-06"), pytest.approx(5256 * 720 / 730))
    assert seen.actual_gpu_hours == pytest.approx(5276)
    assert seen.left_out == ("Nothing tells the GPU-hours of owned servers: they are on neither side.",)
    # a forecast would take what is rented for all there is
    taken, why = demand_by(read(eight), catalog, store, "2027-07", forecast=True)
    assert isinstance(taken, Miss) and why.startswith("No forecast can be made: nothing tells the GPU-hours of owned")


def test_one_meter_of_a_cluster_and_month_counts(eight: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    slurm(store, tmp_path, (4, 5256), (5, 5256))
    dcgm(store, tmp_path, 5, hours=48, percent=30, gpus=1)
    rows = [{"month": f"2027-0{n}", "gpu_model": "a100-pcie-80gb", "region": "x", "gpu_hours": "5256"} for n in (5, 6)]
    add(store, write(tmp_path / "demand.csv", rows))
    seen = miss(read(eight), catalog, store, "2027-07", 2)
    assert seen.months == ("2027-05", "2027-06") and seen.ratio == pytest.approx(2 * 730 / (744 + 720))
    assert miss(read(eight), catalog, store, "2027-07", 1).planned_gpu_hours == pytest.approx(5256 * 720 / 730)


def test_what_was_measured_counts_as_far_as_it_was_used(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    dcgm(store, tmp_path, 4, hours=31 * 24, percent=30)
    assert miss(read(eight), catalog, store, "2027-06").actual_gpu_hours == pytest.approx(8 * 31 * 24 * 0.3)


def test_owned_hours_of_charges_and_of_meters_count_once(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    invoices(store, tmp_path, [owned(n, "electricity", 900, 5256) for n in (4, 5)])
    slurm(store, tmp_path, (4, 5256), (5, 5256))
    assert miss(read(eight), catalog, store, "2027-07", 2).actual_gpu_hours == pytest.approx(2 * 5256)


def test_a_month_under_way_is_left_out_and_named(eight: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [*(bill(n, 5256) for n in range(3)), bill(3, 1752, ChargePeriodEnd="2027-04-11T00:00:00Z")])
    seen, why = demand_by(read(eight), catalog, store, "2027-05", forecast=False)
    assert isinstance(seen, Miss) and seen.months == ("2027-01", "2027-02", "2027-03")
    assert seen.ratio == pytest.approx(3 * 730 / (31 + 28 + 31) / 24)
    assert why == "2027-04 is left out: azure is imported up to 2027-04-11 only."


def test_other_currencies_are_no_demand_of_the_plan(tiny: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [row for n in range(3) for row in (bill(n, 1000), bill(n, 1000, BillingCurrency="EUR"))])
    assert miss(read(tiny), catalog, store, "2027-04").ratio == pytest.approx(3 * 730 / (31 + 28 + 31) / 24)


def test_nothing_that_can_be_compared_is_refused(tiny: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [bill(0, 333, ChargePeriodEnd="2027-01-10T00:00:00Z")])
    with pytest.raises(InputError, match="no GPU-hours of whole months"):
        miss(read(tiny), catalog, store, "2027-02")


def test_a_forecast_begins_after_the_last_month_that_is_not_wholly_imported(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    for n in range(7):
        bills(store, tmp_path, [bill(n, 1000 + n, **({"ChargePeriodEnd": "2027-02-10T00:00:00Z"} if n == 1 else {}))])
    found = outlook(read(tiny), catalog, store, "2027-08")
    assert isinstance(found, Outlook)
    assert found.past == tuple(f"2027-{n:02d}" for n in range(3, 8))
