"""Breakeven and payback from monthly costs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.finance import CostProfile, breakeven_months, discount_factors, monthly_factor, payback_months

USD = st.integers(-1_000, 10_000)


def steady(months: int, start: float = 0.0, running: float = 0.0, final: float = 0.0) -> CostProfile:
    """One payment at the start, the same running cost every month."""
    return CostProfile([start, *[0.0] * (months - 1)], [running] * months, final)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[CostProfile, CostProfile]:
    months = draw(st.integers(1, 40))
    costs = st.lists(USD, min_size=months, max_size=months)
    option, baseline = (CostProfile(draw(costs), draw(costs), draw(USD)) for _ in range(2))
    return option, baseline


def or_never(months: float | None) -> float:
    return math.inf if months is None else months


def test_two_servers_against_one_cloud_instance() -> None:
    # public exercise: two 4-GPU servers at 65,800 USD, 5,000 USD each a year, against a cloud instance at
    # 32.77 USD/h for 176 h a month and 5,000 GB of egress at 0.09 USD; over 48 months
    cloud_month = 32.77 * 176 + 5000 * 0.09
    owned, cloud = steady(48, 2 * 65_800, 2 * 5_000 / 12), steady(48, running=cloud_month)
    assert cloud_month == pytest.approx(6217.52)
    assert owned.cumulative_usd()[-1, 1] == pytest.approx(171_600)
    assert cloud.cumulative_usd()[-1, 1] == pytest.approx(298_440.96)
    assert breakeven_months(owned, cloud) == pytest.approx(24.44, abs=5e-3)
    assert breakeven_months(owned, cloud) == pytest.approx(2 * 65_800 / (cloud_month - 2 * 5_000 / 12))


def test_a_second_purchase_undoes_the_first_crossing() -> None:
    # 100 at once saves 40 a month: at par after 2.5 months. A second purchase as month 5 starts meets 100 saved:
    # 100 more only uses that up, 130 more is at par again after 30 ÷ 40 of a month, 301 more is not by month 10
    rent = steady(10, running=40)
    for second, months in ((0, 2.5), (100, 2.5), (130, 5.75), (301, None)):
        start = [100, 0, 0, 0, 0, second, 0, 0, 0, 0]
        assert breakeven_months(CostProfile(start, [0] * 10), rent) == months


def test_a_payment_of_the_baseline_brings_the_crossing_at_a_month_start() -> None:
    # behind by 50 through month 2; the baseline then pays 60 at the start of month 3
    option, baseline = steady(5, 50), CostProfile([0, 0, 0, 60, 0], [0] * 5)
    assert breakeven_months(option, baseline) == 3


def test_at_or_below_from_the_start() -> None:
    assert breakeven_months(steady(3), steady(3, running=1)) == 0
    assert breakeven_months(steady(3, 5, 5), steady(3, 5, 5)) == 0
    assert breakeven_months(steady(3, 0.01), steady(3, running=1)) == pytest.approx(0.01)


def test_cheaper_at_first_and_dearer_at_the_end_is_never() -> None:
    assert breakeven_months(steady(4, running=2), steady(4, start=5, running=0)) is None


def test_never() -> None:
    assert breakeven_months(steady(4, 100, 1), steady(4, running=25)) is None


def test_exactly_at_the_horizon_end() -> None:
    assert breakeven_months(steady(4, 100), steady(4, running=25)) == 4


def test_only_resale_at_the_end_brings_it() -> None:
    option, baseline = steady(4, 100, 10, final=-30), steady(4, running=30)
    assert breakeven_months(option, baseline) is None
    assert breakeven_months(option, baseline, include_final=True) == 4
    assert breakeven_months(steady(4, 100, 10, final=-19), baseline, include_final=True) is None


def test_an_earlier_crossing_is_not_moved_by_resale_but_undone_by_a_last_cost() -> None:
    baseline = steady(4, running=60)
    assert breakeven_months(steady(4, 100, 10, final=-30), baseline, include_final=True) == 2
    assert breakeven_months(steady(4, 100, 10, final=101), baseline) == 2
    assert breakeven_months(steady(4, 100, 10, final=101), baseline, include_final=True) is None
    assert breakeven_months(steady(4, final=1), steady(4, final=1), include_final=True) == 0


def test_discounted_by_hand() -> None:
    # 300 % a year: months 6 and 12 count 1/2 and 1/4; 90 saved in month 5 and 240 in month 11 are worth 45 and 60
    saved = np.zeros(12)
    saved[[5, 11]] = 90, 240
    option, baseline = steady(12, 75), CostProfile(np.zeros(12), saved)
    assert breakeven_months(option, baseline) == pytest.approx(5 + 75 / 90)
    assert breakeven_months(option.discounted(3.0), baseline.discounted(3.0)) == pytest.approx(11.5)
    with_final = CostProfile([0] * 12, [0] * 12, 8).discounted(3.0)
    assert with_final.final_usd == pytest.approx(2)


def test_rounding_noise_is_not_a_cost() -> None:
    months = 30
    tenths = CostProfile([0.0] * months, [0.1 * 1e6] * months)
    in_two = CostProfile([0.0] * months, [(0.1 + 0.2 - 0.2) * 1e6 + 1e-7] * months)
    assert breakeven_months(in_two, tenths) == 0
    assert breakeven_months(steady(2, 1e-10), steady(2)) == 0
    assert breakeven_months(steady(2, 1.5e-9), steady(2)) is None


def test_less_than_a_dollar_counts() -> None:
    # behind by 0.5 USD through month 1 until the baseline pays; and nothing falls at the end unless given
    option, baseline = CostProfile([0.5, 0, 0], [0, 0, 0]), CostProfile([0, 0, 0.5], [0, 0, 0])
    assert breakeven_months(option, baseline) == 2
    assert breakeven_months(option, baseline, include_final=True) == 2
    assert option.final_usd == 0


@given(pairs(), st.booleans(), st.sampled_from([2.0, 1024.0, 1e6]))
def test_the_unit_of_money_changes_nothing(
    pair: tuple[CostProfile, CostProfile], include_final: bool, scale: float
) -> None:
    scaled = [CostProfile(p.start_usd * scale, p.running_usd * scale, p.final_usd * scale) for p in pair]
    months = breakeven_months(*pair, include_final=include_final)
    assert or_never(breakeven_months(*scaled, include_final=include_final)) == pytest.approx(or_never(months))


@given(pairs(), st.data(), st.booleans())
def test_a_dearer_option_never_breaks_even_earlier(
    pair: tuple[CostProfile, CostProfile], data: st.DataObject, include_final: bool
) -> None:
    option, baseline = pair
    months = option.start_usd.size
    more = st.lists(st.integers(0, 500), min_size=months, max_size=months)
    dearer = CostProfile(option.start_usd + data.draw(more), option.running_usd + data.draw(more), option.final_usd)
    before, after = (or_never(breakeven_months(o, baseline, include_final=include_final)) for o in (option, dearer))
    assert after >= before * (1 - 1e-12)


@given(pairs(), st.booleans())
def test_discounting_at_zero_is_nominal(pair: tuple[CostProfile, CostProfile], include_final: bool) -> None:
    present = [profile.discounted(0.0) for profile in pair]
    assert breakeven_months(*present, include_final=include_final) == breakeven_months(
        *pair, include_final=include_final
    )


@given(pairs())
def test_the_answer_is_the_first_time_from_which_nothing_is_owed(pair: tuple[CostProfile, CostProfile]) -> None:
    """Walk over a fine grid of times: nothing is owed after the answer, something just before it."""
    start, running = (getattr(pair[0], name) - getattr(pair[1], name) for name in ("start_usd", "running_usd"))

    def owed(time: float) -> float:
        month = min(int(time), start.size - 1)
        return float(start[: month + 1].sum() + running[:month].sum() + (time - month) * running[month])

    months = or_never(breakeven_months(*pair))
    assert all(owed(time) <= 1e-3 for time in np.arange(0, start.size + 1e-9, 0.125) if time >= months)
    if math.isinf(months):
        assert owed(start.size) > 0
    elif months > 0:
        assert owed(months - 1e-7) > -1e-2


@given(pairs(), st.floats(-0.5, 2))
def test_discounting_uses_the_conventions_of_the_lines(pair: tuple[CostProfile, CostProfile], rate: float) -> None:
    profile, months = pair[0], pair[0].start_usd.size
    present = profile.discounted(rate)
    total = float(present.cumulative_usd()[-1, 1]) + present.final_usd
    by_hand = profile.start_usd @ discount_factors(rate, months, "start")
    by_hand += profile.running_usd @ discount_factors(rate, months, "end")
    by_hand += profile.final_usd * monthly_factor(rate, months)
    assert total == pytest.approx(by_hand, abs=1e-3)


def test_payback_by_hand() -> None:
    assert payback_months([-100, 40, 40, 40]) == 2.5
    assert payback_months([-100, 120, -50, 40]) == 2.75  # 20, −30, 10: the first crossing does not last
    assert payback_months([-100, 40]) is None
    assert payback_months([0, 0, 0]) == 0
    assert payback_months([5]) == 0
    assert payback_months([-5]) is None
    assert payback_months([-100, 60, 40]) == 2


@given(st.integers(0, 1000), st.lists(st.integers(0, 100), min_size=1, max_size=40))
def test_payback_is_the_breakeven_of_its_flows(price: int, savings: list[int]) -> None:
    option, baseline = steady(len(savings), price), CostProfile([0] * len(savings), savings)
    assert payback_months([-price, *savings]) == breakeven_months(option, baseline)


def test_wrong_profiles_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="start_usd: found no months"):
        CostProfile([], [])
    with pytest.raises(ValueError, match="running_usd: found 1 months, allowed is 2"):
        CostProfile([1, 2], [1])
    with pytest.raises(ValueError, match=r"running_usd: found .*nan at 0"):
        CostProfile([1], [math.nan])
    with pytest.raises(ValueError, match="final_usd: found inf"):
        CostProfile([1], [1], math.inf)
    with pytest.raises(ValueError, match="baseline: found 3 months, allowed is 2"):
        breakeven_months(steady(2), steady(3))
    with pytest.raises(ValueError, match="wacc_fraction: found -1"):
        steady(2).discounted(-1.0)
    with pytest.raises(ValueError, match="flows: found none"):
        payback_months([])


def test_a_profile_keeps_its_own_numbers() -> None:
    mine = np.array([1.0, 2.0])
    profile = CostProfile(mine, mine)
    mine[0] = 9
    assert profile.start_usd[0] == profile.running_usd[0] == 1
