"""When an option has paid for itself: the crossing of two cumulative costs.

Within month t the cumulative cost jumps at the start by what is paid there, then rises linearly by what runs. An
option has broken even once its cumulative cost stays at or below the baseline's until the horizon's end: a crossing
that a later purchase undoes does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.finance.arguments import require, require_finite, vector
from planner.finance.discounting import discount_factors, monthly_factor

NEGLIGIBLE_SHARE = 1e-9  # of the largest cumulative cost, at least of one dollar: counts as zero


@dataclass(frozen=True, eq=False)
class CostProfile:
    """What an option costs in each of H ≥ 1 months; income is negative.

    Parameters
    ----------
    start_usd : array_like, shape (H,)
        Paid at the start of each month.
    running_usd : array_like, shape (H,)
        Accrues evenly through each month.
    final_usd : float
        Falls at the end of the horizon, as minus the resale value does.

    Raises
    ------
    ValueError
        When there is no month, the lengths differ or a number is not finite.

    Examples
    --------
    >>> CostProfile(start_usd=[100, 0], running_usd=[10, 20]).cumulative_usd()
    array([[100., 110.],
           [110., 130.]])
    """

    start_usd: NDArray[np.float64]
    running_usd: NDArray[np.float64]
    final_usd: float

    def __init__(self, start_usd: ArrayLike, running_usd: ArrayLike, final_usd: float = 0.0) -> None:
        start, running = vector("start_usd", start_usd), vector("running_usd", running_usd)
        require(start.size > 0, "start_usd", "no months", "one month or more")
        require(start.size == running.size, "running_usd", f"{running.size} months", f"{start.size}, as start_usd has")
        require_finite(final_usd=final_usd)
        for name, value in (("start_usd", start), ("running_usd", running), ("final_usd", float(final_usd))):
            object.__setattr__(self, name, value)

    def cumulative_usd(self) -> NDArray[np.float64]:
        """Cost so far, shape (H, 2): just after each month's start payment, and at the month's end; final not in."""
        return np.column_stack((self.start_usd, self.running_usd)).ravel().cumsum().reshape(-1, 2)

    def discounted(self, wacc_fraction: float) -> CostProfile:
        """Return the same profile in present dollars: start, running and final as (1+r)^(−t/12, −(t+1)/12, −H/12)."""
        months = self.start_usd.size
        return CostProfile(
            self.start_usd * discount_factors(wacc_fraction, months, "start"),
            self.running_usd * discount_factors(wacc_fraction, months, "end"),
            self.final_usd * monthly_factor(wacc_fraction, months),
        )


def breakeven_months(option: CostProfile, baseline: CostProfile, *, include_final: bool = False) -> float | None:
    """First time from which the option's cumulative cost stays at or below the baseline's.

    For the discounted breakeven give both profiles `discounted`.

    Parameters
    ----------
    option, baseline : CostProfile
        Of one horizon of H months, both nominal or both discounted.
    include_final : bool
        Count `final_usd`, at the very end. A breakeven that only it brings is H; one that it undoes is None.

    Returns
    -------
    float or None
        Months from the start, 0 to H; 0 only when at or below from the start; None when it never stays so.

    Raises
    ------
    ValueError
        When the horizons differ.

    Notes
    -----
    Differences within 1e-9 × max(1 USD, the largest cumulative cost) count as zero.

    Examples
    --------
    >>> buy, rent = CostProfile([100, 0, 0], [10, 10, 10]), CostProfile([0, 0, 0], [50, 50, 50])
    >>> breakeven_months(buy, rent)
    2.5
    """
    ours, theirs = option.cumulative_usd(), baseline.cumulative_usd()
    months = len(ours)
    require(months == len(theirs), "baseline", f"{len(theirs)} months", f"{months}, as the option has")
    excess = ours - theirs
    end = excess[-1, 1] + (option.final_usd - baseline.final_usd if include_final else 0.0)
    negligible = NEGLIGIBLE_SHARE * max(1.0, float(np.abs(ours).max()), float(np.abs(theirs).max()))
    excess[np.abs(excess) <= negligible] = 0.0
    if end > negligible:
        return None
    dearer = np.flatnonzero((excess > 0).any(axis=1))
    if dearer.size == 0:
        return 0.0
    last = int(dearer[-1])
    after_start, at_end = (float(value) for value in excess[last])
    return float(last + 1) if at_end > 0 else last + after_start / (after_start - at_end)


def payback_months(flows: ArrayLike) -> float | None:
    """First time from which cumulative net savings stay at or above zero, by the rule of `breakeven_months`.

    Give discounted flows for the discounted payback (Brealey, Myers, Allen, chapter 5). A lump paid inside the
    horizon is taken as spread over the month before its time: where that matters, use `breakeven_months`.

    Parameters
    ----------
    flows : array_like, shape (H + 1,)
        Net savings, benefits − costs: the first is paid at time 0, flow t evenly through the month that ends at t.

    Returns
    -------
    float or None
        Months from time 0; None when the flows never pay back for good.

    Examples
    --------
    >>> payback_months([-100, 40, 40, 40])
    2.5
    """
    savings = vector("flows", flows)
    require(savings.size > 0, "flows", "none", "one or more")
    running = np.append(-savings[1:], 0.0)  # a last month without flows: one flow alone is a horizon too
    start = np.zeros_like(running)
    start[0] = -savings[0]
    return breakeven_months(CostProfile(start, running), CostProfile(0.0 * start, 0.0 * running))
