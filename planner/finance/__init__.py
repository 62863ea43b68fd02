"""Textbook finance on plain numbers: money in USD, rates per year and nominal, times in months or years as named.

Imports nothing else of the project.

* `discounting`: present worth of later payments, equal payments, capital recovery
* `returns`: net present value and the internal rates of return
* `investment`: modified rate of return, profitability index, equivalent annual amount
* `depreciation`: what of an asset's cost is deducted in each tax year
* `payback`: when an option's cumulative cost falls below another's, from monthly costs
* `hourly`: breakeven hours, months and utilization, from a purchase price and two hourly prices
* `debt`: level payments, and what is paid and owed of a debt by instant
* `arguments`: how a wrong argument is refused
"""

from __future__ import annotations

from planner.finance.debt import Amortisation, amortisation, level_payment
from planner.finance.discounting import (
    annuity_present_value,
    capital_recovery_factor,
    discount_factors,
    monthly_factor,
    present_factor,
)
from planner.finance.hourly import (
    breakeven_hours,
    breakeven_utilization,
    discounted_breakeven_months,
    months_from_hours,
)
from planner.finance.investment import equivalent_annual, mirr, profitability_index
from planner.finance.payback import CostProfile, breakeven_months, payback_months
from planner.finance.returns import irr, irr_roots, npv

__all__ = [
    "Amortisation",
    "CostProfile",
    "amortisation",
    "annuity_present_value",
    "breakeven_hours",
    "breakeven_months",
    "breakeven_utilization",
    "capital_recovery_factor",
    "discount_factors",
    "discounted_breakeven_months",
    "equivalent_annual",
    "irr",
    "irr_roots",
    "level_payment",
    "mirr",
    "monthly_factor",
    "months_from_hours",
    "npv",
    "payback_months",
    "present_factor",
    "profitability_index",
]
