"""Breakeven from four numbers: what buying costs at once, and what an hour costs owned and rented.

Hours are busy hours, and the owned price is per busy hour: owning breaks even when capex = hours × (cloud − owned).
"""

from __future__ import annotations

import math

from planner.finance.arguments import require, require_not_negative, require_positive, require_rate
from planner.finance.discounting import MONTHS_PER_YEAR, annuity_present_value, monthly_factor


def breakeven_hours(capex_usd: float, owned_usd_per_hour: float, cloud_usd_per_hour: float) -> float | None:
    """Busy hours after which owning has cost as much as renting: capex ÷ (cloud − owned).

    Parameters
    ----------
    capex_usd : float
        Paid at the start, 0 or more.
    owned_usd_per_hour, cloud_usd_per_hour : float
        Price of one busy hour, 0 or more.

    Returns
    -------
    float or None
        Hours; None when renting is not dearer by the hour, save that nothing paid at the start and equal prices
        break even at once.

    Raises
    ------
    ValueError
        When an argument is negative or not finite.

    Examples
    --------
    >>> breakeven_hours(1000, 0.5, 2.5)
    500.0
    """
    require_not_negative(
        capex_usd=capex_usd, owned_usd_per_hour=owned_usd_per_hour, cloud_usd_per_hour=cloud_usd_per_hour
    )
    saving = cloud_usd_per_hour - owned_usd_per_hour
    if capex_usd == 0 and saving >= 0:
        return 0.0
    hours = capex_usd / saving if saving > 0 else math.inf
    return hours if math.isfinite(hours) else None


def months_from_hours(hours: float, hours_per_month: float, utilization_fraction: float) -> float:
    """Months in which `hours` busy hours pass: hours ÷ (hours per month × utilization).

    Parameters
    ----------
    hours : float
        Busy hours, 0 or more.
    hours_per_month : float
        Hours of a month, above 0.
    utilization_fraction : float
        Busy ÷ available hours, above 0 and at most 1.

    Raises
    ------
    ValueError
        When an argument is not finite or outside its range.

    Examples
    --------
    >>> months_from_hours(500, 100, 0.5)
    10.0
    """
    require_not_negative(hours=hours)
    return hours / _busy_hours_per_month(hours_per_month, utilization_fraction)


def breakeven_utilization(
    capex_usd: float, owned_usd_per_hour: float, cloud_usd_per_hour: float, life_months: float, hours_per_month: float
) -> float | None:
    """Busy fraction of the life at which owning costs what renting does; above it, owning is cheaper.

    Breakeven hours ÷ (life × hours per month), with `life_months` and `hours_per_month` above 0; the rest as in
    `breakeven_hours`. None when owning costs more even if always busy (the fraction would be above 1).

    Examples
    --------
    >>> breakeven_utilization(1000, 0.5, 2.5, life_months=20, hours_per_month=100)
    0.25
    """
    require_positive(life_months=life_months, hours_per_month=hours_per_month)
    hours = breakeven_hours(capex_usd, owned_usd_per_hour, cloud_usd_per_hour)
    fraction = math.inf if hours is None else hours / (life_months * hours_per_month)
    return fraction if fraction <= 1 else None


def discounted_breakeven_months(
    capex_usd: float,
    owned_usd_per_hour: float,
    cloud_usd_per_hour: float,
    hours_per_month: float,
    utilization_fraction: float,
    wacc_fraction: float,
) -> float | None:
    """Months after which the present value of the savings has reached capex.

    The savings S of month t count at its end, S·(1 + r)^(−(t+1)/12), and accrue linearly within it. The whole months n
    follow from the annuity S·(1 − (1+i)^(−n))/i = capex with i = (1 + r)^(1/12) − 1, the rest from the line.
    Arguments and errors are those of `breakeven_hours` and `months_from_hours`; `wacc_fraction` is per year, above −1.

    Returns
    -------
    float or None
        Months; None when renting is not dearer, or when savings for ever, worth S/i, would not reach capex.

    Examples
    --------
    >>> round(discounted_breakeven_months(1000, 0.5, 2.5, 100, 0.5, wacc_fraction=0.08), 3)
    10.37
    """
    require_rate(wacc_fraction=wacc_fraction)
    busy_hours = _busy_hours_per_month(hours_per_month, utilization_fraction)
    hours = breakeven_hours(capex_usd, owned_usd_per_hour, cloud_usd_per_hour)
    if hours is None:
        return None
    price = hours / busy_hours  # capex in months of undiscounted savings
    monthly_rate = math.expm1(math.log1p(wacc_fraction) / MONTHS_PER_YEAR)
    if monthly_rate == 0:
        return price
    if price * monthly_rate >= 1:
        return None
    whole = math.floor(-math.log1p(-price * monthly_rate) / math.log1p(monthly_rate))
    missing = price - annuity_present_value(1.0, monthly_rate, whole)
    return whole + missing / monthly_factor(wacc_fraction, whole + 1)


def _busy_hours_per_month(hours_per_month: float, utilization_fraction: float) -> float:
    require_positive(hours_per_month=hours_per_month)
    in_range = 0 < utilization_fraction <= 1
    require(in_range, "utilization_fraction", utilization_fraction, "above 0 and at most 1")
    return hours_per_month * utilization_fraction
