"""The demand to come by the demand of the past: what was as planned stays as planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.actuals.outlook import Miss, Outlook, demand_by, miss, outlook
from planner.actuals.store import Store
from planner.units import month_label
from tests.actuals.planned import planned
from tests.actuals.small import add
from tests.actuals.test_replan import RENTS, bills, grown, replanned, total
from tests.small import WHOLE, catalog, serving


def moves(first: float, then: float) -> dict[str, Any]:
    """Return a plan that rents by the one kind of GPU to the year's end, by another of half or double speed after."""
    slow = next(name for name, offer in catalog().section("offers").items()
                if (offer.provider, offer.gpu) == ("lambda", "a100-sxm-80gb"))  # fmt: skip
    row = f"{slow}/on_demand_usd_per_gpu_hour"
    steps = [{"rows": row, "kind": "step", "month": "2027-01", "factor": then / first, "source": "s"}]
    workload = serving() | {"speed": {"h100-sxm-80gb": 1, "a100-sxm-80gb": 0.5}}
    return {**RENTS, "workloads": [workload], "offers": {"consider": [WHOLE, slow], "kinds": ["on_demand"]},
            "prices": {row: first, f"{WHOLE}/on_demand_usd_per_gpu_hour": 4}, "price_paths": steps}  # fmt: skip


@pytest.mark.parametrize(("first", "then", "was", "later"), [(1, 8, 16, 8), (8, 1, 8, 16)])
def test_what_was_as_planned_stays_as_planned_on_other_gpus(
    first: float, then: float, was: int, later: int, tmp_path: Path, store: Store
) -> None:
    """8 H100 do the work of 16 A100: the plan moves from the one to the other in January."""
    made = planned(tmp_path, **moves(first, then))
    assert [round(row["on_demand_gpu_hours"] / 730) for row in made.plan["decisions"]["by_month"]] == [
        was] * 6 + [later] * 6  # fmt: skip
    grown(store, tmp_path, [was] * 6, lambdas="a100-sxm-80gb" if was == 16 else "")
    seen = outlook(made.plan, catalog(), store, "2027-01")
    assert isinstance(seen, Outlook)
    for end in ("values", "low", "high"):
        assert [*seen.factors(end).values()] == pytest.approx([1] * 6)
        assert seen.gpu_hours(end) == pytest.approx([later * 730] * 6)
    assert total(replanned(made, "2027-01", demand=seen), "change") == pytest.approx(
        total(replanned(made, "2027-01"), "change"))  # fmt: skip


@pytest.mark.parametrize(("at", "last"), [("2027-01", 3), ("2027-03", 1)])
def test_months_of_any_length_are_as_planned_when_the_gpus_were(
    at: str, last: int, tmp_path: Path, store: Store
) -> None:
    """October to December have 2,208 hours, planned as 2,190; February 672, planned as 730."""
    made = planned(tmp_path, **RENTS)
    grown(store, tmp_path, [8] * 8)
    seen = miss(made.plan, catalog(), store, at, last)
    assert seen.ratio == pytest.approx(1)
    assert seen.actual_gpu_hours == pytest.approx(8 * (672 if last == 1 else 2208))


def test_months_beyond_the_plan_are_as_those_of_a_year_before(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS | {"horizon_months": 20})
    grown(store, tmp_path, [8, 9, 10, 11, 12, 13])
    seen = outlook(made.plan, catalog(), store, "2027-01")
    assert isinstance(seen, Outlook)  # 14 GPUs in January 2027, one more every month: 27 in February 2028
    factors = seen.factors(months=12)
    assert factors["2028-02"] == pytest.approx(27 / 8)
    assert [factors[f"2028-{n:02d}"] for n in (3, 4, 12)] == pytest.approx([16 / 8, 17 / 8, 25 / 8])
    assert factors["2029-02"] == pytest.approx(27 / 8)


def test_a_history_that_ended_is_told_and_refused_when_it_is_old(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    grown(store, tmp_path, [8, 9, 10, 11, 12])
    seen, why = demand_by(made.plan, catalog(), store, "2027-03", forecast=True)
    assert isinstance(seen, Outlook) and why == "The last month that is wholly imported is 2026-11."
    assert seen.factors()["2027-03"] == pytest.approx(16 / 8)  # 13, 14 and 15 GPUs came between
    assert isinstance(demand_by(made.plan, catalog(), store, "2027-03", forecast=True)[0], Outlook)
    old, why = demand_by(made.plan, catalog(), store, "2027-04", forecast=True)
    assert isinstance(old, Miss) and "the history ends with 2026-11, 4 months before" in why


@pytest.mark.parametrize(("opens", "first"), [("01T06", "2026-07"), ("02T06", "2026-08")])
def test_a_history_that_begins_within_its_first_day_has_that_month(
    opens: str, first: str, tmp_path: Path, store: Store
) -> None:
    made = planned(tmp_path, **RENTS)
    add(store, bills(tmp_path, "2026-07", 1, 8, 4, ChargePeriodStart=f"2026-07-{opens}:00:00Z"))
    for n in range(1, 6):
        add(store, bills(tmp_path, month_label("2026-07", n), 1, 8, 4))
    seen = outlook(made.plan, catalog(), store, "2027-01")
    assert isinstance(seen, Outlook) and seen.past[0] == first


def test_where_the_plan_has_no_gpu_hours_the_factor_holds_all_the_same(tmp_path: Path, store: Store) -> None:
    made = planned(tmp_path, **RENTS)
    for row in made.plan["decisions"]["by_month"]:
        if row["month"] > "2027-02":
            row["on_demand_gpu_hours"] = 0  # as when the work moves to tokens
    grown(store, tmp_path, [4] * 6)
    seen = outlook(made.plan, catalog(), store, "2027-01")
    assert isinstance(seen, Outlook)
    assert seen.factors() == pytest.approx({month_label("2027-01", t): 0.5 for t in range(6)})
