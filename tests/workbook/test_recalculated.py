"""The workbook as another program computes it: its totals are the plan's, and they move with the inputs."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from planner.finance import CostProfile, breakeven_months
from planner.report.workbook import render_workbook
from tests.workbook.conftest import AFTER_TAX, Recalculate, planned

EXACT = 1e-9
OPTIONS = ("Plan", "Buy", "Self_hosted", "On_demand", "Cloud_mix")
KEYS = ("plan", "buy", "self_hosted", "on_demand", "cloud")
ON_DEMAND = "azure-nc24ads-a100-v4-eastus/on_demand_usd_per_gpu_hour"
GPU = "server-8xa100-80gb/gpu_usd_per_gpu"


def value(book: Any, name: str) -> Any:
    ((sheet, address),) = book.defined_names[name].destinations
    return book[sheet][address].value


@pytest.fixture(scope="module")
def same(content: bytes, recalculate: Recalculate) -> Any:
    return recalculate(content, {})


@pytest.fixture(scope="module")
def moved(content: bytes, recalculate: Recalculate) -> Any:
    changes = {"wacc_fraction": 0.13, "price_azure_nc24ads_a100_v4_eastus_on_demand_usd_per_gpu_hour": 4.5,
               "price_server_8xa100_80gb_gpu_usd_per_gpu": 18_000.0}  # fmt: skip
    return recalculate(content, changes)


@pytest.mark.parametrize(("option", "key"), list(zip(OPTIONS, KEYS, strict=True)))
def test_totals_are_the_plans(same: Any, plan: dict[str, Any], option: str, key: str) -> None:
    assert value(same, f"total_{option}_usd") == pytest.approx(plan["tco"][key]["total_usd"], rel=EXACT)
    assert value(same, f"present_{option}_usd") == pytest.approx(plan["tco"][key]["present_usd"], rel=EXACT)


@pytest.mark.parametrize("option", ["plan", "buy", "self_hosted"])
@pytest.mark.parametrize("baseline", ["on_demand", "cloud"])
def test_returns_are_the_plans(same: Any, plan: dict[str, Any], option: str, baseline: str) -> None:
    returns = plan["finance"][option][baseline]
    assert value(same, f"npv_{option}_{baseline}_usd") == pytest.approx(returns["npv_usd"], rel=EXACT)
    assert value(same, f"irr_{option}_{baseline}") == pytest.approx(returns["irr"], rel=1e-6)


@pytest.mark.parametrize("baseline", ["on_demand", "cloud"])
def test_breakevens_are_the_plans(same: Any, plan: dict[str, Any], baseline: str) -> None:
    for name, expected in (
        ("breakeven", plan["breakeven"]["plan"][baseline]["months"]),
        ("discounted_breakeven", plan["breakeven"]["plan"][baseline]["discounted_months"]),
        ("payback", plan["finance"]["plan"][baseline]["payback_months"]),
        ("discounted_payback", plan["finance"]["plan"][baseline]["discounted_payback_months"]),
    ):
        wanted = "none" if expected is None else pytest.approx(expected, rel=EXACT)
        assert value(same, f"{name}_{baseline}_months") == wanted, name


def test_every_check_holds(same: Any) -> None:
    assert value(same, "checks_differing") == 0
    assert value(same, "checks_made") > 100
    assert value(same, "checks_say").startswith("equal to the planner's")


def test_every_formula_is_written_with_its_value(content: bytes, same: Any) -> None:
    formulas = openpyxl.load_workbook(BytesIO(content))
    cached = openpyxl.load_workbook(BytesIO(content), data_only=True)
    counted = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            counted += 1
            ours, theirs = (book[sheet.title][cell.coordinate].value for book in (cached, same))
            close = 1e-6 if "IRR(" in cell.value else EXACT  # both look for the rate until it hardly moves
            assert ours == (theirs if isinstance(theirs, str) else pytest.approx(theirs, rel=close, abs=1e-6)), (
                sheet.title, cell.coordinate, cell.value)  # fmt: skip
    assert counted > 5000


def _payments(plan: dict[str, Any], option: str) -> list[tuple[str, str, str, int, float]]:
    """Timing, component, category, month and USD of each payment at the changed prices, from plan.json alone."""
    found = []
    for line in plan["ledgers"][option]:
        change = 4.5 / 3.67 if line["source"].startswith(ON_DEMAND) else 1.0
        change = 18_000 / 15_000 if line["source"].startswith(GPU) else change
        for month, quantity, cost in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            found.append((line["timing"], line["component"], line["category"], month, quantity * cost * change))
    return found


def _present(timing: str, month: int) -> float:
    return 1.13 ** -((month + (timing == "running")) / 12)


@pytest.mark.parametrize("baseline", ["on_demand", "cloud"])
def test_npv_moves_with_rate_and_prices(moved: Any, plan: dict[str, Any], baseline: str) -> None:
    ours, theirs = (
        math.fsum(usd * _present(timing, month) for timing, _, _, month, usd in _payments(plan, option))
        for option in ("plan", baseline)
    )
    assert value(moved, "present_Plan_usd") == pytest.approx(ours, rel=EXACT)
    assert value(moved, f"npv_plan_{baseline}_usd") == pytest.approx(theirs - ours, rel=EXACT)
    assert abs((theirs - ours) - plan["finance"]["plan"][baseline]["npv_usd"]) > 1000


def _profile(plan: dict[str, Any], option: str) -> CostProfile:
    start, running = np.zeros(36), np.zeros(36)
    for timing, component, _, month, usd in _payments(plan, option):
        if component != "resale" and timing != "horizon":
            (start if timing == "start" else running)[month] += usd * _present(timing, month)
    return CostProfile(start, running)


@pytest.mark.parametrize("baseline", ["on_demand", "cloud"])
def test_breakeven_moves_with_rate_and_prices(moved: Any, plan: dict[str, Any], baseline: str) -> None:
    expected = breakeven_months(_profile(plan, "plan"), _profile(plan, baseline))
    wanted = "none" if expected is None else pytest.approx(expected, rel=EXACT)
    assert value(moved, f"discounted_breakeven_{baseline}_months") == wanted
    assert expected != plan["breakeven"]["plan"][baseline]["discounted_months"] or expected is None


def test_advice_stands_only_for_the_planners_figures(same: Any, moved: Any, plan: dict[str, Any]) -> None:
    head = [cell.value for cell in same["Summary"][4][:2]]
    assert head == [plan["verdict"]["choice"].capitalize(), plan["verdict"]["reason"]]
    assert [cell.value for cell in moved["Summary"][4][:2]] == ["Changed", "Figures were changed: plan again"]


def test_a_changed_input_is_said(moved: Any) -> None:
    assert value(moved, "checks_differing") > 0
    assert value(moved, "checks_say").startswith("changed by an input")


CHANGES = (
    ("finance.wacc_fraction", "wacc_fraction", 0.13),
    (f"prices.{GPU}", "price_server_8xa100_80gb_gpu_usd_per_gpu", 18_000.0),
    (f"prices.{ON_DEMAND}", "price_azure_nc24ads_a100_v4_eastus_on_demand_usd_per_gpu_hour", 4.5),
    ("prices.room-virginia/electricity_usd_per_kwh", "price_room_virginia_electricity_usd_per_kwh", 0.2),
)


@pytest.mark.parametrize("settings", [(), AFTER_TAX], ids=["before tax", "after tax"])
def test_changed_inputs_cost_what_the_planner_says_of_them(
    settings: tuple[str, ...], recalculate: Recalculate, tmp_path: Path
) -> None:
    """Of options whose decisions do not change with them: one must buy its server, the other only rent by the hour."""
    before = planned(tmp_path / "before", *settings)
    after = planned(tmp_path / "after", *settings, *(f"{path}={number}" for path, _, number in CHANGES))
    book = recalculate(render_workbook(before), {cell: number for _, cell, number in CHANGES})
    for option, key in (("Self_hosted", "self_hosted"), ("On_demand", "on_demand")):
        assert value(book, f"total_{option}_usd") == pytest.approx(after["tco"][key]["total_usd"], rel=EXACT)
        assert value(book, f"present_{option}_usd") == pytest.approx(after["tco"][key]["present_usd"], rel=EXACT)
    expected = after["finance"]["self_hosted"]["on_demand"]["npv_usd"]
    assert value(book, "npv_self_hosted_on_demand_usd") == pytest.approx(expected, rel=EXACT)
    assert (before["tco"]["plan"]["tax_usd"] < 0) == bool(settings)
