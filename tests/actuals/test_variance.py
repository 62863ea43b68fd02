"""Variances: by hand, and laws that hold of any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.actuals.variance import PARTS, Item, Parts, Use, of_hours, of_payments, plan_rate, total

OD, SPOT, HELD = Item("on_demand", "aws", "h100"), Item("spot", "aws", "h100"), Item("committed", "aws", "h100")
SERVERS = Item("servers")


def parts(**said: float) -> Parts:
    return pytest.approx(Parts(**said).__dict__, abs=1e-9)


def of(found: Parts) -> dict[str, float]:
    return dict(found.__dict__)


def test_price_volume_and_mix_by_hand() -> None:
    # plan 80 h at 10 and 20 h at 4; actual 50 h at 12 and 100 h at 4: half as many hours again, and more on spot
    plan, actual = {OD: [Use(80, 800)], SPOT: [Use(20, 80)]}, {OD: [Use(50, 600)], SPOT: [Use(100, 400)]}
    found = of_hours(plan, actual, [0])
    assert of(found[OD][0]) == parts(price=(12 - 10) * 50, volume=10 * 80 * 0.5, mix=10 * (50 - 80 * 1.5))
    assert of(found[SPOT][0]) == parts(volume=4 * 20 * 0.5, mix=4 * (100 - 20 * 1.5))
    both = total([found[OD][0], found[SPOT][0]])
    assert both.volume == pytest.approx((150 - 100) * 880 / 100)  # more hours, at the plan's average rate
    assert both.total == pytest.approx(1000 - 880)


def test_idle_capacity_is_utilization() -> None:
    # the same 1,000 is paid; 80 of 100 h were to be used, 60 are: rate 10 either way, 20 h more stand idle
    found = of_hours({HELD: [Use(80, 800, 200)]}, {HELD: [Use(60, 600, 400)]}, [0])[HELD][0]
    assert of(found) == parts(volume=-200, utilization=200)


def test_hours_that_fell_in_another_month_are_timing() -> None:
    found = of_hours({OD: [Use(100, 500)] * 3}, {OD: [Use(40, 200), Use(120, 600), Use(100, 500)]}, [0, 1, 2])[OD]
    assert of(found[0]) == parts(volume=-200, timing=-100)  # 60 h less, of which 20 came a month later
    assert of(found[1]) == parts(timing=100)
    assert of(found[2]) == parts()


def test_a_delivery_a_month_later_is_timing_and_what_it_cost_more_is_price() -> None:
    found = of_payments({SERVERS: [1000.0, 0, 0]}, {SERVERS: [0, 1100.0, 0]}, [0, 1, 2])[SERVERS]
    assert [of(found[t]) for t in range(3)] == [parts(timing=-1000), parts(timing=1000, price=100), parts()]


def test_what_nobody_planned_is_mix_at_what_it_cost() -> None:
    found = of_hours({OD: [Use(100, 500)]}, {OD: [Use(100, 500)], SPOT: [Use(10, 20)]}, [0])
    assert of(found[SPOT][0]) == parts(mix=20)
    assert of(found[OD][0]) == parts(volume=50, mix=-50)
    assert of(of_payments({}, {SERVERS: [5.0]}, [0])[SERVERS][0]) == parts(mix=5)


def test_nothing_planned_or_nothing_used_divides_by_nothing() -> None:
    assert of(of_hours({}, {OD: [Use(10, 50)]}, [0])[OD][0]) == parts(volume=50)
    assert of(of_hours({OD: [Use(10, 50)]}, {}, [0])[OD][0]) == parts(volume=-50)
    assert of(of_hours({OD: [Use()]}, {OD: [Use(0, 7)]}, [0])[OD][0]) == parts(price=7)  # money without hours
    assert of_hours({}, {}, [0]) == {} == of_payments({}, {}, [0])


def test_a_month_without_a_plan_rate_has_that_of_the_nearest() -> None:
    uses = [Use(10, 50), Use(), Use(), Use(10, 80)]
    assert [plan_rate(uses, t) for t in range(4)] == [5, 5, 8, 8] and plan_rate([Use()], 0) is None
    assert plan_rate([Use(10, 50), Use(), Use(10, 80)], 1) == 5  # of two as near, the earlier
    late = of_hours({OD: uses}, {OD: [Use(10, 50), Use(4, 24), Use(), Use(10, 80)]}, range(4))[OD][1]
    assert of(late) == parts(price=4, volume=20)


HOURS = st.one_of(st.just(0.0), st.floats(0.01, 1e6))
RATES = st.floats(0.01, 1e3)
USES = st.builds(lambda hours, rate, idle: Use(hours, hours * rate, idle), HOURS, RATES, st.floats(0, 1e6))
MONTHS = 4
SIDE = st.dictionaries(st.sampled_from([OD, SPOT, HELD]), st.lists(USES, min_size=MONTHS, max_size=MONTHS))
PAID = st.dictionaries(
    st.sampled_from([SERVERS, Item("staff")]), st.lists(st.floats(-1e7, 1e7), min_size=MONTHS, max_size=MONTHS)
)
COMPARED = st.lists(st.sampled_from(range(MONTHS)), unique=True).map(sorted)


@given(SIDE, SIDE, COMPARED)
def test_law_parts_of_capacity_sum_to_the_difference_by_item_month_and_in_all(
    plan: dict[Item, list[Use]], actual: dict[Item, list[Use]], compared: list[int]
) -> None:
    found = of_hours(plan, actual, compared)
    cost = {t: [[sum(side[item][t][1:]) if item in side else 0.0 for item in found] for side in (plan, actual)]
            for t in compared}  # fmt: skip
    for t in compared:
        for n, item in enumerate(found):
            assert_sum(found[item][t], cost[t][0][n], cost[t][1][n])
        assert_sum(total([found[item][t] for item in found]), sum(cost[t][0]), sum(cost[t][1]))
    every = [one for by_month in found.values() for one in by_month.values()]
    assert_sum(total(every), *(math.fsum(sum(cost[t][side]) for t in compared) for side in (0, 1)))
    assert abs(total(every).timing) <= tolerance(every)


@given(SIDE, SIDE)
def test_law_volume_and_timing_are_the_difference_of_hours_at_the_average_rate(
    plan: dict[Item, list[Use]], actual: dict[Item, list[Use]]
) -> None:
    found = of_hours(plan, actual, range(MONTHS))
    for t in range(MONTHS):
        hours, used = (math.fsum(uses[t].hours for uses in side.values()) for side in (plan, actual))
        if hours:
            rate = math.fsum(uses[t].usd for uses in plan.values()) / hours
            parts_ = [found[item][t] for item in found]
            said = total(parts_).volume + total(parts_).timing
            assert said == pytest.approx((used - hours) * rate, rel=1e-9, abs=tolerance(parts_))


@given(PAID, PAID, COMPARED)
def test_law_parts_of_payments_sum_to_the_difference_and_timing_to_nothing(
    plan: dict[Item, list[float]], actual: dict[Item, list[float]], compared: list[int]
) -> None:
    for item, by_month in of_payments(plan, actual, compared).items():
        for t in compared:
            assert_sum(by_month[t], *(side[item][t] if item in side else 0.0 for side in (plan, actual)))
        assert abs(math.fsum(one.timing for one in by_month.values())) <= tolerance(list(by_month.values()))


def tolerance(found: list[Parts], *amounts: float) -> float:
    """Return 1e-9 of the largest of what was added up."""
    return 1e-9 * max(1.0, *(abs(getattr(one, name)) for one in found for name in PARTS), *map(abs, amounts), 1.0)


def assert_sum(found: Parts, plan: float, actual: float) -> None:
    assert abs(found.total - (actual - plan)) <= tolerance([found], plan, actual)
