"""Modified rate of return, profitability index, equivalent annual amount; and what others say of them."""

from __future__ import annotations

import numpy as np
import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from planner.finance import (
    annuity_present_value,
    capital_recovery_factor,
    equivalent_annual,
    irr,
    irr_roots,
    mirr,
    npv,
    profitability_index,
)
from planner.finance.depreciation import declining_balance, macrs, straight_line, with_bonus

RATES = st.floats(-0.5, 1.0)
FLOWS = st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=40)


# Vectors of textbooks, to the digits that are printed.


def test_capital_recovery_factor_of_the_textbook() -> None:
    assert round(capital_recovery_factor(0.07, 20), 5) == 0.09439


def test_present_value_of_an_annuity_of_the_textbook() -> None:
    assert round(annuity_present_value(10, 0.05, 20), 2) == 124.62


def test_macrs_of_the_textbook() -> None:
    assert macrs(5).tolist() == [0.20, 0.32, 0.192, 0.1152, 0.1152, 0.0576]


def test_the_first_flow_is_now_where_a_spreadsheet_counts_it_a_year_later() -> None:
    flows = [-100, 55, 121]
    assert npv(0.1, flows, [0, 1, 2]) == pytest.approx(50)
    assert npv(0.1, flows, [1, 2, 3]) == pytest.approx(50 / 1.1)


def test_several_rates_of_the_textbook_are_all_found_and_none_is_given_alone() -> None:
    flows, times = [-1000, 6000, -11000, 6000], [0, 1, 2, 3]
    assert irr_roots(flows, times) == pytest.approx([0.0, 1.0, 2.0], abs=1e-9)
    assert irr(flows, times) is None


# Schedules.


@pytest.mark.parametrize("years", [3, 5, 7])
def test_macrs_sums_to_one(years: int) -> None:
    assert macrs(years).sum() == pytest.approx(1, abs=1e-12)
    assert with_bonus(macrs(years), 0.4).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("years", [3, 5, 7])
def test_macrs_is_double_declining_balance_with_half_a_year_at_either_end(years: int) -> None:
    """How Table A-1 is made: 200 % on what is left, straight line over the rest once that is more, to 0.01 %."""
    left, found = 1.0, []
    for year in range(years + 1):
        part = left * 1 / years if year == 0 else left * max(2 / years, 1 / (years + 0.5 - year))
        found.append(min(part, left))
        left -= found[-1]
    assert macrs(years) == pytest.approx(found, abs=1.01e-4)


@given(life=st.integers(1, 50), first=st.integers(1, 12), factor=st.floats(1, 3), bonus=st.floats(0, 1))
def test_every_schedule_deducts_all_and_never_less_than_nothing(
    life: int, first: int, factor: float, bonus: float
) -> None:
    for fractions in (straight_line(life, first), declining_balance(life, factor, first)):
        deducted = with_bonus(fractions, bonus)
        assert deducted.sum() == pytest.approx(1)
        assert (deducted >= 0).all()
        assert len(deducted) == life + (first < 12)


def test_declining_balance_turns_to_straight_line() -> None:
    # 200 % of 10 years: 20, 16, 12.8, 10.24, 8.192, 6.5536 %, then a quarter of the rest four times
    assert declining_balance(10, 2).round(6).tolist() == [0.2, 0.16, 0.128, 0.1024, 0.08192, *[0.065536] * 5]


def test_declining_balance_of_factor_one_is_never_slower_than_straight_line() -> None:
    assert declining_balance(4, 1, 3) == pytest.approx(straight_line(4, 3))


@pytest.mark.parametrize(
    "wrong", [lambda: macrs(4), lambda: straight_line(0), lambda: declining_balance(5, 0.5),
              lambda: straight_line(5, 13), lambda: with_bonus(macrs(5), 1.1)]
)  # fmt: skip
def test_wrong_schedules_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="allowed is"):
        wrong()  # type: ignore[operator]


# One figure for an investment.


def test_modified_rate_by_hand() -> None:
    # costs 1,000 + 500/1.1; benefits 800·1.05 + 1,200 after three years
    paid, earned = 1_000 + 500 / 1.1, 800 * 1.05 + 1_200
    assert mirr([-1_000, -500, 800, 1_200], [0, 1, 2, 3], 0.1, 0.05, 3) == pytest.approx((earned / paid) ** (1 / 3) - 1)


def test_no_costs_or_no_benefits_have_no_modified_rate() -> None:
    assert mirr([100, 100], [0, 1], 0.1, 0.1, 1) is None
    assert mirr([-100, -100], [0, 1], 0.1, 0.1, 1) is None


def test_profitability_index_is_one_plus_value_for_each_dollar_of_outlay() -> None:
    flows, times = [-100, -44, 242], [0, 1, 2]
    assert profitability_index(0.1, flows, times) == pytest.approx(1 + npv(0.1, flows, times) / (100 + 40))
    assert profitability_index(0.1, [100, 20], [0, 1]) is None


@given(rate=RATES, value=st.floats(-1e9, 1e9), years=st.integers(1, 40))
def test_equal_yearly_amounts_are_worth_the_net_present_value(rate: float, value: float, years: int) -> None:
    each = equivalent_annual(value, rate, years)
    assert npv(rate, [each] * years, np.arange(1, years + 1)) == pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("rate", [-1.0, float("nan")])
def test_rates_that_lose_everything_are_refused(rate: float) -> None:
    figures = (
        lambda: mirr([-1, 2], [0, 1], rate, 0.1, 1), lambda: mirr([-1, 2], [0, 1], 0.1, rate, 1),
        lambda: profitability_index(rate, [-1, 2], [0, 1]), lambda: equivalent_annual(1, rate, 1),
    )  # fmt: skip
    for figure in figures:
        with pytest.raises(ValueError, match="above -1"):
            figure()


# The same by somebody else's code.


@given(flows=FLOWS, rate=RATES)
def test_net_present_value_is_that_of_pyxirr(flows: list[int], rate: float) -> None:
    theirs = pyxirr.npv(rate, flows)
    assert npv(rate, flows, range(len(flows))) == pytest.approx(theirs, rel=1e-9, abs=1e-6)


@given(flows=FLOWS, finance=RATES, reinvest=RATES)
def test_modified_rate_is_that_of_pyxirr(flows: list[int], finance: float, reinvest: float) -> None:
    ours = mirr(flows, range(len(flows)), finance, reinvest, len(flows) - 1)
    if ours is None:
        assert min(flows) >= 0 or max(flows) <= 0
    else:
        assert ours == pytest.approx(pyxirr.mirr(flows, finance, reinvest), rel=1e-9, abs=1e-9)


@given(outlay=st.integers(1, 100_000), savings=st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_the_only_rate_of_return_is_that_of_pyxirr(outlay: int, savings: list[int]) -> None:
    flows = [-outlay, *savings]
    ours = irr(flows, range(len(flows)))
    if not any(savings):
        assert ours is None
        return
    theirs = pyxirr.irr(flows)
    assert ours is not None
    if theirs is not None and -0.99 < ours < 10:
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-7)


def test_pyxirr_gives_one_of_several_rates_without_a_word() -> None:
    """Why rates of return are found here: a single one of three would be taken for the answer."""
    found = pyxirr.irr([-1000, 6000, -11000, 6000])
    assert found is not None
    assert min(abs(found - root) for root in (0.0, 1.0, 2.0)) < 1e-6
