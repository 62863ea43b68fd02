"""What an investment is worth in one figure: modified rate of return, profitability index, equal yearly amount.

A flow is signed, benefits − costs, at a time in years, as in `returns`.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from planner.finance.arguments import require_finite, require_positive, require_rate
from planner.finance.discounting import capital_recovery_factor
from planner.finance.returns import npv, signed_parts


def mirr(
    flows: ArrayLike, times_in_years: ArrayLike, finance_rate: float, reinvestment_rate: float, years: float
) -> float | None:
    """Modified internal rate of return: (benefits compounded to the end ÷ costs discounted to the start)^(1/years) − 1.

    Unlike the internal rate it is always a single one. Source: Lin, *The modified internal rate of return and
    investment criterion*, The Engineering Economist 21 (1976); a spreadsheet's MIRR() is the same.

    Parameters
    ----------
    flows : array_like, shape (n,)
        USD, benefits − costs.
    times_in_years : array_like, shape (n,)
        When each flow is paid, in any order.
    finance_rate, reinvestment_rate : float
        At which costs are discounted and benefits compounded, per year, above −1.
    years : float
        Life of the investment, above 0.

    Returns
    -------
    float or None
        Per year; None when there are no costs or no benefits.

    Raises
    ------
    ValueError
        When the shapes differ, a number is not finite or a rate or the life is outside its range.

    Examples
    --------
    >>> round(mirr([-100, 50, 66], [0, 1, 2], 0.1, 0.1, 2), 9)  # 121 ÷ 100 in two years
    0.1
    """
    require_rate(finance_rate=finance_rate, reinvestment_rate=reinvestment_rate)
    require_positive(years=years)
    costs, benefits, times = signed_parts(flows, times_in_years)
    paid = npv(finance_rate, costs, times)
    earned = npv(reinvestment_rate, benefits, times) * (1.0 + reinvestment_rate) ** years
    return None if not paid or not earned else float((earned / -paid) ** (1.0 / years) - 1.0)


def profitability_index(wacc_fraction: float, flows: ArrayLike, times_in_years: ArrayLike) -> float | None:
    """Present value of the benefits ÷ present value of the costs, which is 1 + NPV ÷ outlay; None without costs.

    The outlay is every flow below zero, not the first alone: orders may be spread over years. Source: Brealey, Myers,
    Allen, *Principles of Corporate Finance*, chapter 5. Arguments and errors are those of `npv`.

    Examples
    --------
    >>> round(profitability_index(0.25, [-100, 50, 100], [0, 1, 2]), 9)
    1.04
    """
    costs, benefits, times = signed_parts(flows, times_in_years)
    paid = npv(wacc_fraction, costs, times)
    return None if not paid else npv(wacc_fraction, benefits, times) / -paid


def equivalent_annual(npv_usd: float, wacc_fraction: float, years: float) -> float:
    """Equal amount at the end of each year whose present value is `npv_usd`: NPV · capital recovery factor.

    Source: Brealey, Myers, Allen, *Principles of Corporate Finance*, chapter 6. Errors are those of
    `capital_recovery_factor`.

    Examples
    --------
    >>> round(equivalent_annual(210, 0.10, 2), 6)
    121.0
    """
    require_finite(npv_usd=npv_usd)
    return npv_usd * capital_recovery_factor(wacc_fraction, years)
