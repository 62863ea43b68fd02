"""Where several things are short at once, each is named in its own months, and what mends all of them is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.infeasible.given import OWNED, given
from tests.small import SERVER, SITE, serving

LATE = {f"{SERVER}/lead_time_months": 2}


@pytest.mark.parametrize(
    ("prices", "site", "limit"),
    [
        (LATE, {"power_limit_kw": 10}, "lead time"),
        ({}, {"power_limit_kw": 10, "open_from": "2027-03"}, "opening of the site"),
    ],
)
def test_a_late_start_does_not_hide_that_power_is_short_afterwards(
    tmp_path: Path, prices: dict[str, float], site: dict[str, object], limit: str
) -> None:
    # 16 H100 need two servers of 10 kW from the first month on; the first can be there in March
    scenario = given(tmp_path, prices, workloads=[serving(16, **OWNED)], sites=[{"id": SITE} | site], horizon_months=4)
    found = scenario.diagnosis()
    late, power = found.shortages
    assert (late.limit, late.first_month, late.last_month, late.short) == (limit, "2027-01", "2027-02", 16)
    assert (power.limit, power.first_month, power.last_month) == ("power", "2027-03", "2027-04")
    assert (power.needed, power.has, power.joined) == (20, 10, "and")
    both = next(way for way in found.ways_out if len(way.set) == 2)
    assert both.present_usd == pytest.approx(100_000)  # two servers, worth half of 100,000 at the end
    assert scenario.cost(both.set) == pytest.approx(100_000)
    assert all(scenario.cost([one]) is None for one in both.set)


def test_two_workloads_that_lack_different_things_get_one_way_out(tmp_path: Path) -> None:
    abroad = serving(8, residency=["FR"]) | {"name": "abroad"}
    scenario = given(tmp_path, LATE, workloads=[serving(8, **OWNED), abroad], sites=[{"id": SITE}], horizon_months=4)
    found = scenario.diagnosis()
    assert {one.limit for one in found.shortages} == {"lead time", "residency"}
    (way,) = found.ways_out
    assert scenario.cost(way.set) == pytest.approx(way.present_usd)


def test_a_fleet_that_retires_and_may_not_be_replaced_is_no_lead_time(tmp_path: Path) -> None:
    owned = {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2022-04", "paid_usd_per_server": 100_000}
    scenario = given(
        tmp_path, workloads=[serving(8, **OWNED)], sites=[{"id": SITE}], existing_servers=[owned],
        servers={"consider": []}, horizon_months=6,
    )  # fmt: skip
    found = scenario.diagnosis()
    assert [(one.limit, one.first_month) for one in found.shortages] == [("servers considered", "2027-04")]
    assert ("servers.consider=[" + SERVER + "]",) in [way.set for way in found.ways_out]
