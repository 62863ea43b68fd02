"""What a change of cost came of: worked by hand, and as a law that nothing of the change is left over."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import permutations
from math import fsum
from typing import Any

import pytest

from planner.components import NEGOTIATED
from planner.costs.negotiated import SOURCE
from planner.costs.tax import SOURCE as TAX
from planner.report.compare.dollars import in_dollars
from planner.report.compare.split import Effect, split
from tests.compare.conftest import PLANNED
from tests.report.documents import document
from tests.small import CHEAP, DEAR

Document = dict[str, Any]
Plans = Callable[[str], Document]
HOURS = 3 * 730
PAIRS = list(permutations(PLANNED, 2))


def line(**changes: Any) -> dict[str, Any]:
    """Ten GPU-hours at 2 USD."""
    return {
        "component": "on_demand", "category": "opex", "item": "big", "unit": "GPU-hour", "timing": "running",
        "source": "big/on_demand_usd_per_gpu_hour", "rows": ["big/on_demand_usd_per_gpu_hour"],
        "first_month": "2027-01", "last_month": "2027-02", "payments": 2, "quantity": 10.0,
        "lowest_unit_cost_usd": 2.0, "highest_unit_cost_usd": 2.0, "cost_usd": 20.0, "present_usd": 19.0,
        "by_year": [20.0],
    } | changes  # fmt: skip


def plan(*lines: dict[str, Any], months: int = 2) -> Document:
    total = fsum(one["cost_usd"] for one in lines)
    return document(lines=list(lines), tco__plan__total_usd=total, horizon_months=months)


def effects(*pair: Document) -> dict[tuple[str, str], Effect]:
    return {(one.component, one.item): one for one in split(*pair).effects}


def test_a_lower_price_for_more_hours_by_hand(plans: Plans) -> None:
    cheaper = split(plans("before"), plans("cheaper"))
    assert (cheaper.price_usd, cheaper.volume_usd) == pytest.approx((-8 * HOURS, 0))
    more = split(plans("before"), plans("more"))
    # 8 GPUs a dollar cheaper, then two more of them at the new price
    assert (more.price_usd, more.volume_usd) == pytest.approx((-8 * HOURS, 2 * HOURS * 3))


def test_what_is_in_one_plan_only_is_volume(plans: Plans) -> None:
    found = effects(plans("before"), plans("cheap offer"))
    gone, new = found["on_demand", DEAR], found["on_demand", CHEAP]
    assert (gone.price_usd, gone.volume_usd) == pytest.approx((0, -8 * HOURS * 4))
    assert (new.price_usd, new.volume_usd) == pytest.approx((0, 8 * HOURS * 2))


@pytest.mark.parametrize("pair", PAIRS, ids=" to ".join)
def test_prices_and_quantities_sum_to_the_change_of_the_total(plans: Plans, pair: tuple[str, str]) -> None:
    before, after = map(plans, pair)
    found = split(before, after)
    assert found.effects
    per = [1, 1] if found.per == "horizon" else [one["horizon_months"] for one in (before, after)]
    first, then = (one["tco"]["plan"]["total_usd"] / n for one, n in zip((before, after), per, strict=True))
    change, scale = then - first, max(abs(first), abs(then))
    assert found.price_usd + found.volume_usd == pytest.approx(change, abs=1e-9 * scale)
    assert fsum(one.usd for one in found.effects) == pytest.approx(change, abs=1e-9 * scale)
    for one in found.effects:
        assert one.price_usd + one.volume_usd == pytest.approx(one.usd, abs=1e-9 * scale)


@pytest.mark.parametrize("pair", PAIRS, ids=" to ".join)
def test_whole_dollars_add_up_as_shown(plans: Plans, pair: tuple[str, str]) -> None:
    found = split(*map(plans, pair))
    rows = in_dollars(found)
    assert [row.after - row.before for row in rows] == [row.price + row.volume for row in rows]
    for column, exact in (("before", found.before_usd), ("after", found.after_usd)):
        assert sum(getattr(row, column) for row in rows) == pytest.approx(exact, abs=0.5 + 1e-6)
    assert sum(row.price for row in rows) == pytest.approx(found.price_usd, abs=len(rows))
    absent = [row for row in rows if not any(e.after.usd for e in found.effects if e.component == row.component)]
    assert all(row.after == 0 for row in absent)


def test_a_month_is_compared_where_horizons_differ(plans: Plans) -> None:
    found = split(plans("before"), plans("longer"))
    assert found.per == "month"
    assert found.before_usd == pytest.approx(8 * 730 * 4)
    assert (found.price_usd, found.volume_usd) == pytest.approx((0, 0), abs=1e-6)


def test_a_discount_is_a_price_and_not_a_new_line(plans: Plans) -> None:
    before, after = plans("mixed"), plans("mixed, discounted")
    assert any(one["component"] == f"{NEGOTIATED}on_demand" for one in after["lines"])
    found = effects(before, after)
    assert not [component for component, _ in found if component.startswith(NEGOTIATED)]
    rented = found["on_demand", DEAR]
    old, new = rented.before.unit_cost, rented.after.unit_cost
    assert old is not None and new == pytest.approx(0.9 * old)
    assert rented.price_usd == pytest.approx(-0.1 * old * rented.before.quantity)


def test_the_same_commitment_started_later_is_the_same_line() -> None:
    item = "big/12m, GPU-hour"
    before = plan(line(component="commitments", item="big/12m@2027-01"))
    after = plan(line(component="commitments", item="big/12m@2027-04", cost_usd=25.0))
    (one,) = split(before, after).effects
    assert (one.item, one.price_usd, one.volume_usd) == (item.partition(",")[0], 5.0, 0.0)


def test_lines_of_one_thing_at_several_rows_are_held_apart_only_where_both_plans_have_them() -> None:
    low, high = line(source="low"), line(source="high", cost_usd=100.0)
    more = plan(line(source="low", quantity=20.0, cost_usd=40.0), high)
    (of_low, of_high) = split(plan(low, high), more).effects
    assert (of_low.price_usd, of_low.volume_usd, of_high.usd) == (0.0, 20.0, 0.0)
    discount = line(component=f"{NEGOTIATED}on_demand", source=f"low × {SOURCE}ours", cost_usd=-5.0)
    (of_low, of_high) = split(plan(low, high), plan(low, discount, high)).effects
    assert (of_low.price_usd, of_low.volume_usd, of_high.usd) == (-5.0, 0.0, 0.0)
    # the row changed its name: the same thing, 1 USD a unit dearer
    (renamed,) = split(plan(low), plan(line(source="other", cost_usd=30.0))).effects
    assert (renamed.price_usd, renamed.volume_usd) == (10.0, 0.0)


def test_a_plan_whose_lines_are_not_its_cost_is_not_split() -> None:
    before = plan(line())
    after = deepcopy(before)
    after["tco"]["plan"]["total_usd"] = 21.0
    assert split(before, after).effects == ()
    assert (split(before, after).before_usd, split(before, after).after_usd) == (20.0, 21.0)


def test_one_timing_of_a_thing_is_not_the_other() -> None:
    found = split(plan(line()), plan(line(timing="start", cost_usd=30.0)))
    assert [one.price_usd for one in found.effects] == [0.0, 0.0]


def test_a_price_takes_its_tax_and_its_debt_along() -> None:
    """A server of 100 that becomes dearer by 20 and is bought twice, all borrowed, half of it deducted at 25 %."""

    def bought(number: float, price: float) -> Document:
        def of(component: str, share: float, source: str = "row", **changes: Any) -> dict[str, Any]:
            usd = changes.pop("cost_usd", share * number * price)
            return line(component=component, item="box", unit="server", source=source, quantity=share * number,
                        cost_usd=usd) | changes  # fmt: skip

        deducted = number * price / 2
        relief = of("depreciation_relief", 1, f"row × {TAX}", category="tax", quantity=deducted, cost_usd=-deducted / 4)
        return plan(of("servers", 1), relief, of("loan_proceeds", -1, "row × loan"))

    found = {one.component: (one.price_usd, one.volume_usd) for one in split(bought(1, 100), bought(2, 120)).effects}
    assert found == {
        "servers": (20.0, 120.0), "depreciation_relief": (-2.5, -15.0), "loan_proceeds": (-20.0, -120.0),
    }  # fmt: skip
    untaxed = plan(*(one for one in bought(2, 120)["lines"] if one["category"] != "tax"))
    gone = {one.component: one.price_usd for one in split(bought(1, 100), untaxed).effects}
    assert gone["depreciation_relief"] == 0.0
