"""Net present value and internal rates of return."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.finance import irr, irr_roots, npv

pytestmark = pytest.mark.filterwarnings("error")  # an overflow would pass silently

AMOUNTS = st.integers(-10_000, 10_000)
TOTALS = st.integers(1, 10_000)
FLOWS = st.lists(AMOUNTS, min_size=1, max_size=121)


def months(flows: list[int]) -> list[float]:
    return [month / 12 for month in range(len(flows))]


def relative_npv(rate: float, flows: list[int], times: list[float]) -> float:
    return abs(npv(rate, flows, times)) / npv(rate, np.abs(flows), times)


def test_the_first_flow_at_zero_is_not_discounted() -> None:
    # −100 + 55/1.1 + 121/1.21; a spreadsheet's NPV() would divide it all by 1.1
    assert npv(0.1, [-100, 55, 121], [0, 1, 2]) == pytest.approx(50)


def test_several_roots_are_all_found_and_give_no_single_rate() -> None:
    # textbook flows whose value is zero at 0 %, 100 % and 200 %
    flows, times = [-1000, 6000, -11000, 6000], [0, 1, 2, 3]
    assert irr_roots(flows, times) == pytest.approx([0, 1, 2], abs=1e-9)
    assert irr(flows, times) is None


@pytest.mark.parametrize(
    "growths",
    [
        [1.1, 1.1],  # the curve touches zero and turns back
        [1.1, 1.1, 1.1],  # and here crosses it level
        [0.5, 1.1, 1.1, 4.0],
        [0.9, 1.05, 1.1, 1.2, 1.3],
        [0.0002, 1.0, 1_000.0],
        [1e6],
    ],
)
def test_roots_of_a_product_are_its_factors(growths: list[float]) -> None:
    # Π (1 + r − growth) multiplied out has the coefficients as yearly flows
    flows = np.poly(growths)
    assert irr_roots(flows, range(len(flows))) == pytest.approx(sorted({g - 1 for g in growths}), abs=1e-7, rel=1e-7)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_touching_zero_is_one_rate_in_any_unit_of_money(scale: float) -> None:
    assert irr(np.array([-100, 220, -121]) * scale, [0, 1, 2]) == pytest.approx(0.1)
    flows = np.poly([1.07, 1.07, 1.3, 1.3, 1.9]) * scale
    assert irr_roots(flows, range(6)) == pytest.approx([0.07, 0.3, 0.9], abs=1e-6)


@pytest.mark.parametrize("flows", [[], [0, 0, 0], [100, 0, 5], [-100, -1], [7]])
def test_flows_of_one_sign_have_no_rate(flows: list[int]) -> None:
    assert irr_roots(flows, months(flows)) == []
    assert irr(flows, months(flows)) is None


def test_mixed_signs_without_a_rate() -> None:
    # 100 − 200 x + 150 x² is at least 100/3
    assert irr([100, -200, 150], [0, 1, 2]) is None


def test_monthly_annuity_by_hand() -> None:
    # 1 % a month: 36 payments repay their present value; a year is 1.01^12 − 1
    worth = (1 - 1.01**-36) / 0.01
    assert irr([-worth, *[1.0] * 36], np.arange(37) / 12) == pytest.approx(1.01**12 - 1, rel=1e-12)


def test_order_of_flows_does_not_matter_and_equal_times_add() -> None:
    # 0.1 + 0.2 is the same time as 0.3
    assert irr([60, -100, 50], [0.1 + 0.2, 0, 0.3]) == pytest.approx(1.1 ** (1 / 0.3) - 1)
    assert irr_roots([-1, 1], [0.1 + 0.2, 0.3]) == []


def test_rounding_noise_adds_no_root() -> None:
    # taken at its word, the last flow would add a second root, near −66 % a year
    assert irr([-100, 121, -1e-11], [0, 2, 30]) == pytest.approx(0.1)


def test_flows_of_a_century() -> None:
    worth = (1 - 1.01**-1200) / 0.01
    assert irr([-worth, *[1.0] * 1200], np.arange(1201) / 12) == pytest.approx(1.01**12 - 1, rel=1e-9)
    # (x − 1.1)·(x − 1.5)·(x^200 − x^199 + … + 1): signs alternate all the way, yet only two roots are above 0
    alternating = np.convolve(np.poly([1.1, 1.5]), (-1.0) ** np.arange(201))
    assert irr_roots(alternating, range(203)) == pytest.approx([0.1, 0.5])


def test_a_cost_at_the_end_adds_a_rate_only_within_reach() -> None:
    # the second rate of 36 monthly flows is near −99.9998 %, out of the searched range; −1000 x² + 2000 x − 39 is zero
    # at x = 1 ± √0.961
    assert irr([-1000, *[100] * 35, -50], np.arange(37) / 12) == pytest.approx(1.99586761, rel=1e-8)
    assert irr_roots([-1000, 2000, -39], [0, 1, 2]) == pytest.approx([-math.sqrt(0.961), math.sqrt(0.961)])


@given(st.integers(1, 10**6), FLOWS)
def test_one_sign_change_has_at_most_one_rate_and_it_is_where_npv_changes_sign(price: int, rest: list[int]) -> None:
    flows = [-price, *map(abs, rest)]
    rate = irr(flows, months(flows))
    if sum(flows) > 0:
        assert rate is None or rate > 0
    if rate is None:  # none in the searched range: 1 + r from 1e-4 to 1e12
        ends = [npv(edge - 1, flows, months(flows)) for edge in (1e-4, 1e12)]
        assert ends[0] * ends[1] > 0
    else:
        assert relative_npv(rate, flows, months(flows)) < 1e-9
        assert npv((1 + rate) * 1.01 - 1, flows, months(flows)) < 0 < npv((1 + rate) / 1.01 - 1, flows, months(flows))


@given(FLOWS)
def test_every_root_makes_npv_zero(flows: list[int]) -> None:
    for root in irr_roots(flows, months(flows)):
        assert root > -1
        assert math.isfinite(root)
        assert relative_npv(root, flows, months(flows)) < 1e-9


@given(FLOWS)
def test_no_change_of_sign_is_missed(flows: list[int]) -> None:
    growths = np.geomspace(1.001e-4, 0.999e12, 400)
    signs = np.sign([npv(growth - 1, flows, months(flows)) for growth in growths])
    roots = np.array(irr_roots(flows, months(flows))) + 1
    for (low, before), (high, after) in pairwise(zip(growths, signs, strict=True)):
        if before * after < 0:
            assert ((low * (1 - 1e-6) <= roots) & (roots <= high * (1 + 1e-6))).any()


@given(FLOWS)
def test_descartes_bounds_the_number_of_rates(flows: list[int]) -> None:
    signs = [np.sign(flow) for flow in flows if flow]
    changes = sum(before != after for before, after in pairwise(signs))
    assert len(irr_roots(flows, months(flows))) <= changes


@given(st.lists(TOTALS, min_size=1, max_size=60), st.lists(TOTALS, min_size=1, max_size=60))
def test_norstrom_one_change_of_the_cumulative_sign_is_one_positive_rate(below: list[int], above: list[int]) -> None:
    flows = np.diff([-total for total in below] + above, prepend=0).tolist()
    roots = [root for root in irr_roots(flows, months(flows)) if root > 0]
    at_the_limit = npv(1e12 - 1, flows, months(flows))  # above zero when the only rate lies beyond the searched range
    assert len(roots) == (0 if at_the_limit > 0 else 1)


@given(FLOWS, st.sampled_from([-3.0, 1e-20, 1e6]))
def test_the_unit_of_money_changes_no_rate(flows: list[int], scale: float) -> None:
    scaled = irr_roots(np.array(flows) * scale, months(flows))
    assert scaled == pytest.approx(irr_roots(flows, months(flows)), rel=1e-6, abs=1e-6)


@given(FLOWS, st.data(), st.floats(-0.5, 2), st.floats(-10, 10))
def test_npv_is_linear(flows: list[int], data: st.DataObject, rate: float, factor: float) -> None:
    others = data.draw(st.lists(AMOUNTS, min_size=len(flows), max_size=len(flows)))
    times = months(flows)
    together = npv(rate, np.array(flows) + factor * np.array(others), times)
    apart = npv(rate, flows, times) + factor * npv(rate, others, times)
    scale = npv(rate, np.abs(flows), times) + abs(factor) * npv(rate, np.abs(others), times)
    assert together == pytest.approx(apart, abs=1e-9 * (1 + scale))


@given(FLOWS)
def test_without_discounting_npv_is_the_sum(flows: list[int]) -> None:
    assert npv(0.0, flows, months(flows)) == sum(flows)


def test_wrong_flows_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"flows: found .*nan at 1"):
        irr([1, math.nan], [0, 1])
    with pytest.raises(ValueError, match=r"times_in_years: found .*inf at 0"):
        npv(0.1, [1], [math.inf])
    with pytest.raises(ValueError, match="times_in_years: found 1 times, allowed is one for each of 2"):
        irr_roots([1, 2], [0])
    with pytest.raises(ValueError, match=r"flows: found shape \(1, 2\)"):
        irr_roots([[1, 2]], [0, 1])
    with pytest.raises(ValueError, match="wacc_fraction: found -1"):
        npv(-1.0, [1], [0])
