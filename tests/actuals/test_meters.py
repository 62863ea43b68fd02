"""What ran on owned servers by meters: one notion of GPU-hours at work, and one side for every hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.actuals.comparison import Scope
from planner.actuals.history import monthly_gpu_hours
from planner.actuals.meters import metered
from planner.actuals.monthly import usage_by_month
from planner.actuals.plan_months import PlanMonths
from planner.actuals.store import Store
from planner.actuals.track import track
from planner.catalog.load import Catalog
from planner.report.track_words import warnings
from tests.actuals.small import add, write
from tests.actuals.tracked import bill, bills, dcgm, invoices, label, owned, paid_in, read, slurm

HELD = 5840 * 0.98
"""GPU-hours of the eight A100s in a month, less those in which they are down."""


def test_what_was_measured_counts_as_far_as_it_was_used_for_everyone(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    dcgm(store, tmp_path, 4, hours=31 * 24, percent=30)  # 8 GPUs: 5,952 hours measured, 1,785.6 at work
    (month,) = usage_by_month(store).to_dict("records")
    assert month["gpu_hours"] == 5952 and month["worked_gpu_hours"] == pytest.approx(1785.6)
    assert [one.gpu_hours for one in monthly_gpu_hours(store)] == pytest.approx([1785.6])
    found = track(read(eight), catalog, store, Scope(first="2027-05"))
    assert found["total"]["actual_gpu_hours"] == pytest.approx(1785.6)
    busy = found["utilization"]
    assert busy["owned_actual"] == pytest.approx(1785.6 / HELD) and busy["measured"] == pytest.approx(0.3)
    assert found["contradictions"] == []


def test_of_a_cluster_the_meter_nearest_to_the_plan_counts(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    slurm(store, tmp_path, (4, 4000), (5, 4500))
    dcgm(store, tmp_path, 4, hours=48, percent=60, gpus=1)
    demand = {"month": "2027-05", "gpu_model": "a100-pcie-80gb", "region": "x", "gpu_hours": "9000", "team": "t"}
    add(store, write(tmp_path / "demand.csv", [demand]))  # which says not where
    found = track(read(eight), catalog, store, Scope(first="2027-05"))
    assert [one["actual_gpu_hours"] for one in found["months"]] == [4000, 4500]
    assert found["months"][0]["utilization"]["measured"] == pytest.approx(0.6)
    assert found["months"][0]["utilization"]["owned_actual"] == pytest.approx(4000 / HELD)
    assert track(read(eight), catalog, store, Scope(first="2027-05", own=("slurm",)))["compared"] == [
        "2027-05", "2027-06",
    ]  # fmt: skip


def test_before_the_plan_its_fleet_counts_as_in_its_first_month(store: Store, tmp_path: Path) -> None:
    slurm(store, tmp_path, (-1, 1000))
    hours = [0.0, 0.0]
    for available, side in (([5840.0, 0.0], "owned"), ([0.0, 5840.0], "elsewhere")):
        plan = PlanMonths([label(0), label(1)], {}, {}, frozenset(), {}, hours, available, "several", hours)
        assert getattr(metered(store, plan), side) == {"2026-12": 1000}


def test_charges_tell_owned_hours_before_meters_month_by_month(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    invoices(store, tmp_path, [owned(4, "electricity", 1000, 5256)])
    slurm(store, tmp_path, (4, 5250), (5, 4500))
    found = track(read(eight), catalog, store, Scope(first="2027-05", complete=("2027-06",)))
    assert [one["actual_gpu_hours"] for one in found["months"]] == [5256, 4500]


def test_meters_of_rented_nodes_do_not_count_beside_their_bills(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(n, 1000) for n in range(3)])
    slurm(store, tmp_path, (0, 1000), (1, 1000), (2, 1000))
    found = track(read(tiny), catalog, store, Scope())
    assert found["total"]["actual_gpu_hours"] == 3000 and found["forecast"]["mape"] == pytest.approx(0)
    assert found["causes"] == [] and found["total"]["variance"]["mix"] == pytest.approx(0)
    (left,) = found["contradictions"]
    assert left.startswith("3,000 GPU-hours of meters are left out (2027-01 to 2027-03)") and "--own" in left
    assert left in warnings(found)
    taken = track(read(tiny), catalog, store, Scope(own=("room",)))
    assert taken["total"]["actual_gpu_hours"] == 6000 and taken["contradictions"] == []


def test_bills_beside_meters_of_a_plan_that_owns_are_told(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [*(bill(n, 5256) for n in range(4)), bill(4, 100)])
    slurm(store, tmp_path, (4, 5250))
    (told,) = track(read(eight), catalog, store, Scope())["contradictions"]
    assert "bills and of meters are added up (2027-05)" in told
    assert track(read(eight), catalog, store, Scope(own=("room",)))["contradictions"] == []


def test_more_than_the_fleet_has_is_a_contradiction(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    slurm(store, tmp_path, (4, 6000), (5, 5256))
    found = track(read(eight), catalog, store, Scope(first="2027-05"))
    assert found["months"][0]["utilization"]["owned_actual"] == pytest.approx(6000 / HELD)
    (told,) = found["contradictions"]
    assert "(2027-05: 6,000 of 5,723)" in told


def test_an_idle_fleet_costs_idle_money(eight: Path, catalog: Catalog, store: Store, tmp_path: Path) -> None:
    document = read(eight)
    usd = paid_in(document, "plan", 4, "electricity")
    invoices(store, tmp_path, [owned(4, "electricity", usd, HELD / 2)])  # paid as planned, half used
    found = track(document, catalog, store, Scope(first="2027-05"))
    (item,) = found["items"]
    assert (item["kind"], item["provider"]) == ("owned", "owned")
    assert found["months"][0]["plan_cash_usd"] == pytest.approx(usd) == found["months"][0]["actual_cash_usd"]
    rate = usd * (5256 / HELD) / 5256
    assert item["variance"]["volume"] == pytest.approx(rate * (HELD / 2 - 5256))
    assert item["variance"]["utilization"] == pytest.approx(usd * 5256 / HELD - usd / 2)
    assert item["variance"]["total"] == pytest.approx(0, abs=1e-9)


def test_a_server_that_works_before_the_plan_has_it_is_not_idle(
    eight: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    invoices(store, tmp_path, [owned(3, "electricity", 900, 5000)])
    found = track(read(eight), catalog, store, Scope(first="2027-04"))
    assert found["total"]["actual_gpu_hours"] == 5000
    assert (found["total"]["variance"]["utilization"], found["total"]["variance"]["total"]) == (0, 900)
